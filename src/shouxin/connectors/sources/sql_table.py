"""A table of a database as a source: read in the order of columns that never change, page by page.

Laws of this file. Reading changes nothing: the session is told to refuse writes. Only the planned columns are asked
for. Beyond this machine the connection is encrypted and the server's name checked. The password comes sealed from the
register and stands in no address, log or message. Deleting is one transaction, in which each row is held against what
arrived: one that changed since, or never came, stays.

A row is read once if its place in the order never changes and no row appears at an earlier place; a serial key or a
key beside an update time has this property where writers commit in order. Read with a little delay where they do not.
Rows that share a place would be lost at the end of a page: what tells rows apart is put behind an order that does not,
and an order without anything of the kind is refused.

Called by: ``bootstrap.open_intake_source``. Needs the extra ``databases`` for anything but SQLite.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, ClassVar, Final

import sqlalchemy as sa

from shouxin.connectors.downstream.sql_faults import explained
from shouxin.connectors.downstream.sql_rows import NO_MATCH, fit
from shouxin.connectors.sources.row_records import RowRecords, identity_of
from shouxin.connectors.sources.sql_connection import connect_to
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Misconfigured, StoreUnavailable
from shouxin.operations.collecting.intake import Cursor, Reached
from shouxin.operations.collecting.intake_source import (
    GONE,
    Looked,
    Met,
    Recall,
    SourceRecord,
    Unfit,
    Yielded,
    looked_at,
)
from shouxin.policy.source import SourceKind, SqlAddress

__all__ = ["SqlTable", "refuse_writes"]

_PAGE: Final = 5_000
_SECONDS: Final = 60
_DELETED: Final = 200  # rows in one statement
_ASKED: Final = 200  # places in one statement


def refuse_writes(connection: sa.Connection) -> None:
    """Tell a connection to refuse writes, and not to wait without end; until its transaction ends where that is all."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {_SECONDS * 1000}")
    elif connection.dialect.name != "sqlite":
        connection.exec_driver_sql("SET SESSION TRANSACTION READ ONLY")


