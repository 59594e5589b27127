"""Tell recipients that a consent was withdrawn or data erased, and track that each confirms it (PIPL 15, 23, 47).

The row is the notice: who is told, of which purpose, about whom. It waits until the recipient has acknowledged; what
waits too long is what a data-protection officer looks at. How it travels is the affair of whoever sends it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shouxin.actors.account import Token
from shouxin.consent.recipient_notice import RecipientNotice, acknowledge
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import ConsentId, EventId, SubjectId, new
from shouxin.errors import NotFound
from shouxin.operations.acting import Act, begin, row_facts
from shouxin.operations.adopting.recipients import answer_days_of
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import PurposeCode
from shouxin.policy.engine import Engine
from shouxin.vault.door import Commitments
from shouxin.vault.records import Records

__all__ = [
    "WaitingNotice",
    "acknowledge_withdrawal",
    "list_recipient_notices",
    "named_by",
    "recipients_in_cards",
    "tell_recipients",
]


@dataclass(frozen=True, slots=True)
class WaitingNotice:
    """A withdrawal notice and the identifier under which it is acknowledged."""

    identifier: ConsentId
    notice: RecipientNotice


def named_by(engine: Engine, purpose: str) -> tuple[str, ...]:
    """Return the recipients whom any version of a purpose's card names: what they were given they still hold."""
    versions = engine.versions.get(PurposeCode(purpose), ())
    return tuple(dict.fromkeys(code for card in versions for code in card.recipients))


def recipients_in_cards(workspace: Workspace, records: Records, engine: Engine) -> dict[str, dict[str, int | None]]:
    """Return, by purpose, whom its card names, each with the days in which they confirm; nobody, no entry.

    The days are what their contract says at this moment, also one that has ended; nothing where it names none.
    """
    named = {str(purpose): codes for purpose in engine.versions if (codes := named_by(engine, purpose))}
    days = {code: answer_days_of(workspace, records, code) for codes in named.values() for code in codes}
    return {purpose: {code: days[code] for code in codes} for purpose, codes in named.items()}


def tell_recipients(
    workspace: Workspace,
    records: Records,
    act: Act,
    subject: SubjectId,
    purpose: str,
    recipients: Mapping[str, int | None],
    people: Commitments,
) -> tuple[str, ...]:
    """Write and record one notice for each of ``recipients`` (with the days in which it confirms); return their codes.

    Nothing is read here, so it may be done for thousands of ``people`` whose rows are written together.
    """
    for recipient, days in recipients.items():
        value = RecipientNotice(subject, purpose, recipient, act.now, answer_days=days)
        row = workspace.notary.write(
            AuthorityKind.RECIPIENT_NOTICE, new(ConsentId), 1, value, name=recipient, subject=subject
        )
        salt = new(EventId)
        records.authority.put(row)
        records.record(
            act.event(
                EventKind.RECIPIENT_TOLD,
                salt,
                subject=people.to(subject, salt),
                recipient=workspace.notary.cover(recipient),
                purpose=purpose,
                **row_facts(row),
            )
        )
    return tuple(recipients)


def acknowledge_withdrawal(workspace: Workspace, token: Token, identifier: ConsentId, evidence: bytes) -> None:
    """Record that a recipient acknowledged a withdrawal; ``evidence`` is SHA-256 of what they wrote.

    Raises:
        NotFound: no such notice. NotInThisState: it was acknowledged already. Invalid: the evidence is no digest.
        Refused, NotSignedIn: the caller may not.
    """

    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        act.need("dpo", "rights_desk")
        before = records.authority.get(AuthorityKind.RECIPIENT_NOTICE, identifier)
        if before is None:
            raise NotFound("there is no such notice to a recipient")
        value = acknowledge(workspace.notary.read(before, RecipientNotice), act.now, evidence)
        row = workspace.notary.write(
            AuthorityKind.RECIPIENT_NOTICE,
            before.identifier,
            before.version + 1,
            value,
            name=value.recipient,
            subject=value.subject,
        )
        salt = new(EventId)
        records.authority.put(row)
        records.record(
            act.event(
                EventKind.RECIPIENT_ACKNOWLEDGED,
                salt,
                subject=workspace.door.witness([value.subject], salt).members[0].hex(),
                recipient=workspace.notary.cover(value.recipient),
                purpose=value.purpose,
                evidence=evidence.hex(),
                **row_facts(row, before),
            )
        )

    workspace.data.transact(work)


def list_recipient_notices(workspace: Workspace, token: Token, *, waiting: bool = True) -> list[WaitingNotice]:
    """Return withdrawal notices to recipients, oldest first; only those that wait unless told otherwise."""

    def work(records: Records) -> list[WaitingNotice]:
        begin(workspace, records, token).need("dpo", "rights_desk", "auditor")
        rows = records.authority.find(AuthorityKind.RECIPIENT_NOTICE)
        every = [WaitingNotice(ConsentId(row.identifier), workspace.notary.read(row, RecipientNotice)) for row in rows]
        kept = [one for one in every if not waiting or one.notice.acknowledged is None]
        return sorted(kept, key=lambda one: one.notice.told)

    return workspace.data.read(work)
