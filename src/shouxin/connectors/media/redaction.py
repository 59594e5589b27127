"""Masking a picture, document or video and reading the rendition back; the life of the child of ``rendering``.

Laws. Two passes and a look: what is to be hidden is found, then every frame is painted, then the rendition is sampled
at other moments than before. What is still seen there joins the masks and all is painted again, ``ROUNDS`` times at
most.

A rendition of a video is MPEG-4 part 2 with 16-bit sound in Matroska, by encoders that the LGPL build carries; its
frames come at one rate, so that sound and picture of a source with a varying rate may drift apart.
"""

from __future__ import annotations

import os
import resource
import sys
import wave
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
import numpy as np

from shouxin.connectors.media.engines import RATE, ReadAhead, lines_in, speech_in
from shouxin.connectors.media.libav import remux, samples
from shouxin.connectors.media.masked_pages import masked_pages
from shouxin.connectors.media.masking import ROUNDS, mask, of_faces, paint, to_hide
from shouxin.connectors.media.picture import frames_of
from shouxin.connectors.media.video import READ_AT, grid_of, opened
from shouxin.connectors.readers.formats import HEAD, LOOKED_AT, format_of
from shouxin.detection.media.box import Box
from shouxin.detection.media.change import ChangeWatch
from shouxin.detection.media.rendition import RenditionFacts, RenditionReply
from shouxin.detection.media.speech import speech_segments
from shouxin.detection.media.track import HOLD, MaskTrack
from shouxin.detection.media.written import read_lines
from shouxin.errors import Invalid

__all__ = ["main", "masked_picture", "masked_sound", "masked_video"]

_MEMORY: Final = 4 << 30  # bytes of address space
_FACES: Final = 8.0  # samples a second
_READS: Final = 4.0  # the same, of which those that differ are read
_SOUND: Final = (48_000, 2)  # samples a second, channels


def masked_picture(stream: BinaryIO) -> tuple[bytes, RenditionFacts]:
    """Return a picture as PNG, without faces, text and whatever its file said beside the pixels.

    Raises:
        Invalid: broken, a bomb, of several frames (``several``), or something is still seen (``seen``).
    """
    frames = list(frames_of(stream))
    if len(frames) != 1:
        raise Invalid("frames", "several")
    faces, texts = mask(frames[0])
    _, coded = import_module("cv2").imencode(".png", frames[0])
    return bytes(coded), RenditionFacts(".png", faces, texts)


class _Masks:
    """What is to be hidden in one video, and the moments at which something was."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.faces, self.texts, self.more = MaskTrack(), MaskTrack(), MaskTrack()
        self.counted = [0, 0]
        self.frames = 0

    def find(self) -> None:
        """Look through the source."""
        watch, ahead = ChangeWatch(at_once=True), ReadAhead(READ_AT)

        def written(*, rest: bool = False) -> None:
            for moment, lines in ahead.lines(rest=rest):
                read = to_hide(lines, video.size)
                self.texts.see(moment, read)
                self.counted[1] += bool(read)

        with opened(self._path) as video:
            for_faces = max(1, round(video.fps / _FACES))
            for_reads = for_faces * max(1, round(_FACES / _READS))
            while video.skip():
                at = self.frames / video.fps
                number, self.frames = self.frames, self.frames + 1
                if number % for_faces or (frame := video.frame()) is None:
                    continue
                seen = of_faces(frame, video.size)
                self.faces.see(at, seen)
                self.counted[0] += bool(seen)
                if number % for_reads == 0 and watch.reads(grid_of(frame), at):
                    ahead.read(frame, at)
                    written()
            written(rest=True)
        ahead.close()

    def over(self, at: float) -> list[Box]:
        """What to paint at a moment."""
        return [*self.faces.over(at, HOLD), *self.texts.over(at), *self.more.over(at, HOLD)]

    def paint(self, target: Path) -> float:
        """Write the video with its masks; return its frames a second.

        Raises:
            Invalid: it cannot be written.
        """
        cv2 = import_module("cv2")
        with opened(self._path) as video:
            coder = cv2.VideoWriter(str(target), cv2.VideoWriter.fourcc(*"mp4v"), video.fps, video.size)
            if not coder.isOpened():
                raise Invalid("rendition", "broken")
            try:
                for number in range(self.frames):
                    if not video.skip():
                        break
                    frame = video.frame()
                    if frame is not None:
                        paint(frame, self.over(number / video.fps))
                        coder.write(frame)
            finally:
                coder.release()
            return video.fps

    def still_seen(self, target: Path) -> bool:
        """Look at the rendition, half a step after the moments of ``find``; what is seen joins the masks."""
        seen, found = list[tuple[float, list[Box]]](), False
        watch = ChangeWatch(at_once=True)
        with opened(str(target)) as video:
            step = max(1, round(video.fps / _FACES))
            for number in range(self.frames):
                if not video.skip():
                    break
                if (number + step // 2) % step or (frame := video.frame()) is None:
                    continue
                at = number / video.fps
                boxes = of_faces(frame, video.size)
                if watch.reads(grid_of(frame), at):
                    lines = lines_in(frame, READ_AT)
                    if any(one.score >= 0.5 for one in read_lines(lines)):
                        boxes += to_hide(lines, video.size)
                found = found or bool(boxes)
                seen.append((at, boxes))
        if found:
            earlier, self.more = self.more, MaskTrack()
            for at, boxes in seen:
                self.more.see(at, [*boxes, *earlier.over(at)])
        return found


def _quiet(chunks: Iterator[bytes], spoken: Sequence[tuple[float, float]], rate: int, channels: int) -> Iterator[bytes]:
    """Samples with silence where somebody speaks."""
    given, wide = 0, 2 * channels
    for chunk in chunks:
        data = bytearray(chunk)
        count = len(data) // wide
        for start, end in spoken:
            first, last = max(0, int(start * rate) - given), min(count, round(end * rate) - given)
            if first < last:
                data[first * wide : last * wide] = bytes((last - first) * wide)
        given += count
        yield bytes(data)


def _likely(path: str) -> list[float]:
    """How likely each window of a file's sound is speech; empty if it has none."""
    heard = np.frombuffer(b"".join(samples(path, RATE, 1)), dtype="<i2")
    return list(speech_in(heard))


