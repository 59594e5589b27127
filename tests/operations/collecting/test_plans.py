from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import Instant, local_date
from shouxin.domain.event_kind import EventKind
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import IntegrityError, Invalid, NotFound, NotInThisState, Refused
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.collecting.plan_file import read_plan
from shouxin.operations.collecting.plans import approve_plan, deny_plan, end_plan, get_plan, propose_plan, review_plan
from shouxin.operations.collecting.run_plan import ready_to_run
from shouxin.operations.collecting.sources import (
    RegisteredSource,
    end_source,
    list_sources,
    register_source,
    seal_secret,
    secret_of,
    source_in,
)
from shouxin.operations.staff.accounts import add_account, close_account, confirm_account
from shouxin.operations.workspace import Workspace
from shouxin.policy.plan_transitions import PlanState
from shouxin.policy.source import read_source
from shouxin.vault.records import Records
from tests import recorded, workspaces
from tests.plans import PLAN, SOURCE, approved, files_hold


@pytest.fixture
def bank(tmp_path: Path) -> Workspace:
    """A workspace with one card, and the branch registered."""
    workspace = workspaces.ready(tmp_path)
    register_source(workspace, workspaces.signed_in(workspace, "dpo"), read_source(SOURCE))
    return workspace


def _in(bank: Workspace, role: str) -> Token:
    return workspaces.signed_in(bank, role)


def test_a_need_becomes_a_design_and_two_others_let_it_run(bank: Workspace) -> None:
    """Need, design, approval: each state after the other, and nothing runs before the last agreement."""
    collector = _in(bank, "collector")
    need = PLAN.partition("[design]")[0]
    assert propose_plan(bank, collector, need).state is PlanState.NEEDED
    assert propose_plan(bank, collector, PLAN).state is PlanState.DESIGNED
    with pytest.raises(NotInThisState, match="designed is not for 'shouxin plan run'"):
        ready_to_run(bank, collector, "applications")
    assert approve_plan(bank, _in(bank, "approver"), "applications").state is PlanState.DESIGNED
    with pytest.raises(NotInThisState):
        ready_to_run(bank, collector, "applications")
    assert approve_plan(bank, _in(bank, "dpo"), "applications").state is PlanState.APPROVED
    assert ready_to_run(bank, collector, "applications")[0].code == "applications"
    states = [event.facts["state"] for event in recorded.events(bank, EventKind.PLAN_CHANGED)]
    assert states == ["needed", "designed", "designed", "approved"]
    assert not verify_ledger(bank).flaws


def test_nobody_approves_their_own_plan_twice_or_out_of_turn(bank: Workspace) -> None:
    """The proposer, a colleague of a later level, and the same person again are refused; nothing changes."""
    dpo = _in(bank, "dpo")
    propose_plan(bank, dpo, PLAN)
    with pytest.raises(Refused, match="own request"):
        approve_plan(bank, dpo, "applications")
    with pytest.raises(Refused, match="another role"):
        approve_plan(bank, _in(bank, "dpo.2"), "applications")
    with pytest.raises(Refused, match="another role"):
        approve_plan(bank, _in(bank, "analyst"), "applications")
    approve_plan(bank, _in(bank, "approver"), "applications")
    with pytest.raises(Refused, match="another role"):  # the next level is the dpo's
        approve_plan(bank, _in(bank, "approver"), "applications")
    assert get_plan(bank, dpo, "applications").state is PlanState.DESIGNED


def test_another_word_is_another_plan(bank: Workspace) -> None:
    """A changed text loses its approval, and an approver who read the old one does not approve the new."""
    collector, plan = approved(bank)
    changed = propose_plan(bank, collector, PLAN.replace("volume = 1000", "volume = 100000"))
    assert changed.state is PlanState.DESIGNED
    with pytest.raises(NotInThisState, match="designed is not for 'shouxin plan run'"):
        ready_to_run(bank, collector, "applications")
    with pytest.raises(NotInThisState, match="changed since it was read"):
        approve_plan(bank, _in(bank, "approver"), "applications", plan.digest())


def test_a_denied_plan_is_designed_anew_and_an_ended_one_never(bank: Workspace) -> None:
    """After a no comes another design; after the end comes nothing."""
    collector = _in(bank, "collector")
    propose_plan(bank, collector, PLAN)
    assert deny_plan(bank, _in(bank, "approver"), "applications").state is PlanState.DENIED
    assert propose_plan(bank, collector, PLAN).state is PlanState.DESIGNED
    with pytest.raises(Refused):
        end_plan(bank, _in(bank, "analyst"), "applications")
    assert end_plan(bank, collector, "applications").state is PlanState.ENDED
    with pytest.raises(NotInThisState, match="ended is not for 'shouxin plan propose'"):
        propose_plan(bank, collector, PLAN)


