"""A data store for bad days: a shelf that fails, works that write one row and one event, faults around a commit."""

from __future__ import annotations

import os
import shutil
import sqlite3
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import event

from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.identifiers import InstitutionId
from shouxin.errors import StoreUnavailable
from shouxin.ledger.log import Audit, audit
from shouxin.operations.auditing.heads import LogHead
from shouxin.storage.data_store import SqlDataStore
from shouxin.storage.shelf import FileShelf
from shouxin.vault.records import Records
from tests.events import an_event

ORIGIN, INSTITUTION = "lender.example/log", InstitutionId(b"i" * 16)
HEAD = LogHead(ORIGIN, b"h" * 32)


class FailingShelf(FileShelf):
    """A shelf whose next write fails, before it is kept or after."""

    fails: str = ""

    def put(self, note: str, size: int) -> None:
        """Fail as told, once."""
        fails, self.fails = self.fails, ""
        if fails == "lost":
            raise StoreUnavailable("the checkpoint shelf cannot be used now")
        super().put(note, size)
        if fails == "kept":
            raise StoreUnavailable("the checkpoint shelf cannot be used now")


def opened(folder: Path) -> tuple[SqlDataStore, FailingShelf]:
    """Open the store in ``folder`` (make it first if it is not there), and its shelf."""
    shelf = FailingShelf(folder / "checkpoint")
    if not (folder / "data.db").exists():
        SqlDataStore.create(folder / "data.db")
    return SqlDataStore(folder / "data.db", INSTITUTION, ORIGIN, HEAD, shelf), shelf


def grant(number: int) -> AuthorityRow:
    """Return the row that work number ``number`` writes."""
    return AuthorityRow(AuthorityKind.GRANT, number.to_bytes(16, "big"), 1, "n", None, b"{}", bytes(32))


def work(number: int, before: Callable[[str], None] = lambda _point: None) -> Callable[[Records], int]:
    """Return work that writes one row and one event, and says where it is."""

    def run(records: Records) -> int:
        before("row")
        records.authority.put(grant(number))
        before("event")
        leaf = records.record(an_event())
        before("end")
        return leaf

    return run


def checked(store: SqlDataStore) -> Audit:
    """Audit the log against the shelf; every row has its leaf and every leaf its row."""
    note = FileShelf(Path(store._engine.url.database or "").parent / "checkpoint").get()
    signed = [] if note is None else [("shelf", HEAD.open(note))]

    def look(records: Records) -> tuple[Audit, int]:
        return audit(records.ledger, signed), len(records.authority.find(AuthorityKind.GRANT))

    found, rows = store.read(look)
    assert found.flaws == []
    assert found.entries == found.size == rows
    return found


def plant(store: SqlDataStore, before: Callable[[], None], after: Callable[[], None]) -> None:
    """Have the driver itself call ``before`` and ``after`` around each commit of ``store``."""

    class WatchedCursor(sqlite3.Cursor):
        def execute(self, statement: str, *parameters: Any) -> Any:
            if statement != "COMMIT":
                return super().execute(statement, *parameters)
            before()
            result = super().execute(statement, *parameters)
            after()
            return result

    class WatchedConnection(sqlite3.Connection):
        def cursor(self, factory: Any = WatchedCursor) -> Any:
            return super().cursor(factory)

    @event.listens_for(store._engine, "do_connect")
    def connect(_dialect: object, _record: object, _arguments: list[object], options: dict[str, object]) -> None:
        options["factory"] = WatchedConnection

    store.close()


def forked(run: Callable[[], None]) -> int:
    """Run ``run`` in a process of its own, from here on; return that process's identifier."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # newer versions of Python warn when other threads exist; none holds a lock
        child = os.fork()
    if child == 0:
        try:
            run()
            os._exit(0)
        except BaseException:
            os._exit(1)
    return child


def copied_to(folder: Path, name: str) -> Path:
    """Copy the store in ``folder`` to the folder ``name`` in it, without its shelf; return where it is."""
    target = folder / name
    target.mkdir()
    for path in folder.glob("data.db*"):
        shutil.copy(path, target)
    return target


def unseen(_records: Records) -> None:
    """Look at nothing before a work."""
