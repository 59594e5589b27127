"""May it go? A floor that runs wins, the longest speaks, and a clock that cannot start keeps nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.errors import Invalid
from shouxin.retention.resolve import Floor, Kept, Relationship, due_on, resolve

TODAY = date(2026, 6, 15)
AML = Floor("CN-AML-34-3-IDENTITY", "AML 34(3)", 10, "y", "end_of_relationship")
SHORT = Floor("CN-X-1", "X 1", 6, "m", "end_of_relationship")
BEGAN = date(2015, 1, 1)
DATES = st.dates(date(2000, 1, 1), date(2060, 1, 1))


def test_without_a_relationship_no_floor_runs() -> None:
    """A declined applicant never became a customer: nothing of theirs is kept by a term that counts from its end."""
    assert resolve([AML, SHORT], None, TODAY) is None


def test_without_a_floor_nothing_keeps_it() -> None:
    """A customer's data that no law wants kept may go."""
    assert resolve([], Relationship(BEGAN, None), TODAY) is None


def test_a_running_relationship_keeps_without_a_date() -> None:
    """While the end is not known the floor holds and names no day."""
    assert resolve([AML], Relationship(BEGAN, None), TODAY) == Kept(AML.rule, AML.article, None)


@pytest.mark.parametrize(
    ("ended", "kept"),
    [
        (date(2016, 6, 16), True),
        (date(2016, 6, 15), False),
        (date(2010, 1, 1), False),
        (date(2026, 6, 15), True),
    ],
)
def test_the_floor_runs_to_its_last_day(ended: date, kept: bool) -> None:
    """Ten years after the end it may go on that very day, and not one day before."""
    outcome = resolve([AML], Relationship(BEGAN, date(2030, 1, 1), ended), TODAY)
    assert (outcome is not None) is kept
    if outcome is not None:
        assert outcome.until == ended.replace(year=ended.year + 10)


def test_an_expected_end_gives_the_expected_day() -> None:
    """A loan that still runs is kept until ten years after the day on which its contract ends."""
    assert resolve([AML], Relationship(BEGAN, date(2028, 2, 29)), TODAY) == Kept(
        AML.rule, AML.article, date(2038, 2, 28)
    )


def test_what_ended_early_counts_from_its_end() -> None:
    """The fact goes before what the contract expected."""
    outcome = resolve([AML], Relationship(BEGAN, date(2040, 1, 1), date(2025, 5, 1)), TODAY)
    assert outcome == Kept(AML.rule, AML.article, date(2035, 5, 1))


def test_a_loan_in_arrears_is_kept_although_its_contract_should_have_ended() -> None:
    """An end that was expected and did not come starts no clock: the floor has not begun to run out."""
    overdue = Relationship(date(2005, 1, 1), date(2010, 1, 1), ended=None)
    assert resolve([AML], overdue, TODAY) == Kept(AML.rule, AML.article, None)
    due_today = Relationship(BEGAN, TODAY)
    assert resolve([Floor("r", "a", 0, "d", "end_of_relationship")], due_today, TODAY) == Kept("r", "a", None)


@pytest.mark.parametrize(
    ("made", "kept"),
    [
        (None, Kept("r", "a", None)),
        (TODAY, Kept("r", "a", TODAY.replace(year=TODAY.year + 3))),
        (TODAY.replace(year=TODAY.year - 3), None),
    ],
)
def test_a_record_counts_from_the_day_on_which_it_was_made(made: date | None, kept: Kept | None) -> None:
    """PIPL 56(2): three years from completion, whoever it is about; a day that nobody knows has not come."""
    assert resolve([Floor("r", "a", 3, "y", "completion")], None, TODAY, made) == kept


def test_the_longest_floor_speaks() -> None:
    """Of several floors the one that keeps longest is named, whatever the order."""
    ended = Relationship(BEGAN, None, date(2026, 6, 1))
    for floors in ([AML, SHORT], [SHORT, AML]):
        outcome = resolve(floors, ended, TODAY)
        assert outcome is not None
        assert outcome.rule == AML.rule


@pytest.mark.parametrize(
    ("unit", "until"), [("d", date(2026, 7, 1)), ("m", date(2028, 12, 1)), ("y", date(2056, 6, 1))]
)
def test_terms_are_counted_in_their_unit(unit: str, until: date) -> None:
    """Days, months and years are not mixed up."""
    outcome = resolve(
        [Floor("r", "a", 30, unit, "end_of_relationship")], Relationship(BEGAN, None, date(2026, 6, 1)), TODAY
    )
    assert outcome is not None
    assert outcome.until == until


def test_an_unknown_unit_is_refused() -> None:
    """A term in weeks is an error, not a term of nothing."""
    with pytest.raises(Invalid):
        resolve([Floor("r", "a", 1, "w", "end_of_relationship")], Relationship(BEGAN, None, TODAY), TODAY)


@given(
    st.lists(
        st.builds(
            Floor,
            st.just("r"),
            st.just("a"),
            st.integers(0, 30),
            st.sampled_from("dmy"),
            st.just("end_of_relationship"),
        )
    ),
    DATES,
    DATES,
)
def test_once_gone_it_stays_free(floors: list[Floor], ended: date, today: date) -> None:
    """After the relationship has ended, what may go today may go on every later day, and a kept date lies ahead."""
    relationship = Relationship(BEGAN, None, ended)
    outcome = resolve(floors, relationship, today)
    if outcome is None:
        assert resolve(floors, relationship, today + timedelta(days=1)) is None
    else:
        assert outcome.until is not None
        assert outcome.until > today
        assert resolve(floors, relationship, outcome.until) is None


@pytest.mark.parametrize(
    ("starts", "relationship", "due"),
    [
        ("collection", None, date(2026, 7, 15)),
        ("collection", Relationship(BEGAN, None), date(2026, 7, 15)),
        ("end_of_relationship", None, date(2026, 7, 15)),
        ("end_of_relationship", Relationship(BEGAN, None), None),
        ("end_of_relationship", Relationship(BEGAN, date(2030, 1, 1)), date(2030, 1, 31)),
        ("end_of_relationship", Relationship(BEGAN, TODAY), None),
        ("end_of_relationship", Relationship(BEGAN, date(2030, 1, 1), date(2027, 1, 1)), date(2027, 1, 31)),
    ],
)
def test_a_ceiling_counts_from_its_start(starts: str, relationship: Relationship | None, due: date | None) -> None:
    """From collection, or from the end of the relationship; who never had one is counted from collection."""
    assert due_on(TODAY, 30, starts, relationship, TODAY) == due
