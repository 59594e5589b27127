"""Rows as columns: weighing by labels and settling overlaps for thousands at once.

Laws. ``weighed_columns`` is ``labels.weighed`` and ``settled_columns`` is ``overlap.settled``, for arrays. Labels
repeat in logs, so each different one is read once. What is remembered from block to block is labels, which hold no
digits, and a bounded number of them.

Called by: ``bulk``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shouxin.detection.finding import CONTEXT, KINDS, ORDINAL, FindingKind, Findings, Row
from shouxin.detection.labels import (
    AGAINST,
    AGAINST_ONE,
    BREAKS,
    COUNTABLE,
    DOUBTFUL,
    NEEDS_LABEL,
    REACH,
    UNIT_STARTS,
    WORD_STARTS,
    is_counted,
    says,
)
from shouxin.detection.normalise import Folded
from shouxin.detection.overlap import IMPERSONAL, NEAR, winners
from shouxin.detection.token_arrays import (
    Bools,
    Octets,
    Places,
    bits,
    classes,
    distinct,
    hashed,
    highest,
    is_digit,
    is_letter,
    is_one_of,
    windows,
)

__all__ = ["Columns", "LabelMemory", "settled_columns", "uncounted_columns", "weighed_columns"]

_MEMORY_BITS: Final = 16  # two megabytes
_ROW_BITS: Final = 32
_AMOUNT: Final = ORDINAL[FindingKind.AMOUNT]
_SEEN: Final = 32  # bytes before a value, in one number of as many bits
_FIRST: Final = np.uint64(1 << _SEEN - REACH)  # the byte at which a label of full length begins
_BREAK, _SPACE, _HIGH, _WORD = 1, 2, 4, 8
_CLASSES: Final = (BREAKS, b" ", bytes(range(0x80, 0x100)), WORD_STARTS)  # of these bits


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows as four arrays of one length."""

    kinds: Places
    starts: Places
    ends: Places
    evidence: Places

    @classmethod
    def of(cls, kind: FindingKind, starts: Places, ends: Places, evidence: int) -> Columns:
        """Rows of one kind with the same evidence."""
        return cls(np.full(len(starts), ORDINAL[kind]), starts, ends, np.full(len(starts), evidence))

    @classmethod
    def of_rows(cls, rows: Iterable[Row]) -> Columns:
        """Rows as they come."""
        table = np.fromiter(chain.from_iterable(rows), np.int64).reshape(-1, 4)
        return cls(table[:, 0], table[:, 1], table[:, 2], table[:, 3])

    @classmethod
    def joined(cls, parts: Sequence[Columns]) -> Columns:
        """The rows of all parts, ordered by start."""
        names = ("kinds", "starts", "ends", "evidence")
        kinds, starts, ends, evidence = (np.concatenate([getattr(part, name) for part in parts]) for name in names)
        # sorted as one number with its place, which is faster than to sort the places, and as stable
        order = starts << _ROW_BITS
        order |= np.arange(len(starts))
        order.sort(kind="stable")  # which finds the parts in order
        order &= (1 << _ROW_BITS) - 1
        return cls(kinds[order], starts[order], ends[order], evidence[order])

    def where(self, chosen: Bools) -> Columns:
        """The chosen rows."""
        if chosen.all():
            return self
        return Columns(self.kinds[chosen], self.starts[chosen], self.ends[chosen], self.evidence[chosen])


@cache
def _kinds_in(ordinals: frozenset[int]) -> Bools:
    return np.array([kind in ordinals for kind in range(len(KINDS))])


