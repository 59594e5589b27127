from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from shouxin.ledger.note import SignatureKind, Verifier
from tests.cli.shell import lender, run


def _erased(tmp_path: Path) -> tuple[Path, Path, str]:
    home, [who] = lender(tmp_path, 1, "dpo")
    paper = tmp_path / "deleted.json"
    operation = run("subject", "erase", who, "--certificate", paper, "--json", home=home).data["operation"]
    return home, paper, operation


def test_a_stranger_checks_it_with_the_key_only(tmp_path: Path) -> None:
    """No workspace and no sign-in: the file and the log's key, given as text or as a file."""
    home, paper, _ = _erased(tmp_path)
    vkey = home / "public" / "log.vkey"
    nowhere = tmp_path / "nowhere"
    assert run("certificate", "verify", paper, "--log-key", vkey, home=nowhere).code == 0
    by_text = run("certificate", "verify", paper, "--log-key", vkey.read_text("utf-8"), home=nowhere)
    assert by_text.code == 0
    assert "attested" in by_text.out
    assert run("certificate", "verify", paper, home=nowhere).code == 1


def test_a_changed_certificate_exits_3(tmp_path: Path) -> None:
    """One outcome edited: not genuine."""
    home, paper, _ = _erased(tmp_path)
    document = json.loads(paper.read_text("utf-8"))
    document["outcome"] = "retained"
    paper.write_text(json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")), "utf-8")
    ran = run("certificate", "verify", paper, "--json", home=home)
    assert (ran.code, ran.data["error"]) == (3, "tampered")
    paper.write_text("no json", "utf-8")
    assert run("certificate", "verify", paper, home=home).code == 1


def test_page_and_verifier_are_written_on_demand(tmp_path: Path) -> None:
    """One page as PDF, and the program for strangers, which accepts the certificate by the key in the public folder."""
    home, _, operation = _erased(tmp_path)
    paper, page, script = tmp_path / "c.json", tmp_path / "c.pdf", tmp_path / "v.py"
    words = ("--out", paper, "--pdf", page, "--language", "en", "--verifier", script)
    done = run("certificate", "issue", operation, *words, "--json", home=home)
    assert (done.code, done.data["page"], done.data["verifier"]) == (0, str(page), str(script))
    assert page.read_bytes().startswith(b"%PDF-")
    assert script.read_bytes() == (home / "public" / "verify_certificate.py").read_bytes()
    command = [sys.executable, "-I", str(script), str(paper), "--key", str(home / "public" / "log.vkey")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_a_witness_that_is_named_must_have_cosigned(tmp_path: Path) -> None:
    """Refused with a reason unless fewer are asked for; a log's key is no witness's."""
    home, paper, _ = _erased(tmp_path)
    vkey = home / "public" / "log.vkey"
    witness = Verifier("w.example", SignatureKind.COSIGNATURE, b"w" * 32).vkey
    refused = run("certificate", "verify", paper, "--witness-key", witness, "--json", home=home)
    assert (refused.code, refused.data["error"]) == (1, "refused")
    assert run("certificate", "verify", paper, "--witness-key", witness, "--quorum", "0", home=home).code == 0
    assert run("certificate", "verify", paper, "--witness-key", vkey, "--json", home=home).data["error"] == "invalid"
    assert run("certificate", "verify", paper, "--log-key", vkey, "--log-key", vkey, home=home).code == 0
    pretty = tmp_path / "pretty.json"
    pretty.write_text(json.dumps(json.loads(paper.read_text("utf-8")), indent=1), "utf-8")
    assert run("certificate", "verify", pretty, home=home).code == 3


def test_after_the_epoch_advanced_it_says_sealed(tmp_path: Path) -> None:
    """Issued again once old copies are useless, it says sealed, and that is proved."""
    home, _, operation = _erased(tmp_path)
    paper = tmp_path / "sealed.json"
    advanced = run("key", "advance", "--json", home=home)
    assert (advanced.code, advanced.data["epoch"], advanced.data["sealed"]) == (0, 2, 1)
    status = run("key", "status", "--json", home=home)
    assert status.data["current"] == 2
    assert run("certificate", "issue", operation, "--out", paper, home=home).code == 0
    assert run("certificate", "verify", paper, "--json", home=home).data["sealed"] is True
    missing = run("certificate", "issue", operation, "--out", tmp_path / "no" / "where", "--json", home=home)
    assert (missing.code, missing.data["error"]) == (1, "misconfigured")
