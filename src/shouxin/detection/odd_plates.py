"""Plates that are no plain ones: of missions and the armed police, spread out, over two lines, partly in numerals.

Laws. Those of ``labelled``. Without a word before them only those count whose every character stands apart, or whose
numerals are Chinese: everything else is written by chance as well.

Called by: ``plain`` and ``bulk`` through ``odd_plates``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from shouxin.detection.finding import CONTEXT, SHAPE, FindingKind
from shouxin.detection.labelled import BELOW, RIGHT, TIGHT, Labelled, certain, make
from shouxin.detection.patterns import PLATE_PROVINCES, PROVINCE_ENDS, plate_serial

__all__ = ["odd_plates"]

_NUMERALS = dict(zip("零〇一二三四五六七八九幺两", "0012345678912", strict=True))
_LETTER, _BODY = "[A-HJ-NP-Za-hj-np-z]", "[0-9A-HJ-NP-Za-hj-np-z]"


def _special_plates() -> Iterator[Labelled]:
    mission = rf"(?P<v>使[0-9]{{6}}){RIGHT}(?!人|元|次|万|个|台|户|笔)"
    yield Labelled(FindingKind.LICENCE_PLATE, ("使",), re.compile(mission.encode()), certain, True, "[0-9]{6}")
    provinces = "|".join(PLATE_PROVINCES)
    police = rf"(?P<v>(?i:wj)(?:[0-9]{{2}})?(?:·|-| )?(?:{provinces})(?:·|-| )?[0-9]{{4}}[0-9A-Za-z]?){RIGHT}"
    yield Labelled(FindingKind.LICENCE_PLATE, ("wj",), re.compile(police.encode()), certain, with_word=True)


def _odd_plates() -> Iterator[Labelled]:
    provinces = "|".join(PLATE_PROVINCES)
    gap = r"(?:[ \t._*-]|·|•|\r?\n)"
    letter, body = "[A-HJ-NP-Za-hj-np-z]", "[0-9A-HJ-NP-Za-hj-np-z]"
    more = rf"(?:{gap}{{0,3}}{body}){{5,6}}"
    apart = rf"{gap}{{1,3}}{letter}{more}|{letter}(?={body}{{0,5}}{gap}{{1,3}}{body}){more}"  # else it needs no word
    value = rf"(?P<v>(?:{provinces})(?:{apart})){RIGHT}"
    mark = r"[ \t._*\r\n\xc2\xe2-][^0-9A-Za-z]{0,8}"
    ahead = rf"[^0-9]{{3,40}}(?:{mark}{letter}|{letter}{body}{{0,5}}{mark}{body})"
    words = "车牌 号牌 牌号 牌照 车号 plate"
    yield make(FindingKind.LICENCE_PLATE, words, rf"(?:{TIGHT}|{BELOW}){value}", _plate, ahead)


def _plate(value: bytes) -> int:
    serial = re.sub(rb"[^0-9A-Za-z]+", b"", value)[1:]
    return plate_serial(serial) and SHAPE | CONTEXT


def _apart() -> Iterator[Labelled]:
    """京 A 1 2 3 4 5 and 京A一二三四五."""
    provinces = "|".join(PLATE_PROVINCES)
    no_word = "".join(f"(?<!{word[:-1]})" for word in PROVINCE_ENDS)
    single = rf"{no_word}(?P<v>(?:{provinces}) {_LETTER}(?: {_BODY}){{5,6}}){RIGHT}(?! {_BODY}(?![0-9A-Za-z]))"
    words = tuple(PLATE_PROVINCES)
    spaced = re.compile(single.encode())
    yield Labelled(FindingKind.LICENCE_PLATE, words, spaced, _plate, True, " [a-zA-Z] [0-9a-zA-Z] [0-9a-zA-Z] ")
    numeral = "(?:" + "|".join(_NUMERALS) + ")"
    some = rf"(?=(?:{_BODY}){{0,4}}{numeral}{{2}})(?:{_BODY}|{numeral}){{5,6}}(?!{numeral})"
    spoken = re.compile(rf"{no_word}(?P<v>(?:{provinces}){_LETTER}{some}){RIGHT}".encode())
    yield Labelled(FindingKind.LICENCE_PLATE, words, spoken, _spoken, True, r"[a-zA-Z][0-9a-zA-Z]{0,4}[\xe3-\xe9]")


def _spoken(value: bytes) -> int:
    text = value.decode()[1:]
    serial = "".join(_NUMERALS.get(character, character) for character in text)
    return plate_serial(serial[1:].encode()) and SHAPE | CONTEXT


@cache
def odd_plates() -> tuple[Labelled, ...]:
    """Every rule of this module; compiled at first use."""
    return (*_special_plates(), *_odd_plates(), *_apart())
