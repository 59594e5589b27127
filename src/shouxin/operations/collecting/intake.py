"""What a source hands over, and which cell each item of it goes to: cards decide, not the source.

An item that no card of the plan needs is never stored; its name, not its value, is reported. An item whose purpose
rests on consent is stored only with that person's consent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.operations.consenting.choose import Choice
from shouxin.policy.card import Card
from shouxin.retention.shortened import shortened

__all__ = ["Aside", "Collected", "Cursor", "Intake", "Person", "Plan", "Portion", "Reached", "Router", "term_for"]


# A place in a source, of words and numbers that only the source's driver understands; empty is its beginning.
Cursor: TypeAlias = tuple[str | int | None, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """An approved wish to collect: a source's code, and the purposes in the order in which they claim items.

    ``edge_purpose`` is the purpose under which it is kept who named whom; ``told`` are purposes of which people are
    told that only use what others keep. ``retention_days`` is how long what comes is kept at most (0: as cards say).
    """

    source: str
    purposes: tuple[str, ...]
    contact_purposes: tuple[str, ...] = ()
    edge_purpose: str = ""
    told: tuple[str, ...] = ()
    retention_days: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    """One person as a source describes them."""

    values: Mapping[ItemCode, Plaintext]
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Intake:
    """One record of a source: a person, the people whom they name (each with what joins them), a relationship.

    ``line`` is where it stood in the source, from 1. ``cursor`` is where the source goes on after it; ``arrival`` is a
    keyed digest of it, where the source knows one record from another.
    """

    line: int
    person: Person
    contacts: tuple[tuple[Person, Mapping[ItemCode, Plaintext]], ...] = ()
    began: date | None = None
    expected_end: date | None = None
    cursor: Cursor = ()
    arrival: bytes = b""


@dataclass(frozen=True, slots=True)
class Aside:
    """A record that was set aside: its line and why, without any of its values.

    ``final``: asking the source for it again brings nothing else.
    """

    line: int
    reason: str
    cursor: Cursor = ()
    arrival: bytes = b""
    final: bool = False


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a source was taken in: the last line that is done, and where the source goes on.

    ``records`` is how many records were done, which is what a volume counts: a header and blank lines are none; below 0
    where it was written before they were counted. ``aside`` is how many of them are set aside now (``asides``).
    ``waiting`` are lines that were set aside before that was kept by record: they are looked at anew.
    """

    line: int = 0
    cursor: Cursor = ()
    waiting: tuple[int, ...] = ()
    records: int = -1
    aside: int = 0

    def done(self) -> int:
        """Return how many records were done; of a row from before they were counted, its lines."""
        return self.line if self.records < 0 else self.records


@dataclass(frozen=True, slots=True)
class Portion:
    """What goes into one cell: purpose, retention term, values."""

    purpose: str
    term: str
    values: Mapping[ItemCode, Plaintext]


@dataclass(slots=True)
class Collected:
    """What a collection did. ``dropped`` counts items that were not stored, by name; ``subjects`` are new people.

    ``repeated`` counts records that had arrived before. ``full``: more would be set aside than may be; it stopped.
    """

    taken: int = 0
    subjects: int = 0
    repeated: int = 0
    full: bool = False
    aside: list[Aside] = field(default_factory=list)
    dropped: dict[str, int] = field(default_factory=dict)


def term_for(card: Card, item: ItemCode, days: int) -> str:
    """Return the term under which an item is kept: the card's, or shortened to the plan's ``days``."""
    name = card.term_of(item)
    return shortened(name, card.retention[name].ceiling_days, days)


class Router:
    """Says which cell each item goes to, for one list of cards; remembers, because records of a source look alike."""

    def __init__(self, cards: Iterable[Card], retention_days: int = 0) -> None:
        self._cards = list(cards)
        self._days = retention_days
        self._routes: dict[frozenset[str], dict[ItemCode, tuple[str, str]]] = {}

    def _route(self, agreed: frozenset[str]) -> dict[ItemCode, tuple[str, str]]:
        """Return, for each item that may be kept, its purpose and term.

        The first card that lists an item claims it. A card that rests on consent claims nothing without it.
        """
        route: dict[ItemCode, tuple[str, str]] = {}
        for card in self._cards:
            if card.lawful_basis != "consent" or card.purpose in agreed:
                for item in card.items:
                    route.setdefault(item, (card.purpose, term_for(card, item, self._days)))
        return route

    def portions(self, person: Person) -> tuple[list[Portion], list[ItemCode]]:
        """Return what of ``person`` goes into which cell, and the items that are not stored."""
        agreed = frozenset([choice.purpose for choice in person.choices if choice.agreed])
        route = self._routes.get(agreed)
        if route is None:
            route = self._routes[agreed] = self._route(agreed)
        grouped: dict[tuple[str, str], dict[ItemCode, Plaintext]] = {}
        dropped: list[ItemCode] = []
        for item, value in person.values.items():
            place = route.get(item)
            if place is None:
                dropped.append(item)
            else:
                grouped.setdefault(place, {})[item] = value
        return [Portion(purpose, term, values) for (purpose, term), values in grouped.items()], dropped
