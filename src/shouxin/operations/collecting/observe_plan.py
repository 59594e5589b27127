"""Look at a source under an approved plan in mode observe: scan it, keep nothing, note with the plan what is there.

The plan is asked before anything is read, as for every other run: approved, not over, checked, of this period. What is
noted are items by their codes: those that are planned and were found, those that were found and are not planned, and
those that are planned and are not there. Counts and places stand in the scan's report, which stays with the caller.

A kill leaves nothing behind but notes of the scan; scanning again is the next run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from shouxin.actors.account import Token
from shouxin.detection.survey.evidence import ScanReport
from shouxin.detection.survey.grading import judge_report
from shouxin.errors import Invalid, NotInThisState
from shouxin.operations.acting import Act, begin
from shouxin.operations.collecting.collect import source_digest
from shouxin.operations.collecting.intake_source import SourceSignal
from shouxin.operations.collecting.plan_row import OBSERVED, PlanRun, RunFinding, StandingPlan
from shouxin.operations.collecting.plans import plan_in
from shouxin.operations.collecting.run_plan import KEPT_RUNS, may_run, write_run
from shouxin.operations.collecting.sources import RegisteredSource
from shouxin.operations.workspace import Workspace
from shouxin.policy.plan_transitions import PlanEvent, follow
from shouxin.policy.source import SourceKind
from shouxin.vault.records import Records

__all__ = ["observe_plan", "ready_to_observe"]

_LOOKED_AT: Final = frozenset({SourceKind.FILE, SourceKind.SQL})


def ready_to_observe(workspace: Workspace, token: Token, code: str) -> RegisteredSource:
    """Return the source of a plan that may look at it now, for whoever opens it.

    Raises:
        NotFound, NotInThisState, Invalid: as for ``run_plan.ready_to_run``. Invalid also: a source of a kind that
            cannot be scanned.
    """

    def work(records: Records) -> RegisteredSource:
        act = begin(workspace, records, token)
        return _source(workspace, records, act, plan_in(workspace, records, code)[1])

    return workspace.data.read(work)


def _source(workspace: Workspace, records: Records, act: Act, plan: StandingPlan) -> RegisteredSource:
    act.need("collector", "dpo", "operator")
    source = may_run(workspace, records, plan, act.now, observing=True)
    if source.source.kind not in _LOOKED_AT:
        raise Invalid("files and databases are looked at; what an API or a page holds is seen by collecting", "source")
    return source


def observe_plan(
    workspace: Workspace, token: Token, code: str, look: Callable[[], ScanReport]
) -> tuple[PlanRun, ScanReport]:
    """Scan under a plan in mode observe, and note what is there; the note is durable on return.

    ``look`` scans, once it is certain that it may.

    Raises:
        NotFound, NotInThisState, Invalid: see ``ready_to_observe``; nothing was read. NotInThisState also: the plan
            changed while the scan ran; nothing was noted.
    """
    ready_to_observe(workspace, token, code)
    begun = workspace.clock.now()
    report = look()
    found = {str(item) for place in judge_report(report).places for item in place.items}

    def work(records: Records) -> PlanRun:
        act = begin(workspace, records, token)
        row, plan = plan_in(workspace, records, code)
        source = _source(workspace, records, act, plan)
        if plan.approved is None or plan.approved > begun:
            raise NotInThisState("the plan was approved anew while the source was looked at: look again")
        planned = {*plan.file().items}
        lacking = sorted(planned - found)
        place = source_digest(source.source.source, code.encode() + b"\0" + report.identity.encode())
        run = PlanRun(begun, place, 0)
        totals = plan.counted().plus(None, run)
        ended = replace(
            run,
            ended=act.now,
            outcome=OBSERVED,
            seen=tuple(sorted(planned & found)),
            unplanned=tuple(sorted(found - planned)),
            findings=tuple(RunFinding(SourceSignal.NEVER_CAME.value, item, 0) for item in lacking),
        )
        state = follow(plan.state, PlanEvent.RUN)
        runs = (*plan.runs, ended)[-KEPT_RUNS:]
        after = replace(plan, state=state, runs=runs, totals=totals.plus(run, ended))
        write_run(workspace, records, act, after, row, OBSERVED)
        return ended

    return workspace.data.transact(work).value, report
