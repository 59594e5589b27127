"""Signed notes: text with signatures below it, readable by people and by other people's tools (c2sp.org/signed-note).

Laws of this file. Nobody believes a text before ``verify`` returned it. A key is known by name *and* id: a signature
by any other is ignored, one by a known key that fails condemns the whole note, and without one good signature there
is nothing. Whatever has two spellings (base64) is read in one only, so a changed byte never goes unnoticed.

Called by ``checkpoint``, ``witness`` and the proof file. The private keys live in ``keys``: here a signer is a port.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shouxin.errors import Invalid, Tampered

__all__ = [
    "TIME_BYTES",
    "KeySigner",
    "Note",
    "NoteSigner",
    "Signature",
    "SignatureKind",
    "VerifiedNote",
    "VerifiedSignature",
    "Verifier",
    "cosigned_message",
    "from_base64",
    "parse",
    "parse_verifier",
    "sign",
    "to_base64",
    "verify",
]

# Room for 64 signatures of post-quantum size; the specification asks for at least 16.
_MAX_SIGNATURES: Final = 64
_MAX_NOTE_BYTES: Final = 512 * 1024
_KEY_ID_BYTES: Final = 4
TIME_BYTES: Final = 8
_CONTROL: Final = re.compile(rb"[\x00-\x09\x0b-\x1f]")
_EM_DASH: Final = "\u2014"


class SignatureKind(IntEnum):
    """Signature type bytes that we verify. **Source:** c2sp.org/signed-note, "Signature types"."""

    ED25519 = 0x01
    COSIGNATURE = 0x04


class NoteSigner(Protocol):
    """A named key that signs notes, wherever the key lives."""

    @property
    def name(self) -> str:
        """The key name in the signature line: the log's origin, or the witness's name."""
        ...

    @property
    def key_id(self) -> bytes:
        """The 4-byte id of ``Verifier.key_id``, for the one kind of signature that this key makes."""
        ...

    def sign(self, message: bytes, /) -> bytes:
        """Return the bare 64-byte Ed25519 signature of ``message``."""
        ...


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature line that nobody verified: the payload is what follows the 4-byte key id."""

    name: str
    key_id: bytes
    payload: bytes

    def line(self) -> str:
        """Return the line as it stands in a note, with its newline."""
        return f"{_EM_DASH} {self.name} {to_base64(self.key_id + self.payload)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A note that nobody verified: the text with its final newline, and at least one signature."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(signature.line() for signature in self.signatures)}"


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key under a name: what a reader must hold before a note can prove anything.

    Raises:
        Invalid: the name is empty or has a space or a plus; the key is not 32 bytes.
    """

    name: str
    kind: SignatureKind
    public: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.public) != 32:
            raise Invalid("an Ed25519 public key has 32 bytes")

    @property
    def key_id(self) -> bytes:
        """The 4-byte key id. **Source:** c2sp.org/signed-note, "Signatures"."""
        named = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return sha256(named).digest()[:_KEY_ID_BYTES]

    @property
    def vkey(self) -> str:
        """The key as one line of text, ``name+id+key``. **Source:** c2sp.org/signed-note, "Verifier keys"."""
        return f"{self.name}+{self.key_id.hex()}+{to_base64(bytes([self.kind]) + self.public)}"

    def check(self, text: str, payload: bytes) -> int | None:
        """Return the time of a good cosignature (seconds since 1970), or None for a good plain signature.

        Raises:
            Tampered: the signature is not this key's over ``text``.

        **Source:** c2sp.org/signed-note, "Ed25519 signatures"; c2sp.org/tlog-cosignature, "Format".
        """
        time, message, signature = None, text.encode(), payload
        if self.kind is SignatureKind.COSIGNATURE:
            time = int.from_bytes(payload[:TIME_BYTES], "big")
            message, signature = cosigned_message(text, time), payload[TIME_BYTES:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            raise Tampered("a signature by a known key does not match the note") from None
        if time is not None and time >= 1 << 63:
            raise Tampered("a cosignature has a time that does not exist")
        return time


@dataclass(frozen=True, slots=True)
class KeySigner:
    """The ``NoteSigner`` of a key in memory: ``KeySigner(Verifier(origin, kind, key.public), key.sign)``."""

    verifier: Verifier
    sign: Callable[[bytes], bytes]

    @property
    def name(self) -> str:
        """The key name."""
        return self.verifier.name

    @property
    def key_id(self) -> bytes:
        """The 4-byte key id."""
        return self.verifier.key_id


@dataclass(frozen=True, slots=True)
class VerifiedSignature:
    """A signature that held: whose, and for a cosignature when (seconds since 1970)."""

    verifier: Verifier
    signature: Signature
    time: int | None


@dataclass(frozen=True, slots=True)
class VerifiedNote:
    """A text that may be believed as far as its signers are: at most one signature for each known key."""

    text: str
    signatures: tuple[VerifiedSignature, ...]


def parse_verifier(vkey: str) -> Verifier:
    """Read a verifier key, ``name+id+key``.

    Raises:
        Invalid: malformed, of an unknown kind, or with an id that its key does not have.
    """
    # The name has no plus, but base64 does: split from the left, twice.
    name, _, rest = vkey.partition("+")
    digits, _, encoded = rest.partition("+")
    material = from_base64(encoded)
    if material[:1] not in (b"\x01", b"\x04"):
        raise Invalid("a verifier key of an unknown kind")
    verifier = Verifier(name, SignatureKind(material[0]), material[1:])
    if verifier.key_id.hex() != digits:
        raise Invalid("a verifier key whose id is not its own")
    return verifier


def parse(note: str) -> Note:
    """Take a note apart, without verifying anything.

    Raises:
        Invalid: too large, malformed, or without a signature line.

    **Source:** c2sp.org/signed-note, "Format".
    """
    if len(_utf8(note)) > _MAX_NOTE_BYTES:
        raise Invalid("a signed note is too large")
    # The *last* empty line divides: the text may hold empty lines of its own.
    head, divider, lines = note.rpartition("\n\n")
    if not divider or not lines.endswith("\n"):
        raise Invalid("a signed note has a text, an empty line and signature lines")
    signatures = tuple(map(_parse_signature, lines.removesuffix("\n").split("\n")))
    if len(signatures) > _MAX_SIGNATURES:
        raise Invalid(f"a signed note has at most {_MAX_SIGNATURES} signatures")
    return Note(head + "\n", signatures)


def sign(text: str, signers: Iterable[NoteSigner]) -> Note:
    """Return ``text``, which ends in a newline, signed by each log-kind signer in turn.

    Raises:
        Invalid: the text cannot be a note's, or there is no signer.
    """
    message = _utf8(text)
    signatures = tuple(Signature(signer.name, signer.key_id, signer.sign(message)) for signer in signers)
    if not text.endswith("\n") or not signatures:
        raise Invalid("a note needs a text that ends in a newline, and a signer")
    return Note(text, signatures)


def verify(note: str, verifiers: Iterable[Verifier]) -> VerifiedNote:
    """Return the text and the signatures by known keys, each of which held.

    Raises:
        Invalid: the note is malformed.
        Tampered: a signature by a known key fails, or there is none.

    **Source:** c2sp.org/signed-note, "Signatures".
    """
    parsed = parse(note)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    held: dict[tuple[str, bytes], VerifiedSignature] = {}
    for signature in parsed.signatures:
        key = (signature.name, signature.key_id)
        if key in known:
            verified = VerifiedSignature(known[key], signature, known[key].check(parsed.text, signature.payload))
            # A second signature by one key must hold too, but counts once: a quorum counts keys.
            held.setdefault(key, verified)
    if not held:
        raise Tampered("no known key signed the note")
    return VerifiedNote(parsed.text, tuple(held.values()))


def cosigned_message(text: str, time: int) -> bytes:
    """Return what a witness signs for a checkpoint's ``text`` at ``time`` (seconds since 1970).

    **Source:** c2sp.org/tlog-cosignature, "Ed25519 signed message".
    """
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def to_base64(data: bytes) -> str:
    """Return standard base64 with padding. **Source:** RFC 4648 section 4."""
    return b64encode(data).decode()


def from_base64(text: str) -> bytes:
    """Read standard base64, in its one canonical spelling.

    Raises:
        Invalid: other characters, wrong padding, or stray bits at the end.
    """
    try:
        data = b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise Invalid("not base64") from None
    if to_base64(data) != text:
        raise Invalid("base64 with stray bits at its end")
    return data


def _utf8(text: str) -> bytes:
    try:
        data = text.encode()
    except UnicodeEncodeError:
        raise Invalid("a note is valid UTF-8") from None
    if _CONTROL.search(data):
        raise Invalid("a note has no control characters but newlines")
    return data


def _check_name(name: str) -> None:
    if not _utf8(name) or any(character.isspace() or character == "+" for character in name):
        raise Invalid("a key name is not empty and has neither space nor plus")


def _parse_signature(line: str) -> Signature:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    _check_name(name)
    data = from_base64(encoded)
    if dash != _EM_DASH or len(data) <= _KEY_ID_BYTES:
        raise Invalid("a signature line is malformed")
    return Signature(name, data[:_KEY_ID_BYTES], data[_KEY_ID_BYTES:])
