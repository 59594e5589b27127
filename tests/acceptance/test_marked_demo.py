"""The whole demo with marked people: whatever it wrote, logged, printed and raised is searched for all they said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.acceptance.marked_demo import ROWS, marked_applications
from tests.house.tree import ROOT, SRC
from tests.marks import HAN, LATIN, Marks, packings

pytestmark = pytest.mark.slow

# The only files in which what people said may stand, and whose they are; each must be there, and hold it.
ALLOWED: Final = {
    "loan-applications.csv": "the lender's own file, before it is taken in",
    "loan-applications-mended.csv": "the same, of the lines that were set aside",
    "tonight.csv": "the same, of the night after",
    "loans.db": "the lender's own loan system",
    "interview.mp4": "the film, before it is sealed",
    "letter.txt": "what the borrower wrote to the desk",
    "personal-information.json": "the borrower's copy, which they opened with their own passphrase",
    "personal-information.html": "the same, to be read",
}


def _numbers() -> Iterator[str]:
    """Yield every number that anybody has: applicants, whom they name, their address books.

    Of an identity number all but the check digit, which one line of the demo's file has wrong.
    """
    for row in marked_applications(ROWS):
        yield row.values["identity.id_number"][:-1]
        yield from (row.values[item] for item in ("contact.mobile", "account.card_number", "identity.birth_date"))
        yield from (one.mobile for one in row.emergency)
        yield from row.address_book or ()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Have the story told, and return where all of it lies and what went to the process's own streams."""
    place = tmp_path_factory.mktemp("marked")
    for name in ("kept", "temporary"):
        (place / name).mkdir()
    variables = {name: value for name, value in os.environ.items() if not name.startswith("SHOUXIN")}
    paths = os.pathsep.join([str(SRC), str(ROOT)])
    ran = subprocess.run(
        [sys.executable, "-m", "tests.acceptance.marked_demo", place / "home", place / "kept"],
        cwd=place,
        env={**variables, "HOME": str(place), "TMPDIR": str(place / "temporary"), "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return place, ran.stdout + ran.stderr


def _film(place: Path) -> bytes:
    """Return the film as it was before it was sealed."""
    return next(place.rglob("interview.mp4")).read_bytes()


def test_what_people_said_stands_in_no_file_but_those_that_may_hold_it(told: tuple[Path, str]) -> None:
    """Workspace after every scene, temporary files, certificates, outputs, logs, errors: none but the files allowed."""
    place, streams = told
    film = _film(place)
    marks = Marks([HAN, LATIN, *_numbers()], [film[at : at + 48] for at in (len(film) // 3, len(film) // 2)])
    found = marks.files(place)
    assert {Path(path).name for path in found} == ALLOWED.keys(), found
    assert marks.within(streams) == set()
    every = set().union(*found.values())
    assert {HAN, LATIN, "piece 0", "piece 1", *_numbers()} == every, "the same search finds all that was ever said"


def test_it_was_the_whole_story_and_all_of_it_was_kept(told: tuple[Path, str]) -> None:
    """The demo held, and each kind of thing that it writes is among what was searched."""
    place, _ = told
    said: dict[str, Any] = json.loads((place / "kept" / "demo.txt").read_text("utf-8"))
    assert said["ok"] is True
    assert len(said["steps"]) == 9
    names = {path.name for path in (place / "kept").rglob("*") if path.is_file()}
    kinds = {"data.db", "data.db-wal", "keyring.db", "1.db", "2.db", "checkpoint", "destructions", "log.vkey"}
    kinds |= {"certificate-declined.json", "certificate-borrower.json", "config.toml", "copy.html"}
    kinds |= {"log.txt", "errors.txt", "commands.txt", "lin.analyst.token"}
    assert kinds <= names, kinds - names
    assert "NotFound" in (place / "kept" / "errors.txt").read_text("utf-8")


@pytest.mark.parametrize("text", [HAN, LATIN, "154012345678", "11990119900101001X"])
def test_the_search_finds_a_value_however_it_was_written(tmp_path: Path, text: str) -> None:
    """In every encoding and packing, in a file, in a file's name; and nothing where nothing is."""
    marks = Marks([text])
    assert {how for how, content in packings(text).items() if marks.within(content) != {text}} == set()
    (tmp_path / "clean").write_bytes(bytes(100) + os.urandom(5000))
    assert marks.files(tmp_path) == {}
    (tmp_path / f"{text}.txt").write_bytes(b"")
    assert list(marks.files(tmp_path)) == [str(tmp_path / f"{text}.txt")]
