from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import SubjectId, new
from shouxin.errors import NotFound, Refused, ShouxinError
from shouxin.ledger.checkpoint import open_checkpoint
from shouxin.ledger.commitment import commit_to, verify_member
from shouxin.ledger.entry import decode
from shouxin.ledger.note import Verifier
from shouxin.ledger.proof import parse_proof_file, verify_inclusion
from shouxin.ledger.tree import leaf_hash
from shouxin.operations.account_for import Opening, account_for
from shouxin.operations.advance import advance
from shouxin.operations.auditing.heads import LogHead
from shouxin.operations.auditing.publish import publish
from shouxin.operations.erasing.erase import erase
from shouxin.operations.opening.disclose import disclose
from tests.operations.portfolio import Hands, Lender, lender


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """Two customers and a declined applicant; the first was seen alone and together with the second."""
    made = lender(tmp_path, Hands())
    made.take([1, 2])
    made.take([3], customer=False)
    made.masked(made.people[1], made.people[2])
    made.raw(made.people[1])
    return made


def holds(opening: Opening, log: Verifier, changed: str | None = None) -> bool:
    """Check an opening as a stranger does, with nothing but the log's key and the opening itself."""
    try:
        proof = parse_proof_file(opening.proof if changed is None else changed)
        head = open_checkpoint(proof.checkpoint, [log]).checkpoint
        verify_inclusion(leaf_hash(opening.entry), proof.index, head.size, proof.hashes, head.root)
        event = decode(opening.entry)
        commitment = commit_to(opening.blinding, opening.subject)
        if "subject" in event.facts:
            return bool(event.facts["subject"] == commitment.hex() and proof.index == opening.leaf)
        root, count = event.facts["members"], event.facts["count"]
        assert opening.member is not None
        assert isinstance(root, str)
        assert isinstance(count, int)
        verify_member(commitment, opening.member, bytes.fromhex(root), count)
    except (ShouxinError, ValueError):
        return False
    return proof.index == opening.leaf


def openings(bank: Lender, number: int) -> list[Opening]:
    """Account for an applicant."""
    return account_for(bank.workspace, bank.tokens["rights_desk"], bank.people[number])


def test_every_opening_and_look_up_is_listed_with_a_proof_that_holds(bank: Lender) -> None:
    """Who was looked up, seen and opened finds each of these, oldest first, and can check each without us."""
    found = openings(bank, 1)
    kinds = [one.event.kind for one in found]
    assert kinds == [EventKind.LOOK_UP_MADE, EventKind.DISCLOSURE_MADE, EventKind.DISCLOSURE_MADE]
    assert [one.leaf for one in found] == sorted(one.leaf for one in found)
    assert [one.event.facts["count"] for one in found] == [1, 2, 1]
    assert all(holds(one, bank.workspace.head.verifier) for one in found)
    assert [one.at for one in found] == sorted(one.at for one in found)


def test_a_refused_wish_opened_nobody(bank: Lender) -> None:
    """What was refused is not listed as an opening."""
    before = len(openings(bank, 1))
    with pytest.raises(Refused):
        disclose(bank.workspace, bank.tokens["operator"], bank.wish(bank.people[1]))
    assert len(openings(bank, 1)) == before


def test_no_flipped_byte_of_an_opening_holds(bank: Lender) -> None:
    """Entry, blinding, position and proof: one bit changed anywhere, and the opening proves nothing."""
    log = bank.workspace.head.verifier
    for opening in openings(bank, 1):
        assert holds(opening, log)
        assert opening.member is not None
        for at in range(len(opening.entry)):
            entry = bytearray(opening.entry)
            entry[at] ^= 1
            assert not holds(replace(opening, entry=bytes(entry)), log)
        for at in range(32):
            blind = bytearray(opening.blinding)
            blind[at] ^= 1
            assert not holds(replace(opening, blinding=bytes(blind)), log)
        member = opening.member
        assert not holds(replace(opening, member=replace(member, position=member.position + 1)), log)
        assert not holds(replace(opening, member=replace(member, count=member.count + 1)), log)
        for at in range(len(member.hashes)):
            hashes = list(member.hashes)
            hashes[at] = bytes(32)
            assert not holds(replace(opening, member=replace(member, hashes=tuple(hashes))), log)
        for at, letter in enumerate(opening.proof):
            changed = opening.proof[:at] + ("A" if letter != "A" else "B") + opening.proof[at + 1 :]
            assert not holds(opening, log, changed) or _same_bytes(opening.proof, changed)
        assert not holds(replace(opening, leaf=opening.leaf + 1), log)
        assert not holds(replace(opening, subject=new(SubjectId)), log)


def _same_bytes(proof: str, changed: str) -> bool:
    """Say whether two proofs differ in nothing but spare bits of base64, which carry nothing."""

    def read(text: str) -> list[bytes]:
        return [base64.b64decode(line.rpartition(" ")[2] + "==", validate=False) for line in text.split("\n")]

    return read(proof) == read(changed)


def test_an_opening_is_of_one_person_and_one_event(bank: Lender) -> None:
    """What opens one entry opens no other, and not the same entry for somebody else in it."""
    first, second, third = openings(bank, 1)
    log = bank.workspace.head.verifier
    for one, other in ((first, second), (second, third), (third, first)):
        assert not holds(replace(one, blinding=other.blinding), log)
        assert not holds(replace(one, entry=other.entry), log)
    theirs = openings(bank, 2)[-1]
    assert theirs.leaf == second.leaf
    assert theirs.blinding != second.blinding
    assert not holds(replace(second, subject=theirs.subject), log)


def test_another_logs_key_proves_nothing(bank: Lender) -> None:
    """A proof under a checkpoint that another key signed does not hold."""
    stranger = LogHead(bank.workspace.institution.origin, b"s" * 32).verifier
    assert not any(holds(one, stranger) for one in openings(bank, 1))


def test_the_list_outlives_erasure_and_advance(bank: Lender) -> None:
    """An erased person still finds every opening, with proofs that hold, after their keys were sealed away."""
    bank.masked(bank.people[3])
    before = [one.leaf for one in openings(bank, 3)]
    erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
    advance(bank.workspace, bank.tokens["operator"])
    found = openings(bank, 3)
    assert [one.leaf for one in found] == before != []
    assert all(holds(one, bank.workspace.head.verifier) for one in found)


def test_proofs_rest_on_the_published_checkpoint_where_it_covers_them(bank: Lender) -> None:
    """Once published, what witnesses can see is what proofs rest on; newer openings rest on the signed head."""
    publish(bank.workspace, bank.tokens["operator"])
    public = bank.workspace.publication.checkpoint()
    assert public is not None
    assert {parse_proof_file(one.proof).checkpoint for one in openings(bank, 1)} == {public}
    bank.masked(bank.people[1])
    found = openings(bank, 1)
    assert parse_proof_file(found[-1].proof).checkpoint != public
    assert all(holds(one, bank.workspace.head.verifier) for one in found)


def test_nobody_unknown_is_accounted_for(bank: Lender) -> None:
    """An unknown person is not found."""
    with pytest.raises(NotFound):
        account_for(bank.workspace, bank.tokens["dpo"], new(SubjectId))


@pytest.mark.parametrize("role", ["analyst", "operator", "collector", "credit_officer", "model"])
def test_only_who_answers_rights_sees_who_looked(bank: Lender, role: str) -> None:
    """The list of openings is for the rights desk, the officer and the auditor."""
    with pytest.raises(Refused):
        account_for(bank.workspace, bank.tokens[role], bank.people[1])
