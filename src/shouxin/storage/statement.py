"""Statements, written in SQLAlchemy, compiled once, run on the driver's own cursor.

SQLAlchemy's execution costs more than the query itself when a query reads one row by its key, and a disclosure makes
a dozen of them. So each statement is a SQLAlchemy expression, checked against the tables and portable between
dialects, but it is compiled once for each dialect and then run without the machinery between. Rows are tuples in the
order of the statement's columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

from sqlalchemy import Connection, Delete, Insert, Select, Update
from sqlalchemy.engine.interfaces import DBAPICursor

__all__ = ["Statement"]


class Statement:
    """One statement with named parameters (``bindparam``)."""

    __slots__ = ("_compiled", "_expression")

    def __init__(self, expression: Select[Any] | Insert | Update | Delete) -> None:
        self._expression = expression
        self._compiled: dict[str, tuple[str, tuple[str, ...], dict[str, object]]] = {}

    def _on(self, connection: Connection) -> tuple[str, tuple[str, ...], dict[str, object]]:
        """Return SQL, the order of its parameters and the constants among them, for the dialect of ``connection``."""
        dialect = connection.dialect
        found = self._compiled.get(dialect.name)
        if found is None:
            compiled = self._expression.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
            found = str(compiled), tuple(compiled.positiontup or ()), dict(compiled.params)
            self._compiled[dialect.name] = found
        return found

    def all(self, connection: Connection, **values: object) -> list[tuple[Any, ...]]:
        """Run it and return every row."""
        sql, order, constants = self._on(connection)
        cursor = _cursor(connection)
        try:
            cursor.execute(sql, [values[name] if name in values else constants[name] for name in order])
            rows: list[tuple[Any, ...]] = list(cursor.fetchall())
        finally:
            cursor.close()
        return rows

    def one(self, connection: Connection, **values: object) -> tuple[Any, ...] | None:
        """Run it and return the first row, or nothing."""
        rows = self.all(connection, **values)
        return rows[0] if rows else None

    def run(self, connection: Connection, **values: object) -> int:
        """Run it and return how many rows it changed."""
        sql, order, constants = self._on(connection)
        cursor = _cursor(connection)
        try:
            cursor.execute(sql, [values[name] if name in values else constants[name] for name in order])
            changed: int = cursor.rowcount
        finally:
            cursor.close()
        return changed

    def run_many(self, connection: Connection, rows: Iterable[Sequence[object]]) -> int:
        """Run it for every row, each a sequence in the order of the parameters; return how many rows it changed."""
        sql, _, _ = self._on(connection)
        cursor = _cursor(connection)
        try:
            cursor.executemany(sql, cast("Sequence[Sequence[object]]", rows))  # any iterable will do
            changed: int = cursor.rowcount
        finally:
            cursor.close()
        return changed

    def order(self, connection: Connection) -> tuple[str, ...]:
        """Return the names of the parameters in the order that ``run_many`` wants."""
        return self._on(connection)[1]


def _cursor(connection: Connection) -> DBAPICursor:
    return connection.connection.cursor()
