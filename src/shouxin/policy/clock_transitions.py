"""The life of a statutory clock, as one table.

Rules for the future of this file: a new state or event is a new row here, never an ``if`` elsewhere. A pair that does
not stand here raises and changes nothing. Nothing sends ``EXPIRE``: whoever asks compares with the present instant.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from shouxin.domain.steps import next_state

__all__ = ["TRANSITIONS", "ClockEvent", "ClockState", "follow"]


class ClockState(StrEnum):
    """Where a clock stands."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"


class ClockEvent(StrEnum):
    """What can happen to a clock."""

    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"
    MEET = "meet"
    EXPIRE = "expire"


TRANSITIONS: Final[dict[tuple[ClockState, ClockEvent], ClockState]] = {
    (ClockState.RUNNING, ClockEvent.PAUSE): ClockState.PAUSED,
    (ClockState.PAUSED, ClockEvent.RESUME): ClockState.RUNNING,
    (ClockState.RUNNING, ClockEvent.EXTEND): ClockState.RUNNING,
    (ClockState.RUNNING, ClockEvent.MEET): ClockState.MET,
    (ClockState.PAUSED, ClockEvent.MEET): ClockState.MET,
    # What is done later is still owed, and late: a missed clock stays missed.
    (ClockState.RUNNING, ClockEvent.EXPIRE): ClockState.MISSED,
}


def follow(state: ClockState, event: ClockEvent) -> ClockState:
    """Return the state after ``event``.

    Raises:
        NotInThisState: the table has no such step.
    """
    return next_state(TRANSITIONS, state, event, "a clock")
