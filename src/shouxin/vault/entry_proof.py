"""A log entry as certificates and receipts hold it, and how it is checked: in the log, and about this person.

Laws of this file. What a row says is believed only after its entry was found under a checkpoint that a key of the
reader's signed, and only as far as its commitment opens to the person. Blinding and identifier have one length each:
with others, one commitment would open to two people. An entry is read in its one canonical spelling.

Pure. Called by ``vault.certificate`` and ``vault.receipt``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from shouxin.errors import Invalid, Tampered
from shouxin.ledger.checkpoint import Checkpoint, open_checkpoint
from shouxin.ledger.commitment import MemberProof, commit_to, verify_member
from shouxin.ledger.note import Verifier
from shouxin.ledger.proof import parse_proof_file, verify_inclusion
from shouxin.ledger.tree import leaf_hash

__all__ = ["canonical", "check_entry", "check_row", "exact_hex", "read_canonical"]

_BLINDING_BYTES: Final = 32
_HASH_BYTES: Final = 32
_DEEPEST: Final = 16
_MOST_DIGITS: Final = 15  # all of them below 2^53, where other people's numbers are still whole


def canonical(value: object) -> bytes:
    """Return ``value`` as canonical JSON (RFC 8785), for values whose numbers are whole and whose keys are ASCII."""
    return msgspec.json.encode(value, order="sorted")


def read_canonical(content: bytes) -> dict[str, Any]:
    """Read an object of canonical JSON (RFC 8785) without fractions.

    Raises:
        Invalid: no JSON at all. Tampered: JSON in another spelling (blanks, doubled keys, fractions, endless nesting),
            or no object.
    """
    odd = Tampered("a document is not in the one form that it can have (canonical JSON)")
    try:
        value = json.loads(content.decode(), parse_int=_whole)
    except RecursionError:
        raise odd from None
    except ValueError:
        raise Invalid("is no JSON document") from None
    try:
        if not isinstance(value, dict) or not _plain(value) or canonical(value) != content:
            raise odd
    except ValueError:  # half of a surrogate pair
        raise odd from None
    return value


def _whole(digits: str) -> int | float:
    """Read a number; a longer one becomes a fraction, which no document may have."""
    return int(digits) if len(digits) <= _MOST_DIGITS else 0.5


def _plain(value: object, depth: int = 0) -> bool:
    """Say whether ``value`` is of whole numbers, texts, lists and objects only, and not nested without end."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return depth < _DEEPEST and all(_plain(one, depth + 1) for one in inner)
    return not isinstance(value, float)


def exact_hex(text: str, size: int) -> bytes:
    """Read ``size`` bytes in lower-case hexadecimal.

    Raises:
        Tampered: another length or spelling. ValueError, TypeError: no hexadecimal at all.
    """
    data = bytes.fromhex(text)
    if len(data) != size or data.hex() != text:
        raise Tampered("a digest or identifier has another length or spelling than its own")
    return data


def _about(row: dict[str, Any], entry: bytes, subject: bytes) -> dict[str, Any]:
    """Return the event of an entry whose commitment opens to ``subject``."""
    event = read_canonical(entry)
    commitment = commit_to(exact_hex(row["blinding"], _BLINDING_BYTES), subject)
    member = row["member"]
    if (member is None) != ("subject" in event):
        raise Tampered("an entry about one person has no place in a list, any other has one")
    if member is None:
        if event["subject"] != commitment.hex():
            raise Tampered("an entry is about somebody else")
    else:
        if type(event["count"]) is not int:
            raise Tampered("an entry counts its people by something that is no number")
        hashes = tuple(exact_hex(one, _HASH_BYTES) for one in member["hashes"])
        place = MemberProof(member["position"], member["count"], hashes)
        verify_member(commitment, place, exact_hex(event["members"], _HASH_BYTES), event["count"])
    return event


def check_row(row: dict[str, Any], subject: bytes, head: Checkpoint) -> dict[str, Any]:
    """Check one row of a certificate under a checkpoint that the reader opened; return the event.

    Raises:
        Tampered: it is not in that log, not where it says, or about somebody else.
    """
    entry = row["entry"].encode()
    if any(type(one) is not int for one in (row["leaf"], *_numbers(row["member"]))):
        raise Tampered("a place in the log is a whole number")
    hashes = [exact_hex(one, _HASH_BYTES) for one in row["hashes"]]
    verify_inclusion(leaf_hash(entry), row["leaf"], head.size, hashes, head.root)
    return _about(row, entry, subject)


def _numbers(member: dict[str, Any] | None) -> tuple[object, ...]:
    return () if member is None else (member["position"], member["count"])


def check_entry(
    row: dict[str, Any], subject: bytes, log: Verifier, witnesses: Sequence[Verifier]
) -> tuple[dict[str, Any], int]:
    """Check one row of a receipt, which brings its checkpoint along. Return the event and how many witnesses cosigned.

    Raises:
        Tampered: it is not in the log, not where it says, or about somebody else. Invalid: its proof is malformed.
    """
    entry = row["entry"].encode()
    proof = parse_proof_file(row["proof"])
    signed = open_checkpoint(proof.checkpoint, [log, *witnesses])
    verify_inclusion(leaf_hash(entry), proof.index, signed.checkpoint.size, proof.hashes, signed.checkpoint.root)
    if proof.index != row["leaf"]:
        raise Tampered("an entry is proved at another place than it claims")
    return _about(row, entry, subject), len(signed.witnesses)
