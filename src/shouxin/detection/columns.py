"""What a column holds: from its name, a sample of its values, and how sure that makes us.

Laws. The share of values that a detector accepts is reported with its 95% bounds, never as a bare label; a verdict
says which evidence carried it. Values decide over names: a name that its values contradict is a doubt, not a finding,
and values that pass a check digit no more often than chance would let them are no finding at all. What values show is
counted once (``column_evidence``) and may be judged again whenever these rules change.

Called by: operations that scan tables; ``grade_of`` goes through the taxonomy, so combinations raise the grade.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from shouxin.detection import plain
from shouxin.detection.column_evidence import CHANCE, ColumnEvidence, by_chance, looks, observe
from shouxin.detection.column_names import item_of_name
from shouxin.detection.finding import BY_MODEL, ITEM_OF, RULES, FindingKind
from shouxin.detection.scan import Finder
from shouxin.domain.items import Grade, ItemCode, grade

__all__ = ["Certainty", "ColumnVerdict", "Share", "classify", "grade_of", "judge", "sample_size", "wilson"]

_Z: Final = 1.96  # 95%
_MOST, _FEW = 0.8, 0.2
_AROUND: Final = frozenset({FindingKind.PLACE, FindingKind.ORGANISATION})  # stand in sentences about anything
_BY_SHAPE: Final = frozenset({FindingKind.PASSPORT})  # a letter and digits: goods and clerks are numbered so too
_SOME: Final = 0.05  # of the values must hold a name before the model is believed that they do
_KNOWN_KINDS: Final = frozenset(kind.value for kind in FindingKind)  # evidence may be of rules that knew others


class Certainty(StrEnum):
    """How far a verdict may be trusted without a steward's look."""

    SURE = "sure"  # most values, within the bounds
    LIKELY = "likely"  # name and values agree in part, or a name whose values have no shape to check
    DOUBTFUL = "doubtful"  # the name promises what the values do not show
    CONTAINS = "contains"  # free text in which some values hold it
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the sampled values hold a kind, with the 95% bounds of the true share."""

    kind: FindingKind
    values: int
    sampled: int
    low: float
    high: float
    whole: bool  # the finding is the value, not a part of it


@dataclass(frozen=True, slots=True)
class ColumnVerdict:
    """What a column holds. ``items`` are graded; ``reasons`` are codes, most important first.

    Reasons: ``values`` (most values are of the kind), ``name`` (the name promises the item), ``name-only`` (and nothing
    can be checked), ``contradicted`` (values do not keep the promise), ``chance`` (no more than check digits let pass),
    ``inside`` (parts of longer values), ``hint`` (the model of names says so of too few), ``cut`` (some values
    were too long to be looked at whole), ``empty`` (no value in the sample).
    """

    name: str
    items: tuple[ItemCode, ...]
    certainty: Certainty
    shares: tuple[Share, ...]
    reasons: tuple[str, ...]
    sampled: int
    rules: str = RULES


def wilson(hits: int, sampled: int) -> tuple[float, float]:
    """Return the 95% bounds of a share by Wilson's score interval; (0, 1) for an empty sample.

    **Source:** E. B. Wilson, JASA 22 (1927) 209-212.
    """
    if not sampled:
        return 0.0, 1.0
    share, weight = hits / sampled, _Z * _Z / sampled
    middle = share + weight / 2
    reach = _Z * math.sqrt(share * (1 - share) / sampled + weight / (4 * sampled))
    return max(0.0, (middle - reach) / (1 + weight)), min(1.0, (middle + reach) / (1 + weight))


def sample_size(width: float) -> int:
    """Return how many values make the bounds at most ``width`` apart (0-1), whatever the share."""
    return math.ceil((_Z / width) ** 2)


def _shares(evidence: ColumnEvidence) -> tuple[Share, ...]:
    """The share of each kind among the values, most frequent first."""
    shares = [
        Share(FindingKind(kind), count, evidence.values, *wilson(count, evidence.values), is_whole)
        for counted, is_whole in ((evidence.whole, True), (evidence.inside, False))
        for kind, count in counted.items()
        if kind in _KNOWN_KINDS
    ]
    return tuple(sorted(shares, key=lambda share: (-share.values, share.kind)))


def _is_chance(share: Share, evidence: ColumnEvidence) -> bool:
    """Tell whether so many of the numbers of its length would pass the check digit anyway."""
    passed = {kind: evidence.whole.get(kind, 0) + evidence.inside.get(kind, 0) for kind in _KNOWN_KINDS}
    counted = by_chance(share.kind, passed, evidence.candidates)
    return counted is not None and wilson(*counted)[0] <= 2 * CHANCE[share.kind]


def _is_hint(share: Share) -> bool:
    """Tell whether the model of names saw too little: some values that look like a name, a place inside others.

    Every list of products holds one that could be a name. What fills most values was taken out before.
    """
    by_model = share.kind in BY_MODEL
    return by_model and (share.whole or share.kind in _AROUND or share.low < _SOME)


def _kept_promise(item: ItemCode, evidence: ColumnEvidence) -> float | None:
    """The lower bound of the share of values that look like an item; ``None`` if it has no look."""
    return wilson(evidence.looks.get(item, 0), evidence.values)[0] if item in looks() else None


def classify(name: str, values: Iterable[str | None], find: Finder = plain.find) -> ColumnVerdict:
    """Return the verdict on a column from its name and a sample of its values; empty ones do not count.

    A hundred values bound a share within 0.2, a thousand within 0.07 (``sample_size``). ``find`` is an engine.
    """
    return judge(observe(name, values, find))


def judge(evidence: ColumnEvidence) -> ColumnVerdict:
    """Return the verdict on a column from what its values showed; by the rules of today, whoever counted."""
    promised = item_of_name(evidence.name)
    shares = _shares(evidence)
    chance = tuple(share for share in shares if _is_chance(share, evidence))
    most = next((share for share in shares if share.whole and share.low >= 0.5 and share not in chance), None)
    rest = tuple(share for share in shares if share is not most and share not in chance)
    parts = tuple(share for share in rest if not _is_hint(share))
    contained = tuple(dict.fromkeys(ITEM_OF[share.kind] for share in parts))

    def verdict(items: tuple[ItemCode, ...], certainty: Certainty, *reasons: str) -> ColumnVerdict:
        because = (*reasons, *(("inside",) if contained else ()), *(("chance",) if chance else ()))
        because += ("hint",) if len(parts) < len(rest) else ()
        because += ("cut",) if evidence.cut else ()
        everything = tuple(dict.fromkeys((*items, *contained)))
        if not items and contained:
            certainty = Certainty.CONTAINS
        elif evidence.cut and certainty is Certainty.NOTHING:
            certainty = Certainty.DOUBTFUL
        return ColumnVerdict(evidence.name, everything, certainty, shares, because, evidence.values)

    if most:
        item = ITEM_OF[most.kind]
        if promised and _same_value(item, promised):
            item = promised
        agreed = ("values", "name") if promised == item else ("values",)
        sure = most.low >= _MOST and most.kind not in BY_MODEL and (most.kind not in _BY_SHAPE or promised == item)
        return verdict((item,), Certainty.SURE if sure else Certainty.LIKELY, *agreed)
    if promised is None:
        return verdict((), Certainty.NOTHING)
    if not evidence.values:
        return verdict((promised,), Certainty.DOUBTFUL, "name", "empty")
    return verdict(*_promise(promised, evidence, shares))


def _same_value(found: ItemCode, promised: ItemCode) -> bool:
    """Tell whether a value found as one item may be the other: an emergency contact's mobile is a mobile."""
    return promised != found and promised.rpartition(".")[2] == found.rpartition(".")[2]


def _promise(
    promised: ItemCode, evidence: ColumnEvidence, shares: Sequence[Share]
) -> tuple[tuple[ItemCode, ...], Certainty, str]:
    """What remains of a name's promise when no kind fills most values."""
    own = [share for share in shares if share.whole and ITEM_OF[share.kind] == promised]
    checkable = promised in ITEM_OF.values()
    look = _kept_promise(promised, evidence)
    if own or (look is not None and look >= 0.5):
        return (promised,), Certainty.LIKELY, "name"
    if checkable or look is not None:
        bound = wilson(0, evidence.values)[1] if not own else own[0].high
        return ((), Certainty.DOUBTFUL, "contradicted") if bound < _FEW else ((promised,), Certainty.DOUBTFUL, "name")
    return (promised,), Certainty.LIKELY, "name-only"


def grade_of(verdicts: Iterable[ColumnVerdict], on: date | None = None) -> Grade | None:
    """Grade columns that stand in one table: the highest wins, and a combination may raise it further.

    ``None`` if no column holds anything personal.
    """
    items = [item for verdict in verdicts for item in verdict.items]
    return grade(items, on) if items else None
