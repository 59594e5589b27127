"""Rows of one database through SQLAlchemy Core: the same statements for PostgreSQL, MariaDB, MySQL and SQLite.

Laws of this file. A value is compared as its column's type says, and what cannot be of that type matches nothing: no
database gets to cast (MySQL makes 0 of any word). Names of tables and columns come from what the database says about
itself, never from a person.

Called by: ``sql_database``. Drivers may raise anything; ``sql_faults`` turns it into one error.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import sqlalchemy as sa

from shouxin.operations.downstream.rows import BATCH, Key, Sought

__all__ = ["NO_MATCH", "SqlRows", "fit"]

_MOST_MENTIONS: Final = 1_000
_ESCAPE: Final = "~"
NO_MATCH: Final = object()
_WIDEST: Final = 1 << 63


class SqlRows:
    """Rows inside the transaction of ``connection``. ``doing``: the last action and table, for explaining a refusal."""

    def __init__(self, connection: sa.Connection, tables: Mapping[str, sa.Table]) -> None:
        self._connection = connection
        self._tables = tables
        self.doing: tuple[str, str] = ("SELECT", "")

    def _table(self, action: str, name: str) -> sa.Table:
        self.doing = (action, name)
        return self._tables[name]

    def _where(self, table: sa.Table, columns: Sequence[str], values: Sequence[Key]) -> sa.ColumnElement[bool] | None:
        """Return the condition that ``columns`` hold one of ``values``; nothing if no value can be of their types."""
        if len(values) > BATCH:
            raise AssertionError("a batch is at most BATCH keys")
        held = [table.c[name] for name in columns]
        fitting = [tuple(map(fit, held, value)) for value in values]
        known = [one for one in fitting if not any(part is NO_MATCH for part in one)]
        if not known:
            return None
        if len(held) == 1:
            return held[0].in_([one[0] for one in known])
        return sa.tuple_(*held).in_(known)

    def find(self, sought: Sought, columns: Sequence[str], values: Sequence[Key]) -> list[Key]:
        """Return the rows whose ``columns`` hold one of ``values``."""
        table = self._table("SELECT", sought.table)
        where = self._where(table, columns, values)
        if where is None:
            return []
        wanted = [table.c[name] for name in sought.fetch]
        present = [table.c[name].is_not(None).label(f"present_{at}") for at, name in enumerate(sought.present)]
        rows = self._connection.execute(sa.select(*wanted, *present).where(where))
        size = len(wanted)
        return [(*row[:size], *map(bool, row[size:])) for row in rows]

    def count(self, table: str, columns: Sequence[str], values: Sequence[Key]) -> int:
        """Return how many rows hold one of ``values``."""
        there = self._table("SELECT", table)
        where = self._where(there, columns, values)
        if where is None:
            return 0
        return int(self._connection.execute(sa.select(sa.func.count()).select_from(there).where(where)).scalar_one())

    def mentioning(self, table: str, column: str, text: str, fetch: Sequence[str]) -> list[Key]:
        """Return the rows whose text contains ``text``."""
        there = self._table("SELECT", table)
        body = sa.cast(there.c[column], sa.Text) if self._connection.dialect.name == "postgresql" else there.c[column]
        where = body.contains(text, autoescape=True, escape=_ESCAPE)
        query = sa.select(*(there.c[name] for name in fetch)).where(where).limit(_MOST_MENTIONS)
        return [tuple(row) for row in self._connection.execute(query)]

    def delete(self, table: str, columns: Sequence[str], keys: Sequence[Key]) -> int:
        """Delete rows by key."""
        there = self._table("DELETE", table)
        where = self._where(there, columns, keys)
        return 0 if where is None else self._connection.execute(sa.delete(there).where(where)).rowcount

    def update(self, table: str, columns: Sequence[str], keys: Sequence[Key], values: Mapping[str, object]) -> int:
        """Set values by key."""
        there = self._table("UPDATE", table)
        where = self._where(there, columns, keys)
        if where is None:
            return 0
        wanted = {name: None if value is None else fit(there.c[name], value) for name, value in values.items()}
        wanted = {name: values[name] if value is NO_MATCH else value for name, value in wanted.items()}
        return self._connection.execute(sa.update(there).where(where).values(wanted)).rowcount


def fit(column: sa.Column[Any], value: object) -> object:
    """Return ``value`` as the column's type wants it, or ``NO_MATCH``."""
    try:
        kind = column.type.python_type
    except NotImplementedError:
        return value
    if value is None:
        return NO_MATCH
    try:
        return _as(kind, value)
    except (ValueError, TypeError, InvalidOperation):
        return NO_MATCH


def _as(kind: type, value: Any) -> object:  # noqa: ANN401, PLR0911 - whatever a database holds; one return a type
    if kind is str:
        return str(value)
    if kind is bool:
        return value if isinstance(value, bool) else bool(int(value))
    if kind is int:
        if isinstance(value, str) and not (value.isascii() and value.removeprefix("-").isdigit()):
            return NO_MATCH
        number = int(value)
        return number if number == value or (isinstance(value, str) and abs(number) < _WIDEST) else NO_MATCH
    if kind is Decimal:
        return value if isinstance(value, Decimal | int) else Decimal(str(value))
    if kind is uuid.UUID:
        return value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))
    if kind is datetime:
        return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    if kind is date:
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    return value if isinstance(value, kind) else NO_MATCH
