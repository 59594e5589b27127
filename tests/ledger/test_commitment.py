from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shouxin.errors import Invalid, Tampered
from shouxin.ledger.commitment import (
    AbsenceProof,
    absence_proof,
    blinding,
    member_proof,
    member_root,
    verify_absence,
    verify_member,
)
from shouxin.ledger.tree import EMPTY_ROOT

PEPPER = bytes(range(32))


def _members(count: int) -> list[bytes]:
    return sorted(sha256(bytes([number])).digest() for number in range(count))


@pytest.mark.parametrize("length", [32, 33, 64, 65, 100])
def test_a_commitment_is_hkdf(length: int) -> None:
    """For peppers and event ids of many lengths the result is what an independent HKDF gives."""
    pepper, event_id = bytes(range(length)), bytes(range(length - 16))
    expected = HKDF(algorithm=SHA256(), length=32, salt=event_id, info=b"shouxin/blinding/v1").derive(pepper)
    assert blinding(pepper, event_id) == expected


def test_two_events_about_one_subject_have_nothing_in_common() -> None:
    """Another event or another pepper gives another commitment."""
    first = blinding(PEPPER, b"\0" * 16)
    assert len({first, blinding(PEPPER, b"\1" * 16), blinding(PEPPER[::-1], b"\0" * 16)}) == 3


@pytest.mark.parametrize(("pepper", "event_id"), [(PEPPER[:31], b"\0" * 16), (b"", b"\0" * 16), (PEPPER, b"")])
def test_a_weak_commitment_is_not_made(pepper: bytes, event_id: bytes) -> None:
    """A short pepper or a missing event id is refused."""
    with pytest.raises(Invalid):
        blinding(pepper, event_id)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 9])
def test_every_member_is_proved_and_nobody_else(count: int) -> None:
    """Each of the members verifies at its place; no other commitment verifies anywhere."""
    members = _members(count)
    root, counted = member_root(reversed(members))
    assert counted == count
    for member in members:
        proof = member_proof(members, member)
        verify_member(member, proof, root, count)
        with pytest.raises(Tampered):
            verify_member(PEPPER, proof, root, count)
        with pytest.raises(Tampered):
            verify_member(member, replace(proof, position=(proof.position + 1) % max(count, 2)), root, count)


def test_a_proof_does_not_bring_its_own_count() -> None:
    """The count comes from the event; a proof of another count fails even under the right root."""
    members = _members(8)
    root, count = member_root(members)
    proof = member_proof(members, members[0])
    for wrong in (7, 9):
        with pytest.raises(Tampered):
            verify_member(members[0], proof, root, wrong)
        with pytest.raises(Tampered):
            verify_member(members[0], replace(proof, count=wrong), root, count)


@pytest.mark.parametrize("count", [0, 1, 2, 5, 8])
def test_absence_is_proved_at_both_ends_and_between(count: int) -> None:
    """Before the first, after the last and in every gap, also in an event about nobody."""
    members = _members(count)
    root, _ = member_root(members)
    absent = [b"\0" * 32, b"\xff" * 32, *(member[:-1] + bytes([member[-1] ^ 1]) for member in members)]
    for commitment in absent:
        verify_absence(commitment, absence_proof(members, commitment), root, count)


def test_a_member_cannot_be_shown_as_absent() -> None:
    """No choice of two neighbours, or of one, hides a member."""
    members = _members(5)
    root, count = member_root(members)
    shown = [None, *((member, member_proof(members, member)) for member in members)]
    for hidden in members:
        with pytest.raises(Invalid):
            absence_proof(members, hidden)
        for before in shown:
            for after in shown:
                with pytest.raises(Tampered):
                    verify_absence(hidden, AbsenceProof(before, after), root, count)


def test_nobody_is_absent_from_an_event_that_claims_to_be_empty_but_is_not() -> None:
    """A count of 0 goes with the empty root only."""
    root, _ = member_root(_members(3))
    verify_absence(PEPPER, AbsenceProof(None, None), EMPTY_ROOT, 0)
    with pytest.raises(Tampered):
        verify_absence(PEPPER, AbsenceProof(None, None), root, 0)


def test_members_are_distinct_sorted_and_of_one_length() -> None:
    """A member given twice, an unsorted list and a commitment of another length are refused."""
    members = _members(3)
    for wrong in ([*members, members[0]], [*members, b"short"]):
        with pytest.raises(Invalid):
            member_root(wrong)
    with pytest.raises(Invalid):
        member_proof(members[::-1], members[0])
    with pytest.raises(Invalid):
        member_proof(members, PEPPER)
    with pytest.raises(Tampered):
        verify_member(b"short", member_proof(members, members[0]), *member_root(members))
    with pytest.raises(Tampered):
        verify_absence(b"short", absence_proof(members, PEPPER), *member_root(members))
