"""What is painted over on one frame: every face, all text, and the whole of a card or contract.

Laws. A mask is one colour. What was painted is looked at again, and what is still seen is painted too, ``ROUNDS`` times
at most.

Called by: ``redaction`` and ``masked_pages``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from shouxin.connectors.media.engines import Frame, faces_in, lines_in
from shouxin.detection.media.box import Box, hull
from shouxin.detection.media.written import WrittenLine, read_lines
from shouxin.errors import Invalid

__all__ = ["ROUNDS", "is_seen", "mask", "of_faces", "paint", "to_hide"]

ROUNDS: Final = 3
_AROUND_FACE: Final = 0.35  # of a face: hair, ears and chin single out as well
_AROUND_TEXT: Final = 0.03  # of a line, at least 6 pixels
_AROUND_DOCUMENT: Final = 0.2  # a card reaches further than its words: the portrait on it
_PAINT: Final = (40, 40, 40)


def to_hide(lines: Sequence[WrittenLine], size: tuple[int, int]) -> list[Box]:
    """Return where every line is, and the whole of a document; ``size`` is width and height in pixels."""
    boxes = [line.box.grown(_AROUND_TEXT, size, 6) for line in lines]
    documents = [one for one in read_lines(lines) if "words" in one.evidence]
    if documents:
        boxes.append(hull(line.box for line in lines).grown(_AROUND_DOCUMENT, size))
    return boxes


def of_faces(frame: Frame, size: tuple[int, int], *, still: bool = False) -> list[Box]:
    """Return where faces are, with what is around them."""
    return [one.box.grown(_AROUND_FACE, size, 8) for one in faces_in(frame, still=still) if one.box]


def paint(frame: Frame, boxes: Sequence[Box]) -> None:
    """Paint boxes over, in place."""
    for box in boxes:
        frame[box.top : box.bottom, box.left : box.right] = _PAINT


def is_seen(frame: Frame) -> bool:
    """Say whether somebody, or something that can be read for certain, is still seen on a masked frame."""
    height, width = frame.shape[:2]
    if of_faces(frame, (width, height), still=True):
        return True
    return any(one.score >= 0.5 for one in read_lines(lines_in(frame)))


def mask(frame: Frame, also: Sequence[Box] = ()) -> tuple[int, int]:
    """Paint over, in place, what a still frame shows; return how many faces and places of text that were.

    ``also`` is where text is known to stand, read or not.

    Raises:
        Invalid: something is still seen (``seen``).
    """
    height, width = frame.shape[:2]
    faces = texts = 0
    for known in (also, *[()] * (ROUNDS - 1)):
        seen = of_faces(frame, (width, height), still=True)
        read = [*to_hide(lines_in(frame), (width, height)), *known]
        if not seen and not read:
            return faces, texts
        faces, texts = faces + len(seen), texts + len(read)
        paint(frame, [*seen, *read])
    if is_seen(frame):
        raise Invalid("rendition", "seen")
    return faces, texts
