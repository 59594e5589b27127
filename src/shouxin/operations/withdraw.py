"""Take a consent back (PIPL 15, 47): from the next decision on, for every recipient, and for what rested on it.

One transaction ends the consent, writes the notices to recipients and plans the erasure of what rested on that consent
alone; then the erasure is carried out. A crash between the two leaves nothing half done: ``resume_erasures`` finishes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from shouxin.actors.account import Token
from shouxin.consent.consent import Consent, withdraw
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import Instant
from shouxin.domain.event import EventKind
from shouxin.domain.identifiers import SubjectId
from shouxin.errors import NotFound
from shouxin.operations.acting import Act, begin, row_facts
from shouxin.operations.cards import current_engine
from shouxin.operations.choose import DESKS, in_use, salted
from shouxin.operations.erase import carry_out
from shouxin.operations.erasure_plan import ErasureJob, intend_within, with_merged
from shouxin.operations.scope import Asked
from shouxin.operations.subjects import person_of
from shouxin.operations.tell_recipients import tell_recipients
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import PurposeCode
from shouxin.vault.erasure import Part
from shouxin.vault.records import Records

__all__ = ["Withdrawal", "withdraw_consent"]


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What a withdrawal did: from when, which purpose stopped, who was told, and each part with what became of it."""

    at: Instant
    purpose: str
    recipients: tuple[str, ...]
    parts: tuple[Part, ...]


def withdraw_consent(workspace: Workspace, token: Token, subject: SubjectId, purpose: str) -> Withdrawal:
    """Take back a person's consent for one purpose; the very next decision sees it.

    On return every recipient of the purpose has a withdrawal notice on record, and what rested on that consent alone is
    erased and read back, or retained with its article and date (PIPL 15, 47(1)(3), 47(2)).

    Raises:
        NotFound: they gave none for this purpose. Tampered: the erasure's read-back found what should be gone.
    """

    def work(records: Records) -> tuple[Withdrawal, list[ErasureJob]]:
        act = begin(workspace, records, token)
        act.need(*DESKS)
        in_use(workspace, records, subject)
        person = person_of(workspace, records, subject)[-1].subject
        everybody = with_merged(workspace, records, [person])
        if not [one for who in everybody for one in _withdraw(workspace, records, act, who, purpose)]:
            raise NotFound("this person gave no consent for this purpose")
        versions = current_engine(workspace, records, purpose, act.now).versions.get(PurposeCode(purpose), ())
        told = tuple(dict.fromkeys(code for card in versions for code in card.recipients))
        recipients = tell_recipients(workspace, records, act, subject, purpose, told)
        alone = bool(versions) and versions[-1].lawful_basis == "consent"
        jobs = intend_within(workspace, records, token, [person], Asked(frozenset({purpose}))) if alone else []
        return Withdrawal(act.now, purpose, recipients, ()), jobs

    done, jobs = workspace.data.transact(work, covered=True).value
    erased = carry_out(workspace, token, jobs)
    parts = tuple(part for job in erased for part in job.erasure.parts if part.purpose == purpose)
    return replace(done, parts=parts)


def _withdraw(
    workspace: Workspace, records: Records, act: Act, subject: SubjectId, purpose: str
) -> Iterable[PurposeCode]:
    """Take back every consent that stands for a purpose; yield it for each."""
    for before in records.authority.find(AuthorityKind.CONSENT, name=purpose, subject=subject):
        consent = workspace.notary.read(before, Consent)
        if not consent.stands or (consent.subject, consent.purpose) != (subject, purpose):
            continue
        value = replace(withdraw(consent, act.now), leaves=(*consent.leaves, records.ledger.size))
        row = workspace.notary.write(
            AuthorityKind.CONSENT, before.identifier, before.version + 1, value, name=purpose, subject=subject
        )
        salt, member = salted(workspace, subject)
        records.authority.put(row)
        records.record(
            act.event(
                EventKind.CONSENT_WITHDRAWN,
                salt,
                subject=member,
                purpose=purpose,
                version=consent.version,
                **row_facts(row, before),
            )
        )
        yield PurposeCode(purpose)
