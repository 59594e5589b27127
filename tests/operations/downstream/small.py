"""A small SQLite database with its description."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from shouxin.connectors.downstream.sql_database import SqlDatabase
from shouxin.operations.downstream.across import statutory_terms
from shouxin.operations.downstream.act import erase_downstream, preview_downstream
from shouxin.operations.downstream.dataset import Dataset
from shouxin.operations.downstream.plan import Terms
from shouxin.operations.downstream.reading import read_dataset
from shouxin.operations.downstream.report import Report
from shouxin.operations.downstream.walk import Trail
from shouxin.policy.lawpack import load_pack

__all__ = ["HEAD", "Small"]

HEAD = 'dataset = "small"\nversion = 1\n[identities]\nwho = {}\n'


class Small:
    """A small SQLite database with its description."""

    def __init__(self, folder: Path, script: str, described: str, head: str = HEAD) -> None:
        self.path = folder / "small.db"
        with sqlite3.connect(self.path) as made:
            made.executescript(script)
        made.close()
        self.dataset: Dataset = read_dataset(head + described, "small.toml")
        self.database = SqlDatabase(f"sqlite:///{self.path}")

    def terms(self) -> Terms:
        return statutory_terms(
            [self.dataset], load_pack("cn"), None, date(2026, 11, 22), lambda _item, _value: "p_" + "b" * 26
        )

    def erase(self, who: str = "A", *, preview: bool = False) -> Report:
        return self.erase_all({"who": [who]}, preview=preview)

    def erase_all(self, known: Mapping[str, Sequence[str]], *, preview: bool = False) -> Report:
        act = preview_downstream if preview else erase_downstream
        return act(self.database, self.dataset, Trail.of(known), self.terms())

    def rows(self, table: str) -> list[Sequence[object]]:
        made = sqlite3.connect(self.path)
        found = made.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
        made.close()
        return found
