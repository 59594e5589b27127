"""Hostile files on the command line: refused with file and line, nothing adopted, no trace of the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shell import lender, run
from tests.workspaces import CARD

PLAN = """source = "branch"
purposes = ["credit.review"]
items = ["identity.name"]
volume = 1000
"""


def _written(folder: Path, content: str | bytes, name: str = "bad.toml") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (CARD.replace("version = 1", "version = 1\nversion = 2", 1), CARD[: CARD.index("version = 1")].count("\n") + 2),
        ("a = 1\nx = " + "[" * 20_000, 2),
        ("a = 1\nb = " + "9" * 6_000, 2),
        ("purpose = " + "{a=" * 5_000, 1),
        (b"a = 1\nb = 2\n# \xff\xfe", 3),
        ("", 1),
        ("# 卡\r\n" + "#\n" * 10 + "#" * 65_536, 12),
        (CARD.replace("identity.name", "identity.nmae"), 0),
        (CARD.replace("version = 1", "version = inf", 1), 0),
    ],
    ids=["twice", "deep", "long number", "deep tables", "no UTF-8", "empty", "huge", "unknown item", "no number"],
)
def test_a_hostile_card_is_refused_with_file_and_line(tmp_path: Path, content: str | bytes, line: int) -> None:
    """By lint, which needs no workspace; the text is one line that names the place (0: some line)."""
    refused = run("purpose", "lint", str(_written(tmp_path, content)), SHOUXIN_HOME=str(tmp_path / "none"))
    assert refused.code == 1
    assert f"bad.toml:{line or ''}" in refused.out + refused.err
    assert "Traceback" not in refused.out + refused.err


def test_an_agreement_that_is_too_long_is_refused_with_file_and_line(tmp_path: Path) -> None:
    """The line is that of the first character too many."""
    long = ("甲" * 1023 + "\n") * 1024
    refused = run("purpose", "agreement", str(_written(tmp_path, long + "\n乙", "terms.txt")), "--json")
    assert "terms.txt:1025: is too long" in refused.out + refused.err


def test_a_misspelt_item_is_answered_with_the_one_that_was_meant(tmp_path: Path) -> None:
    """An officer reads which code is near, and which command lists all."""
    path = _written(tmp_path, CARD.replace("identity.name", "identity.nmae"))
    told = run("purpose", "lint", str(path), SHOUXIN_HOME=str(tmp_path / "none"))
    assert "near it: identity.name; all: shouxin item list" in told.out + told.err


def test_a_card_as_windows_saves_it_is_read(tmp_path: Path) -> None:
    """A byte-order mark at the head and CR LF line ends are no fault of the officer's."""
    path = _written(tmp_path, b"\xef\xbb\xbf" + CARD.replace("\n", "\r\n").encode())
    assert "not TOML" not in run("purpose", "lint", str(path), SHOUXIN_HOME=str(tmp_path / "none")).out


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        (PLAN.replace("volume = 1000", "volume = -1"), 4),
        (PLAN.replace("identity.name", "no.such"), 3),
        (PLAN.replace('"branch"', '""'), 1),
        (PLAN + "x = " + "[" * 20_000, 5),
        (PLAN + "\n" * 5 + "#" * (1 << 20), 10),
        (PLAN + "\r\n" * 5 + "#" + "词" * (3 << 20), 10),
    ],
    ids=["negative", "unknown item", "no source", "deep", "too long", "more bytes than are read"],
)
def test_a_hostile_plan_is_refused_with_file_and_line(tmp_path: Path, changed: str, line: int) -> None:
    """Also what is well-formed and contradicts itself has its line."""
    home, _ = lender(tmp_path, 0, "dpo")
    refused = run("plan", "check", str(_written(tmp_path, changed)), "--json", home=home)
    assert (refused.code, refused.data["error"]) == (1, "invalid")
    assert f"bad.toml:{line}" in str(refused.data)


@pytest.mark.parametrize(
    ("option", "value"),
    [("--contact", "a\u202eb"), ("--name", "x" * 201), ("--contract", "C-7\nC-8"), ("", "13912345678")],
)
def test_a_recipient_that_no_notice_can_show_is_refused(tmp_path: Path, option: str, value: str) -> None:
    """Hidden signs, endless words, a second line, and a code that is somebody's number."""
    home, _ = lender(tmp_path, 0, "dpo")
    said = {"--name": "Bureau", "--contact": "b@bureau.example", "--contract": "C-7"} | (
        {option: value} if option else {}
    )
    words = [word for pair in said.items() for word in pair]
    until = ("--until", "2099-01-01", "--item", "credit.amount", "--as", "dpo", "--json")
    refused = run("recipient", "add", "bureau" if option else value, *words, *until, home=home)
    assert (refused.code, refused.data["error"]) == (1, "invalid")
    assert "bureau" not in str(run("recipient", "list", "--json", "--as", "dpo", home=home).data)
