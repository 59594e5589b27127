"""Objects in a folder: private, whole, synchronised, spread over folders by their identifier."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from shouxin.domain.identifiers import ObjectId
from shouxin.errors import StoreUnavailable, Tampered
from shouxin.storage.object_store import PART, ObstoreObjects

PLACE = ObjectId(bytes.fromhex("ab" + "01" * 15))


def test_an_object_is_one_file_named_by_its_identifier(tmp_path: Path) -> None:
    """The file says nothing but the identifier, and holds the bytes as they were given."""
    ObstoreObjects.local(tmp_path / "objects").put(PLACE, [b"sea", b"led"])
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files == [tmp_path / "objects" / "ab" / PLACE.hex()]
    assert files[0].read_bytes() == b"sealed"


def test_file_and_folders_are_synchronised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On return the file, its folder and the folder above were synchronised."""
    done: list[str] = []
    fsync = os.fsync

    def note(handle: int) -> None:
        done.append(Path(f"/proc/self/fd/{handle}").readlink().name)
        fsync(handle)

    store = ObstoreObjects.local(tmp_path / "objects")
    monkeypatch.setattr(os, "fsync", note)
    store.put(PLACE, [b"sealed"])
    assert done == [PLACE.hex(), "ab", "objects"]


def _dies_writing(folder: Path) -> None:
    """Begin to write an object, and be gone before its end."""

    def parts() -> Iterator[bytes]:
        yield bytes(PART)
        yield bytes(PART)
        os.kill(os.getpid(), signal.SIGKILL)

    ObstoreObjects.local(folder).put(PLACE, parts())


@pytest.mark.parametrize("again", [False, True], ids=["removed", "put-again"])
def test_what_a_killed_process_left_of_an_object_goes(tmp_path: Path, again: bool) -> None:
    """A process killed while it writes leaves a part beside the object's place: it goes with it, or is written anew."""
    process = multiprocessing.get_context("spawn").Process(target=_dies_writing, args=(tmp_path / "objects",))
    process.start()
    process.join()
    store, folder = ObstoreObjects.local(tmp_path / "objects"), tmp_path / "objects" / "ab"
    assert [path.name for path in folder.iterdir()] == [f"{PLACE.hex()}#1"]
    if again:
        store.put(PLACE, [b"whole"])
    else:
        store.remove([PLACE])
    assert [path.name for path in folder.iterdir()] == [PLACE.hex()] * again


def test_the_folder_is_private(tmp_path: Path) -> None:
    """Nobody else lists the objects."""
    ObstoreObjects.local(tmp_path / "objects")
    assert (tmp_path / "objects").stat().st_mode & 0o777 == 0o700


def test_an_object_that_was_taken_away_is_tampering(tmp_path: Path) -> None:
    """A file removed behind the store's back is named as missing."""
    store = ObstoreObjects.local(tmp_path / "objects")
    store.put(PLACE, [b"sealed"])
    (tmp_path / "objects" / "ab" / PLACE.hex()).unlink()
    with pytest.raises(Tampered, match="missing"):
        b"".join(store.get(PLACE))


def test_a_range_beyond_the_end_is_not_made_up(tmp_path: Path) -> None:
    """An object that was truncated gives an error or fewer bytes, never others."""
    store = ObstoreObjects.local(tmp_path / "objects")
    store.put(PLACE, [b"0123456789"])
    try:
        found = store.get_range(PLACE, 8, 20)
    except StoreUnavailable:
        return
    assert found == b"89"
