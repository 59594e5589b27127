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


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"one line", b"a\nb\nc\n", b"a\n-1\nc\n", b"a\n 1\nc\n"])
def test_what_is_no_checkpoint_is_not_overwritten_in_silence(tmp_path: Path, content: bytes) -> None:
    """A shelf that was damaged is an integrity failure: the next checkpoint does not paper over it."""
    path = tmp_path / "checkpoint"
    path.write_bytes(content)
    with pytest.raises(Tampered):
        FileShelf(path).put(_note(5), 5)
    assert path.read_bytes() == content


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
