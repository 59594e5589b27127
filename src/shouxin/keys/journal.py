"""The journal of destructions: which subject keys were destroyed, kept apart from every backup.

A restore replays it, so that a restore brings nobody back (design section 6). An entry is durable *before* the key is
destroyed: an entry without a destruction costs nothing, a destruction without an entry could be undone by a backup.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import SubjectId

__all__ = ["Destruction", "Fates", "Journal", "Succession"]


@dataclass(frozen=True, slots=True)
class Succession:
    """``cell`` was sealed anew as ``successor``, without the old values of ``items``; the rest went on in it.

    So the key of ``cell`` must die in every backup, but not what else it opened.
    """

    cell: bytes
    successor: bytes
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Destruction:
    """The subject key of ``generation`` of this person was destroyed, and with it the keys of ``destroyed``.

    ``destroyed`` lists identifiers of this person's cells and objects, and of others' statements about them. They are
    random and never come again, so an entry means the same for every copy of the keyring, older or newer. ``barred``
    are the tags by which this person is kept out afterwards, each with its end: a restore loses none of them.
    ``went_on`` says of which of the destroyed cells the rest went on elsewhere; the others are erased.
    """

    subject: SubjectId
    generation: int
    destroyed: tuple[bytes, ...]
    barred: tuple[tuple[bytes, Instant], ...] = ()
    went_on: tuple[Succession, ...] = ()


@dataclass(frozen=True, slots=True)
class Fates:
    """What became of everything that the journal names: ``erased`` for good, or with successors."""

    erased: frozenset[bytes]
    successions: Mapping[bytes, tuple[Succession, ...]]

    @classmethod
    def of(cls, entries: Iterable[Destruction]) -> Fates:
        """Read them from all entries. What any entry destroyed without a successor is erased."""
        erased: set[bytes] = set()
        successions: dict[bytes, tuple[Succession, ...]] = {}
        for entry in entries:
            for one in entry.went_on:
                successions[one.cell] = (*successions.get(one.cell, ()), one)
            erased.update(set(entry.destroyed) - {one.cell for one in entry.went_on})
        return cls(frozenset(erased), successions)

    def corrected(self, cell: bytes) -> frozenset[str] | None:
        """Return which items of a destroyed cell had wrong values, as far as its successors go.

        Nothing when the cell, or one that it went on in, was erased: then nothing of it may come back.
        """
        items: set[str] = set()
        seen: set[bytes] = set()
        ahead = [cell]
        while ahead:
            one = ahead.pop()
            if one in self.erased:
                return None
            if one not in seen:
                seen.add(one)
                for step in self.successions.get(one, ()):
                    items.update(step.items)
                    ahead.append(step.successor)
        return frozenset(items) if cell in self.successions else None

    def heirs(self, item: str) -> set[bytes]:
        """Return every cell in which the rest went on after a value of ``item`` was corrected, however far."""
        ahead = [one.successor for steps in self.successions.values() for one in steps if item in one.items]
        found: set[bytes] = set()
        while ahead:
            cell = ahead.pop()
            if cell not in found:
                found.add(cell)
                ahead += [one.successor for one in self.successions.get(cell, ())]
        return found


class Journal(Protocol):
    """An append-only list; each entry carries a MAC over itself and its predecessor."""

    def append(self, entries: Sequence[Destruction]) -> None:
        """Add entries; durable on return."""
        ...

    def entries(self) -> Iterable[Destruction]:
        """Yield all entries in order. Raises ``Tampered`` when the list was cut short inside, edited or reordered."""
        ...

    def count(self) -> int:
        """Return how many entries there are."""
        ...

    def turn(self) -> AbstractContextManager[None]:
        """Hold off everybody else who destroys keys, so that entries are carried out in the order in which they stand.

        Held from before entries are added until the keyring has carried them out. Not to be taken inside itself.
        """
        ...
