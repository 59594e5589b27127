"""Sound through FFmpeg's libraries, as the wheel of OpenCV carries them: built under the LGPL, without x264 and x265.

OpenCV reads no sound, and the wheel of PyAV carries GPL code, which this project does not use. The libraries are the
same for both; this module calls them by ``ctypes``. Only the first fields of their structures are touched, whose place
is part of their ABI; another major version is refused (``Invalid``), not guessed at.

**Source:** FFmpeg 8: avformat.h (AVFormatContext, AVStream), codec_par.h, packet.h, frame.h; ABI 60/62/62/6.

Called by: ``sound``, in a process apart only: a file that breaks a library breaks that process.
"""

from __future__ import annotations

import ctypes as c
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from shouxin.errors import Invalid

__all__ = ["Libraries", "libraries", "remux", "samples"]

_MAJORS: Final = {"avutil": 60, "avcodec": 62, "avformat": 62, "swresample": 6}
_AUDIO: Final = 1
_S16: Final = 1
_WRITE: Final = 2
_MOST: Final = 8 * 3600  # seconds of sound that are read
_GAP: Final = 0.1  # seconds by which a packet may be late before silence is put in


class _Ratio(c.Structure):
    _fields_ = (("num", c.c_int), ("den", c.c_int))


class _Layout(c.Structure):
    _fields_ = (("order", c.c_int), ("channels", c.c_int), ("mask", c.c_uint64), ("opaque", c.c_void_p))


class _Container(c.Structure):
    """The head of AVFormatContext."""

    _fields_ = (
        *((name, c.c_void_p) for name in ("cls", "iformat", "oformat", "priv", "pb")),
        ("flags", c.c_int),
        ("count", c.c_uint),
        ("streams", c.POINTER(c.c_void_p)),
    )


class _Stream(c.Structure):
    """The head of AVStream."""

    _fields_ = (
        ("cls", c.c_void_p),
        ("index", c.c_int),
        ("id", c.c_int),
        ("codec", c.c_void_p),
        ("priv", c.c_void_p),
        ("base", _Ratio),
    )


class _Codec(c.Structure):
    """The head of AVCodecParameters."""

    _fields_ = (("type", c.c_int), ("id", c.c_int), ("tag", c.c_uint32))


class _Packet(c.Structure):
    """The head of AVPacket."""

    _fields_ = (
        ("buffer", c.c_void_p),
        ("pts", c.c_int64),
        ("dts", c.c_int64),
        ("data", c.c_void_p),
        ("size", c.c_int),
        ("stream", c.c_int),
    )


class _Heard(c.Structure):
    """The head of AVFrame."""

    _fields_ = (
        ("data", c.c_void_p * 8),
        ("linesize", c.c_int * 8),
        ("extended", c.c_void_p),
        ("width", c.c_int),
        ("height", c.c_int),
        ("count", c.c_int),
        ("format", c.c_int),
        ("picture", c.c_int),
        ("aspect", _Ratio),
        ("pts", c.c_int64),
    )


class Libraries:
    """The four libraries, loaded once; every function is called through ``call``."""

    def __init__(self, folder: Path) -> None:
        self._loaded: dict[str, c.CDLL] = {}
        for name, major in _MAJORS.items():
            found = sorted(folder.glob(f"lib{name}-*.so.{major}*")) + sorted(folder.glob(f"lib{name}.{major}*.dylib"))
            if not found:
                raise Invalid("sound", "no-reader")
            self._loaded[name] = c.CDLL(str(found[0]))
            if int(self._loaded[name][f"{name}_version"]()) >> 16 != major:
                raise Invalid("sound", "no-reader")
        self._loaded["avutil"].av_log_set_level(-8)

    def pointer(self, library: str, function: str, *arguments: Any) -> int:  # noqa: ANN401 - whatever C takes
        """Call a function that returns a pointer; 0 for none."""
        called = self._loaded[library][function]
        called.restype = c.c_void_p
        return called(*arguments) or 0

    def call(self, library: str, function: str, *arguments: Any) -> int:  # noqa: ANN401 - whatever C takes
        """Call a function that returns an int."""
        called = self._loaded[library][function]
        called.restype = c.c_int
        return int(called(*arguments))


