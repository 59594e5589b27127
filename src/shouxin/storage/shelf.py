"""The shelf: the last signed checkpoint in a file apart from the data store."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from shouxin.errors import Tampered
from shouxin.storage.files import guarded, write_whole

__all__ = ["FileShelf"]


def _size_of(note: str) -> int:
    lines = note.split("\n")
    if len(lines) < 3 or not lines[1].isdecimal():
        raise Tampered("the checkpoint kept apart does not read as one")
    return int(lines[1])


class FileShelf:
    """The driver of ``ledger.store.Shelf``; several processes take turns by a lock on the folder."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def put(self, note: str, size: int) -> None:
        """Keep ``note`` unless a larger one is there."""
        with guarded("the checkpoint shelf"):
            handle = os.open(self._path.parent, os.O_RDONLY)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                present = self.get()
                if present is None or _size_of(present) < size:
                    write_whole(self._path, note.encode())
            finally:
                os.close(handle)

    def get(self) -> str | None:
        """Return the last signed checkpoint."""
        with guarded("the checkpoint shelf"):
            if not self._path.exists():
                return None
            try:
                return self._path.read_text("utf-8")
            except UnicodeDecodeError:
                raise Tampered("the checkpoint kept apart does not read as one") from None
