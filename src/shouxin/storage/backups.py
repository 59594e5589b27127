"""Backups of an embedded workspace as files, and the rehearsal that an epoch advance demands."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from shouxin.config import Settings
from shouxin.errors import NotFound, StoreUnavailable, Tampered
from shouxin.keys.custody import Custody
from shouxin.keys.root import RootProvider
from shouxin.keys.suite import INTL
from shouxin.operations.copies import Manifest
from shouxin.storage.data_store import SqlDataStore
from shouxin.storage.files import guarded, locked, sync_folder, write_whole
from shouxin.storage.index_store import SqlIndex
from shouxin.storage.keyring_store import SqlKeyring

__all__ = ["FileBackups", "check_backup", "clear_rehearsal", "put_back"]

MANIFEST: Final = "manifest.json"
# In the workspace while an epoch advances: never more than one, and none that nobody works in.
REHEARSAL: Final = "rehearsal"
PIECE: Final = 1 << 20


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


class FileBackups:
    """The driver of ``operations.copies.Backups``: two folders, ``data`` and ``keyring``, and a manifest."""

    def __init__(
        self, settings: Settings, data: SqlDataStore, keyring: SqlKeyring, index: SqlIndex, provider: RootProvider
    ) -> None:
        self._settings = settings
        self._data = data
        self._keyring = keyring
        self._index = index
        self._provider = provider

    def make(self, target: Path) -> Manifest:
        """Write consistent copies below ``target``."""
        with guarded("the backup folder"):
            if target.exists() and any(target.iterdir()):
                raise StoreUnavailable("a backup goes into an empty folder")
            for name in ("keyring", "data", "data/index"):
                (target / name).mkdir(mode=0o700, parents=True, exist_ok=True)
            self._keyring.copy_to(target / "keyring" / "keyring.db")
            self._data.copy_to(target / "data" / "data.db")
            self._index.copy_to(target / "data" / "index")
            shutil.copytree(self._settings.objects, target / "data" / "objects", dirs_exist_ok=True)
            shutil.copy2(self._settings.home / "config.toml", target / "config.toml")
            files = sorted(path for path in target.rglob("*") if path.is_file())
            digests = {str(path.relative_to(target)): _digest(path) for path in files}
            size = self._data.read(lambda records: records.ledger.size)
            manifest = Manifest(digests, int(self._keyring.epochs()[-1].epoch), size)
            write_whole(target / MANIFEST, msgspec.json.encode(manifest, order="sorted"))
            sync_folder(target)
        return manifest

    def check(self, source: Path) -> Manifest:
        """Return the manifest of a backup whose every file is as it was written."""
        return check_backup(source)

    def rehearse(self) -> int:
        """Back the keyring up into a fresh folder, restore it from there, open every chain; return how many.

        The folder has one name: what a killed process left of it is removed when the workspace is opened.
        """
        with guarded("the folder for the rehearsal"), _rehearsing(self._settings.home) as folder:
            first, second = folder / "backup.db", folder / "restored.db"
            self._keyring.copy_to(first)
            shutil.copy2(first, second)
            first.unlink()
            restored = SqlKeyring(second)
            custody = Custody(INTL, self._provider, restored)
            custody.refresh()
            opened = sum(custody.checks(chain) for chain in restored.all_chains())
            restored.close()
            return opened


def clear_rehearsal(home: Path) -> None:
    """Remove what a process that was killed left of a rehearsal: a copy of the keyring in which nobody destroys.

    The folder of a rehearsal that goes on is locked, and stays.
    """
    gone = suppress(FileNotFoundError, BlockingIOError)
    with guarded("the folder for the rehearsal"), gone, locked(home / REHEARSAL, wait=False):
        shutil.rmtree(home / REHEARSAL)


@contextmanager
def _rehearsing(home: Path) -> Iterator[Path]:
    """Have an empty folder inside; whoever else rehearses meanwhile is refused by the driver."""
    clear_rehearsal(home)
    folder = home / REHEARSAL
    folder.mkdir(mode=0o700)
    with locked(folder, wait=False):
        try:
            yield folder
        finally:
            shutil.rmtree(folder)


def check_backup(source: Path) -> Manifest:
    """Return the manifest of the backup at ``source``.

    Raises:
        NotFound: nothing of a backup is there. Tampered: a file is missing, was added or was changed.
    """
    with guarded("the backup folder"):
        if not any((source / name).exists() for name in (MANIFEST, "data", "keyring")):  # a mistyped path
            raise NotFound("there is no backup in this folder")
        try:
            manifest = msgspec.json.decode((source / MANIFEST).read_bytes(), type=Manifest)
        except (msgspec.DecodeError, FileNotFoundError):
            raise Tampered("there is no manifest here that reads as one of a backup") from None
        present = {str(path.relative_to(source)) for path in source.rglob("*") if path.is_file()} - {MANIFEST}
        if present != manifest.files.keys():
            raise Tampered("the backup has other files than its manifest")
        for name, digest in manifest.files.items():
            if _digest(source / name) != digest:
                raise Tampered(f"{name} in the backup is not what was written")
    return manifest


def put_back(settings: Settings, source: Path) -> Manifest:
    """Replace data and keyring of a closed workspace by those of a backup.

    ``root/``, ``apart/`` and ``public/`` stay: they know what happened since.

    Raises:
        NotFound, Tampered: see ``check_backup``; nothing was replaced.
    """
    manifest = check_backup(source)
    with guarded("the workspace"):
        for folder in (settings.data.parent, settings.keyring.parent, settings.index):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700, parents=True)
        shutil.copytree(source / "data", settings.data.parent, dirs_exist_ok=True)
        shutil.rmtree(settings.data.parent / "index")
        shutil.copytree(source / "data" / "index", settings.index, dirs_exist_ok=True)
        shutil.copytree(source / "keyring", settings.keyring.parent, dirs_exist_ok=True)
        settings.objects.mkdir(mode=0o700, exist_ok=True)
        write_whole(settings.restoring, b"")
    return manifest
