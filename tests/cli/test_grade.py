"""From a scan that is wrong to one that is right: correct, scan again, export, replay, withdraw."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.shell import lender, run
from tests.connectors.readers.sources import MOBILES


def test_a_correction_is_honoured_by_the_next_scan(tmp_path: Path) -> None:
    """In the workspace it holds by itself, elsewhere from the exported file; withdrawn, the rules decide again."""
    home, _ = lender(tmp_path, 0, "data_steward")
    folder, report = tmp_path / "export", tmp_path / "r.json"
    folder.mkdir()
    (folder / "a.csv").write_text("runs\n" + "\n".join(MOBILES) + "\n", "utf-8")
    first = run("source", "scan", folder, "--report", report, "--json", home=home)
    assert first.data["grading"]["level"] == 3
    place = ("--place", "a.csv", "--column", "runs")
    ran = run("grade", "correct", report, *place, "--reason", "not-personal", "--as", "data_steward", home=home)
    assert ran.code == 0, ran.err
    second = run("source", "scan", folder, "--json", home=home)
    assert (second.data["grading"]["level"], second.data["grading"]["corrected"]) == (0, 1)
    assert run("source", "scan", folder, "--json", home=tmp_path / "none").data["grading"]["level"] == 3
    cases = tmp_path / "cases.json"
    assert run("grade", "export", cases, home=home).code == 0
    elsewhere = run("source", "scan", folder, "--corrections", cases, home=tmp_path / "none")
    assert "1 correction of stewards holds" in elsewhere.out
    assert run("source", "scan", "--regrade", cases, "--json", home=tmp_path / "none").data["grading"]["level"] == 3
    replayed = run("grade", "replay", cases, "--json")
    assert (replayed.code, replayed.data["cases"], len(replayed.data["wrong"])) == (1, 1, 1)
    assert run("grade", "list", home=home).out.count("not-personal") == 1
    assert run("grade", "withdraw", report, *place, home=home).code == 0
    assert "nothing was corrected" in run("grade", "list", home=home).out
    assert run("source", "scan", folder, "--json", home=home).data["grading"]["level"] == 3
    assert MOBILES[0] not in json.dumps(second.data) + cases.read_text("utf-8")


def test_a_scan_says_when_it_could_not_read_corrections(tmp_path: Path) -> None:
    """A workspace without a sign-in: the scan goes on by the rules alone and tells."""
    home, _ = lender(tmp_path)
    (tmp_path / "a.txt").write_text(f"call {MOBILES[0]}", "utf-8")
    ran = run("source", "scan", tmp_path / "a.txt", home=home)
    assert ran.code == 0
    assert "nobody is signed in" in ran.out
