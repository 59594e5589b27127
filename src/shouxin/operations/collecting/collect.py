"""Collect: take people's data in under a plan, sealed before anything is stored (laws 2 and 3).

Decide on what each person was told and chose; draw keys, which are durable before what they seal; seal, write and
record in one transaction a batch. A batch is all or nothing. The position reached in a source is kept with the batch,
so a collection that was killed goes on where it stopped: nothing lost, nothing twice. So is what was set aside.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Final, TypeAlias

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.undisturbed import undisturbed
from shouxin.errors import Fenced
from shouxin.operations.acting import begin
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.collecting.asides import AtPlace, Moved, PlaceMove, SetAside, set_aside, standing_at, write_step
from shouxin.operations.collecting.intake import Aside, Collected, Intake, Plan, Reached
from shouxin.operations.collecting.kept_out import kept_out_at
from shouxin.operations.collecting.sealing import Drawn, draw_keys, write_drafts
from shouxin.operations.collecting.sort_out import SortedBatch, cards_of, sort_out
from shouxin.operations.rekeying import settle_clean
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records

__all__ = ["collect", "reached", "source_digest", "standing"]

_BATCH: Final = 1000  # a batch has four durable commits; it holds the writers' lock for some tenths of a second

# A place, how it stands, the rows that a batch has met again by line, the run's number, and how many may be set aside.
_Source: TypeAlias = tuple[bytes, AtPlace, Mapping[int, SetAside], int, int | None]
# Says, in the transaction that records a batch, whether it may still be taken; raises if not.
_StillStands = Callable[[Records], None]


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
    under: _StillStands | None = None,
    done: Collected | None = None,
    run: tuple[int, int | None] = (0, None),
) -> Collected:
    """Take in every record of a source; bad ones are set aside with their line.

    ``place`` (from ``source_digest``) identifies the content: the same content goes on where it stopped, and once it is
    done, collecting it again takes nothing but lines that were set aside and may come in now. ``step`` is
    told the line that is done. Every batch that was reported is durable, and so is what it set aside. ``under`` is
    asked in the transaction of each batch whether the plan behind it still stands; who passes none has no plan to
    answer to (``operations.collecting.run_plan`` always has one). ``done`` is added to batch by batch, so that who
    passes one knows what was taken when the source dies. ``run`` is the number of the plan's run and how many records
    may be set aside of the place at once (nothing: any number); a batch that would set more aside is not taken, ends
    the collection, and ``done`` is ``full``.

    Raises:
        Invalid: the plan names a purpose that was not adopted.
        Refused: the caller may take nothing in for any purpose of the plan; the source stays where it is.
        Fenced: cards, roles or the key epoch changed during a batch; collect again, it goes on from there.
        Tampered: what was set aside of the place is not what was written.
    """
    done = Collected() if done is None else done
    number, most = run
    at = standing(workspace, place)
    again = at.asked_again()
    for batch in _batches(records):
        met = {one.line: again.pop(one.line) for one in batch if one.line <= at.reached.line and one.line in again}
        fresh = [one for one in batch if one.line > at.reached.line or one.line in met]
        if fresh:
            with undisturbed():
                moved = _take(workspace, token, plan, (place, at, met, number, most), fresh, done, under)
            if moved is None:
                done.full = True
                return done
            at = moved
            step(at.reached.line)
    return done


def reached(workspace: Workspace, place: bytes) -> Reached:
    """Return how far the content or stream ``place`` was taken in."""
    return standing(workspace, place).reached


def standing(workspace: Workspace, place: bytes) -> AtPlace:
    """Return how far the content or stream ``place`` was taken in, and what is set aside of it.

    Raises:
        Tampered: it is not what was written.
    """
    return workspace.data.read(lambda seen: standing_at(workspace, seen, place))


def _batches(records: Iterable[Intake | Aside]) -> Iterator[list[Intake | Aside]]:
    source = iter(records)
    while batch := list(islice(source, _BATCH)):
        yield batch


def _take(
    workspace: Workspace,
    token: Token,
    plan: Plan,
    source: _Source,
    fresh: list[Intake | Aside],
    done: Collected,
    under: _StillStands | None,
) -> AtPlace | None:
    """Take one batch: decide, draw keys, then seal, write and record in one transaction; return how it stands then.

    Nothing, and nothing was taken, where more would be set aside than may be.
    """
    place, at, met, _, most = source
    batch = workspace.data.read(lambda seen: sort_out(workspace, seen, token, plan, (place, fresh, at.rows, met)))
    last = _after(workspace, source, fresh, batch)
    if most is not None and last.reached.aside > max(most, at.reached.aside):
        return None
    with workspace.custody.keyring.at_work():
        drawn = draw_keys(workspace, batch.drafts)
        _record(workspace, token, plan, (place, at.version, last), batch, drawn, under)
        settle_clean(workspace, [draft.subject for draft in batch.drafts if draft.existing is None], known=False)
        settle_clean(workspace, [draft.subject for draft in batch.drafts if draft.existing is not None])
    done.taken += sum(draft.leads for draft in batch.drafts)
    done.subjects += sum(draft.existing is None for draft in batch.drafts)
    done.aside += batch.aside
    done.repeated += batch.repeated
    for item, count in batch.dropped.items():
        done.dropped[item] = done.dropped.get(item, 0) + count
    return last.taken_from(at)


def _after(workspace: Workspace, source: _Source, fresh: list[Intake | Aside], batch: SortedBatch) -> PlaceMove:
    """Return the move that a batch makes: of what was set aside before, what was met is settled by how it is now."""
    place, at, met, number, _ = source
    before = at.reached
    rows = [
        set_aside(workspace, place, one, one.cursor or (met[one.line].cursor if one.line in met else ()), number)
        for one in batch.aside
    ]
    new = [one for one in fresh if one.line not in met]
    last = Reached(
        new[-1].line if new else before.line,
        next((one.cursor for one in reversed(fresh) if one.cursor), before.cursor),
        tuple(line for line in before.waiting if line not in met),
        before.done() + len(new),
    )
    return PlaceMove.of(at, last, [row.digest for row in met.values()], rows)


def _record(
    workspace: Workspace,
    token: Token,
    plan: Plan,
    source: tuple[bytes, int, PlaceMove],
    batch: SortedBatch,
    drawn: list[Drawn],
    under: _StillStands | None,
) -> None:
    """Seal, write and record one batch, how far its source has come and what was set aside; in one transaction."""
    place, version, last = source

    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        engine = current_engine(workspace, records, "", act.now)
        if engine is not batch.engine or act.actor.roles != batch.roles:
            raise Fenced("cards or roles changed while a batch was on its way: collect again")
        if under is not None:
            under(records)
        write_drafts(workspace, records, act, cards_of(engine, plan), list(zip(batch.drafts, drawn, strict=True)))
        before = records.authority.get(AuthorityKind.COLLECTION, place)
        if (0 if before is None else before.version) != version:
            raise Fenced("another process collects the same source: collect again, it goes on from there")
        records.cells.add_arrivals(place, batch.arrivals)
        barred = kept_out_at(place)
        noted = records.cells.arrived(barred, batch.kept_out)
        records.cells.add_arrivals(barred, [one for one in batch.kept_out if one not in noted])
        moved = Moved(
            source=plan.source,
            purposes=sorted(plan.purposes),
            taken=sum(draft.leads for draft in batch.drafts),
            aside=len(batch.aside),
        )
        write_step(workspace, records, act, place, last, moved)

    workspace.data.transact(work)
