"""A suite is a named set of algorithms; everything sealed says which one sealed it.

``intl`` is the default: AES-256-GCM (NIST SP 800-38D), AES key wrap (RFC 3394), HMAC-SHA256, Ed25519 (RFC 8032).
``gm`` (SM4-GCM, SM3, SM2) takes number 2 when its driver is built. This file and ``keys/signing.py`` are the only
ones outside the ledger's signatures that touch primitives, and none of them is ours.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from shouxin.errors import Tampered

__all__ = ["INTL", "KEY_SIZE", "NONCE_SIZE", "TAG_SIZE", "WRAPPED_SIZE", "Aead", "Suite"]

KEY_SIZE: Final = 32
WRAPPED_SIZE: Final = KEY_SIZE + 8  # RFC 3394 adds one half block
NONCE_SIZE: Final = 12
TAG_SIZE: Final = 16


class Aead(Protocol):
    """Authenticated encryption under one key; re-use the object, making one costs as much as a small message."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes:
        """Return ciphertext and tag; ``nonce`` has 12 bytes and never repeats under one key."""
        ...

    def decrypt(self, nonce: bytes | memoryview, data: bytes | memoryview, associated_data: bytes, /) -> bytes:
        """Return what was encrypted; raises ``Tampered`` when any of the three arguments is not as it was."""
        ...


class _Gcm:
    """AES-256-GCM whose failure is an error of ours."""

    __slots__ = ("_cipher", "encrypt")

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self.encrypt = self._cipher.encrypt

    def decrypt(self, nonce: bytes | memoryview, data: bytes | memoryview, associated_data: bytes, /) -> bytes:
        try:
            return self._cipher.decrypt(nonce, data, associated_data)
        except InvalidTag:
            raise Tampered("a sealed value does not open: it was altered, moved, or sealed under another key") from None


class Suite:
    """The algorithms of suite ``intl``."""

    name: Final = "intl"
    number: Final = 1

    def new_key(self) -> bytes:
        """Return 32 random bytes from the operating system."""
        return os.urandom(KEY_SIZE)

    def new_keys(self, count: int) -> list[bytes]:
        """Return ``count`` random keys; one system call for all of them."""
        pool = os.urandom(KEY_SIZE * count)
        return [pool[i : i + KEY_SIZE] for i in range(0, len(pool), KEY_SIZE)]

    def wrap(self, wrapping_key: bytes, key: bytes) -> bytes:
        """Wrap ``key`` (a multiple of 8 bytes, at least 16): 8 bytes longer, deterministic.

        **Source:** RFC 3394 section 2.2.1.
        """
        return aes_key_wrap(wrapping_key, key)

    def unwrap(self, wrapping_key: bytes, wrapped: bytes) -> bytes:
        """Undo ``wrap``.

        Raises:
            Tampered: the wrapped key was altered or belongs under another key. **Source:** RFC 3394 section 2.2.3.
        """
        try:
            return aes_key_unwrap(wrapping_key, wrapped)
        except (InvalidUnwrap, ValueError):
            raise Tampered("a wrapped key does not open under the key that should hold it") from None

    def aead(self, key: bytes) -> Aead:
        """Return authenticated encryption under ``key``."""
        return _Gcm(key)

    def prf(self, key: bytes, message: bytes) -> bytes:
        """Return HMAC-SHA256, 32 bytes. **Source:** RFC 2104."""
        return hmac.digest(key, message, "sha256")

    def prf_under(self, key: bytes) -> Callable[[bytes], bytes]:
        """Return ``prf`` under one key, made ready once: most of what hashing a short message costs is its key.

        For keys that their holder keeps anyway; several threads may use it. A key that must go soon belongs in
        ``prf``, which keeps nothing of it.
        """
        ready = HMAC(key, SHA256())

        def under(message: bytes) -> bytes:
            one = ready.copy()
            one.update(message)
            return one.finalize()

        return under

    def encipher_tags(self, key: bytes, tags: bytes) -> bytes:
        """Encipher concatenated 16-byte tags, each by itself: one AES block is a permutation of 128 bits.

        Equal tags must stay equal to be found, and a tag is already the output of a keyed function, so the block
        cipher alone is what is wanted here; it would be wrong for anything with structure.
        """
        encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305 - see the docstring
        return encryptor.update(tags) + encryptor.finalize()

    def decipher_tags(self, key: bytes, tags: bytes) -> bytes:
        """Undo ``encipher_tags``."""
        decryptor = Cipher(algorithms.AES(key), modes.ECB()).decryptor()  # noqa: S305 - see encipher_tags
        return decryptor.update(tags) + decryptor.finalize()


INTL: Final = Suite()
