"""Maker and checker: a request, the agreements it gathers level by level, and the grant that results.

Nobody agrees to their own request, nobody agrees twice, and nobody without the role of the level counts. A grant says
exactly what was asked for and ends by itself. Values only: ``operations.opening.approve`` stores them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from shouxin.approvals.chain import Agreement, Level, may_decide, with_agreement
from shouxin.approvals.transitions import RequestEvent, RequestState, follow
from shouxin.domain.clock import MINUTE, Instant
from shouxin.domain.identifiers import AccountId, RequestId, SubjectId
from shouxin.errors import NotInThisState, Refused

__all__ = ["Grant", "Request", "agree", "deny", "expire", "withdraw"]


@dataclass(frozen=True, slots=True)
class Request:
    """A wish to disclose, before its chain. ``level`` is the one asked now (from 0)."""

    requester: AccountId
    purpose: str
    version: int
    form: str
    items: tuple[str, ...]
    subjects: tuple[SubjectId, ...]
    levels: tuple[Level, ...]
    grant_minutes: int
    opened: Instant
    until: Instant
    state: RequestState = RequestState.OPEN
    level: int = 0
    agreements: tuple[Agreement, ...] = ()

    def ends(self) -> Instant:
        """Return when what stands now ends by itself: the grant, once there is one; until then the waiting for a yes.

        A grant counts from the last yes.
        """
        if self.state is not RequestState.GRANTED:
            return self.until
        return Instant(max(one.at for one in self.agreements) + self.grant_minutes * MINUTE)


@dataclass(frozen=True, slots=True)
class Grant:
    """The right that a complete chain gives: one account, one purpose, these items of these people, until then.

    ``version`` is the card's under which the chain was asked: another version asks its own.
    """

    request: RequestId
    account: AccountId
    purpose: str
    form: str
    items: tuple[str, ...]
    subjects: tuple[SubjectId, ...]
    until: Instant
    version: int
    ended: bool = False

    def covers(self, account: AccountId, purpose: str, form: str, now: Instant) -> bool:
        """Say whether this grant still runs for that account, purpose and form."""
        return (
            not self.ended and now < self.until and (account, purpose, form) == (self.account, self.purpose, self.form)
        )

    def is_under(self, version: int) -> bool:
        """Say whether it was given under this version of the card; under any other it covers nothing."""
        return self.version == version


def agree(request: Request, account: AccountId, roles: frozenset[str], now: Instant) -> Request:
    """Return ``request`` with one more agreement; granted when the last level's quorum is reached.

    Raises:
        Refused: one's own request, a second agreement, or a role that this level does not ask (PIPL 51).
        NotInThisState: the request is no longer open, or its time has passed.
    """
    if now >= request.until:
        raise NotInThisState("the request expired")
    may_decide(request.requester, _asked(request), account, roles)
    after = with_agreement(request.levels, request.level, request.agreements, account, now)
    state = follow(request.state, RequestEvent.COMPLETE if after.complete else RequestEvent.AGREE)
    return replace(request, state=state, level=after.level, agreements=after.agreements)


def _asked(request: Request) -> Level | None:
    return request.levels[request.level] if request.state is RequestState.OPEN else None


def deny(request: Request, account: AccountId, roles: frozenset[str]) -> Request:
    """Return ``request`` denied. Whoever could agree at this level may deny, except the requester.

    Raises:
        Refused, NotInThisState: as for ``agree``.
    """
    may_decide(request.requester, _asked(request), account, roles)
    return replace(request, state=follow(request.state, RequestEvent.DENY))


def withdraw(request: Request, account: AccountId) -> Request:
    """Return ``request`` withdrawn by the requester, also after it was granted.

    Raises:
        Refused: somebody else's request. NotInThisState: it has ended already.
    """
    if account != request.requester:
        raise Refused("only the requester withdraws a request", [("maker-checker", "PIPL 51(1)(4)")])
    return replace(request, state=follow(request.state, RequestEvent.WITHDRAW))


def expire(request: Request, now: Instant) -> Request:
    """Return ``request`` expired when its time has passed, else as it is."""
    if request.state is RequestState.OPEN and now >= request.until:
        return replace(request, state=follow(request.state, RequestEvent.EXPIRE))
    return request
