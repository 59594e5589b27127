"""What commands read beside their options ends, whatever the file is."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from shouxin.cli import asking
from shouxin.cli.asking import read_bytes, read_file
from shouxin.errors import Invalid


def test_a_pipe_into_which_nobody_writes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not wait for a writer who never comes."""
    monkeypatch.setattr(asking, "_PATIENCE", 0.01)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(Invalid, match="nobody writes"):
        read_file(pipe)


def test_a_pipe_whose_writer_says_nothing_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody holds it open and is silent: after the patience it is given up."""
    monkeypatch.setattr(asking, "_PATIENCE", 0.01)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    held = os.open(pipe, os.O_RDWR)
    try:
        with pytest.raises(Invalid, match="nobody writes"):
            read_file(pipe)
    finally:
        os.close(held)


def test_what_a_shell_pipes_in_is_read(tmp_path: Path) -> None:
    """A pipe with a writer gives what was written, as ``<(…)`` does."""
    read, write = os.pipe()
    writer = threading.Thread(target=lambda: (os.write(write, "口令\r\n".encode()), os.close(write)))
    writer.start()
    try:
        assert read_file(Path(f"/dev/fd/{read}")) == "口令\n"
    finally:
        writer.join()
        os.close(read)


def test_an_endless_file_is_too_long() -> None:
    """Reading stops where it would be longer than allowed."""
    with pytest.raises(Invalid, match="too long"):
        read_file(Path("/dev/zero"), most=1000)
    with pytest.raises(Invalid, match="too long"):
        read_bytes(Path("/dev/zero"), most=1000)


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"%PDF-1.7\n", "a PDF"), (b"PK\x03\x04\x14", "a Word file"), (b"\xd0\xcf\x11\xe0\xa1\xb1", "an Office file")],
)
def test_a_document_of_an_office_is_called_what_it_is(tmp_path: Path, content: bytes, name: str) -> None:
    """Not only that it is no UTF-8, and a PDF of plain characters is not read as if it were a text."""
    path = tmp_path / "terms.pdf"
    path.write_bytes(content)
    with pytest.raises(Invalid, match=f"{name}.* only plain text is read: save it as text"):
        read_file(path)
