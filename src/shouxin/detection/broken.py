"""Numbers that are no whole token but a label announces: wrapped at a line's end, glued to a word, oddly grouped.

Laws. Those of ``labelled``. Without a label nothing is put together over a line's end, because lists of numbers are
written so; with one, the check digit must be right as well where the kind has any. A letter O stands for a nought only
in a number that is called a telephone.

Called by: ``plain`` and ``bulk`` through ``broken_numbers``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, partial

from shouxin.detection.contact import landline, mobile
from shouxin.detection.device import imei, ipv4
from shouxin.detection.finding import CONTEXT, FindingKind
from shouxin.detection.identity import credit_code, resident_id
from shouxin.detection.labelled import BELOW, LOOSE, NEXT, RIGHT, TIGHT, Labelled, make
from shouxin.detection.payment import CARD_LENGTHS, bank_card

__all__ = ["broken_numbers"]

_MARK = r"(?:[ \t,.;:|/_*#~()+-]|，|、|。|…|：|（|）|·|•)"  # what is put between groups so that nobody sees them
_GAP = rf"(?:{_MARK}{{1,3}}|{_MARK}{{0,2}}\r?\n[ \t]{{0,4}})"
_CALLED = "手机 电话 tel phone mobile"
_AS_DIGITS = bytes.maketrans(b"OoIl", b"0011")


def _card(value: bytes) -> int:
    return bank_card(value) if len(value) in CARD_LENGTHS else 0


def _whole(judge: Callable[[bytes], int], value: bytes) -> int:
    """Evidence of a value once its gaps are closed; the label is context."""
    evidence = judge(re.sub(rb"[^0-9A-Za-z]+", b"", value).upper())
    return evidence and evidence | CONTEXT


def _apart() -> Iterator[Labelled]:
    """Two to nine groups with anything between them, a line's end as well, behind a label or below it."""
    part, more = "[0-9]{1,17}", rf"(?:{_GAP}[0-9]{{1,17}}){{1,18}}"
    code = rf"[0-9][0-9A-Z]{{0,16}}(?:{_GAP}[0-9A-Z]{{1,16}}){{1,17}}"
    shapes = {
        FindingKind.RESIDENT_ID: (
            "身份证 证件 公民身份 证号 id~no idno id_no id_card idcard sfz sfzh zjhm",
            resident_id,
            rf"{part}{more}(?:{_GAP})?[Xx]?",
        ),
        FindingKind.BANK_CARD: ("卡 账号 账户 开头的 打头的 card account pan", _card, part + more),
        FindingKind.CREDIT_CODE: ("代码 执照 税号 识别号 信用 uscc nsrsbh creditcode", credit_code, code),
        FindingKind.MOBILE: (
            f"{_CALLED} 号码 联系方式 开头的",
            mobile,
            rf"1[0-9]{{0,9}}(?:{_GAP}[0-9]{{1,8}}){{1,10}}",
        ),
    }
    for kind, (words, judge, value) in shapes.items():
        rest = rf"(?:{LOOSE}|{BELOW})(?P<v>{value}){RIGHT}"
        yield make(kind, words, rest, partial(_whole, judge), _in_parts(kind))


def _in_parts(kind: FindingKind) -> str:
    """What a number in groups has ahead: digits and a gap, too few of them to be whole."""
    digits = {
        FindingKind.RESIDENT_ID: "[0-9]{1,17}",
        FindingKind.BANK_CARD: "[0-9]{1,17}",
        FindingKind.CREDIT_CODE: "[0-9][0-9A-Z]{0,16}",
        FindingKind.MOBILE: "1[0-9]{0,9}",
    }
    return rf"[^0-9]{{0,24}}{digits[kind]}[^0-9A-Za-z]"


def _octets(value: bytes) -> int:
    return _dotted(b".".join(re.findall(rb"[0-9]+", value)))


def _dotted(value: bytes) -> int:
    evidence = ipv4(value)
    return evidence and evidence | CONTEXT


