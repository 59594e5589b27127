"""Serve notices and record what people choose (PIPL 13–17, 23–31, 39).

What was served is recorded before what was chosen; one row a question, one event a step. Taking a choice back is
``operations.deletion.withdraw``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from shouxin.actors.account import Token
from shouxin.consent.consent import Consent, Served
from shouxin.consent.transitions import Answer, choose, serve
from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.clock import local_date
from shouxin.domain.event import Fact
from shouxin.domain.event_kind import EventKind, Initiative
from shouxin.domain.identifiers import ConsentId, EventId, SubjectId, new
from shouxin.errors import Invalid, NotFound, NotInThisState
from shouxin.operations.acting import Act, begin, row_facts
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.consenting.guardians import check_guardian, is_minor_at
from shouxin.operations.consenting.notices import question_of, write_notice
from shouxin.operations.subjects import person_of, resolve_subject, with_merged
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Card
from shouxin.policy.consent_demand import About, consent_needed
from shouxin.policy.notice import Notice, NoticeKind
from shouxin.vault.records import Records, SubjectState

__all__ = [
    "DESKS",
    "Asking",
    "Choice",
    "ServedNotice",
    "answer_notice",
    "consents_for",
    "consents_of",
    "give_consent",
    "in_use",
    "salted",
    "serve_notice",
]

# The guardian's own notice knows by itself what it is about.
_GUARDIANS: Final[tuple[NoticeKind, About | None]] = (NoticeKind.GUARDIAN, None)
DESKS: Final = ("collector", "rights_desk", "dpo")


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person was shown and said: ``agreed`` is false when the basis asks for no consent, or nobody was asked.

    ``channel`` is one of ``Channel``. ``by_person``: they came by themselves, so that no interval has to pass after an
    earlier no; the event says so. ``third_person``: somebody whom a borrower named. ``silent``: the source has no word
    about it, so what the person answered elsewhere counts.
    """

    purpose: str
    language: str
    agreed: bool
    channel: str = "branch"
    by_person: bool = False
    third_person: bool = False
    silent: bool = False


@dataclass(frozen=True, slots=True)
class ServedNotice:
    """A notice that was served: the question's row, by which it is answered, and the text that was shown.

    ``due`` are further consents that the card needs of this person, each a question of its own.
    """

    consent: ConsentId
    notice: Notice
    due: tuple[About, ...] = ()


def salted(workspace: Workspace, subject: SubjectId) -> tuple[EventId, str]:
    """Return an event's salt and, under it, the commitment to ``subject``."""
    salt = new(EventId)
    return salt, workspace.door.witness([subject], salt).members[0].hex()


def _facts(consent: Consent) -> dict[str, Fact]:
    """Return what events say of a question."""
    return {
        "purpose": consent.purpose,
        "version": consent.version,
        "notice": consent.notice.hex(),
        "language": consent.language,
    }


def _last(workspace: Workspace, records: Records, subject: SubjectId, served: Served) -> Consent | None:
    """Return how the question stood when it was last served."""
    alike = [one for one in consents_for(workspace, records, subject) if one.purpose == served.purpose]
    return max((one for one in alike if one.about == served.about), key=lambda one: one.leaves[-1:], default=None)


def _answered(workspace: Workspace, records: Records, subject: SubjectId, served: Served) -> Consent | None:
    """Return how the question was answered last, on any record that belongs to the same person."""
    person = person_of(workspace, records, subject)[-1].subject
    everybody = with_merged(workspace, records, [person])
    every = [one for who in everybody for one in consents_for(workspace, records, who)]
    alike = [one for one in every if (one.purpose, one.about) == (served.purpose, served.about)]
    said = [one for one in alike if one.given is not None or one.refused is not None]
    return max(said, key=lambda one: one.leaves[-1:], default=None)


def _asked_since(workspace: Workspace, records: Records, asked: Consent) -> bool:
    """Say whether the same question was served again, or answered, after ``asked`` was served."""
    alike = [one for one in consents_for(workspace, records, asked.subject) if one.purpose == asked.purpose]
    return any(one.about == asked.about and one.leaves[-1] > asked.leaves[-1] for one in alike)


