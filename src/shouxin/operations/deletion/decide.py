"""Take an order through its chain: papers, submission, yes and no, the second confirmation, cancelling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from shouxin.actors.account import Token
from shouxin.approvals.order import (
    FILED_WITH,
    Filing,
    Left,
    Order,
    attach,
    cancel,
    confirm,
    deny_order,
    expire_order,
    leave,
    order_agreed,
    submit,
)
from shouxin.approvals.order_transitions import OrderState
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import local_date
from shouxin.domain.identifiers import OrderId, SubjectId
from shouxin.domain.paper import check_paper, paper_digest
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid, NotFound, NotInThisState, Refused
from shouxin.operations.acting import Act, begin
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.deletion.book import batches_of
from shouxin.operations.deletion.draft import rules_of
from shouxin.operations.deletion.for_right import check_still_asked
from shouxin.operations.downstream.databases import standing_databases
from shouxin.operations.orders import order_of, put_order
from shouxin.operations.rights.evidence import HANDED_IN, with_evidence
from shouxin.operations.staff.second_factor import WRONG_CODE, spend_code
from shouxin.operations.workspace import Workspace
from shouxin.rights.request import Evidence
from shouxin.vault.records import Records

__all__ = [
    "SEEING",
    "OrderInBox",
    "agree_order",
    "cancel_order",
    "confirm_order",
    "file_paper",
    "leave_system",
    "list_orders",
    "refuse_order",
    "show_order",
    "submit_order",
]

SEEING: Final = ("dpo", "rights_desk", "auditor")
_SAMPLE: Final = 5
_OPEN: Final = frozenset(
    {
        OrderState.DRAFTED,
        OrderState.IDENTIFIED,
        OrderState.SCOPED,
        OrderState.APPROVING,
        OrderState.CONFIRMING,
        OrderState.COOLING,
        OrderState.EXECUTING,
        OrderState.UNFINISHED,
    }
)
_Step = Callable[[Records, Act, Order], Order]


@dataclass(frozen=True, slots=True)
class OrderInBox:
    """An order as somebody who decides sees it: the role asked now, and a sample of whom it is about."""

    order_id: OrderId
    order: Order
    asked: str | None
    sample: tuple[SubjectId, ...]


def _change(workspace: Workspace, token: Token, order_id: OrderId, change: str, step: _Step) -> Order:
    """Take one step of an order and record it."""

    def work(records: Records) -> Order:
        act = begin(workspace, records, token)
        before, order = order_of(workspace, records, order_id)
        return put_order(workspace, records, act, order_id, before, step(records, act, order), change)

    return workspace.data.transact(work).value


def file_paper(workspace: Workspace, token: Token, order_id: OrderId, authority: str, paper: Plaintext) -> Order:
    """Attach what was filed with an authority, or what it approved: sealed, and named by the SHA-256 of its paper.

    It is kept as what people hand in is, under the card ``rights.evidence`` and a key of its own, so that it can be
    shown later, through the door, to whom that card lets see it. Durable on return.

    Raises:
        Invalid: an authority with which nothing is filed, an empty paper, or no card of rights evidence.
        NotFound, NotInThisState, Refused: as the order stands.
    """
    digest = paper_digest(paper.reveal())
    check_paper(digest, "filing")
    if authority not in FILED_WITH:
        raise Invalid(f"something is filed with one of {', '.join(sorted(FILED_WITH))}", "filing")

    def work(records: Records, act: Act, under: SubjectId, evidence: tuple[Evidence, ...]) -> Order:
        act.need("dpo", "rights_desk")
        before, order = order_of(workspace, records, order_id)
        filing = Filing(authority, digest, act.actor.account, act.now, evidence[0].cell, under)
        return put_order(workspace, records, act, order_id, before, attach(order, filing), "filed")

    return with_evidence(workspace, token, None, [(HANDED_IN, paper)], work)


def _as_it_was_meant(workspace: Workspace, records: Records, act: Act, order_id: OrderId, order: Order) -> Order:
    """Return ``order`` unless its rules changed since it was drafted, or nobody asks for it any more.

    Raises:
        NotInThisState: they did, so draft it anew; or the request that it answers was taken back or refused.
    """
    check_still_asked(workspace, records, order_id, order)
    card, _ = rules_of(current_engine(workspace, records, "", act.now))
    if (card.purpose, card.version) != (order.purpose, order.version):
        raise NotInThisState("the card changed since this was drafted: draft it anew")
    return order


def submit_order(workspace: Workspace, token: Token, order_id: OrderId) -> Order:
    """Put an order before those who agree. Raises as ``submit``; when the card changed; when nobody asks any more."""

    def step(records: Records, act: Act, order: Order) -> Order:
        return submit(_as_it_was_meant(workspace, records, act, order_id, order), act.actor.account, act.now)

    return _change(workspace, token, order_id, "submitted", step)


def agree_order(workspace: Workspace, token: Token, order_id: OrderId) -> Order:
    """Agree at the level that is asked now. Raises as ``order_agreed``, and as ``submit_order``."""

    def step(records: Records, act: Act, order: Order) -> Order:
        standing = _as_it_was_meant(workspace, records, act, order_id, order)
        return order_agreed(standing, act.actor.account, act.actor.roles, act.now)

    return _change(workspace, token, order_id, "agreed", step)


def refuse_order(workspace: Workspace, token: Token, order_id: OrderId) -> Order:
    """Refuse an order. Raises as ``approvals.order.deny_order``."""
    return _change(
        workspace,
        token,
        order_id,
        "refused",
        lambda _, act, order: deny_order(order, act.actor.account, act.actor.roles),
    )


def cancel_order(workspace: Workspace, token: Token, order_id: OrderId) -> Order:
    """Cancel an order before the point of no return. Raises as ``approvals.order.cancel``."""
    return _change(
        workspace, token, order_id, "cancelled", lambda _, act, order: cancel(order, act.actor.account, act.actor.roles)
    )


def confirm_order(workspace: Workspace, token: Token, order_id: OrderId, people: int, code: str) -> Order:
    """Confirm a bulk order: with a fresh code of one's telephone, and by typing how many people it deletes.

    Whoever confirms was shown a sample of them before (``operations.deletion.sample``), whichever way they come.

    Raises:
        Refused: no handler of deletions, no sample was shown to this account, or a code that is wrong, old or used.
        Invalid: another number.
        NotInThisState: nothing is to be confirmed, or the request that it answers is not being handled any more.
    """

    def work(records: Records) -> Order | None:
        act = begin(workspace, records, token)
        act.need("dpo", "rights_desk")
        before, order = order_of(workspace, records, order_id)
        check_still_asked(workspace, records, order_id, order)
        after = confirm(order, act.actor.account, people, act.now)
        if not spend_code(workspace, records, act, code, enrolled_before=order.opened):
            return None  # the failure is counted and on record
        return put_order(workspace, records, act, order_id, before, after, "confirmed")

    done = workspace.data.transact(work).value
    if done is None:
        raise Refused("the code is wrong, too old, or was used already", WRONG_CODE)
    return done


def leave_system(workspace: Workspace, token: Token, order_id: OrderId, system: str, due: date) -> Order:
    """Take it upon oneself that a database which failed is erased by other means by ``due``; then execute again.

    It stands on every certificate of the order as a residual, with its owner's role and date.

    Raises:
        Invalid: no such database, or a day that is past. Refused: no data-protection officer.
        NotInThisState: nothing failed.
    """

    def step(records: Records, act: Act, order: Order) -> Order:
        act.need("dpo")
        if system not in {one.name for one in standing_databases(workspace, records)}:
            raise Invalid("no database of this name is registered", "system")
        return leave(order, Left(system, act.actor.account, due), local_date(act.now))

    return _change(workspace, token, order_id, "left", step)


def _boxed(workspace: Workspace, records: Records, act: Act, order_id: OrderId, order: Order) -> OrderInBox | None:
    """Return an order as the actor may see it, or nothing: it is none of their business."""
    concerned = {level.role for level in order.levels}.union(SEEING)
    if order.requester != act.actor.account and act.actor.roles.isdisjoint(concerned):
        return None
    order = expire_order(order, act.now)
    asked = order.levels[order.level].role if order.state is OrderState.APPROVING else None
    subjects = (one for booked in batches_of(workspace, records, order_id) for one in booked.batch.subjects)
    return OrderInBox(order_id, order, asked, tuple(one for _, one in zip(range(_SAMPLE), subjects, strict=False)))


def show_order(workspace: Workspace, token: Token, order_id: OrderId) -> OrderInBox:
    """Return one order as it stands at this moment.

    Raises:
        NotFound: there is none, or it is none of the caller's business.
    """

    def work(records: Records) -> OrderInBox:
        act = begin(workspace, records, token)
        boxed = _boxed(workspace, records, act, order_id, order_of(workspace, records, order_id)[1])
        if boxed is None:
            raise NotFound("there is no such order")
        return boxed

    return workspace.data.read(work)


def list_orders(workspace: Workspace, token: Token, *, ended: bool = False) -> list[OrderInBox]:
    """Return the orders that the caller may see and that are open (or all), oldest first."""

    def work(records: Records) -> list[OrderInBox]:
        act = begin(workspace, records, token)
        rows = records.authority.find(AuthorityKind.ORDER)
        found = [
            _boxed(workspace, records, act, OrderId(row.identifier), workspace.notary.read(row, Order)) for row in rows
        ]
        seen = [one for one in found if one is not None and (ended or one.order.state in _OPEN)]
        return sorted(seen, key=lambda one: one.order.opened)

    return workspace.data.read(work)
