"""Numbers that are no whole token but a label announces: wrapped at a line's end, glued to a word, oddly grouped.

Laws. Those of ``labelled``. Without a label nothing is put together over a line's end, because lists of numbers are
written so; with one, the check digit must be right as well where the kind has any. A letter O stands for a nought only
in a number that is called a telephone.

Called by: ``plain`` and ``bulk`` through ``broken_numbers``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial

from shouxin.detection.contact import mobile
from shouxin.detection.device import imei, ipv4
from shouxin.detection.finding import CONTEXT, FindingKind
from shouxin.detection.identity import credit_code, resident_id
from shouxin.detection.labelled import LOOSE, RIGHT, TIGHT, Labelled, make
from shouxin.detection.payment import CARD_LENGTHS, bank_card

__all__ = ["broken_numbers"]

_GAPS = b" -\r\n\t"
_CALLED = "手机 电话 tel phone mobile"
_AS_DIGITS = bytes.maketrans(b"OoIl", b"0011")


def _card(value: bytes) -> int:
    return bank_card(value) if len(value) in CARD_LENGTHS else 0


def _whole(judge: Callable[[bytes], int], value: bytes) -> int:
    """Evidence of a value once its gaps are closed; the label is context."""
    evidence = judge(value.translate(None, _GAPS).upper())
    return evidence and evidence | CONTEXT


def _wrapped() -> Iterator[Labelled]:
    line = r"\r?\n[ \t]{0,4}"
    part = "[0-9]{3,17}"
    code = "[0-9][0-9A-Z]{2,15}"
    shapes = {
        FindingKind.RESIDENT_ID: (
            "身份证 证件 公民身份 id~no idno id_card idcard",
            resident_id,
            rf"{part}{line}{part}[Xx]?",
        ),
        FindingKind.BANK_CARD: ("卡 账号 账户 card account", _card, rf"{part}{line}{part}"),
        FindingKind.CREDIT_CODE: ("代码 执照 税号 识别号 uscc", credit_code, rf"{code}{line}[0-9A-Z]{{3,16}}"),
        FindingKind.MOBILE: (f"{_CALLED} 号码 联系方式", mobile, rf"1[0-9]{{2,9}}{line}[0-9]{{1,8}}"),
    }
    for kind, (words, judge, value) in shapes.items():
        yield make(kind, words, rf"{LOOSE}(?P<v>{value}){RIGHT}", partial(_whole, judge), _cut_off(kind))


def _cut_off(kind: FindingKind) -> str:
    """What a wrapped number has ahead: digits and a line's end, too few of them to be whole."""
    digits = {
        FindingKind.RESIDENT_ID: "[0-9]{3,17}",
        FindingKind.BANK_CARD: "[0-9]{3,17}",
        FindingKind.CREDIT_CODE: "[0-9][0-9A-Z]{2,15}",
        FindingKind.MOBILE: "1[0-9]{2,9}",
    }
    return rf"[^0-9\n]{{0,15}}{digits[kind]}[\r\n]"


def _glued() -> Iterator[Labelled]:
    shapes = {
        FindingKind.RESIDENT_ID: ("id idno idcard sfz sfzh", resident_id, "[0-9]{17}[0-9Xx]"),
        FindingKind.BANK_CARD: ("card cardno acct", _card, "[0-9]{14,19}"),
        FindingKind.MOBILE: ("tel phone mobile sjh", mobile, "1[3-9][0-9]{9}"),
    }
    dotted = rf"(?P<v>[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}}){RIGHT}(?!\.[0-9])"
    yield make(FindingKind.IPV4, "ip", dotted, partial(_whole, ipv4), r"[0-9]{1,3}\.[0-9]")
    for kind, (words, judge, value) in shapes.items():
        yield make(kind, words, rf"(?P<v>{value}){RIGHT}", partial(_whole, judge), "[0-9]{11}")


def _devices() -> Iterator[Labelled]:
    apart = r"(?: |-|/|\r?\n)?"
    value = rf"(?P<v>[0-9](?:{apart}[0-9]){{14}}){RIGHT}"
    words = "imei imei1 imei2 meid 串号 串码 *#06#"
    yield make(FindingKind.IMEI, words, LOOSE + value, partial(_whole, imei))


def _spoken_mobile(value: bytes) -> int:
    return _whole(mobile, value.translate(_AS_DIGITS))


def _odd_mobiles() -> Iterator[Labelled]:
    value = rf"(?![0-9]{{11}})(?P<v>1[3-9][0-9Oo](?:[ -]{{0,2}}[0-9OoIl]){{8}}){RIGHT}(?![ -]?[0-9])"
    ahead = r"[^0-9\n]{0,18}1[0-9]{1,9}[ OoIl-]"
    yield make(FindingKind.MOBILE, _CALLED, TIGHT + value, _spoken_mobile, ahead)


def _spelled() -> Iterator[Labelled]:
    local = r"(?=[A-Za-z0-9._-]{0,40}[0-9._])[A-Za-z0-9][A-Za-z0-9._-]{2,40}"
    said = r"(?i: me| us| address)?[ \t]{0,2}(?::|：|=|是|为)[ \t]{0,2}"
    address = rf"(?P<v>{local} (?i:at) (?:[A-Za-z0-9-]{{1,40}}\.){{1,4}}[A-Za-z]{{2,10}}){RIGHT}"
    ahead = r"(?: me| us| address)?[ \t]{0,2}(?:[:=]|：|是|为)[ \t]{0,2}[A-Za-z0-9._-]{3,41} at "
    yield make(FindingKind.EMAIL, "mail email e-mail 邮箱", said + address, ahead=ahead)


@cache
def broken_numbers() -> tuple[Labelled, ...]:
    """Every rule of this module; compiled at first use."""
    return (*_wrapped(), *_glued(), *_devices(), *_odd_mobiles(), *_spelled())
