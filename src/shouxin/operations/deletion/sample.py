"""A sample of whom an order is about, as somebody recognises people: masked names and numbers, through the one door.

Whoever confirms a bulk deletion sees how many people go, and of a few of them enough to notice that they are the wrong
ones. It is a disclosure like any other, under the card by which people are answered, and on record. While the order
waits to be confirmed, the order notes to which account it was shown, and nobody else confirms it.
"""

from __future__ import annotations

from typing import Final

from shouxin.actors.account import Token
from shouxin.approvals.order import sample_shown
from shouxin.approvals.order_transitions import OrderState
from shouxin.domain.identifiers import OrderId, SubjectId
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.operations.acting import Act, begin
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.deletion.decide import show_order
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.opening.permit import Wish
from shouxin.operations.orders import order_of, put_order
from shouxin.operations.rights.receive import ANSWERING
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Form
from shouxin.vault.records import Records

__all__ = ["recognisable_sample"]

_WHO: Final = frozenset({ItemCode("identity.name"), ItemCode("identity.id_number")})


def recognisable_sample(
    workspace: Workspace, token: Token, order_id: OrderId
) -> tuple[int, dict[SubjectId, dict[ItemCode, str]]]:
    """Return how many people an order is about and, of a few, their masked name and number; durable on record.

    Raises:
        Refused: the caller sees no orders, or the card of ``rights.answer`` shows them nothing masked.
        NotFound: no such order, or somebody of the sample was erased since.
    """
    boxed = show_order(workspace, token, order_id)

    def listed(records: Records) -> frozenset[ItemCode]:
        act = begin(workspace, records, token)
        return _WHO & frozenset(current_engine(workspace, records, ANSWERING, act.now).card(ANSWERING).items)

    wish = Wish(ANSWERING, workspace.data.read(listed), boxed.sample, Form("masked"))
    shown = disclose(workspace, token, wish).values
    told = {
        subject: {item: value for item, value in shown.get(subject, {}).items() if not isinstance(value, Plaintext)}
        for subject in boxed.sample
    }
    _note(workspace, token, order_id)
    return boxed.order.people, told


def _note(workspace: Workspace, token: Token, order_id: OrderId) -> None:
    """Write to an order that waits to be confirmed that the caller was shown whom it deletes; once an account."""

    def due(records: Records, act: Act) -> bool:
        order = order_of(workspace, records, order_id)[1]
        return order.state is OrderState.CONFIRMING and act.actor.account not in order.shown

    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        if due(records, act):
            before, order = order_of(workspace, records, order_id)
            after = sample_shown(order, act.actor.account)
            put_order(workspace, records, act, order_id, before, after, "sample-shown")

    if workspace.data.read(lambda records: due(records, begin(workspace, records, token))):
        workspace.data.transact(work)
