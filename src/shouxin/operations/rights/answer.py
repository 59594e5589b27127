"""Answer what was asked: fulfil, fulfil in part and say so, or refuse with reasons and articles (PIPL 50(1)).

Laws of this file. Nothing is fulfilled for somebody who was not identified (the table has no such row). A kind that
something must be done for is fulfilled only once that is seen to be done: a copy once a package was made, a deletion
once its order, or an erasure since it was asked, is read back. A reason names a rule of the law pack, or a rule of this
product with the article on which it rests. What a person is told in writing is sealed beside what they wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from shouxin.actors.account import Token
from shouxin.approvals.order import Order
from shouxin.approvals.order_transitions import OrderState
from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import OperationId, RightId, SubjectId
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid, NotInThisState
from shouxin.operations.acting import Act, row_facts
from shouxin.operations.adopting.standing_law import check_law
from shouxin.operations.rights.clocks import missed
from shouxin.operations.rights.desk import load, named, write
from shouxin.operations.rights.erased import became_of, erased_by, erased_since, left_in_databases
from shouxin.operations.rights.evidence import REPLY, with_evidence
from shouxin.operations.rights.marks import lift_within
from shouxin.operations.rights.order_behind import end_behind
from shouxin.operations.workspace import Workspace
from shouxin.rights.kinds import RightKind, kind_of
from shouxin.rights.request import Evidence, RightAnswer, RightRequest
from shouxin.rights.request import answer as answered
from shouxin.rights.request import refuse as refused
from shouxin.rights.transitions import RightState
from shouxin.vault.records import Records

__all__ = [
    "NOTHING_MORE",
    "WITH_PACKAGE",
    "Said",
    "answer_done",
    "answer_within",
    "fulfil",
    "reasons_of",
    "refuse",
    "with_reply",
]

WITH_PACKAGE: Final = frozenset({RightKind.ACCESS, RightKind.COPY, RightKind.PORT})
_WITH_WORK: Final = frozenset({RightKind.DELETE, RightKind.CLOSE_ACCOUNT})
_TO_DO: Final = (
    "nothing of what this person asked was erased since they asked: shouxin deletion draft --right, or, where no card "
    "has [deletion], shouxin subject erase and then this again"
)
_OWES_A_REASON: Final = "CN-PIPL-50-1-REASONS"
# These are fulfilled by the operation that does them, and by nobody's word.
_BY_THEMSELVES: Final = {
    RightKind.CORRECT: "shouxin right correct",
    RightKind.SUPPLEMENT: "shouxin right correct",
    RightKind.RESTRICT: "shouxin right restrict",
    RightKind.REFUSE_AUTOMATION: "shouxin right review",
    RightKind.EXPLAIN: "shouxin right explain --answer",
    RightKind.OBJECT_CREDIT: "shouxin right correct or settle",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What is answered: ``done`` and ``left`` as codes, ``reasons`` as rules of the law pack, ``reply`` in writing."""

    done: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    reply: Plaintext | None = None
    leaf: int | None = None


NOTHING_MORE: Final = Said()


