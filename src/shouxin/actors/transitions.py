"""The life of an account as one table: two people make it, and the person whose it is takes it over.

Rules for the future of this file: a new state or event is a new row, never an ``if`` elsewhere. A pair that does not
stand here raises and changes nothing. What the rows do not show: who added an account does not confirm it; the code
that a confirmation gives out ends after ``CODE_HOURS``; who takes the account over replaces the passphrase with which
it was added, so that neither of the two who made it can act by it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from shouxin.actors.account import Account
from shouxin.domain.steps import next_state

__all__ = ["CODE_HOURS", "MANAGERS", "STAND_IN", "TRANSITIONS", "AccountEvent", "AccountState", "follow", "state_of"]

CODE_HOURS: Final = 72
# Who may confirm what an operator added.
MANAGERS: Final = ("operator", "dpo")
# Who confirms where whoever added is the only manager left, so that an institution is not locked out for ever.
STAND_IN: Final = "auditor"


class AccountState(StrEnum):
    """Where an account stands. Only an ``active`` one signs in and acts."""

    ADDED = "added"
    CONFIRMED = "confirmed"
    ACTIVE = "active"
    CLOSED = "closed"


class AccountEvent(StrEnum):
    """What can happen to an account. ``confirm`` again gives out a new code for one that was lost or ended."""

    CONFIRM = "confirm"
    ENROL = "enrol"
    CLOSE = "close"


TRANSITIONS: Final[dict[tuple[AccountState, AccountEvent], AccountState]] = {
    (AccountState.ADDED, AccountEvent.CONFIRM): AccountState.CONFIRMED,
    (AccountState.CONFIRMED, AccountEvent.CONFIRM): AccountState.CONFIRMED,
    (AccountState.CONFIRMED, AccountEvent.ENROL): AccountState.ACTIVE,
    (AccountState.ADDED, AccountEvent.CLOSE): AccountState.CLOSED,
    (AccountState.CONFIRMED, AccountEvent.CLOSE): AccountState.CLOSED,
    (AccountState.ACTIVE, AccountEvent.CLOSE): AccountState.CLOSED,
}
# By which command somebody takes a step.
_COMMANDS: Final[dict[AccountEvent, str]] = {
    AccountEvent.CONFIRM: "shouxin account confirm",
    AccountEvent.ENROL: "shouxin account enrol",
    AccountEvent.CLOSE: "shouxin account close",
}


def follow(state: AccountState, event: AccountEvent) -> AccountState:
    """Return the state after ``event``.

    Raises:
        NotInThisState: the table has no such step.
    """
    return next_state(TRANSITIONS, state, event, "an account", _COMMANDS)


def state_of(account: Account) -> AccountState:
    """Return where an account stands, read from its row. One that nobody else made (the first two) stands at once."""
    if account.closed:
        return AccountState.CLOSED
    if account.made_by is None:
        return AccountState.ACTIVE
    if account.confirmed_by is None:
        return AccountState.ADDED
    return AccountState.CONFIRMED if account.code else AccountState.ACTIVE
