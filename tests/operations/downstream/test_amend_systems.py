"""A correction and a freeze reach the lender's own databases, under a purpose that may tell them who somebody is."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from shouxin.connectors.downstream.sql_database import SqlDatabase
from shouxin.domain.event_kind import EventKind
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Refused
from shouxin.ledger.entry import decode
from shouxin.operations.downstream.amend_systems import correct_in_systems, freeze_in_systems
from shouxin.operations.downstream.databases import register_database, switch_database
from tests.operations.deletion.house import House, house
from tests.operations.portfolio import ID_NUMBER, MOBILE, values_of

PURPOSE = "data.deletion"  # the one card of these tests that may relay
DATASET = """\
dataset = "lender-core"
version = 1

[identities]
id_number = { item = "identity.id_number", one = true }

[table.customer]
key = ["id"]
strategy = "delete_row"
[table.customer.freeze]
column = "frozen"
value = 1
free = 0
[table.customer.columns]
id = { not_personal = "number of the row" }
id_number = { item = "identity.id_number", identity = "id_number" }
mobile = { item = "contact.mobile" }
frozen = { not_personal = "flag" }
"""


def _core(tmp_path: Path, home: House) -> Path:
    path = tmp_path / "core.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE customer (id INTEGER NOT NULL PRIMARY KEY, id_number, mobile, frozen)")
        for number in home.bank.people:
            said = values_of(number)
            row = (number, said[ID_NUMBER].text(), said[MOBILE].text(), 0)
            connection.execute("INSERT INTO customer VALUES (?, ?, ?, ?)", row)
    register_database(home.bank.workspace, home.bank.tokens["dpo"], DATASET, "LENDER_DSN")
    home.open_database = lambda _variable: SqlDatabase(f"sqlite:///{path}")
    return path


def _rows(path: Path) -> dict[int, tuple[str, int]]:
    with closing(sqlite3.connect(path)) as connection:
        return {key: (mobile, frozen) for key, _, mobile, frozen in connection.execute("SELECT * FROM customer")}


def test_a_correction_and_a_freeze_reach_the_database_and_nobody_else(tmp_path: Path) -> None:
    """The one person's row changes and back; the events hold counts and no value."""
    home = house(tmp_path)
    home.bank.take([1, 2], customer=False)
    path, workspace, desk = _core(tmp_path, home), home.bank.workspace, home.desk
    other = (values_of(2)[MOBILE].text(), 0)
    right = {MOBILE: Plaintext.of("13912340000")}
    (report,) = correct_in_systems(workspace, desk, home.bank.people[1], right, PURPOSE, home.open_database)
    assert [part.reason for part in report.parts] == [""], report.parts
    assert str(report.outcome) == "corrected"
    assert _rows(path) == {1: ("13912340000", 0), 2: other}
    freeze_in_systems(workspace, desk, home.bank.people[1], PURPOSE, home.open_database)
    assert _rows(path) == {1: ("13912340000", 1), 2: other}
    freeze_in_systems(workspace, desk, home.bank.people[1], PURPOSE, home.open_database, frozen=False)
    assert _rows(path) == {1: ("13912340000", 0), 2: other}
    bodies = workspace.data.read(lambda records: [body for _, body in records.ledger.entries(0, records.ledger.size)])
    events = [decode(body) for body in bodies]
    amended = [one.facts["outcome"] for one in events if one.kind is EventKind.DATABASE_AMENDED]
    assert amended == ["corrected", "frozen", "released"]
    assert not any(b"13912340000" in body for body in bodies)


def test_a_database_that_is_off_is_said_to_have_failed_and_who_may_not_relay_is_refused(tmp_path: Path) -> None:
    """Silence is no success; and a purpose whose card lets nobody relay tells no database anything."""
    home = house(tmp_path)
    home.bank.take([1], customer=False)
    path, workspace, who = _core(tmp_path, home), home.bank.workspace, home.bank.people[1]
    for token, purpose in ((home.desk, "customer.file"), (home.bank.tokens["analyst"], PURPOSE)):
        with pytest.raises(Refused):
            freeze_in_systems(workspace, token, who, purpose, home.open_database)
    switch_database(workspace, home.bank.tokens["dpo"], "lender-core", on=False)
    (report,) = freeze_in_systems(workspace, home.desk, who, PURPOSE, home.open_database)
    assert [part.reason for part in report.parts] == ["the connector is switched off"]
    assert _rows(path)[1][1] == 0
