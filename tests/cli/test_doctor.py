from __future__ import annotations

from pathlib import Path

from tests.cli.shell import lender, run


def test_a_sound_installation_passes(tmp_path: Path) -> None:
    """Every check that is no advice passes, without a sign-in."""
    home, _ = lender(tmp_path)
    ran = run("doctor", "--json", home=home)
    assert ran.code == 0, ran.out
    assert {"python", "root key", "ledger"} <= {one["name"] for one in ran.data["checks"]}


def test_what_is_wrong_is_named(tmp_path: Path) -> None:
    """No workspace, a root key open to others, a root key that is gone: exit code 1 and its line."""
    assert run("doctor", home=tmp_path / "none").code == 1
    home, _ = lender(tmp_path)
    keys = [path for path in (home / "root").iterdir() if path.is_file()]
    keys[0].chmod(0o644)
    ran = run("doctor", "--json", home=home)
    assert ran.code == 1
    assert "root" in [one["name"] for one in ran.data["checks"] if not (one["ok"] or one["advice"])]
    for path in keys:
        path.unlink()
    gone = run("doctor", "--json", home=home)
    assert (gone.code, gone.data["checks"][-1]["name"]) == (1, "root-key-unavailable")


def test_an_index_that_is_gone_is_named(tmp_path: Path) -> None:
    """Its line says what to do; everything else is in order."""
    home, _ = lender(tmp_path)
    for path in (home / "index").iterdir():
        path.unlink()
    ran = run("doctor", "--json", home=home)
    assert ran.code == 1
    (index,) = [one for one in ran.data["checks"] if not (one["ok"] or one["advice"])]
    assert index["name"] == "index"
    assert "restore a backup" in index["detail"]
