"""Values that have a shape of their own: landlines, e-mail and network addresses, coordinates, plates.

Laws. A recogniser is a byte expression whose group ``v`` is the value, and a judge that answers with evidence bits. It
is tried at every place (``rows_at`` for one place, ``rows_of`` for all), so its matches may overlap; no expression is
unbounded. The bytes are folded before.

Called by: ``plain`` (everywhere) and ``bulk`` (where its arrays saw an anchor).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from shouxin.detection.contact import email, landline
from shouxin.detection.device import coordinates, ipv4, ipv6, mac
from shouxin.detection.finding import ORDINAL, SHAPE, FindingKind, Row

__all__ = [
    "AT_TOKEN",
    "PLATE_PROVINCES",
    "PLATE_SUFFIXES",
    "PROVINCE_ENDS",
    "SECTION_ENDS",
    "Recogniser",
    "plate_serial",
    "recogniser",
    "rows_at",
    "rows_of",
]

PLATE_PROVINCES: Final = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
PLATE_SUFFIXES: Final = "挂学警港澳领"
SECTION_ENDS: Final = "款条节章版"  # behind the number of a section or a program
PROVINCE_ENDS: Final = tuple(  # words that end like a plate begins: 更新A80080
    "更新 全新 最新 创新 刷新 重新 上新 翻新 焕新 革新 迎新 换新 立新 出新 推新 拉新 大吉 收藏 珍藏 宝藏 西藏 拉黑 "
    "漆黑 阿里云 腾讯云 华为云 白云 祥云 多云 上云 尊贵 名贵 珍贵 犹豫 复苏 流苏 年青 常青 安宁 康宁 济宁".split()
)
_LEFT, _RIGHT = "(?<![0-9A-Za-z])", "(?![0-9A-Za-z])"


@dataclass(frozen=True, slots=True)
class Recogniser:
    """One kind, the expression of its values, and the judge of what the expression found."""

    kind: FindingKind
    expression: re.Pattern[bytes]
    judge: Callable[[re.Match[bytes]], int]


# Kinds whose matches begin at the first digit or letter of a token: `bulk` finds their anchors among tokens.
AT_TOKEN: Final = (
    FindingKind.LANDLINE,
    FindingKind.IPV4,
    FindingKind.IPV6,
    FindingKind.MAC,
    FindingKind.COORDINATES,
)


def _judge_landline(match: re.Match[bytes]) -> int:
    area = match["area"] or b"0" + match["bare"]
    subscriber = match["subscriber"].translate(None, b" -.")
    marked = match.end("area" if match["area"] else "bare") != match.start("subscriber")
    return landline(area, subscriber, marked=marked)


def _judge_plate(match: re.Match[bytes]) -> int:
    return plate_serial(match["serial"])


def plate_serial(serial: bytes) -> int:
    """Evidence that five or six characters (four before a suffix) are those of a plate, behind province and letter."""
    text = serial.upper()
    digits = sum(map(text.count, b"0123456789"))
    if len(text) == 6:  # new energy: a letter first or last, digits else but for one more letter
        return (
            SHAPE if (text[:1] in b"ABCDEFGHJK" and digits >= 4) or (text[-1:] in b"ABCDEFGHJK" and digits == 5) else 0
        )
    return SHAPE if digits >= len(text) - 2 else 0


def _judge_value(judge: Callable[[bytes], int]) -> Callable[[re.Match[bytes]], int]:
    return lambda match: judge(match["v"])


def _landline() -> str:
    code = "10|2[0-9]|[3-9][0-9]{2}"
    area = rf"(?P<area>0(?:{code}))(?:[)]|）)?|(?:0086|(?<![0-9][ _-])86)[ -]?[(]?(?:0[)])?(?P<bare>{code})[)]?"
    subscriber = r"(?P<subscriber>[1-9][0-9]{2,3}[ -]?[0-9]{4}|[1-9][0-9]{3}-[0-9]{3}|(?<=\.)[1-9][0-9]{2,3}\.[0-9]{4})"
    extension = r"(?:-[0-9]{1,5}|(?: ?(?:转分机|转|分机号|分机)(?::|：| )?| ?[Ee]?[Xx][Tt]?\.? ?)[0-9]{1,5})?"
    return rf"{_LEFT}(?<![0-9]\.)(?P<v>(?:{area})(?:[ /-]{{0,2}}|\.){subscriber}{extension}){_RIGHT}(?!\.[0-9])"


def _email() -> str:
    local = r"[A-Za-z0-9_%+](?:[A-Za-z0-9._%+-]{0,62}[A-Za-z0-9_%+-])?"
    label = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    masked = "(?<![*])(?<!•)(?<!●)(?<!…)"
    return rf"(?<![A-Za-z0-9._%+-]){masked}[.-]{{0,3}}(?P<v>{local}@(?:{label}\.){{1,8}}[A-Za-z]{{2,24}}){_RIGHT}"


def _plate() -> str:
    provinces = "|".join(PLATE_PROVINCES)
    suffix = "(?:" + "|".join(PLATE_SUFFIXES) + ")"
    not_a_city = "(?<!北)(?<!南)(?<!东)(?<!西)(?<!天)"  # 北京, 南京, 东京; 南宁, 西宁; 天津
    letter, body = "[A-HJ-NP-Za-hj-np-z]", "[0-9A-HJ-NP-Za-hj-np-z]"
    serial = rf"{body}{{5,6}}(?![0-9A-Za-z]|型)|{body}{{4}}(?={suffix})"
    no_word = "".join(f"(?<!{word})" for word in PROVINCE_ENDS)
    return rf"{not_a_city}(?P<v>(?:{provinces}){no_word}{letter}(?:·|•|[ .-])?(?P<serial>{serial}){suffix}?)"


def _coordinates() -> str:
    number = r"[0-9]{1,3}\.[0-9]{4,16}"
    exact = r"[0-9]{1,3}\.[0-9]{5,16}"  # a space alone joins only what is written to the metre
    seconds = r"""(?: ?[0-9]{1,2}(?:\.[0-9]{1,6})?(?:"|″|''))?"""
    degrees = rf"[0-9]{{1,3}}(?:\.[0-9]{{1,8}})?°(?: ?[0-9]{{1,2}}(?:\.[0-9]{{1,6}})?(?:'|′){seconds})? ?[NESWnesw]?"
    gap = "(?: ?[,;/] ?|，|；| )"
    north, east = rf"{number}(?:°)? ?[NSns]", rf"{number}(?:°)? ?[EWew]"
    signed = rf"{north}{gap}{east}|{east}{gap}{north}"
    comma = rf"{number}(?: ?[,;] ?|，|；|%2[Cc]){number}"
    pair = rf"{signed}|{comma}|{exact}[ |/\t]{exact}|{degrees}(?:,|，|、|;|；| ){{0,3}}{degrees}"
    return rf"(?<![0-9A-Za-z.-])(?P<v>{pair})(?:{_RIGHT}|(?<=[NESWnesw]))(?!\.[0-9])"


def _ipv6() -> str:
    group = "[0-9A-Fa-f]{1,4}"
    not_a_time = f"(?=(?:{group}:){{0,7}}:|(?:{group}:){{7}})"
    word = "|".join(f"(?<=[G-Zg-z_][0-9A-Fa-f]{{{count}}}:)" for count in range(1, 4))  # a word and a colon before it
    begins = f"(?:(?<![0-9A-Za-z:.])|(?<=[^0-9A-Fa-f:]:)|{word})"
    return f"{begins}{not_a_time}(?P<v>{group}(?::{{1,2}}{group}){{1,7}}(?:::)?)(?![0-9A-Za-z:])"


def _mac() -> str:
    pair = "[0-9A-Fa-f]{2}"
    value = f"(?P<v>{pair}(?P<gap>[:-])(?:{pair}(?P=gap)){{4}}{pair})"
    return f"{_LEFT}(?:(?<![0-9A-Fa-f][:-])|(?<=[Mm][Aa][Cc]:)){value}{_RIGHT}(?![:-][0-9A-Fa-f])"


@cache
def recogniser(kind: FindingKind) -> Recogniser:
    """Return the recogniser of a kind; compiled at first use. ``KeyError`` for a kind that has none here."""
    dotted = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
    ends = rf"{_RIGHT}(?!\.[0-9]|\.[a-z]{{2}}|(?<=\.0)/[0-9]|{'|'.join(SECTION_ENDS)})"
    expressions: dict[FindingKind, tuple[str, Callable[[re.Match[bytes]], int]]] = {
        FindingKind.LANDLINE: (_landline(), _judge_landline),
        FindingKind.EMAIL: (_email(), _judge_value(email)),
        FindingKind.LICENCE_PLATE: (_plate(), _judge_plate),
        FindingKind.IPV4: (rf"(?<![0-9A-Za-z.])(?P<v>{dotted}){ends}", _judge_value(ipv4)),
        FindingKind.IPV6: (_ipv6(), _judge_value(ipv6)),
        FindingKind.MAC: (_mac(), _judge_value(mac)),
        FindingKind.COORDINATES: (_coordinates(), _judge_value(coordinates)),
    }
    expression, judge = expressions[kind]
    return Recogniser(kind, re.compile(expression.encode()), judge)


def rows_at(one: Recogniser, data: bytes, place: int) -> Iterator[Row]:
    """Yield the row that begins exactly at ``place``, if there is one."""
    match = one.expression.match(data, place)
    if match and (evidence := one.judge(match)):
        yield ORDINAL[one.kind], *match.span("v"), evidence


def rows_of(one: Recogniser, data: bytes) -> Iterator[Row]:
    """Yield every row, also those that begin inside another."""
    match = one.expression.search(data)
    while match:
        if evidence := one.judge(match):
            yield ORDINAL[one.kind], *match.span("v"), evidence
        match = one.expression.search(data, match.start() + 1)
