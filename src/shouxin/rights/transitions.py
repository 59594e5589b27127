"""The life of what a person asks, as one table (PIPL 50).

Rules for the future of this file: a new state or event is a new row here, never an ``if`` elsewhere. A pair that does
not stand here raises and changes nothing. Two things the rows are meant to show: nothing is fulfilled for anybody who
was not identified first, and a clock is paused, resumed and lengthened only while something is owed.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from shouxin.domain.steps import next_state

__all__ = ["TRANSITIONS", "RightEvent", "RightState", "follow"]


class RightState(StrEnum):
    """Where it stands."""

    RECEIVED = "received"
    IDENTIFIED = "identified"
    IN_PROGRESS = "in-progress"
    FULFILLED = "fulfilled"
    FULFILLED_IN_PART = "fulfilled-in-part"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"

    @property
    def owed(self) -> bool:
        """True while an answer is owed."""
        return self in {RightState.RECEIVED, RightState.IDENTIFIED, RightState.IN_PROGRESS}


class RightEvent(StrEnum):
    """What can happen to it.

    ``join``: the same was asked once more; ``meet``: what one of its clocks asks for was done, or is not owed, while
    the answer is; ``escalate``: it goes to the next desk.
    """

    JOIN = "join"
    IDENTIFY = "identify"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"
    MEET = "meet"
    ESCALATE = "escalate"
    FULFIL = "fulfil"
    FULFIL_IN_PART = "fulfil-in-part"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


_S, _E = RightState, RightEvent
_OWED: Final = (_S.RECEIVED, _S.IDENTIFIED, _S.IN_PROGRESS)
_STAYING: Final = (_E.JOIN, _E.PAUSE, _E.RESUME, _E.EXTEND, _E.MEET, _E.ESCALATE)

TRANSITIONS: Final[dict[tuple[RightState, RightEvent], RightState]] = {
    **{(state, event): state for state in _OWED for event in _STAYING},
    (_S.RECEIVED, _E.IDENTIFY): _S.IDENTIFIED,
    # More was shown later: a better check replaces the first.
    (_S.IDENTIFIED, _E.IDENTIFY): _S.IDENTIFIED,
    (_S.IDENTIFIED, _E.START): _S.IN_PROGRESS,
    (_S.IN_PROGRESS, _E.FULFIL): _S.FULFILLED,
    (_S.IN_PROGRESS, _E.FULFIL_IN_PART): _S.FULFILLED_IN_PART,
    # Whoever cannot be identified is refused with that reason, and so may be who was.
    **{(state, _E.REFUSE): _S.REFUSED for state in _OWED},
    **{(state, _E.WITHDRAW): _S.WITHDRAWN for state in _OWED},
}
# By which command somebody takes a step.
_COMMANDS: Final[dict[RightEvent, str]] = {
    RightEvent.IDENTIFY: "shouxin right identify",
    RightEvent.START: "shouxin right start",
    RightEvent.PAUSE: "shouxin right pause",
    RightEvent.RESUME: "shouxin right resume",
    RightEvent.EXTEND: "shouxin right extend",
    RightEvent.MEET: "shouxin right meet",
    RightEvent.ESCALATE: "shouxin right pass-up",
    RightEvent.FULFIL: "shouxin right fulfil",
    RightEvent.FULFIL_IN_PART: "shouxin right fulfil",
    RightEvent.REFUSE: "shouxin right refuse",
    RightEvent.WITHDRAW: "shouxin right withdraw",
}


def follow(state: RightState, event: RightEvent) -> RightState:
    """Return the state after ``event``.

    Raises:
        NotInThisState: the table has no such step.
    """
    return next_state(TRANSITIONS, state, event, "what a person asked", _COMMANDS)
