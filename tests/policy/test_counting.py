"""Terms are counted as their unit says, and never end later than held texts allow."""

from __future__ import annotations

from datetime import UTC, date, timedelta

import pytest

from shouxin.domain.clock import HOUR, MINUTE, Instant, end_of_day, local_date
from shouxin.errors import Unpublished
from shouxin.policy.counting import count, counting_of
from shouxin.policy.lawpack import load_pack
from tests.policy.clocks import HELD, REST, SHIPPED, at, lengthens, limit

START = date(2026, 3, 3)  # a Tuesday


@pytest.mark.parametrize(("n", "unit", "ms"), [(30, "min", 30 * MINUTE), (4, "h", 4 * HOUR), (72, "h", 72 * HOUR)])
def test_hours_run_from_the_moment_through_nights_and_holidays(n: int, unit: str, ms: int) -> None:
    """To the millisecond, with no regard to days."""
    start = Instant(at(date(2026, 2, 14), 23) + 7)
    found = count(limit(n, unit), start, HELD, ())
    assert found.due == start + ms
    assert (found.last, found.skipped) == (local_date(found.due), ())


@pytest.mark.parametrize(
    ("start", "n", "unit", "last"),
    [
        (START, 1, "d", date(2026, 3, 4)),
        (START, 20, "d", date(2026, 3, 23)),
        (date(2026, 1, 30), 1, "m", date(2026, 2, 28)),  # no 30 February: the last day of the month
        (date(2024, 2, 29), 1, "y", date(2025, 2, 28)),
        (date(2024, 2, 29), 3, "y", date(2027, 2, 28)),
        (date(2026, 2, 13), 2, "wd", date(2026, 2, 24)),
        (date(2026, 2, 10), 10, "wd", date(2026, 3, 2)),
    ],
)
def test_the_first_day_is_not_counted_and_the_last_counts_to_its_end(
    start: date, n: int, unit: str, last: date
) -> None:
    """Whatever the hour at which the clock started."""
    for hour in (0, 9, 23):
        found = count(limit(n, unit), at(start, hour), SHIPPED, ())
        assert (found.last, found.due) == (last, end_of_day(last))


def test_the_local_day_counts_and_not_that_of_greenwich() -> None:
    """One in the morning in China is still yesterday in UTC."""
    assert count(limit(1, "d"), at(START, 1), SHIPPED, ()).last == START + timedelta(days=1)
    in_utc = count(limit(1, "d"), at(START, 1), counting_of(load_pack("eu")), ())
    assert (in_utc.last, in_utc.due) == (START, end_of_day(START, UTC))


def test_days_of_rest_are_told_where_working_days_are_counted() -> None:
    """Nine days of Spring Festival and the Sunday after; the make-up Saturdays of the 14th and the 28th are counted."""
    skipped = count(limit(10, "wd"), at(date(2026, 2, 10)), SHIPPED, ()).skipped
    assert skipped == (*(date(2026, 2, day) for day in range(15, 24)), date(2026, 3, 1))


FESTIVAL = date(2026, 2, 17)


def test_a_last_day_of_rest_moves_only_by_a_text_that_is_held() -> None:
    """Article 203 advises: the term ends on the holiday, and it is told where it could end; held, it moves."""
    assert not REST.may_decide
    start = at(FESTIVAL - timedelta(days=20))
    shipped, held = (count(limit(20, "d"), start, one, ()) for one in (SHIPPED, HELD))
    assert (shipped.last, shipped.moved_from, shipped.could_end) == (FESTIVAL, None, date(2026, 2, 24))
    assert (held.last, held.moved_from, held.could_end) == (date(2026, 2, 24), FESTIVAL, None)
    assert held.due == end_of_day(date(2026, 2, 24))
    assert shipped.by == held.by == "CC 203(1)"


def test_a_rule_that_was_not_in_force_moved_no_day() -> None:
    """The Civil Code moves terms that end in 2021 or later, not one that ends on New Year's Day of 2020."""
    new_year = date(2020, 1, 1)
    assert count(limit(5, "d"), at(new_year - timedelta(days=5)), HELD, ()).last == new_year
    assert count(limit(5, "d"), at(date(2020, 12, 27)), HELD, ()).last == date(2021, 1, 4)


def test_a_make_up_saturday_is_no_day_of_rest() -> None:
    """A term that ends on a Saturday that is worked ends there; on any other Saturday it moves to Monday."""
    worked, free = date(2026, 2, 28), date(2026, 3, 7)
    assert count(limit(5, "d"), at(worked - timedelta(days=5)), HELD, ()).last == worked
    assert count(limit(5, "d"), at(free - timedelta(days=5)), HELD, ()).last == free + timedelta(days=2)


def test_a_year_that_is_not_published_is_refused_where_it_matters() -> None:
    """Working days always need it, and so does a rule that moves the last day; advice about 2027 is left out."""
    start = at(date(2026, 12, 10))
    with pytest.raises(Unpublished):
        count(limit(15, "wd"), start, SHIPPED, ())
    with pytest.raises(Unpublished):
        count(limit(30, "d"), start, HELD, ())
    found = count(limit(30, "d"), start, SHIPPED, ())
    assert (found.last, found.could_end) == (date(2027, 1, 9), None)


def test_more_time_counts_from_the_day_on_which_the_term_would_have_ended() -> None:
    """One month from 31 January is 28 February, and two more are 28 April; a move of the first end is no gain."""
    month = limit(1, "m")
    assert count(month, at(date(2026, 1, 31)), SHIPPED, (), lengthens(month, 2)).last == date(2026, 4, 28)
    days = limit(20, "d")
    start = at(FESTIVAL - timedelta(days=20))
    assert count(days, start, HELD, (), lengthens(days, 8)).last == FESTIVAL + timedelta(days=8)
    hours = limit(4, "h")
    assert count(hours, at(START), SHIPPED, (), lengthens(hours, 2)).due == at(START) + 6 * HOUR
    working = limit(10, "wd")
    assert count(working, at(START), SHIPPED, (), lengthens(working, 5)) == count(
        limit(15, "wd"), at(START), SHIPPED, ()
    )


def test_working_days_on_which_the_clock_stood_are_not_counted() -> None:
    """Paused on Wednesday, resumed on Friday: Thursday and Friday do not count, and say so."""
    stop = (at(date(2026, 3, 4)), at(date(2026, 3, 6)))
    found = count(limit(5, "wd"), at(START), SHIPPED, [stop])
    assert found.last == date(2026, 3, 12)
    assert found.skipped == (date(2026, 3, 5), date(2026, 3, 6), date(2026, 3, 7), date(2026, 3, 8))


def test_without_a_calendar_nothing_moves() -> None:
    """The pack of the EU has none: a month that ends on a Saturday ends there."""
    found = count(limit(1, "m"), at(date(2026, 2, 7), 12), counting_of(load_pack("eu")), ())
    assert (found.last.weekday(), found.could_end) == (5, None)
