"""What was adopted: a card's text as an authority row says it, with the version in force."""

from __future__ import annotations

from dataclasses import dataclass

from shouxin.domain.clock import Instant
from shouxin.policy.card import Card, read_card

__all__ = ["AdoptedCard"]


@dataclass(frozen=True, slots=True)
class AdoptedCard:
    """The text of a card that the institution adopted, when, and under which law pack (digest).

    ``stands`` is false after a restore that lost a later version: it must be adopted again before it is used.
    """

    text: str
    adopted: Instant
    pack: str
    stands: bool = True

    def card(self) -> Card:
        """Read the card again; what was adopted once reads always."""
        return read_card(self.text, "adopted card")[0]
