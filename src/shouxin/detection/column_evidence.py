"""What the values of a column show, as counts: enough to judge it again by other rules, and nothing of a value.

Laws. Evidence of parts of a column adds up to the evidence of the whole (``merged``). Values are scanned with the
column's name before them, as a label. A kind whose check digit chance often passes is counted together with its
*candidates*: the values that had the length for it, whether they passed or not.

Called by: ``columns`` (which judges it) and ``survey`` (which keeps it in reports).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final, TypeAlias

from shouxin.detection import plain
from shouxin.detection.finding import KINDS, RULES, FindingKind
from shouxin.detection.scan import Finder

__all__ = [
    "CHANCE",
    "LONGEST",
    "ColumnEvidence",
    "Kinds",
    "by_chance",
    "candidates",
    "kinds_of",
    "looks",
    "merged",
    "observe",
]

_NAME_SHOWN: Final = 40  # characters of a column name that serve as a label
_APART: Final = b"\n" * 640  # between two columns: beyond the reach of every label and owner (``scan.BEHIND``)
_TOGETHER: Final = 1 << 20  # characters that are scanned at once
_COVERS: Final = 0.8  # of a value that a finding must fill for the value to be one
LONGEST: Final = 1 << 18  # characters of a value that are looked at; a cell with more is counted as cut
_LOOK: Final = 1 << 14  # characters of a value that may look like an item

Kinds: TypeAlias = tuple[dict[str, int], dict[str, int]]  # how many values are of a kind, and how many hold one

# How often unrelated numbers of the right length pass, from prefix and check digit; others pass by shape only.
CHANCE: Final[Mapping[FindingKind, float]] = {
    FindingKind.BANK_CARD: 0.1,
    FindingKind.IMEI: 0.1,
    FindingKind.RESIDENT_ID_15: 0.02,
    FindingKind.CREDIT_CODE: 0.005,
}
_CANDIDATES: Final[Mapping[FindingKind, str]] = {
    FindingKind.BANK_CARD: r"(?<![0-9A-Za-z.])(?:[0-9][ ._/-]?){13,18}[0-9](?![0-9A-Za-z])",
    FindingKind.IMEI: r"(?<![0-9A-Za-z.])[0-9]{15}(?![0-9A-Za-z])",
    FindingKind.RESIDENT_ID_15: r"(?<![0-9A-Za-z.])[0-9]{15}(?![0-9A-Za-z])",
    FindingKind.CREDIT_CODE: r"(?<![0-9A-Za-z.])[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}(?![0-9A-Za-z])",
}


# What else has the length of a kind and is not to be taken for one that failed the check digit.
_ACCOUNTED: Final[Mapping[FindingKind, tuple[FindingKind, ...]]] = {
    FindingKind.BANK_CARD: (
        FindingKind.RESIDENT_ID,
        FindingKind.CREDIT_CODE,
        FindingKind.BANK_ACCOUNT,
        FindingKind.IMEI,
        FindingKind.RESIDENT_ID_15,
    ),
    FindingKind.IMEI: (FindingKind.RESIDENT_ID_15,),
    FindingKind.RESIDENT_ID_15: (FindingKind.IMEI,),
    FindingKind.CREDIT_CODE: (FindingKind.RESIDENT_ID,),
}


def by_chance(kind: FindingKind, passed: Mapping[str, int], tried: Mapping[str, int]) -> tuple[int, int] | None:
    """Return how many numbers passed as a kind, and of how many of its length that are nothing else.

    ``None`` for kinds that chance does not imitate.
    """
    if kind not in CHANCE:
        return None
    own = passed.get(kind, 0)
    others = sum(passed.get(other, 0) for other in _ACCOUNTED[kind])
    return own, max(own, tried.get(kind, 0) - others)


@dataclass(frozen=True, slots=True)
class ColumnEvidence:
    """Counts of one column. ``values`` were not empty; ``empty`` were; ``cut`` were longer than what is looked at.

    ``whole`` counts the values that are of a kind, ``inside`` those that hold one; ``looks`` those that look like an
    item without a detector; ``candidates`` those that had the length for a kind of ``CHANCE``.
    """

    name: str
    values: int = 0
    empty: int = 0
    cut: int = 0
    whole: dict[str, int] = field(default_factory=dict)
    inside: dict[str, int] = field(default_factory=dict)
    looks: dict[str, int] = field(default_factory=dict)
    candidates: dict[str, int] = field(default_factory=dict)
    rules: str = RULES


@cache
def looks() -> Mapping[str, re.Pattern[str]]:
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


@cache
def candidates() -> Mapping[FindingKind, re.Pattern[str]]:
    """Return, for each kind of ``CHANCE``, what has its length."""
    return {kind: re.compile(pattern, re.ASCII) for kind, pattern in _CANDIDATES.items()}


def _named(counted: Mapping[int, int]) -> dict[str, int]:
    return {KINDS[kind].value: counted[kind] for kind in sorted(counted)}


def _found(columns: Mapping[str, Sequence[str]], find: Finder) -> dict[str, Kinds]:
    """Scan all values as lines ``name: value``; count, for each kind, the values that are it and that hold it."""
    counted = {name: (Counter[int](), Counter[int]()) for name in columns}
    pieces: list[bytes] = []
    lines: list[tuple[int, int, tuple[Counter[int], Counter[int]]]] = []  # where a value begins and ends, its counts
    at = 0
    for name, values in columns.items():
        label = f"{name[:_NAME_SHOWN]}: ".replace("\n", " ").encode("utf-8", "replace")
        for value in values:
            line = label + " ".join(value.split()).encode("utf-8", "surrogatepass")
            lines.append((at + len(label), at + len(line), counted[name]))
            pieces += (line, b"\n")
            at += len(line) + 1
        if values:
            pieces.append(_APART)
            at += len(_APART)
    number, seen = 0, set[tuple[int, int]]()
    for kind, start, end, _ in find(b"".join(pieces)).rows():
        while start > lines[number][1] and number + 1 < len(lines):
            number += 1
        begin, stop, (whole, inside) = lines[number]
        if start < begin or (number, kind) in seen:
            continue  # in the label, or the second of its kind in one value
        seen.add((number, kind))
        (whole if end - start >= _COVERS * (stop - begin) else inside)[kind] += 1
    return {name: (_named(whole), _named(inside)) for name, (whole, inside) in counted.items()}


def kinds_of(columns: Mapping[str, Sequence[str]], find: Finder) -> dict[str, Kinds]:
    """Return of each column how many of its values are of each kind, and how many hold one; see ``observe``.

    No value is blank. Small columns are scanned together, far enough apart to know nothing of one another.
    """
    found: dict[str, Kinds] = {}
    together: dict[str, Sequence[str]] = {}
    size = 0
    for name, values in columns.items():
        together[name] = [value.strip()[:LONGEST] for value in values]
        size += sum(map(len, together[name]))
        if size >= _TOGETHER:
            found |= _found(together, find)
            together, size = {}, 0
    return found | _found(together, find)


def _of_one(name: str, sample: Sequence[str], find: Finder) -> Kinds:
    """As ``_found``, for one column in blocks of ``_TOGETHER`` characters."""
    whole, inside = Counter[str](), Counter[str]()
    block: list[str] = []
    size = 0
    for value in (*sample, None):
        if value is None or (block and size + len(value) > _TOGETHER):
            found = _found({name: block}, find)[name]
            whole.update(found[0])
            inside.update(found[1])
            block, size = [], 0
        if value is not None:
            block.append(value)
            size += len(value)
    return _ordered(whole), _ordered(inside)


def _ordered(counted: Mapping[str, int]) -> dict[str, int]:
    return {kind.value: counted[kind] for kind in KINDS if kind in counted}


def observe(
    name: str, values: Iterable[str | None], find: Finder = plain.find, longest: int = LONGEST
) -> ColumnEvidence:
    """Return what the values of a column show. ``find`` is an engine; nothing of a value is kept.

    Of each value ``longest`` characters are looked at: a reader that had to cut them gives one more.
    """
    every = list(values)
    stripped = [value.strip() for value in every if value and not value.isspace()]
    longest = min(longest, LONGEST)
    sample = [value[:longest] for value in stripped]
    whole, inside = _of_one(name, sample, find) if sample else ({}, {})
    return ColumnEvidence(
        name,
        values=len(sample),
        empty=len(every) - len(sample),
        cut=sum(len(value) > longest for value in every if value),
        whole=whole,
        inside=inside,
        looks=_matching({item: shape.fullmatch for item, shape in looks().items()}, [one[:_LOOK] for one in sample]),
        candidates=_matching({kind.value: shape.search for kind, shape in candidates().items()}, sample),
    )


def _matching(shapes: Mapping[str, object], sample: Sequence[str]) -> dict[str, int]:
    counted = {name: sum(map(bool, map(shape, sample))) for name, shape in shapes.items()}  # type: ignore[call-overload]
    return {name: count for name, count in counted.items() if count}


def merged(first: ColumnEvidence, second: ColumnEvidence) -> ColumnEvidence:
    """Return the evidence of both together; they are of one column."""

    def added(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
        return {key: one.get(key, 0) + other.get(key, 0) for key in sorted({*one, *other})}

    return ColumnEvidence(
        first.name,
        values=first.values + second.values,
        empty=first.empty + second.empty,
        cut=first.cut + second.cut,
        whole=added(first.whole, second.whole),
        inside=added(first.inside, second.inside),
        looks=added(first.looks, second.looks),
        candidates=added(first.candidates, second.candidates),
        rules=min(first.rules, second.rules),
    )
