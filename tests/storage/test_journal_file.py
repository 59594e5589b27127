"""The journal of destructions in a file: every line vouches for itself and for the one before it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import SubjectId
from shouxin.errors import StoreUnavailable, Tampered
from shouxin.keys.journal import Destruction, Succession
from shouxin.storage.journal_file import JournalFile

KEY = b"j" * 32
BARRED = (bytes(16), Instant(5)), (bytes([9]) * 16, Instant(6))
WENT_ON = (Succession(bytes([1]) * 16, bytes([7]) * 16, ("contact.mobile", "identity.name")),)
ENTRIES = [
    Destruction(
        SubjectId(bytes([n]) * 16), n + 1, (bytes([n]) * 16,) * n, BARRED if n > 1 else (), WENT_ON if n % 2 else ()
    )
    for n in range(4)
]


def _journal(path: Path, key: bytes = KEY) -> JournalFile:
    return JournalFile(path, lambda: key)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal with four entries."""
    made = tmp_path / "destructions"
    _journal(made).append(ENTRIES)
    return made


def test_it_is_private(path: Path) -> None:
    """Who was erased is nobody else's business: mode 0600."""
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_every_altered_byte_is_seen(path: Path) -> None:
    """Whichever byte of the file is altered, reading it is an integrity failure, or the last line is not whole."""
    content = path.read_bytes()
    for at in range(len(content)):
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        if at == len(content) - 1:  # the last line break: the line was cut short, as by a crash
            assert list(_journal(path).entries()) == ENTRIES[:-1]
        else:
            with pytest.raises(Tampered):
                list(_journal(path).entries())


@pytest.mark.parametrize(
    "order", [[1, 2, 3], [0, 2, 3], [0, 1, 3], [1, 0, 2, 3], [0, 1, 1, 2, 3], [3, 2, 1, 0], [0, 1, 3, 2]]
)
def test_removed_repeated_or_reordered_lines_are_seen(path: Path, order: list[int]) -> None:
    """A line that is missing inside, doubled or moved is an integrity failure."""
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[at] for at in order))
    with pytest.raises(Tampered):
        list(_journal(path).entries())


def test_another_institutions_journal_is_not_read(path: Path) -> None:
    """Under another key no line is believed."""
    with pytest.raises(Tampered, match="line 1"):
        list(_journal(path, b"x" * 32).entries())


@pytest.mark.parametrize("cut", [1, 2, 40, 64, 90, 120])
def test_a_line_cut_short_by_a_crash_is_dropped_by_the_next_append(path: Path, cut: int) -> None:
    """What was never promised goes, what was promised stays, and the chain goes on from it."""
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines)[:-cut])
    left = ENTRIES[:3]
    assert list(_journal(path).entries()) == left
    _journal(path).append([ENTRIES[3]])
    assert path.read_bytes() == b"".join(lines)


def test_nothing_of_a_line_cut_short_stays_behind_a_shorter_one(path: Path) -> None:
    """The entry that follows a torn one may be shorter: no byte of the torn one is left behind it."""
    path.write_bytes(path.read_bytes()[:-1])
    _journal(path).append([ENTRIES[0]])
    assert list(_journal(path).entries()) == [*ENTRIES[:3], ENTRIES[0]]
    assert path.read_bytes().endswith(b"\n")


def test_a_first_line_cut_short_is_dropped_too(tmp_path: Path, path: Path) -> None:
    """A crash in the very first entry leaves an empty journal."""
    other = tmp_path / "other"
    other.write_bytes(path.read_bytes()[:30])
    assert list(_journal(other).entries()) == []
    _journal(other).append(ENTRIES)
    assert other.read_bytes() == path.read_bytes()


@given(st.lists(st.integers(1, 3), min_size=1, max_size=4))
def test_how_it_was_written_does_not_matter(sizes: list[int]) -> None:
    """The same entries in one go or in several give the same file."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        together, apart = Path(folder) / "a", Path(folder) / "b"
        entries = (ENTRIES * 3)[: sum(sizes)]
        _journal(together).append(entries)
        at = 0
        for size in sizes:
            _journal(apart).append(entries[at : at + size])
            at += size
        assert together.read_bytes() == apart.read_bytes()


def test_appending_to_a_damaged_journal_is_an_integrity_failure(path: Path) -> None:
    """When the last line does not read, no entry goes behind it in silence, and no other error is raised."""
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]) + lines[-1][:-3] + b"zz\n")
    with pytest.raises(Tampered):
        _journal(path).append([ENTRIES[0]])


def test_the_first_entry_makes_the_files_name_durable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A journal that was just made is still there after a power cut: its folder is synchronised too."""
    synchronised: list[bool] = []
    fsync = os.fsync

    def note(handle: int) -> None:
        synchronised.append(stat.S_ISDIR(os.fstat(handle).st_mode))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", note)
    _journal(tmp_path / "new").append(ENTRIES[:1])
    assert False in synchronised
    assert True in synchronised


def test_a_journal_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    """When the disk that is kept apart is gone, no destruction is promised."""
    with pytest.raises(StoreUnavailable):
        _journal(tmp_path / "gone" / "destructions").append(ENTRIES)