@cache
def libraries() -> Libraries:
    """Return the libraries of the installed OpenCV.

    Raises:
        Invalid: it carries none, or of another major version.
    """
    found = find_spec("cv2")
    if found is None or found.origin is None:
        raise Invalid("sound", "no-reader")
    package = Path(found.origin).parent
    folders = [*package.parent.glob("opencv_*.libs"), package / ".dylibs"]
    for folder in folders:
        if folder.is_dir():
            return Libraries(folder)
    raise Invalid("sound", "no-reader")


def _opened(av: Libraries, path: str, kind: str = "") -> c.c_void_p:
    """Open a container.

    Raises:
        Invalid: it is none.
    """
    held = c.c_void_p()
    demuxer = c.c_void_p(av.pointer("avformat", "av_find_input_format", kind.encode())) if kind else None
    if av.call("avformat", "avformat_open_input", c.byref(held), path.encode(), demuxer, None) < 0:
        raise Invalid("no container", "broken")
    if av.call("avformat", "avformat_find_stream_info", held, None) < 0:
        av.call("avformat", "avformat_close_input", c.byref(held))
        raise Invalid("no streams", "broken")
    return held


def _stream(held: c.c_void_p, at: int) -> _Stream:
    container = c.cast(held, c.POINTER(_Container)).contents
    return c.cast(container.streams[at], c.POINTER(_Stream)).contents


def samples(path: str, rate: int, channels: int) -> Iterator[bytes]:
    """Yield the first sound of a file as 16-bit samples, from the moment at which its video begins; nothing if none.

    Gaps between packets become silence, so that a place in the bytes is a moment. At most eight hours.

    Raises:
        Invalid: the file is broken, or the libraries are not there (``no-reader``).
    """
    av = libraries()
    held = _opened(av, path)
    context, packet, heard, resample = c.c_void_p(), c.c_void_p(), c.c_void_p(), c.c_void_p()
    try:
        decoder = c.c_void_p()
        best = av.call("avformat", "av_find_best_stream", held, _AUDIO, -1, -1, c.byref(decoder), 0)
        if best < 0 or decoder.value is None:
            return
        stream = _stream(held, best)
        context.value = av.pointer("avcodec", "avcodec_alloc_context3", decoder)
        av.call("avcodec", "avcodec_parameters_to_context", context, c.c_void_p(stream.codec))
        if av.call("avcodec", "avcodec_open2", context, decoder, None) < 0:
            raise Invalid("sound", "broken")
        packet.value = av.pointer("avcodec", "av_packet_alloc")
        heard.value = av.pointer("avutil", "av_frame_alloc")
        head = c.cast(packet, c.POINTER(_Packet)).contents
        tick = stream.base.num / max(1, stream.base.den)
        turn = _Resampler(av, context, resample, rate, channels)
        reading = True
        while reading and turn.given < _MOST * rate:
            reading = av.call("avformat", "av_read_frame", held, packet) >= 0
            if reading and head.stream != best:
                av.call("avcodec", "av_packet_unref", packet)
                continue
            av.call("avcodec", "avcodec_send_packet", context, packet if reading else None)
            if reading:
                av.call("avcodec", "av_packet_unref", packet)
            while av.call("avcodec", "avcodec_receive_frame", context, heard) >= 0:
                yield from turn.samples(c.cast(heard, c.POINTER(_Heard)).contents, tick)
                av.call("avutil", "av_frame_unref", heard)
    finally:
        av.pointer("swresample", "swr_free", c.byref(resample))
        av.pointer("avutil", "av_frame_free", c.byref(heard))
        av.pointer("avcodec", "av_packet_free", c.byref(packet))
        av.pointer("avcodec", "avcodec_free_context", c.byref(context))
        av.pointer("avformat", "avformat_close_input", c.byref(held))


