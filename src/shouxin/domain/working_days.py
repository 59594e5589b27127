"""Working days: which days count where the institution works.

Laws of this file. A day of which nobody has published whether it is worked is ``Unpublished``, never guessed: neither
"weekdays are worked" nor "holidays fall as last year". Days are local dates (``clock.local_date``).

Called by: whoever counts statutory terms. **Source:** 国务院办公厅关于部分节假日安排的通知, one a year, as the package
``chinesecalendar`` carries them.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, Protocol

import chinese_calendar  # type: ignore[import-untyped]  # ships no types

from shouxin.errors import Invalid, Unpublished

__all__ = ["ChineseWorkingDays", "WeekdaysOnly", "WorkingDays", "nth_after"]

_ONE: Final = timedelta(days=1)
_SATURDAY: Final = 5
# The notice for a year also settles the days before its New Year: that of 2019 made Saturday 29 December 2018 a
# working day. Until it is held, the last week of the last year that is held may still change.
_LAST_SETTLED: Final = (12, 24)


class WorkingDays(Protocol):
    """A calendar that tells working days from days of rest."""

    def is_working(self, day: date) -> bool:
        """Say whether ``day`` is a working day.

        Raises:
            Unpublished: the arrangement for that day is not held.
        """
        ...


class ChineseWorkingDays:
    """The arrangements of the State Council: public holidays, days off in exchange, and the weekends worked for them.

    ``first`` and ``last`` bound the days of which it can speak, both included.
    """

    def __init__(self) -> None:
        years = {day.year for day in chinese_calendar.holidays}
        self.first = date(min(years), 1, 1)
        self.last = date(max(years), *_LAST_SETTLED)

    def is_working(self, day: date) -> bool:
        """Say whether ``day`` is worked in China.

        Raises:
            Unpublished: the day is before ``first`` or after ``last``.
        """
        if not self.first <= day <= self.last:
            raise Unpublished(f"working days are held from {self.first} to {self.last}, not for {day.year}-{day:%m}")
        # The package's own is_workday looks for the bounds of its tables on every call, which takes most of the time.
        return day in chinese_calendar.workdays or (day.weekday() < _SATURDAY and day not in chinese_calendar.holidays)


class WeekdaysOnly:
    """Monday to Friday and no holiday: for packs without a calendar of their own, whose deadlines only advise."""

    def is_working(self, day: date) -> bool:
        """Say whether ``day`` is a weekday."""
        return day.weekday() < _SATURDAY


def nth_after(calendar: WorkingDays, day: date, n: int) -> date:
    """Return the ``n``-th working day after ``day``; ``day`` itself is not counted.

    Raises:
        Invalid: ``n`` is below 1.
        Unpublished: the count comes to a day of which the calendar cannot speak.
    """
    if n < 1:
        raise Invalid("working days are counted from 1", "n")
    while n:
        day += _ONE
        n -= calendar.is_working(day)
    return day
