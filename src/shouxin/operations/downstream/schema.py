"""What a database says about itself, held against its description: every difference is a finding with what to do.

Laws of this file. A column that nobody described, a foreign key that nobody classed, a trigger that nobody looked at,
rows that the database hides: each could keep a person after an erasure, so each *blocks*. What only tells something
(a reference without a foreign key) does not.

Called by: ``act`` before anything is done, ``shouxin dataset check``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from shouxin.operations.downstream.dataset import Dataset, DescribedTable, StrategyKind

__all__ = ["LiveColumn", "LiveKey", "LiveSchema", "LiveTable", "Mismatch", "compare"]

_LENGTH_OF_A_TOKEN = 28


@dataclass(frozen=True, slots=True)
class LiveColumn:
    """A column: ``kind`` is ``text``, ``number``, ``time`` or ``other``; ``length`` in characters where it is limited.

    ``made`` ones are computed by the database and cannot be written.
    """

    name: str
    nullable: bool
    kind: str
    length: int | None = None
    made: bool = False


@dataclass(frozen=True, slots=True)
class LiveKey:
    """A foreign key. ``on_delete`` is ``CASCADE``, ``SET NULL``, ``SET DEFAULT``, or empty for the refusing kinds."""

    columns: tuple[str, ...]
    to: str
    to_columns: tuple[str, ...]
    on_delete: str = ""


@dataclass(frozen=True, slots=True)
class LiveTable:
    """A table. ``unique`` are its primary key and all unique sets of columns.

    ``hides_rows``: row security is active for who asks. ``transactional`` is false for an engine that cannot undo;
    ``copy`` marks a materialised view, which keeps what its tables have lost.
    """

    columns: Mapping[str, LiveColumn]
    unique: frozenset[frozenset[str]] = frozenset()
    foreign: tuple[LiveKey, ...] = ()
    triggers: frozenset[str] = frozenset()
    hides_rows: bool = False
    transactional: bool = True
    copy: bool = False


@dataclass(frozen=True, slots=True)
class LiveSchema:
    """All tables by the names that the description uses; ``user`` is who the database says we are."""

    tables: Mapping[str, LiveTable]
    user: str = ""
    dialect: str = ""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A difference between database and description: ``code``, where, and what to do. ``blocks`` an erasure."""

    code: str
    table: str
    column: str
    to_do: str
    blocks: bool = True


def compare(dataset: Dataset, live: LiveSchema) -> list[Mismatch]:
    """Return every difference, tables in the order of the description, then those that nobody described."""
    found: list[Mismatch] = []
    for table in dataset.tables.values():
        there = live.tables.get(table.name)
        if there is None:
            found.append(Mismatch("table-missing", table.name, "", "take it out of the description, or grant SELECT"))
            continue
        found += _columns(table, there)
        found += _keys(dataset, table, there)
        found += _guards(table, there)
        found += _strategies(table, there)
    for name in live.tables:
        if name not in dataset.tables and name not in dataset.not_described:
            found.append(Mismatch("table-not-described", name, "", "describe it, or say under [not_described] why not"))
    for name in dataset.not_described:
        if name not in live.tables:
            found.append(Mismatch("table-missing", name, "", "take it out of [not_described]", blocks=False))
    return found


def _columns(table: DescribedTable, there: LiveTable) -> Iterator[Mismatch]:
    for name in table.columns:
        if name not in there.columns:
            yield Mismatch("column-missing", table.name, name, "the database has no such column: take it out")
    for name in there.columns:
        if name not in table.columns:
            yield Mismatch("column-not-described", table.name, name, "give it an item and a strategy, or not_personal")


def _keys(dataset: Dataset, table: DescribedTable, there: LiveTable) -> Iterator[Mismatch]:
    if table.personal and not table.key:
        yield Mismatch("no-key", table.name, "", "add a primary key, or name unique columns as key", blocks=False)
    elif table.key and frozenset(table.key) not in there.unique:
        yield Mismatch("key-not-unique", table.name, "", "name the primary key or a unique set of columns as key")
    for column in table.key:
        if column in there.columns and there.columns[column].nullable and frozenset(table.key) in there.unique:
            yield Mismatch("key-nullable", table.name, column, "a key column must be NOT NULL")
    declared = {(one.columns, one.to) for one in table.references}
    for one in there.foreign:
        if (one.columns, one.to) not in declared and one.to not in dataset.not_described:
            names = ", ".join(one.columns)
            yield Mismatch(
                "reference-not-described", table.name, names, f"say whether {one.to} is of the person or shared"
            )
    real = {(one.columns, one.to) for one in there.foreign}
    for reference in table.references:
        if (reference.columns, reference.to) not in real:
            names = ", ".join(reference.columns)
            yield Mismatch("soft-reference", table.name, names, "no foreign key: followed all the same", blocks=False)


def _guards(table: DescribedTable, there: LiveTable) -> Iterator[Mismatch]:
    for name in sorted(there.triggers - set(table.triggers)):
        yield Mismatch(
            "trigger-not-described", table.name, name, "describe what it writes, then name it under triggers"
        )
    for name in sorted(set(table.triggers) - there.triggers):
        yield Mismatch("trigger-missing", table.name, name, "take it out of triggers", blocks=False)
    if there.hides_rows:
        yield Mismatch("rows-hidden", table.name, "", "row security hides rows: connect as a role with BYPASSRLS")
    if not there.transactional:
        yield Mismatch("not-transactional", table.name, "", "its engine cannot undo: ALTER TABLE ... ENGINE=InnoDB")
    if there.copy:
        yield Mismatch("copy", table.name, "", "a materialised view keeps rows until it is refreshed", blocks=False)


def _strategies(table: DescribedTable, there: LiveTable) -> Iterator[Mismatch]:
    """What the database would refuse, or worse, bend."""
    wished = [*table.owned().items()]
    wished += [(name, party.strategy) for party in table.named for name in party.columns]
    unique = {name for one in there.unique for name in one}
    for name, strategy in wished:
        column = there.columns.get(name)
        kind = strategy.then if strategy.kind is StrategyKind.KEEP else strategy.kind
        if column is None or kind is StrategyKind.DELETE_ROW:
            continue
        if column.made:
            yield Mismatch("computed-column", table.name, name, "it follows other columns: change those instead")
        elif kind is StrategyKind.NULL and not column.nullable:
            yield Mismatch("not-nullable", table.name, name, "replace it, or allow NULL")
        elif kind is StrategyKind.REPLACE and name in unique:
            yield Mismatch("unique", table.name, name, "one constant for all breaks uniqueness: use token")
        elif kind is StrategyKind.TOKEN and (column.kind != "text" or (column.length or 99) < _LENGTH_OF_A_TOKEN):
            yield Mismatch("no-room", table.name, name, f"a token is text of {_LENGTH_OF_A_TOKEN} characters")
        elif kind is StrategyKind.REPLACE and len(str(strategy.value)) > (column.length or 1 << 30):
            yield Mismatch("no-room", table.name, name, "the value is longer than the column")
