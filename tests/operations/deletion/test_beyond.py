"""Orders of a part, orders of what is due, and withdrawals reach the lender's own databases by item."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from shouxin.approvals.order import Ground
from shouxin.approvals.order_transitions import OrderState
from shouxin.connectors.downstream.sql_database import SqlDatabase
from shouxin.domain.clock import local_date
from shouxin.domain.identifiers import OrderId, SubjectId
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.certifying.certify import certificate
from shouxin.operations.deletion.decide import leave_system, show_order
from shouxin.operations.deletion.draft import Wanted
from shouxin.operations.deletion.progress import progress_of
from shouxin.operations.deletion.withdraw import withdraw_consent
from shouxin.operations.downstream.databases import register_database, switch_database
from shouxin.operations.pause import pause_deletions
from shouxin.operations.retaining.schedule import schedule
from shouxin.retention.outlook import State
from shouxin.vault.erasure import Outcome
from tests.operations.core import Core
from tests.operations.deletion.house import House, house
from tests.operations.portfolio import MOBILE, values_of
from tests.workspaces import signed_in


def _years_on(home: House) -> None:
    home.clock.on(days=4000)
    again = home.bank.reopened(home.clock)
    again.tokens |= {role: signed_in(again.workspace, role) for role in ("rights_desk", "approver", "dpo", "analyst")}
    home.bank = again


def _said(home: House, order_id: OrderId) -> dict[str, object]:
    (operation,) = progress_of(home.bank.workspace, home.bank.tokens["dpo"], order_id).operations
    told = certificate(home.bank.workspace, home.bank.tokens["dpo"], operation)["downstream"]
    return {one["database"]: (one["outcome"], {part["table"] for part in one["tables"]}) for one in told}


def test_what_is_due_goes_from_the_databases_too(tmp_path: Path) -> None:
    """A term that ended here ended there: the order of what is due leaves nothing of the person, and certifies it."""
    home = house(tmp_path)
    home.bank.take([1, 2], customer=False)
    core = home.with_core(tmp_path, "work", "film")
    _years_on(home)
    who = home.bank.people[1]
    order_id = home.cooled(Wanted((who,), Ground.EXPIRED, due=True))
    seen = show_order(home.bank.workspace, home.bank.tokens["dpo"], order_id).order.preview
    assert seen is not None
    assert seen.systems == ("lender-core",)
    assert home.executed(order_id).state is OrderState.DONE
    assert core.left() == {"customer": {2}, "work": {2}, "film": {2}}
    assert _said(home, order_id) == {"lender-core": ("erased", {"customer", "work", "film"})}
    assert home.bank.is_gone(who)
    assert verify_ledger(home.bank.workspace).flaws == []


def test_an_order_of_a_purpose_takes_its_items_and_no_other(tmp_path: Path) -> None:
    """The loan file's job goes there as here; who the person is stays, because their customer file is used."""
    home = house(tmp_path)
    home.bank.take([1, 2], customer=False)
    core = home.with_core(tmp_path, "work", "film")
    order_id = home.cooled(home.wanted(home.bank.people[1], purposes=frozenset({"loan.file"})))
    assert home.executed(order_id).state is OrderState.DONE
    assert core.left() == {"customer": {1, 2}, "work": {2}, "film": {1, 2}}
    assert _said(home, order_id) == {"lender-core": ("erased", {"work"})}


def test_an_order_whose_purpose_a_database_knows_nothing_of_does_not_name_it(tmp_path: Path) -> None:
    """The preview says what will happen: a database that holds none of the items is not promised, nor asked."""
    home = house(tmp_path)
    home.bank.take([1], customer=False, contact=True)
    core = home.with_core(tmp_path, "work", "film")
    order_id = home.cooled(home.wanted(home.bank.people[1], purposes=frozenset({"emergency.link"})))
    seen = show_order(home.bank.workspace, home.bank.tokens["dpo"], order_id).order.preview
    assert seen is not None
    assert seen.systems == ()
    before = core.left()
    assert home.executed(order_id).state is OrderState.DONE
    assert core.left() == before


_CRM = """dataset = "crm"
version = 1
[identities]
customer_no = { one = true }
mobile = { item = "contact.mobile", weak = true }
[table.client]
key = ["customer_no"]
strategy = "delete_row"
[table.client.columns]
customer_no = { item = "loan.contract_number", identity = "customer_no" }
mobile = { item = "contact.mobile", identity = "mobile" }
"""


