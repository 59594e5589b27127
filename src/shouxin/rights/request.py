"""What a person asked, as a value, and every step in its life: who asked for what, when, and what came of it.

Nothing here is what they wrote: that is sealed in the vault, and ``Evidence`` names the cell. A request is a row with
authority (``domain.authority``), so that nobody shortens a clock or forges an answer in the tables. Deadlines are kept
as facts (which rule, since when, what stopped it); ``operations.rights.clocks`` counts them.

Called by: ``operations.rights``. **Source:** PIPL 50, 69; 征信业管理条例 25.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import AccountId, CellId, OperationId, SubjectId
from shouxin.domain.paper import check_paper
from shouxin.errors import Invalid, NotInThisState, Refused
from shouxin.rights.kinds import Assurance, Capacity, RightKind, kind_of, shown_for
from shouxin.rights.means import SHOWING, most_shown
from shouxin.rights.transitions import RightEvent, RightState, follow

__all__ = [
    "ClockEnd",
    "ClockFacts",
    "Evidence",
    "IdentityCheck",
    "RightAnswer",
    "RightRequest",
    "Stopped",
    "answer",
    "escalate",
    "identify",
    "join",
    "move",
    "refuse",
    "start",
    "withdraw",
]

_IN_PROPORTION: Final = [("identity-in-proportion", "PIPL 50(1)")]
_TAKEN_BACK: Final = "withdrawn"


@dataclass(frozen=True, slots=True)
class Stopped:
    """A time in which a clock stood, and the rule that stopped it; ``until`` is nothing while it stands."""

    ground: str
    since: Instant
    until: Instant | None = None


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """One clock: its rule, since when it runs, what was done to it, and when what it asks for was done.

    ``ended`` says by what it was met before the answer, or that whoever asked took it back; ``shown`` is SHA-256 of the
    paper that shows it. Both are empty where the answer met it.
    """

    rule: str
    started: Instant
    stops: tuple[Stopped, ...] = ()
    extended_by: str = ""
    extended_at: Instant | None = None
    met: Instant | None = None
    ended: str = ""
    shown: bytes = b""


class ClockEnd(StrEnum):
    """By what a clock ends before the request is answered.

    ``DONE``: what its rule asks for was done (the authority was told). ``NOT_OWED``: whoever looked into it found that
    the rule does not apply (the incident is of a lesser grade).
    """

    DONE = "done"
    NOT_OWED = "not-owed"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something that was handed in: the cell in which it lies, and SHA-256 of its sealed bytes as they were received.

    ``subject`` is under whose key it is; ``item`` what it is.
    """

    cell: CellId
    subject: SubjectId
    item: str
    sealed: bytes
    at: Instant


@dataclass(frozen=True, slots=True)
class IdentityCheck:
    """How sure one became of who asks, by what (codes of ``rights.means``), who looked, and when.

    ``evidence`` is SHA-256 of what showed it: a copy of a document, the record of a call, of a signed-in session.
    """

    assurance: Assurance
    means: tuple[str, ...]
    by: AccountId
    at: Instant
    evidence: bytes = b""


@dataclass(frozen=True, slots=True)
class RightAnswer:
    """What came of it.

    ``reasons`` are pairs of rule and article: why something was not done (PIPL 50(1)), at least one for a refusal and
    for an answer in part. ``done`` and ``left`` are codes (items, parts) of what was and was not. ``late`` names the
    rules whose clocks had run out. ``leaf`` is the disclosure or decision in the ledger, where there is one.
    """

    at: Instant
    by: AccountId
    reasons: tuple[tuple[str, str], ...] = ()
    done: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    leaf: int | None = None


@dataclass(frozen=True, slots=True)
class RightRequest:
    """One request. ``subject`` is whose data it is about, ``filer`` who asked: the same unless another asks for them.

    ``about`` are codes of what it is about (items, purposes; empty: all). ``work`` is the operation that does what was
    asked, where that takes time (an erasure). ``joined`` counts how often the same was asked again while it was owed.
    ``desk`` counts how far it has escalated; ``told`` are rules whose clocks ran out and of whom the desk was told.
    """

    kind: RightKind
    state: RightState
    subject: SubjectId
    filer: SubjectId
    capacity: Capacity
    channel: str
    received: Instant
    clocks: tuple[ClockFacts, ...]
    evidence: tuple[Evidence, ...] = ()
    about: tuple[str, ...] = ()
    check: IdentityCheck | None = None
    handler: AccountId | None = None
    desk: int = 0
    joined: int = 0
    told: tuple[str, ...] = ()
    work: OperationId | None = None
    answer: RightAnswer | None = None
    packages: tuple[int, ...] = ()


