"""Rules, times and readings for tests of clocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from shouxin.domain.clock import CHINA, Instant
from shouxin.domain.working_days import ChineseWorkingDays
from shouxin.policy.counting import Counting, counting_of
from shouxin.policy.lawpack import load_pack
from shouxin.policy.rule import Rule, RuleId, Verified

PACK = load_pack("cn")
FIRM = PACK.rule("CN-CRR-25-2-ANSWER")  # 20 days from receipt, decides
LOOSE = PACK.rule("CN-COMPL-COMPLEX")  # 30 days from receipt, advises
LONGER = PACK.rule("CN-COMPL-SPECIAL")  # 30 days more, advises
REST = PACK.rule("CN-CC-203-1-REST")
CALENDAR = ChineseWorkingDays()
SHIPPED = counting_of(PACK)  # article 203 advises
HELD = Counting(CALENDAR, CHINA, replace(REST, verified=Verified.TEXT, quote="以法定休假日结束的次日为期间的最后一日"))


def limit(n: int, unit: str) -> Rule:
    """A rule that decides, with another time limit."""
    return replace(FIRM, n=n, unit=unit)


def lengthens(rule: Rule, n: int) -> Rule:
    """A rule that decides and lengthens ``rule`` by ``n`` of its units."""
    return replace(rule, id=RuleId("CN-MORE"), n=n, extends=rule.id, article="25(3)", clock_start="end_of_first_term")


def at(day: date, hour: int = 9, minute: int = 0) -> Instant:
    """A time of a day in China."""
    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=CHINA)
    return Instant(int(local.timestamp()) * 1000)
