"""From TOML to a dataset: strict, and every fault has its file and line.

Laws of this file. Nothing is guessed: an unknown field, item, strategy, identity, table or column is ``Invalid``, and
so is a column that is neither personal with a strategy nor declared not personal with a reason. Cycles of references
are allowed; a row that goes and yet is kept is not.

Called by: ``fides`` (to see that what it wrote reads), the command line. **Source of the fields:** docs/downstream.md.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from shouxin.domain.items import ItemCode, taxonomy
from shouxin.errors import Invalid
from shouxin.operations.downstream.dataset import (
    Dataset,
    DescribedColumn,
    DescribedTable,
    FreezeFlag,
    IdentityKind,
    NamedParty,
    Reference,
    Strategy,
    StrategyKind,
    TableName,
)
from shouxin.operations.downstream.mistakes import mistakes
from shouxin.policy.declared_toml import line_too_many, toml_tables

__all__ = ["read_dataset"]

_LARGEST: Final = 1 << 20
_MOST_RESIDUAL_DAYS: Final = 3660
_CODE: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,61}")
_HEADER: Final = re.compile(r"^\s*\[{1,2}([^\[\]]+)\]{1,2}\s*(?:#.*)?$")
_ENTRY: Final = re.compile(r"^\s*((?:[A-Za-z0-9_-]+|\"[^\"]+\"|'[^']+')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|\"[^\"]+\"))*)\s*=")


class _SaidStrategy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    replace: str | int | float | bool | None = None
    keep: str = ""
    reason: str = ""
    since: str = ""
    then: str = "delete_row"


class _SaidColumn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    item: str = ""
    not_personal: str = ""
    strategy: str | _SaidStrategy | None = None
    identity: str = ""
    references: str = ""
    of: str = ""
    mentions: bool = False


class _SaidReference(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    columns: tuple[str, ...]
    to: str
    of: str
    to_columns: tuple[str, ...] = ()


class _SaidParty(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    columns: tuple[str, ...]
    strategy: str | _SaidStrategy
    identity: dict[str, str] = {}
    reference: tuple[str, ...] = ()


class _SaidFreeze(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    column: str
    value: str | int | bool = True
    free: str | int | bool | None = False


class _SaidTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    columns: dict[str, _SaidColumn]
    key: tuple[str, ...] = ()
    strategy: str | _SaidStrategy | None = None
    references: tuple[_SaidReference, ...] = ()
    named: dict[str, _SaidParty] = {}
    freeze: _SaidFreeze | None = None
    frozen_with: str = ""
    triggers: tuple[str, ...] = ()
    goes_with_last: bool = False


class _SaidIdentity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    item: str = ""
    weak: bool = False
    one: bool = False


class _SaidDataset(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    dataset: str
    version: int
    identities: dict[str, _SaidIdentity]
    table: dict[str, _SaidTable]
    not_described: dict[str, str] = {}
    most_rows: int = 10_000
    residual_days: int | None = None


class _Lines:
    """Where each table header and key of a TOML text stands: path -> line. Keeps no values."""

    def __init__(self, text: str, file: str) -> None:
        self._file = file
        self._places: dict[tuple[str, ...], int] = {}
        above: tuple[str, ...] = ()
        for number, line in enumerate(text.splitlines(), 1):
            if header := _HEADER.match(line):
                above = self._path(header[1])
                self._places.setdefault(above, number)
            elif entry := _ENTRY.match(line):
                self._places.setdefault((*above, *self._path(entry[1])), number)

    @staticmethod
    def _path(written: str) -> tuple[str, ...]:
        try:
            inside: Any = tomllib.loads(f"{written} = 0")
        except (ValueError, RecursionError):
            return ()
        path: list[str] = []
        while isinstance(inside, dict):
            ((name, inside),) = inside.items()
            path.append(name)
        return tuple(path)

    def found(self, *words: str) -> str:
        """Return ``file:line`` of the first path that ends in the first of ``words`` that any ends in."""
        ends = ((line for path, line in self._places.items() if path and path[-1] == word) for word in words if word)
        line = next((found for one in ends if (found := min(one, default=0))), 1)
        return f"{self._file}:{line}"

    def at(self, *path: str) -> str:
        """Return ``file:line`` of ``path``, or of the nearest thing above it that has a line."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._places:
                return f"{self._file}:{self._places[path[:length]]}"
        return f"{self._file}:1"


