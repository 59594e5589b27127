"""How a term of law is counted: from an instant to the last instant that is still in time.

Laws of this file. Minutes and hours run from the moment, to the millisecond. Days, working days, months and years run
in the local calendar: the first day is not counted, and the last counts to its end. A term never ends later than the
texts that are held say: what a reading that only advises would add is told (``Count.could_end``), not given.

Called by: ``deadline``. **Source:** 民法典 200-203. These articles are not held in the pack: 201 and 202 are a reading
that ``packs/README.md`` puts to counsel, 203(1) is a rule of the pack. 203(2), by which a term ends when business hours
do, is absent on purpose: nobody here knows those hours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta, timezone
from typing import Final

from shouxin.domain.clock import CHINA, HOUR, MINUTE, Instant, add_months, end_of_day, local_date
from shouxin.domain.working_days import ChineseWorkingDays, WeekdaysOnly, WorkingDays, nth_after
from shouxin.errors import Unpublished
from shouxin.policy.lawpack import LawPack
from shouxin.policy.rule import Rule

__all__ = ["Count", "Counting", "Stop", "count", "counting_of"]

_EXACT: Final[Mapping[str, int]] = {"min": MINUTE, "h": HOUR}
_MONTHS: Final[Mapping[str, int]] = {"m": 1, "y": 12}
_MOVED_BY: Final = "CN-CC-203-1-REST"
_ONE: Final = timedelta(days=1)

Stop = tuple[Instant, Instant]  # from when to when a clock stood


@dataclass(frozen=True, slots=True)
class Counting:
    """By what terms are counted in one place: its calendar, its zone, and the rule (if any) that moves a last day."""

    calendar: WorkingDays
    zone: timezone = CHINA
    moved_by: Rule | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """What came of counting: ``due`` is the last instant in time, ``last`` its local day.

    ``skipped`` are the days after the start that were not counted, in order: days of rest (where working days are
    counted) and days on which the clock stood. ``moved_from`` is the day of rest on which the term would have ended,
    had no rule moved it; ``could_end`` is the day to which a rule would move it that only advises; ``by`` cites that
    rule.
    """

    due: Instant
    last: date
    skipped: tuple[date, ...] = ()
    moved_from: date | None = None
    could_end: date | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class _Running:
    """A calendar in which the days on which a clock stood are not working days either."""

    calendar: WorkingDays
    stood: frozenset[date]

    def is_working(self, day: date) -> bool:
        return day not in self.stood and self.calendar.is_working(day)


def counting_of(pack: LawPack) -> Counting:
    """Return how terms are counted where ``pack`` is law; only China's has a calendar, the others advise."""
    if pack.region == "cn":
        return Counting(ChineseWorkingDays(), CHINA, pack.rule(_MOVED_BY))
    return Counting(WeekdaysOnly(), UTC)


def _between(after: date, last: date) -> list[date]:
    """Return the days after one day up to another, which is included."""
    return [after + _ONE * number for number in range(1, (last - after).days + 1)]


def _ended(last: date, skipped: tuple[date, ...], counting: Counting) -> Count:
    """Return the count of a term that ends with ``last``, or with what the rule about days of rest makes of it."""
    rule, calendar, zone = counting.moved_by, counting.calendar, counting.zone
    unmoved = Count(end_of_day(last, zone), last, skipped)
    if rule is None or not rule.in_force(last):
        return unmoved
    try:
        after = last if calendar.is_working(last) else nth_after(calendar, last, 1)
    except Unpublished:
        if rule.may_decide:
            raise
        return unmoved
    if after == last:
        return unmoved
    if rule.may_decide:
        return Count(end_of_day(after, zone), after, skipped, moved_from=last, by=rule.cites)
    return replace(unmoved, could_end=after, by=rule.cites)


def count(limit: Rule, started: Instant, counting: Counting, stops: Sequence[Stop], more: Rule | None = None) -> Count:
    """Count the time limit of a rule from ``started``; ``more`` lengthens it, in the same unit, from its last day.

    ``stops`` are in order and do not overlap; each adds its length: in days, those after its first up to its last.

    Raises:
        Unpublished: the count needs a day of which the calendar cannot speak.
    """
    numbers = [rule.n or 0 for rule in (limit, more) if rule is not None]
    if limit.unit in _EXACT:
        stood = sum(until - since for since, until in stops)
        due = Instant(started + sum(numbers) * _EXACT[limit.unit] + stood)
        return Count(due, local_date(due, counting.zone))
    first = local_date(started, counting.zone)
    still = [day for stop in stops for day in _between(*(local_date(instant, counting.zone) for instant in stop))]
    if limit.unit == "wd":
        last = nth_after(_Running(counting.calendar, frozenset(still)), first, sum(numbers))
        resting = (day for day in _between(first, last) if day in still or not counting.calendar.is_working(day))
        return Count(end_of_day(last, counting.zone), last, tuple(resting))
    last = first
    for number in numbers:
        months = number * _MONTHS.get(limit.unit, 0)
        last = add_months(last, months) if months else last + _ONE * number
    return _ended(last + _ONE * len(still), tuple(still), counting)
