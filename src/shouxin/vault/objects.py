"""The object store port: large sealed blobs, written once, read in ranges, removed and shown to be gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from shouxin.domain.identifiers import ObjectId

__all__ = ["ObjectStore"]


class ObjectStore(Protocol):
    """A folder or any S3-compatible service. It sees sealed bytes only.

    Methods raise ``StoreUnavailable`` when the service does not answer; nothing is retried here.
    """

    def put(self, object_id: ObjectId, parts: Iterable[bytes]) -> bytes:
        """Write a new object from ``parts`` and return SHA-256 of all its bytes; durable and whole on return.

        An object that stands there already is never overwritten (``StoreUnavailable``).
        """
        ...

    def take(self, object_id: ObjectId, source: ObjectStore) -> bytes:
        """Write a new object as ``source`` has it, byte for byte; otherwise as ``put``.

        Raises:
            Tampered: the source does not have it; nothing was written.
        """
        ...

    def get(self, object_id: ObjectId) -> Iterator[bytes]:
        """Yield the object's bytes in parts. Raises ``Tampered`` when there is no such object."""
        ...

    def get_range(self, object_id: ObjectId, start: int, end: int) -> bytes:
        """Return bytes [start, end) of the object, as far as it has them."""
        ...

    def exists(self, object_id: ObjectId) -> bool:
        """Say whether the object is there, on every node that the store can ask."""
        ...

    def standing(self, objects: Sequence[ObjectId]) -> set[ObjectId]:
        """Return those of many objects that ``exists`` says are there."""
        ...

    def remove(self, objects: Sequence[ObjectId]) -> None:
        """Remove objects; repeating is allowed. After an error some are gone and some may stand."""
        ...

    def all_objects(self) -> Iterator[ObjectId]:
        """Yield the identifier of every object; for audits and the reaper of orphans."""
        ...
