from __future__ import annotations

from pathlib import Path

import pytest

from shouxin.connectors.csv_file import CsvSource
from shouxin.errors import NotInThisState
from shouxin.operations.collecting.plan_row import StandingPlan
from shouxin.operations.collecting.plans import end_plan, get_plan
from shouxin.operations.collecting.run_plan import run_plan
from shouxin.operations.recovery.backup import Restored, reconcile
from shouxin.operations.workspace import Workspace
from shouxin.policy.plan_transitions import PlanState
from tests import workspaces
from tests.operations.portfolio import Lender
from tests.operations.recovery.test_backup import backed_up, put_back
from tests.plans import PLAN, approved, file_of


def planned(tmp_path: Path, text: str = PLAN) -> Lender:
    """Return a lender with an approved plan to collect."""
    workspace = workspaces.ready(tmp_path)
    approved(workspace, text)
    names = ("operator", "collector", "dpo")
    return Lender(
        workspace, {name: workspaces.signed_in(workspace, name) for name in names}, workspaces.home_of(tmp_path)
    )


def back(bank: Lender, backup: Path) -> tuple[Workspace, Restored]:
    """Restore ``backup`` and finish the restore."""
    workspace = put_back(bank, backup).workspace
    return workspace, reconcile(workspace, bank.tokens["operator"])


def the_plan(workspace: Workspace, bank: Lender) -> StandingPlan:
    """Return the plan as it stands."""
    return get_plan(workspace, bank.tokens["collector"], "applications")


def test_a_plan_that_only_ran_since_the_backup_runs_again_and_takes_what_was_lost(tmp_path: Path) -> None:
    """What came since is gone with its keys: the plan stands as it stood, and brings it again, once."""
    bank = planned(tmp_path, PLAN.replace('frequency = "any"', 'frequency = "once"'))
    backup = backed_up(bank)
    file = CsvSource(file_of(tmp_path / "people.csv", range(1, 4)))
    assert run_plan(bank.workspace, bank.tokens["collector"], "applications", file).run.taken == 3
    workspace, restored = back(bank, backup)
    assert (restored.plans, the_plan(workspace, bank).state) == ((), PlanState.APPROVED)
    assert run_plan(workspace, bank.tokens["collector"], "applications", file).run.taken == 3


def test_a_plan_that_a_run_stopped_since_the_backup_is_ended_and_named(tmp_path: Path) -> None:
    """It went past its volume: it does not come back as if nothing had been."""
    bank = planned(tmp_path, PLAN.replace("volume = 1000", "volume = 2"))
    backup = backed_up(bank)
    file = CsvSource(file_of(tmp_path / "people.csv", range(1, 4)))
    ran = run_plan(bank.workspace, bank.tokens["collector"], "applications", file)
    assert ran.run.outcome == "over-volume"
    workspace, restored = back(bank, backup)
    assert restored.plans == ("applications",)
    with pytest.raises(NotInThisState):
        run_plan(workspace, bank.tokens["collector"], "applications", file)


def test_a_plan_that_ran_and_was_ended_since_the_backup_stays_ended(tmp_path: Path) -> None:
    """One lost version that was more than a run is enough."""
    bank = planned(tmp_path)
    backup = backed_up(bank)
    file = CsvSource(file_of(tmp_path / "people.csv", range(1, 4)))
    run_plan(bank.workspace, bank.tokens["collector"], "applications", file)
    end_plan(bank.workspace, bank.tokens["collector"], "applications")
    workspace, restored = back(bank, backup)
    assert (restored.plans, the_plan(workspace, bank).state) == (("applications",), PlanState.ENDED)
