"""Tell recipients that a consent was withdrawn, and track that each of them acknowledged it (PIPL 15, 23, 47).

The row is the notice: who is told, of which purpose, about whom. It waits until the recipient has acknowledged; what
waits too long is what a data-protection officer looks at. How it travels is the affair of whoever sends it.
"""

from __future__ import annotations

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
from shouxin.vault.records import Records

__all__ = ["WaitingNotice", "acknowledge_withdrawal", "list_recipient_notices", "tell_recipients"]


@dataclass(frozen=True, slots=True)
class WaitingNotice:
    """A withdrawal notice and the identifier under which it is acknowledged."""

    identifier: ConsentId
    notice: RecipientNotice


def tell_recipients(
    workspace: Workspace, records: Records, act: Act, subject: SubjectId, purpose: str, recipients: tuple[str, ...]
) -> tuple[str, ...]:
    """Write and record one withdrawal notice for each of ``recipients``; return their codes.

    By when each confirms is what their contract says at this moment, also one that has ended: what they were given
    they still hold.
    """
    for recipient in recipients:
        days = answer_days_of(workspace, records, recipient)
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
                subject=workspace.door.witness([subject], salt).members[0].hex(),
                recipient=workspace.notary.cover(recipient),
                purpose=purpose,
                **row_facts(row),
            )
        )
    return recipients


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
