"""From what was seen to what it means: finding -> item -> level and class; combinations raise, the highest wins.

Laws. Grading reads counts, never a source, so a report is graded again whenever rules or taxonomy change. Items are
combined within one place only (a table, a text, a sheet): what stands in two tables need not be of one person. A kind
whose check digit chance would pass as often is told and not graded; a kind of which every finding is weak is a hint.

Called by: commands that show a report, and whoever holds one against a plan.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from shouxin.detection.column_evidence import CHANCE, by_chance
from shouxin.detection.columns import Certainty, ColumnVerdict, judge, wilson
from shouxin.detection.finding import ITEM_OF, FindingKind, score_of
from shouxin.detection.survey.evidence import PlaceEvidence, ScanReport, TextEvidence
from shouxin.domain.items import Grade, ItemCode, grade

__all__ = ["KindCount", "PlaceVerdict", "SurveyVerdict", "judge_place", "judge_report"]

_KNOWN: Final = frozenset(kind.value for kind in FindingKind)
_BELIEVED: Final = 0.5  # the score from which a finding in a text counts


@dataclass(frozen=True, slots=True)
class KindCount:
    """How often a text holds a kind. ``weak`` findings have a score under one half; ``chance`` takes the whole back."""

    kind: FindingKind
    strong: int
    weak: int
    chance: bool

    @property
    def counts(self) -> bool:
        """Whether it is graded."""
        return self.strong > 0 and not self.chance


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


def _kinds(text: TextEvidence) -> tuple[KindCount, ...]:
    counts = []
    for name, by_bits in text.found.items():
        if name not in _KNOWN:
            continue  # of rules that knew other kinds
        kind = FindingKind(name)
        strong = sum(count for bits, count in by_bits.items() if score_of(kind, bits) >= _BELIEVED)
        counts.append(KindCount(kind, strong, sum(by_bits.values()) - strong, _is_chance(kind, text)))
    return tuple(sorted(counts, key=lambda one: (-one.strong, -one.weak, one.kind)))


def _is_chance(kind: FindingKind, text: TextEvidence) -> bool:
    counted = by_chance(kind, text.passed, text.tried)
    return counted is not None and counted[0] > 0 and wilson(*counted)[0] <= 2 * CHANCE[kind]


def judge_place(evidence: PlaceEvidence, on: date | None = None) -> PlaceVerdict:
    """Judge one place by the rules of today and the standards in force on ``on`` (without a date: the newest)."""
    columns = tuple(judge(one) for one in evidence.columns)
    kinds = _kinds(evidence.text) if evidence.text else ()
    in_names = tuple(dict.fromkeys(ITEM_OF[FindingKind(kind)] for kind in evidence.in_names if kind in _KNOWN))
    found = (item for column in columns for item in column.items)
    seen = evidence.media.items() if evidence.media else ()
    items = tuple(dict.fromkeys((*found, *seen, *(ITEM_OF[one.kind] for one in kinds if one.counts), *in_names)))
    graded = grade(items, on) if items else None
    return PlaceVerdict(evidence.place, evidence.form, items, graded, columns, kinds, in_names)


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


def judge_report(report: ScanReport, on: date | None = None) -> SurveyVerdict:
    """Judge a whole report; see ``judge_place``."""
    return _together(judge_place(one, on) for one in report.places)
