from __future__ import annotations

from pathlib import Path

from tests.cli.shell import lender, run

FOR = ("--purpose", "credit.review")


def test_erase_is_previewed_done_proved_and_final(tmp_path: Path) -> None:
    """A preview changes nothing; erase says erased; the certificate verifies; the same read is refused."""
    home, [who, other] = lender(tmp_path, 2, "analyst", "dpo")
    assert run("subject", "show", who, *FOR, "--as", "analyst", home=home).code == 0
    preview = run("subject", "erase", who, "--preview", "--json", home=home)
    assert {part["outcome"] for part in preview.data["parts"]} == {"erased"}
    assert run("subject", "show", who, *FOR, "--as", "analyst", home=home).code == 0
    paper = tmp_path / "deleted.json"
    done = run("subject", "erase", who, "--certificate", paper, "--json", home=home)
    assert (done.code, done.data["outcome"], done.data["state"]) == (0, "erased", "live")
    gone = run("subject", "show", who, *FOR, "--as", "analyst", "--json", home=home)
    assert (gone.code, gone.data["error"]) == (1, "not-found")
    assert run("subject", "show", other, *FOR, "--as", "analyst", home=home).code == 0
    checked = run("certificate", "verify", paper, "--json", home=home)
    assert (checked.code, checked.data["outcome"], checked.data["sealed"]) == (0, "erased", False)
    assert checked.data["openings"] == 2
    assert run("subject", "erase", who, "--json", home=home).data["error"] == "not-found"
    assert run("subject", "resume-erasures", "--json", home=home).data["erasures"] == []
