"""Advancing the epoch, as a table: the only way in which old copies of wrapped keys die (design section 5).

Nothing is destroyed before every chain is under the new epoch, survivors open, and a fresh backup of the keyring has
been restored elsewhere and read back. Every step is safe to repeat; after a crash the advance goes on from the step
that the keyring names. Readers are served throughout: until ``DESTROYED`` both epochs open.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from shouxin.errors import NotInThisState

__all__ = ["LEAVING", "NEXT", "EpochStep", "after"]


class EpochStep(StrEnum):
    """How far an epoch has come."""

    OPENED = "opened"
    REWRAPPED = "rewrapped"
    INDEXED = "indexed"
    PROVED = "proved"
    BACKED_UP = "backed-up"
    DESTROYED = "destroyed"
    COMPACTED = "compacted"
    SETTLED = "settled"


# step -> (what has been done when the next one is reached, next step)
NEXT: Final[dict[EpochStep, tuple[str, EpochStep]]] = {
    EpochStep.OPENED: ("every subject key is wrapped under the new epoch", EpochStep.REWRAPPED),
    EpochStep.REWRAPPED: ("the index is enciphered under the new epoch's key", EpochStep.INDEXED),
    EpochStep.INDEXED: ("no old row remains and a sample of survivors opened", EpochStep.PROVED),
    EpochStep.PROVED: ("a fresh keyring backup was restored elsewhere and read back", EpochStep.BACKED_UP),
    EpochStep.BACKED_UP: ("the old root key is destroyed inside its provider", EpochStep.DESTROYED),
    EpochStep.DESTROYED: ("the old index is gone, the keyring's file rebuilt, the logs emptied", EpochStep.COMPACTED),
    EpochStep.COMPACTED: ("the outcome is recorded", EpochStep.SETTLED),
}

# From here on the old root key may be gone while its row still stands.
LEAVING: Final = frozenset({EpochStep.BACKED_UP, EpochStep.DESTROYED, EpochStep.COMPACTED, EpochStep.SETTLED})


def after(step: EpochStep) -> EpochStep:
    """Return the step that follows.

    Raises:
        NotInThisState: the epoch is settled; there is nothing to resume.
    """
    if step not in NEXT:
        raise NotInThisState(f"an epoch that is {step} has no further step")
    return NEXT[step][1]
