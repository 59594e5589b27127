"""Propose, approve, deny, end: how a plan to collect gets from a need to the right to run (maker and checker).

What is approved is the text, to the letter: its digest stands in every event, and a text that differs is designed and
approved anew. Who agrees is the chain that the card of the plan's first purpose has for the form ``sealed``; a card
without one asks an approver and then the data-protection officer. Nobody approves their own plan.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Final

from shouxin.actors.account import Token
from shouxin.approvals.chain import Level
from shouxin.approvals.request import Request, agree, deny, expire
from shouxin.approvals.transitions import RequestState
from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.clock import HOUR, Instant, local_date
from shouxin.domain.event_kind import EventKind
from shouxin.errors import Invalid, NotFound, NotInThisState, Refused
from shouxin.operations.acting import Act, begin, row_facts
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.collecting.plan_file import PlanFile, read_plan
from shouxin.operations.collecting.plan_row import StandingPlan, plan_identifier
from shouxin.operations.collecting.sources import RegisteredSource, source_in
from shouxin.operations.staff.accounts import is_confirmed
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Form, PurposeCode
from shouxin.policy.declared_toml import line_of, line_too_many
from shouxin.policy.lint import Remark, Severity
from shouxin.policy.plan_check import check_plan
from shouxin.policy.plan_transitions import PlanEvent, PlanState, follow
from shouxin.vault.records import Records

__all__ = [
    "approve_plan",
    "deny_plan",
    "end_plan",
    "get_plan",
    "list_plans",
    "plan_in",
    "propose_plan",
    "refuse_errors",
    "remarks_in",
    "replacing_in",
    "review_plan",
    "source_of_plan",
    "write_plan",
]

_SEALED: Final = Form("sealed")
_CHAIN: Final = (Level("approver", 1), Level("dpo", 1))
_HOURS: Final = 14 * 24  # until a proposal lapses, where its card does not say
_MAKERS: Final = ("collector", "dpo", "operator")
_LARGEST: Final = 64 * 1024
_REPLACE: Final = "replace"


def remarks_in(
    workspace: Workspace, records: Records, plan: PlanFile, now: Instant, forbidden: Collection[str] = ()
) -> list[Remark]:
    """Return what there is to say about a plan, as cards and sources stand in this transaction; see ``check_plan``."""
    registered = source_in(workspace, records, plan.source)
    source = None if registered is None or registered.ended else registered.source
    cards = current_engine(workspace, records, "", now).cards
    answers = is_confirmed(workspace, records, plan.responsible)
    return check_plan(plan, source, cards, workspace.pack, local_date(now), forbidden, answers=answers)


def review_plan(workspace: Workspace, token: Token, plan: PlanFile, forbidden: Collection[str] = ()) -> list[Remark]:
    """Return everything there is to say about ``plan``, errors first; changes nothing."""

    def work(records: Records) -> list[Remark]:
        act = begin(workspace, records, token)
        return remarks_in(workspace, records, plan, act.now, forbidden)

    return workspace.data.read(work)


def refuse_errors(remarks: list[Remark], text: str, file: str) -> None:
    """Raise ``Invalid`` with the place in ``text`` of the first remark that is an error, if there is one."""
    for remark in remarks:
        if remark.severity is Severity.ERROR:
            cited = f" ({remark.article})" if remark.article else ""
            raise Invalid(f"{remark.why_en}{cited}", f"{file}:{line_of(text, remark.place)}")


def propose_plan(
    workspace: Workspace, token: Token, text: str, file: str = "plan", forbidden: Collection[str] = ()
) -> StandingPlan:
    """Write down a need, or lay a designed plan before its approvers; one of the same code is designed anew.

    Raises:
        Invalid: it does not read, or its check finds an error. Refused: the caller may not propose.
        NotInThisState: the plan was ended, or it replaces and the new design does not.
    """
    if len(text) > _LARGEST:
        raise Invalid(f"a plan has at most {_LARGEST} characters", f"{file}:{line_too_many(text, _LARGEST)}")
    plan = read_plan(text, file)

    def work(records: Records) -> StandingPlan:
        act = begin(workspace, records, token)
        act.need(*_MAKERS)
        remarks = remarks_in(workspace, records, plan, act.now, forbidden)
        designed = plan.design is not None
        if designed or not plan.code or not plan.need:
            refuse_errors(remarks, text, file)
        row = records.authority.get(AuthorityKind.PLAN, plan_identifier(plan.code))
        known = None if row is None else workspace.notary.read(row, StandingPlan)
        if not designed:
            if known is not None:
                raise NotInThisState("this need is written down already: design it")
            value = StandingPlan(plan.code, PlanState.NEEDED, text, act.actor.account, act.now)
        else:
            state = follow(PlanState.NEEDED if known is None else known.state, PlanEvent.DESIGN)
            if known is not None and known.runs and plan.mode != _REPLACE == known.file().mode:
                raise NotInThisState("a plan that replaces, and has run, stays one: give the other a code of its own")
            request = _request(workspace, records, act, plan)
            value = StandingPlan(plan.code, state, text, act.actor.account, act.now, request)
            value = value if known is None else replace(value, runs=known.runs, totals=known.counted())
        write_plan(workspace, records, act, value, row)
        return value

    return workspace.data.transact(work).value


def _request(workspace: Workspace, records: Records, act: Act, plan: PlanFile) -> Request:
    card = current_engine(workspace, records, "", act.now).cards[PurposeCode(plan.purposes[0])]
    chain = card.approval.get(_SEALED)
    levels = _CHAIN if chain is None else tuple(Level(level.role, level.quorum) for level in chain.levels)
    hours = _HOURS if chain is None else chain.request_hours
    return Request(
        requester=act.actor.account,
        purpose=card.purpose,
        version=card.version,
        form=_SEALED,
        items=plan.items,
        subjects=(),
        levels=levels,
        grant_minutes=plan.days * 24 * 60,
        opened=act.now,
        until=Instant(act.now + hours * HOUR),
    )


def write_plan(
    workspace: Workspace, records: Records, act: Act, value: StandingPlan, before: AuthorityRow | None
) -> AuthorityRow:
    """Write a plan's next version and record where it stands."""
    version = 1 if before is None else before.version + 1
    identifier = plan_identifier(value.code)
    row = workspace.notary.write(AuthorityKind.PLAN, identifier, version, value, name=value.code)
    records.authority.put(row)
    records.record(
        act.event(
            EventKind.PLAN_CHANGED,
            plan=value.code,
            source=value.file().source,
            state=value.state.value,
            level=0 if value.request is None else value.request.level,
            declared=value.digest(),
            **row_facts(row, before),
        )
    )
    return row


