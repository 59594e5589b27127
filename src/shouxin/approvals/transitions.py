"""The life of a request and of the grant that comes of it, as one table.

Rules for the future of this file: a new state or event is a new row, never an ``if`` elsewhere. A pair that does not
stand here raises and changes nothing. The diagram in ``docs/`` and the exhaustive test are made from this table.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from shouxin.domain.steps import next_state

__all__ = ["TRANSITIONS", "RequestEvent", "RequestState", "follow"]


class RequestState(StrEnum):
    """Where a request stands."""

    OPEN = "open"
    GRANTED = "granted"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class RequestEvent(StrEnum):
    """What can happen to a request."""

    AGREE = "agree"
    COMPLETE = "complete"
    DENY = "deny"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


TRANSITIONS: Final[dict[tuple[RequestState, RequestEvent], RequestState]] = {
    (RequestState.OPEN, RequestEvent.AGREE): RequestState.OPEN,
    (RequestState.OPEN, RequestEvent.COMPLETE): RequestState.GRANTED,
    (RequestState.OPEN, RequestEvent.DENY): RequestState.DENIED,
    (RequestState.OPEN, RequestEvent.WITHDRAW): RequestState.WITHDRAWN,
    (RequestState.OPEN, RequestEvent.EXPIRE): RequestState.EXPIRED,
    (RequestState.GRANTED, RequestEvent.WITHDRAW): RequestState.WITHDRAWN,
    (RequestState.GRANTED, RequestEvent.EXPIRE): RequestState.EXPIRED,
}
# By which command somebody takes a step.
_COMMANDS: Final[dict[RequestEvent, str]] = {
    RequestEvent.AGREE: "shouxin access approve",
    RequestEvent.COMPLETE: "shouxin access approve",
    RequestEvent.DENY: "shouxin access deny",
    RequestEvent.WITHDRAW: "shouxin access withdraw",
}


def follow(state: RequestState, event: RequestEvent) -> RequestState:
    """Return the state after ``event``.

    Raises:
        NotInThisState: the table has no such step.
    """
    return next_state(TRANSITIONS, state, event, "a request", _COMMANDS)
