"""The shelf: the last signed checkpoint in a file apart from the data store.

The file has two slots that are written in turn, in place: putting a checkpoint away costs one flush, and a write that
a crash tears leaves the other slot as it was. A slot is a note and a digest of it; of two whole slots the larger
checkpoint counts.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from pathlib import Path
from typing import Final

from shouxin.errors import StoreUnavailable, Tampered
from shouxin.storage.files import guarded, sync_folder

__all__ = ["FileShelf"]

SLOT: Final = 4096
_DIGEST: Final = 64


def _size_of(note: str) -> int:
    return int(note.split("\n")[1])


def _encode(note: str) -> bytes:
    body = note.encode()
    slot = hashlib.sha256(body).hexdigest().encode() + body
    if len(slot) > SLOT:
        raise StoreUnavailable("the checkpoint is larger than its place on the shelf")
    return slot.ljust(SLOT, b"\0")


def _decode(slot: bytes) -> str | None:
    """Return the note in a slot, or nothing when it is empty or torn."""
    body = slot[_DIGEST:].rstrip(b"\0")
    if not body or hashlib.sha256(body).hexdigest().encode() != slot[:_DIGEST]:
        return None
    return body.decode()


class FileShelf:
    """The driver of ``ledger.store.Shelf``; several processes take turns by a lock on the file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def put(self, note: str, size: int) -> None:
        """Keep ``note`` unless a larger one is there; durable on return."""
        with guarded("the checkpoint shelf"):
            fresh = not self._path.exists()
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                sizes = [-1 if held is None else _size_of(held) for held in self._slots(handle)]
                if max(sizes) < size:
                    os.pwrite(handle, _encode(note), sizes.index(min(sizes)) * SLOT)
                    os.fdatasync(handle)
            finally:
                os.close(handle)
            if fresh:
                sync_folder(self._path.parent)

    @staticmethod
    def _slots(handle: int) -> list[str | None]:
        content = os.pread(handle, 2 * SLOT, 0).ljust(2 * SLOT, b"\0")
        return [_decode(content[:SLOT]), _decode(content[SLOT:])]

    def get(self) -> str | None:
        """Return the last signed checkpoint.

        Raises:
            Tampered: the file is there and neither slot reads.
        """
        with guarded("the checkpoint shelf"):
            if not self._path.exists():
                return None
            handle = os.open(self._path, os.O_RDONLY)
            try:
                notes = [note for note in self._slots(handle) if note is not None]
            finally:
                os.close(handle)
        if not notes:
            raise Tampered("the checkpoint kept apart does not read as one")
        return max(notes, key=_size_of)
