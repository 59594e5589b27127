"""What is seen in one sample of a video after another: as findings with a beginning and an end, and as masks.

Laws. A mask at a moment covers what the samples on *both* sides of it show, so that it is there before what it hides
and after. What the detector loses for less than ``HOLD`` seconds is masked all the same. What appears and vanishes
between two samples is seen by neither: the step between samples is the price, and is told.

Called by: the drivers that read and mask video.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from shouxin.detection.media.box import Box, merged
from shouxin.detection.media.media_finding import MediaFinding

__all__ = ["HOLD", "MaskTrack", "Tracks"]

HOLD: Final = 1.0  # seconds
_SAME: Final = 0.2  # likeness of two boxes of one thing


@dataclass(slots=True)
class Tracks:
    """Findings of a video: one for each thing, from when it is first seen until it is last seen.

    ``hold`` is for how many seconds a thing may be lost from sight and still be the same.
    """

    hold: float = HOLD
    closed: list[MediaFinding] = field(default_factory=list)
    _running: list[MediaFinding] = field(default_factory=list)

    def see(self, findings: Sequence[MediaFinding], at: float) -> None:
        """Take in what one sample at ``at`` seconds shows; what has the same kind and place goes on."""
        still, seen = list(self._running), list[MediaFinding]()
        for new in findings:
            like = [one for one in still if one.kind == new.kind and _same(one.box, new.box)]
            if like:
                old = like[0]
                still.remove(old)
                better = new if new.score > old.score else old
                seen.append(replace(better, start=old.start, end=at))
            else:
                seen.append(replace(new, start=at, end=at))
        self.closed += [one for one in still if at - one.end >= self.hold]
        self._running = [*seen, *(one for one in still if at - one.end < self.hold)]

    def last(self, until: float) -> None:
        """Let what the newest sample showed go on until ``until``: the picture has not changed since."""
        self._running = [replace(one, end=max(one.end, until)) for one in self._running]

    def ended(self) -> list[MediaFinding]:
        """Return all findings, by their beginning."""
        self.closed += self._running
        self._running = []
        return sorted(self.closed, key=lambda one: (one.start, one.kind))


def _same(one: Box | None, other: Box | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.likeness(other) >= _SAME


@dataclass(slots=True)
class MaskTrack:
    """Boxes to cover, sample by sample in the order of time."""

    _times: list[float] = field(default_factory=list)
    _boxes: list[tuple[Box, ...]] = field(default_factory=list)

    def see(self, at: float, boxes: Sequence[Box]) -> None:
        """Take in what has to be covered at ``at`` seconds."""
        self._times.append(at)
        self._boxes.append(tuple(boxes))

    def over(self, at: float, hold: float = 0.0) -> list[Box]:
        """Return what to cover at ``at``: of the samples around it, and of those not further than ``hold``."""
        last = bisect_right(self._times, at)
        first, end = last - 1, last + 1
        while first > 0 and at - self._times[first] < hold:
            first -= 1
        while end < len(self._times) and self._times[end - 1] - at < hold:
            end += 1
        return merged([box for boxes in self._boxes[max(0, first) : end] for box in boxes])
