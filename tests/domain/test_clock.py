"""Time is whole milliseconds, never runs back for a right that ended, and counts months as the law does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.domain.clock import (
    DAY,
    HOUR,
    Instant,
    SystemClock,
    add_months,
    age_on,
    end_of_day,
    later_of,
    local_date,
    write,
)
from shouxin.errors import Invalid

DATES = st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 1, 1))


@dataclass(frozen=True, slots=True)
class Stopped:
    """A clock that stands still."""

    at: int

    def now(self) -> Instant:
        return Instant(self.at)


@given(st.integers(0, 1 << 42), st.integers(0, 1 << 42))
def test_a_clock_that_jumps_back_revives_nothing(clock: int, ledger: int) -> None:
    """Rights are judged by the clock, but never before what the ledger has seen."""
    assert later_of(Stopped(clock), Instant(ledger)) == max(clock, ledger)


def test_the_system_clock_counts_milliseconds() -> None:
    """The operating system's time is given in whole milliseconds of this century."""
    now = SystemClock().now()
    assert isinstance(now, int)
    assert date(2020, 1, 1) < local_date(now) < date(2100, 1, 1)


def test_an_instant_is_written_in_utc_to_the_second() -> None:
    """RFC 3339 in UTC; the milliseconds are cut off, not rounded up."""
    assert write(Instant(0)) == "1970-01-01T00:00:00Z"
    assert write(Instant(DAY + HOUR + 999)) == "1970-01-02T01:00:00Z"


def test_the_calendar_day_is_that_of_the_institution() -> None:
    """At 16:00 UTC a new day begins in China, and statutory terms count it."""
    assert local_date(Instant(16 * HOUR - 1)) == date(1970, 1, 1)
    assert local_date(Instant(16 * HOUR)) == date(1970, 1, 2)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2025, 11, 30), 3, date(2026, 2, 28)),
        (date(2025, 12, 15), 1, date(2026, 1, 15)),
        (date(2025, 1, 15), 120, date(2035, 1, 15)),
        (date(2025, 6, 30), 0, date(2025, 6, 30)),
        (date(2025, 10, 31), 2, date(2025, 12, 31)),
    ],
)
def test_a_term_of_months_ends_on_the_same_day_or_the_last_of_the_month(start: date, months: int, end: date) -> None:
    """民法典 202: no such day in the last month means its last day."""
    assert add_months(start, months) == end


@given(DATES, st.integers(0, 1200))
def test_months_never_end_early_nor_a_month_late(start: date, months: int) -> None:
    """The end lies in the right month, on the right day or the month's last."""
    end = add_months(start, months)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day == start.day or (end.day < start.day and (end + timedelta(days=1)).day == 1)


@given(DATES, st.integers(-12, 14))
def test_a_day_ends_with_its_last_millisecond(day: date, hours: int) -> None:
    """The end of a day is still that day where the institution works; a millisecond later it is the next."""
    zone = timezone(timedelta(hours=hours))
    end = end_of_day(day, zone)
    assert local_date(end, zone) == local_date(Instant(end - DAY + 1), zone) == day
    assert local_date(Instant(end + 1), zone) == day + timedelta(days=1)


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        (date(2012, 6, 1), date(2026, 5, 31), 13),
        (date(2012, 6, 1), date(2026, 6, 1), 14),
        (date(2012, 2, 29), date(2026, 2, 28), 13),
        (date(2012, 2, 29), date(2026, 3, 1), 14),
        (date(2012, 2, 29), date(2028, 2, 29), 16),
        (date(2026, 1, 1), date(2026, 1, 1), 0),
    ],
)
def test_age_is_counted_in_whole_years(born: date, on: date, age: int) -> None:
    """On the birthday one is a year older, the day before not."""
    assert age_on(born, on) == age


def test_nobody_has_an_age_before_their_birth() -> None:
    """Two dates the wrong way round are a mistake, not an age below zero."""
    with pytest.raises(Invalid):
        age_on(date(2026, 1, 2), date(2026, 1, 1))
