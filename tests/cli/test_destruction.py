from __future__ import annotations

import hashlib
from pathlib import Path

from tests.cli.shell import lender, run


def test_a_disk_is_opened_witnessed_and_listed(tmp_path: Path) -> None:
    """open, list, witness twice, show: no answer has the serial; an empty file and one shown before do not count."""
    home, _ = lender(tmp_path, 0, "approver", "analyst", "dpo")
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"\xff\xd8")
    about = ("--method", "destroy-shred", "--where", "branch-7", "--owner", "operator", "--due", "2999-12-31")
    words = ("destruction", "open", "disk", *about, "--value-file", "-", "--as", "dpo", "--json")
    made = run(*words, home=home, given="WD-4711\n")
    assert made.code == 0, made.out
    record = made.data["record"]
    assert [one["record"] for one in run("destruction", "list", "--json", home=home).data["records"]] == [record]
    seen = ("destruction", "witness", record, "--value-file", "-", "--json", "--evidence", photo, "--as")
    wrong = run(*seen, "analyst", home=home, given="WD-4712\n")
    assert (wrong.code, wrong.data["error"]) == (1, "invalid")
    assert run(*seen, "analyst", home=home, given="WD-4711\n").data["witnesses"] == 1
    assert run(*seen, "approver", home=home, given="WD-4711\n").data["error"] == "refused"  # the same photograph
    photo.write_bytes(b"")
    assert run(*seen, "approver", home=home, given="WD-4711\n").data["error"] == "invalid"
    photo.write_bytes(b"\xff\xd8\xff")
    done = run(*seen, "approver", home=home, given="WD-4711\n").data
    assert (done["state"], done["evidence"]) == ("destroyed", hashlib.sha256(b"\xff\xd8\xff").hexdigest())
    shown = run("destruction", "show", record, "--json", home=home)
    assert len(shown.data["witnesses"]) == 2
    assert "4711" not in shown.out + made.out
    assert run("destruction", "list", "--json", home=home).data["records"] == []
    assert run("destruction", "escalate", "--json", home=home).data["escalated"] == []
