"""Take a consent back (PIPL 15, 47): from the next decision on, for every recipient, and for what rested on it.

One transaction ends the consent, writes the notices to recipients and plans the erasure of what rested on that consent
alone; then the erasure is carried out. A crash between the two leaves nothing half done: ``resume_erasures`` finishes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from shouxin.actors.account import Token
from shouxin.consent.consent import Consent, withdraw
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import Instant
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import SubjectId
from shouxin.errors import NotFound
from shouxin.operations.acting import Act, begin, row_facts
from shouxin.operations.adopting.cards import standing_engine
from shouxin.operations.consenting.choose import DESKS, in_use, salted
from shouxin.operations.consenting.notices import question_of
from shouxin.operations.consenting.tell_recipients import tell_recipients
from shouxin.operations.erasing.erase import carry_out
from shouxin.operations.erasing.erasure_plan import ErasureJob, intend_within
from shouxin.operations.retaining.scope import Asked
from shouxin.operations.subjects import person_of, with_merged
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import PurposeCode
from shouxin.policy.consent_demand import About
from shouxin.vault.erasure import Part
from shouxin.vault.records import Records

__all__ = ["Withdrawal", "withdraw_consent"]

# Questions whose answer recipients act on.
_OF_RECIPIENTS: Final = frozenset({About.PROVIDE, About.EXPORT})


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What a withdrawal did: from when, which purpose stopped, who was told, and each part with what became of it.

    ``waiting`` counts erasures that are planned and not carried out, because all deletion is paused.
    """

    at: Instant
    purpose: str
    recipients: tuple[str, ...]
    parts: tuple[Part, ...]
    waiting: int = 0


def withdraw_consent(
    workspace: Workspace, token: Token, subject: SubjectId, purpose: str, about: About | None = None
) -> Withdrawal:
    """Take back a person's consent for one purpose; the very next decision sees it.

    With ``about``, only what they answered to that question is taken back (to provide, to export, ...): the purpose's
    own consent stands, its recipients are told where the question was about them, and nothing is erased. Taking the
    purpose's own question back takes all of them back, because none of them carries anything without it.

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
        versions = standing_engine(workspace, records, purpose, act.now).versions.get(PurposeCode(purpose), ())
        own = {About.PROCESSING, question_of(workspace, act, versions[-1])[1]} if versions else set[About | None]()
        one_alone = about if about is not None and about not in own else None
        if not [one for who in everybody for one in _withdraw(workspace, records, act, who, purpose, one_alone)]:
            raise NotFound("this person gave no such consent for this purpose")
        concerned = one_alone is None or one_alone in _OF_RECIPIENTS
        told = tuple(dict.fromkeys(code for card in versions for code in card.recipients if concerned))
        recipients = tell_recipients(workspace, records, act, subject, purpose, told)
        alone = one_alone is None and bool(versions) and versions[-1].lawful_basis == "consent"
        jobs = intend_within(workspace, records, token, [person], Asked(frozenset({purpose}))) if alone else []
        return Withdrawal(act.now, purpose, recipients, ()), jobs

    done, jobs = workspace.data.transact(work, covered=True).value
    erased = carry_out(workspace, token, jobs)
    live = [job.erasure for job in erased if job.erasure.live is not None]
    parts = tuple(part for erasure in live for part in erasure.parts if part.purpose == purpose)
    return replace(done, parts=parts, waiting=len(erased) - len(live))


def _withdraw(
    workspace: Workspace, records: Records, act: Act, subject: SubjectId, purpose: str, about: About | None
) -> Iterable[PurposeCode]:
    """Take back every consent that stands for a purpose, or for one question of it; yield the purpose for each."""
    for before in records.authority.find(AuthorityKind.CONSENT, name=purpose, subject=subject):
        consent = workspace.notary.read(before, Consent)
        if not consent.stands or (consent.subject, consent.purpose) != (subject, purpose):
            continue
        if about is not None and consent.about != about:
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
