"""SQLite as the embedded driver: write-ahead log, full synchronisation, secure delete, one writer at a time.

What is *not* promised: that a flash drive forgets overwritten blocks, or that a file system without write barriers
keeps what fsync returned; both are residuals that certificates list.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, LiteralString

from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from shouxin.errors import Misconfigured, StoreUnavailable, Tampered

__all__ = [
    "PAGE_BYTES",
    "compact",
    "copy_to",
    "damage",
    "empty_log",
    "engine",
    "glancing",
    "guarded",
    "loading",
    "log_mark",
    "reading",
    "say",
    "writing",
]

BUSY_MILLISECONDS: Final = 30_000
PAGE_BYTES: Final = 4_096
# So many pages (64 MiB) before the log is brought into the file. Rows lie in no order that work comes in, so bulk work
# changes the same pages again and again: each is then written to the file once, and synchronised once.
_LOG_PAGES: Final = 16_384
_PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    f"PRAGMA busy_timeout={BUSY_MILLISECONDS}",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-65536",
    f"PRAGMA wal_autocheckpoint={_LOG_PAGES}",
)
# For a file that nobody sees before it is whole: no way back is needed, and the disk is waited for once, at the end.
_LOADING: Final = ("PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF", "PRAGMA cache_size=-262144")
_LOG_HEADER: Final = 32
# Whoever writes waits this long for one try at emptying the log, and the log this often for whoever reads.
_HELD_OFF_MILLISECONDS: Final = 100
_TRIES: Final = 300


def engine(path: Path, schema: MetaData, *, create: bool = False, page_bytes: int = PAGE_BYTES) -> Engine:
    """Open the database file at ``path``; with ``create`` make it and its tables (mode 0600).

    ``page_bytes`` counts for a file that is made; one that stands keeps its own.

    Raises:
        Misconfigured: the file does not exist and ``create`` was not asked for.
    """
    if not create and not path.is_file():
        raise Misconfigured(f"there is no store named {path.name} in this workspace")
    if create:
        path.touch(mode=0o600)
    made = create_engine(
        f"sqlite:///{path}",
        poolclass=QueuePool,
        pool_size=24,
        max_overflow=40,
        pool_use_lifo=True,  # the connection that was used last has its pages at hand
        hide_parameters=True,
        connect_args={"check_same_thread": False},
    )

    @event.listens_for(made, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where this module says, not where the driver guesses
        if create:  # said of a file that stands, it would give its copies another one
            connection.execute(f"PRAGMA page_size={page_bytes}")
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    with guarded():
        if create:
            schema.create_all(made)
        else:
            with made.connect() as probe:
                probe.exec_driver_sql("SELECT count(*) FROM sqlite_master")
    return made


class _Guard:
    """See ``guarded``. A class, because a query of one row is inside one: a generator costs as much as the query."""

    __slots__ = ()

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, UnicodeDecodeError):  # the driver cannot even read what is wrong
            raise Tampered("the store's file is damaged (text)") from None
        if not isinstance(error, SQLAlchemyError | sqlite3.Error):
            return
        cause = getattr(error, "orig", None) or error
        name = getattr(cause, "sqlite_errorname", None) or type(cause).__name__
        if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or "Could not decode" in str(cause):
            raise Tampered(f"the store's file is damaged ({name})") from None
        if name.startswith("SQLITE_CONSTRAINT"):
            raise StoreUnavailable("a row stands already where a new one should go; nothing was written") from None
        raise StoreUnavailable(f"the store cannot be used now ({name}); nothing was changed") from None


_GUARD: Final = _Guard()


def guarded() -> AbstractContextManager[None]:
    """Turn whatever the driver raises inside into one error of ours; the message names no statement and no value."""
    return _GUARD


def say(connection: Connection, words: LiteralString) -> None:
    """Run a statement that has no parameters and no rows, on the driver's own cursor."""
    connection.connection.cursor().execute(words)


@contextmanager
def writing(made: Engine) -> Iterator[Connection]:
    """Yield a connection inside one immediate transaction: committed (fsync) at the end, undone on any error."""
    with guarded(), made.connect() as connection:
        say(connection, "BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            say(connection, "ROLLBACK")
            raise
        say(connection, "COMMIT")


@contextmanager
def reading(made: Engine) -> Iterator[Connection]:
    """Yield a connection on one consistent snapshot; writing there is refused."""
    with guarded(), made.connect() as connection:
        say(connection, "PRAGMA query_only=ON")
        say(connection, "BEGIN")
        try:
            yield connection
        finally:
            say(connection, "ROLLBACK")
            say(connection, "PRAGMA query_only=OFF")


@contextmanager
def glancing(made: Engine) -> Iterator[Connection]:
    """Yield a connection for one single query, which is a snapshot by itself."""
    with guarded(), made.connect() as connection:
        yield connection


def damage(made: Engine) -> str:
    """Look through the whole file, pages against indexes; return what is first found wrong, or nothing."""
    try:
        with glancing(made) as connection:
            found = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
    except Tampered as error:
        return error.detail
    return "" if found == "ok" else "pages and indexes of the file do not agree"


def compact(made: Engine) -> None:
    """Rewrite the whole file and empty its write-ahead log, so that nothing deleted remains in either.

    Readers are served meanwhile from the old snapshot; writers wait.
    """
    with guarded(), made.connect() as connection:
        connection.exec_driver_sql("VACUUM")
    empty_log(made)


def empty_log(made: Engine) -> None:
    """Bring the write-ahead log's pages into the file and cut it to nothing, so that nothing old remains in it.

    Writers are held off for a tenth of a second at a time at most, and readers not at all.

    Raises:
        StoreUnavailable: somebody goes on reading an old snapshot; the log is not empty.
    """
    with guarded(), made.connect() as connection:
        # By far the most is done here, in nobody's way; what follows has only the last pages left to do.
        connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")
        connection.exec_driver_sql(f"PRAGMA busy_timeout={_HELD_OFF_MILLISECONDS}")
        try:
            for _ in range(_TRIES):
                if not connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]:
                    return
        finally:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    raise StoreUnavailable("somebody reads an old state of the store; its log cannot be emptied yet")


def log_mark(made: Engine) -> bytes:
    """Name what the write-ahead log was begun with, nothing where it is empty; emptied, it is never the same again.

    **Source:** https://www.sqlite.org/fileformat2.html#walformat: the salts in the header change with every new log.
    """
    try:
        with Path(f"{made.url.database}-wal").open("rb") as log:
            return log.read(_LOG_HEADER)
    except FileNotFoundError:
        return b""
    except OSError:
        raise StoreUnavailable("the store's log cannot be read") from None


@contextmanager
def loading(path: Path, schema: MetaData, *, page_bytes: int = PAGE_BYTES) -> Iterator[Connection]:
    """Make a file and yield a connection to fill it, that nobody else may use yet; durable at the end.

    After an error the file is good for nothing.
    """
    made = engine(path, schema, create=True, page_bytes=page_bytes)
    try:
        with guarded(), made.connect() as connection:
            for pragma in _LOADING:
                say(connection, pragma)
            say(connection, "BEGIN")
            yield connection
            say(connection, "COMMIT")
            say(connection, "PRAGMA journal_mode=WAL")
    finally:
        made.dispose()
    _sync(path)


def copy_to(made: Engine, path: Path) -> None:
    """Write a consistent, compact copy of the whole database to ``path`` (mode 0600); durable on return."""
    with guarded(), made.connect() as connection:
        connection.exec_driver_sql("VACUUM INTO ?", (str(path),))
    path.chmod(0o600)
    _sync(path)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
