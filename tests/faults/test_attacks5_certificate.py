"""Attacks on the certificate: what a database answered to another erasure proves nothing of this one."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from shouxin.errors import Tampered
from shouxin.operations.certifying.certify import certificates
from shouxin.operations.deletion.progress import progress_of
from shouxin.vault.certificate import check, statement
from tests.operations.deletion.house import house


def test_an_answer_to_another_erasure_is_not_taken_for_this_one(tmp_path: Path) -> None:
    """The lender itself swaps the entries and signs: each is genuine, and of the other operation."""
    home = house(tmp_path)
    home.bank.take([1, 2], customer=False)
    home.with_core(tmp_path, "work")
    orders = []
    for purposes in (frozenset({"loan.file"}), frozenset[str]()):
        orders.append(home.cooled(home.wanted(home.bank.people[1], purposes=purposes)))
        home.executed(orders[-1])
    workspace, dpo = home.bank.workspace, home.bank.tokens["dpo"]
    operations = [one for order in orders for one in progress_of(workspace, dpo, order).operations]
    part, whole = certificates(workspace, dpo, operations)
    assert check(whole, workspace.head.verifier).answered == ("lender-core",)
    forged = copy.deepcopy(whole)
    forged["databases"], forged["downstream"] = part["databases"], part["downstream"]
    forged["signature"] = workspace.head.sign_text(statement(forged))
    with pytest.raises(Tampered, match="no answer of a database"):
        check(forged, workspace.head.verifier)
