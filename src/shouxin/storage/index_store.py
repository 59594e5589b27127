"""The blind index on SQLite: one file a generation (epoch), so that leaving an epoch removes the file."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import Engine, bindparam, delete, func, literal_column, select, tuple_
from sqlalchemy.dialects.sqlite import insert

from shouxin.domain.identifiers import CellId, SubjectId
from shouxin.errors import Misconfigured, StoreUnavailable, Tampered
from shouxin.keys.root import EpochNumber
from shouxin.storage.cell_rows import slices
from shouxin.storage.files import sync_folder
from shouxin.storage.packed import NUMBERS, among, cut, joined, pieces
from shouxin.storage.sqlite import (
    compact,
    copy_to,
    damage,
    engine,
    glancing,
    guarded,
    loading,
    reading,
    say,
    writing,
)
from shouxin.storage.statement import Statement
from shouxin.storage.tables import INDEX, ages, tags
from shouxin.vault.index import ROW_SIZE, TAG_SIZE, IndexRow

__all__ = ["SqlIndex"]

T = TypeVar("T")

_FIND: Final = Statement(select(tags.c.subject, tags.c.cell).where(tags.c.tag == bindparam("at")))
_ADD: Final = Statement(insert(tags).on_conflict_do_nothing())
_BATCH: Final = (
    select(tags)
    .where(tuple_(tags.c.tag, tags.c.cell) > tuple_(bindparam("after_tag"), bindparam("after_cell")))
    .order_by(tags.c.tag, tags.c.cell)
    .limit(bindparam("most"))
    .subquery()
)
_PAGE: Final = Statement(select(func.count(), joined(*_BATCH.c)))
_OF_CELLS: Final = Statement(among(tags.c.cell, tags.c.tag, tags.c.subject, tags.c.cell))
_ONE_OLDER: Final = Statement(
    insert(ages)
    .values(one=1, changes=1)
    .on_conflict_do_update(index_elements=[ages.c.one], set_={"changes": ages.c.changes + literal_column("1")})
)
_AGE: Final = Statement(select(ages.c.changes))
_REMOVE: Final = Statement(delete(tags).where(tags.c.cell == bindparam("at")))
_LOAD: Final = Statement(
    insert(tags)
    .prefix_with("OR IGNORE")
    .from_select(list(tags.c), select(*(cut(NUMBERS.c.number, ROW_SIZE, at, 16) for at in (0, 16, 32))))
)
# Rows come and go in no order at all, each on a page that nobody near it in time touches, and a change writes the whole
# page. So pages are small: at 100,000 people, a thousand erased took half as long to commit as with 4 KiB.
_PAGE_BYTES: Final = 1_024
# Rows are put in order share by share, by the first byte of the tag: no one sorting holds other threads off for long.
_SHARES: Final = [bytes([first]) for first in range(1, 256)]


def _in_order(row: IndexRow) -> tuple[bytes, CellId, SubjectId]:
    """Return a row in the order of the table's columns."""
    tag, subject, cell = row
    return tag, cell, subject


def _in_order_of_tag(pages: Iterable[bytes]) -> Iterator[bytes]:
    """Yield all rows of ``pages`` in order of tag and cell, in a few hundred pages; none of those is empty."""
    shares: list[list[bytes]] = [[] for _ in range(256)]
    for page in pages:
        rows = sorted(pieces(page, ROW_SIZE))
        ends = [*(bisect_left(rows, first) for first in _SHARES), len(rows)]
        for share, start, end in zip(shares, [0, *ends], ends, strict=False):
            share.append(b"".join(rows[start:end]))
    for share in shares:
        rows = sorted(pieces(b"".join(share), ROW_SIZE))
        share.clear()
        if rows:
            yield b"".join(rows)


