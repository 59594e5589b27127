"""Which frames of a video are looked at for text: those that differ from the last one that was.

Laws. A frame is compared as a small grey picture, tile by tile, with the last that was *read*, so that a slow change
adds up. What moves within a face is no change: people talk. A change that goes on is read when it has settled, or after
``_RESTLESS`` seconds at the latest; a video in which nothing changes is read every ``_QUIET`` seconds all the same.

Called by: the driver that reads video. Pure Python on 2,304 bytes: a comparison takes a fraction of a millisecond.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from shouxin.detection.media.box import Box

__all__ = ["GRID", "ChangeWatch"]

GRID: Final = (64, 36)  # pixels of the small picture
_TILE: Final = 4
_ACROSS: Final = GRID[0] // _TILE
_DOWN: Final = GRID[1] // _TILE
_DIFFERS: Final = 12.0  # mean difference of a tile, of 255
_CHANGED: Final = 0.05  # of the tiles: a card held up fills more
_SETTLED: Final = 0.03  # of the tiles, from one sample to the next
_RESTLESS: Final = 2.0  # seconds
_QUIET: Final = 15.0  # seconds


def _tiles(small: bytes) -> list[int]:
    """The sum of each tile of a small picture."""
    width = GRID[0]
    sums = [0] * (_ACROSS * _DOWN)
    for row in range(GRID[1]):
        line = small[row * width : (row + 1) * width]
        first = row // _TILE * _ACROSS
        for column in range(_ACROSS):
            sums[first + column] += sum(line[column * _TILE : (column + 1) * _TILE])
    return sums


def _share(one: list[int], other: list[int], aside: set[int]) -> float:
    limit = _DIFFERS * _TILE * _TILE
    seen = [at for at in range(len(one)) if at not in aside]
    return sum(abs(one[at] - other[at]) > limit for at in seen) / len(seen) if seen else 0.0


class ChangeWatch:
    """Watches one video, sample by sample in the order of time; ``at_once`` waits for nothing to settle, to mask."""

    def __init__(self, *, at_once: bool = False) -> None:
        self._at_once = at_once
        self._read: list[int] | None = None
        self._last: list[int] | None = None
        self._read_at = 0.0

    def reads(self, small: bytes, at: float, faces: Iterable[Box] = ()) -> bool:
        """Say whether the frame at ``at`` seconds is to be read; it then counts as read.

        ``small`` is the frame as 64x36 grey bytes, row by row; ``faces`` are boxes in those pixels.
        """
        now = _tiles(small)
        before, self._last = self._last, now
        aside = {at for box in faces for at in _under(box)}
        if self._read is None or before is None:
            return self._take(now, at)
        since = at - self._read_at
        if since >= _QUIET:
            return self._take(now, at)
        if _share(now, self._read, aside) <= _CHANGED:
            return False
        if self._at_once or since >= _RESTLESS or _share(now, before, aside) <= _SETTLED:
            return self._take(now, at)
        return False

    def _take(self, now: list[int], at: float) -> bool:
        self._read, self._read_at = now, at
        return True


def _under(box: Box) -> Iterable[int]:
    """The tiles that a box touches."""
    for row in range(max(0, box.top // _TILE), min(_DOWN, -(-box.bottom // _TILE))):
        for column in range(max(0, box.left // _TILE), min(_ACROSS, -(-box.right // _TILE))):
            yield row * _ACROSS + column
