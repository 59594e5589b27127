"""The journal of destructions in a file: one line an entry, each with a MAC over itself and the MAC before it."""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import SubjectId
from shouxin.errors import Tampered
from shouxin.keys.journal import Destruction, Succession
from shouxin.storage.files import guarded, sync_folder

__all__ = ["JournalFile"]

START: Final = bytes(32)
_FEWEST: Final = 3
_LISTS: Final = 3


def _written(entry: Destruction) -> bytes:
    """Return a line without its MAC: person, generation, what was destroyed, who is barred, what went on where."""
    listed = ",".join(identifier.hex() for identifier in entry.destroyed)
    barred = ",".join(f"{tag.hex()}:{until}" for tag, until in entry.barred)
    went_on = ",".join(f"{one.cell.hex()}:{one.successor.hex()}:{'+'.join(one.items)}" for one in entry.went_on)
    words = [entry.subject.hex(), str(entry.generation), listed, barred, went_on]
    while len(words) > _FEWEST and not words[-1]:  # a line is as long as it has something to say
        words.pop()
    return " ".join(word or "-" for word in words).encode()


def _read(body: bytes) -> Destruction:
    subject, generation, *lists = body.decode().split(" ")
    listed, barred, went_on = (
        [one.split(":") for one in words.split(",")] if words != "-" else []
        for words in (*lists, *["-"] * (_LISTS - len(lists)))
    )
    return Destruction(
        SubjectId(bytes.fromhex(subject)),
        int(generation),
        tuple(bytes.fromhex(one) for (one,) in listed),
        tuple((bytes.fromhex(tag), Instant(int(until))) for tag, until in barred),
        tuple(
            Succession(bytes.fromhex(cell), bytes.fromhex(successor), tuple(items.split("+")))
            for cell, successor, items in went_on
        ),
    )


class JournalFile:
    """The driver of ``keys.journal.Journal``. ``key`` gives the MAC key when it is first needed.

    A line that a crash cut short at the very end was never promised: it is dropped by the next append.
    """

    def __init__(self, path: Path, key: Callable[[], bytes]) -> None:
        self._path = path
        self._key = key

    def _mac(self, before: bytes, body: bytes) -> bytes:
        return hmac.new(self._key(), before + body, hashlib.sha256).digest()

    def _lines(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield (body, MAC) of each whole line, checked."""
        before = START
        content = self._path.read_bytes() if self._path.exists() else b""
        for number, line in enumerate(content.split(b"\n")[:-1], 1):
            body, _, written = line.rpartition(b" ")
            expected = self._mac(before, body)
            if not hmac.compare_digest(written, expected.hex().encode()):
                raise Tampered(f"line {number} of the journal of destructions is not what was written")
            before = expected
            yield body, expected

    def append(self, entries: Sequence[Destruction]) -> None:
        """Add entries; durable on return."""
        with guarded("the journal of destructions"):
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                whole = os.pread(handle, os.fstat(handle).st_size, 0).rpartition(b"\n")[0]
                end = len(whole) + 1 if whole else 0
                before = self._last_of(whole) if whole else START
                lines = bytearray()
                for entry in entries:
                    body = _written(entry)
                    before = self._mac(before, body)
                    lines += body + b" " + before.hex().encode() + b"\n"
                os.ftruncate(handle, end)
                os.pwrite(handle, lines, end)
                os.fsync(handle)
            finally:
                os.close(handle)
            if not end:
                sync_folder(self._path.parent)

    @staticmethod
    def _last_of(whole: bytes) -> bytes:
        """Return the MAC of the last line. Raises ``Tampered`` when it has none."""
        written = whole.rpartition(b"\n")[2].rpartition(b" ")[2]
        try:
            mac = bytes.fromhex(written.decode())
        except ValueError:
            mac = b""
        if len(mac) != len(START):
            raise Tampered("the journal of destructions does not end as it was written")
        return mac

    def entries(self) -> Iterator[Destruction]:
        """Yield all entries in order."""
        with guarded("the journal of destructions"):
            for body, _ in self._lines():
                yield _read(body)

    def count(self) -> int:
        """Return how many whole lines there are; not checked."""
        with guarded("the journal of destructions"):
            return self._path.read_bytes().count(b"\n") if self._path.exists() else 0
