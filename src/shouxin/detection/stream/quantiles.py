"""The distribution of numbers that flow by, in bounded memory: counts in logarithmic bins.

Laws. A bin holds the numbers within ``ACCURACY`` of one another, so a quantile is right to that relative error whatever
the distribution, and two sketches add up exactly. At most ``_MOST`` bins: the smallest are merged first. No number is
kept.

Called by: ``profile``. **Source:** C. Masson, J. E. Rim, H. K. Lee, DDSketch, PVLDB 12 (2019) 2195-2205.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

__all__ = ["ACCURACY", "KeptQuantiles", "Quantiles"]

ACCURACY: Final = 0.02  # relative error of a quantile
_GAMMA: Final = (1 + ACCURACY) / (1 - ACCURACY)
_LOG: Final = math.log(_GAMMA)
_MOST: Final = 1024  # bins of one sign
_LEAST: Final = 1e-9  # magnitudes below are nought


_MOST_KEPT: Final = 256  # bins of one sign in what is kept


@dataclass(frozen=True, slots=True)
class KeptQuantiles:
    """A sketch as it may be kept: counts by bin, and no exact extremes."""

    noughts: int = 0
    above: tuple[tuple[int, int], ...] = ()
    below: tuple[tuple[int, int], ...] = ()


@dataclass(slots=True)
class Quantiles:
    """A sketch. ``low`` and ``high`` are exact, ``count`` is of finite numbers."""

    count: int = 0
    low: float = math.inf
    high: float = -math.inf
    noughts: int = 0
    above: Counter[int] = field(default_factory=Counter)
    below: Counter[int] = field(default_factory=Counter)

    def add(self, number: float, times: int = 1) -> None:
        """Count a number, as often as it came; what is not finite is left out."""
        if not math.isfinite(number):
            return
        self.count += times
        self.low, self.high = min(self.low, number), max(self.high, number)
        size = abs(number)
        if size < _LEAST:
            self.noughts += times
            return
        bins = self.above if number > 0 else self.below
        bins[math.ceil(math.log(size) / _LOG)] += times
        if len(bins) > _MOST:
            first, second = sorted(bins)[:2]
            bins[second] += bins.pop(first)

    def add_all(self, other: Quantiles) -> None:
        """Count all that another sketch counted."""
        self.count += other.count
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)
        self.noughts += other.noughts
        for bins, more in ((self.above, other.above), (self.below, other.below)):
            bins.update(more)
            _merge_smallest(bins, _MOST)

    def kept(self) -> KeptQuantiles:
        """Return what may be kept of it: extremes become those of their bins."""
        above, below = self.above.copy(), self.below.copy()
        for bins in (above, below):
            _merge_smallest(bins, _MOST_KEPT)
        return KeptQuantiles(self.noughts, tuple(sorted(above.items())), tuple(sorted(below.items())))

    @classmethod
    def of(cls, kept: KeptQuantiles) -> Quantiles:
        """Return a sketch that goes on from what was kept."""
        above, below = Counter(dict(kept.above)), Counter(dict(kept.below))
        count = kept.noughts + above.total() + below.total()
        made = cls(count, noughts=kept.noughts, above=above, below=below)
        if count:
            ends = [number for number, times in made._ordered() if times]
            made.low, made.high = ends[0], ends[-1]
        return made

    def at(self, share: float) -> float:
        """Return the number below which ``share`` (0-1) of all are; NaN if there are none."""
        if not self.count:
            return math.nan
        rank, seen = share * (self.count - 1), 0
        for number, count in self._ordered():
            seen += count
            if seen > rank:
                return min(max(number, self.low), self.high)
        return self.high

    def _ordered(self) -> list[tuple[float, int]]:
        middle = 2 / (_GAMMA + 1)
        down = [(-middle * _GAMMA**place, self.below[place]) for place in sorted(self.below, reverse=True)]
        up = [(middle * _GAMMA**place, self.above[place]) for place in sorted(self.above)]
        return [*down, (0.0, self.noughts), *up]

    def shares(self, borders: list[float]) -> list[float]:
        """Return which share of the numbers lies below the first border, between each two, above the last."""
        counts = [0] * (len(borders) + 1)
        for number, count in self._ordered():
            counts[sum(number > border for border in borders)] += count
        return [count / self.count for count in counts] if self.count else [0.0] * len(counts)


def _merge_smallest(bins: Counter[int], most: int) -> None:
    """Merge the bins of the smallest numbers until there are no more than ``most``."""
    places = sorted(bins)
    for place in places[: max(0, len(places) - most)]:
        bins[places[-most]] += bins.pop(place)
