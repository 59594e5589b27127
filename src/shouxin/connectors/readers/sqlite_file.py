"""A SQLite database that lies about as a file, or in an archive: its tables, read-only.

Laws. The file is opened with ``mode=ro``, one from an archive is held in memory. Its schema is not trusted: a value
that it makes or holds is at most ``_LONGEST`` bytes, and a query that runs for ``_PATIENCE`` seconds is stopped. Views
are told and not read: they hold nothing of their own.

Called by: ``content``.
**Source:** SQLite, 'Defense Against The Dark Arts' (trusted_schema, read-only, a progress handler).
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

import sqlalchemy as sql

from shouxin.connectors.readers.blob import Blob, in_memory
from shouxin.connectors.readers.rows import TableName, table_pieces
from shouxin.detection.survey.reading import Piece, Sampling, Unread, UnreadReason

__all__ = ["sqlite_pieces"]

_PATIENCE: Final = 120.0
_STEPS: Final = 1_000  # between two looks at the clock: a step may make a value of ``_LONGEST``
# Bytes of a value, made or stored, and of a row: a table with longer ones is told and not read. A stored picture or
# scan stays below; SQLite's own limit is a thousand million.
_LONGEST: Final = 64 << 20


def _connected(blob: Blob) -> sqlite3.Connection:
    if blob.locator[:1] == ("file",):
        uri = f"file:{quote(blob.locator[1])}?mode=ro"
        connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
    else:
        connection = sqlite3.connect(":memory:", check_same_thread=False)
        connection.deserialize(in_memory(blob))
    end = time.monotonic() + _PATIENCE
    connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
    connection.execute("pragma trusted_schema = off")
    connection.execute("pragma query_only = on")
    return connection


def sqlite_pieces(blob: Blob, sampling: Sampling) -> Iterator[Piece]:
    """Yield what every table holds.

    Raises:
        SQLAlchemyError, sqlite3.Error: it does not read. Invalid: it is in an archive and too large.
    """
    connection = _connected(blob)
    engine = sql.create_engine("sqlite://", creator=lambda: connection, poolclass=sql.StaticPool)
    try:
        with engine.connect() as opened:
            inspector = sql.inspect(opened)
            for name in inspector.get_view_names():
                yield Unread(f"{blob.place}!{name}", UnreadReason.SPECIAL, "view")
            for name in inspector.get_table_names():
                place = f"{blob.place}!{name}"
                try:
                    yield from table_pieces(opened, TableName(name), place, sampling)
                except sql.exc.SQLAlchemyError as error:
                    yield Unread(place, UnreadReason.BROKEN, type(error).__name__)
    finally:
        engine.dispose()
        connection.close()
