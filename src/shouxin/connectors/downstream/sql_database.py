"""One database of the lender: its address, its timeouts, its transactions.

Laws of this file. Writing is one serializable transaction: what another writes about the same person meanwhile is seen,
or one of the two is tried again. Reading is a connection of its own. Nothing waits for ever: statements and locks have
an end. SQLite is told to enforce foreign keys and to overwrite what it deletes.

Called by: ``bootstrap``. Needs the extra ``databases`` for anything but SQLite.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from shouxin.connectors.database_address import engine_at, read_address
from shouxin.connectors.downstream.live import read_live
from shouxin.connectors.downstream.sql_faults import again, explain
from shouxin.connectors.downstream.sql_rows import SqlRows
from shouxin.errors import ShouxinError
from shouxin.operations.downstream.dataset import Dataset
from shouxin.operations.downstream.rows import Rows
from shouxin.operations.downstream.schema import LiveSchema

__all__ = ["SqlDatabase"]

T = TypeVar("T")

_TRIES: Final = 5


def _engine(address: str, seconds: int) -> sa.Engine:
    """Return an engine that keeps no connection open and shows no values.

    Raises:
        Misconfigured: the address does not read, names another kind of database, or its driver is not installed.
    """
    where = read_address(address, seconds=seconds)
    made = engine_at(where, poolclass=NullPool)
    if where.kind == "sqlite":
        sa.event.listen(made, "connect", _prepare_sqlite)
    return made


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where this module says
    for pragma in ("foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


class SqlDatabase:
    """A database at ``address`` (a URL). ``seconds`` is how long a statement, a lock or a connection may take.

    Raises:
        Misconfigured: see ``_engine``; nothing was contacted yet.
    """

    def __init__(self, address: str, *, seconds: int = 60) -> None:
        self._engine = _engine(address, seconds)
        self._seconds = seconds
        self._tables: dict[str, sa.Table] = {}

    @property
    def _user(self) -> str:
        return self._engine.url.username or ""

    @contextmanager
    def _explained(self, doing: Callable[[], tuple[str, str]]) -> Iterator[None]:
        """Turn whatever the driver raises into one error of ours; what is to be tried again passes."""
        try:
            yield
        except ShouxinError:
            raise
        except Exception as error:  # a plug-in may raise anything
            if again(error):
                raise
            raise explain(error, doing(), self._user) from None

    def _begin(self, connection: sa.Connection, *, writing: bool) -> None:
        """Begin a transaction that ends: serializable for writing, one snapshot for reading."""
        name, milliseconds = connection.dialect.name, self._seconds * 1000
        if name == "sqlite":
            words = [f"BEGIN {'IMMEDIATE' if writing else 'DEFERRED'}"]
        elif name == "postgresql":
            level = "SERIALIZABLE READ WRITE" if writing else "REPEATABLE READ READ ONLY"
            words = [f"SET TRANSACTION ISOLATION LEVEL {level}", f"SET LOCAL statement_timeout = {milliseconds}"]
            words.append(f"SET LOCAL lock_timeout = {milliseconds}")
        else:
            level = "SERIALIZABLE" if writing else "REPEATABLE READ"
            mariadb = getattr(connection.dialect, "is_mariadb", False)
            limit = f"max_statement_time = {self._seconds}" if mariadb else f"max_execution_time = {milliseconds}"
            words = [f"SET SESSION {limit}", f"SET SESSION innodb_lock_wait_timeout = {self._seconds}"]
            words += [f"SET SESSION TRANSACTION ISOLATION LEVEL {level}"]
            words += [f"START TRANSACTION {'READ WRITE' if writing else 'READ ONLY'}"]
        for one in words:
            connection.exec_driver_sql(one)

    def schema(self, dataset: Dataset) -> LiveSchema:
        """Return what the database says about itself, and remember its tables.

        Raises:
            Misconfigured, StoreUnavailable: it cannot be asked; the detail says what to do.
        """

        def ask(connection: sa.Connection) -> LiveSchema:
            live, self._tables = read_live(connection, dataset.tables, self._user)
            return live

        with self._explained(lambda: ("SELECT", "")):
            try:
                with self._engine.connect() as connection:
                    return ask(connection)
            except SQLAlchemyError as error:
                raise explain(error, ("SELECT", ""), self._user) from None

    def transact(self, work: Callable[[Rows], T]) -> T:
        """Run ``work`` in one serializable transaction, up to five times if the database asks for it; then commit.

        Raises:
            Misconfigured, StoreUnavailable: nothing was changed, unless the connection broke during the commit itself:
                then nobody knows, and running again tells. The detail says what to do.
        """
        return self._run(work, writing=True)

    def read(self, work: Callable[[Rows], T]) -> T:
        """Run ``work`` on one snapshot, on a connection of its own, and undo whatever it might have done.

        Raises:
            Misconfigured, StoreUnavailable: see ``transact``.
        """
        return self._run(work, writing=False)

    def _run(self, work: Callable[[Rows], T], *, writing: bool) -> T:
        last: tuple[Exception, tuple[str, str]] | None = None
        for _ in range(_TRIES):
            rows: SqlRows | None = None

            def doing() -> tuple[str, str]:
                return ("SELECT", "") if rows is None else rows.doing  # noqa: B023 - asked within this round

            try:
                with self._explained(doing), self._engine.connect() as connection:
                    self._begin(connection, writing=writing)
                    rows = SqlRows(connection, self._tables)
                    done = work(rows)
                    self._end(connection, writing=writing)
                    return done
            except SQLAlchemyError as error:  # `again` let it pass
                last = (error, doing())
        assert last is not None  # noqa: S101 - for the type checker: the loop ran
        raise explain(last[0], last[1], self._user) from None

    @staticmethod
    def _end(connection: sa.Connection, *, writing: bool) -> None:
        raw: Any = connection.connection
        if connection.dialect.name == "sqlite":
            raw.cursor().execute("COMMIT" if writing else "ROLLBACK")
        elif writing:
            connection.commit()
        else:
            connection.rollback()
