"""Put places that stand in a row, and the numbers of house and room behind them, together to one address.

Laws. An address is places one after another, the larger first, with numbers behind a road, an estate or a village. It
needs a number, or a place below the county; divisions alone are places of their own, each for itself. ``5号`` behind a
city is a day, not a house. An address has at most ``LONGEST`` characters.

Called by: ``finder``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from shouxin.detection.finding import DICTIONARY, MODEL, ORDINAL, SHAPE, FindingKind, Row

__all__ = ["LONGEST", "addresses"]

LONGEST: Final = 120  # characters
_PLACE: Final = ORDINAL[FindingKind.PLACE]
_ADDRESS: Final = ORDINAL[FindingKind.ADDRESS]
_NUMBER: Final = r"(?:[0-9０-９]{1,5}|[A-Za-z][0-9]{0,4}|[一二三四五六七八九十百零〇]{1,4}|[甲乙丙丁])"


@cache
def _numbers() -> re.Pattern[str]:
    """House, block, entrance, floor, room; at the end a bare room."""
    unit = "号院|号楼|号铺|号|弄|支弄|栋|幢|座|#楼|#|单元|层|楼|室|房|组|队|户|巷|区|期|门"
    return re.compile(rf" ?(?:{_NUMBER}(?:[-—之]{_NUMBER}){{0,3}} ?(?:{unit}) ?)+(?:[0-9]{{2,5}}(?![0-9年月日元天时:：.]))?")


@cache
def _certain() -> re.Pattern[str]:
    """A number that is of a house also behind a city."""
    return re.compile(r"号院|号楼|弄|栋|幢|单元|室|[0-9]号.*(?:楼|室|[0-9]{3})")


@cache
def _estates() -> re.Pattern[str]:
    """What may stand between numbers and was not seen as a place: the name of an estate before its block."""
    return re.compile(
        r"[\u4e00-\u9fff]{2,8}?(?:小区|花园|家园|公寓|大厦|广场|新村|社区|山庄|名苑|雅苑|佳苑|写字楼|产业园|科技园|苑|城|园|府|村|路|街|大道)"
        rf"(?={_NUMBER}(?:号|弄|栋|幢|座|#|单元|组|-))"
    )


def _is_small(text: str, row: Row) -> bool:
    """Tell whether a place is below a county: found by its ending, or a road by name."""
    return not row[3] & DICTIONARY or text[row[2] - 1] in "路街巷弄村苑园厦"


def _chains(text: str, rows: Iterable[Row]) -> Iterator[tuple[list[Row], int]]:
    """Places in a row, and where what belongs to them ends."""
    chain: list[Row] = []
    end = 0
    for row in sorted(rows, key=lambda row: row[1]):
        near = chain and row[1] >= end and text[end : row[1]] in ("", " ", "与", "和") and row[2] - chain[0][1] <= LONGEST
        if chain and not (near and (row[1] == end or _is_small(text, row) or text[end] == " ")):
            if row[1] < end:  # inside what the numbers have taken in
                continue
            yield chain, end
            chain = []
        chain.append(row)
        end = _extended(text, row[2], any(_is_small(text, one) for one in chain))
    if chain:
        yield chain, end


def _extended(text: str, end: int, small: bool) -> int:  # noqa: FBT001 - a fact of the chain
    """Where the numbers, and estates between them, end."""
    limit = end + LONGEST // 2
    while end < limit:
        match = _numbers().match(text, end)
        if match is None and small:
            match = _estates().match(text, end)
        if match is None or not (small or _certain().search(match.group())):
            return end
        end, small = match.end() - (match.group()[-1] == " "), True
    return end


def addresses(text: str, rows: Iterable[Row]) -> Iterator[Row]:
    """Yield addresses and the places that belong to none, from rows of places (apart, spans in characters)."""
    for chain, end in _chains(text, rows):
        last = chain[-1]
        numbered = end > last[2]
        small = [row for row in chain if _is_small(text, row)]
        if numbered or (len(chain) > 1 and small):
            evidence = SHAPE | MODEL | (DICTIONARY if any(row[3] & DICTIONARY for row in chain) else 0)
            yield _ADDRESS, chain[0][1], end, evidence
        else:
            yield from chain


_ = _PLACE