def _write_quiet(source: str, wav: Path, spoken: Sequence[tuple[float, float]]) -> float:
    """Write the sound of a file without its speech; return its seconds, 0 if it has none."""
    with wave.open(str(wav), "wb") as file:
        file.setnchannels(_SOUND[1])
        file.setsampwidth(2)
        file.setframerate(_SOUND[0])
        for chunk in _quiet(samples(source, *_SOUND), spoken, *_SOUND):
            file.writeframesraw(chunk)
        return file.tell() / _SOUND[0]


def masked_sound(source: str, folder: Path) -> tuple[Path, RenditionFacts]:
    """Write a recording without its speech, as WAV, into ``folder``; see ``masked_video``."""
    spoken, target = speech_segments(_likely(source)), folder / "muted.wav"
    seconds = _write_quiet(source, target, spoken)
    if not seconds:
        raise Invalid("sound", "broken")
    if speech_segments(_likely(str(target))):
        raise Invalid("rendition", "seen")
    return target, RenditionFacts(".wav", 0, 0, round(sum(end - start for start, end in spoken), 2), round(seconds, 2))


def masked_video(source: str, folder: Path) -> tuple[Path, RenditionFacts]:
    """Write the rendition of a video into ``folder`` and return where it is.

    Raises:
        Invalid: broken, a bomb, or something is still seen or heard (``seen``).
    """
    masks = _Masks(source)
    masks.find()
    if not masks.frames:
        raise Invalid("video", "broken")
    silent = folder / "silent.mp4"
    fps = masks.paint(silent)
    rounds = 1
    while masks.still_seen(silent):
        if rounds == ROUNDS:
            raise Invalid("rendition", "seen")
        fps, rounds = masks.paint(silent), rounds + 1
    spoken, target, muted = speech_segments(_likely(source)), silent, 0.0
    wav = folder / "muted.wav"
    if _write_quiet(source, wav, spoken):
        target = folder / "rendition.mkv"
        remux(str(silent), str(wav), str(target))
        muted = round(sum(end - start for start, end in spoken), 2)
        if speech_segments(_likely(str(target))):
            raise Invalid("rendition", "seen")
    facts = RenditionFacts(target.suffix, masks.counted[0], masks.counted[1], muted, round(masks.frames / fps, 2))
    return target, facts


def main(source: int, target: int, folder: str) -> None:
    """Mask what the descriptor ``source`` holds, write it to ``target``, and say so on standard output."""
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    with os.fdopen(source, "rb") as stream, os.fdopen(target, "wb") as out:
        try:
            outcome = RenditionReply(_masked(stream, out, Path(folder)))
        except Invalid as error:
            outcome = RenditionReply(failed=error.place or "broken")
        except MemoryError:
            outcome = RenditionReply(failed="too-large")
        except Exception:
            outcome = RenditionReply(failed="broken")
    sys.stdout.buffer.write(msgspec.json.encode(outcome))


def _masked(stream: BinaryIO, out: BinaryIO, folder: Path) -> RenditionFacts:
    kind = LOOKED_AT.get(format_of(stream.read(HEAD)))
    stream.seek(0)
    if kind == "picture":
        data, facts = masked_picture(stream)
        out.write(data)
        return facts
    if kind == "pages":
        made, facts = masked_pages(stream, folder)
        _copy(made, out)
        return facts
    if kind != "video":
        raise Invalid("neither picture, document nor video", "format")
    path = f"/dev/fd/{stream.fileno()}"
    try:
        with opened(path):
            seen = True
    except Invalid as error:
        if error.place != "broken":
            raise
        seen = False  # a recording, or neither
    made, facts = masked_video(path, folder) if seen else masked_sound(path, folder)
    _copy(made, out)
    return facts


def _copy(made: Path, out: BinaryIO) -> None:
    with made.open("rb") as file:
        while part := file.read(1 << 20):
            out.write(part)