class _Resampler:
    """Brings decoded frames to one rate and number of channels."""

    def __init__(self, av: Libraries, context: c.c_void_p, made: c.c_void_p, rate: int, channels: int) -> None:
        self._av, self._context, self._made = av, context, made
        self._rate, self._channels, self._from = rate, channels, 0
        self.given = 0

    def _make(self, form: int) -> None:
        av, wanted, found, rate = self._av, _Layout(), _Layout(), c.c_int64()
        av.pointer("avutil", "av_channel_layout_default", c.byref(wanted), self._channels)
        av.call("avutil", "av_opt_get_chlayout", self._context, b"ch_layout", 0, c.byref(found))
        if found.order == 0:  # channels without places
            av.pointer("avutil", "av_channel_layout_default", c.byref(found), max(1, found.channels))
        av.call("avutil", "av_opt_get_int", self._context, b"ar", 0, c.byref(rate))
        self._from = rate.value
        done = av.call(
            "swresample",
            "swr_alloc_set_opts2",
            c.byref(self._made),
            c.byref(wanted),
            _S16,
            self._rate,
            c.byref(found),
            form,
            self._from,
            0,
            None,
        )
        if done < 0 or self._from <= 0 or av.call("swresample", "swr_init", self._made) < 0:
            raise Invalid("sound", "broken")

    def samples(self, heard: _Heard, tick: float) -> Iterator[bytes]:
        """Yield the samples of one frame, after silence up to its moment if there is any."""
        if self._made.value is None:
            self._make(heard.format)
        wide = 2 * self._channels
        late = heard.pts * tick - self.given / self._rate if heard.pts > -(1 << 62) else 0.0
        if late > _GAP:
            missing = min(round(late * self._rate), _MOST * self._rate - self.given)
            self.given += missing
            while missing > 0:
                some = min(missing, self._rate)
                yield bytes(some * wide)
                missing -= some
        room = heard.count * self._rate // self._from + 256
        target = c.create_string_buffer(room * wide)
        outputs = (c.c_void_p * 1)(c.addressof(target))
        count = self._av.call(
            "swresample", "swr_convert", self._made, outputs, room, c.c_void_p(heard.extended), heard.count
        )
        if count < 0:
            raise Invalid("sound", "broken")
        self.given += count
        yield target.raw[: count * wide]


def remux(video: str, sound: str, target: str) -> None:
    """Write the video of one file and the sound of a WAV file to a new Matroska file, as they are.

    Raises:
        Invalid: one of them cannot be read, or the target not be written.
    """
    av = libraries()
    sources = [_opened(av, video), _opened(av, sound, "wav")]
    made, packet = c.c_void_p(), c.c_void_p(av.pointer("avcodec", "av_packet_alloc"))
    try:
        kind = av.call("avformat", "avformat_alloc_output_context2", c.byref(made), None, b"matroska", target.encode())
        if kind < 0:
            raise Invalid("rendition", "broken")
        for source in sources:
            stream = c.c_void_p(av.pointer("avformat", "avformat_new_stream", made, None))
            into, out = _stream(source, 0), c.cast(stream, c.POINTER(_Stream)).contents
            av.call("avcodec", "avcodec_parameters_copy", c.c_void_p(out.codec), c.c_void_p(into.codec))
            c.cast(out.codec, c.POINTER(_Codec)).contents.tag = 0
            out.base = into.base
        container = c.cast(made, c.POINTER(_Container)).contents
        address = c.c_void_p(c.addressof(container) + _Container.pb.offset)
        if av.call("avformat", "avio_open", address, target.encode(), _WRITE) < 0:
            raise Invalid("rendition", "denied")
        if av.call("avformat", "avformat_write_header", made, None) < 0:
            raise Invalid("rendition", "broken")
        _interleave(av, sources, made, packet)
        if av.call("avformat", "av_write_trailer", made) < 0:
            raise Invalid("rendition", "broken")
        av.call("avformat", "avio_closep", address)
    finally:
        av.pointer("avcodec", "av_packet_free", c.byref(packet))
        for source in sources:
            av.pointer("avformat", "avformat_close_input", c.byref(source))
        av.pointer("avformat", "avformat_free_context", made)


def _interleave(av: Libraries, sources: list[c.c_void_p], made: c.c_void_p, packet: c.c_void_p) -> None:
    """Copy the packets of both, whichever is behind first."""
    head = c.cast(packet, c.POINTER(_Packet)).contents
    done = [0.0 for _ in sources]
    open_ = set(range(len(sources)))
    while open_:
        at = min(open_, key=lambda one: done[one])
        if av.call("avformat", "av_read_frame", sources[at], packet) < 0:
            open_.remove(at)
            continue
        into, out = _stream(sources[at], 0), _stream(made, at)
        if head.dts > -(1 << 62):
            done[at] = max(done[at], head.dts * into.base.num / max(1, into.base.den))
        head.stream = at
        av.pointer("avcodec", "av_packet_rescale_ts", packet, into.base, out.base)
        if av.call("avformat", "av_interleaved_write_frame", made, packet) < 0:
            raise Invalid("rendition", "broken")
