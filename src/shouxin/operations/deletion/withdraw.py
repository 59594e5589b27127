"""Take a consent back (PIPL 15, 47): from the next decision on, for every recipient, and for what rested on it.

One transaction ends the consent and writes the notices to recipients. What rested on that consent alone is erased in
the lender's own databases first, while it is known whom to look for, then here. Where no database holds any of it, the
same transaction plans the erasure. A crash in between leaves nothing half done: ``resume_erasures`` finishes what is
planned, and what is not planned yet is due from that moment on (``shouxin retention run``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from shouxin.actors.account import Token
from shouxin.consent.consent import Consent, withdraw
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import Instant
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import OperationId, SubjectId, new
from shouxin.errors import Misconfigured, NotFound, Refused
from shouxin.operations.acting import Act, begin, row_facts
from shouxin.operations.adopting.cards import current_engine, standing_engine
from shouxin.operations.consenting.choose import DESKS, in_use, salted
from shouxin.operations.consenting.tell_recipients import recipients_in_cards, tell_recipients
from shouxin.operations.deletion.downstream import erase_in, not_reached, record_reports
from shouxin.operations.deletion.draft import rules_of
from shouxin.operations.downstream.asked_for import extent_of
from shouxin.operations.downstream.databases import OpenDatabase, StandingDatabase, standing_databases
from shouxin.operations.downstream.extent import Extent
from shouxin.operations.downstream.systems import Systems
from shouxin.operations.erasing.erase import carry_out
from shouxin.operations.erasing.erasure_plan import Behind, ErasureJob, intend_within
from shouxin.operations.pause import paused
from shouxin.operations.retaining.scope import Asked
from shouxin.operations.subjects import person_of, with_merged
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Card, PurposeCode
from shouxin.policy.consent_demand import OWN_MATTERS, About
from shouxin.vault.erasure import Outcome, Part, SystemReport
from shouxin.vault.records import Records

__all__ = ["Withdrawal", "withdraw_consent"]

# Questions whose answer recipients act on.
_OF_RECIPIENTS: Final = frozenset({About.PROVIDE, About.EXPORT})


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What a withdrawal did: from when, which purpose stopped, who was told, and each part with what became of it.

    ``drawn`` are other purposes that opened what was kept for this one, and do so no more; ``stays`` are those for
    which something of the person is kept all the same, each with the article that its card rests on (PIPL 15(2)).
    ``waiting`` counts erasures that are not carried out yet: all deletion is paused, or a database failed. ``systems``
    are the databases that hold what rested on the consent; one that ``failed`` keeps everything until an order of what
    is due has reached it.
    """

    at: Instant
    purpose: str
    recipients: tuple[str, ...]
    parts: tuple[Part, ...]
    waiting: int = 0
    systems: tuple[SystemReport, ...] = ()
    drawn: tuple[str, ...] = ()
    stays: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Beyond:
    """What is to be erased in databases: of whom how much, and with which card they are told who that is."""

    asked: Asked
    person: SubjectId
    extents: Mapping[SubjectId, Extent]
    standing: tuple[StandingDatabase, ...]
    card: Card | None
    stopped: bool
    told: frozenset[tuple[SubjectId, str]]


