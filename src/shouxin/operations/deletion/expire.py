"""End what was kept to account for erasures, once its own term is over (PIPL 19, 47(1)(2)).

Tags that kept people out go. Of orders go who asked, how that was seen, the papers, and whom they were about. Of people
goes the pepper: from then on nobody can say which entries of the log were about them, us included; the entries stay,
and so does every certificate that was issued. Old copies of the keyring hold the pepper until the epoch has advanced.

An order whose papers are still sealed waits for them: they go when the card under which they lie lets go of them, and
until then the order alone says whose they are.

Record first, then destroy; run again after a crash: whoever's pepper still stands is found again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from shouxin.actors.account import Token
from shouxin.approvals.order import Order, expire_order
from shouxin.approvals.order_transitions import OrderState
from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.clock import local_date
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import CellId, OrderId, SubjectId
from shouxin.errors import Tampered
from shouxin.operations.acting import NOTHING_BEFORE, Act, begin, row_facts
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.deletion.book import batches_of, book_batch
from shouxin.operations.deletion.draft import DRAFTERS
from shouxin.operations.erasing.suppression import Suppression
from shouxin.operations.orders import put_order
from shouxin.operations.pause import check_not_paused
from shouxin.operations.rekeying import rekey
from shouxin.operations.retaining.scope import accountable_until
from shouxin.operations.workspace import Workspace
from shouxin.vault.erasure import Erasure, ErasureState
from shouxin.vault.records import Records, Subject, SubjectState

__all__ = ["Ended", "expire"]

_ENDED: Final = frozenset({OrderState.DONE, OrderState.CANCELLED, OrderState.REFUSED, OrderState.EXPIRED})


@dataclass(frozen=True, slots=True)
class Ended:
    """How much has ended: people whose entries are nobody's now, tags that are gone, orders without their evidence.

    ``waiting`` orders are past their term too, and wait until the papers handed in for them are erased.
    """

    people: int
    tags: int
    orders: int
    waiting: int = 0


def _forget(workspace: Workspace, records: Records, act: Act, row: AuthorityRow, order: Order) -> None:
    """Take from an order whom it was about, who asked and how that was seen; what was decided stays."""
    order_id = OrderId(row.identifier)
    for booked in batches_of(workspace, records, order_id):
        nobody = replace(booked.batch, subjects=(), failed=())
        book_batch(workspace, records, act, booked.row.identifier, booked.row, nobody)
    empty = replace(order, identity=None, filings=(), scope=bytes(32), right=b"", forgotten=True)
    put_order(workspace, records, act, order_id, row, empty, "forgotten")


def _over(workspace: Workspace, records: Records, act: Act) -> Iterator[tuple[AuthorityRow, Order]]:
    """Yield every ended order whose evidence need not be kept any more, and is."""
    engine = current_engine(workspace, records, "", act.now)
    today = local_date(act.now)
    for row in records.authority.find(AuthorityKind.ORDER):
        order = expire_order(workspace.notary.read(row, Order), act.now)
        until = accountable_until(engine, local_date(order.cool_until or order.opened))
        if order.state in _ENDED and not order.forgotten and today >= until:
            yield row, order


def _papers_stand(records: Records, order: Order) -> bool:
    """Say whether a paper that was handed in for an order is still sealed here."""
    shown = () if order.identity is None else (order.identity.kept,)
    cells = [CellId(one) for one in (*shown, *(filing.kept for filing in order.filings)) if one]
    return bool(records.cells.standing(cells))


def expire(workspace: Workspace, token: Token) -> Ended:
    """End everything whose term is over today; durable and read back on return.

    Raises:
        Refused, NotSignedIn: the caller may not. NotInThisState: all deletion is paused.
        Tampered: the read-back found a pepper that should be destroyed.
    """

    def work(records: Records) -> tuple[Ended, list[SubjectId]]:
        act = begin(workspace, records, token)
        act.need(*DRAFTERS)
        check_not_paused(workspace, records)
        people = _unaccountable(workspace, records, local_date(act.now))
        for subject in people:
            records.cells.forget_openings(subject)
        tags = sum(_drop(workspace, records, act, row) for row in records.authority.find(AuthorityKind.SUPPRESSION))
        over = [*_over(workspace, records, act)]
        ended = [(row, order) for row, order in over if not _papers_stand(records, order)]
        for row, order in ended:
            _forget(workspace, records, act, row, order)
        done = Ended(len(people), tags, len(ended), len(over) - len(ended))
        if people or tags or ended:
            records.record(
                act.event(EventKind.ACCOUNTABILITY_ENDED, people=done.people, tags=done.tags, orders=done.orders)
            )
        return done, people

    done, people = workspace.data.transact(work, covered=True).value
    if people:
        with workspace.custody.keyring.at_work():
            chains = workspace.custody.keyring.get(people)
            peppers = {
                pepper[0] for chain in chains.values() if (pepper := workspace.custody.open(chain).pepper()) is not None
            }
            rekey(workspace, dict.fromkeys(people), gone=peppers)
        left = workspace.custody.keyring.get(people).values()
        if any(workspace.custody.open(chain).pepper() is not None for chain in left):
            raise Tampered("read-back: a pepper that should be destroyed is still in the keyring")
    return done


def _unaccountable(workspace: Workspace, records: Records, today: date) -> list[SubjectId]:
    """Return who is erased whole and sealed, past the term of accountability, and still has a pepper."""
    until: dict[SubjectId, date | None] = {}
    for row in records.authority.find(AuthorityKind.ERASURE):
        erasure = workspace.notary.read(row, Erasure)
        known = until.get(erasure.subject, date.min)
        open_ = erasure.state is not ErasureState.SEALED or erasure.accountable_until is None or known is None
        until[erasure.subject] = None if open_ else max(known or date.min, erasure.accountable_until or date.min)
    past = [one for one, day in until.items() if day is not None and day <= today]
    rows = records.authority.among(AuthorityKind.SUBJECT, past)
    gone = [one for one in past if one in rows and _erased(workspace, rows[one])]
    chains = workspace.custody.keyring.get(gone)
    return [one for one in gone if one in chains and workspace.custody.open(chains[one]).pepper() is not None]


def _erased(workspace: Workspace, row: AuthorityRow) -> bool:
    return workspace.notary.read(row, Subject).state is SubjectState.ERASED


def _drop(workspace: Workspace, records: Records, act: Act, row: AuthorityRow) -> bool:
    """Remove a tag that holds nobody any more; say whether it was one."""
    said = workspace.notary.read(row, Suppression)
    if said.holds(act.now):
        return False
    records.authority.drop(AuthorityKind.SUPPRESSION, row.identifier)
    facts = row_facts(row, row) | {"row": NOTHING_BEFORE}
    records.record(act.event(EventKind.SUPPRESSION_CHANGED, purpose=said.purpose, change="ended", **facts))
    return True
