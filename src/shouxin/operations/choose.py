"""Record what a person was told and what they chose; take a choice back (PIPL 13–17, 29)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from shouxin.actors.account import Token
from shouxin.consent.consent import Consent, withdraw
from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.clock import Instant
from shouxin.domain.event import EventKind
from shouxin.domain.identifiers import ConsentId, EventId, SubjectId, new
from shouxin.errors import Invalid, NotFound
from shouxin.operations.acting import Act, begin, row_facts
from shouxin.operations.cards import current_engine
from shouxin.operations.subjects import resolve_subject
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Card
from shouxin.vault.records import Records, SubjectState

__all__ = [
    "Choice",
    "consents_for",
    "consents_of",
    "give_consent",
    "notice_digest",
    "record_choice",
    "withdraw_consent",
]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person was shown and said: ``agreed`` is nothing when the basis asks for no consent."""

    purpose: str
    language: str
    agreed: bool


def notice_digest(card: Card, language: str) -> bytes:
    """Return SHA-256 of the notice as it is shown for ``card`` in ``language`` (``zh`` or ``en``)."""
    title, explanation = (
        (card.title_zh, card.explanation_zh) if language == "zh" else (card.title_en, card.explanation_en)
    )
    lines = (str(card.purpose), str(card.version), language, title, explanation, *card.items)
    return hashlib.sha256("\n".join(lines).encode()).digest()


def record_choice(workspace: Workspace, act: Act, card: Card, subject: SubjectId, choice: Choice) -> AuthorityRow:
    """Return the row that says what ``subject`` was told and chose now. The caller stores and records it."""
    value = Consent(
        subject=subject,
        purpose=card.purpose,
        version=card.version,
        notice=notice_digest(card, choice.language),
        notified=act.now,
        language=choice.language,
        given=act.now if choice.agreed else None,
        separate=choice.agreed and card.separate_consent,
    )
    return workspace.notary.write(AuthorityKind.CONSENT, new(ConsentId), 1, value, name=card.purpose, subject=subject)


def _in_use(workspace: Workspace, records: Records, subject: SubjectId) -> None:
    """Raise ``NotFound`` for somebody unknown, erased or being erased."""
    if resolve_subject(workspace, records, subject)[1].state in {SubjectState.ERASED, SubjectState.ERASING}:
        raise NotFound("there is nothing under this identifier any more")


def consents_for(workspace: Workspace, records: Records, subject: SubjectId) -> list[Consent]:
    """Return what ``subject`` was told and chose; a row that says it is about somebody else does not count."""
    rows = records.authority.find(AuthorityKind.CONSENT, subject=subject)
    return [consent for consent in workspace.notary.read_all(rows, Consent) if consent.subject == subject]


def give_consent(workspace: Workspace, token: Token, subject: SubjectId, choice: Choice) -> ConsentId:
    """Record a person's choice for one purpose.

    Raises:
        Invalid: no card was adopted for the purpose. NotFound: no such person.
    """

    def work(records: Records) -> ConsentId:
        act = begin(workspace, records, token)
        act.need("collector", "rights_desk", "dpo")
        _in_use(workspace, records, subject)
        card = current_engine(workspace, records, choice.purpose, act.now).card(choice.purpose)
        row = record_choice(workspace, act, card, subject, choice)
        event_id = new(EventId)
        records.authority.put(row)
        records.record(
            act.event(
                EventKind.CONSENT_GIVEN,
                event_id,
                subject=workspace.door.witness([subject], event_id).members[0].hex(),
                purpose=card.purpose,
                version=card.version,
                separate=int(card.separate_consent and choice.agreed),
                **row_facts(row),
            )
        )
        return ConsentId(row.identifier)

    if choice.language not in {"zh", "en"}:
        raise Invalid("a notice is shown in zh or en", "language")
    return workspace.data.transact(work).value


def withdraw_consent(workspace: Workspace, token: Token, subject: SubjectId, purpose: str) -> Instant:
    """Take back a person's consent for one purpose; the very next decision sees it. Return when.

    Raises:
        NotFound: they gave none for this purpose.
    """

    def work(records: Records) -> Instant:
        act = begin(workspace, records, token)
        act.need("collector", "rights_desk", "dpo")
        _in_use(workspace, records, subject)
        done = 0
        for before in records.authority.find(AuthorityKind.CONSENT, name=purpose, subject=subject):
            consent = workspace.notary.read(before, Consent)
            if not consent.stands or (consent.subject, consent.purpose) != (subject, purpose):
                continue
            row = workspace.notary.write(
                AuthorityKind.CONSENT,
                before.identifier,
                before.version + 1,
                withdraw(consent, act.now),
                name=purpose,
                subject=subject,
            )
            event_id = new(EventId)
            records.authority.put(row)
            records.record(
                act.event(
                    EventKind.CONSENT_WITHDRAWN,
                    event_id,
                    subject=workspace.door.witness([subject], event_id).members[0].hex(),
                    purpose=purpose,
                    version=consent.version,
                    **row_facts(row, before),
                )
            )
            done += 1
        if not done:
            raise NotFound("this person gave no consent for this purpose")
        return act.now

    return workspace.data.transact(work).value


def consents_of(workspace: Workspace, token: Token, subject: SubjectId) -> list[Consent]:
    """Return what a person was told and chose, by time."""

    def work(records: Records) -> list[Consent]:
        begin(workspace, records, token).need("collector", "rights_desk", "dpo", "auditor", "credit_officer")
        return sorted(consents_for(workspace, records, subject), key=lambda consent: consent.notified)

    return workspace.data.read(work)
