"""What becomes of something and when next: the earliest ceiling counts, a floor keeps past it, a wish hurries it."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shouxin.retention.outlook import ASKED, EXPIRED, WITHDRAWN, Ceiling, Outlook, State, judge
from shouxin.retention.resolve import Kept, Relationship

TODAY = date(2026, 6, 15)
KEPT = Kept("CN-AML-34-3-IDENTITY", "AML 34(3)", date(2036, 1, 1))
DATES = st.dates(date(2000, 1, 1), date(2060, 1, 1))


def test_in_use_until_the_day_of_the_ceiling_and_due_on_it() -> None:
    """The last day of use is the one before."""
    collected = TODAY - timedelta(days=30)
    early = judge(collected, [Ceiling(31, "collection")], None, None, TODAY)
    assert early == Outlook(State.IN_USE, EXPIRED, TODAY + timedelta(days=1), None)
    assert judge(collected, [Ceiling(30, "collection")], None, None, TODAY) == Outlook(State.DUE, EXPIRED, TODAY)


def test_of_several_versions_the_earliest_ceiling_counts() -> None:
    """A later card cannot lengthen what people were told before."""
    versions = [Ceiling(10, "collection"), Ceiling(1000, "collection")]
    assert judge(TODAY - timedelta(days=11), versions, None, None, TODAY).state is State.DUE


def test_a_clock_that_has_not_started_is_for_people_to_look_at() -> None:
    """An open relationship gives no day, whatever keeps it."""
    open_end = Relationship(date(2020, 1, 1), None)
    found = judge(TODAY, [Ceiling(30, "end_of_relationship")], KEPT, open_end, TODAY)
    assert found == Outlook(State.UNDATED, EXPIRED, None, KEPT)


def test_past_its_ceiling_and_kept_by_law_it_is_stored_and_protected_only() -> None:
    """Kept until the floor ends; without a floor it is due; a wish hurries what is in use, never what is kept."""
    old = TODAY - timedelta(days=400)
    ceiling = [Ceiling(365, "collection")]
    assert judge(old, ceiling, KEPT, None, TODAY) == Outlook(State.KEPT, EXPIRED, KEPT.until, KEPT)
    assert judge(TODAY, ceiling, None, None, TODAY, WITHDRAWN) == Outlook(State.DUE, WITHDRAWN, TODAY)
    assert judge(TODAY, ceiling, KEPT, None, TODAY, ASKED) == Outlook(State.KEPT, ASKED, KEPT.until, KEPT)


@given(DATES, st.integers(0, 4000), DATES, st.sampled_from([None, KEPT]), st.sampled_from([None, ASKED, WITHDRAWN]))
def test_nothing_in_use_is_past_its_ceiling_and_nothing_kept_is_due(
    collected: date, days: int, today: date, kept: Kept | None, wanted: object
) -> None:
    """For every day: in use means a day to come; due means that nothing keeps it."""
    found = judge(collected, [Ceiling(days, "collection")], kept, None, today, wanted)  # type: ignore[arg-type]
    if found.state is State.IN_USE:
        assert wanted is None
        assert found.on is not None
        assert found.on > today
    if found.state is State.DUE:
        assert kept is None
    if kept is None and wanted is not None:
        assert found.state is State.DUE
