"""The demo as a stranger runs it: one process, one workspace that is kept, and every command that it prints tried.

The story takes half a minute, so it is told once a test run, whatever number of processes the run has.
"""

from __future__ import annotations

import csv
import fcntl
import io
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from shouxin.demo.applications import applications, write_csv
from shouxin.demo.scene import program
from tests.house.tree import ROOT, SRC

pytestmark = pytest.mark.slow

ROWS: Final = 1000
STEPS: Final = (
    "adopted",
    "collected",
    "refused",
    "masked",
    "approved",
    "scored",
    "accountable",
    "erased",
    "tampered",
)
# What a step's command exits with when it is run again after the story, and a word that it then shows (a figure of the
# step, where its name is given in braces). A refusal stays a refusal.
AGAIN: Final = {
    "adopted": (0, "credit.review"),
    "collected": (0, "sub_"),
    "refused": (1, "PIPL 6(1)"),
    "masked": (0, "*"),
    "approved": (0, "{request}"),
    "scored": (0, "{leaf}"),
    "accountable": (0, "credit.scoring"),
    "erased": (0, "sealed"),
    "tampered": (3, "{leaf}"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One telling: the workspace, what was printed, and how it ended."""

    home: Path
    code: int
    out: str
    err: str

    @property
    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found

    def step(self, name: str) -> dict[str, Any]:
        return next(step for step in self.data["steps"] if step["name"] == name)


def _shouxin(*words: str, place: Path, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run the program as a process of its own; nothing in the environment tells it where the workspace is."""
    return _run([sys.executable, "-m", "shouxin.cli", *words], place=place, given=given)


def _run(words: list[str], *, place: Path, given: str = "") -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SHOUXIN")}
    return subprocess.run(
        words,
        cwd=place,
        env={**kept, "HOME": str(place), "PYTHONPATH": str(SRC), "COLUMNS": "200"},
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Have the story told, once for all processes of this run."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "demo-told-once"
    shared.mkdir(exist_ok=True)
    home, record = shared / "home", shared / "told.json"
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not record.exists():
            ran = _shouxin("demo", "--json", "--rows", str(ROWS), "--home", str(home), place=shared)
            record.write_text(json.dumps([ran.returncode, ran.stdout, ran.stderr]), "utf-8")
    code, out, err = json.loads(record.read_text("utf-8"))
    return Told(home, code, out, err)


def test_the_story_holds(told: Told) -> None:
    """Exit code 0, one object on standard output, nothing on the other stream, and every step in its order."""
    assert told.code == 0, told.out + told.err
    assert told.err == ""
    assert len(told.out.strip().splitlines()) == 1
    data = told.data
    assert data["ok"] is True
    assert (data["home"], data["kept"]) == (str(told.home), True)
    assert tuple(step["name"] for step in data["steps"]) == STEPS
    assert all(step["ok"] is True and step["seconds"] >= 0 for step in data["steps"])


def test_the_figures_are_those_of_the_data(told: Told) -> None:
    """Three of a thousand lines come in bad and again mended; all are scored; what is found before is not after."""
    assert told.step("collected")["taken"] == told.step("scored")["scored"] == told.data["figures"]["applications"]
    assert told.step("collected")["taken"] == ROWS
    assert told.step("collected")["aside"] == 3
    assert told.step("collected")["subjects"] == told.data["figures"]["subjects"] == 3 * ROWS
    erased = told.step("erased")
    assert erased["old_copy"] == {"record": "rolled-back", "film": "rolled-back", "survivor": ""}
    assert erased["found_before"] == erased["searched"] > 10
    assert erased["found_after"] == 0
    assert told.step("accountable")["proved"] == told.step("accountable")["openings"] >= 4
    assert told.step("scored")["proved"] == 10
    assert told.step("tampered")["exit"] == 3
    assert told.step("refused")["article"] == "PIPL 6(1)"


@pytest.mark.parametrize("name", STEPS)
def test_each_step_can_be_seen_again(told: Told, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command that a step prints works as it is printed, in the workspace that was kept, and leaves no copy."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    step = told.step(name)
    words = shlex.split(step["command"])
    ran = _run(words, place=told.home.parent)
    code, shown = AGAIN[name]
    assert ran.returncode == code, f"{step['command']}\n{ran.stdout}{ran.stderr}"
    assert shown.format(**step) in ran.stdout + ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_is_printed_starts_the_product_from_where_the_reader_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no shell finds the product, its path below the folder is printed; where one does, its name."""
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.chdir(ROOT)
    path = Path(sys.executable).with_name("shouxin")
    assert program() == str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)
    assert _run([program(), "--help"], place=ROOT).returncode == 0
    monkeypatch.setenv("PATH", f"{path.parent}:/usr/bin:/bin")
    assert program() == "shouxin"


# ------------------------------------------------------------------------------------------- nothing in the clear


def _digits(content: bytes, wanted: set[bytes]) -> set[bytes]:
    """Those of ``wanted`` (digits and a final X) that stand anywhere in ``content``."""
    found: set[bytes] = set()
    sizes = {len(one) for one in wanted}
    for run in re.finditer(rb"[0-9]{11,}X?", content):
        text = run.group()
        found |= {text[at : at + size] for size in sizes for at in range(len(text) - size + 1)} & wanted
    return found


def _words(content: bytes, wanted: set[bytes]) -> set[bytes]:
    """Those of ``wanted`` (Chinese words in UTF-8) that stand anywhere in ``content``."""
    found: set[bytes] = set()
    sizes = {len(one) for one in wanted}
    for run in re.finditer(rb"(?:[\xe3-\xe9][\x80-\xbf]{2}){2,}", content):
        text = run.group()
        found |= {text[at : at + size] for size in sizes for at in range(0, len(text) - size + 1, 3)} & wanted
    return found


_NUMBERS: Final = ("identity.id_number", "contact.mobile", "account.card_number")


def _people() -> tuple[set[bytes], set[bytes]]:
    """Identity numbers, mobiles and cards; and names: of every applicant, and of whom they name."""
    rows = list(applications(ROWS))
    everybody = [one for row in rows for one in row.emergency]
    numbers = {row.values[item] for row in rows for item in _NUMBERS} | {one.mobile for one in everybody}
    names = {row.values["identity.name"] for row in rows} | {one.name for one in everybody}
    return {one.encode() for one in numbers}, {one.encode() for one in names}


def _files(home: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(one for one in home.rglob("*") if one.is_file()):
        try:
            yield path.relative_to(home).as_posix(), path.read_bytes()
        except FileNotFoundError:  # a write-ahead log that another test's command has just emptied
            continue


def test_nobody_stands_in_the_clear(told: Told, tmp_path: Path) -> None:
    """No number and no name of anybody is in any file of the workspace; the same search finds all in the CSV."""
    numbers, names = _people()
    assert len(numbers) > 3 * ROWS
    assert len(names) > ROWS // 2
    path = tmp_path / "loan-applications.csv"
    write_csv(path, list(applications(ROWS)))
    plain = path.read_bytes()
    assert _digits(plain, numbers) == numbers
    assert _words(plain, names) == names
    assert len(list(csv.reader(io.StringIO(plain.decode())))) == ROWS + 1
    searched = list(_files(told.home))
    assert {name.split("/")[0] for name, _ in searched} >= {"data", "keyring", "index", "apart", "public"}
    leaks = {name: _digits(content, numbers) | _words(content, names) for name, content in searched}
    assert {name: len(found) for name, found in leaks.items() if found} == {}
    assert not _digits(told.out.encode(), numbers)
    assert not _words(told.out.encode(), names)


# ----------------------------------------------------------------------------------------------------- not twice


def test_a_second_story_does_not_go_into_the_same_home(told: Told) -> None:
    """It is refused, says why, and leaves the first workspace as it was."""
    before = (told.home / "config.toml").read_bytes()
    again = _shouxin("demo", "--json", "--rows", "10", "--home", str(told.home), place=told.home.parent)
    assert again.returncode == 1
    assert json.loads(again.stdout)["error"] == "misconfigured"
    assert (told.home / "config.toml").read_bytes() == before
    assert _shouxin("ledger", "verify", "--home", str(told.home), place=told.home.parent).returncode == 0


def test_more_rows_than_there_are_make_no_home(tmp_path: Path) -> None:
    """It is refused before anything stands on disk."""
    ran = _shouxin("demo", "--json", "--rows", "30001", "--home", str(tmp_path / "home"), place=tmp_path)
    assert (ran.returncode, json.loads(ran.stdout)["error"]) == (1, "invalid")
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_kept_is_removed(tmp_path: Path) -> None:
    """Without ``--home`` nothing of the workspace remains, and the story still holds with few people."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("SHOUXIN")}
    ran = subprocess.run(
        [sys.executable, "-m", "shouxin.cli", "demo", "--json", "--rows", "60"],
        cwd=tmp_path,
        env={**variables, "HOME": str(tmp_path), "TMPDIR": str(tmp_path), "PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert json.loads(ran.stdout)["ok"] is True
    assert list(tmp_path.iterdir()) == []


def test_the_larger_set_tells_the_same_story(tmp_path: Path) -> None:
    """One row more than the German set has: the same nine steps hold with what the Taiwan set tells."""
    ran = _shouxin("demo", "--json", "--rows", str(ROWS + 1), place=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    said = json.loads(ran.stdout)
    assert said["ok"] is True
    assert [step["ok"] for step in said["steps"]] == [True] * 9
