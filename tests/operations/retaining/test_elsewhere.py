"""What a law keeps in a database of somebody who is erased here has an owner and a day, stands somewhere, and ends."""

from __future__ import annotations

import hashlib
import sqlite3
from datetime import date
from pathlib import Path

import pytest

from shouxin.approvals.order_transitions import OrderState
from shouxin.connectors.downstream.sql_database import SqlDatabase
from shouxin.domain.identifiers import OperationId
from shouxin.errors import Refused
from shouxin.operations.certifying.certify import certificate
from shouxin.operations.certifying.destructions import Thing, open_destruction, witness_destruction
from shouxin.operations.deletion.progress import progress_of
from shouxin.operations.downstream.databases import register_database
from shouxin.operations.retaining.elsewhere import KeptElsewhere, kept_in_databases
from shouxin.operations.retaining.schedule import record_review, schedule
from shouxin.retention.outlook import State
from shouxin.vault.certificate import check
from shouxin.vault.destruction import Medium
from tests.operations.deletion.house import House, house
from tests.operations.portfolio import ID_NUMBER, values_of

ENDS = date(2030, 1, 1)
_BOOK = """dataset = "book"
version = 1
[identities]
id_number = { item = "identity.id_number", one = true }
[table.contract]
key = ["id"]
strategy = { keep = "CN-AML-34-3-TRANSACTION", reason = "transaction", since = "ended_on" }
freeze = { column = "frozen", value = 1, free = 0 }
[table.contract.columns]
id = { not_personal = "number" }
id_number = { item = "identity.id_number", identity = "id_number" }
ended_on = { not_personal = "date" }
frozen = { not_personal = "flag" }
"""


def kept_in_a_book(tmp_path: Path, ended: str) -> tuple[House, OperationId]:
    """Return a lender that erased customer 1, whose contract a law keeps in its own database, and customer 2 whole."""
    home = house(tmp_path)
    home.bank.take([1, 2, 3], customer=False)
    place = tmp_path / "book.db"
    with sqlite3.connect(place) as made:
        made.execute("CREATE TABLE contract (id INTEGER NOT NULL PRIMARY KEY, id_number, ended_on, frozen INTEGER)")
        for number, day in ((1, ended), (2, "2001-01-01"), (3, "2020-01-01")):
            row = (number, values_of(number)[ID_NUMBER].text(), day)
            made.execute("INSERT INTO contract VALUES (?, ?, ?, 0)", row)
    made.close()
    register_database(home.bank.workspace, home.bank.tokens["dpo"], _BOOK, "BOOK")
    home.open_database = lambda _variable: SqlDatabase(f"sqlite:///{place}")
    operations: list[OperationId] = []
    for number in (1, 2):
        order = home.cooled(home.wanted(home.bank.people[number]))
        assert home.executed(order).state is OrderState.DONE
        operations += progress_of(home.bank.workspace, home.bank.tokens["dpo"], order).operations
        assert home.bank.is_gone(home.bank.people[number])
    return home, operations[0]


def _residuals(home: House, operation: OperationId) -> list[tuple[str, str, str, str, str]]:
    document = certificate(home.bank.workspace, home.bank.tokens["dpo"], operation)
    check(document, home.bank.workspace.head.verifier)
    kept = [one for one in document["residuals"] if one["what"] == "rows-kept-by-law-in-a-database"]
    return [(one["where"], one["owner"], one["due"], one["day_set_by"], one["state"]) for one in kept]


def test_rows_that_a_law_keeps_have_an_owner_and_a_day(tmp_path: Path) -> None:
    """On the certificate and in the schedule, until its day and after; whoever was erased there too has none."""
    home, operation = kept_in_a_book(tmp_path, "2020-01-01")
    workspace, dpo = home.bank.workspace, home.bank.tokens["dpo"]
    assert _residuals(home, operation) == [("book", "data-protection-officer", "2030-01-01", "", "open")]
    (one,) = kept_in_databases(workspace, dpo)
    who = home.bank.people[1]
    assert one == KeptElsewhere(who, operation, "book", "contract", 1, 1, "AML 34(3)", ENDS)
    assert [one.state(day) for day in (date(2029, 12, 31), ENDS)] == [State.KEPT, State.DUE]
    kept = sum(one.outlook.state is State.KEPT for one in schedule(workspace, dpo))
    assert record_review(workspace, dpo).kept == kept + 1
    with pytest.raises(Refused):
        list(kept_in_databases(workspace, home.bank.tokens["analyst"]))


def test_what_no_clock_ends_waits_for_an_answer_all_the_same(tmp_path: Path) -> None:
    """A contract that has not ended has no date: it is undated, and somebody answers for it as long as for the rest."""
    home, operation = kept_in_a_book(tmp_path, "")
    ((where, _, due, rule, state),) = _residuals(home, operation)
    until = certificate(home.bank.workspace, home.bank.tokens["dpo"], operation)["accountable_until"]
    assert (where, due, rule, state) == ("book", until, "accountable-until", "open")
    (one,) = kept_in_databases(home.bank.workspace, home.bank.tokens["dpo"])
    assert one.state(date(2099, 1, 1)) is State.UNDATED


def test_it_is_over_once_two_have_seen_the_rows_gone(tmp_path: Path) -> None:
    """The record of it takes the residual's place, and closes it; the schedule lists it until then."""
    home, operation = kept_in_a_book(tmp_path, "2020-01-01")
    workspace, tokens = home.bank.workspace, home.bank.tokens
    thing = Thing(Medium.DATABASE_ROWS, "clear-overwrite", "book/contract", "book", "dpo", ENDS, operation=operation)
    record = open_destruction(workspace, tokens["dpo"], thing)
    assert [one[4] for one in _residuals(home, operation)] == ["open"]
    for role in ("rights_desk", "approver"):
        assert len(list(kept_in_databases(workspace, tokens["dpo"]))) == 1
        evidence = hashlib.sha256(role.encode()).hexdigest()
        witness_destruction(workspace, tokens[role], record, "book/contract", evidence)
    assert list(kept_in_databases(workspace, tokens["dpo"])) == []
    assert [one[4] for one in _residuals(home, operation)] == ["closed"]
