from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from shouxin.actors.account import ROLES
from shouxin.domain.event_kind import EventKind
from shouxin.errors import Invalid, NotFound, Refused
from shouxin.ledger.checkpoint import open_checkpoint
from shouxin.ledger.proof import parse_proof_file, verify_inclusion
from shouxin.ledger.tree import leaf_hash
from shouxin.operations.auditing import read_log
from shouxin.operations.auditing.read_log import READERS, prove_leaf, read_ledger
from tests.operations.portfolio import PURPOSES, lender


def test_entries_are_read_from_either_end(tmp_path: Path) -> None:
    """Both ends count; negative numbers count from the newest; what lies beyond either end is left out."""
    bank = lender(tmp_path)
    workspace, auditor = bank.workspace, bank.tokens["auditor"]
    every = read_ledger(workspace, auditor, 0, -1)
    assert [leaf for leaf, _ in every.entries] == list(range(every.size))
    assert every.entries[0][1].kind is EventKind.INSTITUTION_OPENED
    assert read_ledger(workspace, auditor, -3, -1).entries == every.entries[-3:]
    assert read_ledger(workspace, auditor, 2, 4).entries == every.entries[2:5]
    assert read_ledger(workspace, auditor, -(10**9), 10**9).entries == every.entries
    assert read_ledger(workspace, auditor, 3, 2).entries == ()
    with pytest.raises(NotFound):
        read_ledger(workspace, auditor, every.size, every.size)


def test_entries_of_one_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However far they lie apart, and the newest of them where there are too many; other reading has a limit."""
    bank = lender(tmp_path)
    workspace, auditor = bank.workspace, bank.tokens["auditor"]
    adopted = read_ledger(workspace, auditor, 0, -1, kind=EventKind.CARD_ADOPTED).entries
    assert [event.facts["purpose"] for _, event in adopted] == list(PURPOSES)
    monkeypatch.setattr(read_log, "MOST", 2)
    assert read_ledger(workspace, auditor, 0, -1, kind=EventKind.CARD_ADOPTED).entries == adopted[-2:]
    with pytest.raises(Invalid):
        read_ledger(workspace, auditor, 0, 2)


@pytest.mark.parametrize("role", sorted(ROLES))
def test_only_who_watches_reads_and_proves(tmp_path: Path, role: str) -> None:
    """Auditors, operators and the data-protection officer; everybody else is refused with the article."""
    bank = lender(tmp_path)
    if role in READERS:
        assert read_ledger(bank.workspace, bank.tokens[role], 0, 0).entries
        assert prove_leaf(bank.workspace, bank.tokens[role], 0).leaf == 0
        return
    for attempt in (partial(read_ledger, last=0), prove_leaf):
        with pytest.raises(Refused) as refusal:
            attempt(bank.workspace, bank.tokens[role], 0)
        assert refusal.value.reasons[0][1] == "PIPL 51(1)(4)"


def test_a_proof_holds_by_the_public_key_alone(tmp_path: Path) -> None:
    """For the first entry and for the newest, under a checkpoint that covers it."""
    bank = lender(tmp_path)
    workspace, dpo = bank.workspace, bank.tokens["dpo"]
    size = read_ledger(workspace, dpo, 0, 0).size
    for leaf in (0, size - 1):
        found = prove_leaf(workspace, dpo, leaf)
        proof = parse_proof_file(found.proof)
        head = open_checkpoint(proof.checkpoint, [workspace.head.verifier]).checkpoint
        assert head.size == found.size >= size
        verify_inclusion(leaf_hash(found.entry.encode()), leaf, head.size, proof.hashes, head.root)
    for leaf in (-1, size + 10):
        with pytest.raises(NotFound):
            prove_leaf(workspace, dpo, leaf)
