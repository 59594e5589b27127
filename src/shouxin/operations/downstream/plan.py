"""From what a walk reached to what will be done: which rows go, what is changed, what is kept, and what forbids it.

Laws of this file. A floor that still runs keeps its row (PIPL 47(2)), and its freeze flag is raised; a row goes or
stays as a whole. What is not asked for (``extent``) is not touched; a row that would go and holds something else too is
an ``Obstacle`` of its table, never silence. Changes come first, then flags, then the nulls that break cycles, then
deletions, children before parents. What would be deleted or changed beyond the plan (a cascade, a reference of somebody
else) is an ``Obstacle``: nothing is done in that database. A plan that finds everything done already is empty; so a
plan made anew is the read-back.

Called by: ``act``. **Source of the terms:** ``retention.resolve``, floors of the law pack.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from shouxin.domain.items import ItemCode
from shouxin.operations.downstream.dataset import (
    Dataset,
    DescribedTable,
    Strategy,
    StrategyKind,
    TableName,
)
from shouxin.operations.downstream.extent import ALL_OF_THEM, Extent, in_use
from shouxin.operations.downstream.rows import Key
from shouxin.operations.downstream.walk import Reach, ReachedRow
from shouxin.retention.resolve import Floor, Kept, Relationship, resolve

__all__ = ["Obstacle", "RowPlan", "Step", "Terms", "Tokens", "make_plan"]

_TOKEN: Final = re.compile(r"p_[a-z2-7]{26}")

Tokens = Callable[[ItemCode, str], str]


@dataclass(frozen=True, slots=True)
class Terms:
    """By what something is kept today: the floors by rule, and the relationship with the person.

    ``relationship`` is nothing for somebody who never became a customer. ``tokens`` makes the stand-in of a value.
    ``extent`` is how much of the person goes.
    """

    floors: Mapping[str, Floor]
    relationship: Relationship | None
    today: date
    tokens: Tokens = field(repr=False)
    extent: Extent = ALL_OF_THEM


@dataclass(frozen=True, slots=True)
class Step:
    """Rows of one table to delete (``values`` is nothing) or to set ``values`` in."""

    table: TableName
    keys: tuple[Key, ...] = field(repr=False)
    values: Mapping[str, object] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why the plan may not be carried out: a code, how many rows, and what to do."""

    code: str
    table: str
    rows: int
    to_do: str


@dataclass(slots=True)
class RowPlan:
    """What will be done. ``going`` and ``changed`` are by table; ``kept`` counts rows, ``held`` names them.

    ``shared_use`` are rows of which a law keeps a part and another purpose uses a part. ``flags`` are to be raised,
    ``flagged`` counts what a law keeps and a flag covers (``flags.raise_flags``).
    """

    going: dict[TableName, dict[Key, ReachedRow]] = field(default_factory=dict)
    changed: dict[TableName, dict[Key, dict[str, object]]] = field(default_factory=dict)
    flags: dict[TableName, dict[Key, dict[str, object]]] = field(default_factory=dict)
    flagged: dict[tuple[TableName, Kept], int] = field(default_factory=dict)
    shared_use: set[tuple[TableName, Key]] = field(default_factory=set, repr=False)
    kept: dict[tuple[TableName, Kept], int] = field(default_factory=dict)
    held: dict[tuple[TableName, Key], Kept] = field(default_factory=dict, repr=False)
    obstacles: list[Obstacle] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    def keep(self, row: ReachedRow, why: Kept) -> None:
        """Count a row as kept."""
        self.kept[row.table, why] = self.kept.get((row.table, why), 0) + 1
        self.held[row.table, row.key] = why


