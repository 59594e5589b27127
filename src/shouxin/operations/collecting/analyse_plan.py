"""Analyse what a plan has brought: the last phase of its life, recorded when somebody looks.

What was planned and never came was planned for nothing; what came unplanned says that the source has changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from shouxin.actors.account import Token
from shouxin.domain.clock import local_date
from shouxin.operations.acting import begin
from shouxin.operations.collecting.plan_row import PlanRun
from shouxin.operations.collecting.plans import plan_in, write_plan
from shouxin.operations.workspace import Workspace
from shouxin.policy.plan_transitions import PlanEvent, PlanState, follow
from shouxin.vault.records import Records

__all__ = ["Analysis", "analyse_plan"]


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the runs of a plan brought. ``never_came`` are planned items that no run saw, ``late`` past milestones."""

    state: str
    runs: tuple[PlanRun, ...]
    taken: int
    aside: int
    unplanned: tuple[str, ...]
    never_came: tuple[str, ...]
    not_needed: Mapping[str, int]
    late: tuple[str, ...]


def analyse_plan(workspace: Workspace, token: Token, code: str) -> Analysis:
    """Return the analysis of a plan's runs, and record that it was made; a stopped plan is analysed as it stands.

    Raises:
        NotFound: there is no such plan. Refused: the caller may not. NotInThisState: it never ran.
    """

    def work(records: Records) -> Analysis:
        act = begin(workspace, records, token)
        act.need("collector", "dpo", "operator", "auditor")
        row, plan = plan_in(workspace, records, code)
        if plan.state is not PlanState.STOPPED:  # what went past its plan stays stopped, however often it is looked at
            plan = replace(plan, state=follow(plan.state, PlanEvent.ANALYSE))
        write_plan(workspace, records, act, plan, row)
        file, seen, not_needed = plan.file(), set[str](), dict[str, int]()
        for run in plan.runs:
            seen.update(run.seen)
            for item, count in run.dropped.items():
                not_needed[item] = not_needed.get(item, 0) + count
        today = local_date(act.now)
        milestones = () if file.design is None else file.design.milestones
        return Analysis(
            state=plan.state.value,
            runs=plan.runs,
            taken=sum(run.taken for run in plan.runs),
            aside=sum(run.aside for run in plan.runs),
            unplanned=tuple(sorted({name for run in plan.runs for name in run.unplanned})),
            never_came=tuple(sorted(set(file.items) - seen)) if plan.runs else (),
            not_needed=not_needed,
            late=tuple(one.title for one in milestones if today > one.due),
        )

    return workspace.data.transact(work).value