def plan_in(workspace: Workspace, records: Records, code: str) -> tuple[AuthorityRow, StandingPlan]:
    """Return the row of a plan and what it says.

    Raises:
        NotFound: there is no such plan. Tampered: its row is not what the institution wrote.
    """
    row = records.authority.get(AuthorityKind.PLAN, plan_identifier(code))
    if row is None:
        raise NotFound("there is no plan of this code")
    return row, workspace.notary.read(row, StandingPlan)


def _change(
    workspace: Workspace, token: Token, code: str, step: Callable[[Records, Act, StandingPlan], StandingPlan]
) -> StandingPlan:
    def work(records: Records) -> StandingPlan:
        act = begin(workspace, records, token)
        row, plan = plan_in(workspace, records, code)
        value = step(records, act, plan)
        write_plan(workspace, records, act, value, row)
        return value

    return workspace.data.transact(work).value


def approve_plan(workspace: Workspace, token: Token, code: str, digest: str = "") -> StandingPlan:
    """Agree to a plan at its present level; the last agreement gives it the right to run.

    ``digest`` is what the approver has read, if they say so: another text is refused. The check is made once more,
    for a contract may have ended since the plan was proposed.

    Raises:
        Refused: one's own, a second agreement, another role. Invalid: the check finds an error now.
        NotInThisState: it is not before its approvers, its card changed, or its text is another than was read.
    """

    def step(records: Records, act: Act, plan: StandingPlan) -> StandingPlan:
        request = _before_approvers(workspace, records, act, plan, PlanEvent.AGREE)
        if digest and digest != plan.digest():
            raise NotInThisState("the plan was changed since it was read")
        file = plan.file()
        refuse_errors(remarks_in(workspace, records, file, act.now), plan.text, plan.code)
        request = agree(request, act.actor.account, act.actor.roles, act.now)
        complete = request.state is RequestState.GRANTED
        state = follow(plan.state, PlanEvent.COMPLETE if complete else PlanEvent.AGREE)
        return replace(plan, state=state, request=request, approved=act.now if complete else None)

    return _change(workspace, token, code, step)


