from __future__ import annotations

from pathlib import Path

from tests.cli.shell import lender, run

FOR = ("--purpose", "credit.review")


def test_a_choice_is_given_shown_and_taken_back(tmp_path: Path) -> None:
    """give, show, withdraw, and a second withdrawal finds nothing."""
    home, [who] = lender(tmp_path, 1, "rights_desk")
    given = run("consent", "give", who, *FOR, "--language", "en", "--json", home=home)
    assert (given.code, given.data["agreed"]) == (0, True)
    assert given.data["consent"].startswith("con_")
    shown = run("consent", "show", who, "--json", home=home).data["consents"]
    assert [one["stands"] for one in shown] == [False, True]  # told when collected, then agreed
    assert run("consent", "withdraw", who, *FOR, home=home).code == 0
    assert not any(one["stands"] for one in run("consent", "show", who, "--json", home=home).data["consents"])
    assert run("consent", "withdraw", who, *FOR, "--json", home=home).data["error"] == "not-found"
    assert "told only" in run("consent", "show", who, home=home).out
