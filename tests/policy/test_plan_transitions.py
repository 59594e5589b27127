from __future__ import annotations

from itertools import product

import pytest

from shouxin.errors import NotInThisState
from shouxin.policy.plan_transitions import TRANSITIONS, PlanEvent, PlanState, follow


@pytest.mark.parametrize(("state", "event"), list(product(PlanState, PlanEvent)))
def test_only_what_stands_in_the_table_may_follow(state: PlanState, event: PlanEvent) -> None:
    """Each pair leads where the table says, or raises."""
    if (state, event) in TRANSITIONS:
        assert follow(state, event) is TRANSITIONS[state, event]
    else:
        with pytest.raises(NotInThisState, match=f"that is {state} (cannot {event}|is not for 'shouxin plan \\w+')"):
            follow(state, event)


def test_nothing_runs_that_was_not_approved_and_the_end_is_the_end() -> None:
    """Running follows approval only, and nothing follows the end."""
    assert {state for state, event in TRANSITIONS if event is PlanEvent.RUN} == {
        PlanState.APPROVED,
        PlanState.RUNNING,
        PlanState.ANALYSED,
    }
    assert not [event for state, event in TRANSITIONS if state is PlanState.ENDED]
    # Only approval leads to what may run, and only a complete chain to approval.
    assert {pair for pair, after in TRANSITIONS.items() if after is PlanState.APPROVED} == {
        (PlanState.DESIGNED, PlanEvent.COMPLETE)
    }
