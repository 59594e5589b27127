"""The record of processing activities: what is processed, why, of whom, by whom, where, how long, how protected.

The law of China asks for a record of processing wherever it asks for an impact assessment (PIPL 55(1)) and has it kept
for three years (PIPL 56(2)); its content follows PIPL 17 and 56. The GDPR asks for the same of every controller and
lists it (30(1)); this pack knows that article from memory only, so it is named, not relied on.

Called by: ``operations.adopting.derive``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

import msgspec

from shouxin.documents.declared import (
    Declared,
    ItemLine,
    Measure,
    TermLine,
    Trigger,
    item_line,
    measures,
    people,
    term_line,
    triggers,
)
from shouxin.documents.words import Language, Words
from shouxin.domain.items import Grade, taxonomy
from shouxin.policy.card import Card
from shouxin.policy.consent_demand import places_abroad

__all__ = ["FormLine", "ProcessingRecord", "RecordEntry", "RecordRecipient", "processing_record"]

_UNGRADED: Final = Grade(level=0, klass="", sensitive=False)


class FormLine(msgspec.Struct, frozen=True):
    """Who may ask for a form, and which roles must agree to it, level by level, as ``1 x approver``."""

    form: str
    roles: tuple[str, ...]
    approval: tuple[str, ...]
    grant_minutes: int


class RecordRecipient(msgspec.Struct, frozen=True):
    """A recipient of a purpose; ``known`` is false where the register has nobody under that code."""

    code: str
    name: str
    contract: str
    contract_ends: date | None
    known: bool


class RecordEntry(msgspec.Struct, frozen=True):
    """One processing activity: one purpose. Codes are those of the card; titles are in the record's language.

    ``level``, ``klass`` and ``sensitive`` grade all items held together; ``raised_by`` says which combinations raised
    them; a card without items has level 0 and no class. ``triggers`` say why an assessment is needed, ``assessment``
    which one the card names.
    """

    purpose: str
    version: int
    title: str
    explanation: str
    basis: str
    basis_article: str
    separate_consent: bool
    statutory: bool
    products: tuple[str, ...]
    people: tuple[str, ...]
    items: tuple[ItemLine, ...]
    level: int
    klass: str
    sensitive: bool
    raised_by: tuple[str, ...]
    draws_on: tuple[str, ...]
    forms: tuple[FormLine, ...]
    look_ups_an_hour: int
    recipients: tuple[RecordRecipient, ...]
    locations: tuple[str, ...]
    abroad: tuple[str, ...]
    terms: tuple[TermLine, ...]
    measures: tuple[Measure, ...]
    automated: bool
    automated_explanation: str
    assessment: str
    triggers: tuple[Trigger, ...]


class ProcessingRecord(msgspec.Struct, frozen=True):
    """The record of one institution on a day, by the law pack of that digest; ``questions`` are what a human adds."""

    language: Language
    institution: str
    origin: str
    region: str
    on: date
    pack: str
    entries: tuple[RecordEntry, ...]
    questions: tuple[str, ...] = ("controller_contact", "officer", "joint_handlers", "people")
    kind: str = "record"


def processing_record(declared: Declared, language: Language, purpose: str = "") -> ProcessingRecord:
    """Return the record of all adopted purposes, or of one.

    Raises:
        NotFound: no card was adopted, or none for this purpose.

    **Source:** PIPL 55(1), 56(2); GDPR 30(1) (memory).
    """
    words = Words(language)
    return ProcessingRecord(
        language=language,
        institution=declared.institution.name,
        origin=declared.institution.origin,
        region=declared.institution.region,
        on=declared.on,
        pack=declared.pack.digest,
        entries=tuple(_entry(card, declared, words) for card in declared.chosen(purpose)),
    )


def _forms(card: Card) -> Iterator[FormLine]:
    for form, roles in sorted(card.roles.items()):
        chain = card.approval.get(form)
        levels = () if chain is None else tuple(f"{one.quorum} x {one.role}" for one in chain.levels)
        yield FormLine(form, roles, levels, 0 if chain is None else chain.grant_minutes)


def _recipients(card: Card, declared: Declared) -> Iterator[RecordRecipient]:
    for code in card.recipients:
        known = declared.recipient(code)
        if known is None:
            yield RecordRecipient(code, "", card.contracts.get(code, ""), None, known=False)
        else:
            yield RecordRecipient(code, known.name, known.contract, known.contract_ends, known=True)


def _entry(card: Card, declared: Declared, words: Words) -> RecordEntry:
    graded = taxonomy().grade(card.items, declared.on) if card.items else _UNGRADED
    return RecordEntry(
        purpose=card.purpose,
        version=card.version,
        title=words.title(card.title_zh, card.title_en),
        explanation=words.title(card.explanation_zh, card.explanation_en),
        basis=card.lawful_basis,
        basis_article=card.basis_article,
        separate_consent=card.separate_consent,
        statutory=card.statutory,
        products=card.products,
        people=people(card),
        items=tuple(item_line(code, words, declared.on) for code in card.items),
        level=graded.level,
        klass=graded.klass,
        sensitive=graded.sensitive,
        raised_by=graded.raised_by,
        draws_on=card.draws_on,
        forms=tuple(_forms(card)),
        look_ups_an_hour=card.look_ups_an_hour,
        recipients=tuple(_recipients(card, declared)),
        locations=card.locations,
        abroad=places_abroad(card),
        terms=tuple(term_line(name, term, declared) for name, term in sorted(card.retention.items())),
        measures=measures(card),
        automated=card.automated,
        automated_explanation=words.title(card.automated_explanation_zh, card.automated_explanation_en),
        assessment=card.assessment,
        triggers=triggers(card, declared),
    )
