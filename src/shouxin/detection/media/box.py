"""Boxes in a picture: the arithmetic of where something is.

Called by: ``written``, ``track``, and the drivers that mask.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Box", "hull", "merged"]


@dataclass(frozen=True, slots=True, order=True)
class Box:
    """A rectangle in pixels from the upper left corner; ``right`` and ``bottom`` are just outside of it."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Its width, 0 if it is empty."""
        return max(0, self.right - self.left)

    @property
    def height(self) -> int:
        """Its height, 0 if it is empty."""
        return max(0, self.bottom - self.top)

    @property
    def area(self) -> int:
        """Its area in square pixels."""
        return self.width * self.height

    def shared(self, other: Box) -> int:
        """Return the area in both."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0, width) * max(0, height)

    def likeness(self, other: Box) -> float:
        """Return the area in both over the area in either (0-1)."""
        shared = self.shared(other)
        return shared / (self.area + other.area - shared) if shared else 0.0

    def grown(self, share: float, size: tuple[int, int], least: int = 0) -> Box:
        """Return it larger on every side by ``share`` of its size, at least ``least`` pixels, but within ``size``."""
        across, down = max(least, round(self.width * share)), max(least, round(self.height * share))
        return Box(
            max(0, self.left - across),
            max(0, self.top - down),
            min(size[0], self.right + across),
            min(size[1], self.bottom + down),
        )

    def scaled(self, factor: float) -> Box:
        """Return it in a picture that is ``factor`` times as large."""
        return Box(*(round(factor * edge) for edge in (self.left, self.top, self.right, self.bottom)))


def hull(boxes: Iterable[Box]) -> Box:
    """Return the smallest box around all of them; there is at least one."""
    some = list(boxes)
    return Box(
        min(one.left for one in some),
        min(one.top for one in some),
        max(one.right for one in some),
        max(one.bottom for one in some),
    )


def merged(boxes: Sequence[Box]) -> list[Box]:
    """Return boxes of which none touches another, and which cover all that was given: touching ones become a hull."""
    waiting, kept = sorted(set(boxes)), list[Box]()
    while waiting:
        one = waiting.pop()
        for other in kept:
            if (
                one.left <= other.right
                and other.left <= one.right
                and one.top <= other.bottom
                and other.top <= one.bottom
            ):
                kept.remove(other)
                waiting.append(hull((one, other)))
                break
        else:
            kept.append(one)
    return sorted(kept)
