"""The life of a plan to collect, as one table: need, design, approval, execution, analysis.

Rules for the future of this file: a new state or event is a new row here, never an ``if`` elsewhere. A pair that does
not stand here raises and changes nothing. A design that changes in any word is designed anew and approved anew: that is
why ``DESIGN`` leads back from everywhere but the end.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from shouxin.domain.steps import next_state

__all__ = ["TRANSITIONS", "PlanEvent", "PlanState", "follow"]


class PlanState(StrEnum):
    """Where a plan stands."""

    NEEDED = "needed"
    DESIGNED = "designed"
    APPROVED = "approved"
    RUNNING = "running"
    STOPPED = "stopped"
    ANALYSED = "analysed"
    DENIED = "denied"
    ENDED = "ended"


class PlanEvent(StrEnum):
    """What can happen to a plan."""

    DESIGN = "design"
    AGREE = "agree"
    COMPLETE = "complete"
    DENY = "deny"
    RUN = "run"
    STOP = "stop"
    ANALYSE = "analyse"
    END = "end"


TRANSITIONS: Final[dict[tuple[PlanState, PlanEvent], PlanState]] = {
    (PlanState.NEEDED, PlanEvent.DESIGN): PlanState.DESIGNED,
    (PlanState.NEEDED, PlanEvent.END): PlanState.ENDED,
    (PlanState.DESIGNED, PlanEvent.DESIGN): PlanState.DESIGNED,
    (PlanState.DESIGNED, PlanEvent.AGREE): PlanState.DESIGNED,
    (PlanState.DESIGNED, PlanEvent.COMPLETE): PlanState.APPROVED,
    (PlanState.DESIGNED, PlanEvent.DENY): PlanState.DENIED,
    (PlanState.DESIGNED, PlanEvent.END): PlanState.ENDED,
    (PlanState.DENIED, PlanEvent.DESIGN): PlanState.DESIGNED,
    (PlanState.DENIED, PlanEvent.END): PlanState.ENDED,
    (PlanState.APPROVED, PlanEvent.RUN): PlanState.RUNNING,
    (PlanState.APPROVED, PlanEvent.DESIGN): PlanState.DESIGNED,
    (PlanState.APPROVED, PlanEvent.END): PlanState.ENDED,
    (PlanState.RUNNING, PlanEvent.RUN): PlanState.RUNNING,
    (PlanState.RUNNING, PlanEvent.STOP): PlanState.STOPPED,
    (PlanState.RUNNING, PlanEvent.ANALYSE): PlanState.ANALYSED,
    (PlanState.RUNNING, PlanEvent.DESIGN): PlanState.DESIGNED,
    (PlanState.RUNNING, PlanEvent.END): PlanState.ENDED,
    # What went past its plan goes on only under another design, or not at all.
    (PlanState.STOPPED, PlanEvent.DESIGN): PlanState.DESIGNED,
    (PlanState.STOPPED, PlanEvent.END): PlanState.ENDED,
    (PlanState.ANALYSED, PlanEvent.RUN): PlanState.RUNNING,
    (PlanState.ANALYSED, PlanEvent.ANALYSE): PlanState.ANALYSED,
    (PlanState.ANALYSED, PlanEvent.DESIGN): PlanState.DESIGNED,
    (PlanState.ANALYSED, PlanEvent.END): PlanState.ENDED,
}
# By which command somebody takes a step.
_COMMANDS: Final[dict[PlanEvent, str]] = {
    PlanEvent.DESIGN: "shouxin plan propose",
    PlanEvent.AGREE: "shouxin plan approve",
    PlanEvent.COMPLETE: "shouxin plan approve",
    PlanEvent.DENY: "shouxin plan deny",
    PlanEvent.RUN: "shouxin plan run",
    PlanEvent.ANALYSE: "shouxin plan report",
    PlanEvent.END: "shouxin plan end",
}


def follow(state: PlanState, event: PlanEvent) -> PlanState:
    """Return the state after ``event``.

    Raises:
        NotInThisState: the table has no such step.
    """
    return next_state(TRANSITIONS, state, event, "a plan", _COMMANDS)
