"""The deletion certificate as a document, and how anybody checks it (design section 6).

A certificate separates what is *proved* from what is *attested*. Proved, by entries of a log that witnesses saw:
that the erasure was planned as listed, carried out, read back, and which openings of the person's data the log holds.
Attested, by the lender's word and its providers' evidence only: that no copy of a key was kept outside what the log
speaks of. ``check`` takes the trusted keys as arguments: a proof that brings its own key proves nothing.

Pure: used by ``shouxin certificate verify`` and, in time, by a stand-alone verifier of one file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shouxin.domain.clock import Instant, write
from shouxin.errors import Invalid, Tampered
from shouxin.ledger.checkpoint import open_checkpoint
from shouxin.ledger.commitment import MemberProof, commit_to, verify_member
from shouxin.ledger.note import Verifier, verify
from shouxin.ledger.proof import parse_proof_file, verify_inclusion
from shouxin.ledger.tree import leaf_hash

__all__ = ["FORMAT", "Verdict", "canonical", "check", "check_entry", "digest_of", "statement"]

FORMAT: Final = "shouxin.certificate/1"
_ERASURE: Final = ("erasure.intended", "erasure.removed", "erasure.done")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a certificate proves: its outcome and counts, and how many witnesses cosigned each checkpoint at least.

    ``sealed`` says whether the log also holds that old copies were made useless.
    """

    outcome: str
    erased: int
    retained: int
    openings: int
    entries: int
    witnesses: int
    sealed: bool


def canonical(value: object) -> bytes:
    """Return ``value`` as canonical JSON (RFC 8785), for values whose numbers are whole."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest_of(document: dict[str, Any]) -> str:
    """Return SHA-256, in hexadecimal, of a certificate without its signature, in canonical JSON (RFC 8785)."""
    return hashlib.sha256(canonical({key: value for key, value in document.items() if key != "signature"})).hexdigest()


def statement(document: dict[str, Any]) -> str:
    """Return the text that the institution signs (a C2SP signed note)."""
    return f"{FORMAT}\n{digest_of(document)}\n"


def check_entry(
    row: dict[str, Any], subject: bytes, log: Verifier, witnesses: Sequence[Verifier]
) -> tuple[dict[str, Any], int]:
    """Check one entry: in the log, under a signed checkpoint, and about this person. Return it and its witnesses."""
    entry = row["entry"].encode()
    proof = parse_proof_file(row["proof"])
    signed = open_checkpoint(proof.checkpoint, [log, *witnesses])
    verify_inclusion(leaf_hash(entry), proof.index, signed.checkpoint.size, proof.hashes, signed.checkpoint.root)
    if proof.index != row["leaf"]:
        raise Tampered("an entry is proved at another place than it claims")
    event: dict[str, Any] = json.loads(entry)
    commitment = commit_to(bytes.fromhex(row["blinding"]), subject)
    if "subject" in event:
        if event["subject"] != commitment.hex():
            raise Tampered("an entry is about somebody else")
    else:
        member = row["member"]
        hashes = tuple(bytes.fromhex(one) for one in member["hashes"])
        place = MemberProof(member["position"], member["count"], hashes)
        verify_member(commitment, place, bytes.fromhex(event["members"]), event["count"])
    return event, len(signed.witnesses)


def _check_erasure(document: dict[str, Any], events: list[dict[str, Any]]) -> bool:
    """Hold the document against its own erasure's events; return whether it is sealed."""
    kinds = [event["event"] for event in events]
    if kinds[: len(_ERASURE)] != list(_ERASURE) or any(event["op"] != document["operation"] for event in events[:3]):
        raise Tampered("the log does not hold intent, removal and outcome of this erasure")
    begun, done = events[0], events[2]
    if len(events) > len(_ERASURE) + 1 or kinds[len(_ERASURE) :] not in ([], ["erasure.sealed"]):
        raise Tampered("the certificate lists other events than those of its erasure")
    times = [begun["at"], done["at"], *(event["at"] for event in events[3:])]
    said = [document["planned"], document["live"], *([document["sealed"]] if document["sealed"] else [])]
    if [write(Instant(at)) for at in times] != said or begun["scope"] != document["scope"]:
        raise Tampered("times or scope are not those that the log holds")
    parts = document["parts"]
    if done["plan"] != hashlib.sha256(canonical(parts)).hexdigest():
        raise Tampered("the parts listed are not those that the log speaks of")
    count = {outcome: sum(part["outcome"] == outcome for part in parts) for outcome in ("erased", "retained")}
    if (done["erased"], done["retained"], done["outcome"]) != (count["erased"], count["retained"], document["outcome"]):
        raise Tampered("the outcome is not the one that the log speaks of")
    sealed = any(event["event"] == "erasure.sealed" and event["plan"] == done["plan"] for event in events[3:])
    if bool(document["sealed"]) != sealed:
        raise Tampered("the certificate says sealed, the log does not, or the other way round")
    return sealed


def check(document: dict[str, Any], log: Verifier, witnesses: Iterable[Verifier] = ()) -> Verdict:
    """Check a certificate against the keys that the caller trusts; return what it proves.

    Raises:
        Tampered: anything in it is not what the log holds or what the institution signed; says which.
    """
    known = tuple(witnesses)
    try:
        if document["format"] != FORMAT:
            raise Tampered("this is not a certificate of a format known here")
        signed = verify(document["signature"], [log])
        if signed.text != statement(document):
            raise Tampered("the certificate was changed after it was signed")
        subject = bytes.fromhex(document["subject"])
        checked = [check_entry(row, subject, log, known) for row in document["events"]]
        opened = [check_entry(row, subject, log, known) for row in document["openings"]]
        sealed = _check_erasure(document, [event for event, _ in checked])
        if any(not event["event"].startswith(("disclosure.", "look-up.")) for event, _ in opened):
            raise Tampered("an opening that is listed is none")
        done = checked[2][0]
        seen = min((count for _, count in (*checked, *opened)), default=0)
        return Verdict(
            document["outcome"],
            done["erased"],
            done["retained"],
            len(opened),
            len(checked) + len(opened),
            seen,
            sealed,
        )
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, Invalid):
        raise Tampered("the certificate lacks something or has it in another shape") from None
