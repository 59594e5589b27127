"""Checkpoints: what a log signs about itself, that with this many leaves its root is this (c2sp.org/tlog-checkpoint).

Laws of this file. A log's key bears the log's origin as its name, and only such a key speaks for the log: a witness's
signature alone proves nothing. A log never signs two checkpoints of which the later does not extend the earlier;
whoever signs must compare with the last one signed, in one step with storing the new one.

Called by the store (sign, read back), by ``proof`` files, by ``witness`` and by whoever verifies a certificate.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from shouxin.errors import Invalid, Tampered
from shouxin.ledger import note
from shouxin.ledger.note import NoteSigner, SignatureKind, VerifiedSignature, Verifier
from shouxin.ledger.tree import EMPTY_ROOT, HASH_BYTES

__all__ = [
    "Checkpoint",
    "SignedCheckpoint",
    "claimed_size",
    "from_decimal",
    "from_hash",
    "open_checkpoint",
    "parse_body",
    "sign_checkpoint",
]

# Sizes beyond 2**63 - 1 exist in no log, and not in a signed 64-bit column.
_SIZE_LIMIT: Final = 1 << 63


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's head: its origin (one line), its size in leaves (0 to 2**63 - 1), its 32-byte root.

    ``extensions`` are further lines that other logs may sign; ours has none, since nobody can audit them.

    Raises:
        Invalid: a part outside its range.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not all(line and "\n" not in line for line in (self.origin, *self.extensions)):
            raise Invalid("a checkpoint's origin and extensions are lines that are not empty")
        if not 0 <= self.size < _SIZE_LIMIT or len(self.root) != HASH_BYTES:
            raise Invalid(f"a checkpoint has a size from 0 and a root of {HASH_BYTES} bytes")

    def body(self) -> str:
        """Return the text that is signed. **Source:** c2sp.org/tlog-checkpoint, "Note text"."""
        return "\n".join((self.origin, str(self.size), note.to_base64(self.root), *self.extensions)) + "\n"


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint that its log signed, with the cosignatures of the witnesses that the reader knows."""

    checkpoint: Checkpoint
    cosignatures: tuple[VerifiedSignature, ...]

    @property
    def witnesses(self) -> frozenset[str]:
        """The names of the witnesses, once each, for a quorum to count."""
        return frozenset(cosignature.verifier.name for cosignature in self.cosignatures)


def parse_body(text: str) -> Checkpoint:
    """Read what ``Checkpoint.body`` wrote.

    Raises:
        Invalid: fewer than three lines, an empty line, or a size or root that is malformed.
    """
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop():
        raise Invalid("a checkpoint has at least three lines")
    origin, size, root, *extensions = lines
    return Checkpoint(origin, from_decimal(size), from_hash(root), tuple(extensions))


def sign_checkpoint(checkpoint: Checkpoint, signers: Iterable[NoteSigner]) -> str:
    """Return the checkpoint as a signed note. Each signer bears the origin as its name.

    That it extends every checkpoint signed before is the caller's duty: see the laws of this file.

    Raises:
        Invalid: a signer of another name, no signer, or size 0 with another root than the empty tree's.
    """
    keys = tuple(signers)
    if any(signer.name != checkpoint.origin for signer in keys):
        raise Invalid("a checkpoint is signed under its log's own name")
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise Invalid("an empty log has the root of the empty tree")
    return str(note.sign(checkpoint.body(), keys))


def open_checkpoint(signed: str, verifiers: Iterable[Verifier]) -> SignedCheckpoint:
    """Return the checkpoint in a signed note that one of the *reader's* log keys signed.

    ``verifiers`` are the keys of the logs and the witnesses that the reader trusts, never keys that came with the
    note. How many witnesses are enough is the reader's policy: ask ``witnesses``.

    Raises:
        Invalid: the note or the checkpoint is malformed.
        Tampered: a known key's signature fails, or no known key of this origin signed.

    **Source:** c2sp.org/tlog-checkpoint, "Signatures"; c2sp.org/tlog-proof, "Verifying a tlog proof", steps 2 and 3.
    """
    verified = note.verify(signed, verifiers)
    checkpoint = parse_body(verified.text)
    logs = [
        signature
        for signature in verified.signatures
        if signature.verifier.kind is SignatureKind.ED25519 and signature.verifier.name == checkpoint.origin
    ]
    if not logs:
        raise Tampered("no known key of the log signed the checkpoint")
    # A log that cosigns under its own name is not a witness of itself.
    cosignatures = tuple(
        signature
        for signature in verified.signatures
        if signature.verifier.kind is SignatureKind.COSIGNATURE and signature.verifier.name != checkpoint.origin
    )
    return SignedCheckpoint(checkpoint, cosignatures)


def claimed_size(note: str) -> int:
    """Return the size that a signed checkpoint claims, its signatures unchecked: enough to see what is missing.

    Raises:
        Tampered: it is no checkpoint.
    """
    return parse_body(note.partition("\n\n")[0] + "\n").size


def from_decimal(text: str) -> int:
    """Read a size or an index: ASCII digits without leading zeroes, below 2**63.

    Raises:
        Invalid: anything else.
    """
    if not (text.isascii() and text.isdigit()) or len(text) > 19 or str(int(text)) != text or int(text) >= _SIZE_LIMIT:
        raise Invalid("not a decimal number without leading zeroes")
    return int(text)


def from_hash(line: str) -> bytes:
    """Read a hash: 32 bytes in base64.

    Raises:
        Invalid: anything else.
    """
    data = note.from_base64(line)
    if len(data) != HASH_BYTES:
        raise Invalid(f"a hash has {HASH_BYTES} bytes")
    return data
