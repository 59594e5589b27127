"""From what was seen to what it means: finding -> item -> level and class; combinations raise, the highest wins.

Laws. Grading reads counts, never a source, so a report is graded again whenever rules or taxonomy change. Items are
combined within one place only (a table, a text, a sheet): what stands in two tables need not be of one person. A kind
whose check digit chance would pass as often is told and not graded; a kind of which every finding is weak is a hint. So
are one or two names in a text that holds no identifier; and a place or city is nobody's where nobody else is.

Called by: commands that show a report, and whoever holds one against a plan.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from shouxin.detection.column_evidence import ColumnEvidence
from shouxin.detection.columns import Certainty, ColumnVerdict, judge
from shouxin.detection.finding import ITEM_OF, FindingKind
from shouxin.detection.media.media_finding import MediaForm
from shouxin.detection.survey.correction import Corrections, GradeCorrection, corrected_column
from shouxin.detection.survey.evidence import MediaEvidence, PlaceEvidence, ScanReport
from shouxin.detection.survey.kind_counts import KindCount, kinds_in
from shouxin.domain.items import Grade, ItemCode, grade

__all__ = ["KindCount", "PlaceVerdict", "SurveyVerdict", "judge_place", "judge_report"]

_KNOWN: Final = frozenset(kind.value for kind in FindingKind)
_NONE: Final = Corrections()
_PLACE: Final = ITEM_OF[FindingKind.PLACE]


@dataclass(frozen=True, slots=True)
class PlaceVerdict:
    """What one place holds. ``grade`` is of all its items together; ``None`` if it holds none."""

    place: str
    form: str
    items: tuple[ItemCode, ...]
    grade: Grade | None
    columns: tuple[ColumnVerdict, ...]
    kinds: tuple[KindCount, ...]
    in_names: tuple[ItemCode, ...]

    @property
    def to_confirm(self) -> tuple[ColumnVerdict, ...]:
        """Columns that a person should look at before anything is decided on them."""
        return tuple(one for one in self.columns if one.certainty in {Certainty.DOUBTFUL, Certainty.LIKELY})


@dataclass(frozen=True, slots=True)
class SurveyVerdict:
    """What a whole source holds: places from the highest grade down, and the highest of each."""

    places: tuple[PlaceVerdict, ...]
    level: int
    klass: str
    sensitive: bool

    def at_level(self, level: int) -> tuple[PlaceVerdict, ...]:
        """Return the places whose grade has this level; 0 for those without personal information."""
        return tuple(one for one in self.places if (one.grade.level if one.grade else 0) == level)


def judge_place(
    evidence: PlaceEvidence, on: date | None = None, *, source: str = "", corrections: Corrections = _NONE
) -> PlaceVerdict:
    """Judge one place by the rules of today and the standards in force on ``on`` (without a date: the newest).

    ``corrections`` are those of stewards; the ones about this place of ``source`` (its identity) are honoured.
    """
    columns = tuple(_column(one, corrections.about(source, evidence.place, one.name)) for one in evidence.columns)
    kinds = kinds_in(evidence.text) if evidence.text else ()
    kinds = tuple(
        replace(one, refused=one.refused or _is_refused(one, corrections.about(source, evidence.place, kind=one.kind)))
        for one in kinds
    )
    in_names = tuple(dict.fromkeys(ITEM_OF[FindingKind(kind)] for kind in evidence.in_names if kind in _KNOWN))
    found = (item for column in columns for item in column.items)
    besides = corrections.about(source, evidence.place)
    said = besides.items if besides else ()
    refused = _refused_media(evidence, source, corrections)
    seen = evidence.media.items(refused) if evidence.media else ()
    counted = (ITEM_OF[one.kind] for one in kinds if one.counts)
    items = tuple(dict.fromkeys((*found, *seen, *counted, *in_names, *said)))
    if items == (_PLACE,):
        items = ()
    graded = grade(items, on) if items else None
    return PlaceVerdict(evidence.place, evidence.form, items, graded, columns, kinds, in_names)


def _column(evidence: ColumnEvidence, said: GradeCorrection | None) -> ColumnVerdict:
    verdict = judge(evidence)
    return corrected_column(verdict, evidence, said) if said else verdict


def _is_refused(count: KindCount, said: GradeCorrection | None) -> bool:
    """Tell whether a steward took this kind out; a tenfold of what they saw is no longer what they looked at."""
    if said is None:
        return False
    seen = sum((said.text.found if said.text else {}).get(count.kind, {}).values())
    return _is_no_more(count.strong + count.weak, seen)


def _is_no_more(now: int, seen: int) -> bool:
    return now <= max(10, 10 * seen)


def _refused_media(evidence: PlaceEvidence, source: str, corrections: Corrections) -> frozenset[str]:
    """The kinds in a picture, document or video that a steward took out, as far as they are what was looked at."""
    found = (evidence.media or MediaEvidence(MediaForm.PICTURE)).found
    said = {kind: corrections.about(source, evidence.place, kind=kind) for kind in found}
    return frozenset(
        kind
        for kind, one in said.items()
        if one is not None and one.media is not None and _is_no_more(sum(found[kind]), sum(one.media.found[kind]))
    )


def _rank(one: PlaceVerdict) -> tuple[int, str, bool, int]:
    held = one.grade
    return (held.level, held.klass, held.sensitive, len(one.items)) if held else (0, "", False, 0)


def _together(places: Iterable[PlaceVerdict]) -> SurveyVerdict:
    ordered = tuple(sorted(places, key=_rank, reverse=True))
    grades = [one.grade for one in ordered if one.grade]
    return SurveyVerdict(
        ordered,
        max((one.level for one in grades), default=0),
        max((one.klass for one in grades), default=""),
        any(one.sensitive for one in grades),
    )


def judge_report(
    report: ScanReport, on: date | None = None, corrections: Iterable[GradeCorrection] = ()
) -> SurveyVerdict:
    """Judge a whole report; see ``judge_place``."""
    said = Corrections.of(corrections)
    return _together(
        judge_place(one, on, source=report.identity or report.source, corrections=said) for one in report.places
    )
