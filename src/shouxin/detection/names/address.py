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
_ADDRESS: Final = ORDINAL[FindingKind.ADDRESS]
_NUMBER: Final = r"(?:[A-Za-z]?[0-9一二三四五六七八九十百零〇]{1,5}|[A-Za-z]|[甲乙丙丁])"

_COUNTY: Final = "区县旗市"


@cache
def _numbers() -> re.Pattern[str]:
    """House, block, entrance, floor, room; at the end a bare room."""
    unit = "号院|号楼|号铺|号|弄|支弄|栋|幢|座|#楼|#|单元|层|楼|室|房|组|队|户|巷|区|期|门"
    return re.compile(
        rf" ?(?:{_NUMBER}(?:[-—之]{_NUMBER}){{0,3}} ?(?:{unit}) ?)+(?:[0-9]{{2,5}}(?![0-9年月日元天时:：.]))?"
    )


@cache
def _towns() -> re.Pattern[str]:
    """What stands behind a county and was not seen as a place: a town or village; or what ends one."""
    return re.compile(
        r"(?:街道)?办事处|村委会|居委会|村民委员会"
        r"|[\u4e00-\u9fff]{1,6}?(?:街道办事处|办事处|街道|民族乡|镇|乡|村委会|居委会|社区)"
    )


@cache
def _crossing() -> re.Pattern[str]:
    return re.compile(r"交叉口|交汇处|交界处|路口")


@cache
def _certain() -> re.Pattern[str]:
    """A number that is of a house also behind a city."""
    return re.compile(r"号院|号楼|弄|栋|幢|单元|室|[0-9]号.*(?:楼|室|[0-9]{3})")


@cache
def _estates() -> re.Pattern[str]:
    """What may stand between numbers and was not seen as a place: the name of an estate before its block."""
    return re.compile(
        r"[\u4e00-\u9fff]{2,8}?(?:小区|花园|家园|公寓|公馆|华府|大厦|大楼|广场|新村|新城|社区|山庄|名苑|雅苑|佳苑|写字楼|产业园|科技园|苑|城|园|府|村|庄|屯|路|街|大道|巷)"
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
        near = (
            chain and row[1] >= end and text[end : row[1]] in ("", " ", "与", "和") and row[2] - chain[0][1] <= LONGEST
        )
        if chain and not (near and (row[1] == end or _is_small(text, row) or text[end] == " ")):
            if row[1] < end:  # inside what the numbers have taken in
                continue
            yield chain, end
            chain = []
        chain.append(row)
        end = _extended(text, row[2], small=any(_is_small(text, one) for one in chain))
    if chain:
        yield chain, end


def _extended(text: str, end: int, *, small: bool) -> int:
    """Where towns that were not seen, the numbers, and estates between them, end."""
    limit = end + LONGEST // 2
    while end < limit:
        match = _numbers().match(text, end)
        if match is not None and not (small or _certain().search(match.group())):
            return end
        if match is None and (small or text[end - 1] in _COUNTY):
            match = _towns().match(text, end) or _estates().match(text, end)
        if match is None:
            break
        end, small = match.end() - (match.group()[-1] == " "), True
    crossing = _crossing().match(text, end) if small else None
    return crossing.end() if crossing else end


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
