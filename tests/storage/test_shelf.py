"""The shelf in a file: whole, never backwards, and damage is seen."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from shouxin.errors import StoreUnavailable, Tampered
from shouxin.storage.shelf import FileShelf


def _note(size: int) -> str:
    return f"lender.example/log\n{size}\nAAAA\n\n— signature\n"


@pytest.mark.parametrize("content", [b"\xff\xfe", b"one line", b"a\nb\nc\n", b"a\n-1\nc\n", b"x" * 8192])
def test_what_is_no_checkpoint_is_not_overwritten_in_silence(tmp_path: Path, content: bytes) -> None:
    """A shelf that was damaged is an integrity failure: neither reading nor the next checkpoint passes over it."""
    path = tmp_path / "checkpoint"
    path.write_bytes(content)
    with pytest.raises(Tampered):
        FileShelf(path).get()
    with pytest.raises(Tampered):
        FileShelf(path).put(_note(5), 5)
    assert path.read_bytes() == content


@pytest.mark.parametrize("content", [b"", bytes(4096), bytes(8192)])
def test_a_crash_before_the_first_checkpoint_leaves_an_empty_shelf(tmp_path: Path, content: bytes) -> None:
    """A file that was made and not yet written holds nothing: that is no damage, and the first checkpoint goes in."""
    path = tmp_path / "checkpoint"
    path.write_bytes(content)
    assert FileShelf(path).get() is None
    FileShelf(path).put(_note(1), 1)
    assert FileShelf(path).get() == _note(1)


def test_every_altered_byte_is_seen_or_changes_no_answer(tmp_path: Path) -> None:
    """Whichever byte of the file is altered, the newest checkpoint comes back or it is an integrity failure."""
    path = tmp_path / "checkpoint"
    shelf = FileShelf(path)
    for size in (1, 2, 3):
        shelf.put(_note(size), size)
    content = path.read_bytes()
    wrong: list[int] = []
    written = [at for at, byte in enumerate(content) if byte]
    for at in (*written, *range(0, len(content), 500)):
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        try:
            found = shelf.get()
        except Tampered:
            continue
        if found != _note(3):
            wrong.append(at)
    assert wrong == []


# A slot lies within one sector, which a disk writes whole or not at all.
@pytest.mark.parametrize("kept", [0])
def test_a_checkpoint_torn_by_a_crash_leaves_the_one_before(tmp_path: Path, kept: int) -> None:
    """When a crash tears the write of a checkpoint, the one before it is still there, and the next one goes on."""
    path = tmp_path / "checkpoint"
    shelf = FileShelf(path)
    for size in (1, 2):
        shelf.put(_note(size), size)
    before = path.read_bytes()
    shelf.put(_note(3), 3)
    after = path.read_bytes()
    length = max(len(before), len(after))
    old, new = before.ljust(length, b"\0"), after.ljust(length, b"\0")
    changed = [at for at in range(length) if old[at] != new[at]]
    torn = bytearray(old)
    for at in changed[:kept]:
        torn[at] = new[at]
    path.write_bytes(bytes(torn))
    assert shelf.get() in (_note(2), _note(3))
    shelf.put(_note(4), 4)
    assert shelf.get() == _note(4)


def test_a_shelf_without_its_folder_is_unavailable(tmp_path: Path) -> None:
    """When the disk that is kept apart is not there, the operator is told."""
    with pytest.raises(StoreUnavailable):
        FileShelf(tmp_path / "gone" / "checkpoint").put(_note(1), 1)


_PUT = """
import sys
from pathlib import Path
from shouxin.storage.shelf import FileShelf
shelf = FileShelf(Path(sys.argv[1]))
for size in range(int(sys.argv[2]), 200, 4):
    shelf.put(f"lender.example/log\\n{size}\\nAAAA\\n\\n\\u2014 signature\\n", size)
"""


def test_processes_that_put_at_once_leave_the_largest(tmp_path: Path) -> None:
    """Four processes that put their checkpoints in whatever order end with the largest one, whole."""
    path = tmp_path / "checkpoint"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    commands = [[sys.executable, "-c", _PUT, str(path), str(start)] for start in range(1, 5)]
    workers = [subprocess.Popen(command, env=environment) for command in commands]
    assert [worker.wait() for worker in workers] == [0] * 4
    assert FileShelf(path).get() == _note(199)
    assert [one.name for one in tmp_path.iterdir()] == ["checkpoint"]