def withdraw_consent(
    workspace: Workspace,
    token: Token,
    subject: SubjectId,
    purpose: str,
    about: About | None = None,
    open_database: OpenDatabase | None = None,
) -> Withdrawal:
    """Take back a person's consent for one purpose; the very next decision sees it.

    With ``about``, only what they answered to that question is taken back (to provide, to export, ...): the purpose's
    own consent stands, its recipients are told where the question was about them, and nothing is erased. Taking the
    purpose's own question back takes all of them back, because none of them carries anything without it.

    On return every recipient of the purpose has a withdrawal notice on record, and what rested on that consent alone is
    erased and read back, or retained with its article and date (PIPL 15, 47(1)(3), 47(2)). So it is in the lender's own
    databases, which ``open_database`` opens; what no database could be reached for stays here, unused, and is due.

    Raises:
        NotFound: they gave none for this purpose. Tampered: the erasure's read-back found what should be gone.
    """

    def work(records: Records) -> tuple[Withdrawal, list[ErasureJob], _Beyond | None]:
        act = begin(workspace, records, token)
        act.need(*DESKS)
        in_use(workspace, records, subject)
        person = person_of(workspace, records, subject)[-1].subject
        everybody = with_merged(workspace, records, [person])
        engine = standing_engine(workspace, records, purpose, act.now)
        versions = engine.versions.get(PurposeCode(purpose), ())
        one_alone = about if about is not None and not (versions and about in OWN_MATTERS) else None
        if not [one for who in everybody for one in _withdraw(workspace, records, act, who, purpose, one_alone)]:
            raise NotFound("this person gave no such consent for this purpose")
        concerned = one_alone is None or one_alone in _OF_RECIPIENTS
        named = recipients_in_cards(workspace, records, engine).get(purpose, {}) if concerned else {}
        chains = workspace.door.commitments([subject])
        recipients = tell_recipients(workspace, records, act, subject, purpose, named, chains)
        told = frozenset({(subject, purpose)})
        alone = one_alone is None and bool(versions) and versions[-1].lawful_basis == "consent"
        asked = Asked(frozenset({purpose}))
        beyond = _beyond(workspace, records, act, person, asked, told) if alone else None
        planned = alone and beyond is None
        jobs = intend_within(workspace, records, token, [person], asked, Behind(told=told)) if planned else []
        drawn, stays = _beside(workspace, records, act, everybody, purpose)
        done = Withdrawal(act.now, purpose, recipients, (), drawn=drawn if alone else (), stays=stays)
        return done, jobs, beyond

    done, jobs, beyond = workspace.data.transact(work, covered=True).value
    told: dict[SubjectId, tuple[SystemReport, ...]] = {}
    if beyond is not None:
        jobs, told = _erase_beyond(workspace, token, beyond, open_database)
    erased = carry_out(workspace, token, jobs)
    live = [job.erasure for job in erased if job.erasure.live is not None]
    parts = tuple(part for erasure in live for part in erasure.parts if part.purpose == purpose)
    waiting = len(erased) - len(live) if beyond is None or jobs else len(beyond.extents)
    return replace(
        done, parts=parts, waiting=waiting, systems=tuple(one for reports in told.values() for one in reports)
    )


def _beside(
    workspace: Workspace, records: Records, act: Act, everybody: Sequence[SubjectId], purpose: str
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Return which other purposes draw on this one, and for which of them something of the person is kept, and why."""
    cards = standing_engine(workspace, records, "", act.now).cards
    kept = {row.purpose for row in records.cells.cells_of(everybody)}
    kept |= {row.purpose for row in records.cells.objects_of(everybody)}
    drawn = sorted(card.purpose for card in cards.values() if purpose in card.draws_on)
    stays = ((one, cards[PurposeCode(one)].basis_article) for one in sorted(kept - {purpose}) if one in cards)
    return tuple(drawn), tuple(stays)


def _beyond(
    workspace: Workspace,
    records: Records,
    act: Act,
    person: SubjectId,
    asked: Asked,
    told: frozenset[tuple[SubjectId, str]],
) -> _Beyond | None:
    """Return what is to be erased in the lender's own databases, or nothing: none holds any of it."""
    standing = standing_databases(workspace, records)
    if not standing:
        return None
    extents = {one: extent_of(workspace, records, act, one, asked) for one in with_merged(workspace, records, [person])}
    held = tuple(one for one in standing if any(extent.reaches(one.dataset()) for extent in extents.values()))
    if not held:
        return None
    try:
        card, _ = rules_of(current_engine(workspace, records, "", act.now))
    except Misconfigured:
        card = None
    return _Beyond(asked, person, extents, held, card, paused(workspace, records), told)


def _erase_beyond(
    workspace: Workspace, token: Token, beyond: _Beyond, open_database: OpenDatabase | None
) -> tuple[list[ErasureJob], dict[SubjectId, tuple[SystemReport, ...]]]:
    """Erase in the databases; once all of them are good, plan the erasure here, which says what they answered."""
    if beyond.stopped:
        return [], {}
    said: dict[SubjectId, tuple[SystemReport, ...]] = {}
    for one, extent in beyond.extents.items():
        try:
            if beyond.card is None or open_database is None:
                raise Misconfigured("no card says how databases are told of a deletion, or none can be opened here")
            systems = Systems.of(beyond.standing, open_database, beyond.card)
            said[one] = erase_in(systems, workspace, token, one, extent)
        except (Misconfigured, Refused):
            said[one] = not_reached(workspace, beyond.standing)

    def work(records: Records) -> tuple[list[ErasureJob], dict[SubjectId, tuple[SystemReport, ...]]]:
        under = {one: new(OperationId) for one in said}
        told = {one: record_reports(workspace, records, token, one, every, under[one]) for one, every in said.items()}
        if any(one.outcome is Outcome.FAILED for reports in told.values() for one in reports) or paused(
            workspace, records
        ):
            return [], told
        behind = Behind(systems=told, operations=under, told=beyond.told)
        return intend_within(workspace, records, token, [beyond.person], beyond.asked, behind), told

    return workspace.data.transact(work).value


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
        records.authority.revoke(before)
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
