from __future__ import annotations

from pathlib import Path

from tests.cli.shell import lender, run
from tests.workspaces import PASSPHRASE

NEW = {"SHOUXIN_PASSPHRASE": "another long passphrase"}


def test_an_operator_adds_an_account_that_can_sign_in_and_out(tmp_path: Path) -> None:
    """add, confirm, enrol, sign-in, act, sign-out, and no more after that."""
    home, _ = lender(tmp_path, 0, "dpo", "operator")
    roles = ("--role", "analyst", "--role", "auditor")
    added = run("account", "add", "mei", *roles, "--json", home=home, SHOUXIN_PASSPHRASE="for the first time")
    assert (added.code, added.data["roles"], added.data["state"]) == (0, ["analyst", "auditor"], "added")
    assert run("account", "confirm", "mei", "--as", "operator", home=home).code == 1
    confirmed = run("account", "confirm", "mei", "--as", "dpo", "--json", home=home)
    code = tmp_path / "code"
    code.write_text(confirmed.data["code"], "utf-8")
    halves = {"SHOUXIN_PASSPHRASE": "for the first time", "SHOUXIN_NEW_PASSPHRASE": NEW["SHOUXIN_PASSPHRASE"]}
    assert run("account", "enrol", "mei", "--code-file", code, home=home, **halves).code == 0
    assert run("account", "sign-in", "mei", home=home, **NEW).code == 0
    assert run("account", "list", home=home).code == 0  # an auditor may
    assert run("account", "sign-out", "--json", home=home).data["name"] == "mei"
    after = run("account", "list", "--json", home=home)
    assert (after.code, after.data["error"]) == (1, "not-signed-in")
    assert run("account", "list", "--as", "operator", home=home).code == 0


def test_a_passphrase_is_changed(tmp_path: Path) -> None:
    """With the present one; then the new one signs in."""
    home, _ = lender(tmp_path, 0, "dpo")
    both = {"SHOUXIN_PASSPHRASE": PASSPHRASE, "SHOUXIN_NEW_PASSPHRASE": NEW["SHOUXIN_PASSPHRASE"]}
    assert run("account", "passphrase", "--as", "dpo", home=home, **both).code == 0
    assert run("account", "sign-in", "dpo", home=home, SHOUXIN_PASSPHRASE=PASSPHRASE).code == 1
    assert run("account", "sign-in", "dpo", home=home, **NEW).code == 0


def test_a_wrong_passphrase_exits_1_without_saying_which_part_was_wrong(tmp_path: Path) -> None:
    """Unknown name and wrong passphrase look the same, and nothing is stored."""
    home, _ = lender(tmp_path)
    wrong = run("account", "sign-in", "dpo", "--json", home=home, SHOUXIN_PASSPHRASE="not the passphrase")
    unknown = run("account", "sign-in", "nobody", "--json", home=home, SHOUXIN_PASSPHRASE="not the passphrase")
    assert wrong.code == unknown.code == 1
    assert wrong.data == unknown.data
    assert not list((home / "sign-ins").glob("*.token"))


def test_a_passphrase_comes_from_a_file_or_standard_input(tmp_path: Path) -> None:
    """Programs give it in a file or a pipe; without any the exit code is 2."""
    home, _ = lender(tmp_path)
    secret = tmp_path / "secret"
    secret.write_text(PASSPHRASE + "\n", "utf-8")
    assert run("account", "sign-in", "dpo", "--passphrase-file", secret, home=home).code == 0
    assert run("account", "sign-in", "dpo", "--passphrase-file", "-", home=home, given=PASSPHRASE).code == 0
    assert run("account", "sign-in", "dpo", home=home, given=PASSPHRASE + "\n").code == 0
    assert run("account", "sign-in", "dpo", home=home).code == 2
    assert run("account", "sign-in", "dpo", "--passphrase-file", tmp_path / "none", home=home).code == 1


def test_a_closed_account_acts_no_more(tmp_path: Path) -> None:
    """Closing ends the sign-in that is kept elsewhere too."""
    home, _ = lender(tmp_path, 0, "analyst", "operator")
    kept = (home / "sign-ins" / "analyst.token").read_text("utf-8")
    assert run("account", "close", "analyst", home=home).code == 0
    (home / "sign-ins" / "analyst.token").write_text(kept, "utf-8")
    (home / "sign-ins" / "analyst.token").chmod(0o600)
    ran = run("access", "list", "--as", "analyst", "--json", home=home)
    assert (ran.code, ran.data["error"]) == (1, "not-signed-in")


def test_without_a_workspace_the_answer_is_what_to_do(tmp_path: Path) -> None:
    """No workspace: exit code 1 and the command that makes one."""
    ran = run("account", "list", home=tmp_path / "nothing")
    assert ran.code == 1
    assert "shouxin init" in ran.err
