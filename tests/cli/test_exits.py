from __future__ import annotations

import inspect
import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

from shouxin import errors
from shouxin.cli.exits import exit_code_of
from shouxin.errors import IntegrityError, Refused, ShouxinError, Tampered
from tests.cli.shell import lender, run
from tests.house.tree import SRC

ERRORS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, ShouxinError)]
BREAKS = "shouxin.operations.staff.accounts.list_accounts"


@pytest.mark.parametrize("kind", ERRORS)
def test_integrity_is_3_and_everything_else_1(kind: type[ShouxinError]) -> None:
    """Only a failure of integrity exits with 3."""
    error = kind("detail", [("rule", "article")]) if issubclass(kind, Refused) else kind("detail")
    assert exit_code_of(error) == (3 if issubclass(kind, IntegrityError) else 1)


def test_a_refusal_prints_article_and_the_rules_chinese_title(tmp_path: Path) -> None:
    """Whoever is refused reads the article, the rule and its Chinese title."""
    home, _ = lender(tmp_path, 0, "analyst")
    ran = run("account", "add", "eve", "--role", "dpo", home=home, SHOUXIN_PASSPHRASE="long enough to be accepted")
    assert (ran.code, ran.out) == (1, "")
    assert "PIPL 51(1)(4)" in ran.err
    assert "CN-PIPL-51-1-4-ROLE" in ran.err
    assert any("一" <= letter <= "鿿" for letter in ran.err)


def test_a_refusal_as_json_has_reasons(tmp_path: Path) -> None:
    """``--json`` prints one object on standard output for an error too."""
    home, _ = lender(tmp_path, 0, "analyst")
    ran = run("account", "close", "dpo", "--json", home=home)
    assert (ran.code, ran.err) == (1, "")
    reason = ran.data["reasons"][0]
    assert (ran.data["ok"], ran.data["error"], ran.data["who_must_act"]) == (False, "refused", "caller")
    assert (reason["rule"], reason["article"]) == ("CN-PIPL-51-1-4-ROLE", "PIPL 51(1)(4)")
    assert reason["title_zh"]
    assert reason["title_en"]


def test_an_integrity_failure_says_stop(tmp_path: Path) -> None:
    """Tampering that an operation meets exits with 3 and says whom it concerns."""
    home, _ = lender(tmp_path, 0, "operator")
    with mock.patch(BREAKS, side_effect=Tampered("row 00 in accounts was not written by this institution")):
        ran = run("account", "list", home=home)
        told = run("account", "list", "--json", home=home)
    assert ran.code == told.code == 3
    assert "Stop" in ran.err
    assert (told.data["error"], told.data["who_must_act"]) == ("tampered", "nobody")


def test_a_fault_never_prints_what_an_exception_says(tmp_path: Path) -> None:
    """A program error shows where it happened, not the value in its message, and no traceback."""
    home, _ = lender(tmp_path, 0, "operator")
    with mock.patch(BREAKS, side_effect=ValueError("张三 11010519491231002X")):
        ran = run("account", "list", home=home)
        told = run("account", "list", "--json", home=home)
    assert ran.code == told.code == 1
    for text in (ran.err + ran.out, told.err + told.out):
        assert "ValueError" in text
        assert "account.py" in text
        assert "1101" not in text
        assert "Traceback" not in text
    assert told.data["error"] == "fault"


def test_an_answer_without_a_reader_is_no_fault(tmp_path: Path) -> None:
    """``shouxin ... | head`` ends quietly."""
    home, _ = lender(tmp_path, 0, "operator")
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "shouxin.cli", "account", "list", "--home", str(home)]
    env = {**os.environ, "PYTHONPATH": str(SRC)}
    ran = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, env=env, text=True, check=False)
    os.close(writing)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_no_colour_unless_a_terminal_wants_it(tmp_path: Path) -> None:
    """Output that is no terminal, or ``NO_COLOR``, has no escape sequences."""
    home, _ = lender(tmp_path, 0, "operator")
    for variables in ({}, {"FORCE_COLOR": "1", "NO_COLOR": "1"}):
        ran = run("account", "list", home=home, **variables)
        assert "\x1b[3" not in ran.out
    assert os.environ.get("FORCE_COLOR") is None


