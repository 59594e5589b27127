"""Request, agree, deny, withdraw: how a grant comes about (maker and checker)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from shouxin.actors.account import Token
from shouxin.approvals.chain import Level
from shouxin.approvals.request import Grant, Request, agree, deny, expire, withdraw
from shouxin.approvals.transitions import RequestState
from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.clock import HOUR, Instant
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import GrantId, RequestId, new
from shouxin.errors import Invalid, NotFound, NotInThisState, Refused
from shouxin.operations.acting import Act, begin, row_facts
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.opening.permit import Wish, check_wish
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import PurposeCode
from shouxin.vault.records import Records

__all__ = ["Waiting", "approve", "get_request", "list_requests", "refuse_request", "request_access", "withdraw_request"]

_MINUTE = 60_000
# Who sees every request, beside whoever made it and the roles that its chain asks.
_WATCHING: Final = ("dpo", "auditor")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request with its identifier, and the role that is asked now (nothing once it has ended)."""

    request_id: RequestId
    request: Request
    asked: str | None


def request_access(workspace: Workspace, token: Token, wish: Wish) -> RequestId:
    """Open a request for what ``wish`` says; the chain is the card's as it stands now.

    Raises:
        Invalid: this purpose and form need no approval, or no such purpose.
        Refused: the actor's role could not use a grant.
    """
    check_wish(wish)
    identifier = new(RequestId)

    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        card = current_engine(workspace, records, wish.purpose, act.now).cards.get(PurposeCode(wish.purpose))
        if card is None or wish.form not in card.approval:
            raise Invalid("this purpose and form ask for no approval", "purpose")
        act.need(*card.roles.get(wish.form, ()))
        if not wish.items <= set(card.items):
            raise Refused("the purpose does not need one of these items", [("CN-PIPL-6-1-ITEMS", "PIPL 6(1)")])
        chain = card.approval[wish.form]
        request = Request(
            requester=act.actor.account,
            purpose=wish.purpose,
            version=card.version,
            form=wish.form,
            items=tuple(sorted(wish.items)),
            subjects=wish.subjects,
            levels=tuple(Level(level.role, level.quorum) for level in chain.levels),
            grant_minutes=chain.grant_minutes,
            opened=act.now,
            until=Instant(act.now + chain.request_hours * HOUR),
        )
        row = workspace.notary.write(AuthorityKind.REQUEST, identifier, 1, request, name=request.state)
        records.authority.put(row)
        records.record(act.event(EventKind.REQUEST_CHANGED, state=request.state, level=0, **row_facts(row)))

    workspace.data.transact(work)
    return identifier


def _change(
    workspace: Workspace, token: Token, request_id: RequestId, step: Callable[[Act, Request], Request]
) -> Request:
    """Take one step in a request's life and record it; issue the grant when the step completes the chain."""

    def work(records: Records) -> Request:
        act = begin(workspace, records, token)
        before = records.authority.get(AuthorityKind.REQUEST, request_id)
        if before is None:
            raise NotFound("there is no such request")
        request = workspace.notary.read(before, Request)
        card = current_engine(workspace, records, request.purpose, act.now).cards.get(PurposeCode(request.purpose))
        changed = card is None or card.version != request.version
        request = step(act, request)
        if changed and request.state is not RequestState.WITHDRAWN and request.state is not RequestState.DENIED:
            raise NotInThisState("the card changed since this was asked: ask again under the new one")
        row = workspace.notary.write(AuthorityKind.REQUEST, request_id, before.version + 1, request, name=request.state)
        records.authority.put(row)
        facts = row_facts(row, before)
        records.record(act.event(EventKind.REQUEST_CHANGED, state=request.state, level=request.level, **facts))
        if request.state is RequestState.GRANTED:
            _issue(workspace, records, act, request_id, request)
        else:
            _end_grants(workspace, records, act, request_id)
        return request

    return workspace.data.transact(work).value


