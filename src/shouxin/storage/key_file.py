"""The root provider of the embedded workspace: one key file an epoch, mode 0600, in a folder of its own.

Whoever can read the folder can open everything: the threat model says so. Destroying overwrites the file, then
unlinks it; what a flash drive, a snapshot or a copy of the folder keeps is declared as residual.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from shouxin.errors import Misconfigured, RootKeyUnavailable
from shouxin.keys.root import EpochNumber, Residual
from shouxin.keys.suite import KEY_SIZE, Suite
from shouxin.storage.files import guarded, locked, sync_folder, write_whole

__all__ = ["KeyFile"]

OPEN_TO_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class KeyFile:
    """The driver of ``keys.root.RootProvider`` over a folder."""

    def __init__(self, folder: Path, suite: Suite) -> None:
        self._folder = folder
        self._suite = suite

    def _path(self, epoch: EpochNumber) -> Path:
        return self._folder / f"epoch-{epoch}.key"

    def _key(self, epoch: EpochNumber) -> bytes:
        path = self._path(epoch)
        try:
            mode = path.stat().st_mode
            key = path.read_bytes()
        except OSError:
            raise RootKeyUnavailable(f"the root key of epoch {epoch} is not in the key folder") from None
        if mode & OPEN_TO_OTHERS:
            raise Misconfigured(f"the root key of epoch {epoch} can be read by others: set its mode to 0600")
        if len(key) != KEY_SIZE:
            raise RootKeyUnavailable(f"the root key of epoch {epoch} has not {KEY_SIZE} bytes")
        return key

    def create(self, epoch: EpochNumber) -> None:
        """Make the root key of ``epoch`` if it does not exist yet; what a killed process left of it is removed.

        One process makes it: a second one would put its key in the place of that by which the first already wraps.
        """
        path = self._path(epoch)
        with guarded("the key folder"):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with locked(self._folder, wait=True):
                if path.exists():
                    return
                for left in self._folder.glob(f".{path.name}.*"):  # no key was wrapped by it yet
                    left.unlink(missing_ok=True)
                write_whole(path, self._suite.new_key())

    def exists(self, epoch: EpochNumber) -> bool:
        """Say whether the root key of ``epoch`` is there."""
        return self._path(epoch).exists()

    def wrap(self, epoch: EpochNumber, key: bytes) -> bytes:
        """Wrap a key under the root key of ``epoch``."""
        return self._suite.wrap(self._key(epoch), key)

    def unwrap(self, epoch: EpochNumber, wrapped: bytes) -> bytes:
        """Undo ``wrap``."""
        return self._suite.unwrap(self._key(epoch), wrapped)

    def destroy(self, epoch: EpochNumber) -> None:
        """Overwrite and unlink the root key of ``epoch``; durable on return, and to be repeated after a crash.

        It first takes another name: a file that was overwritten and still stood under its own would look like a key,
        and the workspace would not open.
        """
        path = self._path(epoch)
        leaving = path.with_suffix(".leaving")
        with guarded("the key folder"):
            if path.exists():
                path.replace(leaving)
                sync_folder(self._folder)
            if leaving.exists():
                with leaving.open("r+b") as handle:
                    handle.write(os.urandom(KEY_SIZE))
                    handle.flush()
                    os.fsync(handle.fileno())
                leaving.unlink()
                sync_folder(self._folder)

    def residuals(self) -> tuple[Residual, ...]:
        """Say what a file's destruction cannot reach."""
        return (Residual("flash-blocks-of-the-key-file", None), Residual("snapshots-of-the-key-folder", None))
