"""What a steward says of a grade that the rules got wrong: honoured by every later scan, and a case for the rules.

Laws. A correction names a place as reports show it, items and counts, never a value. It holds as long as what was seen
then is all that is seen: a kind that fills a column or stands in a text and was not there when the steward looked is
graded beside the correction, so that no correction hides what came later. Judging reads the evidence of the day, so
each correction is also a test case of the rules (``replay``).

Called by: ``grading`` (honours them) and ``operations.scanning.correct_grade`` (keeps them).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

import msgspec

from shouxin.detection.column_evidence import ColumnEvidence
from shouxin.detection.columns import Certainty, ColumnVerdict, judge
from shouxin.detection.finding import ITEM_OF, FindingKind
from shouxin.detection.survey.evidence import MediaEvidence, PlaceEvidence, ScanReport, TextEvidence
from shouxin.detection.survey.kind_counts import kinds_in
from shouxin.domain.items import ItemCode, item
from shouxin.errors import Invalid

__all__ = [
    "CASES",
    "CorrectionReason",
    "Corrections",
    "GradeCase",
    "GradeCorrection",
    "case_file",
    "corrected_column",
    "correction",
    "read_cases",
    "replay",
]

CASES: Final = "shouxin-grade-cases/1"


class CorrectionReason(StrEnum):
    """Why the rules were wrong; a code, because an event says it."""

    NOT_PERSONAL = "not-personal"  # orders, codes, products: of no person
    OTHER_ITEM = "other-item"
    OVERLOOKED = "overlooked"


@dataclass(frozen=True, slots=True)
class GradeCorrection:
    """What holds instead of a verdict, for one column, one kind in a text, or one place.

    ``column`` named: it holds exactly ``items``. ``kind`` named: that kind in the text, picture, pages or video of the
    place is not counted, and ``items`` is empty. Neither: the place holds ``items`` besides. ``seen``,
    ``text`` and ``media`` are the evidence of the day.
    ``identity`` is that of the source: another folder of the same name is another source.
    """

    source: str
    place: str
    items: tuple[ItemCode, ...]
    reason: CorrectionReason
    column: str = ""
    kind: str = ""
    was: tuple[ItemCode, ...] = ()
    seen: ColumnEvidence | None = None
    text: TextEvidence | None = None
    identity: str = ""
    media: MediaEvidence | None = None  # of the kind named, without places and times

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What it is about; the newest of one key holds."""
        return self.identity or self.source, self.place, self.column, self.kind


@dataclass(frozen=True, slots=True)
class Corrections:
    """Corrections by what they are about; those of other sources are left out."""

    by_key: Mapping[tuple[str, str, str, str], GradeCorrection] = field(default_factory=dict)

    @classmethod
    def of(cls, corrections: Iterable[GradeCorrection]) -> Corrections:
        """Gather them; of one key the last."""
        return cls({one.key: one for one in corrections})

    def about(self, source: str, place: str, column: str = "", kind: str = "") -> GradeCorrection | None:
        """Return the correction of a column, a kind or a place, if there is one."""
        return self.by_key.get((source, place, column, kind))


def correction(report: ScanReport, place: str, items: Sequence[str], reason: str, **what: str) -> GradeCorrection:
    """Return the correction of ``column=…`` or ``kind=…`` of a place (or of the place), with the evidence of a report.

    Raises:
        Invalid: the report has no such place, column or kind; an unknown item or reason; items for a kind.
    """
    column, kind = what.get("column", ""), what.get("kind", "")
    found = next((one for one in report.places if one.place == place), None)
    if found is None:
        raise Invalid("the report has no such place", "place")
    seen = next((one for one in found.columns if one.name == column), None) if column else None
    if column and seen is None:
        raise Invalid("the place has no such column", "column")
    text = found.text if found.text is not None and kind in found.text.found else None
    media = found.media if found.media is not None and kind in found.media.found else None
    if kind and text is None and media is None:
        raise Invalid("no finding of this kind is in the text, picture or sound of the place", "kind")
    if (column and kind) or (kind and items):
        raise Invalid("a kind can only be taken out; name items for a column or a place", "items")
    if not (column or kind or items):
        raise Invalid("say which column or kind is wrong, or which items a place holds", "items")
    if reason not in {one.value for one in CorrectionReason}:
        raise Invalid(f"a reason is one of {', '.join(CorrectionReason)}", "reason")
    codes = tuple(item(ItemCode(one)).code for one in dict.fromkeys(items))
    seen_of = replace(media, findings=[], found={kind: media.found[kind]}) if media else None
    said = GradeCorrection(
        report.source, place, codes, CorrectionReason(reason), column, kind, (), seen, text, report.identity, seen_of
    )
    return replace(said, was=_of_today(said) or ((ITEM_OF[FindingKind(kind)],) if text else ()))


