"""The journal of destructions: which subject keys were destroyed, kept apart from every backup.

A restore replays it, so that a restore brings nobody back (design section 6). An entry is durable *before* the key is
destroyed: an entry without a destruction costs nothing, a destruction without an entry could be undone by a backup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import SubjectId

__all__ = ["Destruction", "Journal"]


@dataclass(frozen=True, slots=True)
class Destruction:
    """The subject key of ``generation`` of this person was destroyed, and with it the keys of ``destroyed``.

    ``destroyed`` lists identifiers of this person's cells and objects, and of others' statements about them. They are
    random and never come again, so an entry means the same for every copy of the keyring, older or newer. ``barred``
    are the tags by which this person is kept out afterwards, each with its end: a restore loses none of them.
    """

    subject: SubjectId
    generation: int
    destroyed: tuple[bytes, ...]
    barred: tuple[tuple[bytes, Instant], ...] = ()


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
