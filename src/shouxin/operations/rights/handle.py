"""Handle what was asked: identify who asks, take it on, stop or lengthen a clock, pass it up, take it back.

No deadline passes in silence: ``pass_up_overdue`` finds every request of which a clock has run out, records that it
has, by which rule, and passes it to the next desk; whoever lists requests sees it whether or not anybody ran it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.identifiers import OperationId, RightId
from shouxin.errors import Invalid
from shouxin.operations.acting import Act, begin
from shouxin.operations.rights.clocks import deadlines_of, ended, extended, missed, paused, resumed
from shouxin.operations.rights.desk import change, load, record_change
from shouxin.operations.rights.marks import lift_within
from shouxin.operations.rights.order_behind import came_to_nothing, end_behind
from shouxin.operations.workspace import Workspace
from shouxin.policy.clock_transitions import ClockState
from shouxin.policy.deadline import Deadline, state_at
from shouxin.rights.kinds import Assurance, kind_of
from shouxin.rights.request import ClockEnd, IdentityCheck, RightRequest, escalate, identify, move, start, withdraw
from shouxin.rights.transitions import RightEvent, RightState
from shouxin.vault.records import Records

__all__ = [
    "Owed",
    "end_clock",
    "extend_clock",
    "get_right",
    "identify_filer",
    "link_within",
    "link_work",
    "list_rights",
    "pass_up_overdue",
    "pause_clock",
    "resume_clock",
    "take_on",
    "withdraw_right",
]

_WATCHING = ("rights_desk", "dpo", "auditor")


@dataclass(frozen=True, slots=True)
class Owed:
    """A request as it stands now, with its clocks and the rules of those that have run out."""

    right: RightId
    request: RightRequest
    deadlines: tuple[Deadline, ...]
    missed: tuple[str, ...]


def identify_filer(
    workspace: Workspace,
    token: Token,
    right: RightId,
    assurance: Assurance,
    means: Iterable[str] = (),
    evidence: bytes = b"",
) -> RightRequest:
    """Record how sure one is of who asks, and by what (codes of ``rights.means``).

    ``evidence`` is the SHA-256 of what showed it; the thing itself is handed in, and sealed (``receive.hand_in``).

    Raises:
        Invalid: somebody is said to be matched or proven by nothing, by an unknown means, or by an empty file.
        Refused: it does not reach what this request needs or what it is said to, or what lets somebody ask for another
            was not shown.
        NotInThisState: it is handled or answered already.
    """
    shown = tuple(sorted(set(means)))

    def step(_records: Records, act: Act, request: RightRequest) -> RightRequest:
        return identify(request, IdentityCheck(assurance, shown, act.actor.account, act.now, evidence))

    return change(workspace, token, right, RightEvent.IDENTIFY.value, step)


def take_on(workspace: Workspace, token: Token, right: RightId) -> RightRequest:
    """Begin to handle a request. One for which anybody may ask needs no check of identity before.

    Raises:
        Refused: it has escalated past the caller's desk. NotInThisState: nobody knows yet who asks.
    """

    def work(records: Records) -> RightRequest:
        act = begin(workspace, records, token)
        before, request = load(workspace, records, right)
        role = next((one for one in reversed(kind_of(request.kind).desks) if one in act.actor.roles), "")
        act.need(*kind_of(request.kind).desks)
        if request.state is RightState.RECEIVED and kind_of(request.kind).assurance is Assurance.NONE:
            request = identify(request, IdentityCheck(Assurance.NONE, (), act.actor.account, act.now))
        after = start(request, act.actor.account, role)
        record_change(workspace, records, act, (right, before), after, RightEvent.START.value)
        return after

    return workspace.data.transact(work).value


def pause_clock(workspace: Workspace, token: Token, right: RightId, rule: str, ground: str) -> RightRequest:
    """Stop the clock of ``rule`` by a rule of the law pack.

    Raises:
        Refused: the clock decides and ``ground`` only advises. NotFound: the pack has no such rule.
        NotInThisState: the clock does not run, or has run out.
    """
    return change(
        workspace,
        token,
        right,
        RightEvent.PAUSE.value,
        lambda _records, act, request: replace(
            move(request, RightEvent.PAUSE), clocks=paused(workspace.pack, request, rule, ground, act.now)
        ),
        rules=lambda _: (rule, ground),
    )


def resume_clock(workspace: Workspace, token: Token, right: RightId, rule: str) -> RightRequest:
    """Let the clock of ``rule`` run on."""
    return change(
        workspace,
        token,
        right,
        RightEvent.RESUME.value,
        lambda _records, act, request: replace(
            move(request, RightEvent.RESUME), clocks=resumed(workspace.pack, request, rule, act.now)
        ),
        rules=lambda _: (rule,),
    )


def extend_clock(workspace: Workspace, token: Token, right: RightId, rule: str) -> RightRequest:
    """Lengthen the clock of ``rule``, once, by the rule that lengthens it; a data-protection officer decides that.

    Raises:
        Refused: no rule lengthens it, or it was lengthened before. NotInThisState: it has run out.
    """
    return change(
        workspace,
        token,
        right,
        RightEvent.EXTEND.value,
        lambda _records, act, request: replace(
            move(request, RightEvent.EXTEND), clocks=extended(workspace.pack, request, rule, act.now)
        ),
        roles=("dpo",),
        rules=lambda after: tuple(one.extended_by for one in after.clocks if one.rule == rule),
    )


def end_clock(
    workspace: Workspace, token: Token, right: RightId, rule: str, end: ClockEnd, evidence: bytes
) -> RightRequest:
    """End the clock of ``rule`` while the answer is still owed: what it asks for was done, or is not owed.

    That an incident is of a lesser grade, so that nobody need be told within hours, is a finding: a data-protection
    officer makes it. ``evidence`` is the SHA-256 of what shows it: the receipt of a report, the paper of the finding.

    Raises:
        NotInThisState: it ended before, or nothing is owed any more. Invalid: no such clock, or no evidence.
        Refused: the caller is no data-protection officer and says that it is not owed.
    """
    return change(
        workspace,
        token,
        right,
        RightEvent.MEET.value,
        lambda _records, act, request: replace(
            move(request, RightEvent.MEET), clocks=ended(request, rule, end, evidence, act.now)
        ),
        roles=("dpo",) if end is ClockEnd.NOT_OWED else ("rights_desk", "dpo"),
        rules=lambda _: (rule,),
    )


def withdraw_right(workspace: Workspace, token: Token, right: RightId) -> RightRequest:
    """Take a request back, as whoever made it wishes; what protected them meanwhile ends, and so does its order.

    Raises:
        NotInThisState: it is answered already, or the order that answers it is past the point of no return.
        NotFound: there is no such request. Refused, NotSignedIn: the caller may not.
    """

    def work(records: Records) -> RightRequest:
        act = begin(workspace, records, token)
        act.need("rights_desk", "dpo")
        before, request = load(workspace, records, right)
        after = withdraw(request, act.now)
        lift_within(workspace, records, act, request)
        end_behind(workspace, records, act, request)
        record_change(workspace, records, act, (right, before), after, RightEvent.WITHDRAW.value)
        return after

    return workspace.data.transact(work).value


def link_work(workspace: Workspace, token: Token, right: RightId, work: OperationId) -> RightRequest:
    """Note which operation does what was asked, so that the request and, say, an erasure name one another.

    Raises:
        Invalid: another operation does it already, or the request is not being handled.
        Refused, NotSignedIn, NotFound: as ``desk.change``.
    """

    def step(records: Records) -> RightRequest:
        act = begin(workspace, records, token)
        act.need("rights_desk", "dpo")
        return link_within(workspace, records, act, right, work)

    return workspace.data.transact(step).value


def link_within(workspace: Workspace, records: Records, act: Act, right: RightId, work: OperationId) -> RightRequest:
    """Do as ``link_work`` inside the transaction that begins the operation; one that came to nothing is replaced."""
    before, request = load(workspace, records, right)
    if request.state is not RightState.IN_PROGRESS:
        raise Invalid(f"a request that is {request.state} is not being handled", "right")
    if request.work not in {None, work} and not came_to_nothing(workspace, records, act, request):
        raise Invalid("an order or another operation does what this asks already", "right")
    after = replace(request, work=work)
    record_change(workspace, records, act, (right, before), after, "link")
    return after


def pass_up_overdue(workspace: Workspace, token: Token) -> list[Owed]:
    """Record every clock that ran out since this was last run, and pass its request to the next desk; return those."""

    def work(records: Records) -> list[Owed]:
        act = begin(workspace, records, token)
        act.need("rights_desk", "dpo")
        passed: list[Owed] = []
        for state in RightState:
            for row in records.authority.find(AuthorityKind.RIGHT, name=state) if state.owed else ():
                request = workspace.notary.read(row, RightRequest)
                over = missed(workspace.pack, request, act.now)
                fresh = tuple(rule for rule in over if rule not in request.told)
                if not fresh:
                    continue
                right, after = RightId(row.identifier), escalate(request, fresh)
                record_change(workspace, records, act, (right, row), after, RightEvent.ESCALATE.value, fresh)
                passed.append(Owed(right, after, tuple(deadlines_of(workspace.pack, after)), over))
        return passed

    return workspace.data.transact(work).value


def get_right(workspace: Workspace, token: Token, right: RightId) -> Owed:
    """Return one request as it stands at this moment.

    Raises:
        NotFound: there is none. Refused: the caller answers no rights.
    """

    def work(records: Records) -> Owed:
        act = begin(workspace, records, token)
        act.need(*_WATCHING)
        request = load(workspace, records, right)[1]
        over = missed(workspace.pack, request, act.now)
        return Owed(right, request, tuple(deadlines_of(workspace.pack, request)), over)

    return workspace.data.read(work)


def list_rights(workspace: Workspace, token: Token, *, all_states: bool = False) -> list[Owed]:
    """Return what is owed (or everything that was ever asked), by what hurries most; what has run out comes first."""

    def work(records: Records) -> list[Owed]:
        act = begin(workspace, records, token)
        act.need(*_WATCHING)
        found: list[Owed] = []
        for state in RightState:
            rows = records.authority.find(AuthorityKind.RIGHT, name=state) if all_states or state.owed else []
            for row in rows:
                request = workspace.notary.read(row, RightRequest)
                over = missed(workspace.pack, request, act.now) if request.state.owed else ()
                deadlines = tuple(deadlines_of(workspace.pack, request))
                found.append(Owed(RightId(row.identifier), request, deadlines, over))
        return sorted(found, key=_hurry)

    return workspace.data.read(work)


def _hurry(owed: Owed) -> tuple[bool, int, int]:
    running = [one for one in owed.deadlines if state_at(one, owed.request.received) is ClockState.RUNNING]
    due = min((one.due for one in running if one.due is not None), default=None)
    return not owed.missed, due if due is not None else 1 << 62, owed.request.received
