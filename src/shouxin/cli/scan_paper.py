"""The report of a scan as a document: to be typeset as PDF, signed, and filed.

It says what the page says (``scan_page``), shorter where paper is: places with their items, not every column.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Final

from shouxin.cli.scan_words import METHOD, REASONS, WORDS, amount
from shouxin.cli.showing import printable
from shouxin.detection.survey.words import explain_column, explain_kind, title
from shouxin.documents.document import Block, Document, Fields, Heading, Mark, Paragraph, Table
from shouxin.policy.rule import Verified

if TYPE_CHECKING:
    from shouxin.detection.survey.evidence import PlaceEvidence, ScanReport
    from shouxin.detection.survey.grading import PlaceVerdict, SurveyVerdict
    from shouxin.detection.survey.words import Language
    from shouxin.operations.scanning.scan_advice import ScanStep

__all__ = ["scan_paper"]

_MOST_PLACES: Final = 400
_MOST_REASONS: Final = 40
_EXPLAINED: Final = 12  # places whose columns and kinds are explained one by one
_SEVERITY: Final = {5: "error", 4: "error", 3: "warning", 2: "advice", 1: "advice", 0: "good"}


class _Paper:
    def __init__(self, report: ScanReport, verdict: SurveyVerdict, language: Language) -> None:
        self._report, self._verdict, self._language = report, verdict, language
        self._at = 0 if language == "zh" else 1
        self._held = [one for one in verdict.places if one.grade]

    def say(self, key: str, **words: object) -> str:
        return WORDS[key][self._at].format(**words)

    def top(self) -> Iterator[Block]:
        report, verdict = self._report, self._verdict
        sensitive = self.say("sensitive") if verdict.sensitive else ""
        key = "held" if self._held else "none" if report.places else "nothing"
        said = self.say(key, n=len(self._held), level=verdict.level, klass=verdict.klass, sensitive=sensitive)
        yield Mark(_SEVERITY[verdict.level] if report.places else "warning", said)
        if report.unread:
            yield Mark("warning", self.say("unread-note", n=f"{len(report.unread):,}"))
        read, rows = sum(one.read for one in report.places), sum(one.rows for one in report.places)
        size = sum(one.text.size for one in report.places if one.text)
        yield Fields(
            (
                (self.say("of"), printable(report.source)),
                (self.say("when"), f"{report.began} – {report.ended}"),
                (self.say("rules"), ", ".join(filter(None, (report.rules, report.names)))),
                (self.say("places"), f"{len(report.places):,}"),
                (self.say("rows"), f"{read:,} / {rows:,}"),
                (self.say("bytes"), amount(size)),
                (self.say("unread"), f"{len(report.unread):,}"),
            )
        )

    def steps(self, steps: tuple[ScanStep, ...]) -> Iterator[Block]:
        if steps:
            yield Heading(self.say("next"))
        for number, one in enumerate(steps, 1):
            head, detail = (one.title_zh, one.detail_zh) if self._at == 0 else (one.title_en, one.detail_en)
            yield Heading(f"{number}. {head} ({self.say('concerns', n=f'{one.places:,}')})", level=2)
            yield Paragraph(detail)
            for rule in one.rules:
                name = rule.title_zh if self._at == 0 else rule.title_en
                doubt = "" if rule.verified is Verified.TEXT else self.say("unverified")
                yield Paragraph(f"{rule.cites} {name}{doubt}{f' “{rule.quote}”' if rule.quote else ''}", quiet=True)

    def places(self) -> Iterator[Block]:
        if not self._held:
            return
        yield Heading(self.say("by-place"))
        rows = [
            (printable(one.place), f"{one.grade.level} · {one.grade.klass}", self._items(one))
            for one in self._held[:_MOST_PLACES]
            if one.grade
        ]
        yield Table((self.say("where"), self.say("grade"), self.say("holds")), tuple(rows), (5, 2, 6))
        if len(self._held) > _MOST_PLACES:
            yield Paragraph(self.say("rest", n=f"{len(self._held) - _MOST_PLACES:,}"), quiet=True)
        evidence = {one.place: one for one in self._report.places}
        for one in self._held[:_EXPLAINED]:
            yield Heading(printable(one.place), level=2)
            yield from self._why(one, evidence[one.place])

    def _items(self, one: PlaceVerdict) -> str:
        return ("、" if self._at == 0 else ", ").join(dict.fromkeys(title(code, self._language) for code in one.items))

    def _why(self, one: PlaceVerdict, evidence: PlaceEvidence) -> Iterator[Block]:
        told = [
            (printable(column.name), explain_column(column, seen, self._language))
            for column, seen in zip(one.columns, evidence.columns, strict=True)
            if column.items
        ]
        if told:
            yield Table((self.say("column"), self.say("why")), tuple(told), (3, 9))
        for kind in one.kinds:
            yield Paragraph(explain_kind(kind, self._language), quiet=True)

    def unread(self) -> Iterator[Block]:
        if not self._report.unread:
            return
        yield Heading(self.say("not-read"))
        counted = Counter((one.reason.value, one.detail) for one in self._report.unread)
        example = {(one.reason.value, one.detail): one.place for one in reversed(self._report.unread)}
        rows = [
            (f"{count:,}", f"{REASONS[why[0]][self._at]} {printable(why[1])}".strip(), printable(example[why]))
            for why, count in counted.most_common(_MOST_REASONS)
        ]
        yield Table(("×", self.say("reason"), self.say("where")), tuple(rows), (1, 5, 6))

    def method(self) -> Iterator[Block]:
        yield Heading(self.say("method"))
        yield Paragraph(METHOD[self._at])
        if not self._report.names:
            yield Paragraph(self.say("names-not"))


def scan_paper(
    report: ScanReport, verdict: SurveyVerdict, steps: tuple[ScanStep, ...], language: Language, institution: str
) -> Document:
    """Return the report as a document; ``institution`` stands in its head, empty where no workspace names one."""
    paper = _Paper(report, verdict, language)
    return Document(
        kind="scan",
        language=language,
        title=paper.say("title"),
        subtitle=printable(report.source),
        institution=institution or "Shouxin 守信",
        on=date.fromisoformat(report.ended[:10]),
        status=paper.say("status"),
        made_of=paper.say("made-of", rules=report.rules),
        blocks=(
            *paper.top(),
            *paper.steps(steps),
            *paper.places(),
            *paper.unread(),
            *paper.method(),
        ),
    )
