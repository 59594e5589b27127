"""What was adopted: a card's text as an authority row says it, with the version in force."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from shouxin.domain.clock import Instant
from shouxin.policy.card import Card, read_card

__all__ = ["AdoptedCard", "widens"]


@dataclass(frozen=True, slots=True)
class AdoptedCard:
    """The text of a card that the institution adopted, when, and under which law pack (digest).

    ``stands`` is false after a restore that lost a later version: it must be adopted again before it is used.
    ``earlier`` are the texts of the versions before: what was kept under them is kept as they promised.
    """

    text: str
    adopted: Instant
    pack: str
    stands: bool = True
    earlier: tuple[str, ...] = ()

    def card(self) -> Card:
        """Read the card again; what was adopted once reads always."""
        return _read(self.text)

    def versions(self) -> tuple[Card, ...]:
        """Read every version that was ever adopted, oldest first."""
        return tuple(map(_read, (*self.earlier, self.text)))

    def followed_by(self, text: str, now: Instant, pack: str) -> AdoptedCard:
        """Return what stands once ``text`` is adopted in place of this version."""
        return AdoptedCard(text, now, pack, earlier=(*self.earlier, self.text))


def widens(before: Card, after: Card) -> bool:
    """Say whether ``after`` does more with people's data than ``before``, so that they are told and asked again.

    More items, forms, recipients or places, another basis, or a program that decides now.

    **Source:** PIPL 14(2), 17(2), 23.
    """
    more = (
        (before.items, after.items),
        (before.roles, after.roles),
        (before.recipients, after.recipients),
        (before.locations, after.locations),
        (before.draws_on, after.draws_on),
    )
    if any(not set(now) <= set(was) for was, now in more):
        return True
    return before.lawful_basis != after.lawful_basis or (after.automated and not before.automated)


@lru_cache(maxsize=1024)
def _read(text: str) -> Card:
    return read_card(text, "adopted card")[0]