def test_a_plan_with_an_error_is_not_proposed_and_one_that_got_one_does_not_run(bank: Workspace) -> None:
    """What the check refuses stays out; a contract that ends after the approval stops the run."""
    collector = _in(bank, "collector")
    with pytest.raises(Invalid, match="PIPL 6") as caught:
        propose_plan(bank, collector, PLAN.replace('"credit.amount"]', '"credit.amount", "identity.religion"]'))
    assert caught.value.place == "plan:6"
    with pytest.raises(NotFound):
        get_plan(bank, collector, "applications")
    collector, _ = approved(bank)
    end_source(bank, _in(bank, "dpo"), "branch")
    with pytest.raises(Invalid, match="not registered"):
        ready_to_run(bank, collector, "applications")


def test_the_days_of_a_plan_end(tmp_path: Path) -> None:
    """A plan runs as many days from its approval as it says, and not one more."""

    class Hands:
        at = Instant(1_900_000_000_000)

        def now(self) -> Instant:
            return self.at

    clock = Hands()
    bank = workspaces.ready(tmp_path, clock)
    collector, plan = approved(bank)
    assert plan.approved is not None
    clock.at = Instant(plan.approved + 30 * 86_400_000 - 1)
    collector = _in(bank, "collector")
    assert ready_to_run(bank, collector, "applications")
    clock.at = Instant(plan.approved + 30 * 86_400_000)
    with pytest.raises(NotInThisState, match="days"):
        ready_to_run(bank, collector, "applications")
    assert local_date(clock.at) - local_date(plan.approved) == timedelta(days=30)


def test_a_forged_plan_does_not_run(bank: Workspace) -> None:
    """A row that somebody wrote into the store without the institution's key is found out on use."""
    collector, _ = approved(bank)

    def forge(records: Records) -> None:
        (row,) = records.authority.find(AuthorityKind.PLAN)
        records.authority.put(
            replace(row, version=row.version + 1, body=row.body.replace(b"volume = 1000", b"volume = 9999"))
        )
        records.record(recorded.events(bank, EventKind.PLAN_CHANGED)[0])

    bank.data.transact(forge)
    with pytest.raises(IntegrityError):
        ready_to_run(bank, collector, "applications")


def test_a_secret_is_sealed_for_its_source_and_gone_when_the_address_changes(bank: Workspace, tmp_path: Path) -> None:
    """What opens it is the register alone; another address, and the end, take it away."""
    dpo, operator = _in(bank, "dpo"), _in(bank, "operator")
    api = """\
source = "api"
kind = "rest"
title = "A partner"
audit_due = 2099-12-31
own = true
[rest]
url = "https://api.example/people"
key = "id"
"""
    register_source(bank, dpo, read_source(api))
    seal_secret(bank, operator, "api", Plaintext.of("a-very-secret-token"))

    def registered() -> RegisteredSource:
        found = bank.data.read(lambda records: source_in(bank, records, "api"))
        assert found is not None
        return found

    secret = secret_of(bank, registered())
    assert secret is not None
    assert secret.text() == "a-very-secret-token"
    assert files_hold(workspaces.home_of(tmp_path), "a-very-secret-token", "api.example") == ["api.example"]
    register_source(bank, dpo, read_source(api.replace('"A partner"', '"Another title"')))
    assert secret_of(bank, registered()) is not None
    register_source(bank, dpo, read_source(api.replace("api.example", "thief.example")))
    assert secret_of(bank, registered()) is None
    with pytest.raises(Refused):
        seal_secret(bank, dpo, "api", Plaintext.of("x"))
    assert [one.source.source for one in list_sources(bank, dpo)] == ["api", "branch"]


def test_who_is_responsible_is_somebody_with_an_account_that_is_confirmed_and_not_closed(bank: Workspace) -> None:
    """A name that nobody has, an account that nobody confirmed, and one that was closed meanwhile: each is refused."""
    operator, collector = _in(bank, "operator"), _in(bank, "collector")
    mistake = "responsible has no account"
    theirs = PLAN.replace('responsible = "dpo"', 'responsible = "chen"')
    assert [one.code for one in review_plan(bank, collector, read_plan(theirs))] == ["responsible-unknown"]
    with pytest.raises(Invalid, match=mistake):
        propose_plan(bank, collector, theirs)
    add_account(bank, operator, "chen", ["dpo"], workspaces.PASSPHRASE)
    with pytest.raises(Invalid, match=mistake):
        propose_plan(bank, collector, theirs)
    confirm_account(bank, _in(bank, "dpo"), "chen")
    assert propose_plan(bank, collector, theirs).state is PlanState.DESIGNED
    approve_plan(bank, _in(bank, "approver"), "applications")
    close_account(bank, operator, "chen")
    with pytest.raises(Invalid, match=mistake):
        approve_plan(bank, _in(bank, "dpo"), "applications")
