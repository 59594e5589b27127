"""What holds for every clock: any start, any term, any pause."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, reject
from hypothesis import strategies as st

from shouxin.domain.clock import DAY, HOUR, Instant, end_of_day, local_date
from shouxin.errors import Unpublished
from shouxin.policy.clock_transitions import ClockState
from shouxin.policy.counting import Counting
from shouxin.policy.deadline import Deadline, begin, extend, pause, resume, state_at
from shouxin.policy.rule import Rule
from tests.policy.clocks import CALENDAR, FIRM, HELD, SHIPPED, at, lengthens, limit

FIRST, LAST = at(date(2024, 1, 1), 0), at(date(2026, 3, 1), 0)
instants = st.integers(FIRST, LAST).map(Instant)
exact = st.builds(limit, st.integers(1, 200), st.sampled_from(["min", "h"]))
days = st.builds(limit, st.integers(1, 60), st.just("d")) | st.builds(limit, st.integers(1, 6), st.just("m"))
working = st.builds(limit, st.integers(1, 30), st.just("wd"))
limits = exact | days | working
countings = st.sampled_from([SHIPPED, HELD])


def _due(one: Deadline) -> Instant:
    assert one.due is not None
    return one.due


def _last(one: Deadline) -> date:
    assert one.count is not None
    return one.count.last


def _after(day: date, last: date) -> list[date]:
    return [day + timedelta(days=number) for number in range(1, (last - day).days + 1)]


@given(limits, instants, st.integers(0, 40 * DAY), countings)
def test_who_starts_later_is_due_no_earlier(rule: Rule, start: Instant, later: int, counting: Counting) -> None:
    """A deadline is monotone in its start, and comes after it."""
    one, other = begin(rule, start, counting), begin(rule, Instant(start + later), counting)
    assert start < _due(one) <= _due(other)


@given(working, instants)
def test_exactly_n_working_days_are_counted(rule: Rule, start: Instant) -> None:
    """The last day is a working day, and so many of the days after the start are, up to it."""
    one = begin(rule, start, SHIPPED)
    passed = _after(local_date(start), _last(one))
    assert CALENDAR.is_working(passed[-1])
    assert sum(map(CALENDAR.is_working, passed)) == rule.n
    assert _due(one) == end_of_day(passed[-1])


@given(days, instants)
def test_no_term_ends_on_a_day_of_rest_where_article_203_holds(rule: Rule, start: Instant) -> None:
    """It ends on the first working day that is not before the day on which it would have ended."""
    shipped, held = begin(rule, start, SHIPPED), begin(rule, start, HELD)
    assert CALENDAR.is_working(_last(held))
    assert not any(map(CALENDAR.is_working, _after(_last(shipped) - timedelta(days=1), _last(held))[:-1]))
    assert shipped.count is not None
    assert (shipped.count.could_end or _last(shipped)) == _last(held)


@given(limits, instants)
def test_what_only_advises_never_gives_more_time(rule: Rule, start: Instant) -> None:
    """A reading whose text is not held makes no deadline later."""
    assert _due(begin(rule, start, SHIPPED)) <= _due(begin(rule, start, HELD))


@given(exact, instants, st.integers(0, 100), st.integers(0, 30 * DAY))
def test_a_pause_of_an_hours_clock_moves_its_due_by_its_length(
    rule: Rule, start: Instant, percent: int, stood: int
) -> None:
    """To the millisecond, wherever it falls."""
    one = begin(rule, start, SHIPPED)
    since = Instant(start + (_due(one) - start) * percent // 100)
    again = resume(pause(one, FIRM, since), Instant(since + stood), SHIPPED)
    assert _due(again) == _due(one) + stood


@given(days, instants, st.integers(0, 100), st.integers(0, 60), st.integers(0, HOUR))
def test_a_pause_of_days_moves_the_due_by_as_many(
    rule: Rule, start: Instant, percent: int, stood: int, crumb: int
) -> None:
    """Whole days count, what is left of an hour does not unless it reaches into the next day."""
    one = begin(rule, start, SHIPPED)
    since = Instant(start + (_due(one) - start) * percent // 100)
    until = Instant(since + stood * DAY + crumb)
    crossed = (local_date(until) - local_date(since)).days
    assert crossed in (stood, stood + 1)
    assert _due(resume(pause(one, FIRM, since), until, SHIPPED)) == _due(one) + crossed * DAY


@given(working, instants, st.integers(0, 100), st.integers(0, 20))
def test_working_days_that_stood_are_made_up(rule: Rule, start: Instant, percent: int, stood: int) -> None:
    """As many working days are counted as without the pause, none of them while the clock stood."""
    one = begin(rule, start, SHIPPED)
    since = Instant(start + (_due(one) - start) * percent // 100)
    until = Instant(since + stood * DAY)
    again = resume(pause(one, FIRM, since), until, SHIPPED)
    still = set(_after(local_date(since), local_date(until)))
    counted = [day for day in _after(local_date(start), _last(again)) if day not in still and CALENDAR.is_working(day)]
    assert len(counted) == rule.n
    assert counted[-1] == _last(again)


@given(limits, instants, st.integers(1, 6), countings)
def test_more_time_is_never_less(rule: Rule, start: Instant, n: int, counting: Counting) -> None:
    """An extension moves the due on; extending by working days is counting more of them."""
    one = begin(rule, start, counting)
    try:
        longer = extend(one, lengthens(rule, n), start, counting)
    except Unpublished:  # beyond the working days that are held nothing is guessed
        reject()
    assert _due(longer) > _due(one) or (_due(longer) == _due(one) and one.count != longer.count)
    if rule.unit == "wd":
        assert _due(longer) == _due(begin(limit((rule.n or 0) + n, "wd"), start, counting))


@given(limits, instants, st.integers(-60 * DAY, 60 * DAY))
def test_a_clock_is_missed_exactly_after_its_due(rule: Rule, start: Instant, away: int) -> None:
    """By comparison with the instant that is brought, in both directions."""
    one = begin(rule, start, SHIPPED)
    assert (state_at(one, Instant(_due(one) + away)) is ClockState.MISSED) == (away > 0)
