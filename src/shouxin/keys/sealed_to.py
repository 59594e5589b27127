"""Sealing to a public key: whoever has the public key can seal, only the private key opens (HPKE, base mode).

X25519 with HKDF-SHA256 and AES-256-GCM. Base mode says nothing of who sealed: whoever must know that has it signed.
**Source:** RFC 9180 sections 5.1.1 and 7.
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shouxin.errors import Invalid, Tampered

__all__ = ["OpeningKey", "seal_to"]

_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class OpeningKey:
    """The private half, made from 32 secret bytes. It shows nothing of itself in ``repr``."""

    __slots__ = ("_private", "public")

    def __init__(self, seed: bytes) -> None:
        self._private = X25519PrivateKey.from_private_bytes(seed)
        self.public: bytes = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """Return what was sealed to this key under ``info``.

        Raises:
            Tampered: it was sealed to another key, under another ``info``, or was changed since.
        """
        try:
            return bytes(_SUITE.decrypt(sealed, self._private, info))
        except (InvalidTag, ValueError):
            raise Tampered("this was not sealed to this key") from None

    def __repr__(self) -> str:
        return f"OpeningKey(public={self.public.hex()})"


def seal_to(public: bytes, message: bytes, info: bytes) -> bytes:
    """Return ``message`` sealed to the X25519 key ``public`` (32 bytes), bound to ``info``; different each time.

    Raises:
        Invalid: this is no such key.
    """
    try:
        key = X25519PublicKey.from_public_bytes(public)
        return bytes(_SUITE.encrypt(message, key, info))
    except ValueError:
        raise Invalid("this is no X25519 key", "public_key") from None