class SqlTable:
    """A table. ``page`` is how many rows are asked for at once; a smaller one bounds memory.

    Raises:
        Misconfigured: see ``sql_connection.connect_to``.
    """

    kind: ClassVar = SourceKind.SQL
    lines_stand: ClassVar = False

    def __init__(self, address: SqlAddress, secret: Plaintext | None = None, *, page: int = _PAGE) -> None:
        self._address = address
        self._engine = connect_to(address, secret)
        self._page = page
        self._known: sa.Table | None = None

    def identity(self) -> bytes:
        """Return the address and the table, without user and password."""
        return identity_of(self._engine, self._address)

    def locator(self) -> bytes:
        """Return the same: a table lies where its address says."""
        return self.identity()

    def _explained(self, doing: str) -> AbstractContextManager[None]:
        return explained((doing, self._address.table), self._engine.url.username or "")

    def _table(self) -> sa.Table:
        """Return the table as the database describes it, asked once a run.

        Raises:
            Misconfigured: it is not there, lacks a column of its order, or nothing tells rows of one place apart.
        """
        if self._known is None:
            schema, _, name = self._address.table.rpartition(".")
            with self._explained("SELECT"):
                made = sa.Table(name, sa.MetaData(), schema=schema or None, autoload_with=self._engine)
            lacking = [column for column in self._address.order if column not in made.c]
            if lacking:
                raise Misconfigured(f"the table lacks columns of its order: {', '.join(lacking)}")
            RowRecords.of(made, self._address, ())
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
        order = self._rows(wanted).order
        with self._explained("SELECT"), self._engine.connect() as connection:
            refuse_writes(connection)
            homeless = sa.select(sa.literal(1)).where(sa.or_(*(column.is_(None) for column in order))).limit(1)
            if connection.execute(homeless).first() is not None:
                raise StoreUnavailable("rows have no place in the order (NULL): choose columns that are never empty")
            for page in self._pages(connection, reached, wanted):
                connection.rollback()  # a transaction does not stay open while records are sealed
                yield from (record for record, _ in page)
                refuse_writes(connection)

    def _pages(
        self,
        connection: sa.Connection,
        reached: Reached,
        wanted: Collection[str],
        until: Cursor = (),
        *,
        lock: bool = False,
    ) -> Iterator[list[tuple[SourceRecord, tuple[Any, ...]]]]:
        """Yield pages of rows behind ``reached``, each row with the values that name it; with ``until`` up to there.

        With ``lock`` nobody changes them until the transaction ends, where the database can.
        """
        rows = self._rows(wanted)
        order = list(rows.order)
        query = rows.query().order_by(*order).limit(self._page + 1)  # one more: it may share the last one's place
        if until:
            query = query.where(sa.not_(_behind(order, until)))
        if lock:
            query = query.with_for_update()
        line, cursor = reached.line, reached.cursor
        while True:
            found = connection.execute(query if not cursor else query.where(_after(order, cursor))).all()
            read = [rows.record(at, row) for at, row in enumerate(found, line + 1)]
            if len({one.cursor for one, _ in read}) < len(read):
                raise StoreUnavailable(
                    "rows of the source share a place in the order: its key does not tell them apart"
                )
            if page := read[: self._page]:
                line += len(page)
                cursor = page[-1][0].cursor
                yield page
            if len(found) <= self._page:
                return

    def _rows(self, wanted: Collection[str]) -> RowRecords:
        return RowRecords.of(self._table(), self._address, wanted)

    def again(self, places: Sequence[Reached], wanted: Collection[str]) -> Iterator[SourceRecord | Unfit]:
        """Yield the rows that stand at these places of the order, whatever they hold now.

        Raises:
            StoreUnavailable: it died, or has another order than when the places were kept. Misconfigured: see
                ``_table``.
        """
        asked = [one for one in places if one.cursor]
        with self._explained("SELECT"), self._engine.connect() as connection:
            for at in range(0, len(asked), _ASKED):
                refuse_writes(connection)
                found = self._standing(connection, asked[at : at + _ASKED], wanted)
                connection.rollback()
                yield from found

    def _standing(
        self, connection: sa.Connection, places: Sequence[Reached], wanted: Collection[str]
    ) -> list[SourceRecord | Unfit]:
        """Return what stands at ``places``: asked for all at once, then for each that was not found.

        A value that a database holds otherwise than it hands it out is not equal to what was handed out; it is the last
        one that does not stand behind it, as in reading.
        """
        rows = self._rows(wanted)
        query = rows.query()
        met: dict[Cursor, SourceRecord] = {}
        # A place that was kept before its order told rows apart is a shorter one.
        for size in sorted({len(one.cursor) for one in places}):
            order = list(rows.order[:size])
            values = [_values(order, one.cursor) for one in places if len(one.cursor) == size]
            equal = order[0].in_([one[0] for one in values]) if size == 1 else sa.tuple_(*order).in_(values)
            there = (rows.record(0, row)[0] for row in connection.execute(query.where(equal)))
            met |= {one.cursor[:size]: one for one in there}
        found: list[SourceRecord | Unfit] = []
        for place in places:
            if place.cursor not in met:
                size = len(place.cursor)
                order = list(rows.order[:size])
                before = query.where(sa.not_(_behind(order, place.cursor))).order_by(*(one.desc() for one in order))
                last = connection.execute(before.limit(1)).first()
                if last is not None:
                    one = rows.record(0, last)[0]
                    met[one.cursor[:size]] = one
            stands = met.get(place.cursor)
            found.append(Unfit(place.line, GONE) if stands is None else replace(stands, line=place.line))
        return found

    def erase(self, reached: Reached, wanted: Collection[str], recall: Recall) -> int:
        """Delete every row up to ``reached`` that stands as it arrived, in one transaction; return how many.

        Raises:
            StoreUnavailable: the columns that name rows do not tell them apart, or a row changed meanwhile; nothing
                was deleted.
        """
        if not reached.cursor:
            return 0
        table, gone = self._table(), 0
        naming = self._rows(wanted).naming
        with self._explained("DELETE"), self._engine.connect() as connection, connection.begin():
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")  # its driver begins only with the first change
            elif connection.dialect.name != "postgresql":
                connection.exec_driver_sql("SET SESSION TRANSACTION READ WRITE")  # reading had told it not to
            for page in self._pages(connection, Reached(), wanted, reached.cursor, lock=True):
                met = recall([record for record, _ in page])
                same = [key for (_, key), one in zip(page, met, strict=True) if one is Met.SAME]
                for at in range(0, len(same), _DELETED):
                    keys = same[at : at + _DELETED]
                    where = (
                        naming[0].in_([key[0] for key in keys]) if len(naming) == 1 else sa.tuple_(*naming).in_(keys)
                    )
                    if connection.execute(sa.delete(table).where(where)).rowcount != len(keys):
                        raise StoreUnavailable("the columns of the key do not tell rows apart; nothing was deleted")
                gone += len(same)
        return gone

    def verify(self, reached: Reached, wanted: Collection[str], recall: Recall) -> Looked:
        """Return which rows up to ``reached`` are still there, as a connection of its own sees it."""
        if not reached.cursor:
            return Looked(0)
        with self._explained("SELECT"), self._engine.connect() as connection:
            refuse_writes(connection)
            pages = self._pages(connection, Reached(), wanted, reached.cursor)
            return looked_at((record for page in pages for record, _ in page), recall)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def _values(order: list[sa.Column[Any]], cursor: Cursor) -> list[object]:
    """Return a cursor's values as the columns of the order have them.

    Raises:
        StoreUnavailable: the order has other columns or types than when the cursor was kept.
    """
    values = [fit(column, value) for column, value in zip(order, cursor, strict=False)]
    if len(values) != len(order) or any(value is NO_MATCH for value in values):
        raise StoreUnavailable("the columns of the order changed since this was read: design the plan anew")
    return values


def _after(order: list[sa.Column[Any]], cursor: Cursor) -> sa.ColumnElement[bool]:
    """Return the condition that a row is to be read after ``cursor``.

    Behind one that was kept before its order told rows apart, rows of an equal place may have been lost: they are read
    too. Those that had arrived are known.
    """
    if len(cursor) < len(order):
        shorter = order[: len(cursor)]
        values = _values(shorter, cursor)
        return shorter[0] >= values[0] if len(shorter) == 1 else sa.tuple_(*shorter) >= sa.tuple_(*values)
    return _behind(order, cursor)


def _behind(order: list[sa.Column[Any]], cursor: Cursor) -> sa.ColumnElement[bool]:
    """Return the condition that a row stands behind ``cursor``; raises as ``_values`` does."""
    order = order[: len(cursor)]
    values = _values(order, cursor)
    if len(order) == 1:
        return order[0] > values[0]
    return sa.tuple_(*order) > sa.tuple_(*values)
