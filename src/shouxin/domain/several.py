"""Several at a time: many small questions to a store that makes whoever asks it wait."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

__all__ = ["several_at_a_time"]

T = TypeVar("T")
U = TypeVar("U")
# From so many on, so many threads at a time.
_MANY: Final = 16
_AT_A_TIME: Final = 8


def several_at_a_time(work: Callable[[T], U], wanted: Sequence[T]) -> list[U]:
    """Return what ``work`` says of each of ``wanted``, in order; of many, several at a time.

    Each thread has a slice of its own: to hand things over one by one costs more than most of them take. An error
    ends its slice; the first is raised after the others have ended.
    """
    if len(wanted) < _MANY:
        return list(map(work, wanted))
    size = -(-len(wanted) // _AT_A_TIME)
    slices = [wanted[at : at + size] for at in range(0, len(wanted), size)]
    with ThreadPoolExecutor(len(slices)) as hands:
        return [one for done in hands.map(lambda some: list(map(work, some)), slices) for one in done]
