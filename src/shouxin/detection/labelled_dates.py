"""Rules for days of birth: what a word before or behind a date makes of it.

Laws. Those of ``labelled``. A date is one of birth only where a word says so; companies, disputes and software are not
born here. A form may have the word and its value on two lines.

Called by: ``plain`` and ``bulk`` through ``labelled_dates``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from shouxin.detection.finding import FindingKind
from shouxin.detection.labelled import BELOW, BELOW_AHEAD, DIGIT_AHEAD, LOOSE, RIGHT, TIGHT, Labelled, certain, make

__all__ = ["labelled_dates"]


def _dates() -> Iterator[Labelled]:
    plain = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    parted = r"[-/.] ?[01]?[0-9][-/.] ?[0-3]?[0-9]| [01][0-9] [0-3][0-9]"
    wrap = r" ?(?:\r?\n)?"
    chinese = rf"{wrap}(?:年){wrap}(?:[01]?[0-9]|元|正) ?(?:月)(?:{wrap}[0-3]?[0-9] ?(?:日|号)?)?"
    short = r"[0-9]{2} ?年 ?[01]?[0-9] ?月 ?[0-3]?[0-9] ?(?:日|号)"
    ours = rf"(?:18|19|20)[0-9]{{2}}(?:{plain}|{parted}|{chinese})(?:(?![0-9A-Za-z])|(?=T[0-9]{{2}}:))"
    european = r"[0-3]?[0-9][-/.][01]?[0-9][-/.](?:19|20)[0-9]{2}(?![0-9A-Za-z])"
    within = r"(?:(?!，|。|；)[^0-9\n]){0,15}+"  # what follows a comma has a label of its own
    words = "出生 出~生 诞生日期 生辰 诞辰 dob d.o.b birthday birthdate birth born brth bday b-day bdate birthdt csrq"
    things = "(?<!诞生于)(?<!发生于)(?<!产生于)(?<!萌生于)(?<!衍生于)"  # companies, software, disputes
    layout = r"(?:(?:\(|（|\[)(?:年|月|日|[-/. YMDymd]){3,12}(?:\)|）|\]))?"  # (dd/mm/yyyy)
    value = f"(?:日期|年月日)?{layout}{within}(?P<v>{ours}|{european}|{short})"
    yield make(FindingKind.BIRTH_DATE, words, value, ahead=r"[^0-9\n]{0,52}[0-9]", usual="day")
    yield make(FindingKind.BIRTH_DATE, "生于", f"{things}{value}", ahead=r"[^0-9\n]{0,52}[0-9]")
    words += " 生于"
    born = rf"(?<=b\.) ?(?P<v>19[0-9]{{2}}(?:{plain}|{parted}))(?![0-9A-Za-z])"
    yield make(FindingKind.BIRTH_DATE, "b.", born, ahead=" ?19[0-9]{2}")
    alone = r"(?=[ \t\"',]{0,3}(?:[\r\n\0]|\Z))"  # a log goes on with the time of its next line
    below = f"{things}{BELOW}(?P<v>{ours}|{european}|{short}){alone}"
    yield make(FindingKind.BIRTH_DATE, f"{words} 生日", below, ahead=f"{BELOW_AHEAD}[0-9]")
    two = r"(?<![0-9])[0-9]{2}[-/.][01]?[0-9][-/.][0-3]?[0-9](?![0-9A-Za-z.:/-])"  # 90.5.3, right behind the word
    yield make(
        FindingKind.BIRTH_DATE, "生日 出生日期 出生 dob", f"{TIGHT}(?P<v>{two})", ahead=r"[^0-9\n]{0,18}[0-9]{2}[-/.]"
    )
    month = r"(?:19|20)[0-9]{2}[-/.](?:0[1-9]|1[0-2]|[1-9])(?![0-9A-Za-z./-])"
    yield make(FindingKind.BIRTH_DATE, "出生年月", f"(?:日)?{TIGHT}(?P<v>{month})", ahead=DIGIT_AHEAD)
    yield make(FindingKind.BIRTH_DATE, "d/o/b", f"{TIGHT}(?P<v>{ours}|{european})", ahead=DIGIT_AHEAD)
    numeral = "(?:〇|零|一|二|三|四|五|六|七|八|九)"
    year = f"(?:{numeral}{{4}}|{numeral}{{2}}|(?:19|20)[0-9]{{2}})年"
    spelled = f"{year}(?:{numeral}|十){{1,2}}(?:月)(?:{numeral}|十|廿|卅){{1,3}}(?:日|号)"
    ahead = f"[^0-9\\n]{{0,15}}(?:{numeral}{numeral}|[0-9][0-9])年"
    yield make(
        FindingKind.BIRTH_DATE, "出生 生于 生辰 生日", rf"{things}[^0-9\n]{{0,15}}?(?P<v>{spelled})", ahead=ahead
    )
    months = "(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
    year = r"(?:st|nd|rd|th)?,? {0,2}(?:19|20)[0-9]{2}"
    day = r"[0-3]?[0-9](?:st|nd|rd|th)?"
    written = rf"(?P<v>{months}\.? [0-3]?[0-9]{year}|{day}[ -]?(?:of )?{months}\.?,?[ -]?(?:19|20)[0-9]{{2}}){RIGHT}"
    yield make(
        FindingKind.BIRTH_DATE,
        "dob d.o.b d/o/b birthday birthdate birth born b-day bday bdate",
        r"(?:[ \t.:=\"'onisthe(]|’){1,9}" + written,
    )
    full = rf"(?:18|19|20)[0-9]{{2}}(?:{plain}|{parted}|{chinese})|{short}"
    before = re.compile(rf"(?<![0-9A-Za-z])(?P<v>{full}|{spelled}) ?(?:的)?\Z".encode())
    yield from _after_dates(before)
    # 出生日期 was tried; what no 期 begins is told apart by its bytes, so that a search need not stop there
    ahead = r"(?:(?:[^0-9\n\xe6]|\xe6[^\x9c]|\xe6\x9c[^\x9f])[^0-9\n]{0,17})?[0-9]"
    other = "(?!期|蛋糕|会|宴|礼|快乐|派对|聚会|券|优惠|福利|特惠|活动|贺卡)"
    yield make(FindingKind.BIRTH_DATE, "生日", f"{other}{LOOSE}(?P<v>{ours}|{short})", ahead=ahead)


def _after_dates(before: re.Pattern[bytes]) -> Iterator[Labelled]:
    """Dates before 'born': 出生 that begins no other word, and 生 at the end of a phrase (生效 and 生产 are common)."""
    ends = r"[\x00-\x40\x5b-\x60\x7b-\x7f]|，|。|；|、|）|”|！|的|人(?!口|数)|于|在"
    other = r"年月|地|证|医|人口|率|缺陷|\xe6\x97"  # the last is how 日期 and 时间 begin
    for word, then, ahead in (
        ("生", rf"生(?:{ends}|\Z)", f"(?:{ends})".replace("(?!口|数)", "")),
        ("的生日", "的生日", ""),
        ("出世", "出世", ""),
        ("降生", "降生", ""),
        ("诞生", "诞生", ""),
        *(
            (f"{mark}{word}", re.escape(f"{mark}{word}"), "")
            for mark in ("(", "（", "为")
            for word in ("生日", "出生日期")
        ),
        *(
            (said, said, "")
            for said in ("是我生日", "是他生日", "是她生日", "是我的出生日期", "是他的出生日期", "是她的出生日期")
        ),
        ("出生", f"出生(?!{other})", r"(?:[^\xe6]|\xe6[^\x97])"),
    ):
        begins = re.compile(then.encode())
        yield Labelled(FindingKind.BIRTH_DATE, (word,), before, certain, ahead=ahead, behind=True, then=begins)


@cache
def labelled_dates() -> tuple[Labelled, ...]:
    """Every rule of this module; compiled at first use."""
    return tuple(_dates())
