"""Text and logs: windows of UTF-8, whatever the source is written in; broken bytes are passed on as they are.

Laws. Each piece is judged by itself, so a log in two encodings is read in both: valid UTF-8 is taken, else GB 18030,
else the bytes themselves, in which numbers can still be found. A window ends at a line end where there is one. Memory
does not grow with the length of a line.

**Source:** GB 18030-2022 by Python's codec; UTF-16 and UTF-32 by mark or by where its zero bytes stand (``formats``).
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO, Final

from shouxin.connectors.readers.blob import CHUNK, chunks
from shouxin.connectors.readers.formats import HEAD, wide_codec
from shouxin.detection.survey.reading import TextWindow

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["as_utf_8", "text_windows", "utf_8"]

_BROKEN: Final = 0.02  # of all bytes beyond ASCII that may be wrong, for an encoding still to be the one
_NO_TEXT: Final = 0.25
_PIECE: Final = 1 << 12  # bytes: what is shorter is of one encoding
_WORST: Final = ("gb18030", "unknown", "utf-8")  # of two parts, what is told of both
_MARK: Final = "\ufffd"
_MARKS: Final = {
    "utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE),
    "utf-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
}


def _misread(data: bytes, codec: str) -> float:
    """The share of bytes beyond ASCII that do not decode."""
    beyond = len(data) - len(data.translate(None, bytes(range(0x80, 0x100)))) or 1
    return data.decode(codec, "replace").count(_MARK) / beyond


def utf_8(data: bytes) -> tuple[bytes, str]:
    """Return bytes as UTF-8, and what they were: ``utf-8``, ``gb18030`` or ``unknown`` (then as they are).

    Where the encoding changes within the bytes, each part is read in its own, and ``gb18030`` is told.
    """
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        middle = data.rfind(b"\n", 0, len(data) // 2) + 1
        if len(data) > _PIECE and middle:
            parts = [utf_8(data[:middle]), utf_8(data[middle:])]
            told = {encoding for _, encoding in parts}
            return b"".join(part for part, _ in parts), next(one for one in _WORST if one in told)
        ours, theirs = _misread(data, "utf-8"), _misread(data, "gb18030")
        if ours <= max(_BROKEN, theirs) and ours < _NO_TEXT:
            return data, "utf-8"
        if theirs <= _BROKEN:
            return data.decode("gb18030", "replace").encode(), "gb18030"
        return data, "unknown"
    return data, "utf-8"


class _Pieces(io.RawIOBase):
    """Pieces of bytes as a stream."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        room = memoryview(buffer).cast("B")
        self._ready = self._ready or memoryview(next(self._pieces, b""))
        part = self._ready[: len(room)]
        room[: len(part)] = part
        self._ready = self._ready[len(part) :]
        return len(part)


def _narrowed(pieces: Iterable[bytes], codec: str) -> Iterator[bytes]:
    """UTF-16 or UTF-32 as UTF-8, a piece at a time; what is broken in it is broken in UTF-8 too."""
    decoder = codecs.getincrementaldecoder(codec)("surrogatepass")
    for piece in pieces:
        if text := decoder.decode(piece):
            yield text.encode("utf-8", "surrogatepass")
    if decoder.getstate()[0]:
        yield b"\xff"  # half a character is no UTF-8 either


def as_utf_8(stream: BinaryIO) -> tuple[BinaryIO, str]:
    """Return what a stream holds, and nothing; of UTF-16 or UTF-32 the same as UTF-8 without its mark, and its codec.

    Memory does not grow with the stream. Lone surrogates, and half a character at the end, become bytes that are no
    UTF-8: the line that holds them does not read, and the others do.
    """
    head = stream.read(HEAD)
    codec = wide_codec(head)
    marks = _MARKS.get(codec[:6], ())
    mark = len(marks[0]) * head.startswith(marks) if marks else 0
    pieces = filter(None, chain([head[mark:]], chunks(stream, HEAD)))
    return io.BufferedReader(_Pieces(_narrowed(pieces, codec) if codec else pieces), HEAD), codec


def _end(data: bytes) -> int:
    """Where a piece of text may end: behind its last line, else behind its last whole character."""
    if line := data.rfind(b"\n") + 1:
        return line
    for back in range(1, 4):  # a character of UTF-8 that has begun and not ended
        if len(data) > back and data[-back] >= 0xC0:
            return len(data) - back
        if data[-back] < 0x80:
            return len(data)
    return len(data)


def _wide(data_of: Iterable[bytes], place: str, codec: str) -> Iterator[TextWindow]:
    decoder = codecs.getincrementaldecoder(codec)("replace")
    for data in data_of:
        yield TextWindow(place, decoder.decode(data).encode("utf-8", "replace"), codec, exact=False)
    if rest := decoder.decode(b"", final=True):
        yield TextWindow(place, rest.encode("utf-8", "replace"), codec, exact=False)


def text_windows(stream: BinaryIO, place: str, at: int = 0) -> Iterator[TextWindow]:
    """Yield the windows of a text from byte ``at``, which is 0 or was ``exact`` before.

    Reading again begins early enough for the windows to be cut where they were cut the first time.
    """
    offset = max(0, at // CHUNK - 1) * CHUNK
    if offset:
        stream.seek(offset)
    pending, exact, first = b"", True, offset == 0
    for data in chain(chunks(stream, CHUNK), [b""]):
        if first and (codec := wide_codec(data[:HEAD])):
            yield from _wide(chain([data], chunks(stream, CHUNK)), place, codec)
            return
        first = False
        pending += data
        end = _end(pending) if data else len(pending)
        window, pending = pending[:end], pending[end:]
        offset += end
        if offset <= at or not window:
            continue
        text, encoding = utf_8(window[max(0, len(window) - (offset - at)) :])
        exact = exact and encoding != "gb18030"
        yield TextWindow(place, text, encoding, exact)
