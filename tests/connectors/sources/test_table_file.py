from __future__ import annotations

import gzip
import io
import json
import lzma
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shouxin.bootstrap import open_file
from shouxin.connectors.sources.table_file import TableFile
from shouxin.demo.mixed_folder import write_workbook
from shouxin.errors import Invalid, StoreUnavailable
from shouxin.operations.collecting.intake import Reached
from shouxin.operations.collecting.intake_source import SourceNote, SourceRecord, Unfit
from shouxin.operations.collecting.purge import look_again
from shouxin.operations.collecting.run_plan import run_plan
from tests import workspaces
from tests.plans import HEAD, approved, file_of, files_hold, person_line


def _people(count: int) -> list[dict[str, str]]:
    """Applicants with a field that no plan names; the third has no mobile, so that rows must keep together."""
    made = [dict(zip(HEAD.split(","), person_line(at).split(","), strict=True)) for at in range(1, count + 1)]
    for at, one in enumerate(made, 1):
        one["note"] = f"geheim-{at}"
    made[2]["contact.mobile"] = ""
    return made


def _write(path: Path, people: list[dict[str, str]]) -> Path:
    """Write people as what the suffix says; JSON lines leave empty fields out, Parquet has a nested column beside."""
    if path.suffix == ".xlsx":
        write_workbook(path, [list(people[0]), *(list(one.values()) for one in people)])
    elif path.suffix == ".parquet":
        columns: dict[str, Any] = {name: [one[name] or None for one in people] for name in people[0]}
        columns["tags"] = [["a"] for _ in people[:-2]] + [["b", "c"], []]
        pq.write_table(pa.table(columns), path, row_group_size=3)
    else:
        lines = [json.dumps({name: value for name, value in one.items() if value}) for one in people]
        path.write_text("\n".join([*lines[:4], "", "{not json", *lines[4:]]) + "\n", "utf-8")
    return path


@pytest.mark.parametrize("suffix", [".xlsx", ".parquet", ".jsonl"])
def test_a_plan_collects_each_kind_of_file_row_by_row(tmp_path: Path, suffix: str) -> None:
    """Every person with their own values, the unplanned field dropped by name, again nothing; no value in the clear."""
    people = _people(7)
    path = _write(tmp_path / f"people{suffix}", people)
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank)
    source = open_file(bank, path, "applications")
    assert isinstance(source, TableFile)
    rows = [one for one in source.read(Reached(), ()) if isinstance(one, SourceRecord)]
    assert [{name: one.fields.reveal().get(name, "") for name in people[0]} for one in rows] == people
    ran = run_plan(bank, collector, "applications", source)
    assert (ran.run.taken, ran.run.unplanned) == (7, ("note",))
    assert [one.reason for one in ran.aside] == (["not-json"] if suffix == ".jsonl" else [])
    assert run_plan(bank, collector, "applications", source).run.taken == 0
    assert source.verify(Reached(line=100), (), lambda _: []).left == 7 + len(ran.aside)
    source.close()
    bank.close()
    assert files_hold(workspaces.home_of(tmp_path), "geheim-1", people[0]["identity.id_number"]) == []


@pytest.mark.parametrize("suffix", [".xlsx", ".parquet", ".jsonl"])
def test_it_goes_on_behind_what_was_reached(tmp_path: Path, suffix: str) -> None:
    """The rows before are not read again, and the numbers go on."""
    source = TableFile(_write(tmp_path / f"people{suffix}", _people(5)))
    left = [one.line for one in source.read(Reached(line=3), ())]
    source.close()
    assert left == ([4, 5] if suffix != ".jsonl" else [4, 5, 6])


@pytest.mark.parametrize("suffix", [".xlsx", ".parquet"])
def test_what_is_not_what_its_name_says_is_refused(tmp_path: Path, suffix: str) -> None:
    """Bytes of another kind, and a file that is gone: one error, without content."""
    path = tmp_path / f"people{suffix}"
    path.write_bytes(b"13800001234 is no table\n")
    source = TableFile(path)
    with pytest.raises(StoreUnavailable) as caught:
        source.describe()
    assert "1380000" not in str(caught.value)
    path.unlink()
    with pytest.raises(StoreUnavailable):
        source.describe()
    assert source.verify(Reached(line=3), (), lambda _: []).left == 0


def test_a_line_that_is_no_object_is_set_aside_by_its_reason(tmp_path: Path) -> None:
    """A list, nesting without end; the line behind them is good."""
    deep = '{"a":' * 40 + "1" + "}" * 40
    path = tmp_path / "people.ndjson"
    path.write_text(f'[1]\n{deep}\n{{"person": {{"name": "x"}}}}\n', "utf-8")
    found = list(TableFile(path).read(Reached(), ()))
    assert [one.reason for one in found if isinstance(one, Unfit)] == ["not-an-object", "too-deep-or-wide"]
    assert [one.fields.reveal() for one in found if isinstance(one, SourceRecord)] == [{"person.name": "x"}]