class SqlIndex:
    """The driver of ``vault.index.BlindIndex``: files ``<epoch>.db`` in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._engines: dict[EpochNumber, Engine] = {}

    def _file(self, epoch: EpochNumber) -> Path:
        return self._folder / f"{epoch}.db"

    def _engine(self, epoch: EpochNumber) -> Engine:
        if epoch not in self._engines:
            made = engine(self._file(epoch), INDEX)
            with guarded():
                ages.create(made, checkfirst=True)  # a file of an older version has no age, and begins at nothing
            self._engines[epoch] = made
        return self._engines[epoch]

    def generations(self) -> list[EpochNumber]:
        """Return the epochs that have a file."""
        return sorted(EpochNumber(int(path.stem)) for path in self._folder.glob("*.db"))

    def open_generation(self, epoch: EpochNumber) -> None:
        """Make an empty generation unless it exists."""
        self.build(epoch, ())
        engine(self._file(epoch), INDEX, create=True, page_bytes=_PAGE_BYTES).dispose()

    def build(self, epoch: EpochNumber, pages: Iterable[bytes]) -> None:
        """Make a generation from rows in one go, unless it exists; nobody sees it before it is whole."""
        if self._file(epoch).exists():
            return
        making = self._folder / f"{epoch}.making"
        for path in self._folder.glob(f"{epoch}.making*"):
            path.unlink()
        with loading(making, INDEX, page_bytes=_PAGE_BYTES) as connection:
            say(connection, "DROP INDEX tags_by_cell")
            for share in _in_order_of_tag(pages):
                _LOAD.run(connection, count=len(share) // ROW_SIZE, rows=share)
            say(connection, "CREATE INDEX tags_by_cell ON tags (cell)")
        making.replace(self._file(epoch))
        sync_folder(self._folder)

    def _unless_dropped(self, epoch: EpochNumber, read: Callable[[], T], nothing: T) -> T:
        """Read from a generation; from one that was dropped meanwhile, nothing: its successor has every row."""
        try:
            return read()
        except (StoreUnavailable, Misconfigured):
            if self._file(epoch).exists():
                raise
            return nothing

    def add(self, epoch: EpochNumber, rows: Iterable[IndexRow]) -> None:
        """Add rows, in order of tag: neighbours in the file are written together."""
        values = sorted(map(_in_order, rows))
        if values:
            with writing(self._engine(epoch)) as connection:
                _ADD.run_many(connection, values)
                _ONE_OLDER.run(connection)

    def age(self, epoch: EpochNumber) -> int:
        """Return how often rows of a generation were changed; of one that was dropped meanwhile, 0."""

        def read() -> int:
            with glancing(self._engine(epoch)) as connection:
                found = _AGE.one(connection)
            return 0 if found is None else int(found[0])

        return self._unless_dropped(epoch, read, 0)

    def find(self, epoch: EpochNumber, tag: bytes) -> list[tuple[SubjectId, CellId]]:
        """Return whom ``tag`` leads to."""

        def read() -> list[tuple[SubjectId, CellId]]:
            with glancing(self._engine(epoch)) as connection:
                return [(subject, cell) for subject, cell in _FIND.all(connection, at=tag)]

        return self._unless_dropped(epoch, read, [])

    def find_all(self, epoch: EpochNumber, wanted: Sequence[bytes]) -> dict[bytes, list[tuple[SubjectId, CellId]]]:
        """Return, for each of ``wanted`` that leads somewhere, what ``find`` would."""
        found: dict[bytes, list[tuple[SubjectId, CellId]]] = {}
        with reading(self._engine(epoch)) as connection:
            for page in slices(wanted):
                query = select(tags.c.tag, tags.c.subject, tags.c.cell).where(tags.c.tag.in_(page))
                for tag, subject, cell in connection.execute(query):
                    found.setdefault(tag, []).append((SubjectId(subject), CellId(cell)))
        return found

    def rows_of(self, epoch: EpochNumber, cells: Sequence[CellId]) -> list[IndexRow]:
        """Return the rows that were made from values in ``cells``."""
        with reading(self._engine(epoch)) as connection:
            wanted = sorted(set(cells))
            rows = _OF_CELLS.all(connection, count=len(wanted), rows=b"".join(wanted)) if wanted else []
            return [(tag, SubjectId(subject), CellId(cell)) for tag, subject, cell in rows]

    def remove(self, cells: Sequence[CellId]) -> int:
        """Remove rows made from values in ``cells`` from every generation."""
        gone = 0
        wanted = [(one,) for one in sorted(set(cells))]
        for epoch in self.generations() if wanted else ():
            with writing(self._engine(epoch)) as connection:
                gone += _REMOVE.run_many(connection, wanted)
                _ONE_OLDER.run(connection)
        return gone

    def pages(self, epoch: EpochNumber, most: int) -> Iterator[bytes]:
        """Yield all rows in order of (tag, cell), up to ``most`` in a page."""
        tag, cell = b"", b""
        while True:
            with glancing(self._engine(epoch)) as connection:
                found = _PAGE.one(connection, after_tag=tag, after_cell=cell, most=most)
            if found is None or not found[0]:
                return
            count, text = found
            if len(text) != 2 * count * ROW_SIZE:
                raise Tampered("a row of the index has not the length of one")
            rows = sorted(pieces(bytes.fromhex(text), ROW_SIZE))  # SQL promises no order to what it joins
            tag, cell = rows[-1][:TAG_SIZE], rows[-1][TAG_SIZE : 2 * TAG_SIZE]
            yield b"".join(rows)

    def drop_generation(self, epoch: EpochNumber) -> None:
        """Remove a generation with its files; on return the folder no longer names them."""
        made = self._engines.pop(epoch, None)
        if made is not None:
            made.dispose()
        for path in (self._file(epoch), *(Path(f"{self._file(epoch)}{tail}") for tail in ("-wal", "-shm"))):
            path.unlink(missing_ok=True)
        sync_folder(self._folder)

    def count(self, epoch: EpochNumber) -> int:
        """Return how many rows a generation has."""
        with reading(self._engine(epoch)) as connection:
            return connection.execute(select(func.count()).select_from(tags)).scalar_one()

    def compact(self) -> None:
        """Rebuild every generation's file."""
        for epoch in self.generations():
            compact(self._engine(epoch))

    def damage(self) -> str:
        """Say what is wrong with a file as such; nothing when all are whole."""
        return next((found for epoch in self.generations() if (found := damage(self._engine(epoch)))), "")

    def copy_to(self, folder: Path) -> None:
        """Write consistent copies of all generations into ``folder``."""
        for epoch in self.generations():
            copy_to(self._engine(epoch), folder / f"{epoch}.db")

    def close(self) -> None:
        """Let go of the files."""
        for made in self._engines.values():
            made.dispose()
        self._engines.clear()
