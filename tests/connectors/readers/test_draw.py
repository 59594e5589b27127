from __future__ import annotations

from collections import Counter

from shouxin.connectors.readers.draw import as_text, drawn, flat, windows_of
from shouxin.detection.column_evidence import LONGEST
from shouxin.detection.survey.reading import Basis, Sampling


def test_every_row_has_the_same_chance() -> None:
    """Over many draws each row comes about equally often, in order, and the same seed draws the same."""
    counted = Counter[int]()
    for seed in range(2_000):
        rows, count = drawn(([number] for number in range(20)), str(seed), 5)
        assert count == 20
        assert rows == sorted(rows)
        counted.update(row[0] for row in rows)
    assert set(counted) == set(range(20))
    assert all(400 < often < 600 for often in counted.values()), counted
    assert drawn([[n] for n in range(99)], "a", 9) == drawn([[n] for n in range(99)], "a", 9)


def test_large_rows_shrink_the_sample_and_not_the_memory() -> None:
    """Rows of a mebibyte: fewer are kept than were asked for, and all are counted."""
    rows, count = drawn((["x" * (1 << 20)] for _ in range(300)), "s", 300)
    assert count == 300
    assert 100 < len(rows) < 140


def test_values_as_a_file_would_show_them() -> None:
    """A spreadsheet's float is the number that was typed; bytes are read; nothing is longer than is looked at."""
    assert as_text(15400000001.0) == "15400000001"
    assert as_text(1.5) == "1.5"
    assert as_text("手机".encode()) == "手机"
    assert as_text(None) is None
    assert len(as_text("x" * 999_999) or "") == LONGEST + 1


def test_nested_values_are_columns_by_path() -> None:
    """Lists are one column; what nests without end stops."""
    row = {"name": "a", "contacts": [{"mobile": "1"}, {"mobile": "2"}]}
    assert list(flat(row)) == [("name", "a"), ("contacts[].mobile", "1"), ("contacts[].mobile", "2")]
    deep: list[object] = []
    for _ in range(100):
        deep = [deep]
    assert len(list(flat(deep))) == 1


def test_everything_comes_in_turns() -> None:
    """All rows, each once; doubled names are kept apart and fields beyond the names are not lost."""
    rows = [[str(number), "x", "y"] for number in range(25)]
    windows = list(windows_of(rows, ["a", "a"], "t", "csv", Sampling(10, everything=True)))
    assert [window.read for window in windows] == [10, 10, 5]
    assert {window.basis for window in windows} == {Basis.ALL}
    assert set(windows[0].columns) == {"a", "a (2)", "*"}
    assert [value for window in windows for value in window.columns["a"]] == [row[0] for row in rows]


def test_columns_have_an_end() -> None:
    """A row of a hundred thousand fields makes two thousand columns and one for the rest; no value is lost."""
    (window,) = windows_of([["x"] * 100_000], [str(at) for at in range(100_000)], "t", "csv", Sampling())
    assert len(window.columns) == 2_001
    assert len(window.columns["*"]) == 98_000


def test_a_sample_says_that_it_is_one() -> None:
    """Rows and read differ, and the basis with them."""
    (window,) = windows_of([[str(n)] for n in range(100)], ["a"], "t", "csv", Sampling(10))
    assert (window.rows, window.read, window.basis, len(window.columns["a"])) == (100, 10, Basis.RANDOM, 10)
