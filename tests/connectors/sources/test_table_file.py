from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shouxin.bootstrap import open_file
from shouxin.connectors.sources.table_file import TableFile
from shouxin.demo.mixed_folder import write_workbook
from shouxin.errors import StoreUnavailable
from shouxin.operations.collecting.intake import Reached
from shouxin.operations.collecting.intake_source import SourceRecord, Unfit
from shouxin.operations.collecting.run_plan import run_plan
from tests import workspaces
from tests.plans import HEAD, approved, files_hold, person_line


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
    assert [{name: one.fields.get(name, "") for name in people[0]} for one in rows] == people
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
    assert [one.fields for one in found if isinstance(one, SourceRecord)] == [{"person.name": "x"}]
