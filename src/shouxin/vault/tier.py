"""Where a sealed object stands, as one table: the hot store, or the archive (PIPL 19, 51).

::

    hot ──▶ copying ──▶ archived ──▶ recalling ──▶ hot        each of them ──▶ erased

``copying`` and ``recalling`` are moves on their way: the object stands whole in at least one of the two stores, and may
stand in both. A move is over only when the copy was read back by its hash and the store that was left no longer has it.
An object without a row was never moved: it is hot. Keys never move; the archive sees sealed bytes only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import ObjectId, SubjectId
from shouxin.domain.steps import next_state

__all__ = ["MOVING", "TRANSITIONS", "Tier", "TierEvent", "TierState", "follow"]


class TierState(StrEnum):
    """Where an object stands."""

    HOT = "hot"
    COPYING = "copying"
    ARCHIVED = "archived"
    RECALLING = "recalling"
    ERASED = "erased"


class TierEvent(StrEnum):
    """What can happen to where an object stands."""

    COPY = "copy"
    ARCHIVE = "archive"
    RECALL = "recall"
    RETURN = "return"
    ERASE = "erase"


TRANSITIONS: Final[dict[tuple[TierState, TierEvent], TierState]] = {
    (TierState.HOT, TierEvent.COPY): TierState.COPYING,
    (TierState.COPYING, TierEvent.ARCHIVE): TierState.ARCHIVED,
    (TierState.ARCHIVED, TierEvent.RECALL): TierState.RECALLING,
    (TierState.RECALLING, TierEvent.RETURN): TierState.HOT,
    (TierState.HOT, TierEvent.ERASE): TierState.ERASED,
    (TierState.COPYING, TierEvent.ERASE): TierState.ERASED,
    (TierState.ARCHIVED, TierEvent.ERASE): TierState.ERASED,
    (TierState.RECALLING, TierEvent.ERASE): TierState.ERASED,
}
# The moves that wait to be finished.
MOVING: Final = (TierState.COPYING, TierState.RECALLING)


@dataclass(frozen=True, slots=True)
class Tier:
    """Where one object stands, as its authority row says it; ``since`` when.

    ``operation`` is that of its last move: the outcome of a move bears the operation of its intent.
    """

    object_id: ObjectId
    subject: SubjectId
    since: Instant
    operation: bytes
    state: TierState = TierState.HOT


def follow(tier: Tier, event: TierEvent, at: Instant) -> Tier:
    """Return ``tier`` one step further.

    Raises:
        NotInThisState: the table has no such step.
    """
    after = next_state(TRANSITIONS, tier.state, event, "an object")
    return replace(tier, state=after, since=at)
