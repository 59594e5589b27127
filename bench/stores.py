"""Bare SQLite through the same SQLAlchemy and the same settings as the product's own: what peers are written to."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, insert

from shouxin.storage.sqlite import engine, writing

__all__ = ["bare_commit", "durable_commits"]


def bare_commit(folder: Path, size: int = 500) -> Callable[[], None]:
    """Return a function that inserts one row of ``size`` bytes and commits it durably; the least an operation costs."""
    schema = MetaData()
    rows = Table("rows", schema, Column("number", Integer, primary_key=True), Column("body", LargeBinary))
    made = engine(folder / "bare.db", schema, create=True)
    statement = insert(rows)

    def commit() -> None:
        with writing(made) as connection:
            connection.execute(statement, {"body": os.urandom(size)})

    return commit


def durable_commits(folder: Path, count: int) -> list[float]:
    """Return the seconds of each of ``count`` bare durable commits."""
    commit = bare_commit(folder)
    waits: list[float] = []
    for _ in range(count):
        start = time.perf_counter()
        commit()
        waits.append(time.perf_counter() - start)
    return waits
