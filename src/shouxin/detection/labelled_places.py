"""Rules for places of the earth that words or letters announce: latitude and longitude, apart or as a pair.

Laws. Those of ``labelled``. Two labelled numbers that belong together are one place and one finding. A latitude that
is a line (north of it, the 30th parallel) is nobody's place.

Called by: ``plain`` and ``bulk`` through ``labelled_places``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from shouxin.detection.device import coordinates, labelled_coordinate
from shouxin.detection.finding import CONTEXT, FindingKind
from shouxin.detection.labelled import Labelled, make

__all__ = ["labelled_places"]

_WORDS = "经度 纬度 北纬 东经 南纬 西经 longitude latitude lng lon lat"


def _labelled() -> Iterator[Labelled]:
    minutes = r"(?:°|度) ?[0-9]{1,2}(?:\.[0-9]{1,6})?(?:'|′|分)(?: ?[0-9]{1,2}(?:\.[0-9]{1,6})?(?:\"|″|秒))?"
    number = rf"-?[0-9]{{1,3}}(?:\.[0-9]{{2,16}}|{minutes})(?![0-9A-Za-z])"
    between = r"[\"' \t]{0,3}(?:[:=>]|：|是|为)?[\"' \t]{0,3}"
    ahead = f"{between}-?[0-9]"
    line = "(?!(?:°|度)? ?(?:以[东南西北]|线|圈))".replace("[东南西北]", "(?:东|南|西|北)")
    yield make(FindingKind.COORDINATES, _WORDS, rf"{between}(?P<v>{number}){line}", labelled_coordinate, ahead)
    pair = r"[0-9]{1,3}\.[0-9]{2,16}(?:[ \t|/_;]{1,3}|、)[0-9]{1,3}\.[0-9]{2,16}"  # a comma needs no word
    said = rf"[^0-9\n]{{0,10}}(?P<v>{pair})(?![0-9A-Za-z])(?!\.[0-9])"
    near = r"[^0-9\n]{0,10}[0-9]{1,3}\.[0-9]{2,16}(?:[ \t|/_;]{1,3}|、)[0-9]{1,3}\."
    words = "坐标 座标 经纬度 定位 位置 gps location point latlng lnglat latlon lonlat coord coords wkt geo: ll="
    short = r"[0-9]{1,3}\.[0-9]{2,3} ?(?:[,;]|，|；) ?[0-9]{1,3}\.[0-9]{2,16}"  # but for one with few digits
    few = rf"[^0-9\n]{{0,10}}(?P<v>{short})(?![0-9A-Za-z])(?!\.[0-9])"
    yield make(FindingKind.COORDINATES, words, few, _judge_said, r"[^0-9\n]{0,10}[0-9]{1,3}\.[0-9]{2,3}[^0-9.\n]")
    glued = r"(?P<v>[0-9]{1,3}\.[0-9]{4,16} ?(?:[,;]|，|；) ?[0-9]{1,3}\.[0-9]{4,16})(?![0-9A-Za-z])(?!\.[0-9])"
    yield make(FindingKind.COORDINATES, "gps lbs loc latlng lnglat", glued, _judge_said, r"[0-9]{1,3}\.[0-9]{4}")
    axes = r"[\"']? ?[:=] ?(?P<v>[0-9]{1,3}\.[0-9]{4,16}[^0-9\n]{1,4}?(?i:[xy])[\"']? ?[:=] ?[0-9]{1,3}\.[0-9]{4,16})"
    axes += "(?![0-9A-Za-z])"
    yield make(FindingKind.COORDINATES, "x y", axes, _judge_said, r"[\"']? ?[:=] ?[0-9]{1,3}\.[0-9]{4}")
    yield make(FindingKind.COORDINATES, words, said, _judge_said, near)
    other = "|".join(_WORDS.split())
    second = rf"(?:°|度)?[^0-9]{{0,24}}?(?i:{other}){between}{number}(?:°|度)?"
    yield make(FindingKind.COORDINATES, _WORDS, rf"{between}(?P<v>{number}{second})", _judge_both, ahead)


def _lettered() -> Iterator[Labelled]:
    """N30.486501 E103.901086: in China north and east; the token begins with the letter."""
    seconds = r"""(?: ?[0-9]{1,2}(?:\.[0-9]{1,6})?(?:"|″|''))?"""
    number = rf"[0-9]{{1,3}}(?:\.[0-9]{{4,16}}(?:°)?|°(?: ?[0-9]{{1,2}}(?:\.[0-9]{{1,6}})?(?:'|′))?{seconds})"
    apart = r"(?:[ ,;/]|，|；){1,3}"
    for first, second, words in (("n", "e", "n1 n2 n3 n4 n5"), ("e", "n", "e7 e8 e9 e1")):
        expression = rf"(?<![0-9A-Za-z])(?P<v>(?i:{first}){number}{apart}(?i:{second}){number})(?![0-9A-Za-z])"
        yield Labelled(
            FindingKind.COORDINATES,
            tuple(words.split()),
            re.compile(expression.encode()),
            _judge_pair,
            with_word=True,
            ahead=r"[0-9]{0,2}(?:\.[0-9]{4}|°)",
        )


def _judge_said(value: bytes) -> int:
    evidence = coordinates(value)
    return evidence and evidence | CONTEXT


def _judge_both(value: bytes) -> int:
    number = value[: next(at for at, byte in enumerate(value) if byte not in b"-.0123456789")]
    return labelled_coordinate(number)


def _judge_pair(value: bytes) -> int:
    return coordinates(value.upper().replace(b"N", b"").replace(b"E", b""))


@cache
def labelled_places() -> tuple[Labelled, ...]:
    """Every rule of this module; compiled at first use."""
    return (*_labelled(), *_lettered())
