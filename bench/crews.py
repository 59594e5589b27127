"""Callers in several processes at once, as the workers of one service stand side by side on one machine."""

from __future__ import annotations

import multiprocessing
import queue
from collections.abc import Callable, Sequence
from multiprocessing.context import SpawnProcess
from typing import Any, Final

from bench.timing import Crowd, crowd

__all__ = ["Crew", "crews"]

# What starts in a process of its own: a function of a module and what it is called with; it returns the callers.
Crew = tuple[Callable[..., Sequence[Callable[[], object]]], tuple[Any, ...]]
_PATIENCE: Final = 120.0


def _live(crew: Crew, duration: float, gate: Any, found: Any) -> None:
    start, arguments = crew
    try:
        callers = start(*arguments)
        crowd(callers, duration / 5)  # warm
        gate.wait(_PATIENCE)
        found.put(crowd(callers, duration))
    except BaseException as error:
        gate.abort()
        found.put(repr(error))
        raise


def crews(every: Sequence[Crew], duration: float) -> Crowd:
    """Let the callers of every crew call for ``duration`` seconds at the same time; return what all of them did.

    Each crew has a process of its own, fresh, and warms up first. The first error of a caller is raised here.
    """
    context = multiprocessing.get_context("spawn")
    gate, found = context.Barrier(len(every)), context.Queue()
    processes: list[SpawnProcess] = [
        context.Process(target=_live, args=(crew, duration, gate, found), daemon=True) for crew in every
    ]
    for process in processes:
        process.start()
    try:
        done = [found.get(timeout=_PATIENCE + 2 * duration) for _ in processes]
    except queue.Empty:
        raise RuntimeError("a crew of callers does not answer") from None
    finally:
        for process in processes:
            process.join(_PATIENCE)
    if errors := [one for one in done if not isinstance(one, Crowd)]:
        raise RuntimeError(f"a crew of callers broke: {errors[0]}")
    return Crowd(sum(one.rate for one in done), [wait for one in done for wait in one.waits])
