"""Run an approved plan: read its source, keep to the plan, seal what it names, record what it did.

Laws of this file. Nothing is read from a source without a plan that is approved now, and whose check finds no error
now, nor through a driver of another kind than the register says. The plan is asked again in the transaction of every
batch. A field that no plan names is dropped before anything is stored; its name is reported. A record that holds
nothing planned is set aside. One record more than the plan's volume stops the run, and so does a batch by which more
than that would be set aside of the place; what was taken until then stays.

A kill leaves the run open: running the plan again goes on with it, from the cursor that was committed with the data,
and knows what was set aside before. What was set aside is asked for again by every run (``looking_back``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.clock import DAY, HOUR, Instant, local_date
from shouxin.domain.event_kind import EventKind
from shouxin.errors import Invalid, NotInThisState
from shouxin.operations.acting import Act, begin, row_facts
from shouxin.operations.collecting.arrivals import Arrivals
from shouxin.operations.collecting.asides import AtPlace, SetAside, standing_at
from shouxin.operations.collecting.collect import collect, source_digest, standing
from shouxin.operations.collecting.intake import Aside, Collected, Reached
from shouxin.operations.collecting.intake_source import IntakeSource
from shouxin.operations.collecting.kept_out import SUPPRESSED
from shouxin.operations.collecting.looking_back import ask_again, come_from, erased_since
from shouxin.operations.collecting.new_records import NewRecords, intakes, until_broken
from shouxin.operations.collecting.plan_file import IntakeBuilder, PlanFile
from shouxin.operations.collecting.plan_row import PlanRun, RunFinding, StandingPlan, UsualRecords, plan_identifier
from shouxin.operations.collecting.plans import plan_in, refuse_errors, remarks_in, replacing_in
from shouxin.operations.collecting.purge import locator_digest, note_copy
from shouxin.operations.collecting.sources import RegisteredSource, source_in
from shouxin.operations.collecting.watch_run import MOST_FINDINGS, RunWatch, names_shown, shown_name
from shouxin.operations.workspace import Workspace
from shouxin.policy.collection_plan import FREQUENCIES
from shouxin.policy.plan_transitions import PlanEvent, follow
from shouxin.policy.source import SourceKind
from shouxin.vault.records import Records

__all__ = ["KEPT_RUNS", "Ran", "may_run", "ready_to_run", "run_plan", "write_run"]

KEPT_RUNS: Final = 100
_NAMES: Final = 200  # of unplanned fields that are told; a source that invents names without end tells no more
_STOPPING: Final = frozenset({"over-volume", "over-waiting"})


@dataclass(frozen=True, slots=True)
class Ran:
    """What one call did: the run as it stands now, and the records that it set aside, also before a kill, by line.

    ``already`` counts the records that earlier runs (of those that are kept) took from the same content or stream;
    ``erased`` those of them whose person was erased since and is kept out, where a content brought nothing more.
    """

    run: PlanRun
    aside: tuple[Aside, ...]
    already: int = 0
    erased: int = 0


def ready_to_run(workspace: Workspace, token: Token, code: str) -> tuple[StandingPlan, RegisteredSource]:
    """Return a plan that may run now, and its source, for whoever opens the source.

    Raises:
        NotInThisState: it was not approved, it was stopped or has ended, its days are over, or it ran already in this
            period. Invalid: its check finds an error now (a contract that ended, a card that changed).
    """

    def work(records: Records) -> tuple[StandingPlan, RegisteredSource]:
        act = begin(workspace, records, token)
        _, plan = plan_in(workspace, records, code)
        return plan, may_run(workspace, records, plan, act.now)

    return workspace.data.read(work)


def may_run(
    workspace: Workspace, records: Records, plan: StandingPlan, now: Instant, *, observing: bool = False
) -> RegisteredSource:
    """Return the source of a plan that may run now, in this transaction; ``observing`` if it is only looked at.

    Raises:
        NotInThisState, Invalid: see ``ready_to_run``; or the plan is of the other mode.
    """
    follow(plan.state, PlanEvent.RUN)
    file = plan.file()
    if (file.mode == "observe") != observing:
        raise NotInThisState(
            "this plan takes records: use 'plan run'"
            if observing
            else "a source in mode observe is only looked at: use 'source scan --plan'"
        )
    if plan.approved is None or now >= plan.approved + file.days * DAY:
        raise NotInThisState("the days of this plan are over: propose it again")
    refuse_errors(remarks_in(workspace, records, file, now), plan.text, plan.code)
    source = source_in(workspace, records, file.source)
    if source is None:
        raise NotInThisState("the source of this plan is not registered")
    last = plan.runs[-1] if plan.runs else None
    if last is not None and last.ended is not None and last.begun >= plan.approved:
        apart = FREQUENCIES[file.frequency]
        if apart < 0 or now < last.begun + int(apart * HOUR):
            raise NotInThisState(f"this plan runs {file.frequency}: it has run in this period")
    return source


def run_plan(
    workspace: Workspace,
    token: Token,
    code: str,
    source: IntakeSource,
    *,
    step: Callable[[int], None] = lambda _line: None,
    raised: Callable[[RunFinding], None] = lambda _finding: None,
) -> Ran:
    """Take in what ``source`` has and the plan names, each record once; a run that was killed goes on.

    ``raised`` is told what is not as usual while records flow, as soon as it is seen; it decides nothing.

    Raises:
        NotInThisState, Invalid: see ``ready_to_run``; nothing was read. Invalid also: the driver is of another kind
        than the source. StoreUnavailable: the source died; what was taken is durable and the run stays open.
        Fenced, Refused: see ``operations.collecting.collect``.
    """
    at_place = (source.kind, source.identity(), source.locator())
    plan = workspace.data.transact(lambda records: _begin(workspace, records, token, code, at_place)).value
    run, file, digest, ever = plan.runs[-1], plan.file(), plan.digest(), plan.counted().items
    tokens = workspace.data.read(partial(replacing_in, workspace))
    build = IntakeBuilder(file, workspace.tagger, local_date(workspace.clock.now()), tokens=tokens)
    done, there = Collected(), _fields(source, file)
    build.unused.update(there - build.wanted)
    held = standing(workspace, run.place)
    at, stand = held.reached, source.lines_stand
    earlier = next((one for one in reversed(plan.runs[:-1]) if one.outcome == "finished"), None)
    watch = RunWatch(raised, earlier, names_shown(there, build.wanted), plan.usual_fields(), workspace.clock)
    new = NewRecords(Arrivals(workspace, run.place), held, done, stand, clock=workspace.clock)
    asked = until_broken(ask_again(source, held.asked_again().values(), build.wanted), new)
    read = new.of(asked, watch.over_whole(until_broken(source.read(at, build.wanted), new)))

    def stands(records: Records) -> None:
        now = plan_in(workspace, records, code)[1]
        follow(now.state, PlanEvent.RUN)
        if now.digest() != digest or now.runs[-1:] != plan.runs[-1:]:
            raise NotInThisState("the plan was changed, or another run of it began, while this one ran")

    came = watch.over(new.within(read, file.volume - (at.done() - run.first)))
    taken, how = intakes(came, build, lines_stand=stand), (run.number, file.volume)
    collect(workspace, token, file.plan(), taken, place=run.place, step=step, under=stands, done=done, run=how)
    done.repeated += new.repeated
    held = standing(workspace, run.place)
    aside = sorted((one for one in held.rows.values() if one.run == run.number), key=lambda one: one.line)
    if new.broken is not None:
        # The run stays open and tells what it did so far; what stopped it is the caller's to hear.
        _note(workspace, token, code, _after(run, done, aside, build, watch), "broken", watch)
        raise new.broken
    outcome = "over-waiting" if done.full else "over-volume" if new.over else "finished"
    watch.ended({*run.seen, *build.seen}, file.items, ever)
    if outcome == "finished":
        watch.not_asked_again(len(new.waiting))
    after = replace(_after(run, done, aside, build, watch), outcome=outcome)
    already = sum(one.taken for one in plan.runs[:-1] if one.place == run.place)
    ended = _note(workspace, token, code, after, outcome, watch)
    erased = 0
    if already and not ended.taken and not at.cursor and source.kind is SourceKind.FILE:
        erased = min(already, _erased(workspace, source, (at, held), build))
    return Ran(ended, tuple(Aside(one.line, one.reason) for one in aside), already, erased)


def _fields(source: IntakeSource, file: PlanFile) -> frozenset[str]:
    """Return the fields that the source has now, if it can say so; none that the plan calls by name is lacking."""
    there = frozenset(source.describe())
    if there and (lacking := sorted(file.columns() - there)):
        raise Invalid(f"the source lacks fields that the plan names: {', '.join(map(shown_name, lacking))}", "fields")
    return there


def _erased(workspace: Workspace, source: IntakeSource, places: tuple[Reached, AtPlace], build: IntakeBuilder) -> int:
    """Return how many of the records that were taken from a content before are of people who were erased since."""
    at, held = places
    lines = {*held.reached.waiting, *(one.line for one in held.rows.values())}
    read = come_from(source, at, lines, build.wanted)
    return erased_since(workspace, (intakes(((one, b"") for one in piece), build) for piece in read))


def _begin(
    workspace: Workspace, records: Records, token: Token, code: str, driver: tuple[SourceKind, bytes, bytes]
) -> StandingPlan:
    """Open a run, or go on with the one that was not finished; record it."""
    kind, identity, where = driver
    act = begin(workspace, records, token)
    row, plan = plan_in(workspace, records, code)
    source = may_run(workspace, records, plan, act.now)
    if kind is not source.source.kind:
        raise Invalid(f"the source of this plan is of kind {source.source.kind}, not {kind}", "kind")
    place = source_digest(source.source.source, code.encode() + b"\0" + identity)
    locator = locator_digest(workspace, source.source.source, where)
    last = plan.runs[-1] if plan.runs else None
    if last is None or last.ended is not None or last.place != place or last.locator not in {b"", locator}:
        totals = plan.counted()
        run = PlanRun(act.now, place, _done(workspace, records, place), locator=locator, number=totals.runs + 1)
        totals = totals.plus(None, run)
        plan = replace(plan, runs=(*plan.runs, run)[-KEPT_RUNS:], totals=totals)
    plan = replace(plan, state=follow(plan.state, PlanEvent.RUN))
    write_run(workspace, records, act, plan, row, "begun")
    return plan


def _done(workspace: Workspace, records: Records, place: bytes) -> int:
    """Return how many records of a place are done; 0 where nothing came from there."""
    return standing_at(workspace, records, place).reached.done()


def _after(
    run: PlanRun, done: Collected, aside: Collection[SetAside], build: IntakeBuilder, watch: RunWatch
) -> PlanRun:
    """Return the run with what this call did."""
    dropped = dict(run.dropped)
    for item, count in done.dropped.items():
        dropped[item] = dropped.get(item, 0) + count
    names = sorted({*run.unplanned, *(watch.show(name) for name in build.unused)})
    return replace(
        run,
        taken=run.taken + done.taken,
        subjects=run.subjects + done.subjects,
        aside=len(aside),
        suppressed=sum(one.reason == SUPPRESSED for one in aside),
        repeated=run.repeated + done.repeated,
        dropped=dropped,
        unplanned=tuple(names[:_NAMES]),
        seen=tuple(sorted({*run.seen, *build.seen})),
        findings=(*run.findings, *watch.findings)[:MOST_FINDINGS],
    )


def _note(workspace: Workspace, token: Token, code: str, run: PlanRun, outcome: str, watch: RunWatch) -> PlanRun:
    """Record what a run did, and its end where it has one; and what the next is held against."""

    def work(records: Records) -> PlanRun:
        act = begin(workspace, records, token)
        row, plan = plan_in(workspace, records, code)
        if plan.runs[-1:] and plan.runs[-1].begun != run.begun:
            raise NotInThisState("another run of this plan began meanwhile")
        ended = replace(run, ended=act.now if run.outcome else None)
        state = follow(plan.state, PlanEvent.STOP) if outcome in _STOPPING else plan.state
        totals = plan.counted().plus(plan.runs[-1], ended)
        usual = UsualRecords(plan.digest(), watch.usual())
        after = replace(plan, state=state, runs=(*plan.runs[:-1], ended), totals=totals, usual=usual)
        write_run(workspace, records, act, after, row, outcome)
        # What a killed process took stands in no run, but the place has moved; what was asked again moves no place.
        if run.outcome and (run.taken or _done(workspace, records, run.place) > run.first):
            note_copy(workspace, records, act, plan.file(), ended)
        return ended

    return workspace.data.transact(work).value


def write_run(
    workspace: Workspace, records: Records, act: Act, plan: StandingPlan, before: AuthorityRow, outcome: str
) -> None:
    """Write a plan's next version and record what its last run did."""
    identifier, run = plan_identifier(plan.code), plan.runs[-1]
    row = workspace.notary.write(AuthorityKind.PLAN, identifier, before.version + 1, plan, name=plan.code)
    records.authority.put(row)
    records.record(
        act.event(
            EventKind.PLAN_RAN,
            plan=plan.code,
            state=plan.state.value,
            outcome=outcome,
            taken=run.taken,
            aside=run.aside,
            repeated=run.repeated,
            unplanned=len(run.unplanned),
            findings=len(run.findings),
            **row_facts(row, before),
        )
    )
