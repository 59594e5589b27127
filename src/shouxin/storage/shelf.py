"""The shelf: the last signed checkpoint in a file apart from the data store.

The file has two slots that are written in turn, in place, so that putting a checkpoint away costs one flush. A slot is
a note and a digest of it and lies within one sector; of two slots the larger checkpoint counts. A slot that is neither
empty nor whole was altered: then nothing on the shelf is believed.
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

SLOT: Final = 512
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
    """Return the note in a slot, or nothing when it is empty.

    Raises:
        Tampered: it is neither empty nor what was written.
    """
    body = slot[_DIGEST:].rstrip(b"\0")
    if not slot.strip(b"\0"):
        return None
    try:
        if hashlib.sha256(body).hexdigest().encode() == slot[:_DIGEST] and _size_of(body.decode()) >= 0:
            return body.decode()
    except (ValueError, IndexError):
        pass
    raise Tampered("the checkpoint kept apart does not read as one")


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
                    os.fsync(handle)
            finally:
                os.close(handle)
            if fresh:
                sync_folder(self._path.parent)

    @staticmethod
    def _slots(handle: int) -> list[str | None]:
        content = os.pread(handle, 16 * SLOT, 0)
        if content[2 * SLOT :].strip(b"\0"):
            raise Tampered("the checkpoint kept apart does not read as one")
        content = content.ljust(2 * SLOT, b"\0")
        return [_decode(content[:SLOT]), _decode(content[SLOT:])]

    def get(self) -> str | None:
        """Return the last signed checkpoint. Raises ``Tampered`` when the file is not what was written."""
        with guarded("the checkpoint shelf"):
            if not self._path.exists():
                return None
            handle = os.open(self._path, os.O_RDONLY)
            try:
                notes = [note for note in self._slots(handle) if note is not None]
            finally:
                os.close(handle)
        return max(notes, key=_size_of, default=None)
