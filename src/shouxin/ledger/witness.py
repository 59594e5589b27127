"""The witness: someone outside who keeps a log's last head and cosigns only what extends it (c2sp.org/tlog-witness).

Laws of this file. A witness keeps one head for each log it knows. It never cosigns a head that does not extend the one
it keeps. Everything here is a pure step ``(head, request) -> (head, answer)``.

**The caller's duty.** Load the head, take the step, and store the new head *only if the stored one is still the one
that was loaded* (in one transaction, durable before the answer is sent). Two requests that race otherwise roll the
witness back. A request answered with ``INCONSISTENT`` under a good signature may prove that the log forked: keep it.

Called by the log (``format_request``, ``check_extends``), and by whoever runs a witness (``parse_request``, ``step``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from shouxin.errors import Forked, Invalid, RolledBack, Tampered
from shouxin.ledger import note
from shouxin.ledger.checkpoint import Checkpoint, from_decimal, from_hash, open_checkpoint, parse_body
from shouxin.ledger.note import NoteSigner, Signature, Verifier
from shouxin.ledger.proof import verify_consistency
from shouxin.ledger.tree import EMPTY_ROOT

__all__ = [
    "AddCheckpoint",
    "Witness",
    "WitnessAnswer",
    "WitnessOutcome",
    "WitnessedHead",
    "check_extends",
    "cosign",
    "format_request",
    "parse_request",
    "step",
]

_MAX_PROOF_LINES: Final = 63


class WitnessOutcome(IntEnum):
    """What came of a request, by the status that the protocol gives it."""

    COSIGNED = 200
    MALFORMED = 400
    NOT_SIGNED = 403
    UNKNOWN_LOG = 404
    OTHER_SIZE = 409
    INCONSISTENT = 422


@dataclass(frozen=True, slots=True)
class WitnessAnswer:
    """The outcome, and the body to send: a cosignature line, or the known size and a newline, or nothing.

    The body of ``OTHER_SIZE`` has the content type ``text/x.tlog.size``.
    """

    outcome: WitnessOutcome
    body: str = ""


@dataclass(frozen=True, slots=True)
class WitnessedHead:
    """The latest head of a log that the witness cosigned: all that it remembers of it. Of size 0: ``EMPTY_ROOT``."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Witness:
    """Who the witness is, and the keys of each log that it knows, by origin; each key bears the origin as its name.

    ``signer`` signs under the witness's name with a key id of the cosignature kind.
    """

    signer: NoteSigner
    logs: Mapping[str, tuple[Verifier, ...]]


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A request to cosign: the size the log thinks the witness knows, the proof from there, the signed checkpoint.

    ``origin`` is what the checkpoint claims, so that the caller can load a head; nothing in here is verified.
    """

    old_size: int
    proof: tuple[bytes, ...]
    signed: str
    origin: str


def format_request(old_size: int, proof: Sequence[bytes], signed: str) -> str:
    """Return the body of ``add-checkpoint``. **Source:** c2sp.org/tlog-witness, "add-checkpoint"."""
    return "\n".join((f"old {old_size}", *map(note.to_base64, proof))) + "\n\n" + signed


def parse_request(body: str) -> AddCheckpoint:
    """Read the body of ``add-checkpoint``.

    Raises:
        Invalid: malformed; answer with ``MALFORMED``.
    """
    head, _, signed = body.partition("\n\n")
    first, *lines = head.split("\n")
    if not first.startswith("old ") or len(lines) > _MAX_PROOF_LINES:
        raise Invalid(f"a request begins with the old size and has at most {_MAX_PROOF_LINES} proof lines")
    origin = parse_body(note.parse(signed).text).origin
    return AddCheckpoint(from_decimal(first.removeprefix("old ")), tuple(map(from_hash, lines)), signed, origin)


def step(
    witness: Witness, head: WitnessedHead | None, request: AddCheckpoint, time: int
) -> tuple[WitnessedHead | None, WitnessAnswer]:
    """Return the head to keep and the answer to give; unless the outcome is ``COSIGNED`` the head stays as it is.

    ``head`` is the one kept for ``request.origin``, None before the first. ``time`` is in seconds since 1970.

    Raises:
        Invalid: the time is not one a cosignature can have.

    **Source:** c2sp.org/tlog-witness, "add-checkpoint"; the numbered steps follow its order.
    """
    # 1. The log is known, and one of its keys signed.
    if request.origin not in witness.logs:
        return head, WitnessAnswer(WitnessOutcome.UNKNOWN_LOG)
    try:
        checkpoint = open_checkpoint(request.signed, witness.logs[request.origin]).checkpoint
    except Tampered:
        return head, WitnessAnswer(WitnessOutcome.NOT_SIGNED)
    # 2. The request makes sense by itself, then against what is kept.
    if request.old_size > checkpoint.size:
        return head, WitnessAnswer(WitnessOutcome.MALFORMED)
    known = head or WitnessedHead(request.origin, 0, EMPTY_ROOT)
    if request.old_size != known.size:
        return head, WitnessAnswer(WitnessOutcome.OTHER_SIZE, f"{known.size}\n")
    # 3. The new head extends the kept one.
    try:
        check_extends(known, checkpoint, request.proof)
    except (Tampered, Forked):
        return head, WitnessAnswer(WitnessOutcome.INCONSISTENT)
    # 4. Cosign.
    line = cosign(checkpoint.body(), witness.signer, time).line()
    kept = WitnessedHead(checkpoint.origin, checkpoint.size, checkpoint.root)
    return kept, WitnessAnswer(WitnessOutcome.COSIGNED, line)


def check_extends(kept: WitnessedHead, seen: Checkpoint, proof: Sequence[bytes]) -> None:
    """Return only if ``seen``, whose signature was verified, extends the head that was kept.

    From a kept size of 0 the proof is empty, because every log extends the empty one. The log uses this too, against
    the last checkpoint that it put away.

    Raises:
        Invalid: another origin.
        RolledBack: smaller than what was kept.
        Forked: the same size with another root.
        Tampered: the proof fails, or there is one where none is needed.
    """
    if seen.origin != kept.origin:
        raise Invalid("two heads of different logs")
    if seen.size < kept.size:
        raise RolledBack(f"the log has {seen.size} leaves where {kept.size} were signed")
    if seen.size == kept.size and seen.root != kept.root:
        raise Forked(f"two roots were signed for {seen.size} leaves")
    if kept.size:
        verify_consistency(kept.size, seen.size, kept.root, seen.root, proof)
    elif proof:
        raise Tampered("what extends the empty log needs no proof")


def cosign(text: str, signer: NoteSigner, time: int) -> Signature:
    """Return the signer's cosignature of a checkpoint's ``text`` at ``time`` (seconds since 1970, from 1).

    Raises:
        Invalid: no such time.

    **Source:** c2sp.org/tlog-cosignature, "Format"; that the time is not 0: c2sp.org/tlog-witness, "add-checkpoint".
    """
    if not 0 < time < 1 << 63:
        raise Invalid("a cosignature needs a time")
    signature = signer.sign(note.cosigned_message(text, time))
    return Signature(signer.name, signer.key_id, time.to_bytes(note.TIME_BYTES, "big") + signature)
