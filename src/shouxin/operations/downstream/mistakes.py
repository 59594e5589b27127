"""What in a description contradicts itself or names what there is not.

Called by: ``reading``, which turns the first mistake into ``Invalid`` with its line.
"""

from __future__ import annotations

from collections.abc import Iterator

from shouxin.operations.downstream.dataset import (
    OWNER,
    Dataset,
    DescribedTable,
    NamedParty,
    Strategy,
    StrategyKind,
    ways_into,
)

__all__ = ["mistakes"]

_Mistake = tuple[tuple[str, ...], str]


def mistakes(dataset: Dataset) -> Iterator[_Mistake]:
    """Yield the path of every mistake in the file and what is wrong there."""
    if not dataset.identities or not dataset.tables:
        yield ("dataset",), "a dataset has identities and tables"
    for name in dataset.not_described:
        if name in dataset.tables:
            yield ("not_described", name), "this table is described"
        if not dataset.not_described[name].strip():
            yield ("not_described", name), "a table that is not described says why"
    used = {column.identity for table in dataset.tables.values() for column in table.columns.values()}
    used |= {kind for table in dataset.tables.values() for party in table.named for kind in party.identities.values()}
    for name in sorted(set(dataset.identities) - used):
        yield ("identities", name), "no column holds this identity"
    for table in dataset.tables.values():
        for path, detail in _in_table(dataset, table):
            yield ("table", table.name, *path), detail


def _in_table(dataset: Dataset, table: DescribedTable) -> Iterator[_Mistake]:
    if not set(table.key) <= set(table.columns):
        yield ("key",), "the key names a column that is not described"
    for reference in table.references:
        if not set(reference.columns) <= set(table.columns):
            yield ("references",), "a reference starts from a column that is not described"
    for column in table.columns.values():
        if column.identity and column.identity not in dataset.identities:
            yield ("columns", column.name), "this identity is not declared under [identities]"
        if column.strategy is not None:
            yield from _in_strategy(table, column.strategy, ("columns", column.name), in_key=column.name in table.key)
    yield from _unled(dataset, table)
    yield from _mixed(table)
    for party in table.named:
        yield from _in_party(dataset, table, party)
    yield from _in_freeze(dataset, table)


def _unled(dataset: Dataset, table: DescribedTable) -> Iterator[_Mistake]:
    """Rows that nobody would find, and rows that would be found and left as they are."""
    ways = ways_into(dataset, table)
    if table.personal and not table.goes_with_last and not ways:
        yield (), "nothing leads to these rows: name an identity or a reference of the person, or say goes_with_last"
    if any(way.party == OWNER for way in ways) and not table.owned():
        yield (), "rows of the person need a strategy: what becomes of them?"
    goes_or_stays = {StrategyKind.DELETE_ROW, StrategyKind.KEEP}
    if not table.personal and table.strategy and table.strategy.kind not in goes_or_stays:
        yield ("strategy",), "a table without personal columns goes or is kept"


def _in_freeze(dataset: Dataset, table: DescribedTable) -> Iterator[_Mistake]:
    if table.freeze and (table.frozen_with or table.freeze.column not in table.columns):
        yield ("freeze",), "the freeze flag is a described column, and not another table's too"
    if table.frozen_with:
        other = next((one for one in dataset.tables.values() if one.name == table.frozen_with), None)
        if other is None or other.freeze is None:
            yield ("frozen_with",), "this table has no freeze flag"


def _in_strategy(
    table: DescribedTable, strategy: Strategy, path: tuple[str, ...], *, in_key: bool
) -> Iterator[_Mistake]:
    changes = {StrategyKind.NULL, StrategyKind.REPLACE, StrategyKind.TOKEN}
    if in_key and (strategy.kind in changes or (strategy.kind is StrategyKind.KEEP and strategy.then in changes)):
        yield path, "a column of the key cannot be changed: the row would not be found again"
    if strategy.since and strategy.since not in table.columns:
        yield path, "since names a column that is not described"


def _mixed(table: DescribedTable) -> Iterator[_Mistake]:
    """A row cannot both go and stay: delete_row stands beside keep only as what comes after it."""
    owned = table.owned()
    kinds = {one.kind for one in owned.values()}
    if StrategyKind.DELETE_ROW in kinds and kinds != {StrategyKind.DELETE_ROW}:
        first = next(name for name, one in owned.items() if one.kind is StrategyKind.DELETE_ROW)
        yield (
            ("columns", first),
            "a row that goes takes all its columns: say keep (then delete_row), null or replace here",
        )
    after = {one.then for one in owned.values() if one.kind is StrategyKind.KEEP}
    if len(after) > 1:
        yield ("columns",), "what is kept in a row ends in one way: delete_row or null"


def _in_party(dataset: Dataset, table: DescribedTable, party: NamedParty) -> Iterator[_Mistake]:
    path = ("named", party.name)
    touched = {*party.columns, *party.identities}
    if not touched <= set(table.columns) or not party.columns:
        yield path, "a named person stands in described columns"
    if not set(party.identities.values()) <= set(dataset.identities):
        yield path, "this identity is not declared under [identities]"
    if bool(party.reference) == bool(party.identities):
        yield path, "a named person is found by identity columns or by a reference"
    if party.reference:
        shared = [one for one in table.references if one.columns == party.reference and not one.of_person]
        if not shared:
            yield path, "the reference to a named person is declared, and shared"
    if any(table.columns[name].identity for name in touched if name in table.columns):
        yield path, "an identity column is the owner's or a named person's, not both"
    if party.strategy.kind is StrategyKind.KEEP and party.strategy.then is StrategyKind.DELETE_ROW:
        yield path, 'what is kept of a named person is nulled afterwards: then = "null"'
    for name in party.columns:
        yield from _in_strategy(table, party.strategy, path, in_key=name in table.key)
