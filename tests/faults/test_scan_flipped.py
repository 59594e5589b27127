"""Damaged files of every format: each is looked into or told, none is lost, none ends the scan."""

from __future__ import annotations

import gzip
import io
import random
import sqlite3
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.connectors.readers.sources import MOBILES, scanned, table
from tests.connectors.readers.test_content import write_workbook

_VARIANTS = 12


def _parquet(path: Path) -> None:
    pq.write_table(pa.table({"phone": MOBILES, "n": [{"a": [1, 2]}] * 400}), path, row_group_size=100)


def _workbook(path: Path) -> None:
    write_workbook(path, "<worksheet><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>")


def _zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", table())
        archive.writestr("b.txt", "x" * 999)


def _tar(path: Path) -> None:
    data = table().encode()
    with tarfile.open(path, "w") as archive:
        info = tarfile.TarInfo("a.csv")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))


def _database(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("create table people(mobile text)")
        connection.executemany("insert into people values(?)", [(one,) for one in MOBILES])
    connection.close()


_FORMATS: dict[str, Callable[[Path], object]] = {
    "parquet": _parquet,
    "xlsx": _workbook,
    "zip": _zip,
    "tar": _tar,
    "db": _database,
    "gz": lambda path: path.write_bytes(gzip.compress(table().encode())),
    "csv": lambda path: path.write_text(table(), "utf-8"),
    "jsonl": lambda path: path.write_text('{"a": {"b": [1, "x"]}}\n' * 400, "utf-8"),
}


@pytest.mark.slow
@pytest.mark.parametrize("form", _FORMATS)
def test_damage_is_survived_and_told(tmp_path: Path, form: str) -> None:
    """Flipped bytes and cut ends: every file is a place or has a reason, and the whole one beside them is read."""
    rng = random.Random(form)
    whole = tmp_path / f"whole.{form}"
    _FORMATS[form](whole)
    data = whole.read_bytes()
    for number in range(_VARIANTS):
        bytes_ = bytearray(data)
        for _ in range(rng.choice((1, 2, 8, 64))):
            bytes_[rng.randrange(len(bytes_))] = rng.randrange(256)
        if number % 3 == 0:
            del bytes_[rng.randrange(len(bytes_)) :]
        (tmp_path / f"{number}.{form}").write_bytes(bytes_)
    report = scanned(tmp_path)
    told = {one.place.partition("!")[0] for one in (*report.places, *report.unread)}
    assert told == {path.name for path in tmp_path.iterdir()}
    assert f"whole.{form}" in {one.place.partition("!")[0] for one in report.places}
