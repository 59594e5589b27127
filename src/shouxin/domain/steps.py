"""One step in a lifecycle: every lifecycle is a literal table, and this is the one way to take a step in it.

A pair that does not stand in the table raises and changes nothing. The tables stand with the concepts they are about.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from shouxin.errors import NotInThisState

__all__ = ["next_state"]

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


def next_state(table: Mapping[tuple[S, E], S], state: S, event: E, what: str) -> S:
    """Return the state that ``table`` has for ``event`` in ``state``; ``what`` is the thing, for people.

    Raises:
        NotInThisState: the table has no such step.
    """
    after = table.get((state, event))
    if after is None:
        raise NotInThisState(f"{what} that is {state} cannot {event}")
    return after
