"""A source is looked at under an approved plan: nothing is taken, and what is there is noted by its codes."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from shouxin.bootstrap import open_observed
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import SystemClock
from shouxin.domain.event_kind import EventKind
from shouxin.errors import Invalid, NotInThisState
from shouxin.operations.collecting.analyse_plan import analyse_plan
from shouxin.operations.collecting.observe_plan import observe_plan, ready_to_observe
from shouxin.operations.collecting.plans import end_plan, get_plan
from shouxin.operations.collecting.unused import unused_items
from shouxin.operations.scanning.scan_source import scan_source
from tests import recorded, workspaces
from tests.cli.shell import lender, run
from tests.plans import PLAN, SOURCE, approved, file_of, person_line

OBSERVE = PLAN.replace('mode = "copy"', 'mode = "observe"').replace("volume = 1000\n", "")


def test_a_folder_is_scanned_under_its_plan_and_noted_with_it(tmp_path: Path) -> None:
    """What was found of the plan, what beyond it, and what is not there; nobody is taken in."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank, OBSERVE)
    (tmp_path / "in").mkdir()
    file_of(tmp_path / "in" / "a.csv", range(1, 30), "姓名,身份证号,手机号,邮箱", ",a@example.com")
    registered = ready_to_observe(bank, collector, "applications")

    def look() -> object:
        return scan_source(open_observed(bank, registered, str(tmp_path / "in")), SystemClock())

    ran, report = observe_plan(bank, collector, "applications", look)  # type: ignore[arg-type]
    assert (ran.outcome, ran.taken, len(report.places)) == ("observed", 0, 1)
    assert {"identity.id_number", "contact.mobile"} <= {*ran.seen}
    assert "contact.email" in ran.unplanned
    assert ("never-came", "credit.amount") in {(one.signal, one.field) for one in ran.findings}
    assert {one.field for one in ran.findings} == {*get_plan(bank, collector, "applications").file().items} - {
        *ran.seen
    }
    assert bank.data.read(lambda seen: seen.authority.find(AuthorityKind.SUBJECT)) == []
    assert recorded.events(bank, EventKind.PLAN_RAN)[-1].facts["outcome"] == "observed"
    plan = get_plan(bank, collector, "applications")
    assert (plan.state.value, plan.runs[-1]) == ("running", ran)
    found = analyse_plan(bank, collector, "applications")
    assert (found.count, found.taken, {*found.never_came}) == (1, 0, {one.field for one in ran.findings})
    assert unused_items(bank, workspaces.signed_in(bank, "dpo"), 1) == []
    end_plan(bank, collector, "applications")
    with pytest.raises(NotInThisState):
        observe_plan(bank, collector, "applications", lambda: pytest.fail("it was read"))


def test_a_plan_that_takes_is_not_one_that_looks(tmp_path: Path) -> None:
    """And pages of an API are not scanned."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank)
    with pytest.raises(NotInThisState, match="plan run"):
        ready_to_observe(bank, collector, "applications")
    push = SOURCE.replace('"file"', '"push"') + f'push_key = "{"0" * 63}1"\n'
    approved(bank, OBSERVE, push)
    with pytest.raises(Invalid, match="files and databases"):
        ready_to_observe(bank, collector, "applications")


def test_the_registered_table_is_looked_at_and_no_other(tmp_path: Path) -> None:
    """From the command line, without an address: the register has it."""
    database = tmp_path / "core.db"
    connection = sqlite3.connect(database)
    connection.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, name, id_no, phone, amount)")
    connection.execute("CREATE TABLE secrets (id INTEGER PRIMARY KEY, phone)")
    for number in range(1, 30):
        connection.execute("INSERT INTO people VALUES (?,?,?,?,?)", (number, *person_line(number).split(",")))
        connection.execute("INSERT INTO secrets VALUES (?,?)", (number, "13800001111"))
    connection.commit()
    connection.close()
    home, _ = lender(tmp_path, 0, "dpo", "approver", "collector")
    sql = SOURCE.replace('"file"', '"sql"') + f'[sql]\ndsn = "sqlite:///{database}"\ntable = "people"\norder = ["id"]\n'
    (tmp_path / "source.toml").write_text(sql, "utf-8")
    (tmp_path / "plan.toml").write_text(OBSERVE, "utf-8")
    for words in (
        ("source", "add", str(tmp_path / "source.toml"), "--as", "dpo"),
        ("plan", "propose", str(tmp_path / "plan.toml"), "--as", "collector"),
        ("plan", "approve", "applications", "--as", "approver"),
        ("plan", "approve", "applications", "--as", "dpo"),
    ):
        done = run(*words, home=home)
        assert done.code == 0, done.out + done.err
    ran = run("source", "scan", "--plan", "applications", "--no-names", "--json", "--as", "collector", home=home)
    assert ran.code == 0, ran.out + ran.err
    assert [one["place"] for one in ran.data["grading"]["places"]] == ["people"]
    report = run("plan", "report", "applications", "--json", "--as", "dpo", home=home)
    assert report.data["runs"] == 1
