"""The blind index on SQLite: a generation is a file, and what left it is in no file."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from shouxin.domain.identifiers import CellId, SubjectId
from shouxin.errors import Tampered
from shouxin.keys.root import EpochNumber
from shouxin.storage.index_store import SqlIndex

ONE, TWO = EpochNumber(1), EpochNumber(2)
TAG, SUBJECT, CELL = b"tag4tag4tag4tag4", SubjectId(b"subject-subject-"), CellId(b"cell4cell4cell44")


def test_dropping_a_generation_removes_its_files(tmp_path: Path) -> None:
    """The file and its write-ahead log go; the other generation's stay."""
    index = SqlIndex(tmp_path)
    for epoch in (ONE, TWO):
        index.open_generation(epoch)
        index.add(epoch, [(TAG, SUBJECT, CELL)])
    index.drop_generation(ONE)
    assert {path.name.split(".")[0] for path in tmp_path.iterdir()} == {"2"}
    assert index.find(TWO, TAG) == [(SUBJECT, CELL)]


def test_a_removed_row_is_in_no_file_after_compacting(tmp_path: Path) -> None:
    """The bytes of the tag that led to an erased person are nowhere."""
    index = SqlIndex(tmp_path)
    index.open_generation(ONE)
    index.add(ONE, [(TAG, SUBJECT, CELL)])
    assert any(TAG in path.read_bytes() for path in tmp_path.iterdir())
    index.remove([CELL])
    index.compact()
    for path in tmp_path.iterdir():
        content = path.read_bytes()
        assert content.count(TAG) == content.count(bytes(SUBJECT)) == content.count(bytes(CELL)) == 0


def test_a_generation_half_made_by_a_crash_is_finished(tmp_path: Path) -> None:
    """A file that was made before its tables were is completed by opening the generation again."""
    (tmp_path / "1.db").touch(0o600)
    index = SqlIndex(tmp_path)
    index.open_generation(ONE)
    index.add(ONE, [(TAG, SUBJECT, CELL)])
    assert index.find(ONE, TAG) == [(SUBJECT, CELL)]


def test_a_row_of_another_length_is_seen_before_it_shifts_the_others(tmp_path: Path) -> None:
    """Rows are moved joined together: one that is too short would move the borders of all behind it."""
    index = SqlIndex(tmp_path)
    index.open_generation(ONE)
    index.add(ONE, [(TAG[:-1], SUBJECT, CELL), (TAG, SUBJECT, CELL)])
    with pytest.raises(Tampered):
        list(index.pages(ONE, 10))


def test_files_are_private(tmp_path: Path) -> None:
    """Nobody else reads which tags there are."""
    index = SqlIndex(tmp_path)
    index.open_generation(ONE)
    index.add(ONE, [(TAG, SUBJECT, CELL)])
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_its_pages_stay_small_wherever_the_file_goes(tmp_path: Path) -> None:
    """A file that is made, built, compacted or copied for a backup has the pages on which single changes are cheap."""
    index, copies = SqlIndex(tmp_path / "index"), tmp_path / "copies"
    for folder in (tmp_path / "index", copies):
        folder.mkdir()
    index.open_generation(ONE)
    index.build(TWO, [TAG + SUBJECT + CELL])
    index.add(ONE, [(TAG, SUBJECT, CELL)])
    index.compact()
    index.copy_to(copies)
    for path in (*tmp_path.glob("index/*.db"), *copies.glob("*.db")):
        with sqlite3.connect(path) as file:
            assert file.execute("PRAGMA page_size").fetchone() == (1024,), path.name
    assert len(list(copies.glob("*.db"))) == 2
