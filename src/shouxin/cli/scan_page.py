"""The report of a scan as one page: to show to a colleague, to print, to put into the file.

Laws. The page is whole: no script, no font, no picture from anywhere, and its own policy forbids any. Everything that
came from outside is escaped. It holds counts, names and titles, and masked examples only if the scan kept some.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from shouxin.cli.scan_words import METHOD, REASONS, WORDS, amount
from shouxin.cli.showing import printable
from shouxin.detection.survey.media_words import explain_media
from shouxin.detection.survey.words import explain_column, explain_kind, title
from shouxin.domain.items import item
from shouxin.policy.rule import Verified

if TYPE_CHECKING:
    from shouxin.detection.columns import ColumnVerdict
    from shouxin.detection.survey.evidence import PlaceEvidence, ScanReport
    from shouxin.detection.survey.grading import PlaceVerdict, SurveyVerdict
    from shouxin.detection.survey.words import Language
    from shouxin.operations.scanning.scan_advice import ScanStep
    from shouxin.policy.rule import Rule

__all__ = ["scan_page"]

_MOST_PLACES: Final = 1_000
_MOST_UNREAD: Final = 500
_MOST_SEEN: Final = 100  # findings of a picture, document or video
_ALL_OPEN: Final = 20  # places: a printer prints what is open
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


class _Page:
    def __init__(self, report: ScanReport, language: Language) -> None:
        self._report, self._language, self._at = report, language, 0 if language == "zh" else 1
        self._evidence = {one.place: one for one in report.places}

    def say(self, key: str, **words: object) -> str:
        return escape(WORDS[key][self._at].format(**words))

    def top(self, verdict: SurveyVerdict) -> Iterator[str]:
        report, held = self._report, [one for one in verdict.places if one.grade]
        sensitive = WORDS["sensitive"][self._at] if verdict.sensitive else ""
        key = "held" if held else "none" if report.places else "nothing"
        said = self.say(key, n=len(held), level=verdict.level, klass=verdict.klass, sensitive=sensitive)
        if report.unread:
            said += f' <span class="soft">{self.say("unread-note", n=f"{len(report.unread):,}")}</span>'
        yield f"<header><h1>{self.say('title')}</h1>"
        versions = ", ".join(filter(None, (report.rules, report.names)))
        yield (
            f'<p class="soft">{self.say("of")} <code>{_safe(report.source)}</code> · {self.say("when")} '
            f"{escape(report.began)} · {self.say('rules')} {escape(versions)}</p>"
        )
        yield f'<div class="verdict t{verdict.level}">{said}</div><div class="facts">'
        read, rows = sum(one.read for one in report.places), sum(one.rows for one in report.places)
        size = sum(one.text.size for one in report.places if one.text)
        yield self._fact(f"{len(report.places):,}", "places")
        yield self._fact(f"{read:,} / {rows:,}", "rows")
        yield self._fact(amount(size), "bytes")
        yield self._fact(f"{len(report.unread):,}", "unread") + "</div></header>"

    def _fact(self, value: str, key: str) -> str:
        return f'<div class="fact"><b>{escape(value)}</b><span>{self.say(key)}</span></div>'

    def levels(self, verdict: SurveyVerdict) -> Iterator[str]:
        most = max(1, *(len(verdict.at_level(level)) for level in range(6)))
        yield f'<h2>{self.say("levels")}</h2><div class="card levels">'
        for level in (5, 4, 3, 2, 1, 0):
            count = len(verdict.at_level(level))
            name = self.say("level", n=level) if level else self.say("level-none")
            bar = f'<i style="width:{100 * count / most:.1f}%"></i>' if count else ""
            yield f'<span>{name}</span><span class="bar t{level}">{bar}</span><b>{count:,}</b>'
        yield "</div>"

    def steps(self, steps: tuple[ScanStep, ...]) -> Iterator[str]:
        if not steps:
            return
        yield f'<h2>{self.say("next")}</h2><ol class="steps">'
        for one in steps:
            head, detail = (one.title_zh, one.detail_zh) if self._at == 0 else (one.title_en, one.detail_en)
            yield (
                f'<li><div class="card"><h3>{escape(head)} <span class="soft">· '
                f"{self.say('concerns', n=f'{one.places:,}')}</span></h3><p>{escape(detail)}</p>"
                f"{self._rules(one.rules)}</div></li>"
            )
        yield "</ol>"

    def _rules(self, rules: tuple[Rule, ...]) -> str:
        if not rules:
            return ""
        lines = []
        for rule in rules:
            name = rule.title_zh if self._at == 0 else rule.title_en
            quote = f" <q>{escape(rule.quote)}</q>" if rule.quote else ""
            doubt = "" if rule.verified is Verified.TEXT else self.say("unverified")
            lines.append(f"<li><b>{escape(rule.cites)}</b> {escape(name)}{quote}{doubt}</li>")
        return f'<ul class="rules">{"".join(lines)}</ul>'

    def places(self, verdict: SurveyVerdict) -> Iterator[str]:
        held = [one for one in verdict.places if one.grade]
        if held:
            yield f"<h2>{self.say('by-place')}</h2>"
        for number, one in enumerate(held[:_MOST_PLACES]):
            yield from self._place(one, self._evidence[one.place], is_open=number < 1 or len(held) <= _ALL_OPEN)
        if len(held) > _MOST_PLACES:
            yield f'<p class="soft">{self.say("rest", n=f"{len(held) - _MOST_PLACES:,}")}</p>'

    def _place(self, one: PlaceVerdict, evidence: PlaceEvidence, *, is_open: bool) -> Iterator[str]:
        grade = one.grade
        if grade is None:
            return
        chips = "".join(self._chip(code) for code in one.items)
        if grade.raised_by:
            chips += f'<span class="chip hot">{self.say("raised")}: {escape(", ".join(grade.raised_by))}</span>'
        yield f"<details{' open' if is_open else ''}><summary>{self._badge(grade.level, grade.klass)}"
        yield f'<code>{_safe(one.place)}</code><span class="holds">{chips}</span></summary><div class="inside">'
        yield f'<p class="soft">{self._looked(evidence)}</p>'
        yield from self._columns(one, evidence)
        for kind in one.kinds:
            shown = self._shown(one.place, kind.kind.value)
            yield f"<p>· {escape(explain_kind(kind, self._language))}{shown}</p>"
        for seen in evidence.media.findings[:_MOST_SEEN] if evidence.media else ():
            yield f"<p>· {escape(explain_media(seen, self._language))}</p>"
        yield "</div></details>"

    def _badge(self, level: int, klass: str) -> str:
        return f'<span class="badge t{level}">{self.say("level", n=level)} · {escape(klass)}</span>'

    def _chip(self, code: str) -> str:
        one = item(code)
        hot = " hot" if one.sensitive() or one.klass == "C3" else ""
        return f'<span class="chip{hot}">{escape(title(one.code, self._language))}</span>'

    def _looked(self, evidence: PlaceEvidence) -> str:
        said = [evidence.form]
        if evidence.rows:
            basis = WORDS[f"basis-{evidence.basis.value}"][self._at]
            said.append(self.say("read", read=f"{evidence.read:,}", rows=f"{evidence.rows:,}", basis=basis))
            if evidence.aside:
                said[-1] += self.say("aside", n=f"{evidence.aside:,}")
        if evidence.media and evidence.media.whole:
            said.append(f"{evidence.media.looked:g} / {evidence.media.whole:g}")
        if evidence.text:
            said.append(f"{amount(evidence.text.size)} · {', '.join(evidence.text.encodings)}")
        return " · ".join(escape(one) for one in said if one)

    def _columns(self, one: PlaceVerdict, evidence: PlaceEvidence) -> Iterator[str]:
        told = [pair for pair in zip(one.columns, evidence.columns, strict=True) if self._worth_telling(pair[0])]
        if told:
            yield f"<table><tr><th>{self.say('column')}</th><th>{self.say('grade')}</th><th>{self.say('why')}</th></tr>"
            for column, seen in told:
                codes = [item(code) for code in column.items]
                grade = self._badge(max(c.level for c in codes), max(c.klass for c in codes)) if codes else "–"
                why = escape(explain_column(column, seen, self._language))
                shown = self._shown(one.place, column.name)
                yield f"<tr><td><code>{_safe(column.name)}</code></td><td>{grade}</td><td>{why}{shown}</td></tr>"
            yield "</table>"
        if rest := len(one.columns) - len(told):
            yield f'<p class="soft">{self.say("also-none", n=rest)}</p>'

    @staticmethod
    def _worth_telling(column: ColumnVerdict) -> bool:
        return bool(column.items) or bool(column.reasons)

    def _shown(self, place: str, name: str) -> str:
        kept = self._report.examples.get(place, {}).get(name, [])
        if not kept:
            return ""
        return f'<br><span class="soft">{self.say("examples")}: <code>{_safe("  ".join(kept))}</code></span>'

    def unread(self) -> Iterator[str]:
        report = self._report
        if not report.unread:
            return
        counted = Counter((one.reason.value, one.detail) for one in report.unread)
        yield f'<h2>{self.say("not-read")}</h2><div class="card"><p>'
        yield " ".join(
            f'<span class="chip">{escape(REASONS[reason][self._at])} {_safe(detail)} × {count:,}</span>'
            for (reason, detail), count in counted.most_common(30)
        )
        yield f"</p><table><tr><th>{self.say('where')}</th><th>{self.say('reason')}</th></tr>"
        for one in report.unread[:_MOST_UNREAD]:
            reason = f"{escape(REASONS[one.reason.value][self._at])} <span class='soft'>{_safe(one.detail)}</span>"
            yield f"<tr><td><code>{_safe(one.place)}</code></td><td>{reason}</td></tr>"
        yield "</table>"
        if len(report.unread) > _MOST_UNREAD:
            yield f'<p class="soft">{self.say("rest", n=f"{len(report.unread) - _MOST_UNREAD:,}")}</p>'
        yield "</div>"

    def method(self) -> str:
        names = "" if self._report.names else f" {self.say('names-not')}"
        return f'<h2>{self.say("method")}</h2><div class="card"><p>{escape(METHOD[self._at])}{names}</p></div>'


def _safe(text: str) -> str:
    return escape(printable(text))


def scan_page(report: ScanReport, verdict: SurveyVerdict, steps: tuple[ScanStep, ...], language: Language) -> str:
    """Return the page (UTF-8, one file, no scripts)."""
    page = _Page(report, language)
    style = (files("shouxin.cli") / "scan_page.css").read_text(encoding="utf-8")
    body = [
        *page.top(verdict),
        *page.levels(verdict),
        *page.steps(steps),
        *page.places(verdict),
        *page.unread(),
        page.method(),
    ]
    return (
        f'<!doctype html><html lang="{"zh-CN" if language == "zh" else "en"}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{page.say('title')} · {_safe(report.source)}</title><style>{style}</style></head><body><main>"
        f"{''.join(body)}<footer>Shouxin 守信 · {escape(report.ended)}</footer></main></body></html>\n"
    )
