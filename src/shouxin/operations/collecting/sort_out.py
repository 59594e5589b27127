"""Sort out a batch of a collection: who comes in, as whom, with what; what is set aside and why."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from shouxin.actors.account import Token
from shouxin.consent.consent import Consent
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.identifiers import SubjectId, new
from shouxin.domain.items import ItemCode
from shouxin.errors import Invalid, Refused
from shouxin.operations.acting import begin
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.collecting.gate import SEALED, Gate
from shouxin.operations.collecting.intake import Aside, Intake, Plan, Portion, term_for
from shouxin.operations.collecting.intake_source import GONE
from shouxin.operations.collecting.kept_out import SUPPRESSED, kept_out
from shouxin.operations.collecting.said_before import IDENTIFYING, known_people, with_answers
from shouxin.operations.collecting.sealing import Draft, tags_of
from shouxin.operations.consenting.carried import said_no
from shouxin.operations.consenting.choose import consents_for
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Card
from shouxin.policy.engine import Engine
from shouxin.retention.resolve import Relationship, longer
from shouxin.vault.records import Records, Subject, SubjectState

__all__ = ["Arriving", "SortedBatch", "cards_of", "sort_out", "tag_draft"]

_FROZEN: Final = "frozen"
# A place, the records that came from there, the digests of what is set aside of it, and the lines asked for again.
Arriving: TypeAlias = tuple[bytes, list[Intake | Aside], Collection[bytes], Collection[int]]
# A record, the drafts of its person and of whom it names, and the items that are not kept.
_Made: TypeAlias = tuple[Intake, list[Draft], list[ItemCode]]


@dataclass(slots=True)
class SortedBatch:
    """One batch, sorted out: what will be kept, what is set aside, what was not needed.

    ``arrivals`` are the digests of what is kept: nothing else of a source may be deleted there. ``kept_out`` are those
    of what was set aside as suppressed.
    """

    engine: Engine
    roles: frozenset[str]
    drafts: list[Draft]
    aside: list[Aside]
    dropped: dict[str, int]
    arrivals: list[bytes]
    repeated: int
    kept_out: list[bytes] = field(default_factory=list)


def cards_of(engine: Engine, plan: Plan) -> dict[str, Card]:
    """Return the cards that a plan names, by purpose; raise Invalid where one was not adopted."""
    edge = (plan.edge_purpose,) if plan.edge_purpose else ()
    return {purpose: engine.card(purpose) for purpose in (*plan.purposes, *plan.contact_purposes, *edge, *plan.told)}


def sort_out(workspace: Workspace, seen: Records, token: Token, plan: Plan, source: Arriving) -> SortedBatch:
    """Decide for every record of a batch; what the policy refuses is set aside with its rule, not stored.

    Raises:
        Refused: the caller may take nothing in for any purpose of the plan.
        Invalid: the plan names a purpose that was not adopted.
    """
    act = begin(workspace, seen, token)
    engine = current_engine(workspace, seen, "", act.now)
    cards = cards_of(engine, plan)
    kept = [cards[purpose] for purpose in (*plan.purposes, *plan.contact_purposes)]
    act.need(*sorted({role for card in kept for role in card.roles.get(SEALED, ())} or {"collector"}))
    batch = SortedBatch(engine, act.actor.roles, [], [], {}, [], 0)
    gates = (
        Gate(engine, act, [cards[purpose] for purpose in plan.purposes], plan.retention_days),
        Gate(engine, act, [cards[purpose] for purpose in plan.contact_purposes], plan.retention_days),
    )
    edge = cards.get(plan.edge_purpose)
    barring = bool(seen.authority.page(AuthorityKind.SUPPRESSION, b"", 1))
    made: list[_Made] = []
    for record in with_answers(workspace, seen, act, engine, kept, _new_arrivals(seen, source, batch)):
        if isinstance(record, Aside):
            if record.reason != GONE:
                batch.aside.append(record)
            continue
        try:
            drafts, left = _drafts(workspace, gates, record, edge)
            if barring:
                drafts, left = kept_out(workspace, seen, act, drafts, left)
        except (Refused, Invalid) as error:
            reason = error.reasons[0][0] if isinstance(error, Refused) else error.place or "invalid"
            _set_aside(batch, record, reason)
            if reason == SUPPRESSED and record.arrival:
                # It has not arrived: every night says so anew, and whoever is let in again comes in by the same record.
                batch.kept_out.append(record.arrival)
            continue
        made.append((record, drafts, left))
    _keep(workspace, seen, batch, made)
    return batch


def _new_arrivals(seen: Records, source: Arriving, batch: SortedBatch) -> list[Intake | Aside]:
    """Return what has not arrived before: nor been set aside before, unless it was asked for again."""
    place, fresh, aside, met = source
    known = seen.cells.arrived(place, [one.arrival for one in fresh if one.arrival])
    new: list[Intake | Aside] = []
    for one in fresh:
        if one.arrival in known or (one.arrival in aside and one.line not in met):
            batch.repeated += 1
            continue
        if one.arrival:
            known.add(one.arrival)
        new.append(one)
    return new


def _set_aside(batch: SortedBatch, record: Intake, reason: str, *, final: bool = False) -> None:
    """Set a record aside, whole; or, ``final``, what is left of one that was kept."""
    batch.aside.append(Aside(record.line, reason, record.cursor, record.arrival, final))


def _keep(workspace: Workspace, seen: Records, batch: SortedBatch, made: list[_Made]) -> None:
    """Put what was made of records into the batch, once for each person; one question for all who are known.

    Whoever is known and frozen takes nothing in: a record of theirs is set aside whole, with whom it names. Where
    somebody else's record names them, that part is left out and told: it does not come in by itself later.
    """
    tags = {draft.tag for _, drafts, _ in made for draft in drafts if draft.tag is not None}
    people = known_people(workspace, seen, tags)
    frozen = {tag for tag, subject in people.items() if not _is_active(workspace, seen, subject)}
    known: dict[bytes, Draft] = {}
    for record, drafts, left in made:
        if drafts[0].tag in frozen:
            _set_aside(batch, record, _FROZEN)
            continue
        out = {draft.subject for draft in drafts if draft.tag in frozen}
        if out:
            drafts[0].edges = [(other, portion) for other, portion in drafts[0].edges if other not in out]
            _set_aside(batch, record, _FROZEN, final=True)
        if record.arrival:
            batch.arrivals.append(record.arrival)
        _add(batch.drafts, known, [draft for draft in drafts if draft.subject not in out])
        for item in left:
            batch.dropped[item] = batch.dropped.get(item, 0) + 1
    _recognise(workspace, seen, batch, {tag: who for tag, who in people.items() if tag in known})


def _is_active(workspace: Workspace, seen: Records, subject: SubjectId) -> bool:
    row = seen.authority.get(AuthorityKind.SUBJECT, subject)
    return row is not None and workspace.notary.read(row, Subject).state is SubjectState.ACTIVE


def _add(drafts: list[Draft], known: dict[bytes, Draft], made: list[Draft]) -> None:
    """Add drafts; a person who came earlier in the same batch gets more cells instead of a second self."""
    renamed: dict[SubjectId, SubjectId] = {}
    for draft in reversed(made):  # whom a person names comes before the person who names them
        draft.edges = [(renamed.get(other, other), portion) for other, portion in draft.edges]
        earlier = None if draft.tag is None else known.get(draft.tag)
        if earlier is not None:
            renamed[draft.subject] = earlier.subject
            earlier.tags |= draft.tags
            earlier.portions += draft.portions
            earlier.choices += draft.choices
            earlier.edges += draft.edges
            earlier.relationship = longer(earlier.relationship, draft.relationship)
            earlier.leads += draft.leads
            continue
        drafts.append(draft)
        if draft.tag is not None:
            known[draft.tag] = draft


def _drafts(
    workspace: Workspace, gates: tuple[Gate, Gate], record: Intake, edge: Card | None
) -> tuple[list[Draft], list[ItemCode]]:
    """Return the drafts of one record (the person, then whom they name) and the items that are not kept."""
    people, contacts = gates
    people.permit(record.person)
    kept, left = people.portions(record.person)
    draft = Draft(new(SubjectId), kept, list(record.person.choices), leads=1)
    tag_draft(workspace, draft)
    if record.began is not None:
        draft.relationship = Relationship(record.began, record.expected_end)
    made = [draft]
    for person, joining in record.contacts:
        contacts.permit(person)
        theirs, more_left = contacts.portions(person)
        told = [replace(choice, third_person=True) for choice in person.choices]
        contact = Draft(new(SubjectId), theirs, told)
        tag_draft(workspace, contact)
        made.append(contact)
        left += more_left
        items = {item: value for item, value in joining.items() if edge is not None and item in edge.items}
        if edge is not None and items:
            draft.edges.append(
                (contact.subject, Portion(edge.purpose, term_for(edge, next(iter(items)), contacts.days), items))
            )
    return made, left


def tag_draft(workspace: Workspace, draft: Draft) -> None:
    """Note by which tags the person of a draft can be found, and by which of them they are known.

    Raises:
        Invalid: a value cannot be indexed; its place is the item.
    """
    for portion in draft.portions:
        tags = tags_of(workspace, portion)
        draft.tags[id(portion)] = list(tags.values())
        draft.tag = tags.get(IDENTIFYING, draft.tag)


def _recognise(workspace: Workspace, seen: Records, batch: SortedBatch, known: dict[bytes, SubjectId]) -> None:
    """Let drafts of people whom the vault knows by their identity number add to them."""
    inner = {draft.tag: draft for draft in batch.drafts if draft.tag is not None}
    chains = workspace.custody.keyring.get(list(set(known.values()))) if known else {}
    renamed: dict[SubjectId, SubjectId] = {}
    for tag, subject in known.items():
        draft = inner[tag]
        renamed[draft.subject] = subject
        draft.subject, draft.existing = subject, chains.get(subject)
        _leave_out(draft, consents_for(workspace, seen, subject), batch)
    for draft in batch.drafts:
        draft.edges = [(renamed.get(other, other), portion) for other, portion in draft.edges]


def _leave_out(draft: Draft, said: list[Consent], batch: SortedBatch) -> None:
    """Leave out what a known person said no to: tonight's file does not bring back what they took back."""
    no = {portion.purpose for portion in draft.portions if said_no(said, portion.purpose)}
    for portion in draft.portions:
        for item in portion.values if portion.purpose in no else ():
            batch.dropped[item] = batch.dropped.get(item, 0) + 1
    draft.portions = [portion for portion in draft.portions if portion.purpose not in no]
    draft.choices = [choice for choice in draft.choices if not said_no(said, choice.purpose)]
