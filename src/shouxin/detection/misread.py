"""Identifiers that a machine read from paper, or that somebody typed as they look: O for 0, l for 1, S for 5.

Laws. Those of ``labelled``. Only behind a word that announces the kind, and only where most of the characters are what
they should be; where the kind has a check digit it must be right once the letters are read as digits. A value without
such letters is left to the other rules.

Called by: ``plain`` and ``bulk`` through ``misread``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Final

from shouxin.detection.contact import mobile
from shouxin.detection.device import imei, ipv4
from shouxin.detection.finding import CONTEXT, SHAPE, FindingKind
from shouxin.detection.identity import credit_code, resident_id
from shouxin.detection.labelled import RIGHT, TIGHT, Labelled, make
from shouxin.detection.payment import CARD_LENGTHS, bank_card

__all__ = ["misread"]

_LIKE: Final = "OoQDIlZSB"  # what looks like a digit
_AS_DIGITS: Final = bytes.maketrans(_LIKE.encode(), b"000011258")
_SEEN: Final = f"[0-9{_LIKE}]"
_FEW: Final = 3  # the digits are this part of the whole at least: more than one in ...
_LOOSE: Final = r"[^0-9\n]{0,15}?(?<![A-Za-z0-9])"


def _read(judge: Callable[[bytes], int], value: bytes) -> int:
    """Evidence of a value whose letters are read as digits; the label is context."""
    compact = re.sub(rb"[ -]+", b"", value)
    figures = sum(byte in b"0123456789" for byte in compact)
    if figures == len(compact) or _FEW * figures < 2 * len(compact) - _FEW:
        return 0
    evidence = judge(compact.translate(_AS_DIGITS))
    return evidence and evidence | CONTEXT


def _card(value: bytes) -> int:
    return bank_card(value) if len(value) in CARD_LENGTHS else 0


def _resident(value: bytes) -> int:
    return resident_id(value.upper())


def _credit(value: bytes) -> int:
    """Evidence of a code in which O, I, S and Z, which are none of its letters, are digits, and others stay."""
    evidence = credit_code(value.upper().translate(bytes.maketrans(b"OISZ", b"0152")))
    lower = credit_code(value.replace(b"l", b"1").upper().translate(bytes.maketrans(b"OISZ", b"0152")))
    evidence = evidence or lower
    return evidence and evidence | CONTEXT


def _document(value: bytes) -> int:
    """Evidence of a letter and eight digits, or those that look like them."""
    figures = sum(byte in b"0123456789" for byte in value[1:])
    return SHAPE | CONTEXT if 4 <= figures < len(value) - 1 else 0


def _address(value: bytes) -> int:
    evidence = ipv4(value.translate(_AS_DIGITS)) if value.translate(None, b".0123456789") else 0
    return evidence and evidence | CONTEXT


def _mac(value: bytes) -> int:
    return SHAPE | CONTEXT if value.translate(None, b"0123456789ABCDEFabcdef:-") else 0


@cache
def misread() -> tuple[Labelled, ...]:
    """Every rule of this module; compiled at first use."""
    return tuple(_rules())


def _rules() -> Iterator[Labelled]:
    shapes = (
        (
            FindingKind.RESIDENT_ID,
            "身份证 证件 证号 id~card id~no idno id_card idcard sfz",
            _resident,
            _grouped(6, 8, 3) + "[0-9XxOoIl]",
        ),
        (
            FindingKind.BANK_CARD,
            "卡号 银行卡 记卡 信用卡 card",
            _card,
            _grouped(4, 4, 4) + rf"[ -]?{_SEEN}{{3,4}}(?:[ -]?{_SEEN}{{1,3}})?",
        ),
        (FindingKind.MOBILE, "手机 电话 tel mobile", mobile, _grouped(3, 4, 4)),
        (FindingKind.IMEI, "imei 串号 串码", imei, f"{_SEEN}{{15}}"),
    )
    figures = rf"[0-9]{{1,17}}[{_LIKE}](?:[0-9{_LIKE}]|[^0-9A-Za-z])"
    whole = rf"[0-9]{{1,17}}[{_LIKE}]\Z"
    for kind, words, judge, value in shapes:
        rest = rf"{_LOOSE}(?=(?-i:{figures}|{whole}))(?P<v>{value}){RIGHT}"
        yield make(kind, words, rest, partial(_read, judge), rf"[^0-9\n]{{0,16}}(?-i:{figures})")
    first = rf"(?P<v>(?-i:[Il][3-9]{_SEEN}(?:[ -]?{_SEEN}{{4}}){{2}})){RIGHT}"
    ahead = rf"[^0-9\n]{{0,24}}(?-i:[Il][3-9]{_SEEN})"
    yield make(FindingKind.MOBILE, "手机 电话 联系方式", TIGHT + first, partial(_read, mobile), ahead)
    odd = r"(?-i:[0-9][0-9A-HJ-NP-RT-UWXY]{0,16}[OISZl])"  # none of these is in a code
    words = "代码 执照 税号 识别号 信用 uscc tax"
    value = rf"(?={odd})(?P<v>[0-9][0-9A-Za-z]{{17}}){RIGHT}"
    yield make(FindingKind.CREDIT_CODE, words, _LOOSE + value, _credit, rf"[^0-9\n]{{0,24}}{odd}")
    for kind, words, letters in (
        (FindingKind.PASSPORT, "护照 passport huzhao", "EeGg"),
        (FindingKind.TRAVEL_PERMIT, "通行证 回乡证 台胞证 大通证 往来港澳 往来台湾 permit", "HMCWLT"),
    ):
        value = rf"(?P<v>(?-i:[{letters}][0-9OoQIl]{{8}})){RIGHT}"
        yield make(kind, words, _LOOSE + value, _document, rf"[^0-9\n]{{0,24}}(?-i:[{letters}][0-9]{{0,7}}[OoQIl])")
    yield from _addresses()


def _grouped(*sizes: int) -> str:
    return "[ -]?".join(f"{_SEEN}{{{size}}}" for size in sizes)


def _addresses() -> Iterator[Labelled]:
    part, odd = "[0-9OoIl]{1,3}", "(?-i:[0-9][0-9.]{0,13}[OoIl])"
    dotted = rf"(?={odd})(?P<v>{part}(?:\.{part}){{3}}){RIGHT}(?!\.[0-9A-Za-z])"
    words = "ip ipv4 host addr address server client 地址 服务器"
    yield make(FindingKind.IPV4, words, TIGHT + dotted, _address, rf"[^0-9\n]{{0,24}}{odd}")
    pair = "[0-9A-Fa-fOoIlSs]{2}"
    value = rf"(?P<v>{pair}(?P<gap>[:-])(?:{pair}(?P=gap)){{4}}{pair}){RIGHT}(?![:-][0-9A-Fa-f])"
    between = r"(?:[ _-]?(?i:addr(?:ess)?)|(?:物理地址|地址))?(?: is| was)?"
    between += r"[ \t\"'(\[_]{0,3}(?:[:=]|：|是|为)?[ \t\"'(\[]{0,3}"
    ahead = r"[^\n]{0,30}(?:[0-9A-F]{2}[:-]){0,5}(?:[0-9A-F][OILS]|[OILS][0-9A-FOILS])(?:[:-]|[^0-9A-Za-z])"
    yield make(FindingKind.MAC, "mac bssid hwaddr ether 物理地址 网卡 蓝牙地址", between + value, _mac, ahead)
