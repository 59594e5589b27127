"""The notes of a scan as a file of lines, beside the report: what a killed scan goes on from.

Laws. A line is whole or ignored: a kill may leave the last one half written. Lines are synchronised at most once a
second, so a crash of the machine costs a second of work, a kill of the process none.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from shouxin.errors import StoreUnavailable

__all__ = ["NotesFile"]

_SYNC: Final = 1.0  # seconds


class NotesFile:
    """Lines that are appended; the file is made with the first."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None
        self._synced = 0.0

    def lines(self) -> Iterator[bytes]:
        """Yield every whole line of before; nothing if there is no file."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            for line in file:
                if line.endswith(b"\n") and line != b"\n":  # an empty one stands behind each opening
                    yield line[:-1]

    def append(self, line: bytes) -> None:
        """Append a line.

        Raises:
            StoreUnavailable: it cannot be written.
        """
        try:
            if self._handle is None:
                flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
                self._handle = os.open(self._path, flags, 0o600)
                if os.lseek(self._handle, 0, os.SEEK_END):
                    line = b"\n" + line  # the last line may be a half one
            view = memoryview(line + b"\n")
            while view:
                view = view[os.write(self._handle, view) :]
            if time.monotonic() - self._synced > _SYNC:
                os.fsync(self._handle)
                self._synced = time.monotonic()
        except OSError as error:
            raise StoreUnavailable(f"the notes of the scan cannot be written ({error.strerror})") from None

    def begin(self) -> None:
        """Forget what is there."""
        self.close()
        self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the file, which stays."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def remove(self) -> None:
        """Take the file away: the report is written."""
        self.begin()
