"""Video and sound: frames sampled by change, faces, what is shown on the screen, and when somebody speaks.

Laws. Faces are looked for ``PER_SECOND`` times a second; text only in frames that differ (``detection.media.change``),
because reading takes a hundred times as long. A video is looked at until its end, its limit of seconds, or the time
that a scan has for it; how far is told. A file that decodes to fewer frames than it declares is broken, and says so.

Called by: ``readers.apart`` (``video_pieces``) and ``rendering``.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

from shouxin.connectors.media.engines import RATE, Frame, ReadAhead, faces_in, speech_in
from shouxin.connectors.media.libav import samples
from shouxin.detection.media.box import Box
from shouxin.detection.media.change import GRID, ChangeWatch
from shouxin.detection.media.media_finding import MediaFinding, MediaForm, MediaKind
from shouxin.detection.media.speech import speech_segments
from shouxin.detection.media.track import Tracks
from shouxin.detection.media.written import read_lines
from shouxin.detection.survey.reading import MediaWindow, Piece, Sampling, Unread, UnreadReason
from shouxin.errors import Invalid

__all__ = ["READ_AT", "OpenVideo", "grid_of", "opened", "path_of", "video_pieces"]

PER_SECOND: Final = 4.0  # samples
READ_AT: Final = 960  # pixels of the longer side at which frames are read
_PIXELS: Final = 8192 * 4352  # of a frame: 8K
_HOURS: Final = 4 * 3600.0  # seconds of video that are looked at
_SECONDS: Final = 3600.0  # that looking may take
_ALIVE: Final = 64  # samples between two signs of life


@contextmanager
def path_of(stream: BinaryIO) -> Iterator[str]:
    """Give a stream a path, for libraries that open files themselves: its own, or that of a copy without a name."""
    try:
        number = stream.fileno()
    except OSError:
        folder = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - memory, not a disk
        with tempfile.TemporaryFile(dir=folder) as held:
            shutil.copyfileobj(stream, held, 1 << 20)
            held.flush()
            held.seek(0)
            yield f"/dev/fd/{held.fileno()}"
    else:
        yield f"/dev/fd/{number}"


class OpenVideo:
    """A video that decodes, frame after frame. ``count`` is what it declares, 0 if nothing believable."""

    def __init__(self, path: str) -> None:
        self._cv2: Any = import_module("cv2")
        self._capture = self._cv2.VideoCapture(path, self._cv2.CAP_FFMPEG)
        if not self._capture.isOpened():
            raise Invalid("video", UnreadReason.BROKEN.value)
        self.fps = float(self._capture.get(self._cv2.CAP_PROP_FPS))
        self.size = (
            int(self._capture.get(self._cv2.CAP_PROP_FRAME_WIDTH)),
            int(self._capture.get(self._cv2.CAP_PROP_FRAME_HEIGHT)),
        )
        self.count = max(0, round(self._capture.get(self._cv2.CAP_PROP_FRAME_COUNT)))
        if not 0 < self.size[0] * self.size[1] <= _PIXELS:
            raise Invalid("pixels", UnreadReason.BOMB.value)
        if not 0.1 <= self.fps <= 1000:
            self.fps = 25.0  # of a file that does not say; places in time are then its own frames

    def skip(self) -> bool:
        """Go past the next frame; say whether there was one."""
        return bool(self._capture.grab())

    def frame(self) -> Frame | None:
        """Return the frame that ``skip`` went past."""
        good, frame = self._capture.retrieve()
        return np.asarray(frame, dtype=np.uint8) if good and frame is not None else None

    def close(self) -> None:
        """Let go of it."""
        self._capture.release()


@contextmanager
def opened(path: str) -> Iterator[OpenVideo]:
    """Open a video.

    Raises:
        Invalid: it is none, or its frames are larger than any camera's.
    """
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    video = OpenVideo(path)
    try:
        yield video
    finally:
        video.close()


def grid_of(frame: Frame) -> bytes:
    """Return a frame as the small grey picture by which change is seen."""
    cv2 = import_module("cv2")
    small = cv2.resize(frame, GRID, interpolation=cv2.INTER_AREA)
    return bytes(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY))


def _on_grid(found: list[MediaFinding], size: tuple[int, int]) -> list[Box]:
    """Return the boxes of findings, a little larger, in the pixels of the small picture."""
    across, down = GRID[0] / size[0], GRID[1] / size[1]
    boxes = [one.box.grown(0.2, size) for one in found if one.box]
    return [
        Box(int(b.left * across), int(b.top * down), -int(-b.right * across), -int(-b.bottom * down)) for b in boxes
    ]


def _seen(video: OpenVideo, place: str) -> Iterator[Piece | None]:
    """Yield what is seen, at the end, and how far it was looked at."""
    faces, texts, watch, ahead = Tracks(), Tracks(hold=0), ChangeWatch(), ReadAhead(READ_AT)

    def written(*, rest: bool = False) -> None:
        for moment, lines in ahead.lines(rest=rest):
            texts.last(moment)
            texts.see(read_lines(lines, at=moment), moment)

    step = max(1, round(video.fps / PER_SECOND))
    number, at, sampled, ends = 0, 0.0, 0, time.monotonic() + _SECONDS
    while at < _HOURS and time.monotonic() < ends and video.skip():
        at = number / video.fps
        number += 1
        if (number - 1) % step:
            continue
        frame = video.frame()
        if frame is None:
            continue
        sampled += 1
        found = faces_in(frame)
        faces.see(found, at)
        if watch.reads(grid_of(frame), at, _on_grid(found, video.size)):
            ahead.read(frame, at)
            written()
            yield None
        elif sampled % _ALIVE == 0:
            yield None
    written(rest=True)
    ahead.close()
    looked = number / video.fps
    texts.last(at)
    declared = max(video.count / video.fps, looked)
    yield MediaWindow(place, MediaForm.VIDEO, [*faces.ended(), *texts.ended()], round(looked, 2), round(declared, 2))
    if number == 0:
        yield Unread(place, UnreadReason.BROKEN, "video without frames")
    elif looked < declared - 1:
        late = at >= _HOURS or time.monotonic() >= ends
        yield Unread(place, UnreadReason.TOO_SLOW if late else UnreadReason.BROKEN, "video after what was looked at")


def _heard(path: str, place: str, form: MediaForm) -> Iterator[Piece | None]:
    """Yield when somebody speaks."""
    held = bytearray()
    for some in samples(path, RATE, 1):
        held += some
    yield None
    if form is MediaForm.SOUND and not held:
        raise Invalid("neither video nor sound", UnreadReason.BROKEN.value)
    heard = np.frombuffer(bytes(held), dtype="<i2")
    likely = []
    for number, share in enumerate(speech_in(heard)):
        likely.append(share)
        if number % 20_000 == 0:
            yield None
    spoken = [
        MediaFinding(MediaKind.SPEECH.value, round(max(likely), 2), None, 0, start, end, ("model",))
        for start, end in speech_segments(likely)
    ]
    seconds = round(len(heard) / RATE, 2) if form is MediaForm.SOUND else 0
    yield MediaWindow(place, form, spoken, seconds, seconds)


def video_pieces(stream: BinaryIO, place: str, _sampling: Sampling) -> Iterator[Piece | None]:
    """Yield what is seen and heard in a video or recording; ``None`` now and then, to say that it goes on.

    Raises:
        Invalid: neither can be read.
    """
    with path_of(stream) as path:
        form = MediaForm.VIDEO
        try:
            with opened(path) as video:
                yield from _seen(video, place)
        except Invalid as error:
            if error.place != UnreadReason.BROKEN.value:
                raise
            form = MediaForm.SOUND  # a recording has no video; what is neither fails below
        try:
            yield from _heard(path, place, form)
        except Invalid as error:
            if form is MediaForm.SOUND:
                raise
            missing = error.place == UnreadReason.NO_READER.value
            yield Unread(place, UnreadReason.NO_READER if missing else UnreadReason.BROKEN, "sound of the video")
