"""Signing keys: Ed25519, made from 32 random bytes that the keyring keeps wrapped (RFC 8032)."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

__all__ = ["SigningKey", "is_signed"]


class SigningKey:
    """An Ed25519 key pair. It shows nothing of itself in ``repr``."""

    __slots__ = ("_private", "public")

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public: bytes = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature. **Source:** RFC 8032 section 5.1.6."""
        return self._private.sign(message)

    def __repr__(self) -> str:
        return f"SigningKey(public={self.public.hex()})"


def is_signed(public: bytes, signature: bytes, message: bytes) -> bool:
    """Say whether ``signature`` is that of the Ed25519 key ``public`` over ``message``; never raises.

    **Source:** RFC 8032 section 5.1.7.
    """
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
