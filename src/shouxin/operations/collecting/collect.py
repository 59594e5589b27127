"""Collect: take people's data in under a plan, sealed before anything is stored (laws 2 and 3).

Decide on what each person was told and chose; draw keys, which are durable before what they seal; seal, write and
record in one transaction a batch. A batch is all or nothing. The position reached in a source is kept with the batch,
so a collection that was killed goes on where it stopped: nothing lost, nothing twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.event_kind import EventKind
from shouxin.domain.undisturbed import undisturbed
from shouxin.errors import Fenced
from shouxin.operations.acting import begin, row_facts
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.collecting.intake import Aside, Collected, Intake, Plan, Reached
from shouxin.operations.collecting.kept_out import kept_out_at
from shouxin.operations.collecting.sealing import Drawn, draw_keys, write_drafts
from shouxin.operations.collecting.sort_out import SortedBatch, cards_of, sort_out
from shouxin.operations.rekeying import settle_clean
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records

__all__ = ["collect", "reached", "source_digest"]

_BATCH: Final = 1000  # a batch has four durable commits; it holds the writers' lock for some tenths of a second

# Says, in the transaction that records a batch, whether it may still be taken; raises if not.
_Standing = Callable[[Records], None]


def source_digest(source: str, content: bytes) -> bytes:
    """Return what identifies one content of one source: 16 bytes."""
    return hashlib.sha256(b"shouxin/collection\0" + source.encode() + b"\0" + content).digest()[:16]


def collect(
    workspace: Workspace,
    token: Token,
    plan: Plan,
    records: Iterable[Intake | Aside],
    *,
    place: bytes,
    step: Callable[[int], None] = lambda _line: None,
    under: _Standing | None = None,
    done: Collected | None = None,
) -> Collected:
    """Take in every record of a source; bad ones are set aside with their line.

    ``place`` (from ``source_digest``) identifies the content: the same content goes on where it stopped, and once it is
    done, collecting it again takes nothing but the lines that wait, of erased people who were let in again. ``step`` is
    told the line that is done. Every batch that was reported is durable. ``under`` is asked in the transaction of each
    batch whether the plan behind it still stands; who passes none has no plan to answer to
    (``operations.collecting.run_plan`` always has one). ``done`` is added to batch by batch, so that who passes one
    knows what was taken when the source dies.

    Raises:
        Invalid: the plan names a purpose that was not adopted.
        Refused: the caller may take nothing in for any purpose of the plan; the source stays where it is.
        Fenced: cards, roles or the key epoch changed during a batch; collect again, it goes on from there.
    """
    done = Collected() if done is None else done
    at = reached(workspace, place)
    for batch in _batches(records):
        fresh = [record for record in batch if record.line > at.line or record.line in at.waiting]
        if fresh:
            with undisturbed():
                at = _take(workspace, token, plan, (place, at), fresh, done, under)
            step(at.line)
    return done


def reached(workspace: Workspace, place: bytes) -> Reached:
    """Return how far the content or stream ``place`` was taken in."""
    return workspace.data.read(lambda seen: _reached(workspace, seen, place))


def _batches(records: Iterable[Intake | Aside]) -> Iterator[list[Intake | Aside]]:
    source = iter(records)
    while batch := list(islice(source, _BATCH)):
        yield batch


def _reached(workspace: Workspace, records: Records, place: bytes) -> Reached:
    row = records.authority.get(AuthorityKind.COLLECTION, place)
    return Reached() if row is None else workspace.notary.read(row, Reached)


def _take(
    workspace: Workspace,
    token: Token,
    plan: Plan,
    source: tuple[bytes, Reached],
    fresh: list[Intake | Aside],
    done: Collected,
    under: _Standing | None,
) -> Reached:
    """Take one batch: decide, draw keys, then seal, write and record in one transaction; return how far that is."""
    batch = workspace.data.read(lambda seen: sort_out(workspace, seen, token, plan, (source[0], fresh)))
    with workspace.custody.keyring.at_work():
        drawn = draw_keys(workspace, batch.drafts)
        last = _after(source[1], fresh, batch)
        _record(workspace, token, plan, (*source, last), batch, drawn, under)
        settle_clean(workspace, [draft.subject for draft in batch.drafts if draft.existing is None], known=False)
        settle_clean(workspace, [draft.subject for draft in batch.drafts if draft.existing is not None])
    done.taken += sum(draft.leads for draft in batch.drafts)
    done.subjects += sum(draft.existing is None for draft in batch.drafts)
    done.aside += batch.aside
    done.repeated += batch.repeated
    for item, count in batch.dropped.items():
        done.dropped[item] = done.dropped.get(item, 0) + count
    return last


def _after(at: Reached, fresh: list[Intake | Aside], batch: SortedBatch) -> Reached:
    """Return how far a source has come with a batch; of what waited, what waits no more is left out."""
    waiting = tuple(sorted({*at.waiting} - {one.line for one in fresh} | {*batch.waiting}))
    if fresh[-1].line > at.line:
        return Reached(fresh[-1].line, fresh[-1].cursor, waiting)
    return Reached(at.line, at.cursor, waiting)


def _record(
    workspace: Workspace,
    token: Token,
    plan: Plan,
    source: tuple[bytes, Reached, Reached],
    batch: SortedBatch,
    drawn: list[Drawn],
    under: _Standing | None,
) -> None:
    """Seal, write and record one batch, and how far its source has come; all in one transaction."""
    place, before_it, last = source

    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        engine = current_engine(workspace, records, "", act.now)
        if engine is not batch.engine or act.actor.roles != batch.roles:
            raise Fenced("cards or roles changed while a batch was on its way: collect again")
        if under is not None:
            under(records)
        write_drafts(workspace, records, act, cards_of(engine, plan), list(zip(batch.drafts, drawn, strict=True)))
        if _reached(workspace, records, place) != before_it:
            raise Fenced("another process collects the same source: collect again, it goes on from there")
        before = records.authority.get(AuthorityKind.COLLECTION, place)
        version = 1 if before is None else before.version + 1
        row = workspace.notary.write(AuthorityKind.COLLECTION, place, version, last, name=plan.source)
        records.authority.put(row)
        records.cells.add_arrivals(place, batch.arrivals)
        barred = kept_out_at(place)
        noted = records.cells.arrived(barred, batch.kept_out)
        records.cells.add_arrivals(barred, [one for one in batch.kept_out if one not in noted])
        records.record(
            act.event(
                EventKind.COLLECTION_MOVED,
                role="collector",
                source=plan.source,
                purposes=sorted(plan.purposes),
                taken=sum(draft.leads for draft in batch.drafts),
                aside=len(batch.aside),
                **row_facts(row, before),
            )
        )

    workspace.data.transact(work)
