"""Where a file of a plan lies: a path, or an object of a bucket; what it holds, and whether it is still there.

Laws. A file counts as gone only where its folder (or bucket) can be looked at and does not have it: a disk that is not
mounted says nothing. Credentials of buckets come from the environment (``objects``).

Called by: the drivers of files under a plan.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from shouxin.connectors.readers.blob import Blob, chunks
from shouxin.connectors.readers.objects import listed, open_object
from shouxin.errors import Invalid, ShouxinError, StoreUnavailable

__all__ = ["FilePlace", "explained_file"]


@contextmanager
def explained_file() -> Iterator[None]:
    """Raise one error in place of whatever opening and reading a file raises; it holds no content and no name."""
    try:
        yield
    except ShouxinError:
        raise
    except OSError as error:
        raise StoreUnavailable(f"the source file cannot be read ({error.strerror or type(error).__name__})") from None
    except Exception as error:  # a store of objects, or an archive, may raise anything
        raise StoreUnavailable(f"the source file cannot be read ({type(error).__name__})") from None


@dataclass(frozen=True, slots=True)
class FilePlace:
    """A path, or the URL of one object (``s3://bucket/folder/people.csv``)."""

    where: Path | str

    def _url(self) -> tuple[str, str]:
        """Return the folder's URL and the key within it."""
        folder, _, key = str(self.where).rpartition("/")
        return folder, key

    @property
    def name(self) -> str:
        """The last part of it."""
        return self._url()[1] if isinstance(self.where, str) else self.where.name

    @property
    def suffix(self) -> str:
        """The last extension in small letters, with its dot."""
        return Path(self.name).suffix.lower()

    def locator(self) -> bytes:
        """Return where it lies, links resolved; the file need not be there."""
        return self.where.encode() if isinstance(self.where, str) else os.fsencode(self.where.resolve())

    def blob(self) -> Blob:
        """Return it as something to be opened.

        Raises:
            StoreUnavailable: it is not there, or cannot be looked at.
        """
        with explained_file():
            if isinstance(self.where, Path):
                path = self.where
                size = path.stat().st_size
                return Blob(path.name, size, lambda: path.open("rb"), locator=("file", str(path)))
            url, key = self._url()
            size = next((size for name, size, _ in listed(url) if name == key), -1)
            if size < 0:
                raise StoreUnavailable("the source file cannot be read (no such object)")
            return Blob(key, size, lambda: open_object(url, key), locator=("url", url, key))

    def open(self) -> BinaryIO:
        """Return a stream of what it holds."""
        return self.blob().open()

    def digest(self) -> bytes:
        """Return the SHA-256 of what it holds: the same content is the same source, wherever it lies.

        Raises:
            StoreUnavailable: it cannot be read.
        """
        digest = hashlib.sha256()
        with explained_file(), self.open() as stream:
            for data in chunks(stream):
                digest.update(data)
        return digest.digest()

    def is_there(self) -> bool:
        """Say whether it is there.

        Raises:
            StoreUnavailable: its folder or bucket cannot be looked at, so nobody knows.
        """
        if isinstance(self.where, Path):
            if not os.access(self.where.parent, os.R_OK | os.X_OK) or not self.where.parent.is_dir():
                raise StoreUnavailable("the folder in which the file lay cannot be looked at: mount or make it")
            return self.where.exists()
        with explained_file():
            url, key = self._url()
            try:
                return any(name == key for name, _, _ in listed(url))
            except Invalid:
                raise StoreUnavailable("the bucket in which the file lay cannot be looked at") from None
