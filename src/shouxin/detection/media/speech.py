"""From how likely each window of a sound is speech to when somebody speaks.

Called by: the driver that listens. **Source:** thresholds of the detector's authors (Silero VAD): speech begins at 0.5
and ends below 0.35; windows of 512 samples at 16 kHz.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

__all__ = ["WINDOW", "speech_segments"]

WINDOW: Final = 0.032  # seconds of one window
_BEGINS: Final = 0.5
_ENDS: Final = 0.35
_PAUSE: Final = 0.4  # seconds of silence that do not end a segment
_SHORTEST: Final = 0.16  # seconds; less is a click
_AROUND: Final = 0.2  # seconds kept on either side: consonants begin and end softly


def speech_segments(likely: Iterable[float], window: float = WINDOW) -> list[tuple[float, float]]:
    """Return (start, end) in seconds of each segment of speech, in order, none touching another."""
    found: list[tuple[float, float]] = []
    began, last, count = -1.0, -1.0, 0
    for count, share in enumerate(likely, 1):
        start, end = (count - 1) * window, count * window
        if share >= _BEGINS:
            began = start if began < 0 else began
            last = end
        elif began >= 0 and share >= _ENDS:
            last = end
        elif began >= 0 and start - last > _PAUSE:
            found.append((began, last))
            began = -1.0
    if began >= 0:
        found.append((began, last))
    whole = count * window
    segments: list[tuple[float, float]] = []
    for began, last in found:
        if last - began < _SHORTEST:
            continue
        start, end = max(0.0, began - _AROUND), min(whole, last + _AROUND)
        if segments and start <= segments[-1][1]:
            start = segments.pop()[0]
        segments.append((round(start, 3), round(end, 3)))
    return segments