def _of_today(said: GradeCorrection) -> tuple[ItemCode, ...]:
    """What the rules of today say of the evidence of a correction: of its column, or of its kind."""
    if said.seen is not None:
        return judge(said.seen).items
    written = kinds_in(said.text) if said.text else ()
    counted = [ITEM_OF[one.kind] for one in written if one.kind == said.kind and one.counts]
    return tuple(dict.fromkeys((*counted, *(said.media.items() if said.media else ()))))


def _filling(evidence: ColumnEvidence) -> set[str]:
    """The kinds that half of the values are, or that one in twenty holds."""
    whole = {kind for kind, count in evidence.whole.items() if 2 * count >= evidence.values > 0}
    return whole | {kind for kind, count in evidence.inside.items() if 20 * count >= evidence.values > 0}


def corrected_column(verdict: ColumnVerdict, evidence: ColumnEvidence, said: GradeCorrection) -> ColumnVerdict:
    """Return the verdict as the steward corrected it, with what was not there when they looked.

    Reasons: ``corrected``, and ``changed`` where something new stands in the column.
    """
    known = _filling(said.seen) if said.seen else set[str]()
    new = _filling(evidence) - known
    items = tuple(dict.fromkeys((*said.items, *(ITEM_OF[FindingKind(one)] for one in sorted(new)))))
    reasons = ("corrected", "changed") if new else ("corrected",)
    certainty = Certainty.DOUBTFUL if new else Certainty.SURE if items else Certainty.NOTHING
    return replace(verdict, items=items, certainty=certainty, reasons=reasons)


@dataclass(frozen=True, slots=True)
class GradeCase:
    """A correction as a test of the rules: what was seen, what a steward says it is, what the rules of today say."""

    said: GradeCorrection
    now: tuple[ItemCode, ...]

    @property
    def holds(self) -> bool:
        """Whether the rules alone now answer as the steward did."""
        return set(self.now) == set(self.said.items)


def replay(corrections: Iterable[GradeCorrection]) -> list[GradeCase]:
    """Judge the evidence of each correction of a column or kind by the rules of today, without the correction.

    A place to which items were added has no evidence of them: the next scan honours it, and no rule is tested.
    """
    return [GradeCase(one, _of_today(one)) for one in corrections if one.seen or one.text or one.media]


def case_file(corrections: Sequence[GradeCorrection]) -> bytes:
    """Return corrections as a file: ``cases`` for tests, and ``scan``, a report of their evidence, to grade anew."""
    places: dict[tuple[str, str], PlaceEvidence] = {}
    for one in corrections:
        found = places.setdefault((one.identity or one.source, one.place), PlaceEvidence(one.place, form="case"))
        if one.seen is not None:
            found.columns.append(one.seen)
        found.text = one.text or found.text
        found.media = one.media or found.media
    sources = {(one.source, one.identity) for one in corrections}
    source, identity = sources.pop() if len(sources) == 1 else ("", "")
    report = ScanReport(source, places=list(places.values()), identity=identity)
    whole = {"format": CASES, "scan": report, "cases": list(corrections)}
    return msgspec.json.format(msgspec.json.encode(whole), indent=1) + b"\n"


def read_cases(data: bytes) -> list[GradeCorrection]:
    """Return the corrections of a case file.

    Raises:
        Invalid: it is none.
    """
    try:
        whole = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
        if msgspec.json.decode(whole.get("format", b'""'), type=str) != CASES:
            raise Invalid("is no file of cases", "corrections")
        return msgspec.json.decode(whole.get("cases", b"[]"), type=list[GradeCorrection])
    except msgspec.DecodeError:
        raise Invalid("is no file of cases", "corrections") from None
