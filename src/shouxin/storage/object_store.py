"""Objects through obstore: a local folder here, any S3 by another constructor; the code above is the same."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
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
from shouxin.domain.several import several_at_a_time
from shouxin.errors import Misconfigured, StoreUnavailable, Tampered
from shouxin.storage.object_folder import ObjectFolder
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


class ObstoreObjects:
    """The driver of ``vault.objects.ObjectStore`` over any obstore store."""

    def __init__(self, store: ObjectStore | Callable[[], ObjectStore], folder: Path | None = None) -> None:
        self._opened = store
        self._here = None if folder is None else ObjectFolder(folder)

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
            if self._here is not None:
                self._here.clear(path)
            obstore.put(self._store, path, hashed(), chunk_size=PART, max_concurrency=1, use_multipart=True)
            if self._here is not None:
                self._here.sync(path)
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

    def get(self, object_id: ObjectId) -> Iterator[bytes]:
        """Yield the object's bytes in parts."""
        with _guarded():
            for part in obstore.get(self._store, self._path(object_id)).stream(min_chunk_size=READ):
                yield bytes(part)

    def get_range(self, object_id: ObjectId, start: int, end: int) -> bytes:
        """Return bytes [start, end) of the object, as far as it has them."""
        path = self._path(object_id)
        with _guarded():
            if self._here is not None:
                return self._here.read(path, start, end)
            return bytes(obstore.get_range(self._store, path, start=start, end=end))

    def exists(self, object_id: ObjectId) -> bool:
        """Say whether the object is there."""
        path = self._path(object_id)
        try:
            with _guarded():
                if self._here is not None:
                    return self._here.stands(path)
                obstore.head(self._store, path)
        except Tampered:
            return False
        return True

    def standing(self, objects: Sequence[ObjectId]) -> set[ObjectId]:
        """Return those of many objects that are there."""
        return {one for one, there in zip(objects, several_at_a_time(self.exists, objects), strict=True) if there}

    def remove(self, objects: Sequence[ObjectId]) -> None:
        """Remove objects, and what killed processes left of them."""
        with _guarded():
            if self._here is not None:
                self._here.remove(map(self._path, objects))
                return
        several_at_a_time(self._remove_one, objects)

    def _remove_one(self, object_id: ObjectId) -> None:
        with suppress(Tampered), _guarded():  # that it is missing is what is wanted
            obstore.delete(self._store, self._path(object_id))

    def all_objects(self) -> Iterator[ObjectId]:
        """Yield the identifier of every object."""
        with _guarded():
            for page in obstore.list(self._store):
                for row in page:
                    yield ObjectId(bytes.fromhex(str(row["path"]).rpartition("/")[2]))
