"""``shouxin retention due`` also says what a law keeps in databases of people who are erased here."""

from __future__ import annotations

from pathlib import Path

from shouxin.domain.identifiers import OperationId, show
from tests.cli.shell import run
from tests.operations.retaining.test_elsewhere import kept_in_a_book
from tests.workspaces import PASSPHRASE, close


def test_what_a_law_keeps_in_a_database_is_named_on_its_day(tmp_path: Path) -> None:
    """Kept until then with article and day; due on it, with the erasure that it belongs to."""
    home, operation = kept_in_a_book(tmp_path, "2020-01-01")
    close(home.bank.workspace)
    place = home.bank.home
    assert run("account", "sign-in", "dpo", home=place, SHOUXIN_PASSPHRASE=PASSPHRASE).code == 0
    told = {"database": "book", "table": "contract", "article": "AML 34(3)", "until": "2030-01-01", "rows": 1}
    for day, state, due in (("2029-12-31", "kept", False), ("2030-01-01", "due", True)):
        data = run("retention", "due", "--on", day, "--people", "--json", "--as", "dpo", home=place).data
        assert data["databases"] == [{"state": state, **told}]
        named = [one["erasure"] for one in data["due_in_databases"]]
        assert named == [show(OperationId, operation)] * due
    assert "2030-01-01" in run("retention", "due", "--as", "dpo", home=place).out
