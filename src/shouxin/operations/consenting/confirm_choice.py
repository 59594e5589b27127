"""Confirm a choice with a one-time code: the code is made for a question, delivered, and typed in beside the title.

Whoever is shown the code (the program or desk that delivers it) does not type it in: else one account could confirm in
a person's name without the person. An attempt is stored before it is answered, whether it was right or wrong.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from shouxin.actors.account import Token
from shouxin.consent.confirmation import Challenge, ChallengeState, Confirmation, attempt, challenge
from shouxin.consent.consent import Consent
from shouxin.consent.transitions import ConsentState, state_of
from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.clock import Instant
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import AccountId, ConsentId, SubjectId
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid, NotFound, NotInThisState, Refused
from shouxin.operations.acting import Act, begin, row_facts
from shouxin.operations.consenting.choose import DESKS, answer_notice, in_use, salted
from shouxin.operations.consenting.notices import kept_notice
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records

__all__ = ["SentChallenge", "SentCode", "answer_with_code", "send_code"]


@dataclass(frozen=True, slots=True)
class SentCode:
    """A code to be delivered and forgotten, the title that is typed beside it, and when it ends."""

    code: Plaintext
    title: str
    expires: Instant


@dataclass(frozen=True, slots=True)
class SentChallenge:
    """A challenge as its authority row says it, and the account that was shown its code."""

    challenge: Challenge
    shown_to: AccountId


def _write(
    workspace: Workspace,
    records: Records,
    act: Act,
    consent: ConsentId,
    value: SentChallenge,
    before: AuthorityRow | None,
) -> None:
    version, subject = (1 if before is None else before.version + 1), value.challenge.subject
    row = workspace.notary.write(AuthorityKind.CHALLENGE, consent, version, value, subject=subject)
    salt, member = salted(workspace, subject)
    records.authority.put(row)
    state = value.challenge.state.value
    records.record(act.event(EventKind.CODE_CHANGED, salt, subject=member, state=state, **row_facts(row, before)))


def _asked(workspace: Workspace, records: Records, consent: ConsentId) -> Consent:
    row = records.authority.get(AuthorityKind.CONSENT, consent)
    if row is None:
        raise NotFound("there is no such question")
    asked = workspace.notary.read(row, Consent)
    in_use(workspace, records, asked.subject)
    if not asked.about or state_of(asked) is not ConsentState.SERVED:
        raise NotInThisState("this notice asks for nothing, or was answered")
    return asked


def send_code(workspace: Workspace, token: Token, consent: ConsentId) -> SentCode:
    """Make the code for a question; it is returned once. A new one takes the place of the one before.

    Raises:
        NotFound: no such question, or its person is erased. NotInThisState: it was answered, or asks for nothing.
        Refused, NotSignedIn: the caller deals with no people.
    """
    key = workspace.custody.service("authority.mac")

    def work(records: Records) -> SentCode:
        act = begin(workspace, records, token)
        act.need(*DESKS)
        asked = _asked(workspace, records, consent)
        title = kept_notice(workspace, records, asked.notice).told.title
        made, code = challenge(asked.subject, asked.notice, title, key, act.now, secrets.randbelow)
        before = records.authority.get(AuthorityKind.CHALLENGE, consent)
        _write(workspace, records, act, consent, SentChallenge(made, act.actor.account), before)
        return SentCode(code, title, made.expires)

    return workspace.data.transact(work).value


def answer_with_code(
    workspace: Workspace,
    token: Token,
    consent: ConsentId,
    title: str,
    code: Plaintext,
    *,
    age: int | None = None,
    guardian: SubjectId | None = None,
) -> Consent:
    """Record a yes that the person confirmed by typing ``title`` and ``code``; the confirmation is its seal.

    Killed between the attempt and the answer, the code is used and the question open: send another.

    Raises:
        Invalid: title or code is not right, without saying which; the attempt counts. NotFound: no code was made.
        NotInThisState: the code was used, used up or late. Refused: the caller was shown the code.
    """
    key = workspace.custody.service("authority.mac")

    def work(records: Records) -> Confirmation | None:
        act = begin(workspace, records, token)
        act.need(*DESKS)
        asked = _asked(workspace, records, consent)
        before = records.authority.get(AuthorityKind.CHALLENGE, consent)
        if before is None:
            raise NotFound("no code was made for this question")
        sent = workspace.notary.read(before, SentChallenge)
        if sent.shown_to == act.actor.account:
            raise Refused("who was shown the code does not type it in", [("maker-checker", "PIPL 51(1)(4)")])
        after, done = attempt(sent.challenge, asked.subject, asked.notice, title, code.text(), key, act.now)
        _write(workspace, records, act, consent, SentChallenge(after, sent.shown_to), before)
        if after.state is ChallengeState.EXPIRED:
            return None
        return done

    confirmed = workspace.data.transact(work).value
    if confirmed is None:
        raise Invalid("title or code is not right, or the code is late", "code")
    return answer_notice(workspace, token, consent, agreed=True, age=age, guardian=guardian, seal=confirmed.seal)
