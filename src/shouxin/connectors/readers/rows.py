"""Tables of a database: a sample by ranges of the key, read-only, a few rows at a time.

Laws. Nothing is written: every driver is told so in its own way (``database``). Names of tables and columns are quoted
by SQLAlchemy. Large binary columns are told and left out; long texts are cut by the database, so that a row has an end.
What was drawn can be drawn again: the draw is seeded by the table's name.

Called by: ``database`` and ``sqlite_file``.
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sql
from sqlalchemy.exc import SAWarning

from shouxin.connectors.readers.draw import as_text, flat
from shouxin.detection.survey.reading import Basis, Piece, RowWindow, Sampling, Unread, UnreadReason

__all__ = ["TableName", "table_pieces", "table_place"]

_RANGE: Final = 50  # rows that are read together from one place of the key
_CUT: Final = 1 << 16  # characters of a text that a database hands over
_TURN: Final = 5_000
_MANY: Final = 1_000_000  # rows from which pages are drawn instead of rows
_SYSTEM_ROWID: Final = "rowid"


@dataclass(frozen=True, slots=True)
class TableName:
    """A table and its schema; an empty schema is the default one."""

    name: str
    schema: str = ""


def table_place(table: TableName) -> str:
    """Return how a report calls a table."""
    return f"{table.schema}.{table.name}" if table.schema else table.name


def _reflected(connection: sql.Connection, name: TableName) -> sql.Table:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # types that SQLAlchemy does not know are read as they come
        return sql.Table(
            name.name, sql.MetaData(), schema=name.schema or None, autoload_with=connection, resolve_fks=False
        )


def _is_binary(column: sql.Column[Any]) -> bool:
    try:
        return column.type.python_type is bytes
    except NotImplementedError:  # a type that SQLAlchemy does not know
        return False


def _selected(table: sql.Table) -> list[sql.ColumnElement[Any]]:
    """The columns to read; long texts are cut."""
    chosen: list[sql.ColumnElement[Any]] = []
    for column in table.columns:
        if _is_binary(column):
            continue
        is_text = isinstance(column.type, sql.String) and not isinstance(column.type, sql.Enum)
        long = is_text and (getattr(column.type, "length", None) or _CUT + 1) > _CUT
        chosen.append(sql.func.substr(column, 1, _CUT + 1).label(column.name) if long else column)
    return chosen


def _key(table: sql.Table, dialect: str) -> sql.ColumnElement[Any] | None:
    own = list(table.primary_key.columns)
    if len(own) == 1 and isinstance(own[0].type, sql.Integer):
        return own[0]
    return sql.literal_column(_SYSTEM_ROWID, sql.Integer) if dialect == "sqlite" else None


def _ranges(
    connection: sql.Connection, table: sql.Table, key: sql.ColumnElement[Any], place: str, most: int
) -> list[Sequence[Any]]:
    low, high = connection.execute(sql.select(sql.func.min(key), sql.func.max(key)).select_from(table)).one()
    rows: dict[Any, Sequence[Any]] = {}
    draw = random.Random(place)  # noqa: S311 - a sample that can be drawn again, no secret
    query = sql.select(key, *_selected(table)).select_from(table).order_by(key).limit(_RANGE)
    for _ in range(max(1, most // _RANGE)):
        start = draw.randint(int(low), int(high))
        for row in connection.execute(query.where(key >= start)):
            rows[row[0]] = row[1:]
    return [rows[one] for one in sorted(rows)]


def _window(place: str, names: Sequence[str], rows: Sequence[Sequence[Any]], count: int, basis: Basis) -> RowWindow:
    columns: dict[str, list[str | None]] = {name: [] for name in names}
    for row in rows:
        for name, value in zip(names, row, strict=True):
            if isinstance(value, Mapping | list):
                for path, leaf in flat(value, name):
                    columns.setdefault(path, []).append(as_text(leaf))
            else:
                columns[name].append(as_text(value))
    return RowWindow(place, "table", columns, count, len(rows), basis, longest=_CUT)


def _count(connection: sql.Connection, table: sql.Table) -> int:
    """How many rows there are; for PostgreSQL's large tables, how many its planner believes."""
    if connection.dialect.name == "postgresql":
        name = ".".join(filter(None, (table.schema, table.name)))
        quoted = connection.dialect.identifier_preparer.format_table(table)
        believed = connection.execute(
            sql.text("select reltuples::bigint from pg_class where oid = to_regclass(:name)"), {"name": quoted or name}
        ).scalar()
        if believed and believed > _MANY:
            return int(believed)
    return int(connection.execute(sql.select(sql.func.count()).select_from(table)).scalar_one())


def table_pieces(connection: sql.Connection, name: TableName, place: str, sampling: Sampling) -> Iterator[Piece]:
    """Yield what one table holds.

    Raises:
        SQLAlchemyError: and whatever a driver raises.
    """
    table = _reflected(connection, name)
    names = [one.name or "value" for one in _selected(table)]
    for column in table.columns:
        if _is_binary(column):
            yield Unread(f"{place}!{column.name}", UnreadReason.BINARY, "binary column")
    if not names:
        return
    query = sql.select(*_selected(table)).select_from(table)
    count = _count(connection, table)
    if sampling.everything or count <= sampling.rows:
        result = connection.execution_options(yield_per=_TURN).execute(query)
        some = 0
        for part in result.partitions(_TURN):
            some += len(part)
            yield _window(place, names, part, len(part), Basis.ALL)
        if not some:
            yield _window(place, names, [], 0, Basis.ALL)
        return
    key = _key(table, connection.dialect.name)
    if key is not None:
        rows = _ranges(connection, table, key, place, sampling.rows)
        yield _window(place, names, rows, count, Basis.RANGES)
        return
    basis = Basis.FIRST
    if connection.dialect.name == "postgresql":
        share = min(100.0, 150 * sampling.rows / count)
        method = sql.func.system(share) if count > _MANY else sql.func.bernoulli(share)
        drawn = sql.tablesample(table, method, seed=sql.literal(1))
        query = sql.select(*(drawn.c[column.name] for column in table.columns if column.name in names))
        basis = Basis.RANGES if count > _MANY else Basis.RANDOM
    rows = [tuple(row) for row in connection.execute(query.limit(sampling.rows))]
    yield _window(place, names, rows, count, basis)