def _strategy(said: str | _SaidStrategy, place: str) -> Strategy:
    if isinstance(said, str):
        if said not in {StrategyKind.DELETE_ROW, StrategyKind.NULL, StrategyKind.TOKEN}:
            raise Invalid("a strategy is delete_row, null, token, { replace = ... } or { keep = RULE, ... }", place)
        return Strategy(StrategyKind(said))
    if bool(said.keep) == (said.replace is not None):
        raise Invalid("a strategy in braces either replaces or keeps", place)
    if said.keep:
        if not said.reason or said.then not in {StrategyKind.DELETE_ROW, StrategyKind.NULL}:
            raise Invalid("what is kept has a reason, and then is delete_row or null", place)
        then = StrategyKind(said.then)
        return Strategy(StrategyKind.KEEP, rule=said.keep, reason=said.reason, since=said.since, then=then)
    if said.reason or said.since:
        raise Invalid("reason and since belong to keep", place)
    return Strategy(StrategyKind.REPLACE, value=said.replace)


def _columns(name: str, said: _SaidTable, lines: _Lines) -> Iterator[DescribedColumn]:
    for column, one in said.columns.items():
        place = lines.at("table", name, "columns", column)
        if bool(one.item) == bool(one.not_personal.strip()):
            raise Invalid("a column has an item, or says why it is not personal", place)
        if one.item and ItemCode(one.item) not in taxonomy().items:
            raise Invalid(f"unknown item: {one.item:.60}", place)
        if one.not_personal and (one.strategy is not None or one.mentions):
            raise Invalid("a column that is not personal has no strategy and mentions nobody", place)
        strategy = one.strategy if one.strategy is not None else said.strategy
        if one.item and strategy is None:
            raise Invalid("a personal column has a strategy, of its own or its table's", place)
        made = _strategy(strategy, place) if one.item and strategy is not None else None
        item = ItemCode(one.item) if one.item else None
        yield DescribedColumn(column, item, one.not_personal, made, one.identity, one.mentions)


def _check_decided(said: Mapping[str, _SaidTable], lines: _Lines) -> None:
    """Raise ``Invalid``, with every reference of a column of which nobody said whose the other end is."""
    places = [
        (name, column, one.references)
        for name, table in said.items()
        for column, one in table.columns.items()
        if one.references and not one.of
    ]
    if places:
        named = ", ".join(f"{name}.{column} (to {to})" for name, column, to in places)
        choices = (
            'of = "person" (both rows are about one and the same) or of = "shared" (the other may be somebody else\'s)'
        )
        raise Invalid(
            f"say of each reference {choices}: {named:.2000}", lines.at("table", places[0][0], "columns", places[0][1])
        )


def _references(
    name: str, said: _SaidTable, all_tables: Mapping[str, _SaidTable], lines: _Lines
) -> Iterator[Reference]:
    for column, one in said.columns.items():
        place = lines.at("table", name, "columns", column)
        if one.of and not one.references:
            raise Invalid("of belongs to a column that references something", place)
        if one.references:
            table, _, target = one.references.rpartition(".")
            yield _reference((column,), table, (target,), one.of, all_tables, place)
    for listed in said.references:
        place = lines.at("table", name, "references")
        into = all_tables.get(listed.to)
        target_columns = listed.to_columns or (into.key if into else ())
        yield _reference(listed.columns, listed.to, target_columns, listed.of, all_tables, place)


