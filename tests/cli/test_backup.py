from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from shouxin.bootstrap import upgrade_workspace
from shouxin.storage.schema import schema_of
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


def _aged(home: Path) -> None:
    """Take away what later versions added: tables, an index, keys of the institution; and write the number of then."""
    with closing(sqlite3.connect(home / "data" / "data.db", isolation_level=None)) as data:
        for table in ("orders", "destructions", "origins", "generations"):
            data.execute(f"DROP TABLE {table}")
        data.execute("DROP INDEX cells_by_other")
        data.execute("UPDATE log SET schema = 1")
    with closing(sqlite3.connect(home / "index" / "1.db", isolation_level=None)) as index:
        index.execute("DROP TABLE ages")
    with closing(sqlite3.connect(home / "keyring" / "keyring.db", isolation_level=None)) as keyring:
        keyring.execute("DELETE FROM service_keys WHERE name IN ('second-factor.wrap', 'source.secrets')")
    (home / "apart" / "revocations").unlink()


def _shape(home: Path) -> set[str]:
    with closing(sqlite3.connect(home / "data" / "data.db")) as data:
        return {name for (name,) in data.execute("SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite%'")}


def test_an_older_workspace_is_refused_until_it_is_upgraded(tmp_path: Path) -> None:
    """Nothing works and the error says what to run; afterwards everything is there that was, and new keys are made."""
    home, [who] = lender(tmp_path, 1, "analyst", "dpo", "operator")
    shape, verifier = _shape(home), home / "public" / "verify_certificate.py"
    shipped = verifier.read_bytes()
    _aged(home)
    verifier.write_bytes(b"the one that shipped with an older version")
    refused = run("subject", "show", who, *SHOW, home=home)
    assert (refused.code, refused.data["error"]) == (1, "misconfigured")
    assert "shouxin upgrade" in refused.out
    assert run("upgrade", "--as", "operator", "--json", home=home).data == {"ok": True, "was": 1, "schema": 5}
    assert _shape(home) == shape
    assert verifier.read_bytes() == shipped
    assert run("subject", "show", who, *SHOW, home=home).code == 0
    assert run("ledger", "verify", "--json", home=home).data["flaws"] == []
    assert run("key", "advance", "--as", "operator", "--json", home=home).code in {0, 1}
    assert run("deletion", "list", "--as", "dpo", "--json", home=home).code == 0
    again = run("upgrade", "--as", "operator", "--json", home=home)
    assert again.data == {"ok": True, "was": 5, "schema": 5}


def test_a_restore_goes_into_a_workspace_that_waits_for_its_upgrade(tmp_path: Path) -> None:
    """Whoever has a backup need not upgrade first: what is put back has the schema of this program."""
    home, [who] = lender(tmp_path, 1, "analyst", "operator")
    copies = tmp_path / "copies"
    assert run("backup", copies, home=home).code == 0
    kept = (home / "apart" / "revocations").read_bytes()
    _aged(home)
    (home / "apart" / "revocations").write_bytes(kept)  # the backup is of a day on which there was one
    assert run("restore", copies, "--as", "operator", "--json", home=home, **SECRET).code == 0
    assert run("account", "sign-in", "analyst", home=home, **SECRET).code == 0
    assert run("subject", "show", who, *SHOW, home=home).code == 0


def _older(backup: Path) -> None:
    """Make of a backup one that the version before wrote: its number, and the manifest that fits."""
    file, manifest = backup / "data" / "data.db", backup / "manifest.json"
    with closing(sqlite3.connect(file, isolation_level=None)) as data:
        data.execute("PRAGMA journal_mode = DELETE")
        data.execute("UPDATE log SET schema = 2")
    said = json.loads(manifest.read_bytes())
    said["files"]["data/data.db"] = hashlib.sha256(file.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(said), "utf-8")


def _upgrades(home: Path) -> list[tuple[int, int]]:
    shown = run("ledger", "show", "--event", "workspace.upgraded", "--as", "operator", "--json", home=home)
    return [(one["facts"]["was_schema"], one["facts"]["schema"]) for one in shown.data["entries"]]


def test_an_upgrade_that_was_not_recorded_keeps_its_first_number(tmp_path: Path) -> None:
    """Killed, or begun by somebody who may not: the next one records from which schema, and only that one does."""
    home, _ = lender(tmp_path, 0, "analyst", "operator")
    _aged(home)
    assert upgrade_workspace(home) == (1, 5)  # and here it is killed
    assert run("upgrade", "--as", "analyst", "--json", home=home).data["error"] == "refused"
    assert schema_of(home / "data" / "data.db") == 1, "who may not upgrade locked the older program out"
    assert run("upgrade", "--as", "operator", "--json", home=home).data == {"ok": True, "was": 1, "schema": 5}
    assert run("upgrade", "--as", "operator", "--json", home=home).data["was"] == 5
    assert _upgrades(home) == [(1, 5), (5, 5)]


def test_nobody_who_is_not_signed_in_begins_an_upgrade(tmp_path: Path) -> None:
    """Refused before anything is touched."""
    home, _ = lender(tmp_path, 0, "operator")
    _aged(home)
    shape = _shape(home)
    ran = run("upgrade", "--as", "nobody", "--json", home=home)
    assert (ran.code, ran.data["error"]) == (1, "not-signed-in")
    assert _shape(home) == shape


def test_a_restore_records_the_upgrade_of_what_it_put_back(tmp_path: Path) -> None:
    """An older backup is brought to this one, and the log says from which; of this one it says nothing."""
    home, _ = lender(tmp_path, 0, "operator")
    now, then = tmp_path / "now", tmp_path / "then"
    assert run("backup", now, home=home).code == 0
    shutil.copytree(now, then)
    _older(then)
    ran = run("restore", now, "--as", "operator", "--json", home=home, **SECRET)
    assert (ran.code, ran.data["was_schema"], _upgrades(home)) == (0, None, []), ran.out
    assert run("ledger", "checkpoint", home=home).code == 0
    ran = run("restore", then, "--as", "operator", "--json", home=home, **SECRET)
    assert ran.code == 0, ran.out
    assert (ran.data["was_schema"], _upgrades(home)) == (2, [(2, 5)])
    assert run("ledger", "verify", "--json", home=home).data["flaws"] == []


def test_a_newer_workspace_is_left_alone(tmp_path: Path) -> None:
    """What a newer program wrote is not touched by an older one."""
    home, _ = lender(tmp_path, 0, "operator")
    with closing(sqlite3.connect(home / "data" / "data.db", isolation_level=None)) as data:
        data.execute("UPDATE log SET schema = 99")
    ran = run("upgrade", "--as", "operator", "--json", home=home)
    assert (ran.code, ran.data["error"]) == (1, "misconfigured")
    with closing(sqlite3.connect(home / "data" / "data.db")) as data:
        assert data.execute("SELECT schema FROM log").fetchone() == (99,)
