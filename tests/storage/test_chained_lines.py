"""Lines that vouch for one another: read on from where one was, and found from the end of a long file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.errors import Tampered
from shouxin.storage.chained_lines import START, ChainedLines

# Around the size of a block that is read from the end at a time.
_LONG = [0, 1, 100, 65_400, 65_470, 65_471, 65_472, 65_536, 140_000]


def _lines(path: Path) -> ChainedLines:
    return ChainedLines(path, "the list", lambda: b"k" * 32)


@pytest.mark.parametrize("length", _LONG)
def test_the_end_is_found_behind_lines_of_any_length(tmp_path: Path, length: int) -> None:
    """What is appended behind a long line continues it, as does what follows a line cut short."""
    path = tmp_path / "list"
    bodies = [b"first", b"x" * length, b"last"]
    for body in bodies[:2]:
        _lines(path).append([body])
    whole = path.read_bytes()
    path.write_bytes(whole + b"y" * length)
    _lines(path).append(bodies[2:])
    assert _lines(path).read()[0] == bodies
    assert path.read_bytes().startswith(whole + b"last ")


@given(st.lists(st.lists(st.binary(max_size=30).filter(lambda body: b"\n" not in body), max_size=3), max_size=5))
def test_reading_on_gives_what_is_new_and_nothing_twice(batches: list[list[bytes]]) -> None:
    """Whoever reads after each append has seen the same as whoever reads all at the end."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        lines, place, seen = _lines(Path(folder) / "list"), START, []
        for batch in batches:
            lines.append(batch)
            new, place = lines.read(place)
            assert new == batch
            seen += new
        assert lines.read() == (seen, place)
        assert place.offset == max(lines.size(), 0)


def test_what_was_exchanged_before_the_place_of_a_reader_is_seen_behind_it(tmp_path: Path) -> None:
    """A file that was written anew by somebody without the key does not continue what was read."""
    path = tmp_path / "list"
    _lines(path).append([b"one", b"two"])
    _, place = _lines(path).read()
    ChainedLines(path, "the list", lambda: b"z" * 32).append([b"three"])
    with pytest.raises(Tampered, match="line 3 of the list"):
        _lines(path).read(place)


def test_counting_on_gives_what_counting_anew_does(tmp_path: Path) -> None:
    """After lines of one's own and of another process, behind one cut short, and of a file that is gone or shorter."""
    path = tmp_path / "list"
    lines = _lines(path)
    assert lines.count() == 0
    lines.append([b"one", b"two"])
    assert lines.count() == 2
    whole = path.read_bytes()
    path.write_bytes(whole + b"cut short, and longer than the line that takes its place in the file, by far, and so on")
    assert lines.count() == 2
    _lines(path).append([b"3"])
    assert lines.count() == _lines(path).count() == 3
    path.write_bytes(whole)
    assert lines.count() == 2
    path.unlink()
    assert lines.count() == 0
