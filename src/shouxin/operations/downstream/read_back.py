"""Look again, through another connection, for everything that was known of a person: a check that could fail (law 4).

Three looks. The walk is made anew and planned anew: a good erasure leaves an empty plan. Every way into every table is
counted by a statement of its own and held against the rows that the walk saw: a walk that was shown less than there is
does not pass. Free text is searched for each identity.

Called by: ``act``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from shouxin.operations.downstream.dataset import Dataset, TableName, Way, ways_into
from shouxin.operations.downstream.flags import raise_flags
from shouxin.operations.downstream.plan import RowPlan, Terms, make_plan
from shouxin.operations.downstream.report import TablePart, refused, strayed
from shouxin.operations.downstream.rows import Key, Rows, Sought, batches
from shouxin.operations.downstream.spelling import folded, spellings
from shouxin.operations.downstream.walk import Reach, Trail, walk

__all__ = ["Disagreement", "read_back"]

# A shorter text would be found in half of all notes.
_SHORTEST_MENTION: Final = 6


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What a read-back saw: rows that should be gone or changed (``plan``), counts that differ, mentions; by table."""

    reach: Reach
    plan: RowPlan
    differing: dict[TableName, int]
    mentions: dict[tuple[TableName, str], int]

    @property
    def clean(self) -> bool:
        """True if nothing is left that running again could do away with."""
        left = any(self.pending(name) or self.unflagged(name) for name in self.reach.rows)
        return not left and not self.differing and self.reach.strayed is None

    def pending(self, table: str) -> int:
        """Return how many rows of a table should be gone or changed, and are not."""
        name = TableName(table)
        return len(self.plan.going.get(name, {})) + len(self.plan.changed.get(name, {}))

    def unflagged(self, table: str) -> int:
        """Return how many rows of a table should carry the freeze flag, and do not."""
        return len(self.plan.flags.get(TableName(table), {}))

    def failures(self) -> Iterator[TablePart]:
        """Yield what is wrong, with what to do."""
        if self.reach.strayed is not None:
            yield strayed(self.reach.strayed)
        for name in self.reach.rows:
            if rows := self.pending(name):
                to_do = "something keeps or writes these rows: stop what syncs into this table, then run again"
                yield refused(name, rows, "read-back: rows are there that should be gone or changed", to_do)
            if rows := self.unflagged(name):
                to_do = "something lowers this flag: stop what writes it, then run again"
                yield refused(name, rows, "read-back: rows that a law keeps are not frozen", to_do)
        for name, rows in self.differing.items():
            to_do = "the connection is shown less than there is: check row security, views and the driver"
            yield refused(name, rows, "read-back: rows are counted that the walk was not shown", to_do)
        for (name, column), rows in self.mentions.items():
            to_do = "rewrite these texts by hand, or give the column a strategy of its own"
            yield refused(name, rows, f"read-back: texts in {column} mention the person", to_do)


def read_back(dataset: Dataset, trail: Trail, terms: Terms, rows: Rows) -> Disagreement:
    """Look for the person of ``trail`` again; changes nothing."""
    reach = walk(dataset, rows, trail)
    plan = RowPlan()
    if reach.strayed is None:
        plan = make_plan(dataset, reach, terms)
        raise_flags(dataset, reach, plan, terms.extent)
    differing: dict[TableName, int] = {}
    for table in dataset.tables.values():
        for way in ways_into(dataset, table):
            missed = _missed(dataset, rows, way, reach)
            if missed:
                differing[table.name] = max(missed, differing.get(table.name, 0))
    # Where a part goes, or nothing does, who somebody is may go on being mentioned.
    mentions = _mentions(dataset, rows, reach) if terms.extent.whole else {}
    return Disagreement(reach, plan, differing, mentions)


def _values(dataset: Dataset, way: Way, trail: Trail) -> list[Key]:
    """Return what a way is sought by."""
    if way.source is not None:
        return list(trail.keys.get(way.source, ()))
    item = dataset.identities[way.kind].item
    written = (text for value in trail.identities.get(way.kind, ()) for text in spellings(item, value))
    return [(text,) for text in dict.fromkeys(written)]


def _missed(dataset: Dataset, rows: Rows, way: Way, reach: Reach) -> int:
    """Return how many rows the database counts more than it shows; of a strong way, than the walk has reached."""
    table = dataset.tables[way.table]
    key = table.key or way.columns
    counted = shown = unreached = 0
    weak = bool(way.kind) and dataset.identities[way.kind].weak
    for batch in batches(_values(dataset, way, reach.trail)):
        counted += rows.count(way.table, way.columns, batch)
        found = rows.find(Sought(way.table, key), way.columns, batch)
        shown += len(found)
        if table.key and not weak:
            unreached += sum(one not in reach.rows[way.table] for one in found)
    return max(counted - shown, unreached)


def _mentions(dataset: Dataset, rows: Rows, reach: Reach) -> dict[tuple[TableName, str], int]:
    """Return how many texts mention an identity that is theirs alone, in rows that are not kept as their own."""
    texts = [
        text
        for kind, values in reach.trail.identities.items()
        if kind in dataset.identities
        for value in values
        if (kind, folded(dataset.identities[kind].item, value)) not in reach.others
        for text in spellings(dataset.identities[kind].item, value)
        if len(text) >= _SHORTEST_MENTION
    ]
    found: dict[tuple[TableName, str], int] = {}
    for table in dataset.tables.values():
        for column in table.columns.values():
            if column.mentions:
                key = table.key or (column.name,)
                seen = {
                    one
                    for text in dict.fromkeys(texts)
                    for one in rows.mentioning(table.name, column.name, text, key)
                    if one not in reach.rows[table.name]
                }
                if seen:
                    found[table.name, column.name] = len(seen)
    return found
