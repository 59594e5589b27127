"""A database by its DSN: every table of it, read-only.

Laws. The password is never shown and may be left out (``.pgpass``, environment). PostgreSQL and MySQL are told to
refuse writes for the whole session, SQLite is opened for reading. Views are told and not read. Beyond this machine the
connection is TLS and the server proven (``connectors.database_address``).

Called by: ``bootstrap.open_source``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sql

from shouxin.connectors.database_address import engine_at, read_address
from shouxin.connectors.readers.blob import identity_of
from shouxin.connectors.readers.rows import TableName, table_pieces, table_place
from shouxin.detection.survey.reading import Piece, Sampling, Spot, Unread, UnreadReason
from shouxin.errors import Invalid, StoreUnavailable

__all__ = ["DatabaseTables"]

_SECONDS: Final = 60
_OWN: Final = frozenset({"information_schema", "performance_schema", "mysql", "sys"})
_DENIED: Final = frozenset({"InsufficientPrivilege"})


@dataclass(frozen=True, slots=True)
class _TableSpot:
    """One table. Tables have no cheap stamp: a scan that goes on does not see what changed in one it had finished."""

    table: TableName
    connect: Callable[[], sql.Connection]
    size: int = 0
    stamp: str = ""

    @property
    def place(self) -> str:
        return table_place(self.table)

    def read(self, sampling: Sampling, at: int) -> Iterator[Piece]:
        del at  # a table is read from its start
        try:
            with self.connect() as connection:
                yield from table_pieces(connection, self.table, self.place, sampling)
        except Exception as error:
            name = type(getattr(error, "orig", None) or error).__name__
            yield Unread(self.place, UnreadReason.DENIED if name in _DENIED else UnreadReason.BROKEN, name)


class DatabaseTables:
    """A database.

    Raises:
        Misconfigured: the DSN does not read, or its driver is not installed. Invalid: there is no such file.
    """

    def __init__(self, dsn: str) -> None:
        read = read_address(dsn, seconds=_SECONDS)
        url, kind = read.url, read.kind
        self.name = f"{kind}://{url.host or ''}/{url.database or ''}"
        lies = str(Path(url.database or "").resolve()) if kind == "sqlite" else url.database or ""
        elsewhere = [f"{name}={url.query[name]}" for name in ("host", "hostaddr", "port") if name in url.query]
        where = (kind, url.host or "", str(url.port or ""), *elsewhere, lies)
        self.identity = identity_of("\0".join(where).encode())
        arguments: dict[str, Any] = {}
        if kind == "postgresql":
            arguments["options"] = "-c default_transaction_read_only=on"
        if kind == "sqlite":
            path = Path(url.database or "")
            if not path.is_file():
                raise Invalid("there is no such file", "source")
            read = replace(read, url=sql.make_url(f"sqlite:///file:{path.absolute().as_posix()}?mode=ro&uri=true"))
        self._engine = engine_at(read, connect_args=arguments)
        if kind in {"mysql", "mariadb"}:
            sql.event.listen(self._engine, "connect", _refuse_writes)

    def describe(self) -> Iterator[Spot | Unread]:
        """Yield every table, sorted; views are told."""
        try:
            with self._engine.connect() as connection:
                inspector = sql.inspect(connection)
                default = inspector.default_schema_name or ""
                tables, views = list[TableName](), list[TableName]()
                for schema in sorted(inspector.get_schema_names()):
                    if schema in _OWN or schema.startswith("pg_"):
                        continue
                    shown = "" if schema == default else schema
                    tables += [TableName(name, shown) for name in sorted(inspector.get_table_names(schema))]
                    views += [TableName(name, shown) for name in sorted(inspector.get_view_names(schema))]
        except sql.exc.SQLAlchemyError as error:
            name = type(getattr(error, "orig", None) or error).__name__
            raise StoreUnavailable(f"the database cannot be reached ({name})") from None
        yield from (_TableSpot(one, self._engine.connect) for one in tables)
        yield from (Unread(table_place(one), UnreadReason.SPECIAL, "view") for one in views)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def _refuse_writes(connection: Any, _record: object) -> None:  # noqa: ANN401 - a driver's connection
    with connection.cursor() as cursor:
        cursor.execute("set session transaction read only")
