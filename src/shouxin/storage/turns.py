"""Turns: which process writes next, where several work on one store.

SQLite lets one process write at a time. Whoever finds it taken tries again after pauses that grow to a tenth of a
second, so the one that has just written mostly writes again, and the others wait long for nothing. Here they look more
often, at a lock on a file that is held for as long as a commit takes.

That is politeness and no law: who does not get the turn soon goes on without it, and SQLite's own lock decides, with
its own patience. A process that is killed lets go of its turn.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from shouxin.storage.files import guarded

__all__ = ["Turns"]

_PAUSES_SECONDS: Final = (0.0002, 0.0008)  # the first, and the longest
_PATIENCE_SECONDS: Final = 2.0


class Turns:
    """The turns at one store. For one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    @contextmanager
    def taken(self) -> Iterator[bool]:
        """Have the turn inside; say whether it was got."""
        got = self._take()
        try:
            yield got
        finally:
            if got and self._handle is not None:
                fcntl.flock(self._handle, fcntl.LOCK_UN)

    def _take(self) -> bool:
        with guarded("the data folder"):
            if self._handle is None:
                self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            ends = time.monotonic() + _PATIENCE_SECONDS
            pause, longest = _PAUSES_SECONDS
            while True:
                try:
                    fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    if time.monotonic() > ends:
                        return False
                    time.sleep(pause)
                    pause = min(2 * pause, longest)
                else:
                    return True

    def close(self) -> None:
        """Let go of the file; may be repeated."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
