"""The ledger in SQL: leaves as rows, hashes as tiles, integrated in the transaction that appends (design section 6).

A tile row holds up to 256 hashes, so an append writes one row per leaf and touches a handful of tiles. ``LedgerRows``
reads; ``LedgerWriter`` collects the events of one transaction and writes them all at its end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Final

from sqlalchemy import Connection, bindparam, insert, literal_column, select, update

from shouxin.domain.clock import Instant
from shouxin.domain.event import Event
from shouxin.domain.event_kind import CHANGES_NOTHING
from shouxin.errors import Misconfigured, Tampered
from shouxin.ledger.entry import decode, encode, kind_of
from shouxin.ledger.tiles import append_tiles, partial_width
from shouxin.ledger.tree import leaf_hash
from shouxin.storage.statement import Statement
from shouxin.storage.tables import SCHEMA_VERSION, entries, log, tiles

__all__ = ["LedgerRows", "LedgerWriter", "PartialTiles"]

PartialTiles = dict[int, bytes]
PAGE: Final = 4096

_ONE_ENTRY: Final = Statement(select(entries.c.body).where(entries.c.leaf == bindparam("at")))
_PAGE: Final = Statement(
    select(entries.c.leaf, entries.c.body)
    .where(entries.c.leaf >= bindparam("start"), entries.c.leaf < bindparam("end"))
    .order_by(entries.c.leaf)
)
_TILE: Final = Statement(
    select(tiles.c.hashes).where(tiles.c.level == bindparam("at_level"), tiles.c.number == bindparam("at_number"))
)
_ADD: Final = Statement(insert(entries))
_GROW: Final = Statement(
    update(tiles)
    .where(tiles.c.level == bindparam("at_level"), tiles.c.number == bindparam("at_number"))
    .values(hashes=bindparam("at_hashes"))
)
_BEGIN: Final = Statement(insert(tiles))
_HEAD: Final = Statement(select(log.c.schema, log.c.size, log.c.last_at).where(log.c.one == literal_column("1")))
_MOVE: Final = Statement(
    update(log).where(log.c.one == literal_column("1")).values(size=bindparam("at_size"), last_at=bindparam("at_time"))
)


class LedgerRows:
    """The log as one connection sees it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        row = _HEAD.one(connection)
        if row is None:
            raise Misconfigured("the data store has no log: it was never initialised")
        schema, size, last_at = row
        if schema != SCHEMA_VERSION:
            way = "run shouxin upgrade" if schema < SCHEMA_VERSION else "use the newer program"
            raise Misconfigured(f"the data store has schema {schema}, this program knows {SCHEMA_VERSION}: {way}")
        self._size: int = size
        self._last_at = Instant(last_at)

    @property
    def size(self) -> int:
        """The number of leaves."""
        return self._size

    @property
    def last_at(self) -> Instant:
        """The time of the last leaf."""
        return self._last_at

    def entry(self, leaf: int) -> bytes:
        """Return the bytes of one leaf."""
        row = _ONE_ENTRY.one(self._connection, at=leaf)
        if row is None:
            raise Tampered(f"log entry {leaf} is missing")
        body: bytes = row[0]
        return body

    def entries(self, start: int, end: int) -> Iterator[tuple[int, bytes]]:
        """Yield the leaves that exist in [start, end)."""
        for page in range(start, end, PAGE):
            yield from _PAGE.all(self._connection, start=page, end=min(end, page + PAGE))

    def tile(self, level: int, index: int) -> bytes:
        """Return a tile's hashes, joined."""
        row = _TILE.one(self._connection, at_level=level, at_number=index)
        if row is None:
            raise Tampered(f"tile {index} of level {level} is missing")
        hashes: bytes = row[0]
        return hashes

    def partials(self) -> PartialTiles:
        """Return the partial tiles at the right edge, by level."""
        levels = range(-(-self._size.bit_length() // 8))
        return {
            level: self.tile(level, self._size >> (8 * (level + 1)))
            for level in levels
            if partial_width(level, self._size)
        }


class LedgerWriter(LedgerRows):
    """The log inside a writing transaction: what is recorded here is written by ``flush``, once, at its end."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._stored = self._size
        self._pending: list[bytes] = []

    def append(self, event: Event) -> int:
        """Encode ``event`` and give it the next leaf. Its time is never before the last leaf's."""
        if event.at < self._last_at:  # the clock jumped back; the log's time does not
            event = replace(event, at=self._last_at)
        self._pending.append(encode(event))
        self._last_at = event.at
        self._size += 1
        return self._size - 1

    def append_again(self, body: bytes) -> None:
        """Append a leaf that was recorded before and lost with a disk; its bytes stay what was signed."""
        self._last_at = max(self._last_at, decode(body).at)
        self._pending.append(body)
        self._size += 1

    def entry(self, leaf: int) -> bytes:
        """Return the bytes of one leaf, recorded in this transaction or before."""
        if self._stored <= leaf < self._size:
            return self._pending[leaf - self._stored]
        return super().entry(leaf)

    def cut(self, size: int, last_at: Instant) -> None:
        """Forget what was recorded since the log had ``size`` leaves: the work that recorded it was undone."""
        del self._pending[size - self._stored :]
        self._size, self._last_at = size, last_at

    def changed_since(self, size: int) -> bool:
        """Say whether anything but disclosures was recorded since the log had ``size`` leaves, or may have been."""
        later = (body for _, body in self.entries(size, self._stored))
        pending = self._pending[max(0, size - self._stored) :]
        missing = self._size - size  # below nothing where the log is shorter than it was
        for body in chain(later, pending):
            if kind_of(body) not in CHANGES_NOTHING:
                return True
            missing -= 1
        return missing != 0

    def flush(self, edge: PartialTiles | None) -> tuple[list[bytes], PartialTiles]:
        """Write leaves, tiles and head; return the new leaf hashes and the partial tiles.

        ``edge`` are the partial tiles of the stored log if the caller remembers them.
        """
        connection, start = self._connection, self._stored
        if edge is None:
            edge = LedgerRows(connection).partials()
        hashes = [leaf_hash(body) for body in self._pending]
        if not hashes:
            return hashes, edge
        _ADD.run_many(connection, enumerate(self._pending, start))
        written, edge = append_tiles(edge, start, hashes)
        fresh: list[tuple[int, int, bytes]] = []
        for (level, index), blob in written.items():
            # A tile that the stored log had begun is the one at its right edge; all others are new.
            begun = partial_width(level, start) > 0 and index == start >> (8 * (level + 1))
            if begun:
                _GROW.run(connection, at_level=level, at_number=index, at_hashes=blob)
            else:
                fresh.append((level, index, blob))
        _BEGIN.run_many(connection, fresh)
        _MOVE.run(connection, at_size=self._size, at_time=self._last_at)
        return hashes, edge
