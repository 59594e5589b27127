from __future__ import annotations

import shutil
from pathlib import Path

from tests.cli.shell import lender, run
from tests.workspaces import PASSPHRASE

NAME = ("--name", "affiliate.example/witness")


def test_a_witness_cosigns_and_certificates_count_it(tmp_path: Path) -> None:
    """Its key is its own; twice is fine; a certificate made afterwards verifies with it."""
    home, _ = lender(tmp_path, 1, "auditor")
    folder = ("--folder", tmp_path / "witness")
    first = run("ledger", "witness", *folder, *NAME, "--json", home=home)
    assert first.code == 0, first.out
    assert first.data["witness_key"].startswith("affiliate.example/witness+")
    assert first.data["checkpoint"].count("\u2014 ") == 2
    again = run("ledger", "witness", *folder, *NAME, home=home)
    assert again.code == 0, again.err
    assert run("ledger", "verify", "--json", home=home).code == 0


def test_a_witness_sees_a_fork(tmp_path: Path) -> None:
    """A copy of the workspace that went its own way is not cosigned: exit code 3."""
    home, _ = lender(tmp_path, 1, "auditor")
    other = tmp_path / "other"
    shutil.copytree(home, other)
    words = ("ledger", "witness", "--folder", tmp_path / "witness", *NAME)
    secret = {"SHOUXIN_PASSPHRASE": PASSPHRASE}
    assert run("account", "sign-in", "auditor", home=home, **secret).code == 0
    assert run(*words, home=home).code == 0
    for _ in range(3):
        assert run("account", "sign-in", "auditor", home=other, **secret).code == 0
    forked = run(*words, "--json", home=other)
    assert (forked.code, forked.data["error"]) == (3, "forked")
