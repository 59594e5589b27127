"""Raise the freeze flag of what a law keeps: stored and protected only, in the lender's own programs too (PIPL 47(2)).

Laws of this file. Only rows about the person are flagged, never those that name them. A row whose readers honour no
flag is ``failed`` with what to do, because a freeze that nobody honours is none. So is one of which another purpose
uses a part: its flag would stop what nobody asked to stop. What nobody asked for is not flagged.

Called by: ``act`` and ``read_back``, with a plan that is made.
"""

from __future__ import annotations

from collections.abc import Sequence

from shouxin.operations.downstream.dataset import Dataset, DescribedTable, TableName
from shouxin.operations.downstream.extent import Extent, in_use
from shouxin.operations.downstream.plan import Obstacle, RowPlan
from shouxin.operations.downstream.walk import Reach, ReachedRow

__all__ = ["raise_flags"]

_NONE = "add a flag column that every reader of this table honours, or name the table it is frozen_with"
_SHARED = "another purpose uses what this flag would stop: give these rows a flag of their own"


def raise_flags(dataset: Dataset, reach: Reach, plan: RowPlan, extent: Extent) -> None:
    """Add to ``plan`` the flags that are still to be raised; where none can be, an obstacle of that table alone."""
    for name, table in dataset.tables.items():
        kept = [
            row
            for row in reach.of(name)
            if row.owned and not row.shared and (why := plan.held.get((name, row.key))) and not in_use(why)
        ]
        if not kept:
            continue
        whose = table if table.freeze is not None else dataset.tables.get(TableName(table.frozen_with))
        shared = any((name, row.key) in plan.shared_use for row in kept)
        if whose is None or whose.freeze is None:
            plan.obstacles.append(Obstacle("cannot-be-frozen", name, len(kept), _NONE))
            continue
        covering = kept if whose is table else _staying(reach, plan, whose)
        if not covering:
            plan.obstacles.append(Obstacle("cannot-be-frozen", name, len(kept), _NONE))
        elif shared or (whose is not table and extent.going is not None and not _all_kept(plan, whose, covering)):
            plan.obstacles.append(Obstacle("flag-is-shared", name, len(kept), _SHARED))
        else:
            _raise(plan, whose, covering)
            for row in kept:
                place = (name, plan.held[name, row.key])
                plan.flagged[place] = plan.flagged.get(place, 0) + 1


def _staying(reach: Reach, plan: RowPlan, table: DescribedTable) -> list[ReachedRow]:
    going = plan.going.get(table.name, {})
    return [row for row in reach.of(table.name) if row.owned and row.key not in going]


def _all_kept(plan: RowPlan, table: DescribedTable, rows: Sequence[ReachedRow]) -> bool:
    """Say whether a law keeps all of these rows, and nobody uses any part of them."""
    places = [(table.name, row.key) for row in rows]
    return all(one in plan.held and not in_use(plan.held[one]) and one not in plan.shared_use for one in places)


def _raise(plan: RowPlan, table: DescribedTable, rows: Sequence[ReachedRow]) -> None:
    if table.freeze is None:
        return
    column, wanted = table.freeze.column, table.freeze.value
    down = [row for row in rows if row.values.get(column) != wanted]
    if down:
        plan.flags.setdefault(table.name, {}).update({row.key: {column: wanted} for row in down})
