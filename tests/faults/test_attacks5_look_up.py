"""Attacks on looking up: what is only stored and protected finds nobody."""

from __future__ import annotations

from pathlib import Path

from shouxin.operations.erasing.erase import erase
from shouxin.operations.opening.look_up import look_up
from tests.operations.portfolio import ID_NUMBER, Hands, lender, values_of


def test_nobody_is_found_by_what_only_a_law_keeps(tmp_path: Path) -> None:
    """Their file was to go and a floor keeps it: an analyst finds nobody by it, whoever answers a statute does."""
    bank = lender(tmp_path, Hands())
    bank.take([1, 2])
    erase(bank.workspace, bank.tokens["dpo"], bank.people[1], {"customer.file"})
    assert bank.is_gone(bank.people[1]), "nothing of it is shown either"
    assert bank.find(1) == []
    assert bank.find(2) == [bank.people[2]]
    statutory = look_up(bank.workspace, bank.tokens["dpo"], "rights.answer", ID_NUMBER, values_of(1)[ID_NUMBER])
    assert statutory == [bank.people[1]]
