"""Recall an archived object: by whoever may see it raw, after the chain that the purpose's card asks for that.

Decide as for a disclosure of the object; where only the approval is lacking, ask for it; else record the intent, bring
the object back (``operations.objects.archive``), record the outcome. Nothing is opened by a recall.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from shouxin.actors.account import Token
from shouxin.approvals.request import Request
from shouxin.approvals.transitions import RequestState
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.identifiers import ObjectId, RequestId
from shouxin.errors import Invalid, NotFound, Tampered
from shouxin.operations.acting import Act, begin
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.objects.archive import finish_moves
from shouxin.operations.opening.approve import request_access
from shouxin.operations.opening.permit import Wish, check_wish, facts_of
from shouxin.operations.tiers import archive_of, step_tier, tier_of
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import PurposeCode
from shouxin.vault.door import RAW
from shouxin.vault.records import ObjectRow, Records
from shouxin.vault.tier import TierEvent, TierState

__all__ = ["Recall", "recall_object"]


@dataclass(frozen=True, slots=True)
class Recall:
    """What came of asking for a recall: the object's state now, or the request that waits for approval."""

    state: TierState
    request: RequestId | None = None


def recall_object(workspace: Workspace, token: Token, wish: Wish, object_id: ObjectId) -> Recall:
    """Bring an archived object back to the hot store for somebody who may see it raw.

    Where the purpose's card has a chain for raw and no grant runs, the request is opened (or found open) and nothing
    moves; called again within the grant, the object is recalled. Durable and read back on return.

    Raises:
        Refused: the policy denies. NotFound: no such object under this person. Tampered: the archive does not have the
            bytes that were sealed. Misconfigured: there is no archive.
    """
    check_wish(wish)
    if wish.form != RAW:
        raise Invalid("an object is recalled to be shown, and it is shown raw", "form")
    archive_of(workspace)

    def work(records: Records) -> Recall:
        act = begin(workspace, records, token)
        if not _may(workspace, records, act, wish):
            return Recall(TierState.ARCHIVED, _waiting(workspace, records, act, wish))
        row = _row(workspace, records, act, wish, object_id)
        tier = tier_of(workspace, records, object_id)
        if tier is None or tier.state is not TierState.ARCHIVED:
            return Recall(TierState.HOT if tier is None else tier.state)
        return Recall(step_tier(workspace, records, act, row, TierEvent.RECALL).state)

    asked = workspace.data.transact(work).value
    if asked.state is TierState.ARCHIVED:
        return replace(asked, request=asked.request or request_access(workspace, token, wish))
    if asked.state is TierState.RECALLING:
        if finish_moves(workspace, token, object_id).failed:
            raise Tampered("the archive does not have this object as it was sealed")
        return Recall(TierState.HOT)
    return asked


def _may(workspace: Workspace, records: Records, act: Act, wish: Wish) -> bool:
    """Decide whether the wish is permitted; say no where nothing but the approval is lacking.

    Raises:
        Refused: the policy denies whatever anybody approves.
    """
    engine = current_engine(workspace, records, wish.purpose, act.now)
    card = engine.cards.get(PurposeCode(wish.purpose))
    question = facts_of(workspace, records, act, wish, engine, card).question
    decision = engine.decide(question)
    if not decision.permitted and card is not None and wish.form in card.approval and not question.approved:
        engine.decide(replace(question, approved=True)).enforce()
        return False
    decision.enforce()
    return True


def _row(workspace: Workspace, records: Records, act: Act, wish: Wish, object_id: ObjectId) -> ObjectRow:
    """Return the object's row, if the wish is about it."""
    card = current_engine(workspace, records, wish.purpose, act.now).card(wish.purpose)
    for row in records.cells.objects_of(wish.subjects):
        if row.object_id == object_id and row.item in wish.items and row.purpose in {card.purpose, *card.draws_on}:
            return row
    raise NotFound("there is no such object under this person")


def _waiting(workspace: Workspace, records: Records, act: Act, wish: Wish) -> RequestId | None:
    """Return the open request for exactly this wish, so that asking twice does not make two."""
    for row in records.authority.find(AuthorityKind.REQUEST, name=RequestState.OPEN.value):
        request = workspace.notary.read(row, Request)
        same = (request.purpose, request.form, request.items, request.subjects)
        mine = request.requester == act.actor.account and act.now < request.until
        if mine and same == (wish.purpose, wish.form, tuple(sorted(wish.items)), wish.subjects):
            return RequestId(row.identifier)
    return None
