"""Chinese working days as the State Council arranged them; what nobody has published is refused."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest

from shouxin.domain.working_days import ChineseWorkingDays, WeekdaysOnly, nth_after
from shouxin.errors import Invalid, OperatorError, Unpublished

CHINA = ChineseWorkingDays()

# Year -> days off as (first, last) and weekend days that are worked, as (month, day), copied from the notices:
# 国办发明电〔2023〕7号, 〔2024〕12号, 〔2025〕7号. A year that the package newly holds belongs here too.
NOTICES = {
    2024: (
        [((1, 1), (1, 1)), ((2, 10), (2, 17)), ((4, 4), (4, 6)), ((5, 1), (5, 5)), ((6, 10), (6, 10)),
         ((9, 15), (9, 17)), ((10, 1), (10, 7))],
        [(2, 4), (2, 18), (4, 7), (4, 28), (5, 11), (9, 14), (9, 29), (10, 12)],
    ),
    2025: (
        [((1, 1), (1, 1)), ((1, 28), (2, 4)), ((4, 4), (4, 6)), ((5, 1), (5, 5)), ((5, 31), (6, 2)),
         ((10, 1), (10, 8))],
        [(1, 26), (2, 8), (4, 27), (9, 28), (10, 11)],
    ),
    2026: (
        [((1, 1), (1, 3)), ((2, 15), (2, 23)), ((4, 4), (4, 6)), ((5, 1), (5, 5)), ((6, 19), (6, 21)),
         ((9, 25), (9, 27)), ((10, 1), (10, 7))],
        [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)],
    ),
}  # fmt: skip


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


@pytest.mark.parametrize("year", NOTICES)
def test_every_day_of_a_year_is_as_its_notice_says(year: int) -> None:
    """Holidays rest, make-up Saturdays and Sundays are worked, all other days follow the week."""
    spans, made_up = NOTICES[year]
    off = {day for first, last in spans for day in _days(date(year, *first), date(year, *last))}
    worked = {date(year, *day) for day in made_up}
    assert all(day.weekday() >= 5 for day in worked)
    for day in _days(date(year, 1, 1), min(date(year, 12, 31), CHINA.last)):
        assert CHINA.is_working(day) == (day in worked or (day.weekday() < 5 and day not in off)), day


def test_every_day_that_is_held_is_as_the_package_says() -> None:
    """From the first day to the last, its own answer and ours are one."""
    held = _days(CHINA.first, CHINA.last)
    assert [CHINA.is_working(day) for day in held] == [chinese_calendar.is_workday(day) for day in held]


def test_the_days_that_are_held_have_bounds() -> None:
    """From 2004 to the last week of 2026: the notice for 2027 may still make working days of its weekend."""
    assert (CHINA.first, CHINA.last) == (date(2004, 1, 1), date(2026, 12, 24))
    assert CHINA.last.year == max(NOTICES)


@pytest.mark.parametrize("day", [date(2003, 12, 31), date(2026, 12, 25), date(2027, 1, 4), date(2027, 3, 6)])
def test_what_is_not_published_is_refused(day: date) -> None:
    """Neither a weekday nor a Saturday outside the bounds is guessed; the operator must act."""
    with pytest.raises(Unpublished, match="2004-01-01 to 2026-12-24") as caught:
        CHINA.is_working(day)
    assert isinstance(caught.value, OperatorError)


def test_a_new_year_reaches_back_into_the_old() -> None:
    """The notice for 2019 made 29 December 2018, a Saturday, a working day: why the last week is not settled."""
    assert CHINA.is_working(date(2018, 12, 29))
    assert not CHINA.is_working(date(2018, 12, 31))


@pytest.mark.parametrize(
    ("day", "n", "wanted"),
    [
        (date(2026, 2, 13), 1, date(2026, 2, 14)),  # a Saturday that is worked
        (date(2026, 2, 13), 2, date(2026, 2, 24)),  # behind nine days of Spring Festival
        (date(2026, 2, 17), 1, date(2026, 2, 24)),  # from inside it
        (date(2026, 9, 30), 5, date(2026, 10, 13)),  # National Day, then a Saturday that is worked
        (date(2024, 9, 27), 2, date(2024, 9, 30)),  # a Sunday that is worked
    ],
)
def test_working_days_are_counted_after_a_day(day: date, n: int, wanted: date) -> None:
    """The day itself is not counted, days of rest are passed over, make-up days are counted."""
    assert nth_after(CHINA, day, n) == wanted


def test_a_count_that_leaves_the_calendar_is_refused() -> None:
    """The last day that is held can be reached, the next one is refused and not taken for a weekday."""
    assert nth_after(CHINA, date(2026, 12, 23), 1) == CHINA.last
    with pytest.raises(Unpublished):
        nth_after(CHINA, date(2026, 12, 23), 2)


@pytest.mark.parametrize("n", [0, -1])
def test_there_is_no_working_day_number_nought(n: int) -> None:
    """A count begins with one."""
    with pytest.raises(Invalid):
        nth_after(CHINA, date(2026, 3, 2), n)


def test_without_a_calendar_the_week_decides() -> None:
    """Monday to Friday, in any year; nothing is published, so nothing is refused."""
    week = _days(date(2031, 1, 6), date(2031, 1, 12))
    assert [WeekdaysOnly().is_working(day) for day in week] == [True] * 5 + [False] * 2
    assert nth_after(WeekdaysOnly(), date(2031, 1, 10), 1) == date(2031, 1, 13)
