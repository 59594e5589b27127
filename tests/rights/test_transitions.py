from __future__ import annotations

from itertools import product

import pytest

from shouxin.errors import NotInThisState
from shouxin.rights.transitions import TRANSITIONS, RightEvent, RightState, follow

ENDED = {RightState.FULFILLED, RightState.FULFILLED_IN_PART, RightState.REFUSED, RightState.WITHDRAWN}


@pytest.mark.parametrize(("state", "event"), list(product(RightState, RightEvent)))
def test_every_pair_is_a_row_or_raises(state: RightState, event: RightEvent) -> None:
    """A pair of the table gives its state; any other raises."""
    if (state, event) in TRANSITIONS:
        assert follow(state, event) is TRANSITIONS[state, event]
    else:
        with pytest.raises(NotInThisState):
            follow(state, event)


def test_what_is_answered_stays_answered() -> None:
    """No row leaves an end, and every state that owes something has a way to refuse and to withdraw."""
    assert not {state for state, _ in TRANSITIONS} & ENDED
    assert {state for state in RightState if not state.owed} == ENDED
    for state in set(RightState) - ENDED:
        assert {RightEvent.REFUSE, RightEvent.WITHDRAW} <= {event for at, event in TRANSITIONS if at is state}


def test_nothing_is_fulfilled_that_was_not_identified() -> None:
    """Without the rows of ``identify`` neither fulfilment can be reached from the beginning."""
    reached, front = {RightState.RECEIVED}, [RightState.RECEIVED]
    while front:
        at = front.pop()
        for (state, event), after in TRANSITIONS.items():
            if state is at and event is not RightEvent.IDENTIFY and after not in reached:
                reached.add(after)
                front.append(after)
    assert reached == {RightState.RECEIVED, RightState.REFUSED, RightState.WITHDRAWN}
