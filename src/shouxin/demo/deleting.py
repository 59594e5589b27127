"""How the demo deletes somebody: by an order that another person agrees to, in the vault and in the loan system."""

from __future__ import annotations

import hashlib
from typing import Final

from shouxin.approvals.order import Ground
from shouxin.bootstrap import CsvSource, SqlDatabase
from shouxin.demo.applications import Application, write_csv
from shouxin.demo.cast import plan_of_applications
from shouxin.demo.loan_system import VARIABLE, description, make_loan_system, rows_about
from shouxin.demo.scene import DemoStage, Scene
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.counted import counted
from shouxin.domain.identifiers import OperationId, SubjectId
from shouxin.errors import Refused
from shouxin.operations.collecting.run_plan import run_plan
from shouxin.operations.deletion.decide import agree_order, submit_order
from shouxin.operations.deletion.draft import Proof, Wanted, draft_order, preview_order
from shouxin.operations.deletion.execute import execute_order
from shouxin.operations.deletion.progress import progress_of
from shouxin.operations.downstream.databases import register_database
from shouxin.operations.erasing.erase import erase
from shouxin.vault.erasure import Erasure

__all__ = ["deleted", "open_loan_system", "refuses_a_word", "syncs_tonight"]

_FORM: Final = hashlib.sha256(b"the form that the person signed at the desk").digest()


def open_loan_system(stage: DemoStage, scene: Scene) -> None:
    """Put the same people into a database of the lender's own, and register it."""
    make_loan_system(stage.scratch / "loans.db", stage.known)
    made = register_database(stage.workspace, stage.cast.dpo, description(), VARIABLE)
    scene.check(
        made.tables, f"the lender's own {made.name} is registered: {len(made.tables)} tables with people in them"
    )


def refuses_a_word(stage: DemoStage, scene: Scene) -> None:
    """Nobody deletes at a word."""
    try:
        erase(stage.workspace, stage.cast.rights, stage.declined)
        why = ""
    except Refused as refusal:
        why = refusal.reasons[0][1]
    scene.check(why, f"the rights desk alone erases nobody: refused ({why})")


def deleted(
    stage: DemoStage, scene: Scene, subject: SubjectId, row: Application, who: str
) -> tuple[OperationId, Erasure]:
    """Delete somebody who asks, through every step, and return the erasure."""
    workspace, cast = stage.workspace, stage.cast
    order = draft_order(workspace, cast.rights, Wanted((subject,), Ground.ASKED), Proof("in-person", _FORM))
    seen = preview_order(workspace, cast.rights, order)
    submit_order(workspace, cast.rights, order)
    agree_order(workspace, cast.approver, order)
    before = rows_about(stage.scratch / "loans.db", row)
    address = f"sqlite:///{stage.scratch / 'loans.db'}"
    done = execute_order(workspace, cast.rights, order, lambda _variable: SqlDatabase(address))
    after = rows_about(stage.scratch / "loans.db", row)
    (operation,) = progress_of(workspace, cast.dpo, order).operations
    held = workspace.data.read(lambda records: records.authority.get(AuthorityKind.ERASURE, operation))
    if held is None:
        raise AssertionError("an order that is done names an erasure that is not there")
    erasure = workspace.notary.read(held, Erasure)
    kept = sum(report.retained for report in erasure.systems)
    scene.check(
        done.state.value == "done" and before > after and after == kept,
        f"{who}: {counted(sum(seen.erased.values()), 'item')} previewed, agreed by another person, carried out; "
        f"{erasure.systems[0].system}: {counted(before, 'row')}, {after} left by law",
    )
    return operation, erasure


def syncs_tonight(stage: DemoStage, scene: Scene) -> None:
    """Collect the same two applications again: neither comes back."""
    path = stage.scratch / "tonight.csv"
    write_csv(path, stage.known[:2], {})
    ran = run_plan(stage.workspace, stage.cast.intake, plan_of_applications().code, CsvSource(path))
    reasons = [one.reason for one in ran.aside]
    scene.check(
        ran.run.taken == 0 and reasons == ["suppressed", "frozen"],
        f"tonight's file has both again: set aside unsealed ({', '.join(reasons)})",
    )
    path.unlink()
