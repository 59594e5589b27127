"""The guide to describing a database says what the program does: its example runs, its tables are complete."""

from __future__ import annotations

import re
import sqlite3
from datetime import date
from pathlib import Path

import msgspec
import pytest

from shouxin.connectors.downstream.sql_database import SqlDatabase
from shouxin.operations.downstream import reading
from shouxin.operations.downstream.across import statutory_terms
from shouxin.operations.downstream.act import erase_downstream
from shouxin.operations.downstream.reading import read_dataset
from shouxin.operations.downstream.schema import compare
from shouxin.operations.downstream.walk import Trail
from shouxin.policy.lawpack import load_pack
from shouxin.retention.resolve import Relationship
from shouxin.vault.erasure import Outcome
from tests.acceptance.documents import documents, fenced

GUIDE = "docs/downstream.md"
PEOPLE = """
INSERT INTO branch VALUES (1, '杭州');
INSERT INTO customer VALUES (1, '99999919700000001X', '19900000001', 1, 0),
  (2, '99999919700000002X', '19900000002', 1, 0);
INSERT INTO contract VALUES ('K1', 1, '{ended}'), ('K2', 2, NULL);
INSERT INTO guarantee VALUES ('K1', 1, 2, '乙'), ('K2', 1, 1, '甲');
INSERT INTO sms_log VALUES (1, '+86 199 0000 0001', '到期'), (2, '19900000002', '到期');
"""


def _lender(folder: Path, ended: str) -> Path:
    (schema,) = fenced(documents()[GUIDE], "sql")
    path = folder / "lender.db"
    made = sqlite3.connect(path)
    made.executescript(schema + PEOPLE.format(ended=ended))
    made.close()
    return path


def _rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    made = sqlite3.connect(path)
    found = {
        name: made.execute(f"SELECT * FROM {name}").fetchall()
        for name in ("customer", "contract", "guarantee", "sms_log")
    }
    made.close()
    return found


@pytest.mark.parametrize("ended", ["2010-06-30", "2025-06-30"])
def test_the_example_of_the_guide_does_what_it_says(tmp_path: Path, ended: str) -> None:
    """What is told of the contract of 2010 and of last year's is what happens; the description fits the schema."""
    (text,) = fenced(documents()[GUIDE], "toml")
    described = read_dataset(text, "lender.toml")
    path = _lender(tmp_path, ended)
    database = SqlDatabase(f"sqlite:///{path}")
    assert not [one for one in compare(described, database.schema(described)) if one.blocks]
    relationship = Relationship(date(2005, 1, 1), None, date.fromisoformat(ended))
    terms = statutory_terms(
        [described], load_pack("cn"), relationship, date(2026, 11, 22), lambda _i, _v: "p_" + "c" * 26
    )
    report = erase_downstream(database, described, Trail.of({"id_number": ["99999919700000001X"]}), terms)
    other = (2, "99999919700000002X", "19900000002", 1, 0)
    gone = {
        "customer": [other],
        "contract": [("K2", 2, None)],
        "guarantee": [("K2", 1, None, None)],
        "sms_log": [(2, "19900000002", "到期")],
    }
    if ended.startswith("2025"):
        gone["customer"].insert(0, (1, "99999919700000001X", None, 1, 1))
        gone["contract"].insert(0, ("K1", 1, ended))
        assert {part.until for part in report.having(Outcome.RETAINED)} == {date(2035, 6, 30)}
    assert _rows(path) == gone
    assert report.outcome is Outcome.ERASED


def test_every_field_of_a_description_is_explained() -> None:
    """The guide has a row for each field of each part of the file, and for no other."""
    text = documents()[GUIDE]
    parts = re.findall(r"<!-- fields: (\w+) -->", text)
    assert set(parts) == {name for name in vars(reading) if name.startswith("_Said")} - {
        "_SaidReference",
        "_SaidFreeze",
    }
    for part in parts:
        rows = re.findall(r"^\| `(\w+)` ", text.split(f"<!-- fields: {part} -->")[1].split("\n\n")[0], re.MULTILINE)
        assert sorted(rows) == sorted(one.name for one in msgspec.structs.fields(getattr(reading, part))), part