def test_ctrl_c_is_a_line_and_130(tmp_path: Path) -> None:
    """Whoever stops a command reads that it stopped, and no traceback; shells see 130."""
    home, _ = lender(tmp_path, 0, "operator")
    with mock.patch(BREAKS, side_effect=KeyboardInterrupt):
        ran = run("account", "list", home=home)
    assert (ran.code, ran.out) == (130, "")
    assert ran.err.startswith("Stopped.")
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("as_json", [False, True], ids=["people", "json"])
def test_no_error_repeats_what_was_given(tmp_path: Path, as_json: bool) -> None:
    """A number or name that somebody types or names a file after stands in no error, in either form."""
    home, (who,) = lender(tmp_path, 1, "analyst", "collector", "dpo")
    number, name = "11010519491231002X", "张三"
    broken = tmp_path / f"{name}{number}.toml"
    broken.write_bytes(b"\xff")
    absent = tmp_path / f"{name}{number}.mp4"
    shared = ("--purpose", "credit.review")
    for words in (
        ("subject", "find", number, *shared),
        ("subject", "find", *shared, "--item", number, "--value-file", absent),
        ("subject", "show", number, *shared),
        ("subject", "show", who, *shared, "--as", name),
        ("subject", "keep", who, absent, *shared, "--item", "identity.name", "--as", "collector"),
        ("access", "open", who, "--purpose", number, "--item", "identity.name", "--as", "analyst"),
        ("access", "open", who, *shared, "--item", name, "--as", "analyst"),
        ("access", "open", who, *shared, "--form", name, "--as", "analyst"),
        ("account", "sign-in", number),
        ("account", "add", "eve", "--role", name, "--as", "dpo"),
        ("account", "close", name, "--as", "dpo"),
        ("certificate", "verify", absent),
        ("purpose", "lint", broken),
        ("purpose", "lint", absent, broken),
        ("purpose", "adopt", absent, "--as", "dpo"),
        ("plan", "check", absent, "--as", "collector"),
        ("hold", "set", who, "--paper", absent, "--authority", name, "--as", "dpo"),
        ("ledger", "show", "--last", number),
        ("ledger", "verify", "--checkpoint", absent),
        ("demo", "--rows", f"{number}"),
        (number,),
        ("subject", f"--{name}={number}"),
        ("subject", "find", f"--item={number}", f"--{name}"),
    ):
        ran = run(*words, *(["--json"] if as_json else []), home=home, given="x\n")
        assert ran.code in {1, 2}, words
        said = ran.out + ran.err
        assert said.strip(), words
        assert not [one for one in (number, name, number[:6]) if one in said], (words, said)


def test_a_usage_error_still_says_what_is_wrong() -> None:
    """A missing argument, a mistyped command and a wrong kind of value are told apart."""
    assert "SUBJECT" in run("subject", "show").err
    assert "'finde'" in run("subject", "finde").err
    assert "--rows" in run("demo", "--rows", "1.5").err
    assert "more arguments" in run("subject", "freeze", "sub_1", "extra1").err


def test_what_is_wrong_names_the_option_it_was_given_by(tmp_path: Path) -> None:
    """A field of the core is said as its option, a file with the option that named it; an argument keeps its name."""
    home, [who] = lender(tmp_path, 1, "dpo")
    empty, paper, absent = tmp_path / "empty.pdf", tmp_path / "paper.pdf", tmp_path / "absent.pdf"
    empty.touch()
    paper.write_bytes(b"%PDF")
    hold = ("hold", "set", who, "--authority", "court", "--card", "credit.review", "--review-on")
    said = {
        (*hold, "2199-01-01", "--paper", empty): "--paper empty.pdf: an empty file shows nothing",
        (*hold, "2199-01-01", "--paper", absent): "--paper absent.pdf: cannot be read",
        (*hold, "2199-01-01", "--paper", paper): "--card: a hold stands under a card",
        ("purpose", "adopt", absent): "absent.pdf: cannot be read",
    }
    for words, told in said.items():
        ran = run(*words, home=home)
        assert (ran.code, ran.err.partition(told)[0]) == (1, "invalid: "), (words, ran.err)
