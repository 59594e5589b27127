"""Time as the product uses it: whole milliseconds since 1970-01-01T00:00:00Z.

A clock is an argument, never a global. A clock that jumps back cannot revive a right that ended: whatever expires is
judged by ``later_of`` the clock and the time of the last ledger entry.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final, NewType, Protocol

from shouxin.errors import Invalid

__all__ = [
    "CHINA",
    "DAY",
    "HOUR",
    "MINUTE",
    "SECOND",
    "Clock",
    "Instant",
    "SystemClock",
    "add_months",
    "age_on",
    "end_of_day",
    "later_of",
    "local_date",
    "write",
]

Instant = NewType("Instant", int)

SECOND: Final = 1000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
CHINA: Final = timezone(timedelta(hours=8), "UTC+8")


class Clock(Protocol):
    """Something that tells the time."""

    def now(self) -> Instant:
        """Return the present instant; it may be wrong, and it may go back."""
        ...


class SystemClock:
    """The clock of the operating system."""

    def now(self) -> Instant:
        """Return the operating system's time."""
        return Instant(time.time_ns() // 1_000_000)


def later_of(clock: Clock, last_recorded: Instant) -> Instant:
    """Return the instant by which rights expire: the clock's, but never before what the ledger has seen."""
    return max(clock.now(), last_recorded)


@lru_cache(maxsize=256)
def write(instant: Instant) -> str:
    """Write ``instant`` as RFC 3339 in UTC, to the second."""
    return datetime.fromtimestamp(instant / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=256)
def local_date(instant: Instant, zone: timezone = CHINA) -> date:
    """Return the calendar date of ``instant`` where the institution works; statutory terms count in that place."""
    return datetime.fromtimestamp(instant / 1000, zone).date()


@lru_cache(maxsize=256)
def end_of_day(day: date, zone: timezone = CHINA) -> Instant:
    """Return the last millisecond of ``day`` where the institution works: what is done then is done that day."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    return Instant(int(midnight.timestamp()) * SECOND + DAY - 1)


def add_months(start: date, months: int) -> date:
    """Return the same day ``months`` later, or the last day of that month when there is none (民法典 202)."""
    month = start.month - 1 + months
    year, month = start.year + month // 12, month % 12 + 1
    first_of_next = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, min(start.day, (first_of_next - timedelta(days=1)).day))


def age_on(born: date, on: date) -> int:
    """Return the age in whole years (周岁) on a day: on the 14th birthday it is 14, the day before 13.

    Whoever was born on 29 February grows older on 1 March in a year without that day.

    Raises:
        Invalid: the day lies before the birth.
    """
    if on < born:
        raise Invalid("nobody has an age before their birth")
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
