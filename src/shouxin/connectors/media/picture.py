"""Still pictures: decoded within bounds, then looked at.

Laws. What a picture says of its size is read before anything is decoded; what would take more than ``MOST`` pixels is a
bomb and is not decoded. Only formats that are named here are tried. Of a picture with several frames the first few are
looked at and the rest is told.

Called by: ``readers.apart`` (``picture_pieces``) and ``rendering``.
"""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator
from importlib import import_module
from typing import Any, BinaryIO, Final

import numpy as np

from shouxin.connectors.media.engines import Frame, faces_in, lines_in, text_finder
from shouxin.detection import plain
from shouxin.detection.media.media_finding import MediaFinding, MediaForm
from shouxin.detection.media.written import read_lines
from shouxin.detection.scan import Finder
from shouxin.detection.survey.reading import MediaWindow, Piece, Sampling, Unread, UnreadReason
from shouxin.errors import Invalid

__all__ = ["FORMATS", "MOST", "frames_of", "looked_at", "picture_pieces"]

MOST: Final = 64_000_000  # pixels; a flatbed scan of A3 at 400 dpi has 31 million
FORMATS: Final = ("PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP")
_FRAMES: Final = 4
_LONGEST: Final = 4_000  # pixels of the longer side at which engines look; more is scaled down


def _opened(stream: BinaryIO) -> Any:  # noqa: ANN401 - a picture of a package that is imported late
    """Open a picture without decoding it.

    Raises:
        Invalid: broken, or a bomb.
    """
    pillow = import_module("PIL.Image")
    pillow.MAX_IMAGE_PIXELS = MOST  # type: ignore[attr-defined]  # of the module, for this process
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = pillow.open(stream, formats=FORMATS)
    except pillow.DecompressionBombError:
        raise Invalid("pixels", UnreadReason.BOMB.value) from None
    except (OSError, ValueError, SyntaxError, OverflowError, struct.error):
        raise Invalid("picture", UnreadReason.BROKEN.value) from None
    if picture.width * picture.height > MOST:
        raise Invalid("pixels", UnreadReason.BOMB.value)
    return picture


def frames_of(stream: BinaryIO) -> Iterator[Frame]:
    """Yield the frames of a picture, upright, at most four.

    Raises:
        Invalid: broken, a bomb, or of a format that is not read.
    """
    picture = _opened(stream)
    turn = import_module("PIL.ImageOps").exif_transpose
    bomb = import_module("PIL.Image").DecompressionBombError
    for number in range(min(_FRAMES, getattr(picture, "n_frames", 1))):
        try:
            picture.seek(number)
            if picture.width * picture.height > MOST:  # each frame of a TIFF has a size of its own
                raise Invalid("pixels", UnreadReason.BOMB.value)
            coloured = np.asarray(turn(picture).convert("RGB"), dtype=np.uint8)
        except bomb:
            raise Invalid("pixels", UnreadReason.BOMB.value) from None
        except (OSError, ValueError, SyntaxError, OverflowError, struct.error, EOFError):
            raise Invalid("picture", UnreadReason.BROKEN.value) from None
        yield np.ascontiguousarray(coloured[:, :, ::-1])


def looked_at(frame: Frame, page: int = 0, find: Finder = plain.find) -> list[MediaFinding]:
    """Return what is seen in a still picture; boxes in its own pixels. ``find`` is the engine for what is written."""
    longest = max(frame.shape[:2])
    if longest > _LONGEST:
        cv2 = import_module("cv2")
        factor = _LONGEST / longest
        small = cv2.resize(frame, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        found = [*faces_in(small, still=True), *read_lines(lines_in(small), find=find)]
        return [_enlarged(one, 1 / factor, page) for one in found]
    found = [*faces_in(frame, still=True), *read_lines(lines_in(frame), find=find)]
    return [_enlarged(one, 1, page) for one in found]


def _enlarged(one: MediaFinding, factor: float, page: int) -> MediaFinding:
    box = one.box.scaled(factor) if one.box and factor != 1 else one.box
    return MediaFinding(one.kind, one.score, box, page, one.start, one.end, one.evidence)


def picture_pieces(stream: BinaryIO, place: str, sampling: Sampling) -> Iterator[Piece | None]:
    """Yield what is found in a picture; ``None`` now and then, to say that it goes on.

    Raises:
        Invalid: broken, a bomb.
    """
    several = getattr(_opened(stream), "n_frames", 1)
    stream.seek(0)
    for number, frame in enumerate(frames_of(stream), 1):
        yield None
        found = looked_at(frame, number if several > 1 else 0, text_finder(names=sampling.names))
        yield MediaWindow(place, MediaForm.PICTURE, found, 1, several if number == 1 else 0)
    if several > _FRAMES:
        yield Unread(place, UnreadReason.TOO_LARGE, f"frames after {_FRAMES}")
