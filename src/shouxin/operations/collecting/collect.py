"""Collect: take people's data in under a plan, sealed before anything is stored (laws 2 and 3).

Decide on what each person was told and chose; draw keys, which are durable before what they seal; seal, write and
record in one transaction a batch. A batch is all or nothing. The position reached in a source is kept with the batch,
so a collection that was killed goes on where it stopped: nothing lost, nothing twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from shouxin.actors.account import Token
from shouxin.consent.consent import Consent
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import SubjectId, new
from shouxin.domain.items import ItemCode
from shouxin.errors import Fenced, Invalid, Refused
from shouxin.operations.acting import Act, begin, row_facts
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.collecting.intake import (
    Aside,
    Collected,
    Intake,
    Person,
    Plan,
    Portion,
    Reached,
    Router,
    term_for,
)
from shouxin.operations.collecting.said_before import IDENTIFYING, known_people, with_answers
from shouxin.operations.collecting.sealing import Draft, Drawn, draw_keys, tags_of, write_drafts
from shouxin.operations.consenting.carried import said_no
from shouxin.operations.consenting.choose import consents_for
from shouxin.operations.erasing.suppression import EVERYTHING, Place, suppressed
from shouxin.operations.rekeying import settle_clean
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Card, Form
from shouxin.policy.decision import Question
from shouxin.policy.engine import Engine
from shouxin.retention.resolve import Relationship, longer
from shouxin.retention.shortened import term_name
from shouxin.vault.records import Records, Subject, SubjectState

__all__ = ["SUPPRESSED", "collect", "reached", "source_digest"]

# Why a record of somebody who was erased is set aside.
SUPPRESSED: Final = "suppressed"

_BATCH: Final = 500
_SEALED: Final = Form("sealed")


@dataclass(slots=True)
class _Batch:
    """One batch on its way: what will be kept, what is set aside, what was not needed."""

    engine: Engine
    roles: frozenset[str]
    drafts: list[Draft]
    aside: list[Aside]
    dropped: dict[str, int]
    arrivals: list[bytes]
    repeated: int


# Says, in the transaction that records a batch, whether it may still be taken; raises if not.
_Standing = Callable[[Records], None]


def source_digest(source: str, content: bytes) -> bytes:
    """Return what identifies one content of one source: 16 bytes."""
    return hashlib.sha256(b"shouxin/collection\0" + source.encode() + b"\0" + content).digest()[:16]


def collect(
    workspace: Workspace,
    token: Token,
    plan: Plan,
    records: Iterable[Intake | Aside],
    *,
    place: bytes,
    step: Callable[[int], None] = lambda _line: None,
    under: _Standing | None = None,
    done: Collected | None = None,
) -> Collected:
    """Take in every record of a source; bad ones are set aside with their line.

    ``place`` (from ``source_digest``) identifies the content: the same content goes on where it stopped, and once it is
    done, collecting it again takes nothing. ``step`` is told the line that is done. Every batch that was reported is
    durable. ``under`` is asked in the transaction of each batch whether the plan behind it still stands; who passes
    none has no plan to answer to (``operations.collecting.run_plan`` always has one). ``done`` is added to batch by
    batch, so that who passes one knows what was taken when the source dies.

    Raises:
        Invalid: the plan names a purpose that was not adopted.
        Refused: the caller may take nothing in for any purpose of the plan; the source stays where it is.
        Fenced: cards, roles or the key epoch changed during a batch; collect again, it goes on from there.
    """
    done = Collected() if done is None else done
    at = reached(workspace, place)
    for batch in _batches(records):
        fresh = [record for record in batch if record.line > at.line]
        if fresh:
            _take(workspace, token, plan, (place, at), fresh, done, under)
            at = Reached(fresh[-1].line, fresh[-1].cursor)
            step(at.line)
    return done


def reached(workspace: Workspace, place: bytes) -> Reached:
    """Return how far the content or stream ``place`` was taken in."""
    return workspace.data.read(lambda seen: _reached(workspace, seen, place))


def _batches(records: Iterable[Intake | Aside]) -> Iterator[list[Intake | Aside]]:
    source = iter(records)
    while batch := list(islice(source, _BATCH)):
        yield batch


def _reached(workspace: Workspace, records: Records, place: bytes) -> Reached:
    row = records.authority.get(AuthorityKind.COLLECTION, place)
    return Reached() if row is None else workspace.notary.read(row, Reached)


def _cards(engine: Engine, plan: Plan) -> dict[str, Card]:
    edge = (plan.edge_purpose,) if plan.edge_purpose else ()
    return {purpose: engine.card(purpose) for purpose in (*plan.purposes, *plan.contact_purposes, *edge, *plan.told)}


def _take(
    workspace: Workspace,
    token: Token,
    plan: Plan,
    source: tuple[bytes, Reached],
    fresh: list[Intake | Aside],
    done: Collected,
    under: _Standing | None,
) -> None:
    """Take one batch: decide, draw keys, then seal, write and record in one transaction."""
    batch = workspace.data.read(lambda seen: _sort_out(workspace, seen, token, plan, (source[0], fresh)))
    with workspace.custody.keyring.at_work():
        drawn = draw_keys(workspace, batch.drafts)
        last = Reached(fresh[-1].line, fresh[-1].cursor)
        _record(workspace, token, plan, (*source, last), batch, drawn, under)
        settle_clean(workspace, [draft.subject for draft in batch.drafts if draft.existing is None], known=False)
        settle_clean(workspace, [draft.subject for draft in batch.drafts if draft.existing is not None])
    done.taken += sum(draft.leads for draft in batch.drafts)
    done.subjects += sum(draft.existing is None for draft in batch.drafts)
    done.aside += batch.aside
    done.repeated += batch.repeated
    for item, count in batch.dropped.items():
        done.dropped[item] = done.dropped.get(item, 0) + count


def _record(
    workspace: Workspace,
    token: Token,
    plan: Plan,
    source: tuple[bytes, Reached, Reached],
    batch: _Batch,
    drawn: list[Drawn],
    under: _Standing | None,
) -> None:
    """Seal, write and record one batch, and how far its source has come; all in one transaction."""
    place, before_it, last = source

    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        engine = current_engine(workspace, records, "", act.now)
        if engine is not batch.engine or act.actor.roles != batch.roles:
            raise Fenced("cards or roles changed while a batch was on its way: collect again")
        if under is not None:
            under(records)
        write_drafts(workspace, records, act, _cards(engine, plan), list(zip(batch.drafts, drawn, strict=True)))
        if _reached(workspace, records, place) != before_it:
            raise Fenced("another process collects the same source: collect again, it goes on from there")
        before = records.authority.get(AuthorityKind.COLLECTION, place)
        version = 1 if before is None else before.version + 1
        row = workspace.notary.write(AuthorityKind.COLLECTION, place, version, last, name=plan.source)
        records.authority.put(row)
        records.cells.add_arrivals(place, batch.arrivals)
        records.record(
            act.event(
                EventKind.COLLECTION_MOVED,
                role="collector",
                source=plan.source,
                purposes=sorted(plan.purposes),
                taken=sum(draft.leads for draft in batch.drafts),
                aside=len(batch.aside),
                **row_facts(row, before),
            )
        )

    workspace.data.transact(work)


def _sort_out(
    workspace: Workspace, seen: Records, token: Token, plan: Plan, source: tuple[bytes, list[Intake | Aside]]
) -> _Batch:
    """Decide for every record of a batch; what the policy refuses is set aside with its rule, not stored."""
    act = begin(workspace, seen, token)
    engine = current_engine(workspace, seen, "", act.now)
    cards = _cards(engine, plan)
    kept = [cards[purpose] for purpose in (*plan.purposes, *plan.contact_purposes)]
    act.need(*sorted({role for card in kept for role in card.roles.get(_SEALED, ())} or {"collector"}))
    batch = _Batch(engine, act.actor.roles, [], [], {}, [], 0)
    place, fresh = source
    fresh = _new_arrivals(seen, place, fresh, batch)
    gates = (
        _Gate(engine, act, [cards[purpose] for purpose in plan.purposes], plan.retention_days),
        _Gate(engine, act, [cards[purpose] for purpose in plan.contact_purposes], plan.retention_days),
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
                drafts, left = _kept_out(workspace, seen, act, drafts, left)
        except (Refused, Invalid) as error:
            reason = error.reasons[0][0] if isinstance(error, Refused) else error.place or "invalid"
            batch.aside.append(Aside(record.line, reason))
            continue
        lines |= {id(draft): record.line for draft in drafts}
        _add(batch.drafts, known, drafts)
        for item in left:
            batch.dropped[item] = batch.dropped.get(item, 0) + 1
    _recognise(workspace, seen, batch, lines)
    return batch


def _new_arrivals(seen: Records, place: bytes, fresh: list[Intake | Aside], batch: _Batch) -> list[Intake | Aside]:
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
    workspace: Workspace, gates: tuple[_Gate, _Gate], record: Intake, edge: Card | None
) -> tuple[list[Draft], list[ItemCode]]:
    """Return the drafts of one record (the person, then whom they name) and the items that are not kept."""
    people, contacts = gates
    people.permit(record.person)
    kept, left = people.portions(record.person)
    draft = Draft(new(SubjectId), kept, list(record.person.choices), leads=1)
    number = record.person.values.get(IDENTIFYING)
    if number is not None and any(IDENTIFYING in portion.values for portion in kept):
        draft.tag = workspace.tagger.inner(IDENTIFYING, number.text())
    draft.tags = {id(portion): tags_of(workspace, portion) for portion in kept}
    if record.began is not None:
        draft.relationship = Relationship(record.began, record.expected_end)
    made = [draft]
    for person, joining in record.contacts:
        contacts.permit(person)
        theirs, more_left = contacts.portions(person)
        told = [replace(choice, third_person=True) for choice in person.choices]
        contact = Draft(new(SubjectId), theirs, told)
        contact.tags = {id(portion): tags_of(workspace, portion) for portion in theirs}
        theirs_number = person.values.get(IDENTIFYING)
        if theirs_number is not None and any(IDENTIFYING in portion.values for portion in theirs):
            contact.tag = workspace.tagger.inner(IDENTIFYING, theirs_number.text())
        made.append(contact)
        left += more_left
        items = {item: value for item, value in joining.items() if edge is not None and item in edge.items}
        if edge is not None and items:
            draft.edges.append(
                (contact.subject, Portion(edge.purpose, term_for(edge, next(iter(items)), contacts.days), items))
            )
    return made, left


def _kept_out(
    workspace: Workspace, seen: Records, act: Act, drafts: list[Draft], left: list[ItemCode]
) -> tuple[list[Draft], list[ItemCode]]:
    """Return the drafts of a record without those whom an erasure keeps out; their items count as not kept.

    Somebody with an identity number is known by it alone, because a mobile may be another's by now. Of whom a part was
    erased, that part is left out, and what was named with it.

    Raises:
        Refused: the person of the record is kept out, or all that it says of them; it is set aside unsealed.
    """
    tags = [[one.tag] if one.tag is not None else [tag for made in one.tags.values() for tag in made] for one in drafts]
    own = [[*one.portions, *(portion for _, portion in one.edges)] for one in drafts]
    places = {_place_of(portion) for portions in own for portion in portions}
    barred = suppressed(workspace, seen, act.now, {tag for known in tags for tag in known}, places)
    out: list[Draft] = []
    for one, known in zip(drafts, tags, strict=True):
        gone_for = {place for tag, place in barred if tag in known}
        if EVERYTHING in gone_for:
            out.append(one)
        elif gone_for:
            left = [*left, *_left_out(one, gone_for)]
            if not one.portions:
                out.append(one)
    if drafts[0] in out:
        raise Refused("this person was erased and is kept out", [(SUPPRESSED, "PIPL 47(1)")])
    gone = {one.subject for one in out}
    drafts[0].edges = [(other, portion) for other, portion in drafts[0].edges if other not in gone]
    return (
        [one for one in drafts if one.subject not in gone],
        [*left, *(item for one in out for portion in one.portions for item in portion.values)],
    )


def _place_of(portion: Portion) -> Place:
    return portion.purpose, term_name(portion.term)


def _left_out(draft: Draft, gone_for: set[Place]) -> list[ItemCode]:
    """Leave out of a draft what its person is kept out of; return the items."""
    gone = [one for one in draft.portions if _place_of(one) in gone_for]
    draft.portions = [one for one in draft.portions if _place_of(one) not in gone_for]
    draft.tags = {id(one): draft.tags[id(one)] for one in draft.portions}
    cut = [portion for _, portion in draft.edges if _place_of(portion) in gone_for]
    draft.edges = [(other, one) for other, one in draft.edges if _place_of(one) not in gone_for]
    return [item for portion in (*gone, *cut) for item in portion.values]


def _recognise(workspace: Workspace, seen: Records, batch: _Batch, lines: dict[int, int]) -> None:
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


def _leave_out(draft: Draft, said: list[Consent], batch: _Batch) -> None:
    """Leave out what a known person said no to: tonight's file does not bring back what they took back."""
    no = {portion.purpose for portion in draft.portions if said_no(said, portion.purpose)}
    for portion in draft.portions:
        for item in portion.values if portion.purpose in no else ():
            batch.dropped[item] = batch.dropped.get(item, 0) + 1
    draft.portions = [portion for portion in draft.portions if portion.purpose not in no]
    draft.choices = [choice for choice in draft.choices if not said_no(said, choice.purpose)]


class _Gate:
    """Decides for the people of one batch, and routes what may be kept; remembers, because records look alike."""

    def __init__(self, engine: Engine, act: Act, cards: Sequence[Card], days: int) -> None:
        self._engine = engine
        self._roles = act.actor.roles
        self._cards = cards
        self._permitted: set[tuple[object, ...]] = set()
        self.days = days
        self.portions = Router(cards, days).portions

    def permit(self, person: Person) -> None:
        """Ask the policy once for every purpose that will hold something of this person.

        Raises:
            Refused: with the rule and article; the record is set aside.
        """
        alike = (tuple(person.values), person.choices)
        if alike in self._permitted:
            return
        told = {choice.purpose: choice for choice in person.choices}
        for card in self._cards:
            items = frozenset(item for item in person.values if item in card.items)
            choice = told.get(card.purpose)
            agreed = choice is not None and choice.agreed
            if not items or (card.lawful_basis == "consent" and not agreed):
                continue
            question = Question(
                roles=self._roles,
                purpose=card.purpose,
                items=items,
                form=_SEALED,
                consented=agreed,
                separate_consent=agreed and card.separate_consent,
                notified=choice is not None or card.delivers_notice,
            )
            self._engine.decide(question).enforce()
        self._permitted.add(alike)
