"""What a person's answers carry: asked wherever their data is taken in, used or found (PIPL 14, 15, 29).

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
from shouxin.policy.consent_demand import About
from shouxin.policy.engine import Engine
from shouxin.vault.records import Records

__all__ = ["Carried", "carried", "said_no"]


@dataclass(frozen=True, slots=True)
class Carried:
    """Whether a person was told of a purpose as it stands, agreed to its question, and did so separately.

    ``minor``: they are known to be a child under 14; ``guardian``: a guardian agreed for them (PIPL 31).
    """

    notified: bool
    consented: bool
    separate: bool
    minor: bool = False
    guardian: bool = False


def carried(
    workspace: Workspace, records: Records, act: Act, engine: Engine, card: Card, subject: SubjectId
) -> Carried:
    """Return what ``subject`` was told and said of ``card``, as far as it holds for the card as it stands.

    A purpose that delivers the notice reaches who was not told yet: that is what it is for (PIPL 17(1)).
    """
    every = consents_for(workspace, records, subject)
    notified = card.delivers_notice or any(_fits(engine, one) for one in every if one.purpose == card.purpose)
    _, about = question_of(workspace, act, card)
    latest = _latest(
        one for one in every if one.purpose == card.purpose and one.about in {about or "processing", "processing"}
    )
    consented = latest is not None and latest.stands and _fits(engine, latest)
    minor = is_minor_at(every, act.now)
    own = consented and latest is not None and latest.guardian is not None
    return Carried(
        notified,
        consented,
        consented and latest is not None and latest.separate,
        minor,
        minor and (own or _by_guardian(engine, card, every)),
    )


def _by_guardian(engine: Engine, card: Card, every: Iterable[Consent]) -> bool:
    """Say whether a guardian agreed to ``card`` when asked as one, which every basis but a duty wants (PIPL 31(1))."""
    latest = _latest(one for one in every if one.purpose == card.purpose and one.about == About.GUARDIAN)
    return latest is not None and latest.stands and latest.guardian is not None and _fits(engine, latest)


def said_no(consents: Iterable[Consent], purpose: str) -> bool:
    """Say whether the last answer to the question of ``purpose`` was a no: refused, or taken back."""
    latest = _latest(one for one in consents if one.purpose == purpose and one.about)
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
