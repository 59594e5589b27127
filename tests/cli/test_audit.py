from __future__ import annotations

import json
import shutil
from pathlib import Path

from pypdf import PdfReader

from tests.cli.shell import lender, run


def test_an_audit_is_due_run_filed_and_checked(tmp_path: Path) -> None:
    """Due (1), run, due (0), check; the page is a PDF that says how it ended."""
    home, _ = lender(tmp_path, 2, "auditor")
    reports = tmp_path / "reports"
    assert run("audit", "due", "--json", home=home).code == 1
    done = run("audit", "run", "--report", reports, "--language", "zh", "--json", home=home)
    assert (done.code, done.data["outcome"], done.data["findings"]) == (0, "intact", [])
    after = run("audit", "due", "--json", home=home)
    assert (after.code, after.data["due"], after.data["last"]["outcome"]) == (0, False, "intact")
    paper, page = (Path(name) for name in done.data["files"])
    assert "完整性审计报告" in PdfReader(page).pages[0].extract_text()
    assert run("audit", "check", paper, "--json", home=home).data["outcome"] == "intact"
    assert run("audit", "check", paper, "--log-key", home / "public" / "log.vkey", home=home).code == 0
    report = json.loads(paper.read_text("utf-8"))
    report["log"]["entries"] += 1
    paper.write_text(json.dumps(report), "utf-8")
    forged = run("audit", "check", paper, "--json", home=home)
    assert (forged.code, forged.data["error"]) == (3, "tampered")


def test_a_broken_workspace_ends_with_exit_code_3(tmp_path: Path) -> None:
    """What is wrong stands in the answer, in the report and on the page."""
    home, _ = lender(tmp_path, 1, "auditor")
    stray = home / "data" / "objects" / "ab" / ("ab" * 16)
    stray.parent.mkdir(parents=True)
    shutil.copy(home / "config.toml", stray)
    done = run("audit", "run", "--report", tmp_path / "reports", "--json", home=home)
    assert (done.code, done.data["error"]) == (3, "loose-object")
    paper, page = (Path(name) for name in done.data["files"])
    assert json.loads(paper.read_text("utf-8"))["outcome"] == "broken"
    assert "loose-object" in PdfReader(page).pages[0].extract_text()
