"""A correction and a freeze reach the lender's own databases, under a purpose that may tell them who somebody is."""

from __future__ import annotations

from pathlib import Path

import pytest

from shouxin.domain.event_kind import EventKind
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Refused
from shouxin.operations.downstream.amend_systems import correct_in_systems, freeze_in_systems
from shouxin.operations.downstream.databases import switch_database
from tests import recorded
from tests.operations.deletion.house import house
from tests.operations.portfolio import MOBILE, values_of

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
