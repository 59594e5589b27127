"""The order to delete that answers what a person asked: found from the request, and ended together with it.

A request that is taken back or refused leaves nothing behind that would be carried out all the same. Past the point of
no return nothing is taken back: what began to go is answered, not withdrawn.

**Source:** PIPL 47(1) (deleted is what is asked for), 50(1) (a refusal says what is not done).
"""

from __future__ import annotations

from shouxin.approvals.order import Order, expire_order, taken
from shouxin.approvals.order_transitions import CAME_TO_NOTHING, CANCELLABLE, OrderEvent, OrderState
from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.identifiers import OrderId
from shouxin.errors import NotInThisState
from shouxin.operations.acting import Act
from shouxin.operations.orders import put_order
from shouxin.operations.workspace import Workspace
from shouxin.rights.request import RightRequest
from shouxin.vault.records import Records

__all__ = ["came_to_nothing", "end_behind", "order_behind"]

_DONE = "the order that answers this is done: shouxin deletion execute says what became of it"
_BEGUN = (
    "the order that answers this is being carried out, and nothing of it is taken back: it is answered once it is done"
)


def order_behind(workspace: Workspace, records: Records, request: RightRequest) -> tuple[AuthorityRow, Order] | None:
    """Return the order that a request names as what does it, with its row; nothing where it names none.

    Raises:
        Tampered: the row is not what was written.
    """
    row = None if request.work is None else records.authority.get(AuthorityKind.ORDER, request.work)
    return None if row is None else (row, workspace.notary.read(row, Order))


def came_to_nothing(workspace: Workspace, records: Records, act: Act, request: RightRequest) -> bool:
    """Say whether the order that a request names ended without being carried out: another may answer it then."""
    behind = order_behind(workspace, records, request)
    return behind is not None and expire_order(behind[1], act.now).state in CAME_TO_NOTHING


def end_behind(workspace: Workspace, records: Records, act: Act, request: RightRequest) -> None:
    """Cancel the order that a request names, in the transaction that ends the request; one that has ended stays so.

    Whoever may end the request may: it is the person who takes it back, or the lender that does not do it.

    Raises:
        NotInThisState: the order is being carried out, or is done.
    """
    behind = order_behind(workspace, records, request)
    if behind is None or behind[1].state in CAME_TO_NOTHING:
        return
    row, order = behind
    if order.state not in CANCELLABLE:
        raise NotInThisState(_DONE if order.state is OrderState.DONE else _BEGUN)
    put_order(workspace, records, act, OrderId(row.identifier), row, taken(order, OrderEvent.CANCEL), "cancelled")
