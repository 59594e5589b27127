"""Objects through obstore: a local folder here, any S3 by another constructor; the code above is the same."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

from shouxin.domain.identifiers import ObjectId
from shouxin.errors import Misconfigured, StoreUnavailable, Tampered
from shouxin.vault.objects import ObjectStore as Objects

__all__ = ["ObstoreObjects"]

PART: Final = 5 * 1024 * 1024  # the least that S3 takes as a part of a multipart upload
READ: Final = 1024 * 1024


@contextmanager
def _guarded() -> Iterator[None]:
    try:
        yield
    except (NotFoundError, FileNotFoundError):
        raise Tampered("an object that should be there is missing from the object store") from None
    except (AlreadyExistsError, FileExistsError):
        raise StoreUnavailable("an object stands already where a new one should go") from None
    except (BaseError, OSError) as error:
        raise StoreUnavailable(f"the object store cannot be used now ({type(error).__name__})") from None


def _mounted(folder: Path) -> ObjectStore:
    if not folder.is_dir():
        raise StoreUnavailable("the archive's folder is not there: mount or make it")
    return LocalStore(folder)


def _range_of(place: Path, start: int, end: int) -> bytes:
    """Read from a local file what was asked for, and have the disk read no more ahead of it."""
    handle = os.open(place, os.O_RDONLY)
    try:
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_RANDOM)
        return os.pread(handle, end - start, start)
    finally:
        os.close(handle)


class ObstoreObjects:
    """The driver of ``vault.objects.ObjectStore`` over any obstore store."""

    def __init__(self, store: ObjectStore | Callable[[], ObjectStore], folder: Path | None = None) -> None:
        self._opened = store
        self._folder = folder

    @property
    def _store(self) -> ObjectStore:
        """The store behind; one that was out of reach when it was asked for is tried anew at every use."""
        if callable(self._opened):
            self._opened = self._opened()
        return self._opened

    @classmethod
    def local(cls, folder: Path) -> ObstoreObjects:
        """Keep objects in ``folder``, spread over 256 folders by the first byte of their identifier."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(LocalStore(folder), folder)

    @classmethod
    def archive(cls, where: str, home: Path) -> ObstoreObjects:
        """Keep objects at a URL that obstore knows (``s3://bucket/prefix``) or in a folder, from ``home`` on.

        The folder is never made here: where a disk is not mounted, an empty one in its place would say that everything
        is lost. Credentials come from the environment, as the provider's tools read them.

        Raises:
            Misconfigured: the URL holds a password, or is of no kind that obstore knows.
        """
        parts = urlsplit(where)
        if parts.scheme in {"", "file"}:
            folder = home / parts.path
            return cls(lambda: _mounted(folder), folder)
        if parts.password or parts.username or parts.query:
            raise Misconfigured("credentials do not belong in the archive's URL: set them in the environment")
        try:
            return cls(from_url(where))
        except (BaseError, ValueError) as error:
            raise Misconfigured(f"the archive's URL is none that can be used ({type(error).__name__})") from None

    @staticmethod
    def _path(object_id: ObjectId) -> str:
        name = object_id.hex()
        return f"{name[:2]}/{name}"

    def put(self, object_id: ObjectId, parts: Iterable[bytes]) -> bytes:
        """Write a new object; durable and whole on return."""
        digest = hashlib.sha256()
        path = self._path(object_id)

        def hashed() -> Iterator[bytes]:
            for part in parts:
                digest.update(part)
                yield part

        if self.exists(object_id):
            raise StoreUnavailable("an object stands already where a new one should go")
        with _guarded():
            self._clear(path)
            obstore.put(self._store, path, hashed(), chunk_size=PART, max_concurrency=1, use_multipart=True)
            self._sync(path)
        return digest.digest()

    def take(self, object_id: ObjectId, source: Objects) -> bytes:
        """Write a new object as ``source`` has it; durable and whole on return."""
        with ThreadPoolExecutor(1) as reader:
            # The library cannot read in the thread in which it writes.
            parts = source.get(object_id)
            first = reader.submit(next, parts, b"").result()

            def rest() -> Iterator[bytes]:
                while part := reader.submit(next, parts, b"").result():
                    yield part

            return self.put(object_id, chain((first,), rest()))

    def _clear(self, path: str) -> None:
        """Remove what a process that was killed left of a local object: the library writes beside its place first."""
        if self._folder is not None:
            place = self._folder / path
            for left in place.parent.iterdir() if place.parent.is_dir() else ():
                if left.name.startswith(f"{place.name}#"):
                    left.unlink(missing_ok=True)

    def _sync(self, path: str) -> None:
        """Make a local file durable: the library writes it whole but leaves fsync to us."""
        if self._folder is None:
            return
        for place in (self._folder / path, (self._folder / path).parent, self._folder):
            handle = os.open(place, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def get(self, object_id: ObjectId) -> Iterator[bytes]:
        """Yield the object's bytes in parts."""
        with _guarded():
            for part in obstore.get(self._store, self._path(object_id)).stream(min_chunk_size=READ):
                yield bytes(part)

    def get_range(self, object_id: ObjectId, start: int, end: int) -> bytes:
        """Return bytes [start, end) of the object, as far as it has them."""
        store, path = self._store, self._path(object_id)
        with _guarded():
            if self._folder is not None:
                return _range_of(self._folder / path, start, end)
            return bytes(obstore.get_range(store, path, start=start, end=end))

    def exists(self, object_id: ObjectId) -> bool:
        """Say whether the object is there."""
        try:
            with _guarded():
                obstore.head(self._store, self._path(object_id))
        except Tampered:
            return False
        return True

    def remove(self, object_id: ObjectId) -> None:
        """Remove the object, and what a killed process left of it."""
        path = self._path(object_id)
        with suppress(Tampered), _guarded():  # that it is missing is what is wanted
            obstore.delete(self._store, path)
        with _guarded():
            self._clear(path)

    def all_objects(self) -> Iterator[ObjectId]:
        """Yield the identifier of every object."""
        with _guarded():
            for page in obstore.list(self._store):
                for row in page:
                    yield ObjectId(bytes.fromhex(str(row["path"]).rpartition("/")[2]))
