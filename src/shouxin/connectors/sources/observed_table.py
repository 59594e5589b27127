"""The table of a registered database as something to scan, for a plan in mode observe: that table, and no other.

Laws. It is reached as collecting reaches it (``sql_connection``), read-only; nothing of it is kept but counts.

Called by: ``bootstrap.open_observed``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from shouxin.connectors.downstream.sql_faults import code_of
from shouxin.connectors.readers.blob import identity_of
from shouxin.connectors.readers.rows import TableName, table_pieces, table_place
from shouxin.connectors.sources.sql_connection import connect_to
from shouxin.connectors.sources.sql_table import SqlTable, refuse_writes
from shouxin.detection.survey.reading import Piece, Sampling, Spot, Unread, UnreadReason
from shouxin.domain.plaintext import Plaintext
from shouxin.policy.source import SqlAddress

__all__ = ["ObservedTable"]


@dataclass(frozen=True, slots=True)
class _OneTable:
    table: TableName
    engine: sa.Engine
    size: int = 0
    stamp: str = ""

    @property
    def place(self) -> str:
        return table_place(self.table)

    def read(self, sampling: Sampling, at: int) -> Iterator[Piece]:
        del at  # a table is read from its start
        try:
            with self.engine.connect() as connection:
                refuse_writes(connection)
                yield from table_pieces(connection, self.table, self.place, sampling)
        except Exception as error:  # a reader raises nothing for a spot
            yield Unread(self.place, UnreadReason.BROKEN, code_of(error))


class ObservedTable:
    """The table at ``address``.

    Raises:
        Misconfigured: see ``sql_connection.connect_to``.
    """

    def __init__(self, address: SqlAddress, secret: Plaintext | None = None) -> None:
        schema, _, name = address.table.rpartition(".")
        self._table, self._engine = TableName(name, schema), connect_to(address, secret)
        source = SqlTable(address, secret)
        self.identity = identity_of(source.locator())
        source.close()
        url = self._engine.url
        self.name = f"{url.get_backend_name()}://{url.host or ''}/{url.database or ''}"

    def describe(self) -> Iterator[Spot | Unread]:
        """Yield the table."""
        yield _OneTable(self._table, self._engine)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()
