"""A sample of whom an order is about, as somebody recognises people: masked names and numbers, through the one door.

Whoever confirms a bulk deletion sees how many people go, and of a few of them enough to notice that they are the wrong
ones. It is a disclosure like any other, under the card by which people are answered, and on record.
"""

from __future__ import annotations

from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.identifiers import OrderId, SubjectId
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.operations.acting import begin
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.deletion.decide import show_order
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.opening.permit import Wish
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
    return boxed.order.people, told
