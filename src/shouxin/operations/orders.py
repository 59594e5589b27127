"""Where orders to delete are kept: rows with authority, each change with its event.

An order's row is small, because it is written at every step; whom it is about stands in batches
(``operations.deletion.book``). It lies below both rooms that write it: ``deletion`` takes it through its chain, and
``rights`` cancels it with the request that it answers.
"""

from __future__ import annotations

from shouxin.approvals.order import Order
from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import EventId, OrderId, new
from shouxin.errors import NotFound
from shouxin.operations.acting import Act, row_facts
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records

__all__ = ["order_of", "put_order"]


def order_of(workspace: Workspace, records: Records, order_id: OrderId) -> tuple[AuthorityRow, Order]:
    """Return an order with its row.

    Raises:
        NotFound: there is none of this identifier.
    """
    row = records.authority.get(AuthorityKind.ORDER, order_id)
    if row is None:
        raise NotFound("there is no such order")
    return row, workspace.notary.read(row, Order)


def put_order(
    workspace: Workspace,
    records: Records,
    act: Act,
    order_id: OrderId,
    before: AuthorityRow | None,
    order: Order,
    change: str,
) -> Order:
    """Write an order's next version together with its event; return it."""
    version = 1 if before is None else before.version + 1
    row = workspace.notary.write(AuthorityKind.ORDER, order_id, version, order, name=order.state)
    records.authority.put(row)
    salt = new(EventId)
    records.record(
        act.event(
            EventKind.ORDER_CHANGED,
            salt,
            change=change,
            state=order.state,
            ground=order.ground,
            people=order.people,
            scope=workspace.notary.veil(salt, "scope", order.scope.hex()),
            **row_facts(row, before),
        )
    )
    return order