def deny_plan(workspace: Workspace, token: Token, code: str) -> StandingPlan:
    """Deny a plan; whoever could agree at this level may.

    Raises:
        Refused, NotInThisState: as for ``approve_plan``.
    """

    def step(records: Records, act: Act, plan: StandingPlan) -> StandingPlan:
        request = _before_approvers(workspace, records, act, plan, PlanEvent.DENY)
        return replace(
            plan,
            state=follow(plan.state, PlanEvent.DENY),
            request=deny(request, act.actor.account, act.actor.roles),
        )

    return _change(workspace, token, code, step)


def _before_approvers(
    workspace: Workspace, records: Records, act: Act, plan: StandingPlan, event: PlanEvent
) -> Request:
    """Return the request of a plan that may be decided now."""
    follow(plan.state, event)
    if plan.request is None:
        raise NotInThisState("nobody was asked about this plan")
    request = expire(plan.request, act.now)
    card = current_engine(workspace, records, "", act.now).cards.get(PurposeCode(request.purpose))
    if card is None or card.version != request.version:
        raise NotInThisState("the card changed since this was proposed: propose it again")
    return request


def end_plan(workspace: Workspace, token: Token, code: str) -> StandingPlan:
    """End a plan for good: nothing is collected under it any more.

    Raises:
        Refused: the caller neither proposed it nor is a data-protection officer. NotInThisState: it has ended.
    """

    def step(_records: Records, act: Act, plan: StandingPlan) -> StandingPlan:
        if act.actor.account != plan.proposer and "dpo" not in act.actor.roles:
            raise Refused("a plan is ended by its proposer or the dpo", [("CN-PIPL-51-1-4-ROLE", "PIPL 51(1)(4)")])
        return replace(plan, state=follow(plan.state, PlanEvent.END))

    return _change(workspace, token, code, step)


def get_plan(workspace: Workspace, token: Token, code: str) -> StandingPlan:
    """Return one plan; for everybody who is signed in: a plan holds no personal information.

    Raises:
        NotFound: there is none of this code.
    """

    def work(records: Records) -> StandingPlan:
        begin(workspace, records, token)
        return plan_in(workspace, records, code)[1]

    return workspace.data.read(work)


def source_of_plan(workspace: Workspace, token: Token, code: str) -> RegisteredSource:
    """Return the source of a plan as the register has it.

    Raises:
        NotFound: there is no plan of this code, or its source is not registered.
    """

    def work(records: Records) -> RegisteredSource:
        begin(workspace, records, token)
        found = source_in(workspace, records, plan_in(workspace, records, code)[1].file().source)
        if found is None:
            raise NotFound("the source of this plan is not registered")
        return found

    return workspace.data.read(work)


def list_plans(workspace: Workspace, token: Token) -> list[StandingPlan]:
    """Return every plan, by code."""

    def work(records: Records) -> list[StandingPlan]:
        begin(workspace, records, token)
        plans = workspace.notary.read_all(records.authority.find(AuthorityKind.PLAN), StandingPlan)
        return sorted(plans, key=lambda plan: plan.code)

    return workspace.data.read(work)


def replacing_in(workspace: Workspace, records: Records) -> bool:
    """Say whether a plan that replaces has ever run, whatever became of it: its tokens may turn up anywhere.

    They come with an export of the table as with the table itself. Where nobody replaces, what only looks like a token
    (a number of another numbering plan) is taken for what it is.
    """
    plans = workspace.notary.read_all(records.authority.find(AuthorityKind.PLAN), StandingPlan)
    return any(plan.runs and plan.file().mode == _REPLACE for plan in plans)
