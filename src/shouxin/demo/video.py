"""A small real video of an interview that never took place, and the check that a video is whole.

Laws: the encoder is one that the opencv-python-headless wheel ships and writes under a permissive or LGPL licence (no
x264); every frame says that it is fabricated; what was written is decoded again before anything is said about it. This
module needs the extra ``demo``; callers import it when they need it, so that the rest runs without OpenCV.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from shouxin.errors import Invalid, Misconfigured

__all__ = ["CAPTION", "PORTRAIT", "VideoFacts", "make_interview", "read_facts"]

PORTRAIT: Final = Path(__file__).parent / "data" / "grace_hopper.jpg"
_FPS: Final = 25
CAPTION: Final = "SHOUXIN DEMO - FABRICATED INTERVIEW"  # Latin: the built-in font of OpenCV 4 has no Chinese
_BAR: Final = 0.1  # of the height
_ZOOM: Final = 0.25  # how much nearer the last frame is than the first

# Seen with OpenCV 5.0.0: mp4v is MPEG-4 part 2 by FFmpeg's own LGPL encoder (0.2 s for 4 s of 640x360; browsers do not
# play it); VP80 is VP8 by libvpx, BSD (slower; browsers play it). VP9 took 16 s; avc1 has no encoder in the wheel.
_CODECS: Final = {".mp4": "mp4v", ".webm": "VP80"}

_Frame = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What decoding a video from end to end showed; ``seconds`` is frames over frames a second."""

    frames: int
    fps: float
    width: int
    height: int
    seconds: float


def make_interview(portrait: Path, target: Path, seconds: float = 4, size: tuple[int, int] = (640, 360)) -> VideoFacts:
    """Write ``target`` (``.mp4`` or ``.webm``): ``portrait`` under a slow pan and zoom, with a caption and a clock.

    ``size`` is width and height in pixels, both even. Replaces what was at ``target``; returns what reading it back
    showed, which is as many frames as were written.

    Raises:
        Invalid: portrait unreadable, suffix unknown, size odd or below 160x90, less than one frame.
        Misconfigured: this build of OpenCV has no such encoder, or the file could not be written whole.
    """
    count = round(seconds * _FPS)
    if target.suffix not in _CODECS:
        raise Invalid(f"expected a name that ends in {' or '.join(_CODECS)}", "target")
    if count < 1 or size[0] < 160 or size[1] < 90 or size[0] % 2 or size[1] % 2:
        raise Invalid("expected at least one frame and an even size from 160x90", "seconds, size")
    picture = cv2.imread(str(portrait), cv2.IMREAD_COLOR)
    if picture is None:
        raise Invalid("the portrait is no picture that can be read", "portrait")
    still = np.asarray(picture, dtype=np.uint8)
    writer = cv2.VideoWriter(str(target), cv2.VideoWriter.fourcc(*_CODECS[target.suffix]), _FPS, size)
    try:
        if not writer.isOpened():
            raise Misconfigured(f"OpenCV cannot write {_CODECS[target.suffix]} in {target.suffix}")
        for number in range(count):
            writer.write(_frame(still, size, number, count))
    finally:
        writer.release()
    facts = read_facts(target)
    if (facts.frames, facts.width, facts.height) != (count, *size):  # the writer itself reports no error
        raise Misconfigured(f"{facts.frames} of {count} frames were written")
    return facts


def _frame(still: _Frame, size: tuple[int, int], number: int, count: int) -> _Frame:
    """Return frame ``number`` of ``count``: the window moves down the picture and closes in on it."""
    width, height = size
    rows, cols = still.shape[:2]
    progress = number / count
    scale = max(width / cols, height / rows) * (1 + _ZOOM * progress)
    left = (cols * scale - width) / 2
    top = (rows * scale - height) * (0.15 + 0.15 * progress)  # a portrait has its face in the upper half
    window = np.array([[scale, 0.0, -left], [0.0, scale, -top]])
    frame = cv2.warpAffine(still, window, size, flags=cv2.INTER_LINEAR)
    bar = round(height * _BAR)
    frame[height - bar :] = frame[height - bar :] // 4
    text = f"{CAPTION}  {number // _FPS // 60:02}:{number // _FPS % 60:02}"
    scale_of_text = 0.6 * width / 640
    place = (round(0.02 * width), height - round(bar * 0.32))
    cv2.putText(frame, text, place, cv2.FONT_HERSHEY_SIMPLEX, scale_of_text, (255, 255, 255), 1, cv2.LINE_AA)
    return np.asarray(frame, dtype=np.uint8)


def read_facts(path: Path) -> VideoFacts:
    """Decode every frame of ``path`` and return what was found.

    Not seen here: a few damaged bytes within a frame, over which decoders conceal. Whoever must know that compares a
    digest.

    Raises:
        Invalid: missing, no video, or one that ends before the number of frames that it declares.
    """
    capture = cv2.VideoCapture(str(path))
    try:
        if not capture.isOpened():
            raise Invalid("not a video, or one that was cut off before its index", "video")
        fps = float(capture.get(cv2.CAP_PROP_FPS))
        declared = round(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        size = int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
        frames = 0
        while capture.read()[0]:
            frames += 1
    finally:
        capture.release()
    if frames < max(declared, 1) or fps <= 0:
        raise Invalid(f"{declared} frames are declared and {frames} are there", "video")
    return VideoFacts(frames, fps, size[0], size[1], frames / fps)
