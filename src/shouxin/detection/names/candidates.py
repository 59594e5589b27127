"""Spans that may be a name or a place, in groups of which at most one is right.

Laws. A name begins with a surname and has one or two characters after it (a compound surname counts as one), or is
written with the characters that serve other languages. A place is listed, or ends with a character that says so (镇,
路, 村). Of a group the model chooses one span or none. Nothing is a candidate that leaves Chinese characters.

Called by: ``finder`` and the training tools, which must see the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from shouxin.detection.names.characters import PAD, Bits, Characters, Codes, Spots
from shouxin.detection.names.gazetteer import COMPOUND_SURNAMES, SURNAMES, TRANSCRIBED, places

__all__ = ["ENDINGS", "Family", "Spans", "foreign", "hashed", "listed", "named", "suffixed"]

ENDINGS: Final = "省市区县旗州盟镇乡村庄屯寨路街道巷弄城园苑厦场寓桥山河江湖岛港湾站寺洲坊里岭坡沟塘府"
_SUFFIX_LENGTHS: Final = range(2, 8)
_FOREIGN_LENGTHS: Final = range(3, 7)
_LISTED_LENGTHS: Final = range(2, 12)
_BITS: Final = 17
_GOLD: Final = np.uint32(0x9E3779B1)


class Family(IntEnum):
    """How a candidate came about; each family has weights of its own."""

    NAME = 0
    LISTED = 1
    SUFFIXED = 2
    FOREIGN = 3


@dataclass(frozen=True, slots=True)
class Spans:
    """Candidates of one family: ``starts`` and ``ends`` count characters, ``groups`` says which exclude one another.

    ``levels`` is what the list says of a listed one, else 0.
    """

    family: Family
    starts: Spots
    ends: Spots
    groups: Spots
    levels: Spots

    def __len__(self) -> int:
        return len(self.starts)


@cache
def _are(among: str) -> Bits:
    """Code -> whether it is one of these; for codes below 0x10000, and there are no others."""
    table = np.zeros(0x10000, np.bool_)
    table[[ord(one) for one in among]] = True
    return table


@cache
def _compounds() -> npt.NDArray[np.uint64]:
    pairs = [ord(one[0]) << 16 | ord(one[1]) for one in COMPOUND_SURNAMES]
    return np.array(sorted(pairs), np.uint64)


def _joined(family: Family, parts: Iterable[tuple[Spots, Spots, Spots]]) -> Spans:
    starts, ends, levels = (np.concatenate(column) for column in zip(*parts, strict=True))
    anchors = ends if family is Family.SUFFIXED else starts
    order = np.argsort(anchors, kind="stable")
    starts, ends, levels, anchors = starts[order], ends[order], levels[order], anchors[order]
    groups = np.cumsum(np.diff(anchors, prepend=-1) != 0) - 1
    return Spans(family, starts, ends, groups.astype(np.int64), levels)


def named(text: Characters) -> Spans:
    """Return the spans that begin with a surname: two or three characters, after a compound surname three or four."""
    codes, han = text.codes, text.han
    at = np.flatnonzero(_are(SURNAMES)[codes] & han) - PAD
    at = at[han[at + PAD + 1]]
    longer = at[han[at + PAD + 2]]
    first = np.flatnonzero(han[PAD:-PAD])
    pairs = codes[first + PAD].astype(np.uint64) << np.uint64(16) | codes[first + PAD + 1]
    compound = first[np.isin(pairs, _compounds())]
    compound = compound[han[compound + PAD + 2]]
    four = compound[han[compound + PAD + 3]]
    parts = [(at, at + 2), (longer, longer + 3), (compound, compound + 3), (four, four + 4)]
    made = _joined(Family.NAME, [(start, end, np.zeros(len(start), np.int64)) for start, end in parts])
    # a compound surname may begin with a simple one, so that a span of three stands there twice
    again = np.zeros(len(made), np.bool_)
    again[1:] = (np.diff(made.starts) == 0) & (np.diff(made.ends) == 0)
    keep = ~again
    return Spans(made.family, made.starts[keep], made.ends[keep], made.groups[keep], made.levels[keep])


def suffixed(text: Characters) -> Spans:
    """Return the spans of two to seven characters that end with one of ``ENDINGS``."""
    han = text.han
    last = np.flatnonzero(_are(ENDINGS)[text.codes] & han) - PAD
    parts: list[tuple[Spots, Spots, Spots]] = []
    for length in range(2, _SUFFIX_LENGTHS.stop):
        last = last[last - length + 1 >= 0]
        last = last[han[last + PAD - length + 1]]
        parts.append((last - length + 1, last + 1, np.zeros(len(last), np.int64)))
    return _joined(Family.SUFFIXED, parts)


def foreign(text: Characters) -> Spans:
    """Return the spans of three to six characters with which names of other languages are written."""
    inside = _are(TRANSCRIBED)[text.codes]
    at = np.flatnonzero(inside) - PAD
    at = at[inside[at + PAD + 1]]
    parts: list[tuple[Spots, Spots, Spots]] = []
    for length in _FOREIGN_LENGTHS:
        at = at[inside[at + PAD + length - 1]]
        parts.append((at, at + length, np.zeros(len(at), np.int64)))
    return _joined(Family.FOREIGN, parts)


def hashed(codes: Codes, starts: Spots, length: int) -> Codes:
    """Return a 32-bit hash of the ``length`` characters from each of ``starts``."""
    made = np.full(len(starts), length, np.uint32)
    for step in range(length):
        made ^= codes[starts + (PAD + step)]
        made *= _GOLD
        made ^= made >> np.uint32(15)
    return made


@cache
def _list() -> tuple[dict[int, Bits], dict[int, dict[str, int]]]:
    """Length -> whether a hash may be listed; and the names of that length with their level."""
    by_length: dict[int, dict[str, int]] = {}
    for name, level in places().items():
        by_length.setdefault(len(name), {})[name] = int(level)
    tables = {}
    for length, names in by_length.items():
        codes = np.zeros((len(names), length), np.uint32)
        for row, name in enumerate(names):
            codes[row] = [ord(one) for one in name]
        flat = np.concatenate([np.zeros(PAD, np.uint32), codes.ravel(), np.zeros(PAD, np.uint32)])
        table = np.zeros(1 << _BITS, np.bool_)
        table[hashed(flat, np.arange(len(names)) * length, length) >> np.uint32(32 - _BITS)] = True
        tables[length] = table
    return tables, by_length


def listed(text: Characters) -> Spans:
    """Return the spans that are listed by name; of those that begin together only the longest."""
    tables, names = _list()
    codes, han = text.codes, text.han
    string = text.text()
    found: dict[int, tuple[int, int]] = {}
    inside = np.flatnonzero(han[PAD:-PAD])
    for length in _LISTED_LENGTHS:
        inside = inside[han[inside + (PAD + length - 1)]]
        table = tables.get(length)
        if table is None or not len(inside):
            continue
        likely = inside[table[hashed(codes, inside, length) >> np.uint32(32 - _BITS)]]
        known = names[length]
        for start in likely.tolist():
            if level := known.get(string[start : start + length]):
                found[start] = (start + length, level)
    starts = np.array(sorted(found), np.int64)
    ends = np.array([found[start][0] for start in starts.tolist()], np.int64)
    levels = np.array([found[start][1] for start in starts.tolist()], np.int64)
    return Spans(Family.LISTED, starts, ends, np.arange(len(starts)), levels)
