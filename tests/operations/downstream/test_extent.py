"""How much of a person goes: columns by item, rows that cannot be split, flags on what a law keeps."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from shouxin.connectors.downstream.sql_database import SqlDatabase
from shouxin.operations.downstream.across import statutory_terms
from shouxin.operations.downstream.act import erase_downstream, preview_downstream
from shouxin.operations.downstream.dataset import Dataset
from shouxin.operations.downstream.extent import Extent
from shouxin.operations.downstream.reading import read_dataset
from shouxin.operations.downstream.report import Report
from shouxin.operations.downstream.walk import Trail
from shouxin.policy.lawpack import load_pack
from shouxin.retention.resolve import Kept
from shouxin.vault.erasure import NOT_IN_SCOPE, Outcome

TEXT: Final = """\
dataset = "small"
version = 1
[identities]
who = { item = "account.login_name", one = true }

[table.person]
key = ["id"]
strategy = "null"
[table.person.columns]
id = { not_personal = "number of the row" }
login = { item = "account.login_name", identity = "who" }
job = { item = "employment.job" }
mail = { item = "contact.email" }

[table.note]
key = ["id"]
strategy = "delete_row"
[table.note.columns]
id = { not_personal = "number of the row" }
person = { not_personal = "key of person", references = "person.id", of = "person" }
words = { item = "communication.content" }
job = { item = "employment.job" }

