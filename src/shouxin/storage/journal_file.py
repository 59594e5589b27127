"""The journal of destructions in a file: one line an entry, each vouching for itself and for those before it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import SubjectId
from shouxin.keys.journal import Destruction, Succession
from shouxin.storage.chained_lines import ChainedLines
from shouxin.storage.files import guarded

__all__ = ["JournalFile"]

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
    """The driver of ``keys.journal.Journal``. ``key`` gives the MAC key when it is first needed."""

    def __init__(self, path: Path, key: Callable[[], bytes]) -> None:
        self._lines = ChainedLines(path, "the journal of destructions", key)
        self._turn = path.with_name(f"{path.name}.turn")

    def append(self, entries: Sequence[Destruction]) -> None:
        """Add entries; durable on return."""
        self._lines.append(map(_written, entries))

    def entries(self) -> Iterator[Destruction]:
        """Yield all entries in order."""
        yield from map(_read, self._lines.read()[0])

    def count(self) -> int:
        """Return how many whole lines there are; not checked."""
        return self._lines.count()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold off everybody else who destroys keys; a process that is killed lets go."""
        with guarded("the journal of destructions"):
            handle = os.open(self._turn, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)
