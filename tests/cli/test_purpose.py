from __future__ import annotations

from pathlib import Path

from tests.cli.shell import lender, run
from tests.workspaces import CARD


def _card(tmp_path: Path, text: str = CARD) -> Path:
    path = tmp_path / "card.toml"
    path.write_text(text, "utf-8")
    return path


def test_lint_needs_no_workspace_and_points_at_the_line(tmp_path: Path) -> None:
    """A good card passes; a bad one exits with 1 and says file and line."""
    assert run("purpose", "lint", _card(tmp_path)).code == 0
    bad = run("purpose", "lint", _card(tmp_path, CARD.replace("contact.mobile", "contact.mobble")), "--json")
    assert (bad.code, bad.data["ok"]) == (1, False)
    assert bad.data["findings"][0]["place"].startswith("card.toml:")
    assert run("purpose", "lint", tmp_path / "none.toml").code == 1


def test_the_officer_adopts_the_next_version_and_everybody_sees_it(tmp_path: Path) -> None:
    """adopt, then show; an analyst may look but not adopt; a skipped version is refused."""
    home, _ = lender(tmp_path, 0, "analyst", "dpo")
    second = _card(tmp_path, CARD.replace("version = 1", "version = 2"))
    refused = run("purpose", "adopt", second, "--as", "analyst", "--json", home=home)
    assert (refused.code, refused.data["error"]) == (1, "refused")
    adopted = run("purpose", "adopt", second, "--json", home=home)
    assert adopted.data["adopted"] == [{"purpose": "credit.review", "version": 2}]
    again = run("purpose", "adopt", second, "--json", home=home)
    assert (again.code, again.data["error"]) == (1, "invalid")
    shown = run("purpose", "show", "credit.review", "--as", "analyst", "--json", home=home)
    assert (shown.data["card"]["version"], shown.data["card"]["title_zh"]) == (2, "信贷审查")
    assert "approver" in run("purpose", "show", "credit.review", home=home).out
    assert run("purpose", "show", "nothing", home=home).code == 1
    assert "credit.review" in run("purpose", "show", home=home).out
