"""Where the batches of orders are kept: whom an order is about, each change with its event.

A batch is of at most ``MOST`` people and is carried out and recorded by itself; the order's own row stands in
``operations.orders``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import OrderId, SubjectId
from shouxin.operations.acting import Act, row_facts
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records

__all__ = ["MOST", "BatchState", "Booked", "OrderBatch", "batches_of", "book_batch", "counted"]

MOST: Final = 200


class BatchState(StrEnum):
    """How far a batch has come."""

    WAITING = "waiting"
    BEGUN = "begun"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class OrderBatch:
    """Some of an order's people.

    ``operations`` are the erasures that were begun for them; ``failed`` who is not erased, each with the system that
    failed; the counts are what became of the people: ``erased`` (whole or in part), ``retained``, ``nothing``.
    """

    order: OrderId
    number: int
    subjects: tuple[SubjectId, ...]
    state: BatchState = BatchState.WAITING
    operations: tuple[bytes, ...] = ()
    failed: tuple[tuple[SubjectId, str], ...] = ()
    erased: int = 0
    retained: int = 0
    nothing: int = 0


@dataclass(frozen=True, slots=True)
class Booked:
    """A batch with the row that says it."""

    row: AuthorityRow
    batch: OrderBatch


def batches_of(workspace: Workspace, records: Records, order_id: OrderId) -> list[Booked]:
    """Return an order's batches, in their order."""
    rows = records.authority.find(AuthorityKind.BATCH, name=order_id.hex())
    found = [Booked(row, workspace.notary.read(row, OrderBatch)) for row in rows]
    return sorted((one for one in found if one.batch.order == order_id), key=lambda one: one.batch.number)


def book_batch(
    workspace: Workspace, records: Records, act: Act, identifier: bytes, before: AuthorityRow | None, batch: OrderBatch
) -> Booked:
    """Write a batch's next version together with its event."""
    version = 1 if before is None else before.version + 1
    row = workspace.notary.write(AuthorityKind.BATCH, identifier, version, batch, name=batch.order.hex())
    records.authority.put(row)
    records.record(
        act.event(
            EventKind.BATCH_CHANGED,
            state=batch.state,
            erased=batch.erased,
            retained=batch.retained,
            nothing=batch.nothing,
            failed=len(batch.failed),
            **row_facts(row, before),
        )
    )
    return Booked(row, batch)


def counted(batch: OrderBatch, outcomes: Iterable[str]) -> OrderBatch:
    """Return ``batch`` with the outcomes of its erasures counted."""
    erased = retained = nothing = 0
    for outcome in outcomes:
        erased += outcome.startswith("erased")
        retained += outcome == "retained"
        nothing += outcome == "nothing-found"
    return replace(batch, erased=erased, retained=retained, nothing=nothing)
