"""Carry an order out: batch by batch, each a piece of work that survives being killed anywhere (laws 2 and 4).

In a batch: first the lender's own databases, while it is still known whom to look for; then the erasures are planned
in one transaction with the batch; then keys, tags, objects and rows go and are read back; then the batch says so.
Called again, an order goes on where it stopped. Between two batches it stops when all deletion is paused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from shouxin.actors.account import Token
from shouxin.approvals.order import Order, start, taken
from shouxin.approvals.order_transitions import OrderEvent, OrderState
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.identifiers import OperationId, OrderId, SubjectId, new
from shouxin.errors import NotInThisState, Tampered
from shouxin.operations.acting import begin
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.deletion.book import (
    BatchState,
    Booked,
    OrderBatch,
    batches_of,
    book_batch,
    counted,
)
from shouxin.operations.deletion.downstream import erase_in, not_reached, record_reports
from shouxin.operations.deletion.draft import DRAFTERS, Wanted
from shouxin.operations.deletion.for_right import answer_right, check_still_asked
from shouxin.operations.downstream.asked_for import extent_of
from shouxin.operations.downstream.databases import OpenDatabase, standing_databases
from shouxin.operations.downstream.extent import Extent
from shouxin.operations.downstream.systems import Systems
from shouxin.operations.erasing.erase import carry_out
from shouxin.operations.erasing.erasure_plan import Behind, ErasureJob, intend_within, objects_seen
from shouxin.operations.orders import order_of, put_order
from shouxin.operations.pause import check_not_paused
from shouxin.operations.retaining.scope import Asked
from shouxin.operations.subjects import person_of, resolve_subject, with_merged
from shouxin.operations.workspace import Workspace
from shouxin.vault.erasure import Erasure, Outcome, SystemReport
from shouxin.vault.records import ObjectRow, Records, SubjectState

__all__ = ["execute_order"]

# Why somebody is not erased although no database failed: another erasure of theirs has begun and is not done.
_UNDERWAY = "erasure-under-way"
# Why somebody is not erased: their record was merged with another after the order was drafted.
_JOINED = "merged-since"
_Reports = dict[SubjectId, tuple[SystemReport, ...]]


def execute_order(
    workspace: Workspace,
    token: Token,
    order_id: OrderId,
    open_database: OpenDatabase,
    *,
    step: Callable[[int], None] = lambda _people: None,
) -> Order:
    """Carry out an order that has cooled off, or go on with one that stopped; return it as it stands then.

    ``done``: everybody is erased to ``live``, read back, in the vault and in every database that is reached.
    ``unfinished``: somebody is not, because a database failed; mend it, then execute again. Every batch that was
    counted to ``step`` (how many people) is durable.

    Raises:
        NotInThisState: it is not approved, still cools off, has ended, or all deletion is paused; or the request that
            it answers is not being handled any more.
        Tampered: a read-back found what should be gone. Fenced: the epoch moved on; execute again.
        Refused, NotSignedIn: the caller may not.
    """
    order = _begin(workspace, token, order_id)

    def ready(records: Records) -> Systems:
        card = current_engine(workspace, records, order.purpose, workspace.now(records)).card(order.purpose)
        return Systems.of(standing_databases(workspace, records), open_database, card, order.left)

    systems = workspace.data.read(ready)
    for booked in workspace.data.read(lambda records: batches_of(workspace, records, order_id)):
        if booked.batch.state is not BatchState.DONE:
            step(len(_carry(workspace, token, order_id, booked, systems).batch.subjects))
    done = _conclude(workspace, token, order_id)
    if done.state is OrderState.DONE and done.right:
        answer_right(workspace, token, order_id, done)
    return done


def _begin(workspace: Workspace, token: Token, order_id: OrderId) -> Order:
    """Pass the point of no return, unless that happened before."""

    def work(records: Records) -> Order:
        act = begin(workspace, records, token)
        act.need(*DRAFTERS)
        check_not_paused(workspace, records)
        before, order = order_of(workspace, records, order_id)
        _check_complete(workspace, records, order_id, order)
        if order.state is OrderState.EXECUTING or (order.state is OrderState.DONE and order.right):
            return order
        after = start(order, act.now)
        if order.state is OrderState.COOLING:  # one that was begun goes on: nothing of it can be taken back
            check_still_asked(workspace, records, order_id, order)
        return put_order(workspace, records, act, order_id, before, after, "executing")

    return workspace.data.transact(work).value


def _check_complete(workspace: Workspace, records: Records, order_id: OrderId, order: Order) -> None:
    """Raise ``Tampered`` unless the batches are of exactly those whom the order is about."""
    people = tuple(one for booked in batches_of(workspace, records, order_id) for one in booked.batch.subjects)
    wanted = Wanted(people, order.ground, frozenset(order.purposes), order.due)
    if len(people) != order.people or wanted.digest() != order.scope:
        raise Tampered("the batches of this order are not those that were agreed to")


def _carry(workspace: Workspace, token: Token, order_id: OrderId, booked: Booked, systems: Systems) -> Booked:
    """Take one batch from where it stands to its end."""
    if booked.batch.state is not BatchState.BEGUN:
        booked = _plan(workspace, token, order_id, booked, systems)
    jobs = workspace.data.read(lambda records: _jobs(workspace, records, booked.batch.operations))
    done = carry_out(workspace, token, [job for job in jobs if job.erasure.live is None])
    if any(job.erasure.live is None for job in done):
        raise NotInThisState("all deletion is paused: what has begun stays dark, and goes on once it may")

    def work(records: Records) -> Booked:
        act = begin(workspace, records, token)
        every = _jobs(workspace, records, booked.batch.operations)
        state = BatchState.FAILED if booked.batch.failed else BatchState.DONE
        batch = counted(replace(booked.batch, state=state), (job.erasure.outcome for job in every))
        return book_batch(workspace, records, act, booked.row.identifier, booked.row, batch)

    return workspace.data.transact(work).value


def _plan(workspace: Workspace, token: Token, order_id: OrderId, booked: Booked, systems: Systems) -> Booked:
    """Erase the batch's people in the lender's databases, then plan the erasures of those for whom that went well.

    Those with whom somebody was joined whom nobody agreed to erase are left alone: databases know persons, not records.
    """

    def look(records: Records) -> tuple[list[tuple[SubjectId, bool]], list[SubjectId], frozenset[ObjectRow]]:
        found = _standing(workspace, records, booked.batch)
        people = [one for one, _ in found]
        joined = _joined_since(workspace, records, order_id, people)
        return found, joined, objects_seen(workspace, records, people)

    waiting, joined, seen = workspace.data.read(look)
    tried = {subject for subject, _ in booked.batch.failed}
    reports: _Reports = {
        subject: tuple(
            replace(one, again=subject in tried) for one in _in_systems(workspace, token, order_id, subject, systems)
        )
        for subject, state in waiting
        if state and subject not in joined
    }

    def work(records: Records) -> Booked:
        act = begin(workspace, records, token)
        act.need(*DRAFTERS)
        order = _check_may_go_on(workspace, records, order_id)
        under = {one: new(OperationId) for one in reports}
        left = not_reached(workspace, [one for one in standing_databases(workspace, records) if one.name in order.left])
        failed = {one: system for one, said in reports.items() for system in _failing(said)}
        told = {
            one: record_reports(
                workspace, records, token, one, (*said, *left) if one not in failed else said, under[one]
            )
            for one, said in reports.items()
        }
        failed |= {one: _UNDERWAY for one, state in _standing(workspace, records, booked.batch) if not state}
        failed |= dict.fromkeys(_joined_since(workspace, records, order_id, [one for one, _ in waiting]), _JOINED)
        ready = [one for one, state in waiting if state and one not in failed]
        asked = Asked(frozenset(order.purposes) or None, order.due)
        jobs = intend_within(workspace, records, token, ready, asked, Behind(order_id, told, under, seen))
        batch = replace(
            booked.batch,
            state=BatchState.BEGUN,
            operations=(*booked.batch.operations, *(job.row.identifier for job in jobs)),
            failed=tuple(failed.items()),
        )
        return book_batch(workspace, records, act, booked.row.identifier, booked.row, batch)

    return workspace.data.transact(work).value


def _check_may_go_on(workspace: Workspace, records: Records, order_id: OrderId) -> Order:
    """Return the order while it is being carried out and nothing is paused. Raises ``NotInThisState``."""
    check_not_paused(workspace, records)
    order = order_of(workspace, records, order_id)[1]
    if order.state is not OrderState.EXECUTING:
        raise NotInThisState(f"the order is {order.state}")
    return order


def _in_systems(
    workspace: Workspace, token: Token, order_id: OrderId, subject: SubjectId, systems: Systems
) -> tuple[SystemReport, ...]:
    """Erase one person in the lender's databases, unless something stops it at this moment.

    Databases know items, not purposes: of an order of a part, or of what is due, they are asked for the items that no
    other purpose keeps. What is held of a person is held there too.

    Raises:
        NotInThisState: all deletion is paused, or the order is not being carried out any more.
    """

    def look(records: Records) -> Extent | None:
        act = begin(workspace, records, token)
        order = _check_may_go_on(workspace, records, order_id)
        asked = Asked(frozenset(order.purposes) or None, order.due)
        return extent_of(workspace, records, act, subject, asked) if systems.opened else None

    extent = workspace.data.read(look)
    return () if extent is None else erase_in(systems, workspace, token, subject, extent)


def _joined_since(
    workspace: Workspace, records: Records, order_id: OrderId, people: Sequence[SubjectId]
) -> list[SubjectId]:
    """Return those who are one person with somebody who is not in the order: nobody agreed to erasing that one."""
    agreed = {one for booked in batches_of(workspace, records, order_id) for one in booked.batch.subjects}
    roots = {one: person_of(workspace, records, one)[-1].subject for one in people}
    return [
        one for one in people if not agreed.issuperset((roots[one], *with_merged(workspace, records, [roots[one]])))
    ]


def _standing(workspace: Workspace, records: Records, batch: OrderBatch) -> list[tuple[SubjectId, bool]]:
    """Return who of a batch is not erased yet, each with whether an erasure of them may begin."""
    states = [(one, resolve_subject(workspace, records, one)[1].state) for one in batch.subjects]
    erased = {job.erasure.subject for job in _jobs(workspace, records, batch.operations)}
    return [
        (one, state is not SubjectState.ERASING)
        for one, state in states
        if state is not SubjectState.ERASED and one not in erased
    ]


def _failing(reports: Sequence[SystemReport]) -> list[str]:
    return [one.system for one in reports if one.outcome is Outcome.FAILED][:1]


def _jobs(workspace: Workspace, records: Records, operations: Sequence[bytes]) -> list[ErasureJob]:
    """Return the erasures of a batch as they stand."""
    found: list[ErasureJob] = []
    for operation in operations:
        row = records.authority.get(AuthorityKind.ERASURE, operation)
        if row is None:
            raise Tampered("a batch names an erasure that is not there")
        found.append(ErasureJob(row, workspace.notary.read(row, Erasure)))
    return found


def _conclude(workspace: Workspace, token: Token, order_id: OrderId) -> Order:
    """Say what became of the whole order."""

    def work(records: Records) -> Order:
        act = begin(workspace, records, token)
        before, order = order_of(workspace, records, order_id)
        _check_complete(workspace, records, order_id, order)
        if order.state is OrderState.DONE:
            return order
        states = {booked.batch.state for booked in batches_of(workspace, records, order_id)}
        event = OrderEvent.CONCLUDE if states == {BatchState.DONE} else OrderEvent.FALL_SHORT
        after = taken(order, event)
        return put_order(workspace, records, act, order_id, before, after, after.state)

    return workspace.data.transact(work, covered=True).value
