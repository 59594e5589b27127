"""Do what was asked, where doing and answering are one: restrict, settle an objection, review a decision, correct.

What spans more stores (a correction) is done first and answered after; doing it again after a crash changes nothing.

**Source:** PIPL 24(3), 44, 46; 征信业管理条例 25(2)(3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.identifiers import RightId, SubjectId
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid, NotInThisState
from shouxin.operations.acting import Act
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.correct import correct
from shouxin.operations.rights.answer import NOTHING_MORE, Said, answer_within, fulfil, with_reply
from shouxin.operations.rights.desk import load
from shouxin.operations.rights.marks import lift_within
from shouxin.operations.subjects import person_of, resolve_subject, set_subject, with_merged
from shouxin.operations.workspace import Workspace
from shouxin.rights.kinds import RightKind
from shouxin.rights.request import Evidence, RightRequest
from shouxin.rights.transitions import RightState
from shouxin.vault.lifecycle import SubjectEvent
from shouxin.vault.records import Records, SubjectState

__all__ = ["ObjectionFinding", "correct_for", "restrict_for", "review_decision", "settle_objection"]

_CORRECTED: Final = frozenset({RightKind.CORRECT, RightKind.SUPPLEMENT, RightKind.OBJECT_CREDIT})


class ObjectionFinding(StrEnum):
    """What a check of disputed information came to (征信业管理条例 25(3)).

    ``WRONG``: it was, and was corrected. ``RIGHT``: nothing was wrong; the mark is cancelled. ``OPEN``: it cannot be
    confirmed; what was checked and what is disputed stay noted, and so does the mark.
    """

    WRONG = "wrong"
    RIGHT = "right"
    OPEN = "open"


def _handled(workspace: Workspace, records: Records, right: RightId, *kinds: RightKind) -> RightRequest:
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
    request = workspace.data.read(lambda records: _handled(workspace, records, right, RightKind.RESTRICT))

    def work(records: Records, act: Act, _filer: SubjectId, evidence: tuple[Evidence, ...]) -> RightRequest:
        act.need("rights_desk", "dpo")
        now = _handled(workspace, records, right, RightKind.RESTRICT)
        for subject in with_merged(workspace, records, [person_of(workspace, records, now.subject)[-1].subject]):
            row, standing = resolve_subject(workspace, records, subject)
            if standing.state is SubjectState.ACTIVE:
                rules = ("CN-PIPL-44-RESTRICT",)
                set_subject(workspace, records, row, standing, SubjectEvent.FREEZE, act, rules=rules)
        place = (right, load(workspace, records, right)[0], now)
        return answer_within(workspace, records, act, place, replace(said, done=("freeze",)), evidence)

    return with_reply(workspace, token, request, said, work)


def correct_for(
    workspace: Workspace, token: Token, right: RightId, values: Mapping[ItemCode, Plaintext], said: Said = NOTHING_MORE
) -> RightRequest:
    """Correct what a person says is wrong, then answer them; downstream systems are told by ``operations.downstream``.

    A crash between the two leaves a corrected value and an open request: doing it again corrects to the same value.
    Items of the request that are not in ``values``, or of which nothing is kept, are left, with their reason.

    Raises:
        NotFound: nothing of these items is kept. NotInThisState: the person is frozen, or nobody handles this.
    """
    request = workspace.data.read(lambda records: _handled(workspace, records, right, *_CORRECTED))
    corrected = correct(workspace, token, request.subject, values)
    left = tuple(sorted((set(request.about) | set(values)) - set(corrected)))
    reasons = said.reasons or (("CN-PIPL-46-2-INTIME",) if left else ())
    answer = replace(said, done=tuple(corrected), left=left, reasons=reasons)
    if request.kind is RightKind.OBJECT_CREDIT:
        return settle_objection(workspace, token, right, ObjectionFinding.WRONG, answer)
    return fulfil(workspace, token, right, answer)


def settle_objection(
    workspace: Workspace, token: Token, right: RightId, finding: ObjectionFinding, said: Said = NOTHING_MORE
) -> RightRequest:
    """Answer an objection to credit information with what the check came to, and end the mark unless it is open.

    The law wants the answer in writing, so ``said.reply`` is needed.

    Raises:
        Invalid: no written answer.
    """
    if said.reply is None:
        raise Invalid("an objection is answered in writing", "reply")
    request = workspace.data.read(lambda records: _handled(workspace, records, right, RightKind.OBJECT_CREDIT))

    def work(records: Records, act: Act, _filer: SubjectId, evidence: tuple[Evidence, ...]) -> RightRequest:
        act.need("rights_desk", "dpo")
        now = _handled(workspace, records, right, RightKind.OBJECT_CREDIT)
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
    request = workspace.data.read(lambda records: _handled(workspace, records, right, RightKind.REFUSE_AUTOMATION))

    def work(records: Records, act: Act, _filer: SubjectId, evidence: tuple[Evidence, ...]) -> RightRequest:
        now = _handled(workspace, records, right, RightKind.REFUSE_AUTOMATION)
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