def move(request: RightRequest, event: RightEvent) -> RightRequest:
    """Return the request after ``event``; what else changes is the caller's to say."""
    return replace(request, state=follow(request.state, event))


def join(request: RightRequest, evidence: tuple[Evidence, ...]) -> RightRequest:
    """Return the request after the same person asked the same again: what they wrote is added, no clock begins anew."""
    moved = move(request, RightEvent.JOIN)
    return replace(moved, joined=request.joined + 1, evidence=(*request.evidence, *evidence))


def identify(request: RightRequest, check: IdentityCheck) -> RightRequest:
    """Return the request after a check of who asks.

    Raises:
        Refused: the check does not reach what this request needs or what it is said to, or what the capacity asks for
            was not shown.
        Invalid: somebody is said to be matched or proven by nothing, by an unknown means, or by an empty file.
        NotInThisState: it is being handled or answered already.
    """
    moved = move(request, RightEvent.IDENTIFY)
    most = most_shown(check.means)
    if check.assurance >= Assurance.MATCHED:
        if not check.means:
            raise Invalid("whoever is matched or proven is so by something: name it", "means")
        check_paper(check.evidence, "evidence")
        if check.assurance > most:
            better = ", ".join(one for one, level in SHOWING.items() if level >= check.assurance)
            raise Refused(
                f"by this nobody is {check.assurance.name.lower()}: one of {better} shows that", _IN_PROPORTION
            )
    needed = kind_of(request.kind).assurance
    if check.assurance < needed:
        raise Refused(f"this asks for an identity that is {needed.name.lower()}", _IN_PROPORTION)
    if shown_for(request.kind, request.capacity) - set(check.means):
        articles = {Capacity.RELATIVE: ("CN-PIPL-49", "PIPL 49")}
        reason = articles.get(request.capacity, ("capacity-not-shown", "PIPL 50(1)"))
        raise Refused("what lets somebody ask for another was not shown", [reason])
    return replace(moved, check=check)


def start(request: RightRequest, handler: AccountId, role: str) -> RightRequest:
    """Return the request once ``handler`` has taken it on, acting in ``role``.

    Raises:
        Refused: it has escalated past that role.
        NotInThisState: nobody knows yet who asks.
    """
    moved = move(request, RightEvent.START)
    desks = kind_of(request.kind).desks
    if role not in desks[request.desk :]:
        raise Refused("this is for another desk", [("CN-PIPL-51-1-4-ROLE", "PIPL 51(1)(4)")])
    return replace(moved, handler=handler)


def escalate(request: RightRequest, overdue: tuple[str, ...]) -> RightRequest:
    """Return the request at the next desk (or still at the last), with the clocks of which that desk was told."""
    moved = move(request, RightEvent.ESCALATE)
    last = len(kind_of(request.kind).desks) - 1
    return replace(moved, desk=min(request.desk + 1, last), told=tuple(dict.fromkeys((*request.told, *overdue))))


def answer(request: RightRequest, said: RightAnswer) -> RightRequest:
    """Return the request once it was fulfilled; in part when ``said`` names what was left, and then with its reasons.

    Raises:
        Invalid: something was left and nobody says why.
        NotInThisState: it is not being handled, or somebody who was not identified would get an answer.
    """
    moved = move(request, RightEvent.FULFIL_IN_PART if said.left else RightEvent.FULFIL)
    if request.check is None:
        raise NotInThisState("nothing is fulfilled for somebody who was not identified")
    if said.left and not said.reasons:
        raise Invalid("what is not done is said with its reason and article", "reasons")
    return _ended(moved, said)


def refuse(request: RightRequest, said: RightAnswer) -> RightRequest:
    """Return the request once it was refused.

    Raises:
        Invalid: without a reason and article (PIPL 50(1)).
    """
    moved = move(request, RightEvent.REFUSE)
    if not said.reasons:
        raise Invalid("a refusal says its reason and article", "reasons")
    return _ended(moved, said)


def withdraw(request: RightRequest, now: Instant) -> RightRequest:
    """Return the request once whoever made it took it back: nothing hurries any more; what had run out stays missed."""
    return _stopped(move(request, RightEvent.WITHDRAW), now, _TAKEN_BACK)


def _ended(moved: RightRequest, said: RightAnswer) -> RightRequest:
    return replace(_stopped(moved, said.at), answer=said)


def _stopped(moved: RightRequest, now: Instant, ended: str = "") -> RightRequest:
    clocks = (replace(one, met=now, ended=ended) if one.met is None else one for one in moved.clocks)
    return replace(moved, clocks=tuple(clocks))
