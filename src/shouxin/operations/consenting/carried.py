"""What a person's answers carry: asked wherever their data is taken in, used or found (PIPL 14, 15, 23-31, 39).

One question carries one thing: an agreement to provide something to others does not carry its use, and none to publish
carries what is sensitive. The latest answer counts, in the order of the log; so does what it was an answer to: a card
that has grown since (more items, forms, recipients, places, another basis), or says another purpose, was not agreed to,
nor told (PIPL 14(2)).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shouxin.consent.consent import Consent
from shouxin.domain.identifiers import SubjectId
from shouxin.operations.acting import Act
from shouxin.operations.consenting.choose import consents_for
from shouxin.operations.consenting.guardians import is_minor_at
from shouxin.operations.consenting.notices import question_of
from shouxin.operations.workspace import Workspace
from shouxin.policy.adoption import asks_again
from shouxin.policy.card import Card, PurposeCode
from shouxin.policy.consent_demand import OWN_MATTERS, SEPARATELY, About
from shouxin.policy.engine import Engine
from shouxin.vault.records import Records

__all__ = ["Carried", "carried", "said_no"]


@dataclass(frozen=True, slots=True)
class Carried:
    """Whether a person was told of a purpose as it stands, agreed to its question, and did so separately.

    ``minor``: they are known to be a child under 14; ``guardian``: a guardian agreed for them (PIPL 31). Then whatever
    was agreed separately was agreed by a guardian too. ``agreed`` are the matters beside the purpose itself to which
    they agreed separately (values of ``About``: to provide, to export, to publish, public places).
    """

    notified: bool
    consented: bool
    separate: bool
    minor: bool = False
    guardian: bool = False
    agreed: frozenset[str] = frozenset()


def carried(
    workspace: Workspace, records: Records, act: Act, engine: Engine, card: Card, subject: SubjectId
) -> Carried:
    """Return what ``subject`` was told and said of ``card``, as far as it holds for the card as it stands.

    A purpose that delivers the notice reaches who was not told yet: that is what it is for (PIPL 17(1)).
    """
    every = consents_for(workspace, records, subject)
    notified = card.delivers_notice or any(_fits(engine, one) for one in every if one.purpose == card.purpose)
    _, about = question_of(workspace, act, card)
    minor = is_minor_at(every, act.now)
    own = [one for one in every if one.purpose == card.purpose]
    # About a child everything is sensitive (PIPL 28(1)): the separate question is one about the purpose itself.
    main = {about or About.PROCESSING, About.PROCESSING, *([About.SENSITIVE] if minor else [])}
    latest = _latest(one for one in own if one.about in main)
    consented = latest is not None and latest.stands and _fits(engine, latest)
    by_guardian = consented and latest is not None and latest.guardian is not None
    separate = consented and latest is not None and latest.separate
    return Carried(
        notified,
        consented,
        separate and (by_guardian or not minor),
        minor,
        minor and (by_guardian or _agreed_to(engine, own, About.GUARDIAN, guarded=True)),
        frozenset(about.value for about in SEPARATELY if _agreed_to(engine, own, about, guarded=minor)),
    )


def _agreed_to(engine: Engine, own: Iterable[Consent], about: About, *, guarded: bool) -> bool:
    """Say whether the last answer to one question of its own is a yes that holds; ``guarded``: a guardian's (PIPL 31).

    A guardian is asked as one under every basis but a duty.
    """
    latest = _latest(one for one in own if one.about == about)
    holds = latest is not None and latest.stands and _fits(engine, latest)
    return holds and (not guarded or (latest is not None and latest.guardian is not None))


def said_no(consents: Iterable[Consent], purpose: str) -> bool:
    """Say whether the last answer to the question of ``purpose`` itself was a no: refused, or taken back.

    A no to provide, to send abroad or to publish is one to that alone: what the purpose keeps stays (PIPL 47(1)(3)).
    """
    latest = _latest(one for one in consents if one.purpose == purpose and one.about in OWN_MATTERS)
    return latest is not None and not latest.stands


def _latest(consents: Iterable[Consent]) -> Consent | None:
    """Return the answer that was recorded last; what was only served is no answer."""
    answered = [one for one in consents if one.given is not None or one.refused is not None]
    return max(answered, key=lambda one: (one.leaves[-1:], one.notified), default=None)


def _fits(engine: Engine, consent: Consent) -> bool:
    """Say whether the card, as it stands, is still what this person was shown."""
    purpose = PurposeCode(consent.purpose)
    card, versions = engine.cards.get(purpose), engine.versions.get(purpose, ())
    return card is not None and not asks_again(versions, consent.version)
