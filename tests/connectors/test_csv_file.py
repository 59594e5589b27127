"""CSV as people write it: encodings, line breaks within quotes, lines without end; nothing lost, nothing swallowed."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from shouxin.connectors.csv_file import CsvSource
from shouxin.errors import StoreUnavailable
from shouxin.operations.collecting.intake import Reached
from shouxin.operations.collecting.intake_source import SourceRecord, Unfit
from shouxin.operations.collecting.run_plan import run_plan
from tests import workspaces
from tests.plans import approved, file_of


def _read(path: Path, after: int = 0) -> list[tuple[int, object]]:
    return [
        (one.line, dict(one.fields.reveal()) if isinstance(one, SourceRecord) else one.reason)
        for one in CsvSource(path).read(Reached(after))
        if isinstance(one, SourceRecord | Unfit)
    ]


@pytest.mark.parametrize("codec", ["utf-8-sig", "gb18030", "utf-8", "utf-16", "utf-16-be"])
def test_what_a_spreadsheet_writes_is_read(tmp_path: Path, codec: str) -> None:
    """A mark before the header is no part of its first name; GB 18030 is told as scans tell it."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank)
    path = file_of(tmp_path / "p.csv", range(1, 4))
    path.write_bytes(path.read_text("utf-8").encode(codec))
    run = run_plan(bank, collector, "applications", CsvSource(path)).run
    assert (run.taken, run.aside, run.unplanned, run.findings) == (3, 0, (), ())
    assert run.seen == ("contact.mobile", "credit.amount", "identity.id_number", "identity.name")
    assert _read(path)[0] == (2, {**_read(path)[0][1], "identity.name": "张三001"})  # type: ignore[dict-item]


def test_one_broken_line_does_not_turn_a_file_into_another_encoding(tmp_path: Path) -> None:
    """The first line that is not ASCII is broken UTF-8; the file stays UTF-8 and only that line is set aside."""
    path = tmp_path / "p.csv"
    lines = ["name,n", *(f"张三{at},{at}" for at in range(5))]
    path.write_bytes("\n".join(lines).encode().replace("张三0".encode(), b"\xd5\xc5\xc8\xfd") + b"\n")
    assert [what for _, what in _read(path)] == [
        "not-utf-8",
        *({"name": f"张三{at}", "n": str(at)} for at in range(1, 5)),
    ]
    mixed = "name,n\n张三,1\n".encode("gb18030") + "李四,2\n王五,3\n".encode("gb18030") + b"\xff\xff,4\n"
    path.write_bytes(mixed)
    assert [what for _, what in _read(path)][-1] == "not-gb18030"


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_has_lines_where_its_characters_say(tmp_path: Path, codec: str) -> None:
    """A character with the byte of a line feed ends no line; half a pair and half a character cost their line only."""
    path = tmp_path / "p.csv"
    text = "\ufeff姓名,n\r\n上官一,1\r\n\ud83d二,2\r\n上上\U00020000,3\r\n末"
    path.write_bytes(text.encode(codec, "surrogatepass") + b"\x4e")
    assert _read(path) == [
        (2, {"姓名": "上官一", "n": "1"}),
        (3, "not-utf-16"),
        (4, {"姓名": "上上\U00020000", "n": "3"}),
        (5, "not-utf-16"),
    ]
    assert (_read(path, 3), CsvSource(path).count()) == (_read(path)[2:], 4)


def test_utf_16_without_end_is_read_a_piece_at_a_time(tmp_path: Path) -> None:
    """Forty megabytes on one line are one line, and never in memory together."""
    path = tmp_path / "p.csv"
    path.write_bytes(("\ufeffa\n" + "上" * (20 << 20) + "\ny\n").encode("utf-16-le"))
    tracemalloc.start()
    try:
        assert _read(path) == [(2, "line-too-long"), (3, {"a": "y"})]
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_a_field_may_hold_line_breaks_and_a_stray_quote_swallows_nothing(tmp_path: Path) -> None:
    """RFC 4180: lines that make one record of the header's length are one; a quote that never closes costs its line."""
    path = tmp_path / "p.csv"
    path.write_text('a,b\n1,"x\ny\n"\n2,z\n3,"never closed\n4,q\n"5",r\n6,"s, ""t"""\n', "utf-8")
    assert _read(path) == [
        (2, {"a": "1", "b": "x\ny\n"}),
        (5, {"a": "2", "b": "z"}),
        (6, "not-csv"),
        (7, {"a": "4", "b": "q"}),
        (8, {"a": "5", "b": "r"}),
        (9, {"a": "6", "b": 's, "t"'}),
    ]
    assert _read(path, 6) == _read(path)[3:]


def test_a_line_without_end_is_set_aside_once(tmp_path: Path) -> None:
    """Five megabytes on one line are one line; the next one is good and has its number."""
    path = tmp_path / "p.csv"
    path.write_text("a\n" + "x" * (5 << 20) + "\ny\n" + "z" * (1 << 20) + "\nw\n", "utf-8")
    assert _read(path) == [(2, "line-too-long"), (3, {"a": "y"}), (4, "line-too-long"), (5, {"a": "w"})]


def test_a_look_counts_records_and_a_header_that_does_not_read_is_no_empty_file(tmp_path: Path) -> None:
    """Two records over four lines are two; what cannot be looked at says nothing."""
    path = tmp_path / "p.csv"
    path.write_text('a,b\n1,"x\ny"\n2,z\n', "utf-8")
    assert CsvSource(path).verify(Reached(4), (), lambda _: []).left == 2
    path.write_bytes(b'a,"\n')
    with pytest.raises(StoreUnavailable):
        CsvSource(path).describe()


def test_a_blank_line_is_no_record_and_is_counted_as_a_line(tmp_path: Path) -> None:
    """Between records, at the end, of spaces only: none is set aside, and the lines after keep their numbers."""
    path = tmp_path / "people.csv"
    path.write_bytes(b'name,phone\r\n\r\na,1\r\n  \n"b\n\nb",2\n\n\n')
    read = [one for one in CsvSource(path).read(Reached()) if isinstance(one, SourceRecord | Unfit)]
    assert [(one.line, type(one)) for one in read] == [(3, SourceRecord), (5, SourceRecord)]
    assert CsvSource(path).verify(Reached(7), (), lambda _: []).left == 2
