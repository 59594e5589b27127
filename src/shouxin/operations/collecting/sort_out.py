"""Sort out a batch of a collection: who comes in, as whom, with what; what is set aside and why."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

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

__all__ = ["SortedBatch", "cards_of", "sort_out", "tag_draft"]


@dataclass(slots=True)
class SortedBatch:
    """One batch, sorted out: what will be kept, what is set aside, what was not needed.

    ``kept_out`` are the digests of what was set aside as suppressed: it has not arrived.
    ``waiting`` are the lines of erased people that their source names by nothing but the line.
    """

    engine: Engine
    roles: frozenset[str]
    drafts: list[Draft]
    aside: list[Aside]
    dropped: dict[str, int]
    arrivals: list[bytes]
    repeated: int
    kept_out: list[bytes] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)


def cards_of(engine: Engine, plan: Plan) -> dict[str, Card]:
    """Return the cards that a plan names, by purpose; raise Invalid where one was not adopted."""
    edge = (plan.edge_purpose,) if plan.edge_purpose else ()
    return {purpose: engine.card(purpose) for purpose in (*plan.purposes, *plan.contact_purposes, *edge, *plan.told)}


def sort_out(
    workspace: Workspace, seen: Records, token: Token, plan: Plan, source: tuple[bytes, list[Intake | Aside]]
) -> SortedBatch:
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
    place, fresh = source
    fresh = _new_arrivals(seen, place, fresh, batch)
    gates = (
        Gate(engine, act, [cards[purpose] for purpose in plan.purposes], plan.retention_days),
        Gate(engine, act, [cards[purpose] for purpose in plan.contact_purposes], plan.retention_days),
    )
    edge = cards.get(plan.edge_purpose)
    known: dict[bytes, Draft] = {}
    lines: dict[int, int] = {}
    barring = bool(seen.authority.page(AuthorityKind.SUPPRESSION, b"", 1))
    for record in with_answers(workspace, seen, act, engine, kept, fresh):
        if isinstance(record, Aside):
            batch.aside.append(record)
            continue
        try:
            drafts, left = _drafts(workspace, gates, record, edge)
            if barring:
                drafts, left = kept_out(workspace, seen, act, drafts, left)
        except (Refused, Invalid) as error:
            reason = error.reasons[0][0] if isinstance(error, Refused) else error.place or "invalid"
            batch.aside.append(Aside(record.line, reason))
            if reason == SUPPRESSED:
                # It has not arrived: every night says so anew, and whoever is let in again comes in by the same record.
                _has_not_come(record, batch)
            continue
        lines |= {id(draft): record.line for draft in drafts}
        _add(batch.drafts, known, drafts)
        for item in left:
            batch.dropped[item] = batch.dropped.get(item, 0) + 1
    _recognise(workspace, seen, batch, lines)
    return batch


def _new_arrivals(seen: Records, place: bytes, fresh: list[Intake | Aside], batch: SortedBatch) -> list[Intake | Aside]:
    """Return what has not arrived before, and note in ``batch`` what will have."""
    known = seen.cells.arrived(place, [one.arrival for one in fresh if one.arrival])
    new: list[Intake | Aside] = []
    for one in fresh:
        if one.arrival in known:
            batch.repeated += 1
            continue
        if one.arrival:
            known.add(one.arrival)
            batch.arrivals.append(one.arrival)
        new.append(one)
    return new


def _has_not_come(record: Intake, batch: SortedBatch) -> None:
    """Note that a record is to be named anew: by its arrival, or by its line where the source starts at the first."""
    if record.arrival in batch.arrivals:
        batch.arrivals.remove(record.arrival)
        batch.kept_out.append(record.arrival)
    elif not record.arrival and not record.cursor:
        batch.waiting.append(record.line)


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


def _recognise(workspace: Workspace, seen: Records, batch: SortedBatch, lines: dict[int, int]) -> None:
    """Let drafts of people whom the vault knows by their identity number add to them; one question for all.

    Whoever is known and frozen takes nothing in: their drafts are set aside.
    """
    inner = {draft.tag: draft for draft in batch.drafts if draft.tag is not None}
    known = known_people(workspace, seen, inner)
    chains = workspace.custody.keyring.get(list(set(known.values()))) if known else {}
    renamed: dict[SubjectId, SubjectId] = {}
    for tag, subject in known.items():
        draft = inner[tag]
        row = seen.authority.get(AuthorityKind.SUBJECT, subject)
        if row is None or workspace.notary.read(row, Subject).state is not SubjectState.ACTIVE:
            batch.drafts.remove(draft)
            batch.aside.append(Aside(lines[id(draft)], "frozen"))
            continue
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