def _glued() -> Iterator[Labelled]:
    """Values with a word right before them, or the word of the next value right behind."""
    shapes = {
        FindingKind.RESIDENT_ID: (
            "id idno id_no idcard id_card sfz sfzh",
            "身份证 证件",
            resident_id,
            "[0-9]{17}[0-9Xx]",
        ),
        FindingKind.BANK_CARD: ("card cardno acct pan", "卡 账号", _card, "[0-9]{14,19}"),
        FindingKind.MOBILE: ("tel phone mobile mob sjh ph", "手机 电话 联系方式", mobile, "1[3-9][0-9]{9}"),
        FindingKind.IMEI: ("imei imei1 imei2 meid", "串号", imei, "[0-9]{15}"),
    }
    dotted = rf"(?P<v>[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}}){RIGHT}(?!\.[0-9])"
    yield make(FindingKind.IPV4, "ip", dotted, _dotted, r"[0-9]{1,3}\.[0-9]")
    for kind, (words, more, judge, value) in shapes.items():
        yield make(kind, words, rf"(?P<v>{value}){NEXT}", partial(_whole, judge), "[0-9]{11}")
        ahead = rf"[^0-9\n]{{0,9}}{value}[A-Za-z]"
        yield make(
            kind,
            f"{words} {more}",
            rf"(?={ahead}){TIGHT}(?P<v>{value})(?=[A-Za-z]){NEXT}",
            partial(_whole, judge),
            ahead,
        )
    bracket = rb"[(](?P<v>1[3-9][0-9][)][ -]?[0-9]{4}[ -]?[0-9]{4})(?![0-9A-Za-z])"
    openings = tuple(f"(1{second}" for second in range(3, 10))
    yield Labelled(
        FindingKind.MOBILE, openings, re.compile(bracket), partial(_whole, mobile), True, "[0-9][)][ -]?[0-9]{4}"
    )


def _parted_addresses() -> Iterator[Labelled]:
    """Addresses with anything but points between their numbers."""
    octet = "[0-9]{1,3}"
    gap = r"(?: ?(?:[-_,]|·|，|点|\.|[\[({]\.[\])}]|(?i:dot)) ?)"
    near = r"[^0-9\n]{0,9}[0-9]{1,3}(?:[^0-9.\n]|\.[^0-9\n])[^0-9\n]{0,7}[0-9]{1,3}[^0-9\n]{1,8}[0-9]"
    apart = rf"(?!{octet}\.[0-9])(?P<v>{octet}(?:{gap}{octet}){{3}}){RIGHT}(?!-?[.]?[0-9])"
    yield make(
        FindingKind.IPV4,
        "ip ipv4 ip地址",
        f"(?={near}){TIGHT}{apart}",
        _octets,
        near,
    )
    yield make(FindingKind.IPV4, "ip-", rf"(?P<v>{octet}(?:-{octet}){{3}})(?=\.)", _octets, "[0-9]{1,3}-[0-9]")


def _landlines() -> Iterator[Labelled]:
    """Landlines that are glued to a word, wrapped, or have an odd separator."""
    fixed = rf"(?P<v>0[0-9]{{2,3}}-?[2-8][0-9]{{6,7}}){RIGHT}(?![.-][0-9])"
    yield make(FindingKind.LANDLINE, "t f tel fax", fixed, _landline, "0[0-9]{2,3}-?[2-8]")
    odd = rf"(?P<v>(?:【|\[)?0[0-9]{{2,3}}(?:】|\]|_|·|~|\*|\+| [/|] ){{1,2}}[2-8][0-9]{{2,3}}[ -]?[0-9]{{4}}){RIGHT}"
    yield make(
        FindingKind.LANDLINE,
        "电话 座机 固话 传真 tel fax phone",
        TIGHT + odd,
        _landline,
        r"[^0-9\n]{0,25}0[0-9]{2,3}(?:[_~*+]|】|\]|·| [/|])",
    )
    bracketed = rf"(?P<v>0[0-9]{{2,3}}(?:】|\])[2-8][0-9]{{2,3}}[ -]?[0-9]{{4}}){RIGHT}"
    for opening in ("【", "["):
        begins = re.compile(f"(?P<v>{re.escape(opening)}{bracketed.replace('?P<v>', '?:')})".encode())
        yield Labelled(FindingKind.LANDLINE, (f"{opening}0",), begins, _landline, True, r"[0-9]{2,3}[^0-9]")
    wrapped = rf"(?P<v>0[0-9]{{2,3}}-?\r?\n[ \t]{{0,4}}[2-8][0-9]{{6,7}}){RIGHT}"
    words = "电话 座机 固话 传真 tel fax phone"
    yield make(
        FindingKind.LANDLINE, words, rf"(?:{TIGHT}|{BELOW}){wrapped}", _landline, r"[^0-9]{0,24}0[0-9]{2,3}-?[\r\n]"
    )


