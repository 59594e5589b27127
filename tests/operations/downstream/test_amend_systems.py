"""A correction and a freeze reach the lender's own databases, under a purpose that may tell them who somebody is."""

from __future__ import annotations

from pathlib import Path

import pytest

from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import OperationId, new
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Refused
from shouxin.operations.deletion.downstream import record_reports
from shouxin.operations.deletion.draft import draft_order, preview_order
from shouxin.operations.downstream.amend_systems import correct_in_systems, freeze_in_systems
from shouxin.operations.downstream.databases import switch_database
from shouxin.operations.rights.handle import withdraw_right
from shouxin.rights.kinds import RightKind
from shouxin.vault.erasure import Outcome, SystemReport
from shouxin.vault.records import Records
from tests import recorded
from tests.operations.core import CORE
from tests.operations.deletion.house import DELETION, NO_RETURN, House, house
from tests.operations.portfolio import MOBILE, Hands, values_of
from tests.operations.rights.counter import counter, files
from tests.workspaces import adopt

PURPOSE = "data.deletion"  # the one card of these tests that may relay


def test_a_correction_and_a_freeze_reach_the_database_and_nobody_else(tmp_path: Path) -> None:
    """The one person's row changes and back; the events hold counts and no value."""
    home = house(tmp_path)
    home.bank.take([1, 2], customer=False)
    core, workspace, desk = home.with_core(tmp_path), home.bank.workspace, home.desk
    other = values_of(2)[MOBILE].text()
    right = {MOBILE: Plaintext.of("13912340000")}
    (report,) = correct_in_systems(workspace, desk, home.bank.people[1], right, PURPOSE, home.open_database)
    assert [part.reason for part in report.parts] == [""], report.parts
    assert str(report.outcome) == "corrected"
    assert (core.mobiles(), core.frozen()) == ({1: "13912340000", 2: other}, set())
    freeze_in_systems(workspace, desk, home.bank.people[1], PURPOSE, home.open_database)
    assert (core.mobiles(), core.frozen()) == ({1: "13912340000", 2: other}, {1})
    freeze_in_systems(workspace, desk, home.bank.people[1], PURPOSE, home.open_database, frozen=False)
    assert (core.mobiles(), core.frozen()) == ({1: "13912340000", 2: other}, set())
    amended = [one.facts["outcome"] for one in recorded.events(workspace, EventKind.DATABASE_AMENDED)]
    assert amended == ["corrected", "frozen", "released"]
    assert not any(b"13912340000" in body for body in recorded.bodies(workspace))


def test_a_release_lowers_only_the_flags_that_the_freeze_raised(tmp_path: Path) -> None:
    """A flag that stood before is said to stay; what was raised is lowered, also by a process that came later."""
    home = house(tmp_path)
    home.bank.take([1, 2], customer=False)
    core, workspace, desk = home.with_core(tmp_path), home.bank.workspace, home.desk
    first, second = home.bank.people[1], home.bank.people[2]
    core.flag(1)
    for who in (first, second):
        freeze_in_systems(workspace, desk, who, PURPOSE, home.open_database)
    freeze_in_systems(workspace, desk, second, PURPOSE, home.open_database)  # done twice it remembers all the same
    assert core.frozen() == {1, 2}
    again = home.bank.reopened(home.clock).workspace
    (left,) = freeze_in_systems(again, desk, first, PURPOSE, home.open_database, frozen=False)
    assert [(part.outcome, part.table, part.rows) for part in left.parts] == [("retained", "customer", 1)]
    assert "a floor or somebody else froze these rows" in left.parts[0].to_do
    (lowered,) = freeze_in_systems(again, desk, second, PURPOSE, home.open_database, frozen=False)
    assert str(lowered.outcome) == "released"
    assert core.frozen() == {1}
    core.flag(2)
    freeze_in_systems(again, desk, second, PURPOSE, home.open_database, frozen=False)  # forgotten once it was lowered
    assert core.frozen() == {1, 2}


def test_what_a_floor_froze_since_stays_frozen_when_an_earlier_freeze_ends(tmp_path: Path) -> None:
    """An erasure of a part that leaves rows by law makes their flags the law's, whoever had raised them before."""
    home = house(tmp_path)
    home.bank.take([1], contact=False)
    core, workspace, desk, who = home.with_core(tmp_path), home.bank.workspace, home.desk, home.bank.people[1]
    freeze_in_systems(workspace, desk, who, PURPOSE, home.open_database)
    report = SystemReport(
        CORE, bytes(32).hex(), Outcome.RETAINED, 0, 1, 0, ("CN-AML-34-3-IDENTITY",), None, home.clock.now()
    )

    def kept(records: Records) -> object:
        return record_reports(workspace, records, desk, who, [report], new(OperationId))

    workspace.data.transact(kept)
    freeze_in_systems(workspace, desk, who, PURPOSE, home.open_database, frozen=False)
    assert core.frozen() == {1}


def test_a_database_is_told_that_what_it_looks_for_is_disputed(tmp_path: Path) -> None:
    """Only while the objection is open, only of what it knows people by, and in the approver's preview too."""
    bank = counter(tmp_path)
    bank.take([1])
    for text in (NO_RETURN, DELETION):
        adopt(bank.workspace, bank.tokens["dpo"], text)
    home = House(bank, Hands())
    home.with_core(tmp_path)
    workspace, desk, who = bank.workspace, home.desk, bank.people[1]

    def told() -> tuple[str, ...]:
        (report,) = freeze_in_systems(workspace, desk, who, PURPOSE, home.open_database)
        return report.disputed

    assert told() == ()
    right = files(bank, RightKind.OBJECT_CREDIT, who, "employment.job", "identity.id_number")
    assert told() == ("identity.id_number",)
    (report,) = correct_in_systems(workspace, desk, who, {MOBILE: Plaintext.of("1")}, PURPOSE, home.open_database)
    assert report.disputed == ("identity.id_number",)
    order = draft_order(workspace, desk, home.wanted(who))
    lines = preview_order(workspace, desk, order, home.open_database).lines
    doubts = [one.to_do for one in lines if one.where == CORE]
    assert doubts
    assert all("disputes 存在异议 (identity.id_number)" in one for one in doubts)
    withdraw_right(workspace, desk, right)
    assert told() == ()


def test_a_database_that_is_off_is_said_to_have_failed_and_who_may_not_relay_is_refused(tmp_path: Path) -> None:
    """Silence is no success; and a purpose whose card lets nobody relay tells no database anything."""
    home = house(tmp_path)
    home.bank.take([1], customer=False)
    core, workspace, who = home.with_core(tmp_path), home.bank.workspace, home.bank.people[1]
    for token, purpose in ((home.desk, "customer.file"), (home.bank.tokens["analyst"], PURPOSE)):
        with pytest.raises(Refused):
            freeze_in_systems(workspace, token, who, purpose, home.open_database)
    switch_database(workspace, home.bank.tokens["dpo"], "lender-core", on=False)
    (report,) = freeze_in_systems(workspace, home.desk, who, PURPOSE, home.open_database)
    assert [part.reason for part in report.parts] == ["the connector is switched off"]
    assert core.frozen() == set()