def reasons_of(workspace: Workspace, rules: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return rules with what they cite.

    Raises:
        NotFound: the law pack has no such rule: a refusal rests on law, not on convenience.
        Invalid: a rule without a known article, which no person could look up, or one that advises only.
    """
    found = [workspace.pack.rule(rule) for rule in rules]
    if any(not rule.may_decide for rule in found):
        raise Invalid("a rule that was not read in its text, or is not in force, decides nothing", "reasons")
    if any(not rule.article for rule in found):
        raise Invalid("a reason has an article", "reasons")
    return tuple((str(rule.id), rule.cites) for rule in found)


def fulfil(workspace: Workspace, token: Token, right: RightId, said: Said) -> RightRequest:
    """Say that it was done, or in part: then ``said.left`` names what was not, and ``said.reasons`` why.

    A tool that does what was asked (an erasure) calls this with its outcome, once it was read back. Durable on return.
    Calling it again for a request that was answered changes nothing and raises.

    Raises:
        NotInThisState: it is not being handled, or nothing that was asked for has been seen to be done.
        Invalid: something is left without a reason, nothing is said to be done or told in writing, or the kind is
            fulfilled by an operation of its own.
    """
    request = workspace.data.read(lambda records: load(workspace, records, right)[1])
    if request.kind in _BY_THEMSELVES:
        raise Invalid(f"this kind is fulfilled by what does it: {_BY_THEMSELVES[request.kind]}", "kind")
    silent = not said.done and said.reply is None
    if silent and request.state is RightState.IN_PROGRESS and request.kind not in WITH_PACKAGE | _WITH_WORK:
        raise Invalid("an answer says what was done, or tells it in writing", "done")

    def work(records: Records, act: Act, _filer: SubjectId, evidence: tuple[Evidence, ...]) -> RightRequest:
        act.need(*kind_of(request.kind).desks)
        before, now = load(workspace, records, right)
        if now.kind in WITH_PACKAGE and not now.packages:
            raise NotInThisState("no package was made for this person")
        done = _as_done(workspace, records, right, now, said) if now.kind in _WITH_WORK else said
        return answer_within(workspace, records, act, (right, before, now), done, evidence)

    return with_reply(workspace, token, request, said, work)


def answer_done(workspace: Workspace, token: Token, right: RightId, said: Said) -> RightRequest:
    """Fulfil what an operation of its own has done and read back; called by that operation and by nobody else.

    An objection keeps its mark on whatever was not put right (征信业管理条例 25(3)).

    Raises:
        NotInThisState: it is not being handled any more. Invalid: something is left without a reason.
    """
    request = workspace.data.read(lambda records: load(workspace, records, right)[1])

    def work(records: Records, act: Act, _filer: SubjectId, evidence: tuple[Evidence, ...]) -> RightRequest:
        act.need(*kind_of(request.kind).desks)
        before, now = load(workspace, records, right)
        lift_within(workspace, records, act, now, set(said.done))
        return answer_within(workspace, records, act, (right, before, now), said, evidence)

    return with_reply(workspace, token, request, said, work)


def _as_done(workspace: Workspace, records: Records, right: RightId, request: RightRequest, said: Said) -> Said:
    """Return what is answered to a request to delete, once that is seen to be done and read back.

    Done is the order that was made for it; else erasures of the person since they asked. What those left, the answer
    leaves: said in one's own codes, or, where nothing is said, as the erasures have it.

    Raises:
        NotInThisState: nothing of the kind is done yet. Invalid: a law kept something and the answer passes over it.
    """
    row = records.authority.get(AuthorityKind.ORDER, request.work or OperationId(b""))
    order = None if row is None else workspace.notary.read(row, Order)
    if order is not None and order.state is OrderState.DONE and order.right == right:
        if left_in_databases(workspace, records, request) and not said.left:
            raise Invalid("a database was left to an officer: say what stays there, with its articles", "left")
        erasures = erased_by(workspace, records, request)
    else:
        erasures = erased_since(workspace, records, request)
        if not erasures:
            raise NotInThisState(_TO_DO)
    became = became_of(workspace, erasures)
    if not (said.done or said.left or said.reasons):
        return replace(said, **became._asdict())
    if became.left and not said.left:
        raise Invalid("a law keeps part of it: leave --done out, and what stays is said with its articles", "left")
    return said


def refuse(workspace: Workspace, token: Token, right: RightId, said: Said) -> RightRequest:
    """Refuse, with at least one reason and its article (PIPL 50(1)).

    What protected the person meanwhile ends, and so does the order that was drafted for it.

    Raises:
        Invalid: no reason, or only the rule that a reason is owed. NotFound: a reason that is no rule of the law pack.
        NotInThisState: it is answered already, or the order that answers it is past the point of no return.
        LawNotAdopted: nobody is refused by a pack that nobody adopted.
    """
    request = workspace.data.read(lambda records: load(workspace, records, right)[1])
    reasons = reasons_of(workspace, said.reasons)
    if set(said.reasons) == {_OWES_A_REASON} and said.reply is None:
        detail = (
            "this rule says that a reason is owed and is none: name the rule that is, or tell the reason in writing"
        )
        raise Invalid(detail, "reasons")

    def work(records: Records, act: Act, _filer: SubjectId, evidence: tuple[Evidence, ...]) -> RightRequest:
        act.need(*kind_of(request.kind).desks)
        check_law(workspace, records)
        before, now = load(workspace, records, right)
        late = missed(workspace.pack, now, act.now)
        ending = RightAnswer(act.now, act.actor.account, reasons, (), said.left, late, said.leaf)
        after = refused(_with(now, evidence), ending)
        lift_within(workspace, records, act, now)
        end_behind(workspace, records, act, now)
        _record(workspace, records, act, (right, before), after)
        return after

    return with_reply(workspace, token, request, said, work)


def answer_within(
    workspace: Workspace,
    records: Records,
    act: Act,
    place: tuple[RightId, AuthorityRow, RightRequest],
    said: Said,
    evidence: tuple[Evidence, ...] = (),
) -> RightRequest:
    """Fulfil a request inside a transaction that does what was asked; what has run out by now is named as late."""
    right, before, now = place
    late = missed(workspace.pack, now, act.now)
    reasons = reasons_of(workspace, said.reasons)
    ending = RightAnswer(act.now, act.actor.account, reasons, said.done, said.left, late, said.leaf)
    after = answered(_with(now, evidence), ending)
    _record(workspace, records, act, (right, before), after)
    return after


def _with(request: RightRequest, evidence: tuple[Evidence, ...]) -> RightRequest:
    return replace(request, evidence=(*request.evidence, *evidence))


def with_reply(
    workspace: Workspace,
    token: Token,
    request: RightRequest,
    said: Said,
    work: Callable[[Records, Act, SubjectId, tuple[Evidence, ...]], RightRequest],
) -> RightRequest:
    """Do ``work`` in the transaction that seals what the person is told in writing, if they are told anything."""
    pieces = [] if said.reply is None else [(REPLY, said.reply)]
    return with_evidence(workspace, token, request.filer, pieces, work)


def _record(
    workspace: Workspace, records: Records, act: Act, place: tuple[RightId, AuthorityRow], after: RightRequest
) -> None:
    right, before = place
    row = write(workspace, records, right, after, before)
    salt, subject = named(workspace, after.subject)
    said = after.answer
    records.record(
        act.event(
            EventKind.RIGHT_ANSWERED,
            salt,
            subject=subject,
            right=after.kind.value,
            state=after.state.value,
            rules=[] if said is None else [rule for rule, _ in said.reasons],
            done=0 if said is None else len(said.done),
            late=0 if said is None else len(said.late),
            **row_facts(row, before),
        )
    )
