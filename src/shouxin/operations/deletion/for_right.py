"""A person's request to be erased becomes an order, and what became of the order answers the request (PIPL 47, 50)."""

from __future__ import annotations

import hashlib
from typing import Final

from shouxin.actors.account import Token
from shouxin.approvals.order import Ground, Order
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.identifiers import OperationId, OrderId, RightId
from shouxin.errors import Invalid
from shouxin.operations.acting import begin
from shouxin.operations.deletion.book import batches_of
from shouxin.operations.deletion.draft import Proof, Wanted, draft_order
from shouxin.operations.rights.answer import Said, fulfil
from shouxin.operations.rights.desk import load
from shouxin.operations.rights.erased import became_of
from shouxin.operations.rights.handle import link_work
from shouxin.operations.workspace import Workspace
from shouxin.rights.kinds import RightKind
from shouxin.rights.request import RightRequest
from shouxin.vault.erasure import Erasure
from shouxin.vault.records import Records

__all__ = ["answer_right", "draft_for_right"]

_KINDS: Final = frozenset({RightKind.DELETE, RightKind.CLOSE_ACCOUNT})


def draft_for_right(workspace: Workspace, token: Token, right: RightId) -> OrderId:
    """Draft the order that a request to delete, or to close an account, asks for, and link the two; durable on return.

    Who asks was seen when the request was identified: the order names that by the digest of what showed it, or where
    nothing was kept of that, of the request as it stood.

    Raises:
        Invalid: another kind of request, one that nobody handles, or one that an order answers already.
        Refused, NotSignedIn, NotFound: as ``draft_order``.
    """

    def look(records: Records) -> tuple[RightRequest, bytes]:
        begin(workspace, records, token).need("rights_desk", "dpo")
        row, request = load(workspace, records, right)
        if request.kind not in _KINDS or request.check is None or request.work is not None:
            raise Invalid("an order answers a request to delete that is being handled, once", "right")
        return request, request.check.evidence or hashlib.sha256(row.body).digest()

    request, seen = workspace.data.read(look)
    wanted = Wanted((request.subject,), Ground.ASKED, frozenset(request.about), right=right)
    order_id = draft_order(workspace, token, wanted, Proof("rights-request", seen))
    link_work(workspace, token, right, OperationId(order_id))
    return order_id


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
