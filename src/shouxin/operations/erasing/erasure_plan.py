"""Decide and record what an erasure will do before anything is destroyed: plan and intent in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.clock import local_date
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import EventId, OperationId, SubjectId, new
from shouxin.errors import NotFound, Refused, ShouxinError
from shouxin.keys.root import EpochNumber
from shouxin.operations.acting import Act, begin, row_facts
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.authentic import Authenticator
from shouxin.operations.consenting.tell_recipients import recipients_in_cards, tell_recipients
from shouxin.operations.erasing.suppression import (
    EVERYTHING,
    Place,
    barred_from,
    suppress,
    suppression_card,
    tags_of,
)
from shouxin.operations.keyring_age import check_has_chain
from shouxin.operations.retaining.gathered import Gathered, gather
from shouxin.operations.retaining.scope import Asked, accountable_until, parts_among, see_objects
from shouxin.operations.subjects import resolve_subject, set_subject, with_merged
from shouxin.operations.tiers import must_be_in_reach
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Card
from shouxin.retention.shortened import term_name
from shouxin.vault.door import Commitments
from shouxin.vault.erasure import NOT_IN_SCOPE, Erasure, Outcome, Part, SystemReport
from shouxin.vault.lifecycle import SubjectEvent
from shouxin.vault.records import ObjectRow, Records, SubjectState

__all__ = [
    "NOTHING_BEHIND",
    "Behind",
    "ErasureJob",
    "check_no_order_is_needed",
    "erased_in",
    "intend_within",
    "kept_out_of",
    "objects_seen",
    "tagged_by",
]

OWN_KINDS: Final = frozenset({"cell", "edge", "named-edge", "object"})


@dataclass(frozen=True, slots=True)
class ErasureJob:
    """One erasure on its way, with the row that says how far it came."""

    row: AuthorityRow
    erasure: Erasure


@dataclass(frozen=True, slots=True)
class Behind:
    """The order behind erasures (empty: none), and what became of its people in the lender's own databases.

    ``operations`` are those under which that is on record: the erasures are the same ones. ``seen`` are objects that
    were seen to be what was sealed before the turn to write was taken (``objects_seen``). ``told`` are the people and
    purposes of which a withdrawal has told the recipients: they are not told again.
    """

    order: bytes = b""
    systems: Mapping[SubjectId, tuple[SystemReport, ...]] = field(default_factory=dict)
    operations: Mapping[SubjectId, OperationId] = field(default_factory=dict)
    seen: frozenset[ObjectRow] = frozenset()
    told: frozenset[tuple[SubjectId, str]] = frozenset()


NOTHING_BEHIND: Final = Behind()


@dataclass(frozen=True, slots=True)
class _Planning:
    """What the plans of one transaction rest on: the wish, what was read of everybody, and the epoch of now.

    ``recipients`` are those whom the cards name, by purpose, with the days in which each confirms.
    """

    asked: Asked
    behind: Behind
    gathered: Gathered
    people: Commitments
    epoch: EpochNumber
    accountable_until: date
    suppression: Card | None
    recipients: Mapping[str, Mapping[str, int | None]]


def objects_seen(workspace: Workspace, records: Records, subjects: Sequence[SubjectId]) -> frozenset[ObjectRow]:
    """Return the objects of these people that are what was sealed; nothing, if one of them is not.

    To be asked before a transaction that plans: reading so much inside it would keep everybody else from writing.
    What is not among them is looked at again there, and its error is raised there.
    """
    everybody = with_merged(workspace, records, subjects)
    rows = records.cells.objects_of(everybody)
    if not rows:
        return frozenset()
    chains = Authenticator(workspace, workspace.custody.keyring.get(everybody))
    try:
        held = [row for row in rows if chains.opens(row.subject, row.object_id)]
        must_be_in_reach(workspace, records, [row.object_id for row in held])
        chains.authenticate_objects(held)
    except ShouxinError:
        return frozenset()
    return frozenset(held)


def intend_within(
    workspace: Workspace,
    records: Records,
    token: Token,
    subjects: Sequence[SubjectId],
    asked: Asked,
    behind: Behind = NOTHING_BEHIND,
) -> list[ErasureJob]:
    """Plan and record erasures inside a transaction that has its own reason for them; ``carry_out`` does them.

    Each is an operation of its own. The caller has asked whether whoever acts may do this. ``behind`` is the
    order from which they come, if they come from one. Whoever was given something of what goes is told in the same
    transaction, whatever the erasure's reason; what they do about it is tracked (PIPL 47, 55).
    """
    everybody = with_merged(workspace, records, subjects)
    act = begin(workspace, records, token)
    gathered = gather(workspace, records, act, everybody, behind.seen)
    for one in everybody:
        if one not in gathered.keyring:
            resolve_subject(workspace, records, one)
            check_has_chain(workspace, one)
    see_objects(workspace, records, gathered, everybody)
    people = Commitments(map(gathered.chains.chain, everybody))
    engine = gathered.engine
    until, card = accountable_until(engine, local_date(act.now)), suppression_card(engine)
    recipients = recipients_in_cards(workspace, records, engine)  # asked once, not for each person
    plan = _Planning(asked, behind, gathered, people, workspace.custody.refresh(), until, card, recipients)
    with records.authority.together():
        return [
            _intend(workspace, records, act.under(behind.operations.get(one) or new(OperationId)), one, plan)
            for one in everybody
        ]


def _intend(
    workspace: Workspace,
    records: Records,
    act: Act,
    subject: SubjectId,
    plan: _Planning,
) -> ErasureJob:
    """Decide and record: the plan of one erasure."""
    asked, behind, gathered, people = plan.asked, plan.behind, plan.gathered, plan.people
    before, state = gathered.standing.get(subject), gathered.judge.subject(subject)
    if before is None or state is None:
        raise NotFound("there is nothing under this identifier")
    if state.state in {SubjectState.ERASED, SubjectState.ERASING}:
        raise NotFound("there is nothing under this identifier any more")
    step, into = SubjectEvent.INTEND_ERASURE, state.merged_into
    set_subject(workspace, records, before, state, step, act, merged_into=into, people=people)
    parts = parts_among(workspace, records, gathered, subject, asked)
    card = plan.suppression
    places = kept_out_of(parts, whole=asked.whole, ordered=bool(behind.order))
    gone = tagged_by(parts, places)
    tags = tags_of(gathered.chains, gathered.cells.get(subject, ()), gone) if card is not None and places else []
    erasure = Erasure(
        subject=subject,
        operation=act.operation,
        scope="whole" if asked.whole else "part",
        parts=tuple(parts),
        generation=gathered.chains.chain(subject).chain.generation,
        epoch=plan.epoch,
        planned=act.now,
        leaves=(records.ledger.size,),
        accountable_until=plan.accountable_until,
        was_frozen=state.state is SubjectState.FROZEN,
        systems=behind.systems.get(subject, ()),
        order=behind.order,
        barred_until=local_date(barred_from(card, act.now)) if card is not None and tags else None,
        barred_by=card.purpose if card is not None and tags else "",
    )
    row = workspace.notary.write(AuthorityKind.ERASURE, act.operation, 1, erasure, subject=subject)
    records.authority.put(row)
    salt = new(EventId)
    records.record(
        act.event(
            EventKind.ERASURE_INTENDED,
            salt,
            subject=people.to(subject, salt),
            scope=erasure.scope,
            cells=len(parts),
            objects=sum(part.kind == "object" for part in parts),
            rules=sorted({part.rule for part in parts if part.rule}),
            **row_facts(row),
        )
    )
    if card is not None:
        suppress(workspace, records, act, card, tags, places)
    _tell(workspace, records, act, erasure, plan)
    return ErasureJob(row, erasure)


def _tell(workspace: Workspace, records: Records, act: Act, erasure: Erasure, plan: _Planning) -> None:
    """Write to whoever was given something of what is erased."""
    if not plan.recipients:
        return
    gone = {part.purpose for part in erasure.having(Outcome.ERASED)}
    for purpose in sorted(gone & plan.recipients.keys()):
        if (erasure.subject, purpose) not in plan.behind.told:
            to = plan.recipients[purpose]
            tell_recipients(workspace, records, act, erasure.subject, purpose, to, plan.people)


def kept_out_of(parts: Sequence[Part], *, whole: bool, ordered: bool) -> tuple[Place, ...]:
    """Return what somebody is kept out of: everything, once all was asked for or nothing is left; else what went.

    What only a law keeps counts as gone: tonight's file brings no second copy of it into use. A consent that was taken
    back needs no tag while anything of the person is left: their "no" stands, and so would a new "yes".
    """
    left = any(part.kind in OWN_KINDS and part.outcome is Outcome.RETAINED for part in parts)
    if whole or not left:
        return (EVERYTHING,)
    if not ordered:
        return ()
    gone = [part for part in parts if part.kind in OWN_KINDS and part.rule != NOT_IN_SCOPE]
    return tuple(dict.fromkeys((part.purpose, term_name(part.term)) for part in gone))


def tagged_by(parts: Sequence[Part], places: Sequence[Place]) -> list[bytes]:
    """Return the cells by whose values somebody is kept out: of who goes, what goes; else everything of theirs."""
    whole = EVERYTHING in places
    own = [part for part in parts if part.kind == "cell"]
    return [part.identifier for part in own if not whole or part.outcome is Outcome.ERASED]


def erased_in(erasure: Erasure, *kinds: str) -> list[bytes]:
    """Return the identifiers of those parts of some kinds that an erasure erases."""
    return [part.identifier for part in erasure.having(Outcome.ERASED) if part.kind in kinds]


def check_no_order_is_needed(workspace: Workspace, records: Records) -> None:
    """Refuse to erase at a word where others must agree to a deletion, or where databases must be asked first.

    A word reaches no database, and once the key is gone nobody knows whom to look for in one.

    Raises:
        Refused: a card says how to delete, or a database is registered.
    """
    engine = current_engine(workspace, records, "", workspace.now(records))
    if any(card.deletion is not None for every in engine.versions.values() for card in every):
        rules = [("maker-checker", "PIPL 51(1)(4)")]
        raise Refused("deleting goes by an order that others agree to: shouxin deletion draft", rules)
    if records.authority.page(AuthorityKind.DATABASE, b"", 1):
        rules = [("erased-in-databases-first", "PIPL 47(1)")]
        raise Refused("a database is registered: adopt a card with [deletion], then shouxin deletion draft", rules)
