"""The blind index on SQLite: one file a generation (epoch), so that leaving an epoch removes the file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import Engine, bindparam, delete, func, select, tuple_
from sqlalchemy.dialects.sqlite import insert

from shouxin.domain.identifiers import CellId, SubjectId
from shouxin.errors import Misconfigured, StoreUnavailable
from shouxin.keys.root import EpochNumber
from shouxin.storage.cell_rows import slices
from shouxin.storage.files import sync_folder
from shouxin.storage.sqlite import compact, copy_to, damage, engine, glancing, reading, say, writing
from shouxin.storage.statement import Statement
from shouxin.storage.tables import INDEX, tags
from shouxin.vault.index import IndexRow

__all__ = ["SqlIndex"]

T = TypeVar("T")

_FIND: Final = Statement(select(tags.c.subject, tags.c.cell).where(tags.c.tag == bindparam("at")))
_ADD: Final = Statement(insert(tags).on_conflict_do_nothing())
_BATCH: Final = Statement(
    select(tags.c.tag, tags.c.subject, tags.c.cell)
    .where(tuple_(tags.c.tag, tags.c.cell) > tuple_(bindparam("after_tag"), bindparam("after_cell")))
    .order_by(tags.c.tag, tags.c.cell)
    .limit(bindparam("most"))
)


def _in_order(row: IndexRow) -> tuple[bytes, CellId, SubjectId]:
    """Return a row in the order of the table's columns."""
    tag, subject, cell = row
    return tag, cell, subject


class SqlIndex:
    """The driver of ``vault.index.BlindIndex``: files ``<epoch>.db`` in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._engines: dict[EpochNumber, Engine] = {}

    def _file(self, epoch: EpochNumber) -> Path:
        return self._folder / f"{epoch}.db"

    def _engine(self, epoch: EpochNumber) -> Engine:
        if epoch not in self._engines:
            self._engines[epoch] = engine(self._file(epoch), INDEX)
        return self._engines[epoch]

    def generations(self) -> list[EpochNumber]:
        """Return the epochs that have a file."""
        return sorted(EpochNumber(int(path.stem)) for path in self._folder.glob("*.db"))

    def open_generation(self, epoch: EpochNumber) -> None:
        """Make an empty generation unless it exists."""
        self.build(epoch, ())
        engine(self._file(epoch), INDEX, create=True).dispose()

    def build(self, epoch: EpochNumber, rows: Iterable[IndexRow]) -> None:
        """Make a generation from ``rows`` in one go, unless it exists; nobody sees it before it is whole."""
        if self._file(epoch).exists():
            return
        making = self._folder / f"{epoch}.making"
        for path in self._folder.glob(f"{epoch}.making*"):
            path.unlink()
        made = engine(making, INDEX, create=True)
        try:
            with writing(made) as connection:
                say(connection, "DROP INDEX tags_by_cell")
                _ADD.run_many(connection, sorted(map(_in_order, rows)))
                say(connection, "CREATE INDEX tags_by_cell ON tags (cell)")
            with glancing(made) as connection:
                say(connection, "PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            made.dispose()
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
            return [
                (tag, SubjectId(subject), CellId(cell))
                for page in slices(cells)
                for tag, subject, cell in connection.execute(
                    select(tags.c.tag, tags.c.subject, tags.c.cell).where(tags.c.cell.in_(page))
                )
            ]

    def remove(self, cells: Sequence[CellId]) -> int:
        """Remove rows made from values in ``cells`` from every generation."""
        gone = 0
        for epoch in self.generations():
            with writing(self._engine(epoch)) as connection:
                for page in slices(cells):
                    gone += connection.execute(delete(tags).where(tags.c.cell.in_(page))).rowcount
        return gone

    def batch(self, epoch: EpochNumber, after: tuple[bytes, bytes], most: int) -> list[IndexRow]:
        """Return up to ``most`` rows behind ``after``."""
        with glancing(self._engine(epoch)) as connection:
            rows = _BATCH.all(connection, after_tag=after[0], after_cell=after[1], most=most)
            return [(tag, subject, cell) for tag, subject, cell in rows]

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
