"""The life of one consent question, as one table, and the three steps that follow it: serve, choose, contact.

Rules for the future of this file: a new state or event is a new row, never an ``if`` elsewhere. A pair that does not
stand here raises and changes nothing. What the rows do not show: nothing is chosen but what was served, by digest,
version and language; a child under 14 chooses through a guardian; after a no, the same question waits.

Called by: operations that serve notices and record choices. Withdrawing is ``consent.withdraw``.
**Source:** PIPL 14, 15, 17, 31; 网络数据安全管理条例 22(1)(3)(5)(6).
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from shouxin.consent.consent import Consent, Served
from shouxin.domain.clock import DAY, Instant, write
from shouxin.domain.event_kind import Channel
from shouxin.domain.identifiers import SubjectId
from shouxin.domain.steps import next_state
from shouxin.errors import Invalid, NotInThisState

__all__ = [
    "TRANSITIONS",
    "Answer",
    "ConsentEvent",
    "ConsentState",
    "ContactUse",
    "ask_again_from",
    "choose",
    "contact_use",
    "follow",
    "serve",
    "state_of",
]

OWN_CONSENT_AGE: Final = 14  # 不满十四周岁 needs a guardian (PIPL 31(1)); a test compares it with the law pack
SEPARATE: Final = "separate-consent"
_PLAIN: Final = frozenset({"processing", "guardian"})  # every other question is one that asks for 单独同意
_DIGEST: Final = 32
_CHANNELS: Final = frozenset(one.value for one in Channel)
_LONGEST_YEAR: Final = 366 * DAY


class ConsentState(StrEnum):
    """Where a question stands. ``served``: shown, not answered; also where a notice asks nothing."""

    SERVED = "served"
    AGREED = "agreed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ConsentEvent(StrEnum):
    """What can happen to a question. ``serve``: its notice is shown again, or in a newer version."""

    SERVE = "serve"
    AGREE = "agree"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


TRANSITIONS: Final[dict[tuple[ConsentState, ConsentEvent], ConsentState]] = {
    (ConsentState.SERVED, ConsentEvent.SERVE): ConsentState.SERVED,
    (ConsentState.SERVED, ConsentEvent.AGREE): ConsentState.AGREED,
    (ConsentState.SERVED, ConsentEvent.REFUSE): ConsentState.REFUSED,
    (ConsentState.AGREED, ConsentEvent.WITHDRAW): ConsentState.WITHDRAWN,
    (ConsentState.AGREED, ConsentEvent.SERVE): ConsentState.SERVED,
    (ConsentState.REFUSED, ConsentEvent.SERVE): ConsentState.SERVED,
    (ConsentState.WITHDRAWN, ConsentEvent.SERVE): ConsentState.SERVED,
}


def follow(state: ConsentState, event: ConsentEvent) -> ConsentState:
    """Return the state after ``event``.

    Raises:
        NotInThisState: the table has no such step.
    """
    return next_state(TRANSITIONS, state, event, "a question")


def state_of(consent: Consent) -> ConsentState:
    """Return where a question stands, read from its times."""
    if consent.withdrawn is not None:
        return ConsentState.WITHDRAWN
    if consent.given is not None:
        return ConsentState.AGREED
    return ConsentState.SERVED if consent.refused is None else ConsentState.REFUSED


def ask_again_from(consent: Consent, days: int) -> Instant | None:
    """Return from when the question may be asked again; nothing if nobody said no.

    A withdrawal is a clear no as well. ``days`` is the card's, at least 1: the law says 'not frequently' and gives no
    number, so the number is the institution's.

    Raises:
        Invalid: fewer days than one.

    **Source:** 网络数据安全管理条例 22(1)(5).
    """
    if days < 1:
        raise Invalid("after a refusal at least a day passes before asking again", "ask_again_days")
    said = consent.withdrawn if consent.withdrawn is not None else consent.refused
    return None if said is None else Instant(said + days * DAY)


def serve(served: Served, last: Consent | None, ask_again_days: int, answered: Consent | None = None) -> Consent:
    """Return the question as it stands once ``served`` was shown; ``last`` is how it stood, if it was ever served.

    ``answered`` is the last time that the person answered it, on whatever record of theirs; without it, ``last`` is.
    A serving that was left unanswered, such as one that the person came for, shortens no wait.

    A notice that asks nothing may be shown at any time. The same question waits after a no, also under a newer version
    of the card: else a new version would be a way around the wait. A yes is asked for again only under a newer version
    (PIPL 14(2)); the earlier yes is the caller's to keep in its own row.

    Raises:
        NotInThisState: the person said no and the wait is not over, or agreed to this version already.
        Invalid: ``last`` is another question, or what is served has no digest, language or known channel.
    """
    if len(served.notice) != _DIGEST or not served.language:
        raise Invalid("what is served has a digest and a language", "served")
    if served.channel not in _CHANNELS:
        raise Invalid(f"a notice is served by one of: {', '.join(Channel)}", "channel")
    if last is not None:
        if (last.subject, last.purpose, last.about) != (served.subject, served.purpose, served.about):
            raise Invalid("a question is followed for one person, one purpose and one matter", "last")
        before = state_of(last)
        follow(before, ConsentEvent.SERVE)
        if served.at < last.notified:
            raise Invalid("a notice is served after the one before it", "served")
        if served.about and before is ConsentState.AGREED and served.version <= last.version:
            raise NotInThisState("this was agreed to; it is asked again under a newer version only")
    if served.about:
        _check_wait(served, answered or last, ask_again_days)
    return Consent(
        subject=served.subject,
        purpose=served.purpose,
        version=served.version,
        notice=served.notice,
        notified=served.at,
        language=served.language,
        kind=served.kind,
        about=served.about,
        channel=served.channel,
        by_person=served.by_person,
        leaves=() if served.leaf is None else (served.leaf,),
    )


def _check_wait(served: Served, answered: Consent | None, days: int) -> None:
    """Leave whoever said no in peace until the interval is over; the interval counts from that no."""
    waits = None if answered is None else ask_again_from(answered, days)
    if answered is not None and waits is not None and served.at < waits:
        said = "said no" if answered.withdrawn is None else "withdrew their consent"
        raise NotInThisState(
            f"the person {said}: after the interval of the card, from {write(waits)} on, the same may be asked again;"
            " before, only if they come by themselves (--by-person)"
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person said to a notice, named by digest, version and language as they saw it.

    ``guardian`` is who answered for a child under 14; ``seal`` as in ``Consent``.
    """

    notice: bytes
    version: int
    language: str
    agreed: bool
    at: Instant
    guardian: SubjectId | None = None
    seal: bytes = b""


