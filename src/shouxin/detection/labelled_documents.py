"""Rules for documents whose number a word announces: passports, travel permits, military and foreign ones.

Laws. Those of ``labelled``. Between word and number may stand the name of the next field (``"type":"台胞证","no":``);
the word may also stand behind (``持…号港澳通行证``), as long as the number cannot be taken for a date.

Called by: ``plain`` and ``bulk`` through ``labelled_documents``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from shouxin.detection.finding import CONTEXT, SHAPE, FindingKind
from shouxin.detection.labelled import BELOW, CELL, DIGIT_AHEAD, JOIN, LOOSE, OPENING, RIGHT, Labelled, certain, make

__all__ = ["labelled_documents"]

_PERMITS = "大通证 大陆通行证 内地通行证 台胞证 回乡证 港澳通行证 台湾通行证 往来港澳 往来台湾"
_NUMBER_FIELD = r"(?:证件)?(?:号码|号|编号|(?i:[a-z_]{0,12}(?:no|num|number|id)))"
_NEXT_FIELD = (
    rf"[\"' ]{{0,2}}(?:[,;|& \t]|，|；){{1,2}}[\"' ]{{0,2}}{_NUMBER_FIELD}[\"' ]{{0,2}}(?:[:=]|：)[\"' ]{{0,2}}"
)


def _not_a_day(value: bytes) -> int:
    """Evidence unless the digits are a date, as in 'valid until'."""
    return 0 if _day().fullmatch(value) else SHAPE | CONTEXT


@cache
def _day() -> re.Pattern[bytes]:
    return re.compile(rb"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")


def _passports() -> Iterator[Labelled]:
    # those of our own shape, in capitals and in one piece, are tokens already
    number = r"(?:[a-z]{1,2}|[A-Za-z]{1,2}[ -]|[A-DFH-Z][A-Z]?)[0-9]{7,8}|[0-9]{9}"
    number += r"|(?-i:[A-Z][0-9]{7}[A-Z]|[A-Z]{2}[0-9]{6}|[0-9]{2}[A-Z]{2}[0-9]{5})"  # of other states
    number += r"|(?-i:(?=[A-Z]{0,5}[0-9][A-Z]{0,5}[0-9])[CFGHJK][0-9CFGHJKLMNPRTVWXYZ]{8})"  # Germany
    grouped = "[A-Za-z]{1,2}[ -]?[0-9]{3,4}[ -][0-9]{3,4}|[A-Za-z][ -][A-Za-z]?[0-9]{7,8}"
    number = rf"{number}|{grouped}"
    called = r"(?:(?:本|证件)?(?:号码|號碼|编号|编码|号|號)(?:一栏)?|(?i:[ _]?(?:number|num|nr|no|id))\.?| ?(?:№|n°))?"
    said = rf"{called}(?:[ \t\"'(\[\\|<>#]|（|为|是|：|:|=|is |{OPENING}){{0,6}}(?<![A-Za-z])"
    ahead = r"(?-i:[a-z])[0-9]{7}|(?-i:[A-DFH-Z][A-Z]?)[0-9]{7}|[A-Za-z][0-9]{3,4}[ -][0-9]{3}|[A-Za-z][ -][0-9]{3}"
    ahead += r"|[A-Za-z][ -][A-Za-z]?[0-9]{7}|(?-i:[A-Z][0-9]{7}[A-Z]|[A-Z]{2}[0-9]{6}[^0-9]|[0-9]{2}[A-Z]{2}[0-9]{5})"
    ahead += r"|(?-i:[CFGHJK][0-9CFGHJKLMNPRTVWXYZ]{8})"
    words, ahead = "护照 passport huzhao ppt~no pp~no ppt", rf"[^0-9\n]{{0,38}}(?:{ahead}|[0-9]{{9}})"
    yield make(FindingKind.PASSPORT, words, f"{said}(?P<v>{number}){RIGHT}", _not_a_day, ahead)
    before = re.compile(
        rb"(?<![0-9A-Za-z])(?P<v>[A-Za-z]{1,2}[0-9]{7,8})(?:\xe5\x8f\xb7)?(?:\xe7\x9a\x84)? ?\Z"
    )  # 号的
    then = re.compile('(?:护照|護照)(?:[^0-9A-Za-z:= |"\\xef]|\\Z)(?!\\x8f\\xb7)'.encode())
    yield Labelled(
        FindingKind.PASSPORT, ("护照", "護照"), before, certain, behind=True, ahead=r"[^0-9A-Za-z:= |\"\xef]", then=then
    )
    cell = f"{CELL}(?P<v>{number}){RIGHT}"
    yield make(FindingKind.PASSPORT, words, cell, _not_a_day, r"(?:号码|号|號碼|號)?<")
    row = rf"{said}[A-Za-z0-9]{{8,10}}{JOIN}(?P<v>[A-Za-z]{{1,2}}[0-9]{{7,8}}|[0-9]{{9}}){RIGHT}"
    ahead = rf"[^0-9\n]{{0,40}}[A-Za-z0-9]{{7,10}}{JOIN}[A-Za-z]{{0,2}}[0-9]{{7}}"
    yield make(FindingKind.PASSPORT, words, row, _not_a_day, ahead)


def _permits() -> Iterator[Labelled]:
    between = rf"(?:[^0-9\n]{{0,12}}?|{BELOW})(?<![A-Za-z])"
    number = r"[0-9]{8}(?:[0-9]{2})?|[0-9]{4}[ -][0-9]{4}(?:[ -]?[0-9]{2})?|[0-9]{2}[ -][0-9]{3}[ -][0-9]{3}"
    permit = rf"(?P<v>(?:[HMCWLThmcwlt][ -]?)?(?:{number})(?:\([0-9A-Z]{{1,2}}\))?){RIGHT}"
    yield make(FindingKind.TRAVEL_PERMIT, _PERMITS, between + permit, _not_a_day, ahead="[^0-9]{0,24}[0-9]{2}")
    pinyin = "taibaozheng huixiangzheng tongxingzheng dalutongxingzheng tbz"
    yield make(FindingKind.TRAVEL_PERMIT, pinyin, between + permit, _not_a_day, ahead="[^0-9]{0,24}[0-9]{2}")
    han = r"(?:[\xe4-\xe9][\x80-\xbf]{2}){0,4}"
    first = rf"(?:[^0-9\n]{{0,12}}?)(?<![A-Za-z])[A-Za-z]?[0-9]{{8,10}}{JOIN}{han}"
    yield make(
        FindingKind.TRAVEL_PERMIT,
        f"{_PERMITS} 通行证",
        first + permit,
        _not_a_day,
        r"[^0-9\n]{0,24}[0-9]{8,10}[^0-9]{1,22}[0-9]{2}",
    )
    codes = "mtp mtps hkm hkmp twp tbz hrp gatxz"
    yield make(FindingKind.TRAVEL_PERMIT, codes, _NEXT_FIELD + permit, _not_a_day, r"[^0-9\n]{1,90}[0-9]{2}")
    words = f"{_PERMITS} 通行证 证件类型 证件种类"
    rest = r"[^0-9\n,;|]{0,12}"
    behind = "(?<=通行证)"
    kind = rf"(?:{rest}(?:港澳|台胞|回乡|台湾){rest}|{behind}{rest})?{_NEXT_FIELD}"
    yield make(FindingKind.TRAVEL_PERMIT, words, kind + permit, _not_a_day, r"[^0-9\n]{1,90}[0-9]{2}")
    lettered = (
        r"(?:[HMWLThmwlt] ?[0-9]{4} [0-9]{4}|[HMWLThmwlt][0-9]{8}(?:[0-9]{2})?|[Cc][0-9A-HJ-NP-Za-hj-np-z][0-9]{7})"
    )
    tag = r"[^0-9\n<>]{0,24}>(?P<v>[HMWLT]?[0-9]{8}(?:[0-9]{2})?)(?=</)"
    yield make(FindingKind.TRAVEL_PERMIT, "permit", tag, _not_a_day, r"[^0-9\n]{1,26}[0-9]{8}")
    words = "travel~permit return~permit entry~permit compatriot~permit eep mtp hrp hkmp"
    rest = rf"[^0-9\n]{{0,40}}?(?<![A-Za-z])(?P<v>{lettered}){RIGHT}"
    yield make(FindingKind.TRAVEL_PERMIT, words, rest, ahead=r"[^0-9\n]{0,42}[0-9]{4}")
    yield make(
        FindingKind.TRAVEL_PERMIT, "permit", rf"{_NEXT_FIELD}(?P<v>{lettered}){RIGHT}", ahead=r"[^0-9\n]{1,40}[0-9]{4}"
    )
    digits = rf"[^0-9\n]{{0,40}}?(?i:no|number|#|号|:|：)[.: #]{{0,3}}(?P<v>[0-9]{{8}}(?:[0-9]{{2}})?){RIGHT}"
    words = "travel~permit compatriot~permit mtp"
    yield make(FindingKind.TRAVEL_PERMIT, words, digits, _not_a_day, r"[^0-9\n]{0,48}[0-9]{8}")
    before = rf"(?<![0-9A-Za-z])(?P<v>{lettered}(?=[^0-9])|[0-9]{{8}}(?=号))(?:号)?(?:的)? ?\Z"
    yield Labelled(
        FindingKind.TRAVEL_PERMIT,
        tuple(_PERMITS.split()),
        re.compile(before.encode()),
        _not_a_day,
        behind=True,
        then=re.compile(f"(?:{'|'.join(_PERMITS.split())})(?!(?:号码|号)?(?:[:=]|：))".encode()),
    )


def _military() -> Iterator[Labelled]:
    words = (
        "军官证 士兵证 士官证 义务兵证 军人证 警官证 文职干部证 文职人员证 退伍证 退役证 军官号 军人身份 军官退休证 "
    )
    words += "军官离休证 军人残疾证 残疾军人证 学员证 武警证"
    bare = rf"(?P<v>[0-9]{{6,12}}){RIGHT}"
    whole = r"(?:第)? ?[0-9](?:[ -]?[0-9]){5,9}(?: ?号)?"
    han = r"(?:(?!号|是|为|证)[\xe4-\xe9][\x80-\xbf]{2}){1,2} ?"
    yield make(
        FindingKind.MILITARY_ID,
        words,
        rf"[^0-9\n]{{0,40}}?(?P<v>(?:（|\(|“|「)?{han}(?:）|\)|”|」)?字 ?{whole})",
        ahead=r"[^0-9\n]{0,60}[0-9]",
    )
    yield make(FindingKind.MILITARY_ID, words, rf"(?![^0-9]{{0,24}}(?:字)){LOOSE}{bare}", ahead=DIGIT_AHEAD)
    words = "军官证号码 士兵证号码 military~id officer~id military~officer military~card pla~id junguanzheng "
    words += "officer~certificate"
    english = (
        r"(?: (?:card|certificate|id|number))?(?:[ _]?(?:no|num|number)\.?)?[ \t\"']{0,2}(?:[:=#]|：|is)?[ \t\"']{0,2}"
    )
    yield make(FindingKind.MILITARY_ID, words, rf"(?i:{english}){bare}", ahead=r"[^0-9\n]{0,40}[0-9]{6}")
    branches = tuple(f"{branch}字" for branch in "军兵士文职广南参政后装海空北沈兰济成武东西火战")  # arms, regions
    own = "(?:官|兵|人|部|伍)证"
    number = f"(?:(?<!号)|(?<={own}编号)|(?<={own}号))"
    deeds = f"{number}(?:(?<!证)|(?<={own}))(?<!权)(?<!产)(?<!国用)"  # 房权证海字第 is a house in Haidian
    whole = r"(?:第)?(?: |\r?\n)?[0-9](?:[ -]?[0-9]){5,9} ?号"
    serial = rf"{deeds}(?P<v>(?:{'|'.join(branches)})(?:{whole}|(?:第)? ?[0-9]{{6,8}}(?![0-9])))"
    yield Labelled(FindingKind.MILITARY_ID, branches, re.compile(serial.encode()), certain, with_word=True)


@cache
def labelled_documents() -> tuple[Labelled, ...]:
    """Every rule of this module; compiled at first use."""
    words = "ssn social~security~number social~security~no social~security"
    foreign = rf"{LOOSE}(?P<v>[0-9]{{3}}[- ][0-9]{{2}}[- ][0-9]{{4}}|[0-9]{{9}}){RIGHT}"
    return (*_passports(), *_permits(), *_military(), make(FindingKind.NATIONAL_ID, words, foreign))
