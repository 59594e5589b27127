"""Telephone numbers and e-mail addresses: prefixes, area codes, domains.

Laws. Values without separators, as ASCII bytes; evidence bits, 0 for 'no'; nothing raises. 400 and 800 numbers are a
firm's, not a person's, and are no finding. Prefixes are judged by shape (1, then 3 to 9): blocks are assigned faster
than a list can follow, and a missed number costs more than one of a block that no operator holds yet.

Called by: ``tokens`` and ``patterns``. **Source:** ITU-T E.164 plan of +86; area codes as assigned in 2024.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from shouxin.detection.finding import DICTIONARY, SHAPE

__all__ = ["MOBILE_GROUPS", "ODD_GROUPS", "SPOKEN_GROUPS", "email", "landline", "mobile"]

# How people group the eleven digits of a mobile; the first stands even between other numbers.
SPOKEN_GROUPS: Final = (3, 4, 4)
MOBILE_GROUPS: Final[Sequence[tuple[int, ...]]] = (
    SPOKEN_GROUPS,
    (4, 3, 4),
    (4, 4, 3),
    (3, 3, 5),
    (3, 5, 3),
    (3, 8),
    (7, 4),
    (5, 6),
    (3, 4, 2, 2),
    (3, 2, 2, 2, 2),
)
# Rarer ones, which rows of figures have as well: only where no space parts the whole from its neighbours.
ODD_GROUPS: Final[Sequence[tuple[int, ...]]] = (
    (2, 2, 2, 2, 3),
    (2, 3, 3, 3),
    (3, 2, 3, 3),
    (3, 3, 2, 3),
    (3, 3, 3, 2),
    (3, 2, 2, 4),
    (3, 2, 4, 2),
)
_MOBILE_LENGTH: Final = 11

_AREAS: Final = (
    "10|2[0-57-9]|31[0-9]|335|349|35[0-9]|37[0-79]|39[1-8]|41[0-9]|42[1-9]|43[1-9]|44[0-9]|45[1-9]|46[4-9]|47[0-9]|"
    "48[23]|51[0-9]|52[37]|53[0-9]|54[36]|55[0-9]|56[1-6]|57[0-9]|580|59[1-9]|63[1-5]|66[0-9]|69[12]|701|71[0-9]|72[248]|73[0-9]|"
    "74[3-6]|75[0-9]|76[0-9]|77[0-9]|79[0-9]|81[2-9]|82[5-7]|83[0-9]|85[1-9]|87[0-9]|88[36-8]|89[1-9]|90[1-36-9]|91[1-9]|"
    "93[0-9]|94[13]|95[1-5]|97[0-79]|99[0-9]"
)
# Top-level names that are file suffixes: 'icon@2x.png' is a picture.
_FILES: Final = frozenset(
    b"png jpg jpeg gif svg webp bmp ico css js ts jsx py java html htm json xml yml yaml txt log zip gz tar jar exe "
    b"dll mp3 mp4 pdf doc docx xls xlsx csv local localhost internal".split(),
)


@cache
def _area() -> re.Pattern[bytes]:
    return re.compile(f"0(?:{_AREAS})".encode())


def mobile(value: bytes) -> int:
    """Evidence that digits are a mobile number of the mainland: 11 digits, 13-19 first."""
    right = len(value) == _MOBILE_LENGTH and value.isdigit() and value[:1] == b"1" and value[1:2] >= b"3"
    return SHAPE if right else 0


def landline(area: bytes, subscriber: bytes, *, marked: bool) -> int:
    """Evidence that an area code (with its 0) and a subscriber number belong together.

    ``marked`` says that a bracket, hyphen or space stood between them; without it the subscriber must begin 2-8.
    """
    if not _area().fullmatch(area) or not subscriber.isdigit():
        return 0
    if len(subscriber) != 8 and (len(subscriber) != 7 or len(area) == 3):  # three-digit areas have eight digits
        return 0
    first = subscriber[:1]
    right = first not in b"019" or (marked and first in b"19")
    return SHAPE | DICTIONARY if right else 0


def email(value: bytes) -> int:
    """Evidence that ``local@domain`` is an address: dots apart, no file suffix for a top-level name, not ``git``."""
    local, _, domain = value.rpartition(b"@")
    if local == b"git" or local[:1] == b"." or local[-1:] == b"." or b".." in local:
        return 0
    return 0 if domain.rpartition(b".")[2].lower() in _FILES else SHAPE
