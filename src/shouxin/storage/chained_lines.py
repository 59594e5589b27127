"""An append-only file of lines, each with a MAC over itself and the MAC before it.

A line that a crash cut short at the very end was never promised: readers leave it out, the next append drops it.
"""

from __future__ import annotations

import errno
import fcntl
import hmac
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shouxin.errors import Tampered
from shouxin.storage.files import guarded, sync_folder

__all__ = ["START", "ChainedLines", "Place"]

_MAC: Final = 32
_BLOCK: Final = 64 * 1024
_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Place:
    """How far a file was read: whole lines up to byte ``offset``, how many they were, and the MAC of the last."""

    offset: int
    number: int
    mac: bytes


START: Final = Place(0, 0, bytes(_MAC))


class ChainedLines:
    """See the module. ``name`` is what errors call the file; ``key`` gives the MAC key when it is first needed."""

    def __init__(self, path: Path, name: str, key: Callable[[], bytes]) -> None:
        self._path = path
        self._name = name
        self._key = key
        self._counted = (0, 0)  # so many bytes of whole lines, and how many lines they are

    def _mac(self, before: bytes, body: bytes) -> bytes:
        return hmac.digest(self._key(), before + body, "sha256")

    def size(self) -> int:
        """Return how many bytes the file has, which is not less than where reading ends; -1 when there is none."""
        with guarded(self._name):
            try:
                return self._path.stat().st_size
            except FileNotFoundError:
                return -1

    def read(self, after: Place = START) -> tuple[list[bytes], Place]:
        """Return the whole lines behind ``after``, without their MACs, and where they end; see ``pieces``."""
        bodies: list[bytes] = []
        for more, place in self.pieces(after):
            bodies += more
            after = place
        return bodies, after

    def pieces(self, after: Place = START) -> Iterator[tuple[list[bytes], Place]]:
        """Yield the whole lines behind ``after``, without their MACs, a piece of the file at a time with where it ends.

        Raises:
            Tampered: a line is not what was written behind the one before it. StoreUnavailable: it cannot be read.
        """
        rest = b""
        with guarded(self._name):
            if not self._path.exists():
                return
            with self._path.open("rb") as file:
                file.seek(after.offset)
                while piece := file.read(_PIECE):
                    lines = (rest + piece).split(b"\n")
                    rest = lines.pop()
                    if lines:
                        bodies, after = self._checked(lines, after)
                        yield bodies, after

    def _checked(self, lines: Iterable[bytes], after: Place) -> tuple[list[bytes], Place]:
        """Return whole lines without their MACs, and where they end."""
        bodies: list[bytes] = []
        key, mac, offset = self._key(), after.mac, after.offset
        for line in lines:
            body, _, written = line.rpartition(b" ")
            mac = hmac.digest(key, mac + body, "sha256")
            if not hmac.compare_digest(written, mac.hex().encode()):
                raise Tampered(f"line {after.number + len(bodies) + 1} of {self._name} is not what was written")
            bodies.append(body)
            offset += len(line) + 1
        return bodies, Place(offset, after.number + len(bodies), mac)

    def append(self, bodies: Iterable[bytes]) -> None:
        """Add lines; durable on return.

        Raises:
            Tampered: the file does not end as it was written. StoreUnavailable: it cannot be written.
        """
        with guarded(self._name):
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                end, before = self._end_of(handle)
                lines = bytearray()
                for body in bodies:
                    before = self._mac(before, body)
                    lines += body + b" " + before.hex().encode() + b"\n"
                os.ftruncate(handle, end)
                if os.pwrite(handle, lines, end) != len(lines):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(handle)
            finally:
                os.close(handle)
            if not end:
                sync_folder(self._path.parent)

    def _end_of(self, handle: int) -> tuple[int, bytes]:
        """Return where the last whole line ends, and its MAC; read from the end, because the file may be long."""
        start, tail, last = os.fstat(handle).st_size, b"", b""
        while start and b" " not in last:
            length = min(start, max(_BLOCK, len(tail)))
            start -= length
            tail = os.pread(handle, length, start) + tail
            last = tail.rpartition(b"\n")[0].rpartition(b"\n")[2]
        if b"\n" not in tail:
            return 0, START.mac
        try:
            mac = bytes.fromhex(last.rpartition(b" ")[2].decode())
        except ValueError:
            mac = b""
        if len(mac) != _MAC:
            raise Tampered(f"{self._name} does not end as it was written")
        return start + tail.rfind(b"\n") + 1, mac

    def count(self) -> int:
        """Return how many whole lines there are; not checked. What was counted before is not read again."""
        offset, number = self._counted if self._counted[0] <= self.size() else (0, 0)
        with guarded(self._name):
            if not self._path.exists():
                return 0
            with self._path.open("rb") as file:
                file.seek(offset)
                content = file.read()
        self._counted = offset + content.rfind(b"\n") + 1, number + content.count(b"\n")
        return self._counted[1]