def _reference(
    columns: tuple[str, ...],
    to: str,
    to_columns: tuple[str, ...],
    of: str,
    all_tables: Mapping[str, _SaidTable],
    place: str,
) -> Reference:
    if of not in {"person", "shared"}:
        raise Invalid("a reference is of the person or shared", place)
    if to not in all_tables or not set(to_columns) <= set(all_tables[to].columns):
        raise Invalid(f"a reference leads to a described table and its columns: {to:.60}", place)
    if len(columns) != len(to_columns) or not columns:
        raise Invalid("a reference has as many columns as what it refers to", place)
    return Reference(columns, TableName(to), to_columns, of == "person")


def _table(name: str, said: _SaidDataset, lines: _Lines) -> DescribedTable:
    one = said.table[name]
    named = tuple(
        NamedParty(
            party,
            told.columns,
            _strategy(told.strategy, lines.at("table", name, "named", party)),
            told.identity,
            told.reference,
        )
        for party, told in one.named.items()
    )
    freeze = FreezeFlag(one.freeze.column, one.freeze.value, one.freeze.free) if one.freeze else None
    columns = {column.name: column for column in _columns(name, one, lines)}
    references = tuple(_references(name, one, said.table, lines))
    strategy = _strategy(one.strategy, lines.at("table", name, "strategy")) if one.strategy is not None else None
    return DescribedTable(
        TableName(name),
        one.key,
        columns,
        references,
        named,
        freeze,
        one.frozen_with,
        one.triggers,
        one.goes_with_last,
        strategy,
    )


def read_dataset(text: str, file: str = "dataset") -> Dataset:
    """Read a description.

    Raises:
        Invalid: too large, not TOML, an unknown or missing field or word, or what contradicts itself; ``place`` is file
            and line.
    """
    if len(text) > _LARGEST:
        raise Invalid(f"a description has at most {_LARGEST} characters", f"{file}:{line_too_many(text, _LARGEST)}")
    lines = _Lines(text, file)
    body = toml_tables(text, file)
    try:
        said = msgspec.convert(body, _SaidDataset, strict=True)
    except msgspec.ValidationError as error:
        raise Invalid(str(error), _place(str(error), lines)) from None
    if not _CODE.fullmatch(said.dataset) or said.version < 1 or said.most_rows < 1:
        raise Invalid("a dataset has a code, a version and most_rows from 1", lines.at("dataset"))
    if said.residual_days is not None and not 0 <= said.residual_days <= _MOST_RESIDUAL_DAYS:
        raise Invalid(f"residual_days are 0 to {_MOST_RESIDUAL_DAYS}", lines.at("residual_days"))
    _check_decided(said.table, lines)
    identities: dict[str, IdentityKind] = {}
    for name, kind in said.identities.items():
        if kind.item and ItemCode(kind.item) not in taxonomy().items:
            raise Invalid(f"unknown item: {kind.item:.60}", lines.at("identities", name))
        identities[name] = IdentityKind(name, ItemCode(kind.item) if kind.item else None, kind.weak, kind.one)
    tables = {TableName(name): _table(name, said, lines) for name in said.table}
    digest = hashlib.sha256(text.encode()).hexdigest()
    dataset = Dataset(
        said.dataset,
        said.version,
        identities,
        tables,
        said.not_described,
        said.most_rows,
        said.residual_days,
        digest,
    )
    for path, detail in mistakes(dataset):
        raise Invalid(detail, lines.at(*path))
    return dataset


def _place(message: str, lines: _Lines) -> str:
    """Return where a message of msgspec points, as far as its path says (it hides the keys of mappings)."""
    named = re.search(r"field `(\w+)`", message)
    path = re.search(r"at `\$\.?([^`]*)`", message)
    steps = [step for step in re.split(r"[.\[]", path[1]) if step and "..." not in step] if path else []
    return lines.found(steps[-1] if steps else "", named[1] if named else "")
