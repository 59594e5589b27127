from __future__ import annotations

import stat
from pathlib import Path
from unittest import mock

from shouxin.errors import StoreUnavailable
from tests.cli.shell import run

INIT = ("init", "--name", "示例银行", "--origin", "log.example.com/shouxin", "--operator", "wang")
SECRET = {"SHOUXIN_PASSPHRASE": "correct horse battery"}


def test_init_makes_a_workspace_and_signs_its_operator_in(tmp_path: Path) -> None:
    """One command: workspace, first account, sign-in; what follows needs no more."""
    home = tmp_path / "home"
    made = run(*INIT, "--json", home=home, **SECRET)
    assert made.code == 0, made.out
    assert made.data["vkey"].startswith("log.example.com/shouxin+")
    assert made.data["operator"].startswith("acc_")
    listed = run("account", "list", "--json", home=home)
    assert [one["name"] for one in listed.data["accounts"]] == ["wang"]
    token = home / "sign-ins" / "wang.token"
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    assert (home / "sign-ins" / "current").read_text("utf-8") == "wang"


def test_init_says_where_the_institution_and_its_people_are(tmp_path: Path) -> None:
    """Both choose the law that is held against decisions; a region without a pack is refused, and nothing is made."""
    home = tmp_path / "home"
    assert run(*INIT, "--region", "mars", "--json", home=home, **SECRET).data["error"] == "not-found"
    assert not home.exists()
    assert run(*INIT, "--region", "eu", "--people-in", "cn", "--aml-obliged", home=home, **SECRET).code == 0
    settings = (home / "config.toml").read_text("utf-8")
    for line in ('region = "eu"', 'people = "cn"', "aml_obliged = true"):
        assert line in settings, line
    assert "the pack eu, version 3, is adopted" in run("doctor", home=home).out


def test_init_refuses_a_folder_that_has_a_workspace(tmp_path: Path) -> None:
    """A second ``init`` changes nothing and exits with 1, under the same name or another."""
    home = tmp_path / "home"
    assert run(*INIT, home=home, **SECRET).code == 0
    again = run(*INIT, "--json", home=home, **SECRET)
    assert (again.code, again.data["error"]) == (1, "misconfigured")
    other = run("init", "--name", "B", "--origin", "b/b", "--operator", "x", home=home, **SECRET)
    assert other.code == 1


def test_init_goes_on_where_it_was_interrupted(tmp_path: Path) -> None:
    """A short passphrase, or a crash before the first account, leaves nothing that a second ``init`` cannot finish."""
    home = tmp_path / "home"
    short = run(*INIT, "--json", home=home, SHOUXIN_PASSPHRASE="short")
    assert (short.code, short.data["error"]) == (1, "invalid")
    with mock.patch("shouxin.operations.staff.accounts.add_account", side_effect=StoreUnavailable("full")):
        assert run(*INIT, home=home, **SECRET).code == 1
    assert run(*INIT, home=home, **SECRET).code == 0


def test_init_without_a_terminal_asks_for_nothing(tmp_path: Path) -> None:
    """What is missing is named; the exit code is 2 and nothing was made."""
    home = tmp_path / "home"
    ran = run("init", home=home, **SECRET)
    assert ran.code == 2
    assert "--name" in ran.err
    assert not home.exists()


def test_init_without_a_contact_says_what_follows_and_where_to_set_it(tmp_path: Path) -> None:
    """No notice can be served, so nothing is collected; the file and the fields are named. With one it says nothing."""
    home = tmp_path / "home"
    bare = run(*INIT, home=home, **SECRET)
    assert "no notice can be served" in bare.out
    assert str(home / "config.toml") in bare.out.replace("\n", "")
    assert all(f'{field} = "' in bare.out for field in ("contact", "complaint", "dpo_contact"))
    told = run(*INIT, "--contact", "https://bank.example", home=tmp_path / "other", **SECRET)
    assert "no notice" not in told.out