[table.pay]
key = ["id"]
strategy = "delete_row"
[table.pay.columns]
id = { not_personal = "number of the row" }
person = { not_personal = "key of person", references = "person.id", of = "person" }
job = { item = "employment.job" }
"""
SCRIPT: Final = """
CREATE TABLE person (id INTEGER NOT NULL PRIMARY KEY, login TEXT, job TEXT, mail TEXT);
CREATE TABLE note (id INTEGER NOT NULL PRIMARY KEY, person INTEGER REFERENCES person(id), words TEXT, job TEXT);
CREATE TABLE pay (id INTEGER NOT NULL PRIMARY KEY, person INTEGER REFERENCES person(id), job TEXT);
INSERT INTO person VALUES (1, 'A', 'beekeeper', 'a@example.cn'), (2, 'B', 'smith', 'b@example.cn');
INSERT INTO note VALUES (1, 1, 'hello', 'beekeeper'), (2, 2, 'hello', 'smith');
INSERT INTO pay VALUES (1, 1, 'beekeeper'), (2, 2, 'smith');
"""
OTHERS: Final = {
    "person": [(2, "B", "smith", "b@example.cn")],
    "note": [(2, 2, "hello", "smith")],
    "pay": [(2, 2, "smith")],
}
USED: Final = Kept(NOT_IN_SCOPE, "PIPL 47(1)", None)
BY_LAW: Final = Kept("legal-hold.court", "PIPL 13(1)(3)", date(2030, 1, 1))


class _Small:
    """A database of three tables with two people, and a person of it to erase."""

    def __init__(self, folder: Path, *, flag: bool = False) -> None:
        self.path = folder / "small.db"
        text, script = TEXT, SCRIPT
        if flag:
            text = text.replace(
                "[table.person.columns]",
                'freeze = { column = "still", value = 1, free = 0 }\n[table.person.columns]\n'
                'still = { not_personal = "flag" }',
            )
            script += "ALTER TABLE person ADD COLUMN still INTEGER NOT NULL DEFAULT 0;"
        with sqlite3.connect(self.path) as made:
            made.executescript(script)
        made.close()
        self.dataset: Dataset = read_dataset(text, "small.toml")

    def erase(self, extent: Extent, *, preview: bool = False) -> Report:
        terms = statutory_terms(
            [self.dataset], load_pack("cn"), None, date(2026, 11, 22), lambda _item, _value: "p_" + "b" * 26
        )
        act = preview_downstream if preview else erase_downstream
        database = SqlDatabase(f"sqlite:///{self.path}")
        return act(database, self.dataset, Trail.of({"who": ["A"]}), replace(terms, extent=extent))

    def rows(self, *, of: int = 1) -> dict[str, list[tuple[object, ...]]]:
        made = sqlite3.connect(self.path)
        found = {
            table: made.execute(f"SELECT * FROM {table} WHERE {owner} = ?", (of,)).fetchall()
            for table, owner in (("person", "id"), ("note", "person"), ("pay", "person"))
        }
        made.close()
        return found


def test_only_the_items_that_were_asked_for_go(tmp_path: Path) -> None:
    """A column of its own is nulled, a row that holds nothing else goes; the rest stands, and so do others."""
    small = _Small(tmp_path)
    extent = Extent(frozenset({"employment.job", "communication.content"}))
    seen = small.erase(extent, preview=True)
    done = small.erase(extent)
    assert small.rows() == {"person": [(1, "A", None, "a@example.cn")], "note": [], "pay": []}
    assert small.rows(of=2) == OTHERS
    assert done.outcome is Outcome.ERASED
    assert {one.table: one.rows for one in done.having(Outcome.ERASED)} == {"person": 1, "note": 1, "pay": 1}
    assert {one.table: one.rows for one in seen.having(Outcome.ERASED)} == {"person": 1, "note": 1, "pay": 1}
    assert small.erase(extent).outcome is Outcome.NOTHING_FOUND


def test_a_row_that_cannot_be_split_is_failed_with_what_to_do(tmp_path: Path) -> None:
    """Notes hold a job that goes and words that nobody asked for: they stay, and it is said, never silence."""
    small = _Small(tmp_path)
    done = small.erase(Extent(frozenset({"employment.job"})))
    assert small.rows()["note"] == [(1, 1, "hello", "beekeeper")]
    assert small.rows()["pay"] == []
    (failed,) = done.having(Outcome.FAILED)
    assert (failed.table, failed.rows, failed.reason) == ("note", 1, "mixed-row")
    assert "strategy of their own" in failed.to_do


def test_what_another_purpose_keeps_stays_and_is_said(tmp_path: Path) -> None:
    """The job is asked for and kept for something else: nothing changes, and the rows are retained as not in scope."""
    small = _Small(tmp_path)
    before = small.rows()
    done = small.erase(Extent(frozenset({"employment.job"}), {"employment.job": USED}))
    assert small.rows() == before
    assert done.outcome is Outcome.RETAINED
    assert {(one.table, one.rule, one.frozen) for one in done.parts if one.rows} == {
        (name, NOT_IN_SCOPE, 0) for name in ("person", "note", "pay")
    }


@pytest.mark.parametrize("flag", [True, False])
def test_what_a_law_keeps_is_frozen_or_failed(tmp_path: Path, *, flag: bool) -> None:
    """All goes but an item that is held: its rows carry the flag, read back; where there is none: failed."""
    small = _Small(tmp_path, flag=flag)
    done = small.erase(Extent(stays={"contact.email": BY_LAW}))
    row = small.rows()["person"][0]
    assert row[:4] == (1, None, None, "a@example.cn")
    assert {one.rule: one.frozen for one in done.having(Outcome.RETAINED)} == {BY_LAW.rule: int(flag)}
    assert [one.reason for one in done.having(Outcome.FAILED)] == ([] if flag else ["cannot-be-frozen"])
    if flag:
        assert row[4] == 1
        with sqlite3.connect(small.path) as made:
            assert made.execute("SELECT still FROM person WHERE id = 2").fetchall() == [(0,)]
        made.close()


def test_a_flag_that_would_stop_another_purpose_is_not_raised(tmp_path: Path) -> None:
    """Of the row a law keeps one item that went and another purpose uses the rest: failed, and the flag is down."""
    small = _Small(tmp_path, flag=True)
    done = small.erase(Extent(frozenset({"contact.email"}), {"contact.email": BY_LAW}))
    assert small.rows()["person"][0][4] == 0
    assert [one.reason for one in done.having(Outcome.FAILED)] == ["flag-is-shared"]


def test_a_person_who_is_held_keeps_every_row_and_all_are_frozen(tmp_path: Path) -> None:
    """Nothing goes; the flag is raised where there is one, and every other table says that it has none."""
    small = _Small(tmp_path, flag=True)
    before = small.rows()
    done = small.erase(Extent(held=BY_LAW))
    after = small.rows()
    assert after["note"] == before["note"]
    assert after["person"] == [(1, "A", "beekeeper", "a@example.cn", 1)]
    assert {one.table for one in done.having(Outcome.FAILED)} == {"note", "pay"}
    assert not done.having(Outcome.ERASED)
