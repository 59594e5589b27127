"""What a column holds: from its name, a sample of its values, and how sure that makes us.

Laws. The share of values that a detector accepts is reported with its 95% bounds, never as a bare label; a verdict
says which evidence carried it. Values decide over names: a name that its values contradict is a doubt, not a finding,
and values that pass a check digit no more often than chance would let them are no finding at all. Values are scanned
with the column's name before them, as a label; nothing of a value is kept.

Called by: operations that scan tables; ``grade_of`` goes through the taxonomy, so combinations raise the grade.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Final

from shouxin.detection import plain
from shouxin.detection.column_names import item_of_name
from shouxin.detection.finding import ITEM_OF, KINDS, RULES, FindingKind
from shouxin.detection.scan import Finder
from shouxin.domain.items import Grade, ItemCode, grade

__all__ = ["Certainty", "ColumnVerdict", "Share", "classify", "grade_of", "sample_size", "wilson"]

_Z: Final = 1.96  # 95%
_NAME_SHOWN: Final = 40  # characters of a column name that serve as a label
_COVERS: Final = 0.8  # of a value that a finding must fill for the value to be one
_MOST, _FEW = 0.8, 0.2
# How often unrelated numbers of the right length pass, from prefix and check digit; others pass by shape only.
_CHANCE: Final = {FindingKind.BANK_CARD: 0.1, FindingKind.IMEI: 0.05, FindingKind.RESIDENT_ID_15: 0.02}


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
    ``inside`` (parts of longer values), ``empty`` (no value in the sample).
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


@cache
def _shapes() -> dict[str, re.Pattern[str]]:
    """Items without a detector here, and what most of their values look like."""
    return {
        "identity.name": re.compile(r"[\u4e00-\u9fff·]{2,15}|[A-Za-z][A-Za-z .'-]{1,60}"),
        "contact.address": re.compile(r".*[省市区县镇乡村路街道巷弄号栋室].*", re.DOTALL),
        "identity.sex": re.compile(r"[男女MFmf012]|male|female", re.IGNORECASE),
        "identity.age": re.compile(r"1?[0-9]{1,2}"),
        "contact.postcode": re.compile(r"[0-9]{6}"),
        "account.balance": re.compile(r"-?[0-9][0-9,]*(\.[0-9]+)?"),
        "income.amount": re.compile(r"-?[0-9][0-9,]*(\.[0-9]+)?.{0,3}"),
    }


def _shares(name: str, values: Sequence[str], find: Finder) -> tuple[Share, ...]:
    """Scan all values as lines ``name: value`` and count, for each kind, the values that are it or hold it."""
    label = f"{name[:_NAME_SHOWN]}: ".replace("\n", " ").encode()
    lines = [" ".join(value.split()).encode("utf-8", "surrogatepass") for value in values]
    ends, at = [], 0
    for line in lines:
        at += len(label) + len(line) + 1
        ends.append(at)
    whole, inside = Counter[int](), Counter[int]()
    number, seen = 0, set[tuple[int, int]]()
    for kind, start, end, _ in find(b"".join(label + line + b"\n" for line in lines)).rows():
        while start >= ends[number]:
            number += 1
        if start < ends[number] - len(lines[number]) - 1 or (number, kind) in seen:
            continue  # in the label, or the second of its kind in one value
        seen.add((number, kind))
        (whole if end - start >= _COVERS * len(lines[number]) else inside)[kind] += 1
    made = [(whole, True), (inside, False)]
    shares = [
        Share(KINDS[kind], count, len(values), *wilson(count, len(values)), is_whole)
        for counted, is_whole in made
        for kind, count in counted.items()
    ]
    return tuple(sorted(shares, key=lambda share: (-share.values, share.kind)))


def _kept_promise(item: ItemCode, values: Sequence[str]) -> float | None:
    """The lower bound of the share of values that look like an item; ``None`` if it has no look."""
    shape = _shapes().get(item)
    return wilson(sum(bool(shape.fullmatch(value)) for value in values), len(values))[0] if shape else None


def classify(name: str, values: Iterable[str | None], find: Finder = plain.find) -> ColumnVerdict:
    """Return the verdict on a column from its name and a sample of its values; empty ones do not count.

    A hundred values bound a share within 0.2, a thousand within 0.07 (``sample_size``). ``find`` is an engine.
    """
    sample = [value.strip() for value in values if value and value.strip()]
    promised = item_of_name(name)
    shares = _shares(name, sample, find) if sample else ()
    chance = tuple(share for share in shares if share.whole and share.low <= 2 * _CHANCE.get(share.kind, 0.0))
    most = next((share for share in shares if share.whole and share.low >= 0.5 and share not in chance), None)
    parts = tuple(share for share in shares if share is not most and share not in chance)
    contained = tuple(dict.fromkeys(ITEM_OF[share.kind] for share in parts))

    def verdict(items: tuple[ItemCode, ...], certainty: Certainty, *reasons: str) -> ColumnVerdict:
        because = (*reasons, *(("inside",) if contained else ()), *(("chance",) if chance else ()))
        everything = tuple(dict.fromkeys((*items, *contained)))
        if not items and contained:
            certainty = Certainty.CONTAINS
        return ColumnVerdict(name, everything, certainty, shares, because, len(sample))

    if most:
        item = ITEM_OF[most.kind]
        if promised and _same_value(item, promised):
            item = promised
        agreed = ("values", "name") if promised == item else ("values",)
        return verdict((item,), Certainty.SURE if most.low >= _MOST else Certainty.LIKELY, *agreed)
    if promised is None:
        return verdict((), Certainty.NOTHING)
    if not sample:
        return verdict((promised,), Certainty.DOUBTFUL, "name", "empty")
    return verdict(*_promise(promised, sample, shares))


def _same_value(found: ItemCode, promised: ItemCode) -> bool:
    """Tell whether a value found as one item may be the other: an emergency contact's mobile is a mobile."""
    return promised != found and promised.rpartition(".")[2] == found.rpartition(".")[2]


def _promise(
    promised: ItemCode, sample: Sequence[str], shares: Sequence[Share]
) -> tuple[tuple[ItemCode, ...], Certainty, str]:
    """What remains of a name's promise when no kind fills most values."""
    own = [share for share in shares if share.whole and ITEM_OF[share.kind] == promised]
    checkable = promised in ITEM_OF.values()
    looks = _kept_promise(promised, sample)
    if own or (looks is not None and looks >= 0.5):
        return (promised,), Certainty.LIKELY, "name"
    if checkable or looks is not None:
        bound = wilson(0, len(sample))[1] if not own else own[0].high
        return ((), Certainty.DOUBTFUL, "contradicted") if bound < _FEW else ((promised,), Certainty.DOUBTFUL, "name")
    return (promised,), Certainty.LIKELY, "name-only"


def grade_of(verdicts: Iterable[ColumnVerdict], on: date | None = None) -> Grade | None:
    """Grade columns that stand in one table: the highest wins, and a combination may raise it further.

    ``None`` if no column holds anything personal.
    """
    items = [item for verdict in verdicts for item in verdict.items]
    return grade(items, on) if items else None
