"""The port of object stores (``vault.objects``): one suite over every driver."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from shouxin.domain.identifiers import ObjectId, new
from shouxin.errors import (
    Invalid,
    StoreUnavailable,
    Tampered,
)
from shouxin.storage.object_store import ObstoreObjects
from shouxin.vault.objects import ObjectStore
from tests.buckets import bucket
from tests.conformance.drivers import Driver, Opener, over


def _objects_in_a_bucket(folder: Path) -> Opener[ObjectStore]:
    where = bucket()
    return lambda: ObstoreObjects.archive(where, folder)


def _objects_in_memory(_folder: Path) -> Opener[ObjectStore]:
    store = MemoryStore()
    return lambda: ObstoreObjects(store)


OBJECT_STORES: dict[str, Driver[ObjectStore]] = {
    "folder": lambda folder: lambda: ObstoreObjects.local(folder),
    "memory": _objects_in_memory,
    "s3": _objects_in_a_bucket,
}


objects_of = over(OBJECT_STORES)


SIZES = [0, 1, 1000, 5 * 1024 * 1024, 5 * 1024 * 1024 + 1, 11 * 1024 * 1024]


def _parts(content: bytes, size: int = 262_144) -> Iterator[bytes]:
    for at in range(0, len(content), size):
        yield content[at : at + size]


@pytest.mark.parametrize("size", SIZES)
def test_an_object_comes_back_whole_and_in_ranges(objects_of: Opener[ObjectStore], size: int) -> None:
    """Of any size, also around the parts of an upload: whole, by range, and with its digest."""
    content = bytes(number % 251 for number in range(1000)) * (size // 1000 + 1)
    content = content[:size]
    place = new(ObjectId)
    assert objects_of().put(place, _parts(content)) == hashlib.sha256(content).digest()
    store = objects_of()
    assert store.exists(place)
    assert b"".join(store.get(place)) == content
    for start, end in ((0, 1), (size // 2, size // 2 + 10), (size - 1, size)):
        if 0 <= start < end <= size:
            assert store.get_range(place, start, end) == content[start:end]


def test_an_object_is_never_overwritten(objects_of: Opener[ObjectStore]) -> None:
    """A second object under the same identifier is refused, and the first stays as it was."""
    store, place = objects_of(), new(ObjectId)
    store.put(place, [b"first"])
    with pytest.raises(StoreUnavailable):
        store.put(place, [b"second"])
    assert b"".join(store.get(place)) == b"first"


def test_a_missing_object_is_named_as_tampering(objects_of: Opener[ObjectStore]) -> None:
    """An object whose row stands but which is not there was taken away by somebody."""
    store = objects_of()
    with pytest.raises(Tampered):
        list(store.get(new(ObjectId)))
    with pytest.raises(Tampered):
        store.get_range(new(ObjectId), 0, 1)
    assert not store.exists(new(ObjectId))


def test_an_upload_that_breaks_leaves_no_object(objects_of: Opener[ObjectStore]) -> None:
    """When the source fails in the middle, nothing stands under the identifier and it can be used again."""
    store, place = objects_of(), new(ObjectId)

    def broken() -> Iterator[bytes]:
        yield b"x" * 6_000_000
        raise Invalid("the source ended too early")

    with pytest.raises(Exception):  # noqa: B017 - whose error it is, is not the point
        store.put(place, broken())
    assert not store.exists(place)
    assert list(store.all_objects()) == []
    store.put(place, [b"whole"])
    assert b"".join(store.get(place)) == b"whole"


def test_removed_objects_are_gone(objects_of: Opener[ObjectStore]) -> None:
    """Removing is safe to repeat and takes one object only; the list of all shows what remains."""
    store = objects_of()
    places = [new(ObjectId) for _ in range(5)]
    for place in places:
        store.put(place, [place])
    assert sorted(store.all_objects()) == sorted(places)
    store.remove(places[:1])
    store.remove([places[0], new(ObjectId)])
    assert not store.exists(places[0])
    assert sorted(objects_of().all_objects()) == sorted(places[1:])
    assert store.standing(places) == set(places[1:])
    store.remove([])
    assert store.standing([]) == set()


def test_many_removed_at_once_are_gone_and_no_others(objects_of: Opener[ObjectStore]) -> None:
    """So many that several hands are at work; who of them is missing already is no obstacle."""
    store = objects_of()
    places = [new(ObjectId) for _ in range(40)]
    for place in places:
        store.put(place, [place])
    store.remove(places[::4])
    assert store.standing(places) == set(places) - set(places[::4])
    store.remove(places[::2])
    assert sorted(objects_of().all_objects()) == sorted(places[1::2])
