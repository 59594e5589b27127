"""Statements, written in SQLAlchemy, compiled once, run on the driver's own cursor.

SQLAlchemy's execution costs more than the query itself when a query reads one row by its key, and a disclosure makes
a dozen of them. So each statement is a SQLAlchemy expression, checked against the tables and portable between
dialects, but it is compiled once for each dialect and then run without the machinery between. Rows are tuples in the
order of the statement's columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Delete, Insert, Select, Update
from sqlalchemy.engine.interfaces import DBAPICursor

__all__ = ["Statement"]


class Statement:
    """One statement with named parameters (``bindparam``)."""

    __slots__ = ("_compiled", "_expression")

    def __init__(self, expression: Select[*tuple[Any, ...]] | Insert | Update | Delete) -> None:
        self._expression = expression
        self._compiled: dict[str, tuple[str, tuple[str, ...], dict[str, object]]] = {}

    def _on(self, connection: Connection) -> tuple[str, tuple[str, ...], dict[str, object]]:
        """Return SQL, the order of its parameters and the constants among them, for the dialect of ``connection``."""
        dialect = connection.dialect
        found = self._compiled.get(dialect.name)
        if found is None:
            compiled = self._expression.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
            constants = {name: value for name, value in compiled.params.items() if value is not None}
            found = str(compiled), tuple(compiled.positiontup or ()), constants
            self._compiled[dialect.name] = found
        return found

    def _start(self, connection: Connection, values: Mapping[str, object]) -> DBAPICursor:
        sql, order, constants = self._on(connection)
        given = {**constants, **values} if constants else values
        cursor: DBAPICursor = _driver(connection).execute(sql, [given[name] for name in order])
        return cursor

    def all(self, connection: Connection, **values: object) -> list[tuple[Any, ...]]:
        """Run it and return every row."""
        rows: list[tuple[Any, ...]] = self._start(connection, values).fetchall()  # type: ignore[assignment]
        return rows

    def one(self, connection: Connection, **values: object) -> tuple[Any, ...] | None:
        """Run it and return the first row, or nothing."""
        rows = self.all(connection, **values)
        return rows[0] if rows else None

    def run(self, connection: Connection, **values: object) -> int:
        """Run it and return how many rows it changed."""
        return self._start(connection, values).rowcount

    def run_many(self, connection: Connection, rows: Iterable[Sequence[object]]) -> int:
        """Run it for every row, each a sequence in the order of the parameters; return how many rows it changed."""
        sql, _, _ = self._on(connection)
        changed: int = _driver(connection).executemany(sql, rows).rowcount  # any iterable will do
        return changed

    def order(self, connection: Connection) -> tuple[str, ...]:
        """Return the names of the parameters in the order that ``run_many`` wants."""
        return self._on(connection)[1]


def _driver(connection: Connection) -> Any:  # noqa: ANN401 - sqlite3 and psycopg share these methods, and no type
    return connection.connection.dbapi_connection
