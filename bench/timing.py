"""Measuring: percentiles, many callers at once, and how much of the machine others used meanwhile."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

__all__ = ["Busy", "Crowd", "crowd", "each", "milliseconds", "percentile", "seconds"]


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` (0 to 1) of ``values`` lie: the nearest rank, no interpolation."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def seconds(work: Callable[[], object]) -> float:
    """Return how long ``work`` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def each(work: Callable[[], object], count: int) -> list[float]:
    """Return the seconds of each of ``count`` calls."""
    return [seconds(work) for _ in range(count)]


def milliseconds(values: Iterable[float]) -> float:
    """Return the median of seconds, in milliseconds."""
    return median(values) * 1000


@dataclass(frozen=True, slots=True)
class Crowd:
    """What concurrent callers did: calls a second of all together, and the seconds of each call."""

    rate: float
    waits: list[float]


def crowd(callers: Sequence[Callable[[], object]], duration: float) -> Crowd:
    """Let every caller call in a thread of its own, again and again, for ``duration`` seconds.

    The first error of a caller is raised here; a benchmark whose calls fail measures nothing.
    """
    waits: list[list[float]] = [[] for _ in callers]
    errors: list[BaseException] = []
    gate = threading.Barrier(len(callers) + 1)
    ends = [0.0]

    def live(caller: Callable[[], object], own: list[float]) -> None:
        gate.wait()
        try:
            while (start := time.perf_counter()) < ends[0]:
                caller()
                own.append(time.perf_counter() - start)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=live, args=pair, daemon=True) for pair in zip(callers, waits, strict=True)]
    for thread in threads:
        thread.start()
    begun = time.perf_counter()
    ends[0] = begun + duration
    gate.wait()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begun
    if errors:
        raise errors[0]
    every = [wait for own in waits for wait in own]
    return Crowd(len(every) / took, every)


class Busy:
    """How much of the machine other processes used since this was made; Linux only, elsewhere unknown."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._machine, self._own = self._read()

    @staticmethod
    def _read() -> tuple[float, float]:
        """Return busy seconds of all processors, and those of this process and its ended children."""
        times = os.times()
        own = times.user + times.system + times.children_user + times.children_system
        with suppress(OSError, ValueError):
            fields = [int(field) for field in Path("/proc/stat").read_text("ascii").split("\n")[0].split()[1:9]]
            idle = fields[3] + fields[4]
            return (sum(fields) - idle) / os.sysconf("SC_CLK_TCK"), own
        return float("nan"), own

    def others(self) -> float:
        """Return the share of all processors that others used, from 0 to 1; not a number where it is unknown."""
        machine, own = self._read()
        spent = (time.monotonic() - self._start) * (os.cpu_count() or 1)
        share = ((machine - self._machine) - (own - self._own)) / spent if spent else 0.0
        return share if share != share else max(0.0, share)  # noqa: PLR0124 - not a number stays what it is