def test_a_row_in_doubt_keeps_the_key_until_somebody_answers_for_it(tmp_path: Path) -> None:
    """A database that knows the person by a number of its own: nothing found is not said, and nobody is forgotten."""
    home = house(tmp_path)
    home.bank.take([1], customer=False)
    who = home.bank.people[1]
    place = tmp_path / "crm.db"
    with sqlite3.connect(place) as made:
        made.execute("CREATE TABLE client (customer_no TEXT NOT NULL PRIMARY KEY, mobile TEXT)")
        made.execute("INSERT INTO client VALUES ('C1', ?)", (values_of(1)[MOBILE].text(),))
    made.close()
    register_database(home.bank.workspace, home.bank.tokens["dpo"], _CRM, "CRM")
    home.open_database = lambda _variable: SqlDatabase(f"sqlite:///{place}")
    order_id = home.cooled(home.wanted(who))
    assert home.executed(order_id).state is OrderState.UNFINISHED
    assert not home.bank.is_gone(who)
    due = local_date(home.clock.now()) + timedelta(30)
    leave_system(home.bank.workspace, home.bank.tokens["dpo"], order_id, "crm", due)
    assert home.executed(order_id).state is OrderState.DONE
    assert home.bank.is_gone(who)
    (operation,) = progress_of(home.bank.workspace, home.bank.tokens["dpo"], order_id).operations
    told = certificate(home.bank.workspace, home.bank.tokens["dpo"], operation)
    assert [one["outcome"] for one in told["downstream"]] == ["failed"]
    assert [one["due"] for one in told["residuals"] if one["where"] == "crm"] == [due.isoformat()]


def _filmed(tmp_path: Path) -> tuple[House, Core, SubjectId]:
    home = house(tmp_path)
    home.bank.take([1, 2])
    core = home.with_core(tmp_path, "work", "film")
    who = home.bank.people[1]
    home.bank.film(who)
    return home, core, who


def test_a_withdrawn_consent_reaches_the_databases(tmp_path: Path) -> None:
    """What rested on it alone goes from the lender's own table first, then here; nothing else does."""
    home, core, who = _filmed(tmp_path)
    done = withdraw_consent(home.bank.workspace, home.desk, who, "interview.video", open_database=core.open)
    assert [(one.system, one.outcome, one.erased) for one in done.systems] == [("lender-core", Outcome.ERASED, 1)]
    assert core.left() == {"customer": {1, 2}, "work": {1, 2}, "film": {2}}
    assert [part.outcome for part in done.parts] == [Outcome.ERASED]
    assert done.waiting == 0
    assert verify_ledger(home.bank.workspace).flaws == []


def _off(home: House) -> None:
    switch_database(home.bank.workspace, home.bank.tokens["dpo"], "lender-core", on=False)


def _paused(home: House) -> None:
    pause_deletions(home.bank.workspace, home.bank.tokens["auditor"])


def _due(home: House, who: SubjectId) -> set[str]:
    every = schedule(home.bank.workspace, home.bank.tokens["dpo"])
    return {one.purpose for one in every if one.subject == who and one.outlook.state is State.DUE}


def test_a_withdrawal_that_could_not_reach_a_database_is_due(tmp_path: Path) -> None:
    """Switched off, paused, or with nobody who may open it: the consent is gone, the film stays unused, and is due."""
    stopped: list[tuple[str, Callable[[House], None] | None]] = [("off", _off), ("paused", _paused), ("closed", None)]
    for name, stop in stopped:
        folder = tmp_path / name
        folder.mkdir()
        home, core, who = _filmed(folder)
        if stop is not None:
            stop(home)
        opened = None if stop is None else core.open
        done = withdraw_consent(home.bank.workspace, home.desk, who, "interview.video", open_database=opened)
        assert done.waiting == 1, name
        assert done.parts == (), name
        assert core.left()["film"] == {1, 2}, name
        assert _due(home, who) == {"interview.video"}, name
        if stop is _off:
            switch_database(home.bank.workspace, home.bank.tokens["dpo"], "lender-core", on=True)
            home.executed(home.cooled(Wanted((who,), Ground.EXPIRED, due=True)))
            assert core.left()["film"] == {2}
            assert _due(home, who) == set()
