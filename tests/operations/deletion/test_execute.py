"""Carrying out: the lender's own PostgreSQL, the vault, no return, and going on after every interruption."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest

from shouxin.approvals.order import Ground
from shouxin.approvals.order_transitions import OrderState
from shouxin.bootstrap import restore_workspace
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import local_date
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import CellId, SubjectId
from shouxin.errors import Invalid, NotFound, NotInThisState, Refused
from shouxin.operations.auditing.publish import publish
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.certifying.certify import certificate
from shouxin.operations.collecting.collect import collect, source_digest
from shouxin.operations.collecting.intake import Aside
from shouxin.operations.collecting.kept_out import SUPPRESSED
from shouxin.operations.deletion import execute
from shouxin.operations.deletion.decide import leave_system, show_order
from shouxin.operations.deletion.draft import Wanted
from shouxin.operations.deletion.execute import execute_order
from shouxin.operations.deletion.progress import progress_of
from shouxin.operations.downstream.databases import list_databases, register_database, switch_database
from shouxin.operations.erasing import erase as erasing
from shouxin.operations.erasing.erase import resume_erasures
from shouxin.operations.erasing.suppression import readmit
from shouxin.operations.pause import pause_deletions, resume_deletions
from shouxin.operations.recovery.backup import back_up, reconcile
from shouxin.operations.retaining.holds import Demand, set_hold
from shouxin.operations.retaining.relationship import end_relationship
from shouxin.operations.subjects import merge, split
from shouxin.vault.certificate import check
from shouxin.vault.erasure import Erasure, ErasureState
from shouxin.vault.records import Records
from tests import recorded
from tests.databases import Fresh, postgresql
from tests.operations.core import Core, described
from tests.operations.deletion.house import PAPER, House, house
from tests.operations.portfolio import ID_NUMBER, MOBILE, PLAN, Lender, record, values_of
from tests.workspaces import signed_in

__all__ = ["postgresql"]


def _with_core(tmp_path: Path, fresh: Fresh, people: range, *, customer: bool = False) -> tuple[House, Core]:
    home = house(tmp_path)
    home.bank.take(people, customer=customer)
    return home, home.with_core(fresh(), "call")


def test_a_person_goes_from_the_lenders_database_too_and_nobody_else(tmp_path: Path, postgresql: Fresh) -> None:
    """Nothing of them is left in either; the report stands with the erasure, its event in the log."""
    home, core = _with_core(tmp_path, postgresql, range(1, 4))
    done = home.executed(home.cooled(home.wanted(home.bank.people[2])))
    assert done.state is OrderState.DONE
    assert core.left() == {"customer": {1, 3}, "call": {1, 3}}
    assert home.bank.is_gone(home.bank.people[2])
    assert not home.bank.is_gone(home.bank.people[1])
    assert verify_ledger(home.bank.workspace).flaws == []


def test_a_database_that_fails_keeps_the_key_until_it_is_mended(tmp_path: Path, postgresql: Fresh) -> None:
    """Switched off: unfinished, named, and the person is still whole, so that they can be found. On again: done."""
    home, core = _with_core(tmp_path, postgresql, range(1, 3))
    workspace, tokens, who = home.bank.workspace, home.bank.tokens, home.bank.people[1]
    switch_database(workspace, tokens["dpo"], "lender-core", on=False)
    order_id = home.cooled(home.wanted(who))
    assert home.executed(order_id).state is OrderState.UNFINISHED
    seen = progress_of(workspace, tokens["dpo"], order_id)
    assert (seen.failed, seen.systems, seen.erased) == (1, ("lender-core",), 0)
    assert not home.bank.is_gone(who)
    switch_database(workspace, tokens["dpo"], "lender-core", on=True)
    assert home.executed(order_id).state is OrderState.DONE
    assert progress_of(workspace, tokens["dpo"], order_id).erased == 1
    assert core.left() == {"customer": {2}, "call": {2}}
    assert home.bank.is_gone(who)


def test_a_database_may_be_left_to_an_officer_by_a_day(tmp_path: Path, postgresql: Fresh) -> None:
    """Only after it failed, only by an officer, only by a day to come; then the vault goes on without it."""
    home, core = _with_core(tmp_path, postgresql, range(1, 3))
    workspace, tokens = home.bank.workspace, home.bank.tokens
    switch_database(workspace, tokens["dpo"], "lender-core", on=False)
    order_id = home.cooled(home.wanted(home.bank.people[1]))
    ahead = local_date(home.clock.now()) + timedelta(days=30)
    with pytest.raises(NotInThisState):
        leave_system(workspace, tokens["dpo"], order_id, "lender-core", ahead)
    home.executed(order_id)
    with pytest.raises(Refused):
        leave_system(workspace, tokens["rights_desk"], order_id, "lender-core", ahead)
    for system, due in (("nowhere", ahead), ("lender-core", ahead - timedelta(days=31))):
        with pytest.raises(Invalid):
            leave_system(workspace, tokens["dpo"], order_id, system, due)
    leave_system(workspace, tokens["dpo"], order_id, "lender-core", ahead)
    done = home.executed(order_id)
    assert done.state is OrderState.DONE
    assert [(one.system, one.due) for one in done.residuals] == [("lender-core", ahead)]
    assert core.left() == {"customer": {1, 2}, "call": {1, 2}}
    assert home.bank.is_gone(home.bank.people[1])


def test_a_database_left_to_an_officer_stands_in_the_log_as_failed(tmp_path: Path, postgresql: Fresh) -> None:
    """It has its leaf on the certificate like any that answered: proved as failed, with who answers for it by when."""
    home, _ = _with_core(tmp_path, postgresql, range(1, 3))
    workspace, tokens = home.bank.workspace, home.bank.tokens
    switch_database(workspace, tokens["dpo"], "lender-core", on=False)
    order_id = home.cooled(home.wanted(home.bank.people[1]))
    home.executed(order_id)
    ahead = local_date(home.clock.now()) + timedelta(days=30)
    leave_system(workspace, tokens["dpo"], order_id, "lender-core", ahead)
    home.executed(order_id)
    (operation,) = progress_of(workspace, tokens["dpo"], order_id).operations
    document = certificate(workspace, tokens["dpo"], operation)
    verdict = check(document, workspace.head.verifier)
    assert (verdict.answered, verdict.failed) == (("lender-core",), ("lender-core",))
    (logged,) = document["databases"]
    assert json.loads(logged["entry"])["outcome"] == "failed"
    assert [(one["database"], one["outcome"]) for one in document["downstream"]] == [("lender-core", "failed")]
    (residual,) = [one for one in document["residuals"] if one["what"] == "downstream-failed"]
    assert (residual["where"], residual["due"]) == ("lender-core", ahead.isoformat())


def _left(bank: Lender, cells: dict[SubjectId, list[CellId]]) -> tuple[int, int, list[ErasureState]]:
    """How many of these cells have a key, how many have a row, and where the erasures of their people stand."""
    workspace = bank.workspace
    chains = {who: workspace.custody.open(one) for who, one in workspace.custody.keyring.get(list(cells)).items()}
    keys = sum(chains[who].holds(cell) for who, own in cells.items() if who in chains for cell in own)

    def look(records: Records) -> tuple[int, list[ErasureState]]:
        erasures = [workspace.notary.read(row, Erasure) for row in records.authority.find(AuthorityKind.ERASURE)]
        return len(list(records.cells.cells_of(list(cells)))), [one.state for one in erasures]

    return keys, *workspace.data.read(look)


@pytest.mark.parametrize(
    ("place", "name", "has_keys", "has_rows", "states"),
    [
        (execute, "intend_within", True, True, []),
        (execute, "carry_out", True, True, [ErasureState.PLANNED] * 2),
        (erasing, "_remove_beside", False, True, [ErasureState.PLANNED] * 2),
        (erasing, "read_back", False, False, [ErasureState.REMOVED] * 2),
        (execute, "counted", False, False, [ErasureState.LIVE] * 2),
    ],
    ids=["downstream", "planned", "destroyed", "removed", "live"],
)
def test_a_killed_batch_goes_on(
    tmp_path: Path,
    postgresql: Fresh,
    place: ModuleType,
    name: str,
    has_keys: bool,
    has_rows: bool,
    states: list[ErasureState],
) -> None:
    """Stopped after databases, plan, keys, rows or read-back: another process executes on, and everybody goes once."""
    home, core = _with_core(tmp_path, postgresql, range(1, 4))
    going = [home.bank.people[1], home.bank.people[2]]
    order_id = home.cooled(home.wanted(*going))
    rows = home.bank.workspace.data.read(lambda records: list(records.cells.cells_of(going)))
    cells = {who: [row.cell for row in rows if row.subject == who] for who in going}

    class Killed(BaseException):
        pass

    def kill(*_: object, **__: object) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place, name, kill)
        with pytest.raises(Killed):
            home.executed(order_id)
    home.bank.workspace.close()
    home.bank = home.bank.reopened(home.clock)
    assert core.left() == {"customer": {3}, "call": {3}}
    assert _left(home.bank, cells) == (len(rows) * has_keys, len(rows) * has_rows, states)
    assert home.executed(order_id).state is OrderState.DONE
    seen = progress_of(home.bank.workspace, home.bank.tokens["dpo"], order_id)
    assert (seen.erased, seen.failed) == (2, 0)
    assert core.left() == {"customer": {3}, "call": {3}}
    assert _left(home.bank, cells) == (0, 0, [ErasureState.LIVE] * 2)
    assert len(recorded.events(home.bank.workspace, EventKind.ERASURE_DONE)) == 2
    assert not home.bank.is_gone(home.bank.people[3])
    assert verify_ledger(home.bank.workspace).flaws == []


def test_tonights_sync_does_not_bring_them_back_but_they_may_come_back_themselves(tmp_path: Path) -> None:
    """The line is set aside unsealed; the desk lets them in again; after the term they are let in by themselves."""
    home = house(tmp_path)
    home.bank.take([1, 2], customer=False)
    home.executed(home.cooled(home.wanted(home.bank.people[1])))
    cells = home.bank.workspace.data.read(lambda records: len(list(records.all_cells())))
    with pytest.raises(ValueError, match="unpack"):  # nobody is found under the number
        home.bank.take([1], customer=False)
    assert home.bank.workspace.data.read(lambda records: len(list(records.all_cells()))) == cells
    with pytest.raises(NotFound):
        readmit(home.bank.workspace, home.bank.tokens["rights_desk"], ID_NUMBER, values_of(2)[ID_NUMBER])
    with pytest.raises(Refused):
        readmit(home.bank.workspace, home.bank.tokens["collector"], ID_NUMBER, values_of(1)[ID_NUMBER])
    readmit(home.bank.workspace, home.bank.tokens["rights_desk"], ID_NUMBER, values_of(1)[ID_NUMBER])
    assert home.bank.take([1], customer=False).taken == 1
    assert verify_ledger(home.bank.workspace).flaws == []


def test_a_suppressed_line_is_reported_by_its_number(tmp_path: Path) -> None:
    """What the report says is line and reason; a contact of the same number goes without the line."""
    home = house(tmp_path)
    home.bank.take([1], customer=False, contact=True)
    (contact,) = home.bank.find_contact(1)
    home.executed(home.cooled(home.wanted(home.bank.people[1], contact)))
    done = _aside(home.bank, [1])
    assert done == [Aside(1, SUPPRESSED)]
    home.clock.on(days=1826)
    again = home.bank.reopened(home.clock)
    again.tokens["collector"] = signed_in(again.workspace, "collector")
    assert _aside(again, [1]) == []


def _aside(bank: Lender, numbers: list[int]) -> list[Aside]:

    lines = [record(line, number, customer=False) for line, number in enumerate(numbers, 1)]
    place = source_digest("core", str(bank.workspace.clock.now()).encode())
    return collect(bank.workspace, bank.tokens["collector"], PLAN, lines, place=place).aside


def test_a_restore_keeps_them_out(tmp_path: Path) -> None:
    """A backup from before the erasure brings back neither the person nor the way in."""
    home = house(tmp_path)
    home.bank.take([1, 2], customer=False)
    operator = home.bank.tokens["operator"]
    back_up(home.bank.workspace, operator, tmp_path / "backup")
    home.executed(home.cooled(home.wanted(home.bank.people[1])))
    publish(home.bank.workspace, operator)
    home.bank.workspace.close()
    workspace, _ = restore_workspace(home.bank.home, tmp_path / "backup", clock=home.clock)
    reconcile(workspace, operator)
    again = Lender(workspace, {"collector": signed_in(workspace, "collector")}, home.bank.home)
    assert _aside(again, [1]) == [Aside(1, SUPPRESSED)]


def test_only_what_is_due_goes_where_only_that_is_ordered(tmp_path: Path) -> None:
    """A retention order takes what is past its ceiling and leaves the rest in use."""
    home = house(tmp_path)
    home.bank.take([1])
    who = home.bank.people[1]
    end_relationship(home.bank.workspace, home.bank.tokens["dpo"], who, local_date(home.clock.now()))
    home.clock.on(days=181)
    again = home.bank.reopened(home.clock)
    again.tokens |= {role: signed_in(again.workspace, role) for role in ("rights_desk", "approver", "analyst")}
    home.bank = again
    order_id = home.cooled(Wanted((who,), Ground.EXPIRED, due=True))
    assert home.executed(order_id).state is OrderState.DONE
    assert set(home.bank.masked(who)[who]) == {ID_NUMBER, MOBILE, "identity.name"}
    rows = again.workspace.data.read(lambda records: {row.purpose for row in records.cells.cells_of([who])})
    kept = again.workspace.data.read(lambda records: {row.term for row in records.cells.cells_of([who])})
    assert (rows, kept) == ({"customer.file", "loan.file"}, {"identity", "contract"})


def test_databases_are_registered_by_those_who_keep_them(tmp_path: Path) -> None:
    """An analyst registers none; a bad name of a variable is refused; an unknown one cannot be switched."""
    home = house(tmp_path)
    workspace, tokens = home.bank.workspace, home.bank.tokens
    with pytest.raises(Refused):
        register_database(workspace, tokens["analyst"], described("call"), "LENDER_DSN")
    with pytest.raises(Invalid):
        register_database(workspace, tokens["dpo"], described("call"), "postgresql://me:secret@host/db")
    with pytest.raises(NotFound):
        switch_database(workspace, tokens["dpo"], "lender-core", on=False)
    register_database(workspace, tokens["dpo"], described("call"), "LENDER_DSN")
    assert [(one.name, one.on) for one in list_databases(workspace, tokens["auditor"])] == [("lender-core", True)]


def test_what_is_held_of_a_person_is_held_in_the_databases_too(tmp_path: Path, postgresql: Fresh) -> None:
    """A hold set while the order cooled off keeps the rows there as it keeps the cells here, frozen, and says so."""
    home, core = _with_core(tmp_path, postgresql, range(1, 3))
    workspace, tokens, who = home.bank.workspace, home.bank.tokens, home.bank.people[1]
    order_id = home.cooled(home.wanted(who))
    ahead = local_date(home.clock.now()) + timedelta(days=30)
    set_hold(workspace, tokens["dpo"], who, Demand("court", "rights.answer", PAPER, ahead))
    assert home.executed(order_id).state is OrderState.DONE
    assert core.left() == {"customer": {1, 2}, "call": {1, 2}}
    (operation,) = progress_of(workspace, tokens["dpo"], order_id).operations
    document = certificate(workspace, tokens["dpo"], operation)
    assert document["outcome"] == "retained"
    assert [(one["database"], one["outcome"]) for one in document["downstream"]] == [("lender-core", "retained")]
    assert core.frozen() == {1}


def test_a_hold_on_one_purpose_keeps_only_what_that_purpose_keeps(tmp_path: Path, postgresql: Fresh) -> None:
    """The loan file is held; the database has nothing of it, so the person's rows there go."""
    home, core = _with_core(tmp_path, postgresql, range(1, 3))
    workspace, tokens, who = home.bank.workspace, home.bank.tokens, home.bank.people[1]
    ahead = local_date(home.clock.now()) + timedelta(days=30)
    set_hold(workspace, tokens["dpo"], who, Demand("court", "rights.answer", PAPER, ahead, ("loan.file",)))
    assert home.executed(home.cooled(home.wanted(who))).state is OrderState.DONE
    assert core.left() == {"customer": {2}, "call": {2}}


