"""One clock a rule, as firm as the rule, each from its own start."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from shouxin.domain.clock import DAY, HOUR, Instant, end_of_day
from shouxin.errors import Invalid, NotInThisState, Refused, Unpublished
from shouxin.policy.clock_transitions import ClockState
from shouxin.policy.counting import counting_of
from shouxin.policy.deadline import (
    begin,
    due_next,
    extend,
    extension_of,
    has_clock,
    in_order,
    meet,
    parallel,
    pause,
    resume,
    state_at,
)
from shouxin.policy.lawpack import load_pack
from tests.policy.clocks import FIRM, LONGER, LOOSE, PACK, SHIPPED, at, lengthens, limit

DAY_ONE = date(2026, 3, 3)
HEARD = at(DAY_ONE)


def _days(number: int) -> Instant:
    return Instant(HEARD + number * DAY)


def test_the_boundary_belongs_to_the_term() -> None:
    """What is done at the last instant is in time, a millisecond later it is missed."""
    one = begin(limit(4, "h"), HEARD, SHIPPED)
    assert one.due == HEARD + 4 * HOUR
    assert state_at(one, one.due) is ClockState.RUNNING
    late = Instant(one.due + 1)
    assert state_at(one, late) is ClockState.MISSED
    assert meet(one, one.due).state is ClockState.MET
    with pytest.raises(NotInThisState, match="missed cannot meet"):
        meet(one, late)


def test_a_clock_that_was_met_stays_met() -> None:
    """Nothing expires that is done."""
    one = meet(begin(FIRM, HEARD, SHIPPED), _days(1))
    assert state_at(one, _days(1000)) is ClockState.MET


def test_a_deadline_is_as_firm_as_its_rule() -> None:
    """Rules read in a held text decide; all others, and the whole pack of the EU, advise."""
    assert begin(FIRM, HEARD, SHIPPED).decides
    assert not begin(LOOSE, HEARD, SHIPPED).decides
    eu = load_pack("eu")
    clocks = [rule for rule in eu.rules if has_clock(rule)]
    assert len(clocks) >= 3
    assert not any(begin(rule, HEARD, counting_of(eu)).decides for rule in clocks)


@pytest.mark.parametrize(
    "name",
    [
        "CN-AML-34-3-IDENTITY",  # a floor
        "CN-CRR-16-1-NEGATIVE",  # a ceiling
        "CN-PIPL-31-1-GUARDIAN",  # an age
        "CN-NFRA-73-REPORT",  # counts back from an event to come
        "CN-INC-ANNEX-LARGER-PERSONS",  # a number of people
    ],
)
def test_what_limits_no_time_has_no_clock(name: str) -> None:
    """A number is not a deadline."""
    with pytest.raises(Invalid, match="has no clock"):
        begin(PACK.rule(name), HEARD, SHIPPED)


def test_a_rule_hurries_nobody_before_it_is_in_force() -> None:
    """On the local day on which it takes effect it does; a draft never."""
    rule = PACK.rule("CN-INC-4-PROVINCE")
    assert rule.effective_from == date(2025, 11, 1)
    assert begin(rule, at(date(2025, 11, 1), 1), SHIPPED).due == at(date(2025, 11, 1), 5)
    with pytest.raises(Invalid, match="not in force"):
        begin(rule, at(date(2025, 10, 31), 23), SHIPPED)
    with pytest.raises(Invalid, match="not in force"):
        begin(PACK.rule("CN-PBOCI-BRIEF"), HEARD, SHIPPED)


def test_what_names_no_number_has_no_due() -> None:
    """立即 and 及时 run and are never missed by comparison."""
    for name in ("CN-PIPL-57-1-NOTIFY", "CN-NDSR-11-2-TELL"):
        one = begin(PACK.rule(name), HEARD, SHIPPED)
        assert (one.due, one.count, state_at(one, _days(999))) == (None, None, ClockState.RUNNING)


# ------------------------------------------------------------------------------------------------------------ pauses


def test_a_pause_stops_the_clock_and_its_length_is_added() -> None:
    """While it stands nothing is due and nothing is missed; ten days stood are ten days more, and are named."""
    one = begin(FIRM, HEARD, SHIPPED)
    standing = pause(one, FIRM, _days(5))
    assert (standing.due, state_at(standing, _days(999))) == (None, ClockState.PAUSED)
    again = resume(standing, _days(15), SHIPPED)
    assert again.due == (one.due or 0) + 10 * DAY
    assert again.count is not None
    assert again.count.skipped == tuple(DAY_ONE + timedelta(days=number) for number in range(6, 16))
    assert again.pauses[0].until == _days(15)


def test_a_clock_can_be_met_while_it_stands() -> None:
    """Whoever does what is asked need not wait."""
    assert meet(pause(begin(FIRM, HEARD, SHIPPED), FIRM, _days(1)), _days(2)).state is ClockState.MET


def test_a_pause_of_hours_adds_milliseconds() -> None:
    """Two stops of an hours clock add to the millisecond."""
    one = begin(limit(4, "h"), HEARD, SHIPPED)
    for stop in (HEARD + 1000, HEARD + 9000):
        one = resume(pause(one, FIRM, Instant(stop)), Instant(stop + 1234), SHIPPED)
    assert one.due == HEARD + 4 * HOUR + 2 * 1234


def test_what_only_advises_stops_no_clock_that_decides() -> None:
    """It may stop one that advises itself."""
    with pytest.raises(Refused) as caught:
        pause(begin(FIRM, HEARD, SHIPPED), LOOSE, _days(1))
    assert caught.value.reasons == ((LOOSE.id, LOOSE.cites),)
    assert pause(begin(LOOSE, HEARD, SHIPPED), LONGER, _days(1)).state is ClockState.PAUSED


def test_a_clock_that_has_run_out_cannot_be_stopped() -> None:
    """Nor resumed before it was paused, nor touched before it began."""
    one = begin(FIRM, HEARD, SHIPPED)
    with pytest.raises(NotInThisState):
        pause(one, FIRM, _days(60))
    with pytest.raises(Invalid):
        pause(one, FIRM, Instant(HEARD - 1))
    with pytest.raises(Invalid):
        resume(pause(one, FIRM, _days(2)), _days(1), SHIPPED)
    with pytest.raises(NotInThisState):
        resume(one, _days(1), SHIPPED)


# -------------------------------------------------------------------------------------------------------- extensions


def test_an_extension_is_found_by_the_rule_that_it_names() -> None:
    """A complaint may take thirty days more by special approval, one month of the GDPR two more; no other limit."""
    assert extension_of(PACK, LOOSE) is LONGER
    longer = extend(begin(LOOSE, HEARD, SHIPPED), LONGER, _days(3), SHIPPED)
    assert longer.due == end_of_day(DAY_ONE + timedelta(days=60))
    with pytest.raises(Refused) as caught:
        extension_of(PACK, FIRM)
    assert caught.value.reasons == ((FIRM.id, "CRR 25(2)"),)


def test_a_limit_is_lengthened_once_and_says_by_which_article() -> None:
    """The second time is refused."""
    more = lengthens(FIRM, 10)
    longer = extend(begin(FIRM, HEARD, SHIPPED), more, _days(3), SHIPPED)
    assert (longer.articles, longer.decides) == (("CRR 25(2)", "CRR 25(3)"), True)
    assert longer.due == end_of_day(DAY_ONE + timedelta(days=30))
    with pytest.raises(Refused, match="once"):
        extend(longer, more, _days(4), SHIPPED)


def test_no_other_rule_lengthens_a_limit() -> None:
    """Not one that names another, nor one that only advises, nor one that was not in force, nor too late."""
    one, more = begin(FIRM, HEARD, SHIPPED), lengthens(FIRM, 10)
    with pytest.raises(Refused, match="does not lengthen"):
        extend(one, LONGER, _days(3), SHIPPED)
    with pytest.raises(Refused, match="only advises"):
        extend(one, replace(LONGER, extends=FIRM.id), _days(3), SHIPPED)
    with pytest.raises(Refused, match="does not lengthen"):
        extend(one, replace(more, effective_from=date(2026, 3, 4)), _days(3), SHIPPED)
    with pytest.raises(NotInThisState):
        extend(one, more, _days(21), SHIPPED)


# ---------------------------------------------------------------------------------------------------------- parallel

STARTS = {"occurrence": at(DAY_ONE, 7), "discovery": at(DAY_ONE, 9), "end_of_handling": at(date(2026, 3, 6), 18)}


def test_an_incident_starts_many_clocks_each_at_its_own_start() -> None:
    """At once, two hours from the occurrence, four from the discovery, five working days and thirty days of the end."""
    found = {one.rule.id: one for one in parallel(PACK.rules, STARTS, SHIPPED)}
    assert {one.rule.clock_start for one in found.values()} == set(STARTS)
    assert found["CN-PIPL-57-1-NOTIFY"].due is None
    assert found["CN-NFRA-69-TWOHOURS"].due == at(DAY_ONE, 9)
    assert found["CN-INC-4-PROVINCE"].due == at(DAY_ONE, 13)
    assert found["CN-NFRA-69-EVALUATE"].due == end_of_day(date(2026, 3, 13))
    assert found["CN-INC-8-CLOSING"].due == end_of_day(date(2026, 4, 5))
    assert {name for name, one in found.items() if not one.decides} == {
        name for name in found if name.startswith("CN-NFRA")
    }


def test_what_has_not_happened_starts_no_clock() -> None:
    """Drafts and rules of other starts are not in the list either."""
    names = {one.rule.id for one in parallel(PACK.rules, {"discovery": HEARD}, SHIPPED)}
    assert names == {"CN-NDSR-10-FLAW", "CN-INC-4-PROVINCE", "CN-INC-4-CIIO", "CN-INC-4-ORGAN"}


def test_what_hurries_most_comes_first() -> None:
    """At once, then by due, at the end what the law only wants in time."""
    found = parallel(reversed(PACK.rules), STARTS, SHIPPED)
    ranks = [{"at_once": 0, "": 1, "in_time": 2}[one.rule.urgency] for one in found]
    assert ranks == sorted(ranks)
    assert set(ranks) == {0, 1, 2}
    dues = [one.due for one in found if one.due is not None]
    assert dues == sorted(dues)


def test_what_is_next_is_what_still_runs() -> None:
    """What is met and what is missed make way for the next one; in the end nothing is next."""
    found = parallel(PACK.rules, {"discovery": HEARD}, SHIPPED)
    first, *others = found
    assert due_next(found, HEARD) is first
    assert due_next([meet(first, HEARD), *others], HEARD) is others[0]
    assert due_next(found, Instant((first.due or 0) + 1)) is others[0]
    assert due_next(found, _days(30)) is None


def test_a_year_that_is_not_published_hides_no_other_clock() -> None:
    """The clock of working days is unknown and stays in the list; those of days and hours have their dates."""
    ended = {"end_of_handling": at(date(2026, 12, 22))}
    found = {one.rule.id: one for one in parallel(PACK.rules, ended, SHIPPED)}
    unknown = found["CN-NFRA-69-EVALUATE"]
    assert (unknown.due, "2026-12-24" in unknown.unknown) == (None, True)
    assert found["CN-INC-8-CLOSING"].due == end_of_day(date(2027, 1, 21))
    assert [one.rule.id for one in in_order(found.values())][-1] == unknown.rule.id
    with pytest.raises(Unpublished):
        begin(unknown.rule, ended["end_of_handling"], SHIPPED)
