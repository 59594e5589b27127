"""Commitments: how an event speaks of a person without naming anyone (law 3: the record names nobody).

Laws of this file. A commitment is keyed by the subject's pepper and salted by the event, so two events about one
person have nothing in common for whoever lacks the pepper, and opening one opens no other. An event about many people
commits to all of them at once: a Merkle root over their commitments, sorted and without repetition, and their count.
Sorted, because then absence can be proved by two neighbours; counted, because a root alone does not say how many.

The event holds root and count; a proof that brings its own count proves nothing. Called by operations that record
events, and by certificates. Neighbours in a proof of absence are commitments of that one event: they name nobody.
"""

from __future__ import annotations

import hmac
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import Final

from shouxin.errors import Invalid, Tampered
from shouxin.ledger.proof import inclusion_ranges, verify_inclusion
from shouxin.ledger.tree import EMPTY_ROOT, leaf_hash, root_of

__all__ = [
    "AbsenceProof",
    "MemberProof",
    "absence_proof",
    "blinding",
    "commit_to",
    "member_proof",
    "member_root",
    "verify_absence",
    "verify_member",
]

_COMMITMENT_BYTES: Final = 32
_MIN_PEPPER_BYTES: Final = 32
_FIRST_BLOCK: Final = b"shouxin/blinding/v1\x01"
_LABEL: Final = b"shouxin/commitment/v1\0"


def blinding(pepper: bytes, event_id: bytes) -> bytes:
    """Return the 32 bytes that blind the commitment to a person in one event.

    ``pepper`` is the subject's secret of at least 32 bytes; ``event_id`` is the event's 16 bytes.

    Raises:
        Invalid: a shorter pepper or an empty event id.

    **Source:** RFC 5869 sections 2.2 and 2.3, with SHA-256; the output is one block, so T(1) is all of it.
    """
    if len(pepper) < _MIN_PEPPER_BYTES or not event_id:
        raise Invalid(f"a commitment needs a pepper of {_MIN_PEPPER_BYTES} bytes and an event id")
    return hmac.digest(hmac.digest(event_id, pepper, "sha256"), _FIRST_BLOCK, "sha256")


def commit_to(blind: bytes, identifier: bytes) -> bytes:
    """Return the commitment that stands in an entry: SHA-256 over a label, the blinding and the identifier.

    Handing out the blinding of one entry lets anybody check that entry, and says nothing about any other.
    """
    return sha256(_LABEL + blind + identifier).digest()


@dataclass(frozen=True, slots=True)
class MemberProof:
    """That a commitment stands at ``position`` (from 0) among ``count`` sorted ones."""

    position: int
    count: int
    hashes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class AbsenceProof:
    """The neighbours between which an absent commitment would stand, each with its proof.

    ``before`` is None where it would be the first, ``after`` where it would be the last.
    """

    before: tuple[bytes, MemberProof] | None
    after: tuple[bytes, MemberProof] | None


def member_root(commitments: Iterable[bytes]) -> tuple[bytes, int]:
    """Return the root over the commitments, given in any order, and their count. Of none: the empty tree's root, 0.

    Raises:
        Invalid: one is given twice, or is not 32 bytes.
    """
    members = sorted(commitments)
    _check_members(members)
    return root_of(list(map(leaf_hash, members))), len(members)


def member_proof(members: Sequence[bytes], commitment: bytes) -> MemberProof:
    """Return the proof that ``commitment`` is among the sorted ``members``. Costs one hashing per member.

    Raises:
        Invalid: it is not among them, or they are not sorted, not distinct or not of 32 bytes.
    """
    _check_members(members)
    position = bisect_left(members, commitment)
    if position == len(members) or members[position] != commitment:
        raise Invalid("the commitment is not among the members")
    return _proof_at(members, position)


def verify_member(commitment: bytes, proof: MemberProof, root: bytes, count: int) -> None:
    """Return only if ``commitment`` is among the ``count`` members of ``root``, both read from the event.

    Raises:
        Tampered: it is not.
    """
    if proof.count != count:
        raise Tampered("the proof is of another number of members than the event")
    _check_length(commitment)
    verify_inclusion(leaf_hash(commitment), proof.position, count, proof.hashes, root)


def absence_proof(members: Sequence[bytes], commitment: bytes) -> AbsenceProof:
    """Return the proof that ``commitment`` is not among the sorted ``members``.

    Raises:
        Invalid: it is among them, or they are not sorted, not distinct or not of 32 bytes.
    """
    _check_members(members)
    position = bisect_left(members, commitment)
    if position < len(members) and members[position] == commitment:
        raise Invalid("the commitment is among the members")
    before = (members[position - 1], _proof_at(members, position - 1)) if position else None
    after = (members[position], _proof_at(members, position)) if position < len(members) else None
    return AbsenceProof(before, after)


def verify_absence(commitment: bytes, proof: AbsenceProof, root: bytes, count: int) -> None:
    """Return only if ``commitment`` is not among the ``count`` members of ``root``, both read from the event.

    It holds as far as the members are sorted, which whoever wrote the event vouches for.

    Raises:
        Tampered: the neighbours are no members, not next to one another, or not on both sides of ``commitment``.
    """
    _check_length(commitment)
    position = 0
    if proof.before is not None:
        neighbour, shown = proof.before
        verify_member(neighbour, shown, root, count)
        if neighbour >= commitment:
            raise Tampered("the neighbour before does not stand before")
        position = shown.position + 1
    if proof.after is not None:
        neighbour, shown = proof.after
        verify_member(neighbour, shown, root, count)
        if neighbour <= commitment or shown.position != position:
            raise Tampered("the neighbour after does not stand after, or is not the next")
    elif position != count or (count == 0 and root != EMPTY_ROOT):
        raise Tampered("the neighbour before is not the last member")


def _proof_at(members: Sequence[bytes], position: int) -> MemberProof:
    hashes = list(map(leaf_hash, members))
    siblings = tuple(root_of(hashes[start:end]) for start, end in inclusion_ranges(position, len(hashes)))
    return MemberProof(position, len(hashes), siblings)


def _check_members(members: Sequence[bytes]) -> None:
    if any(len(member) != _COMMITMENT_BYTES for member in members):
        raise Invalid(f"a commitment has {_COMMITMENT_BYTES} bytes")
    if any(earlier >= later for earlier, later in pairwise(members)):
        raise Invalid("the members are sorted and each stands once")


def _check_length(commitment: bytes) -> None:
    if len(commitment) != _COMMITMENT_BYTES:
        raise Tampered(f"a commitment has {_COMMITMENT_BYTES} bytes")