def test_an_order_of_a_part_leaves_what_was_not_asked_for(tmp_path: Path, postgresql: Fresh) -> None:
    """They know items, not purposes: a database that has no item of the purpose is not even asked."""
    home, core = _with_core(tmp_path, postgresql, range(1, 3))
    order_id = home.cooled(home.wanted(home.bank.people[1], purposes=frozenset({"loan.file"})))
    assert home.executed(order_id).state is OrderState.DONE
    assert core.left() == {"customer": {1, 2}, "call": {1, 2}}


def test_a_pause_between_two_batches_stops_before_the_databases(
    tmp_path: Path, postgresql: Fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pulled after the first batch, the second is untouched, there and here."""
    monkeypatch.setattr("shouxin.operations.deletion.draft.MOST", 1)
    home, core = _with_core(tmp_path, postgresql, range(1, 4))
    workspace, tokens = home.bank.workspace, home.bank.tokens
    order_id = home.cooled(home.wanted(home.bank.people[1], home.bank.people[2]))

    def pull(_people: int) -> None:
        pause_deletions(workspace, tokens["auditor"])

    with pytest.raises(NotInThisState, match="paused"):
        execute_order(workspace, home.desk, order_id, core.open, step=pull)
    assert len(core.left()["customer"]) == 2
    resume_deletions(workspace, tokens["dpo"])
    assert home.executed(order_id).state is OrderState.DONE
    assert core.left() == {"customer": {3}, "call": {3}}


def test_whoever_was_merged_is_counted_and_looked_for(tmp_path: Path, postgresql: Fresh) -> None:
    """An order on one record is about the whole person; who is merged in later is not erased on an old yes."""
    home, core = _with_core(tmp_path, postgresql, range(1, 5))
    workspace, tokens, people = home.bank.workspace, home.bank.tokens, home.bank.people
    merge(workspace, tokens["dpo"], people[1], people[2])
    order_id = home.cooled(home.wanted(people[1]))
    assert show_order(workspace, tokens["dpo"], order_id).order.people == 2
    merge(workspace, tokens["dpo"], people[3], people[2])
    assert home.executed(order_id).state is OrderState.UNFINISHED
    split(workspace, tokens["dpo"], people[3])
    assert home.executed(order_id).state is OrderState.DONE
    assert core.left() == {"customer": {3, 4}, "call": {3, 4}}
    assert not home.bank.is_gone(people[3])


def test_an_old_plan_that_is_put_back_destroys_nothing(tmp_path: Path) -> None:
    """The row of an erasure as it was when planned, written over the finished one: seen, and nothing is taken."""
    home = house(tmp_path)
    home.bank.take([1])
    who, workspace = home.bank.people[1], home.bank.workspace
    home.executed(home.cooled(home.wanted(who, purposes=frozenset({"loan.file"}))))
    (row,) = workspace.data.read(lambda records: records.authority.find(AuthorityKind.ERASURE, subject=who))
    old = replace(workspace.notary.read(row, Erasure), state=ErasureState.PLANNED, live=None)
    forged = workspace.notary.write(AuthorityKind.ERASURE, row.identifier, row.version, old, subject=who)
    workspace.close()
    with closing(sqlite3.connect(home.bank.home / "data" / "data.db")) as connection, connection:
        connection.execute(
            "UPDATE erasures SET body = ?, mac = ? WHERE identifier = ?", (forged.body, forged.mac, forged.identifier)
        )
    again = home.bank.reopened(home.clock)
    assert resume_erasures(again.workspace, home.desk) == []
    assert set(again.masked(who)[who]) == {ID_NUMBER, MOBILE, "identity.name"}
