"""One step in a lifecycle: every lifecycle is a literal table, and this is the one way to take a step in it.

A pair that does not stand in the table raises and changes nothing. The tables stand with the concepts they are about.
Whoever is refused a step is told where the thing stands and what comes now: in the words of the commands that take a
step, where the lifecycle names them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from shouxin.errors import NotInThisState

__all__ = ["next_state"]

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


def next_state(
    table: Mapping[tuple[S, E], S], state: S, event: E, what: str, commands: Mapping[E, str] | None = None
) -> S:
    """Return the state that ``table`` has for ``event`` in ``state``; ``what`` is the thing, for people.

    ``commands`` names the command by which somebody takes a step; a step that it lacks happens by itself.

    Raises:
        NotInThisState: the table has no such step; the message says what comes now, where ``commands`` is given.
    """
    after = table.get((state, event))
    if after is None:
        if commands is None:
            raise NotInThisState(f"{what} that is {state} cannot {event}")
        refused = f"is not for '{commands[event]}'" if event in commands else f"cannot {event}"
        raise NotInThisState(f"{what} that is {state} {refused}; {_told(table, state, commands)}")
    return after


def _told(table: Mapping[tuple[S, E], S], state: S, commands: Mapping[E, str]) -> str:
    """Return what comes now, for people: the commands that lead on from ``state``, in the order of the table."""
    leading = {event: after for (before, event), after in table.items() if before == state}
    named = [commands[event] for event, after in leading.items() if event in commands and after != state]
    if named:
        return f"what comes now: {', '.join(dict.fromkeys(named))}"
    return "it goes on by itself" if any(after != state for after in leading.values()) else "nothing comes after that"
