"""The usual forms of values behind a word, over arrays: numbers, handles, days and sums.

``QQ:10001001``, ``微信号:abc_12``, ``出生日期 1990-01-02``, ``金额5.00元``.

Laws. A form is narrower than the rule that names it (``Labelled.usual``): where it fits, the expression of the rule
would match the same bytes and its judge would be certain; where it does not, nothing is decided and the rule is tried.
A property test compares the engines. A form reads at most ``token_arrays.AFTER`` bytes behind the word.

Called by: ``bulk``, for the words that it found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

import numpy as np

from shouxin.detection.token_arrays import (
    Bools,
    Octets,
    Places,
    among,
    bits,
    is_digit,
    is_letter,
    run_length,
    windows,
)

__all__ = ["USUAL", "UsualForm"]

UsualForm: TypeAlias = Callable[[Octets, Places], tuple[Places, Places]]  # starts and ends; both -1: not decided

_LONGEST: Final = 24
_IS: Final = (b":", b"=", b" ", b": ", "：".encode(), "号:".encode(), "号：".encode())
_IS_NAMED: Final = tuple(gap for gap in _IS if gap != b" ")
_DATE_IS: Final = (b":", b"=", b" ", b": ", "：".encode(), *("日期".encode() + mark for mark in (b":", b" ", b"=")))
_SUM_IS: Final = (b":", b"=", b" ", b": ", "：".encode(), b"")
_YUAN: Final = "元".encode()
_HANDLE: Final = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-"


def _behind(octets: Octets, places: Places, gaps: tuple[bytes, ...]) -> tuple[Places, Bools]:
    """Where the value begins behind one of the gaps (the longest that fits; eight bytes at most), and if any does."""
    ahead = windows(octets, places, 8).view(np.uint64)[:, 0]
    starts, fits = places.copy(), np.zeros(len(places), np.bool_)
    for gap in sorted(gaps, key=len):
        want, mask = (np.frombuffer(part.ljust(8, b"\0"), np.uint64)[0] for part in (gap, b"\xff" * len(gap)))
        here = (ahead & mask) == want
        starts, fits = np.where(here, places + len(gap), starts), fits | here
    return starts, fits


def _run(octets: Octets, starts: Places, width: int = _LONGEST) -> Places:
    """How many digits stand from each place on; 0 also where there are ``width`` or more."""
    return run_length(is_digit(windows(octets, starts, 32)), width)


def _decided(starts: Places, ends: Places, right: Bools) -> tuple[Places, Places]:
    return np.where(right, starts, -1), np.where(right, ends, -1)


def _number(octets: Octets, places: Places) -> tuple[Places, Places]:
    """Six to eleven digits in one piece, the first no nought, that no point follows."""
    starts, right = _behind(octets, places, _IS)
    run = _run(octets, starts)
    ends = starts + run
    behind = octets[ends]
    right &= (run >= 6) & (run <= 11) & (octets[starts] != 0x30)
    right &= ~is_letter(behind) & (behind != 0x2E)
    return _decided(starts, ends, right)


def _handle(octets: Octets, places: Places) -> tuple[Places, Places]:
    """A letter and five to nineteen letters, digits, hyphens and underlines, a digit among them."""
    starts, right = _behind(octets, places, _IS_NAMED)
    rows = windows(octets, starts, 32)
    run = run_length(among(rows, _HANDLE), _LONGEST)
    inside = (np.uint64(1) << run.astype(np.uint64)) - np.uint64(1)
    right &= (run >= 6) & (run <= 20) & is_letter(rows[:, 0]) & (bits(is_digit(rows)) & inside != 0)
    return _decided(starts, starts + run, right)


def _day(octets: Octets, places: Places) -> tuple[Places, Places]:
    """Year, month and day in four, two and two digits."""
    starts, right = _behind(octets, places, _DATE_IS)
    rows = windows(octets, starts, 11)
    figures = is_digit(rows)
    right &= figures[:, [0, 1, 2, 3, 5, 6, 8, 9]].all(1) & ~figures[:, 10] & ~is_letter(rows[:, 10])
    century = rows[:, 0].astype(np.int64) << 8 | rows[:, 1]
    right &= (century == 0x3138) | (century == 0x3139) | (century == 0x3230)
    right &= among(rows[:, 4], b"-/.") & among(rows[:, 7], b"-/.") & (rows[:, 5] <= 0x31) & (rows[:, 8] <= 0x33)
    return _decided(starts, starts + 10, right)


def _sum(octets: Octets, places: Places) -> tuple[Places, Places]:
    """Digits, perhaps a point and one to four more, and 元 right behind them."""
    starts, right = _behind(octets, places, _SUM_IS)
    run = _run(octets, starts)
    ends = starts + run
    more = np.where(octets[ends] == 0x2E, _run(octets, ends + 1, 5), 0)
    ends += more + (more > 0)
    right &= (run >= 1) & (run <= 21) & (windows(octets, ends, 3) == np.frombuffer(_YUAN, np.uint8)).all(1)
    return _decided(starts, ends + 3, right)


USUAL: Final[Mapping[str, UsualForm]] = MappingProxyType(
    {"number": _number, "handle": _handle, "day": _day, "sum": _sum}
)
