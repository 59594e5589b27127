"""The life of a subject's data, as one table (PIPL 44, 47)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from shouxin.domain.steps import next_state
from shouxin.vault.records import SubjectState

__all__ = ["TRANSITIONS", "SubjectEvent", "follow"]


class SubjectEvent(StrEnum):
    """What can happen to a subject."""

    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    INTEND_ERASURE = "intend-erasure"
    ERASE_WHOLE = "erase-whole"
    ERASE_PART = "erase-part"
    ERASE_ASKED = "erase-asked"
    REJOIN = "rejoin"
    MERGE = "merge"
    SPLIT = "split"


TRANSITIONS: Final[dict[tuple[SubjectState, SubjectEvent], SubjectState]] = {
    (SubjectState.ACTIVE, SubjectEvent.FREEZE): SubjectState.FROZEN,
    (SubjectState.FROZEN, SubjectEvent.UNFREEZE): SubjectState.ACTIVE,
    (SubjectState.ACTIVE, SubjectEvent.INTEND_ERASURE): SubjectState.ERASING,
    (SubjectState.FROZEN, SubjectEvent.INTEND_ERASURE): SubjectState.ERASING,
    (SubjectState.MERGED, SubjectEvent.INTEND_ERASURE): SubjectState.ERASING,
    (SubjectState.ERASING, SubjectEvent.ERASE_WHOLE): SubjectState.ERASED,
    # All was asked for and a floor keeps a part: it is stored and protected only.
    (SubjectState.ERASING, SubjectEvent.ERASE_PART): SubjectState.FROZEN,
    # Only a part was asked for, and it is gone: the rest is used as before.
    (SubjectState.ERASING, SubjectEvent.ERASE_ASKED): SubjectState.ACTIVE,
    # The same of a record that belongs to another: it still does.
    (SubjectState.ERASING, SubjectEvent.REJOIN): SubjectState.MERGED,
    (SubjectState.ACTIVE, SubjectEvent.MERGE): SubjectState.MERGED,
    (SubjectState.MERGED, SubjectEvent.SPLIT): SubjectState.ACTIVE,
}


def follow(state: SubjectState, event: SubjectEvent) -> SubjectState:
    """Return the state after ``event``. Raises ``NotInThisState`` when the table has no such step."""
    return next_state(TRANSITIONS, state, event, "a subject")