def choose(asked: Consent, answer: Answer, age: int | None = None) -> Consent:
    """Return the question as it stands after ``answer``, by somebody of ``age`` whole years (nothing: not known).

    Raises:
        NotInThisState: it was answered before, or taken back.
        Invalid: nothing was asked; the answer is to a notice that was not served, or before it was; a child under 14
            without a guardian, somebody else with one, or their own guardian.

    **Source:** PIPL 14(1), 31(1).
    """
    event = ConsentEvent.AGREE if answer.agreed else ConsentEvent.REFUSE
    follow(state_of(asked), event)
    if not asked.about:
        raise Invalid("this notice asked for nothing", "about")
    if not hmac.compare_digest(answer.notice, asked.notice):
        raise Invalid("this is not the notice that was served", "notice")
    if (answer.version, answer.language) != (asked.version, asked.language):
        raise Invalid("this notice was served in another version or language", "version")
    if answer.at < asked.notified:
        raise Invalid("nothing is chosen before it was served", "at")
    minor = age is not None and age < OWN_CONSENT_AGE
    if minor != (answer.guardian is not None) or answer.guardian == asked.subject:
        raise Invalid("a parent or other guardian chooses for a child under 14, and for nobody else", "guardian")
    return replace(
        asked,
        given=answer.at if answer.agreed else None,
        refused=None if answer.agreed else answer.at,
        separate=answer.agreed and (asked.kind == SEPARATE or asked.about not in _PLAIN),
        guardian=answer.guardian,
        minor_until=None if age is None else Instant(answer.at + max(0, OWN_CONSENT_AGE - age) * _LONGEST_YEAR),
        seal=answer.seal,
    )


class ContactUse(StrEnum):
    """What the number of a third person may serve for now."""

    DELIVER_NOTICE = "deliver-notice"
    NOTHING = "nothing"
    PURPOSE = "purpose"


def contact_use(consent: Consent | None, *, needs_consent: bool) -> ContactUse:
    """Return what a contact's number may serve for: before they had their notice, to deliver it and for nothing else.

    ``consent`` is how the question to the contact stands; nothing: they were not told. ``needs_consent`` says whether
    consent is the basis of the purpose: then the number rests until they agree.

    **Source:** PIPL 17(1), 13.
    """
    if consent is None:
        return ContactUse.DELIVER_NOTICE
    return ContactUse.PURPOSE if consent.stands or not needs_consent else ContactUse.NOTHING
