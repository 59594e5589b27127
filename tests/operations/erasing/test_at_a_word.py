"""Erasing at a word: where it is refused, because others must agree or databases must be asked first."""

from __future__ import annotations

from pathlib import Path

import pytest

from shouxin.errors import Refused
from shouxin.operations.downstream.databases import register_database
from shouxin.operations.erasing.erase import erase
from tests.operations.portfolio import lender


def test_a_word_erases_nobody_once_a_database_is_registered(tmp_path: Path) -> None:
    """It reaches no database, and afterwards nobody knows whom to look for there; an order is named."""
    bank = lender(tmp_path)
    bank.take([3], customer=False)
    described = """\
dataset = "core"
version = 1
[identities]
id_number = { item = "identity.id_number", one = true }
[table.customer]
key = ["id"]
strategy = "delete_row"
[table.customer.columns]
id = { not_personal = "number of the row" }
id_number = { item = "identity.id_number", identity = "id_number" }
"""
    register_database(bank.workspace, bank.tokens["dpo"], described, "LENDER_DSN")
    with pytest.raises(Refused, match="shouxin deletion draft") as refused:
        erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
    assert refused.value.reasons == (("erased-in-databases-first", "PIPL 47(1)"),)
    assert bank.masked(bank.people[3])
