"""The ledger's ports: reading the log, signing its head, and the shelf where the last signed head is kept apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from shouxin.domain.clock import Instant

__all__ = ["LedgerReader", "Shelf"]


class LedgerReader(Protocol):
    """The log as one snapshot sees it."""

    @property
    def size(self) -> int:
        """The number of leaves."""
        ...

    @property
    def last_at(self) -> Instant:
        """The time of the last leaf; 0 for an empty log."""
        ...

    def entry(self, leaf: int) -> bytes:
        """Return the bytes of one leaf. Raises ``Tampered`` when it is missing."""
        ...

    def entries(self, start: int, end: int) -> Iterator[tuple[int, bytes]]:
        """Yield (leaf, bytes) for the leaves that exist in [start, end), in order; a gap shows as a missing number."""
        ...

    def tile(self, level: int, index: int) -> bytes:
        """Return a tile's hashes, joined. Raises ``Tampered`` when it is missing."""
        ...


class Shelf(Protocol):
    """Where the last signed checkpoint is kept, apart from the data store, and written before anybody sees it.

    A data store that is behind its shelf was rolled back. The shelf itself only moves forward.
    """

    def put(self, note: str, size: int) -> None:
        """Keep a signed checkpoint; durable on return. One that is not larger than what is there is ignored."""
        ...

    def get(self) -> str | None:
        """Return the last signed checkpoint, or nothing before the first."""
        ...
