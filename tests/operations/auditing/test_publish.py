from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shouxin.bootstrap import WitnessFolder
from shouxin.errors import Refused, RolledBack, Tampered
from shouxin.ledger.checkpoint import open_checkpoint
from shouxin.ledger.note import parse_verifier
from shouxin.ledger.tiles import ENTRIES, Tile, decode_bundle, path
from shouxin.ledger.tree import leaf_hash, root_of
from shouxin.ledger.witness import WitnessOutcome, parse_request
from shouxin.operations.auditing.publish import accept_cosignature, publish, witness_request
from tests import recorded
from tests.operations.portfolio import Hands, Lender, lender

TIME = 1_800_000_000


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """A customer."""
    made = lender(tmp_path, Hands())
    made.take([1])
    return made


def cosigned(bank: Lender, witness: Any) -> str:
    """Have ``witness`` cosign what is published; return what is published then."""
    log = bank.workspace.head.verifier
    answer = witness.add_checkpoint(log, witness_request(bank.workspace, witness.known(log.name)), TIME)
    assert answer.outcome is WitnessOutcome.COSIGNED
    return accept_cosignature(bank.workspace, answer.body, witness.verifier)


def test_what_is_published_is_the_log(bank: Lender) -> None:
    """Entries and checkpoint stand in files; the entries alone give the root that was signed, by the public key."""
    note = publish(bank.workspace, bank.tokens["auditor"])
    public = bank.home / "public"
    key = (public / "log.vkey").read_text().strip()
    head = open_checkpoint((public / "checkpoint").read_text(), [parse_verifier(key)]).checkpoint
    assert (public / "checkpoint").read_text() == note
    assert head.size == recorded.size(bank.workspace) > 0
    entries = decode_bundle((public / path(Tile(ENTRIES, 0, head.size))).read_bytes())
    assert len(entries) == head.size
    assert root_of([leaf_hash(entry) for entry in entries]) == head.root


def test_publishing_again_adds_what_came_since(bank: Lender) -> None:
    """Nothing new leaves the published checkpoint as it is, cosignatures and all; something new replaces it."""
    publish(bank.workspace, bank.tokens["operator"])
    witness = WitnessFolder(bank.home.parent / "witness", "witness.example/w1")
    signed = cosigned(bank, witness)
    assert publish(bank.workspace, bank.tokens["operator"]) == signed
    bank.masked(bank.people[1])
    more = publish(bank.workspace, bank.tokens["operator"])
    assert more != signed
    assert bank.workspace.head.open(more).size == recorded.size(bank.workspace)


@pytest.mark.parametrize("role", ["analyst", "collector", "approver", "model"])
def test_only_who_answers_for_the_log_publishes(bank: Lender, role: str) -> None:
    """Anybody else is refused, and nothing is published."""
    with pytest.raises(Refused):
        publish(bank.workspace, bank.tokens[role])
    assert not (bank.home / "public" / "checkpoint").exists()


def test_a_shorter_log_is_never_published_over_a_longer_one(bank: Lender) -> None:
    """A checkpoint on the shelf that is behind what was published is a rollback; the published one stays."""
    publish(bank.workspace, bank.tokens["operator"])
    old = bank.workspace.shelf.get()
    assert old is not None
    bank.raw(bank.people[1])
    publish(bank.workspace, bank.tokens["operator"])
    published = bank.workspace.publication.checkpoint()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(bank.workspace.shelf), "get", lambda _shelf: old)
        with pytest.raises(RolledBack):
            publish(bank.workspace, bank.tokens["operator"])
    assert bank.workspace.publication.checkpoint() == published


def test_a_witness_is_asked_to_cosign_from_what_it_knows(bank: Lender) -> None:
    """The request names the size that the witness knows and proves the way from there; twice in a row it cosigns."""
    with pytest.raises(RolledBack):
        witness_request(bank.workspace, 0)
    publish(bank.workspace, bank.tokens["operator"])
    witness = WitnessFolder(bank.home.parent / "witness", "witness.example/w1")
    first = cosigned(bank, witness)
    known = witness.known(bank.workspace.head.verifier.name)
    assert known == recorded.size(bank.workspace)
    bank.raw(bank.people[1])
    publish(bank.workspace, bank.tokens["operator"])
    request = parse_request(witness_request(bank.workspace, known))
    assert request.old_size == known
    assert request.proof
    second = cosigned(bank, witness)
    for note in (first, second):
        seen = open_checkpoint(note, [bank.workspace.head.verifier, witness.verifier])
        assert [one.verifier.name for one in seen.cosignatures] == ["witness.example/w1"]
    with pytest.raises(RolledBack):
        witness_request(bank.workspace, recorded.size(bank.workspace) + 1)


def test_only_a_cosignature_of_that_witness_is_published(bank: Lender) -> None:
    """Another witness's line, or one over another checkpoint, is tampering; what is published stays as it was."""
    note = publish(bank.workspace, bank.tokens["operator"])
    one = WitnessFolder(bank.home.parent / "one", "witness.example/w1")
    two = WitnessFolder(bank.home.parent / "two", "witness.example/w2")
    log = bank.workspace.head.verifier
    line = one.add_checkpoint(log, witness_request(bank.workspace, 0), TIME).body
    with pytest.raises(Tampered):
        accept_cosignature(bank.workspace, line, two.verifier)
    assert bank.workspace.publication.checkpoint() == note
    bank.masked(bank.people[1])
    later = publish(bank.workspace, bank.tokens["operator"])
    with pytest.raises(Tampered):
        accept_cosignature(bank.workspace, line, one.verifier)
    assert bank.workspace.publication.checkpoint() == later
    cosigned(bank, one)
    twice = cosigned(bank, two)
    assert accept_cosignature(bank.workspace, twice.splitlines()[-1], two.verifier) == twice