def _issue(workspace: Workspace, records: Records, act: Act, request_id: RequestId, request: Request) -> None:
    until = Instant(act.now + request.grant_minutes * _MINUTE)
    grant = Grant(
        request_id,
        request.requester,
        request.purpose,
        request.form,
        request.items,
        request.subjects,
        until,
        request.version,
    )
    row = workspace.notary.write(AuthorityKind.GRANT, new(GrantId), 1, grant, name=grant.account.hex())
    records.authority.put(row)
    records.record(act.event(EventKind.GRANT_ISSUED, purpose=grant.purpose, until=until, **row_facts(row)))


def _end_grants(workspace: Workspace, records: Records, act: Act, request_id: RequestId) -> None:
    """End the grant of a request that is withdrawn."""
    for before in records.authority.find(AuthorityKind.GRANT, name=act.actor.account.hex()):
        grant = workspace.notary.read(before, Grant)
        if grant.request == request_id and not grant.ended:
            row = _ended(workspace, before, grant)
            records.authority.put(row)
            records.record(act.event(EventKind.GRANT_ENDED, purpose=grant.purpose, **row_facts(row, before)))


def _ended(workspace: Workspace, before: AuthorityRow, grant: Grant) -> AuthorityRow:
    value = replace(grant, ended=True)
    return workspace.notary.write(AuthorityKind.GRANT, before.identifier, before.version + 1, value, name=before.name)


def approve(workspace: Workspace, token: Token, request_id: RequestId) -> Request:
    """Agree to a request at its present level; the last agreement issues the grant.

    Raises:
        Refused: one's own, a second agreement, another role. NotInThisState: ended or expired.
    """
    return _change(
        workspace, token, request_id, lambda act, request: agree(request, act.actor.account, act.actor.roles, act.now)
    )


def refuse_request(workspace: Workspace, token: Token, request_id: RequestId) -> Request:
    """Deny a request."""
    return _change(workspace, token, request_id, lambda act, request: deny(request, act.actor.account, act.actor.roles))


def withdraw_request(workspace: Workspace, token: Token, request_id: RequestId) -> Request:
    """Take one's own request back, and with it the grant that came of it."""
    return _change(workspace, token, request_id, lambda act, request: withdraw(request, act.actor.account))


def _waiting(workspace: Workspace, act: Act, row: AuthorityRow) -> Waiting:
    """Return a request as it stands at this moment."""
    request = expire(workspace.notary.read(row, Request), act.now)
    asked = request.levels[request.level].role if request.state is RequestState.OPEN else None
    return Waiting(RequestId(row.identifier), request, asked)


def _concerned(request: Request) -> tuple[str, ...]:
    return tuple(sorted({level.role for level in request.levels}.union(_WATCHING)))


def get_request(workspace: Workspace, token: Token, request_id: RequestId) -> Waiting:
    """Return one request as it stands at this moment: one's own, one that asks one's role, or any for who watches.

    Raises:
        NotFound: there is none of this identifier. Refused: it is none of the caller's business.
    """

    def work(records: Records) -> Waiting:
        act = begin(workspace, records, token)
        row = records.authority.get(AuthorityKind.REQUEST, request_id)
        if row is None:
            raise NotFound("there is no such request")
        waiting = _waiting(workspace, act, row)
        if waiting.request.requester != act.actor.account:
            act.need(*_concerned(waiting.request))
        return waiting

    return workspace.data.read(work)


def list_requests(workspace: Workspace, token: Token, *, all_states: bool = False) -> list[Waiting]:
    """Return those open requests (or all) that ``get_request`` would return, oldest first, as they stand now."""

    def work(records: Records) -> list[Waiting]:
        act = begin(workspace, records, token)
        rows = records.authority.find(AuthorityKind.REQUEST, name=None if all_states else RequestState.OPEN.value)
        found = [_waiting(workspace, act, row) for row in rows]
        mine = [
            waiting
            for waiting in found
            if (all_states or waiting.asked)
            and (
                waiting.request.requester == act.actor.account
                or not act.actor.roles.isdisjoint(_concerned(waiting.request))
            )
        ]
        return sorted(mine, key=lambda waiting: waiting.request.opened)

    return workspace.data.read(work)
