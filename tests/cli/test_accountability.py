from __future__ import annotations

from pathlib import Path

from tests.cli.shell import lender, run

FOR = ("--purpose", "credit.review")


def test_openings_are_listed_with_their_proof(tmp_path: Path) -> None:
    """Each use of a person's data, with entry, blinding, place and proof."""
    home, [who] = lender(tmp_path, 1, "analyst", "dpo")
    for _ in range(2):
        assert run("subject", "show", who, *FOR, "--as", "analyst", home=home).code == 0
    told = run("subject", "openings", who, "--json", home=home)
    assert [one["form"] for one in told.data["openings"]] == ["masked", "masked"]
    assert all(one["proof"].startswith("c2sp.org/tlog-proof@v1\n") for one in told.data["openings"])
    shown = run("subject", "openings", who, home=home).out
    assert "masked" in shown
    assert shown.endswith("items that were permitted each time; what was not held was not shown.\n")
    assert run("subject", "openings", who, "--as", "analyst", home=home).code == 1
    by_ledger = run("ledger", "prove", "--subject", who, "--json", home=home)
    assert by_ledger.data["openings"] == told.data["openings"]
