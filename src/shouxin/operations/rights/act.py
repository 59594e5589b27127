"""Do what was asked, where doing and answering are one: restrict, settle an objection, review a decision.

**Source:** PIPL 24(3), 44; 征信业管理条例 25(2)(3).
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from shouxin.actors.account import Token
from shouxin.domain.identifiers import RightId, SubjectId
from shouxin.errors import Invalid, NotInThisState
from shouxin.operations.acting import Act, begin
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.downstream.amend_systems import freeze_in_systems
from shouxin.operations.downstream.databases import OpenDatabase
from shouxin.operations.downstream.report import Report
from shouxin.operations.rights.answer import NOTHING_MORE, Said, answer_within, with_reply
from shouxin.operations.rights.desk import load
from shouxin.operations.rights.marks import lift_within
from shouxin.operations.subjects import person_of, resolve_subject, set_subject, with_merged
from shouxin.operations.workspace import Workspace
from shouxin.rights.kinds import RightKind
from shouxin.rights.request import Evidence, RightRequest
from shouxin.rights.transitions import RightState
from shouxin.vault.erasure import Outcome
from shouxin.vault.lifecycle import SubjectEvent
from shouxin.vault.records import Records, SubjectState

__all__ = [
    "ObjectionFinding",
    "handled",
    "restrict_everywhere_for",
    "restrict_for",
    "review_decision",
    "settle_objection",
]


class ObjectionFinding(StrEnum):
    """What a check of disputed information came to (征信业管理条例 25(3)).

    ``WRONG``: it was, and was corrected: only the correction itself says so. ``RIGHT``: nothing was wrong; the mark is
    cancelled. ``OPEN``: it cannot be confirmed; what was checked and what is disputed stay noted, and so does the mark.
    """

    WRONG = "wrong"
    RIGHT = "right"
    OPEN = "open"


def handled(workspace: Workspace, records: Records, right: RightId, *kinds: RightKind) -> RightRequest:
    """Return a request that is being handled and is of one of ``kinds``."""
    request = load(workspace, records, right)[1]
    if request.kind not in kinds:
        raise Invalid("another kind of request", "right")
    if request.state is not RightState.IN_PROGRESS:
        raise NotInThisState(f"a request that is {request.state} is not being handled")
    return request


def restrict_for(workspace: Workspace, token: Token, right: RightId, said: Said = NOTHING_MORE) -> RightRequest:
    """Freeze whoever asked for it: nothing but storing and statutory reads from the next decision on (PIPL 44).

    The freeze and the answer are one transaction. Somebody who is frozen already stays so.
    """
    request = workspace.data.read(lambda records: handled(workspace, records, right, RightKind.RESTRICT))

    def work(records: Records, act: Act, _filer: SubjectId, evidence: tuple[Evidence, ...]) -> RightRequest:
        act.need("rights_desk", "dpo")
        now = handled(workspace, records, right, RightKind.RESTRICT)
        _freeze(workspace, records, act, now)
        place = (right, load(workspace, records, right)[0], now)
        return answer_within(workspace, records, act, place, replace(said, done=("freeze",)), evidence)

    return with_reply(workspace, token, request, said, work)


def restrict_everywhere_for(
    workspace: Workspace, token: Token, right: RightId, said: Said, elsewhere: tuple[str, OpenDatabase]
) -> tuple[RightRequest, list[Report]]:
    """Do as ``restrict_for``, then raise the flag in the lender's own databases, and only then answer.

    ``elsewhere`` is the purpose under which they are told who the person is, and how they are opened. The freeze here
    is durable whatever they say; where one failed nothing is answered, and doing it again goes on.

    Raises:
        Refused: the card of that purpose lets nobody relay who a person is. Others as ``restrict_for``.
    """

    def frozen(records: Records) -> list[SubjectId]:
        act = begin(workspace, records, token)
        act.need("rights_desk", "dpo")
        return _freeze(workspace, records, act, handled(workspace, records, right, RightKind.RESTRICT))

    people = workspace.data.transact(frozen).value
    reports = [one for subject in people for one in freeze_in_systems(workspace, token, subject, *elsewhere)]
    if any(report.having(Outcome.FAILED) for report in reports):
        return workspace.data.read(lambda records: load(workspace, records, right)[1]), reports
    return restrict_for(workspace, token, right, said), reports


def _freeze(workspace: Workspace, records: Records, act: Act, request: RightRequest) -> list[SubjectId]:
    """Freeze every record of the person that is in use; return all of them."""
    people = with_merged(workspace, records, [person_of(workspace, records, request.subject)[-1].subject])
    for subject in people:
        row, standing = resolve_subject(workspace, records, subject)
        if standing.state is SubjectState.ACTIVE:
            rules = ("CN-PIPL-44-RESTRICT",)
            set_subject(workspace, records, row, standing, SubjectEvent.FREEZE, act, rules=rules)
    return people


def settle_objection(
    workspace: Workspace, token: Token, right: RightId, finding: ObjectionFinding, said: Said = NOTHING_MORE
) -> RightRequest:
    """Answer an objection to credit information with what the check came to, and end the mark unless it is open.

    The law wants the answer in writing, so ``said.reply`` is needed.

    Raises:
        Invalid: no written answer, or found wrong: then ``correct_for`` puts it right and answers.
    """
    if finding is ObjectionFinding.WRONG:
        raise Invalid("what was found wrong is put right: shouxin right correct does it and answers", "found")
    if said.reply is None:
        raise Invalid("an objection is answered in writing", "reply")
    request = workspace.data.read(lambda records: handled(workspace, records, right, RightKind.OBJECT_CREDIT))

    def work(records: Records, act: Act, _filer: SubjectId, evidence: tuple[Evidence, ...]) -> RightRequest:
        act.need("rights_desk", "dpo")
        now = handled(workspace, records, right, RightKind.OBJECT_CREDIT)
        if finding is not ObjectionFinding.OPEN:
            lift_within(workspace, records, act, now)
        done = (f"found-{finding.value}", *said.done)
        place = (right, load(workspace, records, right)[0], now)
        return answer_within(workspace, records, act, place, replace(said, done=done), evidence)

    return with_reply(workspace, token, request, said, work)


def review_decision(workspace: Workspace, token: Token, right: RightId, said: Said = NOTHING_MORE) -> RightRequest:
    """Record that a person has reviewed what a program decided; programs may decide about this person again.

    Only somebody in the role that every card concerned names for it (``human_review``).

    Raises:
        Refused: another role. Invalid: a card names nobody who reviews.
    """
    request = workspace.data.read(lambda records: handled(workspace, records, right, RightKind.REFUSE_AUTOMATION))

    def work(records: Records, act: Act, _filer: SubjectId, evidence: tuple[Evidence, ...]) -> RightRequest:
        now = handled(workspace, records, right, RightKind.REFUSE_AUTOMATION)
        engine = current_engine(workspace, records, "", act.now)
        for purpose in now.about:
            reviewer = engine.card(purpose).human_review
            if not reviewer:
                raise Invalid("the card names nobody who reviews", "human_review")
            act.need(reviewer)
        lift_within(workspace, records, act, now)
        place = (right, load(workspace, records, right)[0], now)
        done = ("reviewed-by-a-person", *said.done)
        return answer_within(workspace, records, act, place, replace(said, done=done), evidence)

    return with_reply(workspace, token, request, said, work)
