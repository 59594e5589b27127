"""Numbers of identity documents: resident ID, passport, travel permits, unified social credit code.

Laws. Each function takes the value without separators, as ASCII bytes, and answers with evidence bits, 0 for 'not one
of these'; none raises. A resident ID needs a real calendar date, a province and the right check character, so one
wrong digit is no resident ID. Nothing here looks at the neighbours of the value: that is the engines' business.

Called by: ``tokens`` (value by value) and, through the tables, ``bulk_checks`` (array by array).
"""

from __future__ import annotations

import re
from calendar import monthrange
from functools import cache
from typing import Final

from shouxin.detection.checksums import credit_code_is_valid, id_number_is_valid
from shouxin.detection.finding import CHECKSUM, DICTIONARY, SHAPE

__all__ = [
    "BIRTH_YEARS",
    "CREDIT_KINDS",
    "PROVINCES",
    "credit_code",
    "passport",
    "resident_id",
    "resident_id_15",
    "travel_permit",
]

# GB/T 2260, first two digits; 71, 81-83 are those of residence permits for Taiwan, Hong Kong and Macao, 91 that of
# foreigners' permanent residence. Lower levels are not looked up: a number keeps the code of its day.
PROVINCES: Final = frozenset(
    b"11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 "
    b"71 81 82 83 91".split(),
)
BIRTH_YEARS: Final = range(1850, 2050)  # no clock here; GB 11643 itself prints a number of 1880

# GB 32100-2015, table 1: registering authority and kind of organisation.
CREDIT_KINDS: Final = frozenset(
    b"11 12 13 19 21 29 31 32 33 34 35 39 41 49 51 52 53 54 55 59 61 62 69 71 72 79 81 89 91 92 93 "
    b"A1 A9 N1 N2 N3 N9 Y1".split(),
)
_LAST_PREFECTURE: Final = 90  # 01-70 are prefectures and cities, 90 counties under a province directly


@cache
def _shapes() -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    passport = rb"E[0-9A-HJ-NP-Z][0-9]{7}|G[0-9]{8}|[DSP]E[0-9]{7}"
    permit = rb"[HM](?:[0-9]{8}|[0-9]{10})|C[0-9A-HJ-NP-Z][0-9]{7}|[WLT][0-9]{8}"
    return re.compile(passport), re.compile(permit)


def resident_id(value: bytes) -> int:
    """Evidence that 18 characters are a resident ID number; also those of foreigners and of residence permits.

    **Source:** GB 11643-1999; province codes GB/T 2260.
    """
    if value[:2] not in PROVINCES or not id_number_is_valid(value.decode("latin-1")):
        return 0
    return SHAPE | CHECKSUM | DICTIONARY if int(value[6:10]) in BIRTH_YEARS else 0


def resident_id_15(value: bytes) -> int:
    """Evidence that 15 digits are a resident ID number of before 1999: province, prefecture, a date of 19xx.

    The form has no check digit: the dictionary is all there is besides the label.
    """
    if len(value) != 15 or not value.isdigit() or value[:2] not in PROVINCES or value[12:] == b"000":
        return 0
    year, month, day = 1900 + int(value[6:8]), int(value[8:10]), int(value[10:12])
    if not 1 <= int(value[2:4]) <= _LAST_PREFECTURE or value[4:6] == b"00" or not 1 <= month <= 12:
        return 0
    return SHAPE | DICTIONARY if 1 <= day <= monthrange(year, month)[1] else 0


def credit_code(value: bytes) -> int:
    """Evidence that 18 upper-case characters are a unified social credit code.

    **Source:** GB 32100-2015.
    """
    if value[:2] not in CREDIT_KINDS or value[2:4] not in PROVINCES | {b"10"}:  # 10: registered by the centre
        return 0
    return SHAPE | CHECKSUM | DICTIONARY if credit_code_is_valid(value.decode("latin-1")) else 0


def passport(value: bytes) -> int:
    """Evidence that nine characters have the shape of a Chinese passport number: E and G, DE, SE, PE.

    Upper case only: in lower case the commonest such word is a piece of a hash.
    """
    return SHAPE if _shapes()[0].fullmatch(value) else 0


def travel_permit(value: bytes) -> int:
    """Evidence of the shape of a permit to or from Hong Kong, Macao or Taiwan; it needs a label besides."""
    return SHAPE if _shapes()[1].fullmatch(value.upper()) else 0
