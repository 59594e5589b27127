"""Drivers of the data store, for the suites of its ports: a new driver is one class here and one line in the table.

The log's checkpoints and the list of revocations are kept apart from every data store, so they have one driver in all
these suites.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest

from shouxin.domain.transaction import Committed
from shouxin.operations.workspace import DataStore
from shouxin.storage.data_store import SqlDataStore
from shouxin.storage.revocation_file import RevocationFile
from shouxin.vault.records import Records
from tests.conformance.drivers import HEAD, INSTITUTION, over
from tests.events import an_event
from tests.faults.data_stores import FailingShelf

__all__ = ["ORIGIN", "DataPlace", "changed", "place", "store_of"]

T = TypeVar("T")
ORIGIN = "lender.example/log"


class DataPlace(Protocol):
    """Where one driver keeps one data store; called, it opens the store. ``shelf`` is the one that it signs onto."""

    shelf: FailingShelf

    def __call__(self) -> DataStore:
        """Open the store; each opening is another, as another process would have it."""
        ...

    def copied(self, path: Path) -> DataStore:
        """Open what ``copy_to`` has written to ``path``, with the shelf and the list of revocations of the store."""
        ...

    def put_back(self) -> None:
        """Leave the store as a backup that was put back and is not reconciled; nobody has it open."""
        ...

    def content(self) -> bytes:
        """Return every byte that the store keeps anywhere, in any order."""
        ...

    def spoil(self) -> None:
        """Break what the store's rows stand in, beyond what a row can tell; nobody has it open."""
        ...

    def close(self) -> None:
        """Close what was opened."""
        ...


class DataFile:
    """The data store on SQLite, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.shelf = FailingShelf(folder / "checkpoint")
        self._path = folder / "data" / "data.db"
        self._path.parent.mkdir()
        self._list = folder / "revocations"
        self._opened: list[SqlDataStore] = []
        SqlDataStore.create(self._path)

    def __call__(self) -> DataStore:
        return self.copied(self._path)

    def copied(self, path: Path) -> DataStore:
        revocations = RevocationFile(self._list, lambda: b"r" * 32, path.with_name("restoring").exists)
        revocations.create()
        self._opened.append(SqlDataStore(path, INSTITUTION, ORIGIN, HEAD, self.shelf, revocations=revocations))
        return self._opened[-1]

    def put_back(self) -> None:
        self._path.with_name("restoring").touch()

    def content(self) -> bytes:
        return b"\0".join(path.read_bytes() for path in sorted(self._path.parent.iterdir()))

    def spoil(self) -> None:
        self.close()
        content = self._path.read_bytes()
        half = len(content) // 2  # what says which tables there are stands before
        self._path.write_bytes(content[:half] + b"\xff" * (len(content) - half))

    def close(self) -> None:
        for one in self._opened:
            one.close()


DATA_STORES: dict[str, Callable[[Path], DataPlace]] = {
    "sqlite": DataFile,
}

# One fixture opens stores, the other gives the place of one: for what a driver's files are to show.
store_of = over(DATA_STORES)


@pytest.fixture(params=list(DATA_STORES.values()), ids=list(DATA_STORES))
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DataPlace]:
    """Give the place of an empty data store of each driver in turn, and close what was opened there."""
    made: DataPlace = request.param(tmp_path)
    yield made
    made.close()


def _recorded(work: Callable[[Records], T], records: Records) -> T:
    value = work(records)
    records.record(an_event())
    return value


def changed(store: DataStore, work: Callable[[Records], T], **options: Any) -> T:
    """Run ``work`` in a transaction of its own that records one event; return its value."""
    committed: Committed[T] = store.transact(partial(_recorded, work), **options)
    return committed.value
