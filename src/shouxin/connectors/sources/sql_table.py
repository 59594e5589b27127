"""A table of a database as a source: read in the order of columns that never change, page by page.

Laws of this file. Reading changes nothing: the session is told to refuse writes. Only the planned columns are asked
for. Beyond this machine the connection is encrypted and the server's name checked. The password comes sealed from the
register and stands in no address, log or message. Deleting is one transaction.

A row is read once if its place in the order never changes and no row appears at an earlier place; a serial key or a
key beside an update time has this property where writers commit in order. Read with a little delay where they do not.

Called by: ``bootstrap.open_intake_source``. Needs the extra ``databases`` for anything but SQLite.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager
from datetime import date, datetime, time
from typing import Any, Final

import sqlalchemy as sa

from shouxin.connectors.downstream.sql_faults import explained
from shouxin.connectors.downstream.sql_rows import NO_MATCH, fit
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Misconfigured, StoreUnavailable
from shouxin.operations.collecting.intake import Cursor, Reached
from shouxin.operations.collecting.intake_source import SourceRecord, Yielded
from shouxin.policy.source import SqlAddress

__all__ = ["SqlTable", "connect_to"]

_PAGE: Final = 5_000
_SECONDS: Final = 60
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_DRIVERS: Final = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "sqlite": "sqlite",
}


def connect_to(address: SqlAddress, secret: Plaintext | None) -> sa.Engine:
    """Return an engine that shows no values; nothing is contacted yet.

    Raises:
        Misconfigured: the address does not read, or its driver is not installed.
    """
    try:
        url = sa.make_url(address.dsn)
        kind = url.drivername.partition("+")[0]
        if kind not in _DRIVERS:
            raise Misconfigured("a database is postgresql, mysql, mariadb or sqlite; check the address")
        url = url.set(drivername=_DRIVERS[kind], password=None if secret is None else secret.text())
        arguments = _arguments(kind, url, address.ca)
        return sa.create_engine(url, hide_parameters=True, connect_args=arguments, pool_size=1, max_overflow=1)
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError):
        raise Misconfigured("the address does not read; write postgresql://user@host/name") from None
    except ModuleNotFoundError:
        raise Misconfigured("the driver is not installed; pip install 'shouxin[databases]'") from None


def _arguments(kind: str, url: sa.URL, authority: str) -> dict[str, Any]:
    """Return what the driver is told: how long to wait, and to encrypt and check the server beyond this machine."""
    if kind == "sqlite":
        return {"timeout": _SECONDS}
    host = url.host or str(url.query.get("host", ""))
    local = not host or host.startswith("/") or host in _LOOPBACK
    wait: dict[str, Any] = {"connect_timeout": _SECONDS}
    if kind in {"postgresql", "postgres"}:
        if not local or authority:
            wait |= {"sslmode": "verify-full", "sslrootcert": authority or "system"}
        return wait
    if not local or authority:
        wait |= {"ssl_verify_cert": True, "ssl_verify_identity": True} | ({"ssl_ca": authority} if authority else {})
    return wait


def _text(value: object) -> str:
    """Return a value as text; dates as ISO 8601 writes them."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else str(value)


def _mark(value: object) -> str | int:
    """Return a value of the order as it is kept in a cursor."""
    return value if isinstance(value, int) and not isinstance(value, bool) else _text(value)