def _day(value: object) -> date | None:
    """Return the date in a column; what is no date has not started its clock."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _kept(strategy: Strategy, row: ReachedRow, terms: Terms) -> Kept | None:
    """Return what keeps a row by one ``keep``; a rule that is not among the floors keeps without a date."""
    floor = terms.floors.get(strategy.rule)
    if floor is None:
        return Kept(strategy.rule, "", None)
    relationship = terms.relationship
    if strategy.since:
        ended = _day(row.values.get(strategy.since))
        relationship = Relationship(ended or terms.today, None, ended)
    return resolve([floor], relationship, terms.today)


def _longest(found: Sequence[Kept]) -> Kept | None:
    return max(found, key=lambda one: one.until or date.max, default=None)


class _Maker:
    """Decides row by row. ``mixed`` counts, by table, rows that would go and hold something else too."""

    def __init__(self, dataset: Dataset, terms: Terms) -> None:
        self._dataset = dataset
        self._terms = terms
        self.plan = RowPlan()
        self.mixed: dict[TableName, int] = {}

    def take(self, row: ReachedRow) -> None:
        """Put one row where it belongs."""
        table = self._dataset.tables[row.table]
        goes, keeping, values, others = False, list[Kept](), dict[str, object](), False
        for every in self._wishes(table, row):
            strategies, stays, unasked = self._sifted(table, every)
            keeping += stays
            others = others or unasked
            held = {name: one for name, one in strategies.items() if one.kind is StrategyKind.KEEP}
            kept = _longest([kept for one in held.values() if (kept := _kept(one, row, self._terms))])
            if kept is not None:
                keeping.append(kept)
            for name, one in strategies.items():
                kind = one.kind if one.kind is not StrategyKind.KEEP else one.then
                if one.kind is StrategyKind.KEEP and kept is not None:
                    continue  # the row is kept as a whole, as long as its longest floor runs
                goes = goes or kind is StrategyKind.DELETE_ROW
                values.update(self._change(table, row, name, one, kind))
        self._put(row, goes=goes, keeping=keeping, values=values, others=others)

    def _put(
        self, row: ReachedRow, *, goes: bool, keeping: list[Kept], values: dict[str, object], others: bool
    ) -> None:
        used = [why for why in keeping if in_use(why)]
        by_law = _longest([why for why in keeping if not in_use(why)])
        if goes and (used or others):
            self.mixed[row.table] = self.mixed.get(row.table, 0) + 1
        elif goes and by_law is None:
            self.plan.going.setdefault(row.table, {})[row.key] = row
            return
        if by_law is not None:
            self.plan.keep(row, by_law)
            if used or others:
                self.plan.shared_use.add((row.table, row.key))
        elif used and not goes:
            self.plan.keep(row, used[0])
        if values:
            self.plan.changed.setdefault(row.table, {})[row.key] = values

    def _sifted(
        self, table: DescribedTable, every: Mapping[str, Strategy]
    ) -> tuple[Mapping[str, Strategy], list[Kept], bool]:
        """Return of what becomes of columns: what is asked for, what keeps the rest of that, whether others stay."""
        extent = self._terms.extent
        if extent.whole:
            return every, [], False
        if extent.held is not None:
            return {}, [extent.held], False
        wanted: dict[str, Strategy] = {}
        stays: list[Kept] = []
        unasked, keys = False, dict[str, Strategy]()
        for name, strategy in every.items():
            item = table.columns[name].item if name in table.columns else None
            if item is None:
                keys[name] = strategy  # a reference, or the row of a table without personal columns
            elif not extent.asks(item):
                unasked = True
            elif (why := extent.stays.get(item)) is not None:
                stays.append(why)
            else:
                wanted[name] = strategy
        if keys and not stays and not unasked and (wanted or extent.going is None):
            wanted.update(keys)  # who is named by a number goes with the rest of what names them
        return wanted, stays, unasked

    @staticmethod
    def _wishes(table: DescribedTable, row: ReachedRow) -> Iterator[Mapping[str, Strategy]]:
        if row.owned:
            yield table.owned()
        for party in table.named:
            if party.name in row.parties:
                yield dict.fromkeys(party.columns, party.strategy)

    def _change(
        self, table: DescribedTable, row: ReachedRow, name: str, strategy: Strategy, kind: StrategyKind
    ) -> Iterator[tuple[str, object]]:
        """Yield what must still be set in a column; nothing where it is so already."""
        value = row.values.get(name)
        if kind is StrategyKind.NULL and row.present.get(name):
            yield name, None
        elif kind is StrategyKind.REPLACE and value is not None and not _same(value, strategy.value):
            yield name, strategy.value
        elif kind is StrategyKind.TOKEN and value is not None and not _TOKEN.fullmatch(str(value).strip()):
            yield name, self._terms.tokens(table.columns[name].item or ItemCode(name), str(value))


def _same(value: object, wanted: object) -> bool:
    if isinstance(value, str) and isinstance(wanted, str):
        return value.rstrip() == wanted.rstrip()  # CHAR(n) is padded
    return value == wanted or str(value) == str(wanted)


def _hold_shared(dataset: Dataset, reach: Reach, plan: RowPlan) -> None:
    """Keep a shared row as long as a row that refers to it is kept."""
    for name, rows in plan.going.items():
        for row in [one for one in rows.values() if one.shared]:
            why = _longest(
                [
                    plan.held[other.name, one.key]
                    for other, reference in dataset.references_to(name)
                    for one in reach.of(other.name)
                    if (other.name, one.key) in plan.held
                    and [one.values[column] for column in reference.columns]
                    == [row.values[column] for column in reference.to_columns]
                    and not set(plan.changed.get(other.name, {}).get(one.key, {})) & set(reference.columns)
                ]
            )
            if why is not None:
                del rows[row.key]
                plan.keep(row, why)


def make_plan(dataset: Dataset, reach: Reach, terms: Terms) -> RowPlan:
    """Return what is to be done with the rows reached; its ``steps`` are put in order by ``order``.

    Rows of a table without a key become an obstacle of that table alone (``no-key``): they are counted, not touched.
    """
    maker = _Maker(dataset, terms)
    for table in dataset.tables.values():
        rows = reach.of(table.name)
        if rows and not table.key and terms.extent.concerns(table):
            to_do = "add a primary key, or name unique columns as key in the description"
            maker.plan.obstacles.append(Obstacle("no-key", table.name, len(rows), to_do))
        for row in rows if table.key else ():
            maker.take(row)
    for name, count in maker.mixed.items():
        to_do = (
            "these rows hold what goes and what another purpose keeps: give the columns a strategy of their own "
            "(null, replace, token), or erase them by hand and leave the database to an officer"
        )
        maker.plan.obstacles.append(Obstacle("mixed-row", name, count, to_do))
    _hold_shared(dataset, reach, maker.plan)
    return maker.plan
