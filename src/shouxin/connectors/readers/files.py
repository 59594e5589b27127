"""Files of a folder and objects of a bucket, as spots.

Laws. A folder is walked in sorted order and links are not followed, so a scan ends and goes on where it stopped. What
is no file is told. A file that changes while it is read is read as it is then; its stamp is of when it was described.

Called by: ``bootstrap.open_source``.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from shouxin.connectors.readers.apart import Apart
from shouxin.connectors.readers.blob import Allowance, Blob, identity_of
from shouxin.connectors.readers.content import Reading
from shouxin.connectors.readers.objects import listed, open_object
from shouxin.detection.survey.reading import Piece, Sampling, Spot, Unread, UnreadReason
from shouxin.errors import Invalid, StoreUnavailable

__all__ = ["BucketFiles", "FolderFiles"]


@dataclass(frozen=True, slots=True)
class _FileSpot:
    blob: Blob
    stamp: str
    apart: Apart

    @property
    def place(self) -> str:
        return self.blob.place

    @property
    def size(self) -> int:
        return self.blob.size

    def read(self, sampling: Sampling, at: int) -> Iterator[Piece]:
        return Reading(sampling, Allowance.of(self.size), self.apart).pieces(self.blob, at)


def _shown(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "backslashreplace")


class FolderFiles:
    """A folder, or one file.

    Raises:
        Invalid: there is no such path.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise Invalid("there is no such file or folder", "source")
        self._path, self._apart = path, Apart()
        self.name = _shown(path.name or str(path))
        self.identity = identity_of(os.fsencode(path.resolve()))

    def describe(self) -> Iterator[Spot | Unread]:
        """Yield every file, folder by folder."""
        if self._path.is_dir():
            yield from self._walked(self._path, "")
        else:
            yield self._one(str(self._path), self._path.name)

    def _walked(self, top: Path, inside: str) -> Iterator[Spot | Unread]:
        waiting = [(str(top), inside)]
        while waiting:
            folder, prefix = waiting.pop()
            try:
                with os.scandir(folder) as scanned:
                    entries = sorted(scanned, key=lambda entry: os.fsencode(entry.name))
            except OSError:
                yield Unread(_shown(prefix) or ".", UnreadReason.DENIED, "folder")
                continue
            folders = []
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append((entry.path, f"{prefix}{entry.name}/"))
                else:
                    yield self._one(entry.path, prefix + entry.name)
            waiting += reversed(folders)

    def _one(self, path: str, name: str) -> Spot | Unread:
        place = _shown(name)
        try:
            found = Path(path).stat(follow_symlinks=path == str(self._path))
        except OSError:
            return Unread(place, UnreadReason.DENIED, "file")
        if not stat.S_ISREG(found.st_mode):
            return Unread(place, UnreadReason.SPECIAL, "link" if stat.S_ISLNK(found.st_mode) else "no file")

        def opened() -> BinaryIO:
            return Path(path).open("rb")

        locator = ("file", path) if path.isprintable() else ()  # odd bytes in a name cannot be handed on
        blob = Blob(place, found.st_size, opened, locator=locator)
        return _FileSpot(blob, f"{found.st_size}-{found.st_mtime_ns}", self._apart)

    def close(self) -> None:
        """End the process apart."""
        self._apart.close()


class BucketFiles:
    """What lies below a URL of a bucket: ``s3://bucket/prefix``."""

    def __init__(self, url: str) -> None:
        self._url, self._apart = url, Apart()
        self.name = url
        self.identity = identity_of(url.rstrip("/").encode())

    def describe(self) -> Iterator[Spot | Unread]:
        """Yield every object, by key."""
        try:
            objects = listed(self._url)
        except Invalid:
            raise
        except Exception as error:
            raise StoreUnavailable(f"the bucket cannot be read ({type(error).__name__})") from None
        for key, size, stamp in objects:

            def opened(key: str = key) -> BinaryIO:
                return open_object(self._url, key)

            blob = Blob(key, size, opened, locator=("url", self._url, key))
            yield _FileSpot(blob, f"{size}-{stamp}", self._apart)

    def close(self) -> None:
        """End the process apart."""
        self._apart.close()
