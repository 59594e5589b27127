from __future__ import annotations

from pathlib import Path

from tests.cli.shell import lender, run
from tests.workspaces import PASSPHRASE

SECRET = {"SHOUXIN_PASSPHRASE": PASSPHRASE}
SHOW = ("--purpose", "credit.review", "--as", "analyst", "--json")


def test_a_restore_brings_nobody_back(tmp_path: Path) -> None:
    """Backup, erase, restore: who was erased stays erased, who was not is there, the ledger verifies."""
    home, [gone, stays] = lender(tmp_path, 2, "analyst", "dpo", "operator")
    copies = tmp_path / "copies"
    made = run("backup", copies, "--json", home=home)
    assert made.code == 0, made.out
    assert (copies / "keyring" / "keyring.db").exists()
    assert run("subject", "erase", gone, "--as", "dpo", home=home).code == 0
    assert run("ledger", "checkpoint", home=home).code == 0
    back = run("restore", copies, "--as", "operator", "--json", home=home, **SECRET)
    assert back.code == 0, back.out
    assert back.data["leaves"] > 0
    assert run("account", "sign-in", "analyst", home=home, **SECRET).code == 0
    assert run("subject", "show", stays, *SHOW, home=home).code == 0
    assert run("subject", "show", gone, *SHOW, home=home).data["error"] == "not-found"
    assert run("ledger", "verify", "--json", home=home).data["flaws"] == []


def test_a_changed_backup_is_not_restored(tmp_path: Path) -> None:
    """One byte more: exit code 3, and nothing was replaced."""
    home, [who] = lender(tmp_path, 1, "analyst", "operator")
    copies = tmp_path / "copies"
    assert run("backup", copies, home=home).code == 0
    with (copies / "data" / "data.db").open("ab") as file:
        file.write(b"\0")
    ran = run("restore", copies, "--json", home=home, **SECRET)
    assert (ran.code, ran.data["error"]) == (3, "tampered")
    assert run("subject", "show", who, *SHOW, home=home).code == 0


def test_a_backup_goes_into_an_empty_folder_and_is_an_operators(tmp_path: Path) -> None:
    """Neither over something else nor by anybody."""
    home, _ = lender(tmp_path, 0, "analyst", "operator")
    assert run("backup", tmp_path, home=home).code == 1
    assert run("backup", tmp_path / "new", "--as", "analyst", home=home).code == 1


def test_a_mistyped_folder_is_not_found_and_nothing_is_touched(tmp_path: Path) -> None:
    """No folder, an empty one, or one with something else is no integrity failure; a backup without manifest is."""
    home, _ = lender(tmp_path, 0, "operator")
    assert run("backup", tmp_path / "copy", "--as", "operator", home=home).code == 0
    other = tmp_path / "other"
    other.mkdir()
    (other / "notes.txt").write_text("notes", "utf-8")
    secret = {"SHOUXIN_PASSPHRASE": PASSPHRASE}
    for place in (tmp_path / "cpoy", other):
        ran = run("restore", place, "--as", "operator", "--json", home=home, **secret)
        assert (ran.code, ran.data["error"]) == (1, "not-found")
    (tmp_path / "copy" / "manifest.json").unlink()
    assert run("restore", tmp_path / "copy", "--as", "operator", home=home, **secret).code == 3
    assert run("account", "list", home=home).code == 0