def _landline(value: bytes) -> int:
    """Evidence of an area code and a subscriber number, wherever the one ends and the other begins."""
    digits = re.sub(rb"[^0-9]+", b"", value)
    size = 3 if digits[1:3] == b"10" or digits[1:2] == b"2" else 4
    evidence = landline(digits[:size], digits[size:], marked=False)
    return evidence and evidence | CONTEXT


def _devices() -> Iterator[Labelled]:
    apart = r"(?:[ ./,_-]|\r?\n)?"
    value = rf"(?P<v>[0-9](?:{apart}[0-9]){{14}}){NEXT}"
    words = "imei imei1 imei2 meid 串号 串码 识别码 机身码 *#06#"
    yield make(FindingKind.IMEI, words, LOOSE + value, partial(_whole, imei))


def _spoken_mobile(value: bytes) -> int:
    return _whole(mobile, value.translate(_AS_DIGITS))


def _odd_mobiles() -> Iterator[Labelled]:
    value = rf"(?![0-9]{{11}})(?P<v>1[3-9][0-9Oo](?:[ -]{{0,2}}[0-9OoIl]){{8}}){RIGHT}(?![ -]?[0-9])"
    ahead = r"[^0-9\n]{0,18}1[0-9]{1,9}[ OoIl-]"
    yield make(FindingKind.MOBILE, _CALLED, TIGHT + value, _spoken_mobile, ahead)
    trunk = rf"0-?(?P<v>1[3-9][0-9]{{9}}|1[3-9][0-9]-[0-9]{{4}}-[0-9]{{4}}){RIGHT}"  # dialled from another province
    yield make(FindingKind.MOBILE, _CALLED, TIGHT + trunk, partial(_whole, mobile), r"[^0-9\n]{0,18}0-?1[3-9][0-9]")


def _spelled() -> Iterator[Labelled]:
    local = r"(?=[A-Za-z0-9._-]{0,40}[0-9._])[A-Za-z0-9][A-Za-z0-9._-]{2,40}"
    said = r"(?i: me| us| address)?[ \t]{0,2}(?::|：|=|是|为)[ \t]{0,2}"
    address = rf"(?P<v>{local}(?: (?i:at) |_at_|#)(?:[A-Za-z0-9-]{{1,40}}\.){{1,4}}[A-Za-z]{{2,10}}){RIGHT}"
    ahead = r"(?: me| us| address)?[ \t]{0,2}(?:[:=]|：|是|为)[ \t]{0,2}[A-Za-z0-9._-]{3,41}[ #_]"
    yield make(FindingKind.EMAIL, "mail email e-mail 邮箱", said + address, ahead=ahead)
    domain = r"(?:[A-Za-z0-9-]{1,40}\.){1,4}[A-Za-z]{2,10}"
    line = r"\r?\n[ \t]{0,4}"
    wrapped = rf"(?P<v>[A-Za-z0-9][A-Za-z0-9._-]{{1,40}}(?:@{line}|{line}@){domain}){RIGHT}"
    yield make(
        FindingKind.EMAIL,
        "mail email e-mail 邮箱 邮件",
        rf"[^0-9A-Za-z]{{0,12}}{wrapped}",
        ahead=r"[^0-9A-Za-z]{0,12}[A-Za-z0-9._-]{2,42}(?:@[\r\n]|[\r\n][ \t\n]{0,5}@)",
    )


@cache
def broken_numbers() -> tuple[Labelled, ...]:
    """Every rule of this module; compiled at first use."""
    return (*_apart(), *_glued(), *_parted_addresses(), *_landlines(), *_devices(), *_odd_mobiles(), *_spelled())
