from __future__ import annotations

import gzip
import io
import json
import os
import sqlite3
import tarfile
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shouxin.config import how_to_install
from shouxin.connectors.readers import apart
from shouxin.detection.survey.reading import Basis, Sampling
from tests.connectors.readers.sources import CARDS, IDS, MOBILES, items_of, place_of, scanned, table, unread

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
FOUR = {"identity.name", "identity.id_number", "contact.mobile", "account.card_number"}


@pytest.mark.parametrize(("name", "sign"), [("a.csv", ","), ("a.tsv", "\t"), ("a.csv", ";"), ("a.txt", "|")])
@pytest.mark.parametrize("codec", ["utf-8-sig", "gb18030", "utf-16"])
def test_divided_fields(tmp_path: Path, name: str, sign: str, codec: str) -> None:
    """Any usual sign and encoding: every row, every column, and no item in the year codes."""
    (tmp_path / name).write_bytes(table(sign=sign).encode(codec))
    report = scanned(tmp_path)
    seen = place_of(report, name)
    assert (seen.rows, seen.read, len(seen.columns)) == (400, 400, 6)
    assert items_of(report, name) == FOUR


def test_a_table_without_a_header_names_no_column_after_a_person(tmp_path: Path) -> None:
    """The first row is a row; columns are numbers; values decide."""
    (tmp_path / "a.csv").write_text(table().partition("\n")[2], "utf-8")
    report = scanned(tmp_path)
    seen = place_of(report, "a.csv")
    assert seen.rows == 400
    assert [column.name for column in seen.columns] == [f"#{at}" for at in range(1, 7)]
    assert items_of(report, "a.csv") == FOUR - {"identity.name"}


@pytest.mark.parametrize(("name", "extra"), [("a.parquet", "files"), ("a.png", "media")])
def test_what_no_package_reads_names_the_extra_that_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, extra: str
) -> None:
    """Not the package: nobody installs one by its name, and the extra needs more than one."""
    monkeypatch.setattr(apart, "find_spec", lambda _: None)
    (tmp_path / name).write_bytes({"files": b"PAR1", "media": b"\x89PNG\r\n"}[extra] + bytes(90))
    assert unread(scanned(tmp_path)) == {name: ("no-reader", how_to_install(extra))}


def test_ragged_and_broken_rows_are_not_lost(tmp_path: Path) -> None:
    """Fields beyond the header are a column, and a field that never ends is read as text."""
    (tmp_path / "a.csv").write_text("id,name\n1,x," + "\n2,y,".join(MOBILES[:300]) + "\n", "utf-8")
    assert items_of(scanned(tmp_path), "a.csv") == {"contact.mobile"}
    (tmp_path / "a.csv").write_text(f'id,name\n1,a\n2,"{"x," * 100_000}\n{IDS[0]}\n', "utf-8")
    report = scanned(tmp_path)
    seen = place_of(report, "a.csv")
    assert (seen.aside, seen.rows, seen.read, seen.basis) == (1, 3, 2, Basis.ALL)
    assert items_of(report, "a.csv") == {"identity.id_number"}


def test_nested_json(tmp_path: Path) -> None:
    """Lines, a list and one object: columns by path, broken lines read as text, keys that are numbers not shown."""
    rows = [{"who": {"cert": one}, "calls": [{"to": mobile}]} for one, mobile in zip(IDS, MOBILES, strict=True)]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)) + f'\n{{"torn": "{CARDS[0]}\n', "utf-8")
    (tmp_path / "b.json").write_text(json.dumps(rows), "utf-8")
    (tmp_path / "c.json").write_text(json.dumps({MOBILES[0]: {"name": "x"}}), "utf-8")
    report = scanned(tmp_path)
    assert place_of(report, "a.jsonl").aside == 1
    assert items_of(report, "a.jsonl") == {"identity.id_number", "contact.mobile", "account.card_number"}
    assert {column.name for column in place_of(report, "b.json").columns} == {"who.cert", "calls[].to"}
    assert [column.name for column in place_of(report, "c.json").columns] == ["[mobile].name"]
    assert items_of(report, "c.json") == {"contact.mobile"}


def test_json_that_nests_without_end_is_read_as_text(tmp_path: Path) -> None:
    """A hundred thousand brackets: no recursion, and what stands behind them is found."""
    (tmp_path / "a.json").write_text("[" * 100_000 + f'"{IDS[0]}"' + "]" * 100_000, "utf-8")
    (tmp_path / "b.jsonl").write_text('{"a":' * 100_000 + f'"{IDS[0]}"' + "}" * 100_000 + "\n{}\n", "utf-8")
    report = scanned(tmp_path)
    assert items_of(report, "a.json") == items_of(report, "b.jsonl") == {"identity.id_number"}


