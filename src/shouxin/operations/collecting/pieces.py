"""Read a source in pieces that end by size, and by time where it is slow: what came is not held back for what may come.

Called by: ``new_records`` and ``watch_run``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from shouxin.domain.clock import SECOND, Clock

__all__ = ["HELD", "in_pieces"]

HELD: Final = 2 * SECOND  # no longer than this, and then until the next record comes

_One = TypeVar("_One")


def in_pieces(read: Iterator[_One], most: Callable[[], int], clock: Clock | None) -> Iterator[list[_One]]:
    """Yield what comes in pieces of at most ``most()``, none of them empty; without a clock only by size."""
    piece: list[_One] = []
    since = 0
    for one in read:
        if clock is not None and not piece:
            since = clock.now()
        piece.append(one)
        if len(piece) >= most() or (clock is not None and clock.now() - since >= HELD):
            yield piece
            piece = []
    if piece:
        yield piece