def _labels(octets: Octets, starts: Places) -> Octets:
    """The label of each value, right-aligned in ``REACH`` bytes, NUL before it; as ``labels.label_of``."""
    before = windows(octets, starts - _SEEN, _SEEN)
    seen = classes(before, _CLASSES).ravel()
    between = seen[1:-1] & np.uint8(_SPACE)  # a space between a Chinese character and a word; rows in one run of memory
    between |= seen[:-2] & np.uint8(_HIGH)
    between |= seen[2:] & np.uint8(_WORD)
    parted = between == _SPACE | _HIGH | _WORD
    parted[_SEEN - 2 :: _SEEN] = False  # what follows the last byte of a row belongs to another one
    seen &= np.uint8(_BREAK)
    seen[1:-1] |= parted
    broken = bits(seen.reshape(-1, _SEEN))
    last = highest(broken & ~(_FIRST - np.uint64(1)) | _FIRST >> np.uint64(1))  # so that there always is a break
    kept = _tails()[last].view(np.uint64).reshape(-1, REACH // 8)
    return (before.view(np.uint64)[:, -REACH // 8 :] & kept).view(np.uint8)


@cache
def _tails() -> NDArray[np.void]:
    """For each place of a last break, what keeps the bytes of a label behind it; an item each, which is fast."""
    kept = np.arange(_SEEN - REACH, _SEEN) > np.arange(_SEEN)[:, None]
    return np.where(kept, np.uint8(0xFF), np.uint8(0)).view(f"V{REACH}")[:, 0]


@dataclass(frozen=True, slots=True)
class LabelMemory:
    """What labels said, from block to block: a table that is looked up for thousands at once.

    ``labels`` are words of eight bytes, ``verdicts`` what ``labels.says`` says of them. A label has one place in the
    table, and takes it from the label that had it before.
    """

    labels: NDArray[np.uint64]
    verdicts: Places

    @classmethod
    def empty(cls) -> LabelMemory:
        """Nothing remembered: every place holds the empty label, which says nothing."""
        return cls(np.zeros((1 << _MEMORY_BITS, REACH // 8), np.uint64), np.zeros(1 << _MEMORY_BITS, np.int64))

    def verdict_of(self, labels: Octets) -> Places:
        """``labels.says`` for each row of ``REACH`` bytes; reads only those that are not remembered."""
        words = np.ascontiguousarray(labels).view(np.uint64)
        place = hashed(words) >> np.uint64(64 - _MEMORY_BITS)
        verdicts: Places = self.verdicts[place]
        known = self.labels.view(f"V{REACH}")[:, 0][place].view(np.uint64)  # an item each, which is fast
        other = known.reshape(words.shape) != words
        unknown = np.flatnonzero(np.logical_or.reduce([other[:, column] for column in range(other.shape[1])]))
        if len(unknown):
            chosen, which = distinct(labels[unknown])
            chosen = unknown[chosen]
            said = np.array([says(row.tobytes().lstrip(b"\0")) for row in labels[chosen]], np.int64)
            verdicts[unknown] = said[which]
            taken, first = np.unique(place[chosen], return_index=True)
            self.labels[taken], self.verdicts[taken] = words[chosen[first]], said[first]
        return verdicts


@cache
def _units() -> tuple[Places, Places]:
    """How units begin, Latin ones and others, as numbers in order."""
    latin, han = (np.array(sorted({int.from_bytes(unit.encode()) for unit in units})) for units in UNIT_STARTS)
    return latin, han


def _han(octets: Octets, at: Places) -> Places:
    """The three bytes from each place as one number: a Chinese character, or how a word begins."""
    return octets[at].astype(np.int64) << 16 | octets[at + 1].astype(np.int64) << 8 | octets[at + 2]


def uncounted_columns(columns: Columns, octets: Octets, data: bytes) -> Columns:
    """Drop numbers that a unit ends, as ``labels.is_counted`` says; ``data`` are the bytes of ``octets``."""
    at = np.flatnonzero(_kinds_in(COUNTABLE)[columns.kinds] & (columns.evidence & CONTEXT == 0))
    ends = columns.ends[at]
    latin, han = _units()
    first = octets[ends]
    may = np.zeros(len(at), np.bool_)
    spaced = np.flatnonzero(first == 0x20)
    begins = _han(octets, ends[spaced] + 1)
    third = octets[ends[spaced] + 3]
    small = begins & ~0xFF | np.where(is_letter(third) | is_digit(third), third, 0x2D) | 0x202020
    may[spaced] = is_one_of(small, latin) | is_one_of(begins, han)
    wide = np.flatnonzero(first >= 0xE4)
    may[wide] = is_one_of(_han(octets, ends[wide]), han)
    keep = np.ones(len(columns.starts), np.bool_)
    for place, end in zip(at[may].tolist(), ends[may].tolist(), strict=True):
        keep[place] = not is_counted(data, end)
    return columns.where(keep)


def weighed_columns(columns: Columns, octets: Octets, memory: LabelMemory) -> Columns:
    """Let the labels of the doubtful rows speak; ``memory`` goes from block to block."""
    doubtful = np.flatnonzero(_kinds_in(DOUBTFUL)[columns.kinds])
    if not len(doubtful):
        return columns
    verdicts = np.zeros(len(columns.kinds), np.int64)
    verdicts[doubtful] = memory.verdict_of(_labels(octets, columns.starts[doubtful]))
    spoken = verdicts >> columns.kinds & 1
    spoken_for = spoken.astype(np.bool_)
    needs = _kinds_in(NEEDS_LABEL)[columns.kinds] & (columns.evidence & CONTEXT == 0)
    ended = (verdicts & AGAINST != 0) | (verdicts >> columns.kinds + AGAINST_ONE & 1 != 0)
    keep = spoken_for | ~(needs | ended)
    evidence = columns.evidence | spoken * CONTEXT
    return Columns(columns.kinds, columns.starts, columns.ends, evidence).where(keep)


def _once(columns: Columns) -> Columns:
    """Drop rows that repeat the one before: two words of one label lead to one value."""
    table = (columns.kinds, columns.starts, columns.ends, columns.evidence)
    new = np.concatenate(([True], np.logical_or.reduce([column[1:] != column[:-1] for column in table])))
    return columns.where(new)


def _without_overlaps(columns: Columns) -> Columns:
    """Drop the losers; only rows that hang together are looked at one by one."""
    starts, reach = columns.starts, np.maximum.accumulate(columns.ends)
    begins = np.concatenate(([True], starts[1:] >= reach[:-1]))
    if begins.all():
        return columns
    first = np.flatnonzero(begins)
    size = np.diff(np.append(first, len(starts)))
    keep = np.ones(len(starts), np.bool_)
    for at, count in zip(first[size > 1].tolist(), size[size > 1].tolist(), strict=True):
        inside = slice(at, at + count)
        table = (columns.kinds, starts, columns.ends, columns.evidence)
        rows = list(zip(*(column[inside].tolist() for column in table), strict=True))
        staying = set(winners(rows))
        for place, row in enumerate(rows):
            keep[at + place] = row in staying
            staying.discard(row)  # of equal rows, the first
    return columns.where(keep)


def _with_owners(columns: Columns) -> Columns:
    """Drop amounts near which no account and nobody is."""
    amount = columns.kinds == _AMOUNT
    if not amount.any():
        return columns
    owners = columns.starts[~_kinds_in(IMPERSONAL)[columns.kinds]]
    place = np.searchsorted(owners, columns.starts[amount] - NEAR)
    nearest = np.append(owners, np.iinfo(np.int64).max)[place]
    keep = ~amount
    keep[amount] = nearest <= columns.ends[amount] + NEAR
    return columns.where(keep)


def settled_columns(columns: Columns, folded: Folded, shift: int) -> Findings:
    """Settle overlaps among rows ordered by start, and place them in the original block.

    ``shift`` is what to add to a place in the padded bytes to get one in the folded bytes.
    """
    if len(columns.starts):
        columns = _with_owners(_without_overlaps(_once(columns)))
    starts, ends = columns.starts + shift, columns.ends + shift
    if folded.places:
        spans = [folded.origin(start, end) for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
        starts, ends = np.array(spans, np.int64).reshape(-1, 2).T
    order = (columns.kinds, starts, ends, columns.evidence)
    views = [memoryview(np.ascontiguousarray(column).data) for column in order]
    return Findings(views[0], views[1], views[2], views[3])
