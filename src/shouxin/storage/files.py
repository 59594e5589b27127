"""Files that must be whole: written beside, synchronised, then renamed over the old one."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shouxin.errors import StoreUnavailable

__all__ = ["guarded", "locked", "sync_folder", "write_whole"]


@contextmanager
def guarded(what: str) -> Iterator[None]:
    """Turn an ``OSError`` into ``StoreUnavailable``; ``what`` names the thing, not its content."""
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(f"{what} cannot be used now ({error.strerror or 'unknown'})") from None


@contextmanager
def locked(folder: Path, *, wait: bool) -> Iterator[None]:
    """Hold the lock of a folder inside; who does not ``wait`` gets ``BlockingIOError`` where another process has it.

    A process that is killed lets go of it.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Replace ``path`` by ``content``: either the old or the new file is there at any moment; durable on return."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        try:
            view = memoryview(content)
            while view:
                view = view[os.write(handle, view) :]
            os.fsync(handle)
        finally:
            os.close(handle)
        beside.replace(path)
        sync_folder(path.parent)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
