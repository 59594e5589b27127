"""The life of an order to delete, as one table: from the wish to the read-back.

::

    drafted ─ identified ─ scoped ─ approving ─┬─ confirming ─┬─ cooling ─ executing ─┬─ done
                                               └──────────────┘                       └─ unfinished ─ executing

The point of no return is ``execute``. Before it an order can be cancelled; after it only the emergency pause of all
deletion stops it, between two batches. Rules for the future of this file: a new state or event is a new row, never an
``if`` elsewhere.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from shouxin.domain.steps import next_state

__all__ = ["CAME_TO_NOTHING", "CANCELLABLE", "TRANSITIONS", "OrderEvent", "OrderState", "follow_order"]


class OrderState(StrEnum):
    """Where an order stands."""

    DRAFTED = "drafted"
    IDENTIFIED = "identified"
    SCOPED = "scoped"
    APPROVING = "approving"
    CONFIRMING = "confirming"
    COOLING = "cooling"
    EXECUTING = "executing"
    UNFINISHED = "unfinished"
    DONE = "done"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    EXPIRED = "expired"


class OrderEvent(StrEnum):
    """What can happen to an order."""

    IDENTIFY = "identify"
    PREVIEW = "preview"
    FILE = "file"
    SUBMIT = "submit"
    AGREE = "agree"
    COMPLETE = "complete"
    COMPLETE_BULK = "complete-bulk"
    DENY = "deny"
    SHOW = "show"
    CONFIRM = "confirm"
    EXECUTE = "execute"
    CONCLUDE = "conclude"
    FALL_SHORT = "fall-short"
    CANCEL = "cancel"
    EXPIRE = "expire"


CANCELLABLE: Final = (
    OrderState.DRAFTED,
    OrderState.IDENTIFIED,
    OrderState.SCOPED,
    OrderState.APPROVING,
    OrderState.CONFIRMING,
    OrderState.COOLING,
)

# How an order ends of which nothing was carried out.
CAME_TO_NOTHING: Final = frozenset({OrderState.REFUSED, OrderState.CANCELLED, OrderState.EXPIRED})

TRANSITIONS: Final[dict[tuple[OrderState, OrderEvent], OrderState]] = {
    (OrderState.DRAFTED, OrderEvent.IDENTIFY): OrderState.IDENTIFIED,
    (OrderState.IDENTIFIED, OrderEvent.PREVIEW): OrderState.SCOPED,
    # What was previewed may have changed: look again as often as wanted, until somebody is asked to agree.
    (OrderState.SCOPED, OrderEvent.PREVIEW): OrderState.SCOPED,
    (OrderState.SCOPED, OrderEvent.FILE): OrderState.SCOPED,
    (OrderState.SCOPED, OrderEvent.SUBMIT): OrderState.APPROVING,
    (OrderState.APPROVING, OrderEvent.AGREE): OrderState.APPROVING,
    (OrderState.APPROVING, OrderEvent.COMPLETE): OrderState.COOLING,
    (OrderState.APPROVING, OrderEvent.COMPLETE_BULK): OrderState.CONFIRMING,
    (OrderState.APPROVING, OrderEvent.DENY): OrderState.REFUSED,
    (OrderState.APPROVING, OrderEvent.EXPIRE): OrderState.EXPIRED,
    # Whoever is to confirm was shown of whom, a few of them, masked.
    (OrderState.CONFIRMING, OrderEvent.SHOW): OrderState.CONFIRMING,
    (OrderState.CONFIRMING, OrderEvent.CONFIRM): OrderState.COOLING,
    (OrderState.CONFIRMING, OrderEvent.EXPIRE): OrderState.EXPIRED,
    (OrderState.COOLING, OrderEvent.EXECUTE): OrderState.EXECUTING,
    # Who agreed agreed to what stood then: after a month nobody carries it out any more.
    (OrderState.COOLING, OrderEvent.EXPIRE): OrderState.EXPIRED,
    (OrderState.EXECUTING, OrderEvent.CONCLUDE): OrderState.DONE,
    (OrderState.EXECUTING, OrderEvent.FALL_SHORT): OrderState.UNFINISHED,
    (OrderState.UNFINISHED, OrderEvent.EXECUTE): OrderState.EXECUTING,
    **{(state, OrderEvent.CANCEL): OrderState.CANCELLED for state in CANCELLABLE},
}
# By which command somebody takes a step.
_COMMANDS: Final[dict[OrderEvent, str]] = {
    OrderEvent.PREVIEW: "shouxin deletion preview",
    OrderEvent.FILE: "shouxin deletion file",
    OrderEvent.SUBMIT: "shouxin deletion submit",
    OrderEvent.AGREE: "shouxin deletion approve",
    OrderEvent.COMPLETE: "shouxin deletion approve",
    OrderEvent.COMPLETE_BULK: "shouxin deletion approve",
    OrderEvent.DENY: "shouxin deletion deny",
    OrderEvent.CONFIRM: "shouxin deletion confirm",
    OrderEvent.EXECUTE: "shouxin deletion execute",
    OrderEvent.CANCEL: "shouxin deletion cancel",
}


def follow_order(state: OrderState, event: OrderEvent) -> OrderState:
    """Return the state after ``event``.

    Raises:
        NotInThisState: the table has no such step.
    """
    return next_state(TRANSITIONS, state, event, "an order", _COMMANDS)
