"""The journal of destructions: which subject keys were destroyed, kept apart from every backup.

A restore replays it, so that a restore brings nobody back (design section 6). An entry is durable *before* the key is
destroyed: an entry without a destruction costs nothing, a destruction without an entry could be undone by a backup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from shouxin.domain.identifiers import SubjectId

__all__ = ["Destruction", "Journal"]


@dataclass(frozen=True, slots=True)
class Destruction:
    """Subject keys up to ``generation`` of this person are destroyed; ``kept`` links survive under a later one.

    ``kept`` lists link identifiers. A restore of an older keyring opens those and wraps them anew; all else goes.
    """

    subject: SubjectId
    generation: int
    kept: tuple[bytes, ...]


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