class SqlTable:
    """A table. ``page`` is how many rows are asked for at once; a smaller one bounds memory.

    Raises:
        Misconfigured: see ``connect_to``.
    """

    def __init__(self, address: SqlAddress, secret: Plaintext | None = None, *, page: int = _PAGE) -> None:
        self._address = address
        self._engine = connect_to(address, secret)
        self._page = page
        self._known: sa.Table | None = None

    def identity(self) -> bytes:
        """Return the address and the table, without user and password."""
        url = self._engine.url
        order = ",".join(self._address.order)
        return f"{url.host or ''}/{url.port or ''}/{url.database or ''}/{self._address.table}/{order}".encode()

    def _explained(self, doing: str) -> AbstractContextManager[None]:
        return explained((doing, self._address.table), self._engine.url.username or "")

    def _table(self) -> sa.Table:
        """Return the table as the database describes it, asked once a run.

        Raises:
            Misconfigured: it is not there, or lacks a column of its order.
        """
        if self._known is None:
            schema, _, name = self._address.table.rpartition(".")
            with self._explained("SELECT"):
                made = sa.Table(name, sa.MetaData(), schema=schema or None, autoload_with=self._engine)
            lacking = [column for column in self._address.order if column not in made.c]
            if lacking:
                raise Misconfigured(f"the table lacks columns of its order: {', '.join(lacking)}")
            self._known = made
        return self._known

    def describe(self) -> tuple[str, ...]:
        """Return the names of the columns that it has now."""
        self._known = None
        return tuple(str(column.name) for column in self._table().c)

    def read(self, reached: Reached, wanted: Collection[str] = ()) -> Iterator[Yielded]:
        """Yield every row behind ``reached``, only its ``wanted`` columns.

        Raises:
            StoreUnavailable: it died, or has rows without a place in the order. Misconfigured: see ``_table``.
        """
        table = self._table()
        order = [table.c[name] for name in self._address.order]
        fields = [column for column in table.c if not wanted or column.name in wanted]
        names = [str(column.name) for column in fields]  # SQLAlchemy has a kind of text of its own for some
        query = sa.select(*fields, *(column.label(f"place_{at}") for at, column in enumerate(order)))
        query = query.order_by(*order).limit(self._page)
        size, line, cursor = len(names), reached.line, reached.cursor
        with self._explained("SELECT"), self._engine.connect() as connection:
            self._read_only(connection)
            homeless = sa.select(sa.literal(1)).where(sa.or_(*(column.is_(None) for column in order))).limit(1)
            if connection.execute(homeless).first() is not None:
                raise StoreUnavailable("rows have no place in the order (NULL): choose columns that are never empty")
            while True:
                rows = connection.execute(query if not cursor else query.where(_behind(order, cursor))).all()
                connection.rollback()  # a transaction does not stay open while records are sealed
                for row in rows:
                    line += 1
                    cursor = tuple(map(_mark, row[size:]))
                    yield SourceRecord(line, dict(zip(names, map(_text, row[:size]), strict=True)), cursor)
                if len(rows) < self._page:
                    return
                self._read_only(connection)

    @staticmethod
    def _read_only(connection: sa.Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = {_SECONDS * 1000}")
        elif connection.dialect.name != "sqlite":
            connection.exec_driver_sql("SET SESSION TRANSACTION READ ONLY")

    def erase(self, reached: Reached) -> int:
        """Delete every row up to ``reached``, in one transaction."""
        table = self._table()
        order = [table.c[name] for name in self._address.order]
        if not reached.cursor:
            return 0
        with self._explained("DELETE"), self._engine.begin() as connection:
            return connection.execute(sa.delete(table).where(sa.not_(_behind(order, reached.cursor)))).rowcount

    def verify(self, reached: Reached) -> int:
        """Return how many rows up to ``reached`` are still there, as a connection of its own sees it."""
        table = self._table()
        order = [table.c[name] for name in self._address.order]
        if not reached.cursor:
            return 0
        with self._explained("SELECT"), self._engine.connect() as connection:
            query = sa.select(sa.func.count()).select_from(table).where(sa.not_(_behind(order, reached.cursor)))
            return int(connection.execute(query).scalar_one())

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def _behind(order: list[sa.Column[Any]], cursor: Cursor) -> sa.ColumnElement[bool]:
    """Return the condition that a row stands behind ``cursor``.

    Raises:
        StoreUnavailable: the order has other columns or types than when the cursor was kept.
    """
    values = [fit(column, value) for column, value in zip(order, cursor, strict=False)]
    if len(values) != len(order) or any(value is NO_MATCH for value in values):
        raise StoreUnavailable("the columns of the order changed since this was read: design the plan anew")
    if len(order) == 1:
        return order[0] > values[0]
    return sa.tuple_(*order) > sa.tuple_(*values)
