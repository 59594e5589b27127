"""Analyse what a plan has brought: the last phase of its life, recorded when somebody looks.

What was planned and never came was planned for nothing; what came unplanned says that the source has changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.clock import local_date
from shouxin.operations.acting import begin
from shouxin.operations.collecting.plan_row import PlanRun
from shouxin.operations.collecting.plans import plan_in, write_plan
from shouxin.operations.workspace import Workspace
from shouxin.policy.plan_transitions import PlanEvent, PlanState, follow
from shouxin.vault.records import Records

__all__ = ["Analysis", "analyse_plan"]


_AS_IT_STANDS: Final = frozenset({PlanState.STOPPED, PlanState.ENDED})


@dataclass(frozen=True, slots=True)
class Analysis:
    """What all runs of a plan brought, ``count`` of them; ``runs`` are the last hundred.

    ``never_came`` are planned items that no run saw, ``late`` past milestones.
    """

    state: str
    runs: tuple[PlanRun, ...]
    count: int
    taken: int
    aside: int
    unplanned: tuple[str, ...]
    never_came: tuple[str, ...]
    not_needed: Mapping[str, int]
    late: tuple[str, ...]


def analyse_plan(workspace: Workspace, token: Token, code: str) -> Analysis:
    """Return the analysis of a plan's runs, and record that it was made.

    A plan that was stopped or has ended is analysed as it stands: it stays so, however often it is looked at.

    Raises:
        NotFound: there is no such plan. Refused: the caller may not. NotInThisState: it never ran.
    """

    def work(records: Records) -> Analysis:
        act = begin(workspace, records, token)
        act.need("collector", "dpo", "operator", "auditor")
        row, plan = plan_in(workspace, records, code)
        if plan.state not in _AS_IT_STANDS:
            plan = replace(plan, state=follow(plan.state, PlanEvent.ANALYSE))
        write_plan(workspace, records, act, plan, row)
        file, totals = plan.file(), plan.counted()
        today = local_date(act.now)
        milestones = () if file.design is None else file.design.milestones
        return Analysis(
            state=plan.state.value,
            runs=plan.runs,
            count=totals.runs,
            taken=totals.taken,
            aside=totals.aside,
            unplanned=totals.unplanned,
            never_came=tuple(sorted({*file.items} - {*totals.items})) if plan.runs else (),
            not_needed=totals.dropped,
            late=tuple(one.title for one in milestones if today > one.due),
        )

    return workspace.data.transact(work).value
