"""Files are whole at any moment, private, and durable when the call returns."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from shouxin.errors import StoreUnavailable
from shouxin.storage.files import guarded, sync_folder, write_whole


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    """The new content stands there, readable by the owner only, and nothing else is left in the folder."""
    path = tmp_path / "f"
    for content in (b"first", b"", b"x" * 1_000_000):
        write_whole(path, content)
        assert path.read_bytes() == content
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert [one.name for one in tmp_path.iterdir()] == ["f"]


@pytest.mark.parametrize("broken", ["write", "fsync"])
def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    """On a full disk the old content stays, and the half-written file beside it goes."""
    path = tmp_path / "f"
    write_whole(path, b"old")

    def full(*_arguments: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, broken, full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["f"]


def test_short_writes_are_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that takes a few bytes at a time still gets all of them."""
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: write(handle, bytes(data)[:3]))
    write_whole(tmp_path / "f", b"0123456789")
    assert (tmp_path / "f").read_bytes() == b"0123456789"


def test_content_is_synchronised_before_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """First the bytes, then the rename, then the folder: a crash in between leaves the old or the new file."""
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def note_sync(handle: int) -> None:
        done.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        fsync(handle)

    def note_rename(self: Path, target: Path) -> Path:
        done.append("rename")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(Path, "replace", note_rename)
    write_whole(tmp_path / "f", b"content")
    assert done == ["file", "rename", "folder"]
    done.clear()
    sync_folder(tmp_path)
    assert done == ["folder"]


def test_an_error_of_the_system_becomes_one_of_ours(tmp_path: Path) -> None:
    """What failed is named, its path and content are not."""
    with pytest.raises(StoreUnavailable, match="the thing cannot be used now") as caught, guarded("the thing"):
        (tmp_path / "zhang.san").read_bytes()
    assert "zhang" not in str(caught.value)
    assert caught.value.__cause__ is None
