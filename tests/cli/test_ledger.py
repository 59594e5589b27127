from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.cli.shell import lender, run
from tests.workspaces import PASSPHRASE


def test_an_intact_ledger_verifies_without_a_sign_in(tmp_path: Path) -> None:
    """Exit code 0, with what was checked."""
    home, _ = lender(tmp_path, 3)
    ran = run("ledger", "verify", "--json", home=home)
    assert (ran.code, ran.data["ok"], ran.data["flaws"]) == (0, True, [])
    assert ran.data["entries"] == ran.data["size"] > 3
    assert "intact" in run("ledger", "verify", home=home).out


def test_one_edited_byte_is_named_and_exits_3(tmp_path: Path) -> None:
    """Somebody edits history by SQL: verify names the entry."""
    home, _ = lender(tmp_path, 3)
    with sqlite3.connect(home / "data" / "data.db") as data:
        table = next(name for (name,) in data.execute("select name from sqlite_master") if "entr" in name)
        columns = [row[1] for row in data.execute(f"pragma table_info({table})")]
        body = next(name for name in columns if name in {"body", "bytes", "entry"})
        leaf = next(name for name in columns if name in {"leaf", "number", "position"})
        (old,) = data.execute(f"select {body} from {table} where {leaf} = 2").fetchone()
        data.execute(f"update {table} set {body} = ? where {leaf} = 2", (bytes(old).replace(b'"at":1', b'"at":2'),))
    data.close()
    ran = run("ledger", "verify", "--json", home=home)
    assert (ran.code, ran.data["ok"], ran.data["error"]) == (3, False, "altered-entry")
    assert "2" in {flaw["place"] for flaw in ran.data["flaws"]}
    told = run("ledger", "verify", home=home)
    assert told.code == 3
    assert "Stop" in told.out


def test_entries_and_proofs_are_for_those_who_audit(tmp_path: Path) -> None:
    """show, prove and checkpoint: codes and commitments, no name; not for an analyst."""
    home, [who] = lender(tmp_path, 1, "analyst", "auditor")
    shown = run("ledger", "show", "--last", "500", "--json", home=home)
    assert shown.data["entries"][0]["event"] == "institution.opened"
    assert who.removeprefix("sub_") not in shown.out
    proved = run("ledger", "prove", "1", "--json", home=home)
    assert proved.data["proof"].startswith("c2sp.org/tlog-proof@v1\nindex 1\n")
    assert run("ledger", "prove", "1", home=home).out.rstrip("\n") == proved.data["proof"].rstrip("\n")
    assert run("ledger", "prove", "100000", "--json", home=home).data["error"] == "not-found"
    signed = run("account", "sign-in", "auditor", "--json", home=home, SHOUXIN_PASSPHRASE=PASSPHRASE)
    opened = run("ledger", "show", "--last", "1", home=home).out
    assert opened.endswith(f"sign-in.opened  role=auditor until={signed.data['until']}\n"), opened
    assert run("ledger", "show", "--leaf", "100000", home=home).code == 1
    assert run("ledger", "prove", home=home).code == 2
    adopted = run("ledger", "show", "--event", "card.adopted", "--json", home=home)
    assert [one["facts"]["purpose"] for one in adopted.data["entries"]] == ["credit.review"]
    assert run("ledger", "show", "--event", "moon.landed", "--json", home=home).data["error"] == "invalid"
    for words in (("show",), ("prove", "1"), ("checkpoint",)):
        assert run("ledger", *words, "--as", "analyst", home=home).code == 1


def test_a_checkpoint_that_somebody_kept_is_held_against_the_log(tmp_path: Path) -> None:
    """A kept checkpoint verifies; one of another log does not pass as ours."""
    home, _ = lender(tmp_path, 1, "auditor")
    kept = tmp_path / "kept.txt"
    kept.write_text(run("ledger", "checkpoint", home=home).out, "utf-8")
    ran = run("ledger", "verify", "--checkpoint", kept, "--json", home=home)
    assert (ran.code, ran.data["checkpoints"]) == (0, 3)
    kept.write_text(kept.read_text("utf-8").replace("lender.example/log\n", "lender.example/log\n9", 1), "utf-8")
    assert run("ledger", "verify", "--checkpoint", kept, home=home).code == 3
