"""The ports of clocks (``domain.clock``) and of working days (``domain.working_days``): one suite over every driver."""

from __future__ import annotations

import time
from datetime import date, timedelta

import pytest

from shouxin.domain.clock import Clock, Instant, SystemClock, later_of
from shouxin.domain.working_days import ChineseWorkingDays, WeekdaysOnly, WorkingDays, nth_after

CLOCKS: dict[str, Clock] = {"system": SystemClock()}
CALENDARS: dict[str, WorkingDays] = {"china": ChineseWorkingDays(), "weekdays": WeekdaysOnly()}
FIRST, LAST = date(2025, 9, 1), date(2026, 10, 31)


@pytest.fixture(params=list(CALENDARS.values()), ids=list(CALENDARS))
def calendar(request: pytest.FixtureRequest) -> WorkingDays:
    """Each calendar in turn."""
    found: WorkingDays = request.param
    return found


@pytest.mark.parametrize("clock", CLOCKS.values(), ids=list(CLOCKS))
def test_a_clock_counts_milliseconds_since_1970(clock: Clock) -> None:
    """Between two looks at the machine's own time lies what the clock says; what the log has seen is never undone."""
    before = time.time_ns() // 1_000_000
    now = clock.now()
    assert before <= now <= time.time_ns() // 1_000_000
    assert isinstance(now, int)
    assert later_of(clock, Instant(now + 10**9)) == now + 10**9
    assert later_of(clock, Instant(0)) >= now


def test_a_day_is_worked_or_it_is_not(calendar: WorkingDays) -> None:
    """Asked again it says the same; a working week has days of both kinds, and nobody rests for ten days."""
    days = [FIRST + timedelta(number) for number in range((LAST - FIRST).days + 1)]
    worked = [calendar.is_working(day) for day in days]
    assert worked == [calendar.is_working(day) for day in days]
    assert set(worked) == {True, False}
    assert all(any(worked[at : at + 10]) for at in range(len(worked) - 10))


@pytest.mark.parametrize("count", [1, 2, 5, 15, 30])
def test_the_nth_working_day_is_counted_by_the_calendar(calendar: WorkingDays, count: int) -> None:
    """It is worked, and exactly so many days behind the first one are, up to it; from whatever day one counts."""
    for start in (FIRST, date(2025, 9, 27), date(2025, 9, 30), date(2026, 2, 13), date(2026, 5, 1)):
        end = nth_after(calendar, start, count)
        between = [start + timedelta(number) for number in range(1, (end - start).days + 1)]
        assert calendar.is_working(end)
        assert sum(map(calendar.is_working, between)) == count