def _packed(folder: Path, people: list[dict[str, str]]) -> dict[str, Path]:
    """The same people as each kind of packed file, and as a JSON document."""
    head = ",".join(people[0])
    table = "\n".join([head, *(",".join(one.values()) for one in people)]).encode() + b"\n"
    made = {name: folder / f"people.{name}" for name in ("zip", "csv.gz", "tgz", "csv.xz", "json")}
    with zipfile.ZipFile(made["zip"], "w") as archive:
        half = len(people) // 2
        for at, some in enumerate((people[:half], people[half:])):
            rows = "\n".join([head, *(",".join(one.values()) for one in some)])
            archive.writestr(f"branch{at}/people.csv", rows + "\n")
        archive.writestr("read me.txt", "nothing")
    made["csv.gz"].write_bytes(gzip.compress(table))
    made["csv.xz"].write_bytes(lzma.compress(table))
    with tarfile.open(made["tgz"], "w:gz") as archive_:
        info = tarfile.TarInfo("people.csv")
        info.size = len(table)
        archive_.addfile(info, io.BytesIO(table))
    made["json"].write_text(json.dumps(people), "utf-8")
    return made


@pytest.mark.parametrize("name", ["zip", "csv.gz", "tgz", "csv.xz", "json"])
def test_packed_files_and_documents_are_sources(tmp_path: Path, name: str) -> None:
    """Everybody of every member comes in once; what is no table in an archive is set aside, not passed over."""
    people = _people(5)
    path = _packed(tmp_path, people)[name]
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank)
    source = open_file(bank, path, "applications")
    ran = run_plan(bank, collector, "applications", source)
    assert (ran.run.taken, ran.run.unplanned) == (5, ("note",))
    assert [one.reason for one in ran.aside] == (["no-table-in-archive"] if name == "zip" else [])
    source.close()
    if name == "json":
        assert set(source.describe()) == {*people[0]}


def test_a_bomb_ends_and_what_is_no_archive_is_told(tmp_path: Path) -> None:
    """What unpacks beyond all measure is given up; a name does not make an archive."""
    bomb = tmp_path / "people.csv.gz"
    with gzip.open(bomb, "wb", compresslevel=9) as file:
        for _ in range(300):
            file.write(b"a,b\n" + b"0" * ((1 << 20) - 5) + b"\n")
    with pytest.raises(StoreUnavailable, match="bomb"):
        for _ in TableFile(bomb).read(Reached()):
            pass
    (tmp_path / "p.zip").write_text("no archive")
    with pytest.raises(StoreUnavailable, match="not the archive"):
        list(TableFile(tmp_path / "p.zip").read(Reached()))
    (tmp_path / "p.json").write_text("[{")
    with pytest.raises(StoreUnavailable, match="JSON"):
        list(TableFile(tmp_path / "p.json").read(Reached()))


def test_an_object_of_a_bucket_is_a_source(tmp_path: Path) -> None:
    """By its URL; gone from its bucket it is gone, and a bucket that is away says nothing."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank)
    (tmp_path / "bucket").mkdir()
    path = file_of(tmp_path / "bucket" / "people.csv", range(1, 4))
    url = f"file://{path}"
    source = open_file(bank, url, "applications")
    assert run_plan(bank, collector, "applications", source).run.taken == 3
    assert look_again(bank, collector, "applications", source).left == 3
    path.unlink()
    assert look_again(bank, collector, "applications", source).is_gone()
    with pytest.raises(StoreUnavailable, match="no such object"):
        source.describe()
    with pytest.raises(Invalid, match="a bucket is one of"):
        open_file(bank, "ftp://example/people.csv", "applications")


@pytest.mark.parametrize(("name", "reason"), [("p.json", "no-text"), ("p.jsonl", "not-json")])
def test_half_of_a_surrogate_pair_keeps_no_other_record_out(tmp_path: Path, name: str, reason: str) -> None:
    """A document or a line that says what no UTF-8 can: that record is set aside; a NaN beside it is no JSON at all."""
    rows = [json.dumps(one) for one in ({"a": "1"}, {"a": "\ud800"}, {"a": "2"})]
    text = f"[{','.join(rows)}]" if name == "p.json" else "\n".join(rows)
    (tmp_path / name).write_text(text, "ascii")
    read = list(TableFile(tmp_path / name).read(Reached()))
    assert [
        one.reason if isinstance(one, Unfit) else one.fields.reveal() for one in read if not isinstance(one, SourceNote)
    ] == [
        {"a": "1"},
        reason,
        {"a": "2"},
    ]
    (tmp_path / "p.json").write_text('[{"a": "\\ud800", "b": NaN}]', "ascii")
    with pytest.raises(StoreUnavailable, match="JSON"):
        list(TableFile(tmp_path / "p.json").read(Reached()))
