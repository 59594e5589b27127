"""A person's request to be erased becomes an order, and what became of the order answers the request (PIPL 47, 50)."""

from __future__ import annotations

import hashlib
from typing import Final

from shouxin.actors.account import Token
from shouxin.approvals.order import Ground, Identity, Order
from shouxin.approvals.order_transitions import OrderState
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.identifiers import OperationId, OrderId, RightId, new
from shouxin.errors import Invalid, NotInThisState
from shouxin.operations.acting import Act, begin
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.deletion.book import batches_of
from shouxin.operations.deletion.draft import DRAFTERS, Wanted, draft_within, rules_of
from shouxin.operations.rights.answer import Said, fulfil
from shouxin.operations.rights.desk import load
from shouxin.operations.rights.erased import became_of
from shouxin.operations.rights.handle import link_within
from shouxin.operations.rights.order_behind import end_behind, order_behind
from shouxin.operations.workspace import Workspace
from shouxin.rights.kinds import RightKind
from shouxin.rights.request import RightRequest
from shouxin.rights.transitions import RightState
from shouxin.vault.erasure import Erasure
from shouxin.vault.records import Records

__all__ = ["answer_right", "check_still_asked", "draft_for_right"]

_KINDS: Final = frozenset({RightKind.DELETE, RightKind.CLOSE_ACCOUNT})
# While an order stands here, a change of the card stops it.
_BEFORE_THE_LAST_YES: Final = frozenset(
    {OrderState.DRAFTED, OrderState.IDENTIFIED, OrderState.SCOPED, OrderState.APPROVING}
)


def draft_for_right(workspace: Workspace, token: Token, right: RightId) -> OrderId:
    """Draft the order that a request to delete, or to close an account, asks for; durable on return.

    The request and the order name one another from the same transaction on. Who asks was seen when the request was
    identified: the order names that by the digest of what showed it, or where nothing was kept of that, of the request
    as it stood. An order that came to nothing is followed by another; one under rules that have changed since is
    cancelled with it.

    Raises:
        Invalid: another kind of request, one that nobody handles, or one that an order answers already.
        Refused, NotSignedIn, NotFound: as ``draft_order``.
    """
    order_id = new(OrderId)

    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        act.need(*DRAFTERS)
        row, request = load(workspace, records, right)
        if request.kind not in _KINDS or request.check is None:
            raise Invalid("an order answers a request to delete that is being handled", "right")
        seen = request.check.evidence or hashlib.sha256(row.body).digest()
        _end_outdated(workspace, records, act, request)
        link_within(workspace, records, act, right, OperationId(order_id))
        wanted = Wanted((request.subject,), Ground.ASKED, frozenset(request.about), right=right)
        shown = Identity("rights-request", seen, act.actor.account, act.now)
        draft_within(workspace, records, act, order_id, wanted, shown)

    workspace.data.transact(work)
    return order_id


def _end_outdated(workspace: Workspace, records: Records, act: Act, request: RightRequest) -> None:
    """Cancel the order of a request that nobody can submit or agree to any more, because its card has changed."""
    behind = order_behind(workspace, records, request)
    if behind is None or behind[1].state not in _BEFORE_THE_LAST_YES:
        return
    card, _ = rules_of(current_engine(workspace, records, "", act.now))
    if (card.purpose, card.version) != (behind[1].purpose, behind[1].version):
        end_behind(workspace, records, act, request)


def check_still_asked(workspace: Workspace, records: Records, order_id: OrderId, order: Order) -> None:
    """Raise unless the request that an order answers is being handled, and by this order; others answer none.

    Raises:
        NotInThisState: it was taken back, refused, or answered otherwise; or another order answers it.
        Tampered: its row is not what was written.
    """
    if not order.right:
        return
    request = load(workspace, records, RightId(order.right))[1]
    if request.state is not RightState.IN_PROGRESS:
        raise NotInThisState(f"the request that this order answers is {request.state}: cancel the order")
    if request.work != OperationId(order_id):
        raise NotInThisState("the request that this order answers does not name it: cancel the order")


def answer_right(workspace: Workspace, token: Token, order_id: OrderId, order: Order) -> None:
    """Answer the request behind an order that is done: what is gone, what stays, by which rule; durable on return.

    A request that was answered already stays as it is.

    Raises:
        Tampered: a row is not what was written. Refused, NotSignedIn: the caller may not.
    """
    right = RightId(order.right)

    def look(records: Records) -> tuple[bool, list[Erasure]]:
        request = load(workspace, records, right)[1]
        found: list[Erasure] = []
        for booked in batches_of(workspace, records, order_id):
            for operation in booked.batch.operations:
                row = records.authority.get(AuthorityKind.ERASURE, operation)
                found += [] if row is None else [workspace.notary.read(row, Erasure)]
        return request.state.owed, found

    owed, erasures = workspace.data.read(look)
    if not owed:
        return
    fulfil(workspace, token, right, Said(**became_of(workspace, erasures)._asdict()))
