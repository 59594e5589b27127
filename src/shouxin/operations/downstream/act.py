"""Erase a person in one of the lender's databases: walk, plan, act in one transaction, read back.

Laws of this file.

1. Nothing is done against a schema that differs from its description, nor where something beyond the plan would change.
2. One transaction a database: all or nothing, also if the process is killed. What the database says it changed is held
   against the plan before it commits.
3. Erased is said after the commit only, from another connection: walking again from everything that was known, and
   counting. What has come back meanwhile is erased again, at most ``ROUNDS`` times; then it is ``failed``.
4. Idempotent by what is there: after a crash between commit and report, running again finds what is left, and if that
   is nothing says so, with its read-back. Whoever recorded the intent knows then that it was this operation's doing.

Called by: ``across``, the command line (preview).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from shouxin.errors import OperatorError, StoreUnavailable
from shouxin.operations.downstream.dataset import Dataset, TableName, ways_into
from shouxin.operations.downstream.extent import Extent
from shouxin.operations.downstream.flags import raise_flags
from shouxin.operations.downstream.order import beyond_the_plan, put_in_order
from shouxin.operations.downstream.plan import Obstacle, RowPlan, Step, Terms, make_plan
from shouxin.operations.downstream.read_back import Disagreement, read_back
from shouxin.operations.downstream.report import (
    Report,
    TablePart,
    about,
    blocked,
    contested,
    refused,
    strayed,
)
from shouxin.operations.downstream.rows import Database, Rows, batches
from shouxin.operations.downstream.schema import LiveSchema, compare
from shouxin.operations.downstream.walk import Reach, Trail, walk
from shouxin.vault.erasure import Outcome

__all__ = ["carry_out", "erase_downstream", "preview_downstream"]

ROUNDS: Final = 3
# What stands in the way of one table only; everything else forbids the whole plan.
_LOCAL: Final = frozenset({"no-key", "mixed-row", "cannot-be-frozen", "flag-is-shared"})


@dataclass(frozen=True, slots=True)
class _Tried:
    """One round: what was reached and planned; ``forbidden`` says why nothing was done."""

    reach: Reach
    plan: RowPlan
    forbidden: tuple[TablePart, ...] = ()


def _prepare(dataset: Dataset, live: LiveSchema, trail: Trail, terms: Terms, rows: Rows) -> _Tried:
    """Walk and plan; changes nothing."""
    referred = {column for table in live.tables.values() for key in table.foreign for column in key.to_columns}
    reach = walk(dataset, rows, trail, sorted(referred))
    if reach.strayed is not None:
        return _Tried(reach, RowPlan(), (strayed(reach.strayed),))
    plan = make_plan(dataset, reach, terms)
    raise_flags(dataset, reach, plan, terms.extent)
    plan.obstacles += beyond_the_plan(dataset, live, rows, plan)
    put_in_order(dataset, live, plan)
    forbidden = tuple(_obstacle(one) for one in plan.obstacles if one.code not in _LOCAL)
    return _Tried(reach, plan, forbidden)


def _obstacle(one: Obstacle) -> TablePart:
    return refused(one.table, one.rows, one.code, one.to_do)


def carry_out(dataset: Dataset, rows: Rows, steps: Sequence[Step]) -> None:
    """Take every step.

    Raises:
        StoreUnavailable: the database changed another number of rows than planned; the transaction is undone.
    """
    for step in steps:
        key = dataset.tables[step.table].key
        done = sum(
            rows.delete(step.table, key, batch)
            if step.values is None
            else rows.update(step.table, key, batch, step.values)
            for batch in batches(step.keys)
        )
        if done != len(step.keys):
            detail = f"{step.table}: the database changed {done} rows where {len(step.keys)} were planned"
            raise StoreUnavailable(f"{detail}; look for triggers and rules on this table, then run again")


def _ready(database: Database, dataset: Dataset) -> LiveSchema | tuple[TablePart, ...]:
    """Return the schema, or why nothing can be done."""
    try:
        live = database.schema(dataset)
    except OperatorError as error:
        return (about(error),)
    return blocked(compare(dataset, live)) or live


def _counts(reach: Reach) -> dict[str, int]:
    return {str(name): len(rows) for name, rows in reach.rows.items() if rows}


def _kept(plan: RowPlan) -> list[TablePart]:
    return [
        TablePart(
            table, Outcome.RETAINED, rows, kept.rule, kept.article, kept.until, plan.flagged.get((table, kept), 0)
        )
        for (table, kept), rows in plan.kept.items()
    ]


def _beside(dataset: Dataset, reach: Reach, plan: RowPlan, extent: Extent) -> list[TablePart]:
    """Return what could not be done beside what was: rows that nobody can assign, or split, or freeze, or change."""
    local = [_obstacle(one) for one in plan.obstacles if one.code in _LOCAL]
    doubtful = [one for one in reach.contested if extent.concerns(dataset.tables[one.table])]
    return [*map(contested, doubtful), *local]


def _silent(dataset: Dataset, parts: Sequence[TablePart], extent: Extent) -> list[TablePart]:
    """Return 'nothing found' for every table that could hold what is asked for and of which nothing else is said."""
    told = {part.table for part in parts}
    asked = [one for one in dataset.tables.values() if extent.concerns(one)]
    able = [one.name for one in asked if ways_into(dataset, one) or one.goes_with_last]
    return [TablePart(name, Outcome.NOTHING_FOUND) for name in able if name not in told]


def preview_downstream(database: Database, dataset: Dataset, trail: Trail, terms: Terms) -> Report:
    """Return what ``erase_downstream`` would do, with the rows it would touch; changes nothing."""
    ready = _ready(database, dataset)
    if isinstance(ready, tuple):
        return Report(dataset.name, dataset.digest, ready, done=False, trail=trail.copy())
    live = ready
    try:
        tried = database.read(partial(_prepare, dataset, live, trail, terms))
    except OperatorError as error:
        return Report(dataset.name, dataset.digest, (about(error),), done=False, trail=trail.copy())
    going = {name: len(rows) + len(tried.plan.changed.get(name, {})) for name, rows in tried.plan.going.items()}
    going = {name: len(rows) for name, rows in tried.plan.changed.items()} | going
    parts = [TablePart(name, Outcome.ERASED, rows) for name, rows in going.items() if rows]
    parts = [*tried.forbidden, *parts, *_kept(tried.plan), *_beside(dataset, tried.reach, tried.plan, terms.extent)]
    parts += _silent(dataset, parts, terms.extent)
    before = _counts(tried.reach)
    found = trail.copy() if tried.reach.strayed else tried.reach.trail  # what belongs to somebody else is not learned
    return Report(dataset.name, dataset.digest, tuple(parts), before, before, done=False, trail=found)


def erase_downstream(database: Database, dataset: Dataset, trail: Trail, terms: Terms) -> Report:
    """Erase the person of ``trail`` and read it back; never raises for what the database refuses: that is ``failed``.

    Durable on return. Running it again is safe, and finds nothing.
    """
    ready = _ready(database, dataset)
    if isinstance(ready, tuple):
        return Report(dataset.name, dataset.digest, ready, trail=trail.copy())
    live, known, touched = ready, trail.copy(), dict[str, int]()
    before: dict[str, int] = {}
    rounds = 0
    try:
        while True:
            tried = database.transact(partial(_round, dataset, live, known, terms))
            if tried.forbidden:
                return Report(
                    dataset.name, dataset.digest, tried.forbidden, before or _counts(tried.reach), trail=known
                )
            rounds, known = rounds + 1, tried.reach.trail
            before = before or _counts(tried.reach)
            for name, count in _touched(tried.plan).items():
                touched[name] = touched.get(name, 0) + count
            seen = database.read(partial(read_back, dataset, known, terms))
            if seen.clean or rounds == ROUNDS:
                break
            known = seen.reach.trail
    except OperatorError as error:
        return Report(dataset.name, dataset.digest, (about(error),), before, rounds=rounds, trail=known)
    return replace(_concluded(dataset, terms.extent, touched, seen, before, rounds), dialect=live.dialect)


def _round(dataset: Dataset, live: LiveSchema, trail: Trail, terms: Terms, rows: Rows) -> _Tried:
    tried = _prepare(dataset, live, trail, terms, rows)
    if not tried.forbidden:
        carry_out(dataset, rows, tried.plan.steps)
    return tried


def _touched(plan: RowPlan) -> dict[TableName, int]:
    found = {name: len(rows) for name, rows in plan.going.items()}
    for name, rows in plan.changed.items():
        found[name] = found.get(name, 0) + len(rows)
    return {name: count for name, count in found.items() if count}


def _concluded(
    dataset: Dataset, extent: Extent, touched: dict[str, int], seen: Disagreement, before: dict[str, int], rounds: int
) -> Report:
    """Say what became of every table, after the last read-back."""
    failed = [*seen.failures(), *_beside(dataset, seen.reach, seen.plan, extent)]
    erased = [TablePart(name, Outcome.ERASED, rows) for name, rows in touched.items() if not seen.pending(name)]
    parts = [*failed, *erased, *_kept(seen.plan)]
    parts += _silent(dataset, parts, extent)
    return Report(
        dataset.name, dataset.digest, tuple(parts), before, _counts(seen.reach), rounds, trail=seen.reach.trail
    )
