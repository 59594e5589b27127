"""Set and lift legal holds, each a recorded operation by another person (PIPL 47(2))."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.clock import local_date
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import EventId, HoldId, SubjectId, new
from shouxin.domain.paper import check_paper
from shouxin.errors import Invalid, NotFound
from shouxin.operations.acting import Act, begin, row_facts
from shouxin.operations.adopting.cards import check_purposes, current_engine
from shouxin.operations.subjects import change_subject, resolve_subject
from shouxin.operations.workspace import Workspace
from shouxin.retention.hold import AUTHORITIES, Hold, lift
from shouxin.vault.records import Records, SubjectState

__all__ = ["HOLDERS", "Demand", "StandingHold", "lift_hold", "list_holds", "set_hold"]

HOLDERS: Final = ("dpo", "rights_desk")


@dataclass(frozen=True, slots=True)
class Demand:
    """What an authority or a dispute wants kept.

    ``purpose`` is the adopted card under which holds are kept, ``purposes`` what is held (empty: all of the person),
    ``paper`` SHA-256 of the written demand, ``review_on`` the day on which it is looked at again.
    """

    authority: str
    purpose: str
    paper: bytes
    review_on: date
    purposes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StandingHold:
    """A hold with its identifier; ``overdue`` when its review date has come."""

    hold_id: HoldId
    hold: Hold
    overdue: bool


def set_hold(workspace: Workspace, token: Token, subject: SubjectId, demand: Demand) -> HoldId:
    """Keep what ``demand`` names of a person until somebody else lifts the hold; durable on return.

    From this commit on no erasure takes it: whatever is asked is ``retained`` with the card's article.

    Raises:
        Invalid: an unknown authority, card or purpose, a card that is not ``statutory``, no digest, or a review date
            that is not ahead.
        NotFound: nobody, or somebody erased. Refused, NotSignedIn: the caller may not.
    """
    if demand.authority not in AUTHORITIES:
        raise Invalid(f"a hold is for one of {', '.join(sorted(AUTHORITIES))}", "authority")
    check_paper(demand.paper, "paper")
    identifier = new(HoldId)

    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        act.need(*HOLDERS)
        card = current_engine(workspace, records, "", act.now).card(demand.purpose)
        if not card.statutory:
            raise Invalid("a hold stands under a card whose purpose a law demands (statutory = true)", "card")
        check_purposes(records, demand.purposes or None)
        if demand.review_on <= local_date(act.now):
            raise Invalid("a hold is looked at again on a day that is still to come", "review_on")
        row, standing = resolve_subject(workspace, records, subject)
        if standing.state in {SubjectState.ERASED, SubjectState.ERASING}:
            raise NotFound("there is nothing under this identifier any more")
        hold = Hold(
            subject=subject,
            authority=demand.authority,
            purpose=card.purpose,
            article=card.basis_article,
            purposes=tuple(sorted(demand.purposes)),
            paper=demand.paper,
            set_by=act.actor.account,
            since=act.now,
            review_on=demand.review_on,
        )
        _write(workspace, records, act, identifier, None, hold, "set")
        held = replace(standing, on_hold=(*standing.on_hold, identifier))
        change_subject(workspace, records, act, row, held, "hold-set")

    workspace.data.transact(work)
    return identifier


def lift_hold(workspace: Workspace, token: Token, hold_id: HoldId, paper: bytes) -> None:
    """End a hold on the paper of that SHA-256, by somebody other than who set it; what is past its term is due then.

    Raises:
        NotFound: no such hold. Refused: the same person, or another role. NotInThisState: lifted already.
        Invalid: no digest.
    """
    check_paper(paper, "paper")

    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        act.need(*HOLDERS)
        before = records.authority.get(AuthorityKind.HOLD, hold_id)
        if before is None:
            raise NotFound("there is no such hold")
        hold = lift(workspace.notary.read(before, Hold), act.actor.account, paper, act.now)
        _write(workspace, records, act, hold_id, before, hold, "lifted")
        row, standing = resolve_subject(workspace, records, hold.subject)
        held = replace(standing, on_hold=tuple(one for one in standing.on_hold if one != hold_id))
        change_subject(workspace, records, act, row, held, "hold-lifted")

    workspace.data.transact(work)


def _write(
    workspace: Workspace,
    records: Records,
    act: Act,
    hold_id: HoldId,
    before: AuthorityRow | None,
    hold: Hold,
    change: str,
) -> None:
    """Write a hold's row together with its event."""
    version = 1 if before is None else before.version + 1
    row = workspace.notary.write(AuthorityKind.HOLD, hold_id, version, hold, subject=hold.subject)
    records.authority.put(row)
    salt = new(EventId)
    records.record(
        act.event(
            EventKind.HOLD_CHANGED,
            salt,
            subject=workspace.door.witness([hold.subject], salt).members[0].hex(),
            change=change,
            authority=hold.authority,
            purposes=list(hold.purposes),
            paper=(hold.lifted_on or hold.paper).hex(),
            **row_facts(row, before),
        )
    )


def list_holds(workspace: Workspace, token: Token, subject: SubjectId | None = None) -> list[StandingHold]:
    """Return the holds that stand (on one person), those whose review date has come first.

    Raises:
        Refused, NotSignedIn: the caller may not.
    """

    def work(records: Records) -> list[StandingHold]:
        act = begin(workspace, records, token)
        act.need(*HOLDERS, "auditor")
        today = local_date(act.now)
        rows = records.authority.find(AuthorityKind.HOLD, subject=subject)
        read = ((HoldId(row.identifier), workspace.notary.read(row, Hold)) for row in rows)
        found = [StandingHold(name, hold, hold.review_on <= today) for name, hold in read if hold.lifted is None]
        return sorted(found, key=lambda one: (not one.overdue, one.hold.review_on))

    return workspace.data.read(work)
