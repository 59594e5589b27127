"""Signers of notes for tests."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shouxin.ledger.note import KeySigner, SignatureKind, Verifier


def signer_of(name: str, seed: int, kind: SignatureKind = SignatureKind.ED25519) -> KeySigner:
    """Return a signer whose key comes from ``seed`` (0 to 255)."""
    key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return KeySigner(Verifier(name, kind, key.public_key().public_bytes_raw()), key.sign)