class Asking:
    """Records the steps of one card's questions in one transaction: served, then answered.

    The notice is the same for everybody who is shown it in one transaction: it is written, and hashed, once.
    """

    def __init__(self, workspace: Workspace, records: Records, act: Act, card: Card) -> None:
        self._workspace = workspace
        self._records = records
        self._act = act
        self._card = card
        self._shown: dict[tuple[str, bool, About | None], tuple[Notice, bytes]] = {}

    def record(
        self, subject: SubjectId, choice: Choice, names: Iterator[tuple[EventId, str]], *, known: bool = True
    ) -> AuthorityRow:
        """Record that ``subject`` was told, and then what they chose; return the row, for the caller to store.

        ``names`` yields, for each event, its salt and the commitment to the person; ``known`` is false for somebody who
        is only being taken in, of whom no earlier question can stand.
        """
        row, asked, notice = self.serve(subject, choice, next(names), known=known)
        if not (choice.agreed and notice.asks):
            return row
        answer = Answer(asked.notice, notice.version, notice.language, agreed=True, at=self._act.now)
        return self.answer(row, asked, answer, next(names))

    def _notice(self, choice: Choice, about: About | None) -> tuple[Notice, bytes]:
        """Return what is shown for ``choice``, written and kept, and its digest."""
        key = (choice.language, choice.third_person, about)
        shown = self._shown.get(key)
        if shown is None:
            kind, asked = question_of(self._workspace, self._act, self._card, third_person=choice.third_person)
            if about is not None:
                kind, asked = _GUARDIANS if about is About.GUARDIAN else (NoticeKind.SEPARATE_CONSENT, about)
            notice = write_notice(self._workspace, self._records, self._act, self._card, choice.language, kind, asked)
            shown = self._shown[key] = notice, notice.digest
        return shown

    def serve(
        self, subject: SubjectId, choice: Choice, named: tuple[EventId, str], *, known: bool, about: About | None = None
    ) -> tuple[AuthorityRow, Consent, Notice]:
        """Write and record the serving; return the question's first row, not yet stored."""
        notice, digest = self._notice(choice, about)
        served = Served(
            subject,
            notice.purpose,
            notice.version,
            notice.language,
            notice.kind.value,
            notice.about,
            digest,
            self._act.now,
            choice.channel,
            choice.by_person,
            self._records.ledger.size,
        )
        asks_anew = known and not choice.by_person
        last = _last(self._workspace, self._records, subject, served) if asks_anew else None
        answered = _answered(self._workspace, self._records, subject, served) if asks_anew and served.about else None
        value = serve(served, last, self._card.ask_again_days, answered)
        row = self._row(new(ConsentId), 1, value)
        vouched = row_facts(row)
        salt, member = named
        initiative = Initiative.PERSON if value.by_person else Initiative.INSTITUTION
        facts = {**_facts(value), "kind": value.kind, "about": value.about or "none"}
        facts |= {"channel": value.channel, "initiative": initiative.value}
        facts |= {"subject": member, "row": vouched["row"], "was": vouched["was"]}
        self._records.record(self._act.say(EventKind.NOTICE_SERVED, salt, facts))
        return row, value, notice

    def answer(
        self, before: AuthorityRow, asked: Consent, answer: Answer, named: tuple[EventId, str], age: int | None = None
    ) -> AuthorityRow:
        """Record what was chosen; return the question's next row, not yet stored."""
        chosen = choose(asked, answer, age)
        separate = chosen.separate or (answer.agreed and self._card.separate_consent)
        value = replace(chosen, separate=separate, leaves=(*asked.leaves, self._records.ledger.size))
        row = self._row(ConsentId(before.identifier), before.version + 1, value)
        salt, member = named
        vouched = row_facts(row, before)
        facts = {**_facts(value), "subject": member, "row": vouched["row"], "was": vouched["was"]}
        if answer.agreed:
            facts["separate"] = int(separate)
        kind = EventKind.CONSENT_GIVEN if answer.agreed else EventKind.CONSENT_REFUSED
        self._records.record(self._act.say(kind, salt, facts))
        return row

    def _row(self, identifier: ConsentId, version: int, value: Consent) -> AuthorityRow:
        return self._workspace.notary.write(
            AuthorityKind.CONSENT, identifier, version, value, name=value.purpose, subject=value.subject
        )


def in_use(workspace: Workspace, records: Records, subject: SubjectId) -> None:
    """Raise ``NotFound`` for somebody unknown, erased or being erased."""
    if resolve_subject(workspace, records, subject)[1].state in {SubjectState.ERASED, SubjectState.ERASING}:
        raise NotFound("there is nothing under this identifier any more")


def consents_for(workspace: Workspace, records: Records, subject: SubjectId) -> list[Consent]:
    """Return what ``subject`` was told and chose; a row that says it is about somebody else does not count."""
    rows = records.authority.find(AuthorityKind.CONSENT, subject=subject)
    return [consent for consent in workspace.notary.read_all(rows, Consent) if consent.subject == subject]


def _names(workspace: Workspace, subject: SubjectId) -> Iterator[tuple[EventId, str]]:
    while True:
        yield salted(workspace, subject)


