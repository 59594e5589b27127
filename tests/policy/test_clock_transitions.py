from __future__ import annotations

import itertools

import pytest

from shouxin.errors import NotInThisState
from shouxin.policy.clock_transitions import TRANSITIONS, ClockEvent, ClockState, follow


@pytest.mark.parametrize(("state", "event"), list(itertools.product(ClockState, ClockEvent)))
def test_only_what_stands_in_the_table_happens(state: ClockState, event: ClockEvent) -> None:
    """A pair of the table leads on; every other raises."""
    if (state, event) in TRANSITIONS:
        assert follow(state, event) is TRANSITIONS[state, event]
    else:
        with pytest.raises(NotInThisState, match=f"{state} cannot {event}"):
            follow(state, event)


def test_a_clock_ends_met_or_missed() -> None:
    """Nothing leads out of what is met or missed, and a clock that stands cannot run out."""
    assert {state for state, _ in TRANSITIONS} == {ClockState.RUNNING, ClockState.PAUSED}
    assert (ClockState.PAUSED, ClockEvent.EXPIRE) not in TRANSITIONS