def test_archives_in_archives(tmp_path: Path) -> None:
    """Zip, tar and gzip, to a depth of three; what lies deeper or is encrypted is told."""
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w:gz") as tar:
        data = table().encode()
        info = tarfile.TarInfo("people.csv")
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "people.csv"
        tar.addfile(link)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("in/b.tgz", inner.getvalue())
        archive.writestr("../../note.txt", f"call {MOBILES[0]}")
        archive.writestr("raw.bin", bytes(range(256)) * 9)
    (tmp_path / "deep.gz").write_bytes(gzip.compress(gzip.compress(gzip.compress(gzip.compress(b"x")))))
    report = scanned(tmp_path)
    assert items_of(report, "a.zip!in/b.tgz!b.tar!people.csv") == FOUR
    assert items_of(report, "a.zip!../../note.txt") == {"contact.mobile"}
    assert not (tmp_path.parent.parent / "note.txt").exists()
    assert unread(report) == {
        "a.zip!in/b.tgz!b.tar!link": ("special", "link or device"),
        "a.zip!raw.bin": ("binary", "unknown"),
        "deep.gz!deep!deep!deep": ("too-deep", "gzip"),
    }


def test_an_encrypted_member_is_told(tmp_path: Path) -> None:
    """The flag in the list is enough: nothing is tried."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.txt", "x")
    data = bytearray((tmp_path / "a.zip").read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "a.zip").write_bytes(data)
    assert unread(scanned(tmp_path)) == {"a.zip!a.txt": ("encrypted", "zip")}


def test_parquet_is_drawn_from_every_row_group(tmp_path: Path) -> None:
    """A sample of all rows, nested columns by path; everything if asked; a file that is cut off is told."""
    count = 20_000
    columns = {
        "sjhm": [MOBILES[at % 400] for at in range(count)],
        "who": [{"cert": IDS[at % 400], "n": at} for at in range(count)],
        "at": list(range(count)),
    }
    pq.write_table(pa.table(columns), tmp_path / "a.parquet", row_group_size=1_000)
    report = scanned(tmp_path, sampling=Sampling(500))
    seen = place_of(report, "a.parquet")
    assert (seen.rows, seen.read, seen.basis) == (count, 500, Basis.RANDOM)
    assert [column.values for column in seen.columns] == [500] * 4
    assert items_of(report, "a.parquet") == {"contact.mobile", "identity.id_number"}
    whole = place_of(scanned(tmp_path, sampling=Sampling(500, everything=True)), "a.parquet")
    assert (whole.read, whole.columns[0].whole, whole.basis) == (count, {"mobile": count}, Basis.ALL)
    data = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "a.parquet").write_bytes(data[: len(data) // 2])
    assert unread(scanned(tmp_path))["a.parquet"][0] == "broken"


def _sheet(rows: list[list[str]]) -> str:
    lines = ["".join(f'<c t="inlineStr"><is><t>{value}</t></is></c>' for value in row) for row in rows]
    cells = "".join(f"<row>{line}</row>" for line in lines)
    return f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>'


def write_workbook(path: Path, sheet: str) -> None:
    """Write the smallest workbook that there is, with one sheet."""
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packed = "http://schemas.openxmlformats.org/package/2006/relationships"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr(
            "[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
        )
        book.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{kinds}"><sheets><sheet name="客户" sheetId="1" r:id="r1"/></sheets>'
            "</workbook>",
        )
        book.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{packed}"><Relationship Id="r0" Type="{kinds}/officeDocument"'
            ' Target="xl/workbook.xml"/></Relationships>',
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{packed}"><Relationship Id="r1" Type="{kinds}/worksheet"'
            ' Target="worksheets/s.xml"/></Relationships>',
        )
        book.writestr("xl/worksheets/s.xml", sheet)


def test_a_workbook_is_a_table_a_sheet(tmp_path: Path) -> None:
    """The first row names the columns."""
    rows = [["姓名", "手机号"], *(["张伟", mobile] for mobile in MOBILES)]
    write_workbook(tmp_path / "a.xlsx", _sheet(rows))
    report = scanned(tmp_path)
    assert items_of(report, "a.xlsx!客户") == {"identity.name", "contact.mobile"}
    assert place_of(report, "a.xlsx!客户").rows == 400


def test_a_workbook_that_claims_to_be_endless_ends_its_reader_only(tmp_path: Path) -> None:
    """Two cells at opposite corners would take 400 GB: the process apart dies, the scan goes on."""
    sheet = _sheet([["a"]]).replace("</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')
    write_workbook(tmp_path / "a.xlsx", sheet)
    rows = [["手机号"], *([mobile] for mobile in MOBILES)]
    write_workbook(tmp_path / "b.xlsx", _sheet(rows))
    report = scanned(tmp_path)
    assert unread(report)["a.xlsx"][0] in {"broken", "too-large"}
    assert items_of(report, "b.xlsx!客户") == {"contact.mobile"}


def test_a_database_file(tmp_path: Path) -> None:
    """Tables by ranges of the key; views and binary columns are told; nothing is written; also in an archive."""
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table people(id integer primary key, mobile text, photo blob)")
        connection.executemany(
            "insert into people values(?, ?, x'00')", [(at, MOBILES[at % 400]) for at in range(3_000)]
        )
        connection.execute('create table "a;b ""c"(cert text)')
        connection.executemany('insert into "a;b ""c" values(?)', [(one,) for one in IDS])
        connection.execute("create view everybody as select * from people")
    connection.close()
    before = path.read_bytes()
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.write(path, "a.db")
    report = scanned(tmp_path, sampling=Sampling(500))
    seen = place_of(report, "a.db!people")
    assert (seen.rows, seen.basis) == (3_000, Basis.RANGES)
    assert 300 < seen.read <= 500
    assert items_of(report, "a.db!people") == items_of(report, "z.zip!a.db!people") == {"contact.mobile"}
    assert items_of(report, 'a.db!a;b "c') == {"identity.id_number"}
    assert unread(report)["a.db!everybody"] == ("special", "view")
    assert unread(report)["a.db!people!photo"] == ("binary", "binary column")
    assert path.read_bytes() == before
    path.write_bytes(before[:5_000])
    assert any(reason == "broken" for reason, _ in unread(scanned(path)).values())


def test_names_of_odd_bytes(tmp_path: Path) -> None:
    """A file whose name is no text is read like any other, also by the process apart."""
    pq.write_table(pa.table({"phone": MOBILES}), tmp_path / "a.parquet")
    (tmp_path / "a.parquet").rename(os.fsdecode(os.fsencode(tmp_path) + b"/a\xff\n.parquet"))
    (place,) = scanned(tmp_path).places
    assert place.columns[0].whole == {"mobile": 400}


def test_what_is_empty_was_looked_at(tmp_path: Path) -> None:
    """A file, an archive, a table and a database without anything in them are places, not nothing."""
    (tmp_path / "a.txt").touch()
    (tmp_path / "b.csv").touch()
    with zipfile.ZipFile(tmp_path / "c.zip", "w"):
        pass
    pq.write_table(pa.table({"phone": pa.array([], pa.string())}), tmp_path / "d.parquet")
    with sqlite3.connect(tmp_path / "e.db") as connection:
        connection.execute("create table people(mobile text)")
        connection.execute("drop table people")
    connection.close()
    report = scanned(tmp_path)
    assert {one.place: one.form for one in report.places} == {
        **dict.fromkeys(("a.txt", "b.csv", "c.zip", "e.db"), "empty"),
        "d.parquet": "parquet",
    }
    assert not report.unread


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    """Pictures, programs, links, noise: each with its reason; the name of a file that names a person is not shown."""
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(99))
    (tmp_path / "b.bin").write_bytes(bytes(range(256)) * 9)
    (tmp_path / "c").symlink_to(tmp_path / "a.png")
    (tmp_path / f"{MOBILES[0]}.txt").write_text("nothing", "utf-8")
    (tmp_path / "torn.zip").write_bytes(b"PK\x03\x04" + bytes(50))
    (tmp_path / "torn.gz").write_bytes(gzip.compress(f"{IDS[0]}\n".encode() * 9000)[:-20])
    report = scanned(tmp_path)
    told = unread(report)
    assert told["a.png"] == ("broken", "picture")
    assert told["b.bin"] == ("binary", "unknown")
    assert told["c"] == ("special", "link")
    assert told["torn.zip"][0] == told["torn.gz!torn"][0] == "broken"
    assert items_of(report, "[mobile].txt") == {"contact.mobile"}
    assert MOBILES[0] not in repr(report)