def serve_notice(
    workspace: Workspace,
    token: Token,
    subject: SubjectId,
    purpose: str,
    language: str,
    *,
    about: About | None = None,
    channel: str = "branch",
    by_person: bool = False,
) -> ServedNotice:
    """Serve the notice of a purpose to somebody: what is returned is what they must be shown; durable on return.

    ``about`` asks for one separate consent (PIPL 23, 25, 26, 29, 39) or for a guardian's (31), whatever the basis;
    without it the card's own question is asked.

    Raises:
        Invalid: no card was adopted for the purpose, or its notice would not be complete. NotFound: no such person.
        NotInThisState: they said no and the card's interval is not over, or agreed to this version already.
    """

    def work(records: Records) -> ServedNotice:
        act = begin(workspace, records, token)
        act.need(*DESKS)
        in_use(workspace, records, subject)
        card = current_engine(workspace, records, purpose, act.now).card(purpose)
        choice = Choice(purpose, language, agreed=False, channel=channel, by_person=by_person)
        asking = Asking(workspace, records, act, card)
        row, _, notice = asking.serve(subject, choice, salted(workspace, subject), known=True, about=about)
        records.authority.put(row)
        due = _due(workspace, records, act, card, subject, notice.about)
        return ServedNotice(ConsentId(row.identifier), notice, due)

    return workspace.data.transact(work).value


def _due(
    workspace: Workspace, records: Records, act: Act, card: Card, subject: SubjectId, served: str
) -> tuple[About, ...]:
    """Return what else the card needs a consent for, that was not given under this version and is not asked now."""
    said = consents_for(workspace, records, subject)
    given = {one.about for one in said if one.stands and (one.purpose, one.version) == (card.purpose, card.version)}
    minor = is_minor_at(said, act.now)
    needed = consent_needed(card, workspace.pack, local_date(act.now), minor=minor)
    return tuple(one.about for one in needed if one.about.value not in {served, *given})


def answer_notice(
    workspace: Workspace,
    token: Token,
    consent: ConsentId,
    *,
    agreed: bool,
    age: int | None = None,
    guardian: SubjectId | None = None,
    seal: bytes = b"",
) -> Consent:
    """Record what a person said to a notice that was served to them; durable on return.

    ``age`` is theirs in whole years, as whoever takes the answer states it, if it is known; a child under 14 answers
    through ``guardian`` (PIPL 31(1)): somebody else, whom the institution knows by their own identity.
    ``seal`` is the digest of what the choice was confirmed with.

    Raises:
        NotFound: no such question. NotInThisState: it was answered, or the card has a newer version: serve again.
        Invalid: the notice asked for nothing; a guardian is missing, too many, or nobody who can be one.
    """

    def work(records: Records) -> Consent:
        act = begin(workspace, records, token)
        act.need(*DESKS)
        before = records.authority.get(AuthorityKind.CONSENT, consent)
        if before is None:
            raise NotFound("there is no such question")
        asked = workspace.notary.read(before, Consent)
        in_use(workspace, records, asked.subject)
        card = current_engine(workspace, records, asked.purpose, act.now).card(asked.purpose)
        if asked.version != card.version or _asked_since(workspace, records, asked):
            raise NotInThisState("this was asked again since, or the card has a newer version: answer that one")
        if guardian is not None:
            check_guardian(workspace, records, asked.subject, guardian)
        answer = Answer(asked.notice, asked.version, asked.language, agreed, act.now, guardian, seal)
        row = Asking(workspace, records, act, card).answer(before, asked, answer, salted(workspace, asked.subject), age)
        records.authority.revoke(before)  # who said no, or how old they are, is not unsaid by the row of before
        records.authority.put(row)
        return workspace.notary.read(row, Consent)

    return workspace.data.transact(work).value


def give_consent(workspace: Workspace, token: Token, subject: SubjectId, choice: Choice) -> ConsentId:
    """Serve a notice and record what was said to it in one go, for a person who stands before the clerk.

    Raises:
        Invalid, NotInThisState: see ``serve_notice``. NotFound: no such person.
    """

    def work(records: Records) -> ConsentId:
        act = begin(workspace, records, token)
        act.need(*DESKS)
        in_use(workspace, records, subject)
        card = current_engine(workspace, records, choice.purpose, act.now).card(choice.purpose)
        if choice.agreed and card.lawful_basis != "consent":
            raise Invalid(
                "this purpose rests on another basis than consent: people are told and not asked ('consent serve')",
                "agreed",
            )
        row = Asking(workspace, records, act, card).record(subject, choice, _names(workspace, subject))
        records.authority.add([row])
        return ConsentId(row.identifier)

    if choice.language not in {"zh", "en"}:
        raise Invalid("a notice is shown in zh or en", "language")
    return workspace.data.transact(work).value


def consents_of(workspace: Workspace, token: Token, subject: SubjectId) -> list[tuple[ConsentId, Consent]]:
    """Return what a person was told and chose, by time."""

    def work(records: Records) -> list[tuple[ConsentId, Consent]]:
        begin(workspace, records, token).need("collector", "rights_desk", "dpo", "auditor", "credit_officer")
        rows = records.authority.find(AuthorityKind.CONSENT, subject=subject)
        pairs = [(ConsentId(row.identifier), workspace.notary.read(row, Consent)) for row in rows]
        return sorted((one for one in pairs if one[1].subject == subject), key=lambda pair: pair[1].notified)

    return workspace.data.read(work)
