from __future__ import annotations

import gzip
import io
import os
import sqlite3
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from shouxin.connectors.readers import blob
from shouxin.connectors.readers.apart import Apart
from shouxin.connectors.readers.blob import Blob
from shouxin.connectors.sources.table_file import TableFile
from shouxin.detection.survey.reading import Sampling, Unread
from shouxin.operations.collecting.intake import Reached
from shouxin.operations.collecting.intake_source import Unfit
from tests.connectors.readers.sources import MOBILES, items_of, scanned, unread
from tests.connectors.readers.test_content import write_workbook
from tests.house.tree import ROOT


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blob, "_LEAST", 4 << 20)


def _zeros(mebibytes: int) -> bytes:
    return gzip.compress(b" \n" * (mebibytes << 19))


def test_a_bomb_is_put_out_and_the_rest_is_read(tmp_path: Path) -> None:
    """In one layer or two, as a workbook or among members: told as a bomb, and other files are read."""
    (tmp_path / "a.gz").write_bytes(_zeros(64))
    (tmp_path / "b.gz").write_bytes(gzip.compress(_zeros(64)))
    with zipfile.ZipFile(tmp_path / "c.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("first.txt", f"call {MOBILES[0]}")
        archive.writestr("bomb.txt", b" \n" * (32 << 19))
        archive.writestr("never.txt", "x")
    write_workbook(tmp_path / "d.xlsx", " " * (64 << 20))
    (tmp_path / "e.txt").write_text(f"call {MOBILES[1]}", "utf-8")
    report = scanned(tmp_path)
    told = unread(report)
    assert told["a.gz!a"] == told["b.gz!b!b"] == told["c.zip"] == told["d.xlsx"] == ("bomb", "size")
    assert items_of(report, "c.zip!first.txt") == items_of(report, "e.txt") == {"contact.mobile"}


def _sparse_tar(path: Path, data: bytes, claimed: int) -> None:
    """A tar of one file in the old sparse form of GNU: little is there, and the rest is claimed to be nothing."""

    def octal(number: int, width: int) -> bytes:
        return b"%0*o\0" % (width - 1, number)

    def wide(number: int) -> bytes:
        return b"\x80" + number.to_bytes(11, "big")

    head = bytearray(512)
    for at, field in {
        0: b"a.csv",
        100: octal(0o644, 8),
        108: octal(0, 8) * 2,
        124: octal(len(data), 12) + octal(0, 12),
        156: b"S",
        257: b"ustar  \0",
        386: octal(0, 12) + octal(len(data), 12) + wide(claimed) + octal(0, 12),
        483: wide(claimed),
        148: b" " * 8,
    }.items():
        head[at : at + len(field)] = field
    head[148:156] = b"%06o\0 " % sum(head)
    path.write_bytes(bytes(head) + data.ljust(-(-len(data) // 512) * 512, b"\0") + bytes(1024))


def test_a_sparse_member_of_a_tar_is_a_bomb(tmp_path: Path) -> None:
    """A file of a few kilobytes that claims to unpack to terabytes is told at once, by scan and by source alike."""
    _sparse_tar(tmp_path / "a.tar", f"call {MOBILES[0]}\n".encode() * 20, 4 << 40)
    (tmp_path / "b.txt").write_text(f"call {MOBILES[1]}", "utf-8")
    report = scanned(tmp_path)
    assert unread(report) == {"a.tar!a.csv": ("bomb", "sparse")}
    assert items_of(report, "b.txt") == {"contact.mobile"}
    assert [one.reason for one in TableFile(tmp_path / "a.tar").read(Reached()) if isinstance(one, Unfit)] == [
        "member-bomb"
    ]


def test_a_header_of_a_tar_that_claims_to_be_huge_is_not_read(tmp_path: Path) -> None:
    """A name of gigabytes in front of a member is told, and never held."""
    with tarfile.open(tmp_path / "a.tar", "w", format=tarfile.GNU_FORMAT) as archive:
        archive.addfile(tarfile.TarInfo("n" * (5 << 20)))
    assert unread(scanned(tmp_path)) == {"a.tar": ("bomb", "header")}


def test_a_member_of_a_tar_comes_off_the_allowance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read of a tar is counted as what is unpacked of a zip."""
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        info = tarfile.TarInfo("a.txt")
        info.size = 2 << 20
        archive.addfile(info, io.BytesIO(b" " * info.size))
    monkeypatch.setattr(blob.Allowance, "of", classmethod(lambda cls, packed: cls(1 << 20)))
    assert unread(scanned(tmp_path))["a.tar"] == ("bomb", "size")


def test_a_database_that_makes_huge_values_is_told(tmp_path: Path) -> None:
    """A generated column of 200 MB a row in a file of 8 kB: its table is told, and the other is read."""
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("create table made(id integer primary key, x text as (hex(zeroblob(100000000))))")
        connection.execute("create table phones(mobile text)")
        connection.executemany("insert into made(id) values (?)", [(number,) for number in range(5)])
        connection.executemany("insert into phones values (?)", [(one,) for one in MOBILES])
    connection.close()
    report = scanned(tmp_path)
    assert unread(report)["a.db!made"][0] == "broken"
    assert items_of(report, "a.db!phones") == {"contact.mobile"}


def test_an_archive_of_many_members_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More members than anybody needs, or a list that is too long: told."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number in range(200):
            archive.writestr(f"{number}.txt", "x")
    monkeypatch.setattr(blob.Allowance, "of", classmethod(lambda cls, packed: cls(1 << 20, 100)))
    report = scanned(tmp_path)
    assert unread(report)["a.zip"] == ("bomb", "members")
    assert len(report.places) == 100


@pytest.mark.parametrize("name", ["a.parquet", "a.xlsx", "a.zip", "a.db", "a.gz", "a.xls", "a.tar"])
def test_noise_behind_a_magic_number_is_told(tmp_path: Path, name: str) -> None:
    """Whatever the format claims: one reason, no error, and the next file is read."""
    magic = {
        "a.parquet": b"PAR1",
        "a.xlsx": b"PK\x03\x04",
        "a.zip": b"PK\x03\x04",
        "a.db": b"SQLite format 3\0",
        "a.gz": b"\x1f\x8b\x08\x00",
        "a.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "a.tar": b"x" * 257 + b"ustar\x0000",
    }[name]
    (tmp_path / name).write_bytes(magic + os.urandom(5_000) + (b"PAR1" if name == "a.parquet" else b""))
    (tmp_path / "b.txt").write_text(f"call {MOBILES[0]}", "utf-8")
    report = scanned(tmp_path)
    assert [reason for reason, _ in unread(report).values()] in (["broken"], ["too-large"])
    assert items_of(report, "b.txt") == {"contact.mobile"}


def test_a_reader_that_says_nothing_is_ended() -> None:
    """A child that hangs is too slow, and the next order gets a new one."""
    apart = Apart(patience=0.05)
    hanging = Blob("a.parquet", 1, lambda: io.BytesIO(b"PAR1"))
    (told,) = apart.read("parquet", hanging, Sampling())  # it cannot even have started in this time
    assert isinstance(told, Unread)
    assert told.reason == "too-slow"
    apart.close()
    patient = Apart()
    (told,) = patient.read("parquet", hanging, Sampling())
    assert isinstance(told, Unread)
    assert told.reason == "broken"
    patient.close()


_MEASURED = """
import re, sys
from pathlib import Path
from tests.connectors.readers.sources import scanned, place_of
report = scanned(Path(sys.argv[1]), names=sys.argv[2] == "names")
seen = place_of(report, "a.csv")
# Of this program alone: getrusage would say what the process was that started it.
peak = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) >> 10
print(seen.text.size, sum(seen.text.found["mobile"].values()), peak)
"""


def _measured(path: Path, *, names: bool = False) -> list[int]:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}
    told = subprocess.run(
        [sys.executable, "-c", _MEASURED, str(path), "names" if names else ""],
        capture_output=True,
        text=True,
        check=True,
        env=env,
    )
    return [int(word) for word in told.stdout.split()]


def _one_line(path: Path, mebibytes: int) -> int:
    unit = (f"no line end here, only {MOBILES[0]} again and again; " * 400).encode()
    with path.open("wb") as file:
        for _ in range((mebibytes << 20) // len(unit)):
            file.write(unit)
    return (mebibytes << 20) // len(unit) * 400


@pytest.mark.parametrize("mebibytes", [24, pytest.param(1024, marks=pytest.mark.long)], ids=["24 MiB", "1 GiB"])
def test_a_file_of_one_line_takes_no_more_memory(tmp_path: Path, mebibytes: int) -> None:
    """A table by its name and one endless line in truth: every number in it is counted once, in bounded memory."""
    count = _one_line(tmp_path / "a.csv", mebibytes)
    size, found, peak = _measured(tmp_path)
    assert size == (tmp_path / "a.csv").stat().st_size
    assert found == count
    assert peak < 400


def test_a_line_of_names_takes_no_more_memory_either(tmp_path: Path) -> None:
    """The model of names sees blocks of an endless line too: nothing is lost at a cut."""
    unit = f"借款人张志强电话{MOBILES[0]}，住址浙江省杭州市西湖区文三路12号3幢402室；" * 40
    with (tmp_path / "a.csv").open("wb") as file:
        for _ in range(800):
            file.write(unit.encode())
    size, found, peak = _measured(tmp_path, names=True)
    assert size == 800 * len(unit.encode())
    assert found == 800 * 40
    assert peak < 500
