"""A chain of levels and the agreements it gathers: who may say yes, and when it is complete (PIPL 51(1)(4)).

Nobody agrees to their own wish, nobody agrees twice, and nobody without the role of the level counts. Requests for
access and orders to delete share this one rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import AccountId
from shouxin.errors import Refused

__all__ = ["Agreement", "Level", "Progress", "may_decide", "with_agreement"]

_CHECKER = ("maker-checker", "PIPL 51(1)(4)")


@dataclass(frozen=True, slots=True)
class Level:
    """What one level of the chain demands, as the card said it when the wish was made."""

    role: str
    quorum: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """One person's yes, at one level."""

    account: AccountId
    level: int
    at: Instant


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a chain came: its agreements, the level asked now (from 0), and whether the last quorum is reached."""

    agreements: tuple[Agreement, ...]
    level: int
    complete: bool


def may_decide(wisher: AccountId, level: Level | None, account: AccountId, roles: frozenset[str]) -> None:
    """Refuse whoever may not decide at ``level`` (nothing: the chain has ended, its table says so).

    Raises:
        Refused: one's own wish, or a role that this level does not ask.
    """
    if account == wisher:
        raise Refused("nobody decides about their own request", [_CHECKER])
    if level is not None and level.role not in roles:
        raise Refused("this level asks for another role", [("approval-chain", "PIPL 51(1)(4)")])


def with_agreement(
    levels: Sequence[Level], level: int, agreements: tuple[Agreement, ...], account: AccountId, now: Instant
) -> Progress:
    """Return the chain with one more yes.

    Raises:
        Refused: this account has agreed already.
    """
    if any(account == given.account for given in agreements):
        raise Refused("this account has agreed already", [_CHECKER])
    given = (*agreements, Agreement(account, level, now))
    reached = sum(one.level == level for one in given) >= levels[level].quorum
    last = level == len(levels) - 1
    return Progress(given, level + (1 if reached and not last else 0), reached and last)
