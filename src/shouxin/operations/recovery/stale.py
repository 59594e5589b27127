"""End every right that a backup would revive: rows of which the log knows a later version.

What the later version said is lost with the disk, so each is brought to its safe end: a consent counts as withdrawn, a
grant as ended, an account as closed, a request as withdrawn, a person as frozen, and a card does not stand until it is
adopted again. Where the log shows that what is lost only counted (mistyped sign-ins, runs of a plan), the right stays
as it stood. The new row names the lost version as the one that it replaces, so the log and the rows agree again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from shouxin.actors.account import Account, SignIn
from shouxin.actors.person_pass import Pass
from shouxin.approvals.order import Order
from shouxin.approvals.order_transitions import CANCELLABLE, OrderState
from shouxin.approvals.request import Grant, Request
from shouxin.approvals.transitions import RequestState
from shouxin.consent.confirmation import ChallengeState
from shouxin.consent.consent import Consent
from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.event import Event, Fact
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import EventId, SubjectId, new
from shouxin.ledger.entry import decode
from shouxin.operations.acting import NOTHING_BEFORE, Act, rows_of
from shouxin.operations.adopting.recipients import Registered
from shouxin.operations.collecting.plan_row import StandingPlan
from shouxin.operations.collecting.sources import RegisteredSource
from shouxin.operations.consenting.confirm_choice import SentChallenge
from shouxin.operations.pause import DeletionPause
from shouxin.operations.scanning.correct_grade import KeptCorrection
from shouxin.operations.staff.accounts import SIGN_IN_CHANGES
from shouxin.operations.staff.second_factor import Enrolled
from shouxin.operations.workspace import Workspace
from shouxin.policy.adoption import AdoptedCard
from shouxin.policy.plan_transitions import PlanState
from shouxin.vault.destruction import DestructionRecord
from shouxin.vault.records import Records, Subject, SubjectState
from shouxin.vault.tier import Tier, TierState

__all__ = ["Stale", "end_stale"]

_NOBODY: Final = "0" * 64
# Kinds of which some versions only count.
_KEPT_AS: Final[dict[AuthorityKind, type[object]]] = {
    AuthorityKind.ACCOUNT: Account,
    AuthorityKind.PLAN: StandingPlan,
}


@dataclass(slots=True)
class Stale:
    """What was not the latest: how many rights were brought to their end, and the codes of the plans among them."""

    ended: int = 0
    plans: list[str] = field(default_factory=list)


def _only_counts(event: Event) -> bool:
    """Say whether a version changed nothing that its row permits: nobody is shut out for a typo, no plan for a run.

    A run that went past its plan stopped it: that is no mere count.
    """
    ran = event.kind is EventKind.PLAN_RAN and event.facts["state"] == PlanState.RUNNING
    return ran or event.facts.get("change") in SIGN_IN_CHANGES


def end_stale(workspace: Workspace, records: Records, act: Act) -> Stale:
    """Bring every row that is not the latest to its safe end; return what those were."""
    later: dict[str, str] = {}
    counted: set[str] = set()
    for _, body in records.ledger.entries(0, records.ledger.size):
        event = decode(body)
        named = rows_of(workspace, event)
        if named is not None and named[1] != NOTHING_BEFORE:
            later[named[1]] = named[0]
            if _only_counts(event):
                counted.add(named[0])
    found = Stale()
    for kind in AuthorityKind:
        for row in records.authority.find(kind):
            tip = row.mac.hex()
            seen = {tip}
            while tip in later and later[tip] not in seen:
                tip = later[tip]
                seen.add(tip)
            if tip != row.mac.hex():
                kept = kind in _KEPT_AS and counted.issuperset(seen - {row.mac.hex()})
            elif row.revoked:
                # The entry that ended it was never signed and is lost with the disk; the list knows that it ended. Of
                # an account it does not know how, and an operator who is shut out restores nothing.
                kept = kind is AuthorityKind.ACCOUNT
            else:
                continue
            _end(workspace, records, act, row, tip, kept=kept)
            found.ended += 1
            if kind is AuthorityKind.PLAN and not kept:
                found.plans.append(row.name)
    return found


def _end(workspace: Workspace, records: Records, act: Act, row: AuthorityRow, tip: str, *, kept: bool) -> None:
    """Write the end of one right (or that it is ``kept``), and record that it replaces the lost version ``tip``."""
    value = workspace.notary.read(row, _KEPT_AS[row.kind]) if kept else _SAFE[row.kind](workspace, row, act)
    after = workspace.notary.write(
        row.kind, row.identifier, row.version + 1, value, name=_name(row, value), subject=row.subject
    )
    records.authority.revoke(row)
    records.authority.put(after)
    # The same words in the same version as what was lost: then it is that row, and only the old one is replaced.
    was = row.mac.hex() if after.mac.hex() == tip else tip
    facts: dict[str, Fact] = {"row": after.mac.hex(), "was": was, "state": "kept" if kept else "ended"}
    records.record(_event(workspace, act, after, value, facts))


def _name(row: AuthorityRow, value: object) -> str:
    return value.state.value if isinstance(value, (Request, Order, Tier)) else row.name


def _consent(workspace: Workspace, row: AuthorityRow, act: Act) -> Consent:
    value = workspace.notary.read(row, Consent)
    if value.stands:
        return replace(value, withdrawn=act.now)
    open_question = bool(value.about) and value.given is None and value.refused is None
    return replace(value, refused=act.now) if open_question else value


def _grant(workspace: Workspace, row: AuthorityRow, _act: Act) -> Grant:
    return replace(workspace.notary.read(row, Grant), ended=True)


def _account(workspace: Workspace, row: AuthorityRow, _act: Act) -> Account:
    return replace(workspace.notary.read(row, Account), closed=True)


def _sign_in(workspace: Workspace, row: AuthorityRow, _act: Act) -> SignIn:
    return replace(workspace.notary.read(row, SignIn), ended=True)


def _request(workspace: Workspace, row: AuthorityRow, _act: Act) -> Request:
    value = workspace.notary.read(row, Request)
    open_or_granted = value.state in {RequestState.OPEN, RequestState.GRANTED}
    return replace(value, state=RequestState.WITHDRAWN) if open_or_granted else value


def _card(workspace: Workspace, row: AuthorityRow, _act: Act) -> AdoptedCard:
    return replace(workspace.notary.read(row, AdoptedCard), stands=False)


def _subject(workspace: Workspace, row: AuthorityRow, _act: Act) -> Subject:
    value = workspace.notary.read(row, Subject)
    return replace(value, state=SubjectState.FROZEN) if value.state is SubjectState.ACTIVE else value


def _recipient(workspace: Workspace, row: AuthorityRow, _act: Act) -> Registered:
    return replace(workspace.notary.read(row, Registered), ended=True)


def _challenge(workspace: Workspace, row: AuthorityRow, _act: Act) -> SentChallenge:
    value = workspace.notary.read(row, SentChallenge)
    return replace(value, challenge=replace(value.challenge, state=ChallengeState.EXPIRED))


def _correction(workspace: Workspace, row: AuthorityRow, _act: Act) -> KeptCorrection:
    return replace(workspace.notary.read(row, KeptCorrection), ended=True)


def _second_factor(workspace: Workspace, row: AuthorityRow, _act: Act) -> Enrolled:
    return replace(workspace.notary.read(row, Enrolled), ended=True)


def _pause(workspace: Workspace, row: AuthorityRow, _act: Act) -> DeletionPause:
    return replace(workspace.notary.read(row, DeletionPause), over=False)


def _order(workspace: Workspace, row: AuthorityRow, _act: Act) -> Order:
    value = workspace.notary.read(row, Order)
    return replace(value, state=OrderState.CANCELLED) if value.state in CANCELLABLE else value


def _source(workspace: Workspace, row: AuthorityRow, _act: Act) -> RegisteredSource:
    return replace(workspace.notary.read(row, RegisteredSource), ended=True)


def _plan(workspace: Workspace, row: AuthorityRow, _act: Act) -> StandingPlan:
    return replace(workspace.notary.read(row, StandingPlan), state=PlanState.ENDED)


def _pass(workspace: Workspace, row: AuthorityRow, _act: Act) -> Pass:
    return replace(workspace.notary.read(row, Pass), ended=True)


def _as_it_is(workspace: Workspace, row: AuthorityRow, _act: Act) -> object:
    return workspace.notary.read(row, dict[str, object])


def _destruction(workspace: Workspace, row: AuthorityRow, _act: Act) -> DestructionRecord:
    """What is lost was at most a witness or an end: it counts as open, and is witnessed again."""
    return workspace.notary.read(row, DestructionRecord)


def _tier(workspace: Workspace, row: AuthorityRow, act: Act) -> Tier:
    """Believe the stores: a copy in the archive is compared and settled by the next run, without one it is hot."""
    value = workspace.notary.read(row, Tier)
    away = workspace.archive is not None and workspace.archive.exists(value.object_id)
    state = TierState.COPYING if away else TierState.HOT
    if not away and not workspace.objects.exists(value.object_id):
        state = TierState.ERASED
    return replace(value, state=state, since=act.now)


_SAFE: Final[dict[AuthorityKind, Callable[[Workspace, AuthorityRow, Act], object]]] = {
    AuthorityKind.ACCOUNT: _account,
    AuthorityKind.SIGN_IN: _sign_in,
    AuthorityKind.CARD: _card,
    # Of which pack, the lost version said: what ships is compared with this one, and adopted again if it differs.
    AuthorityKind.LAW: _as_it_is,
    AuthorityKind.CONSENT: _consent,
    AuthorityKind.REQUEST: _request,
    AuthorityKind.GRANT: _grant,
    AuthorityKind.SUBJECT: _subject,
    AuthorityKind.ERASURE: _as_it_is,
    AuthorityKind.COLLECTION: _as_it_is,
    AuthorityKind.NOTICE: _as_it_is,
    AuthorityKind.RECIPIENT: _recipient,
    AuthorityKind.RECIPIENT_NOTICE: _as_it_is,
    AuthorityKind.CHALLENGE: _challenge,
    AuthorityKind.GRADE_CORRECTION: _correction,
    AuthorityKind.SECOND_FACTOR: _second_factor,
    # What keeps something from being erased, or somebody out, stays: lifting it again is a decision of today.
    AuthorityKind.HOLD: _as_it_is,
    AuthorityKind.SUPPRESSION: _as_it_is,
    AuthorityKind.PAUSE: _pause,
    AuthorityKind.ORDER: _order,
    AuthorityKind.BATCH: _as_it_is,
    AuthorityKind.DATABASE: _as_it_is,
    AuthorityKind.RIGHT: _as_it_is,  # what is owed is owed still, and answered once more at worst
    AuthorityKind.TIER: _tier,
    AuthorityKind.DESTRUCTION: _destruction,
    AuthorityKind.AUDIT: _as_it_is,
    AuthorityKind.SOURCE: _source,
    AuthorityKind.PLAN: _plan,
    AuthorityKind.PURGE: _as_it_is,
    AuthorityKind.PASS: _pass,
}


def _event(workspace: Workspace, act: Act, after: AuthorityRow, value: object, vouched: dict[str, Fact]) -> Event:
    salt = new(EventId)
    facts: dict[str, Fact] = {**vouched, "kind": after.kind.value.replace("_", "-")}
    facts["subject"] = _NOBODY
    subject = SubjectId(value.subject) if isinstance(value, (Subject, Consent, Tier)) else None
    if subject is not None:
        facts["subject"] = workspace.door.witness([subject], salt).members[0].hex()
    return act.say(EventKind.RIGHT_ENDED, salt, facts)
