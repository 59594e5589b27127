"""Seal a file under a passphrase that is used once, so that whoever is told it opens the file with any browser.

AES-256-GCM under a key from PBKDF2-HMAC-SHA-256, because that is what every browser carries (W3C Web Cryptography):
Argon2id, which this product prefers, is in none. The passphrase is drawn here and never chosen by anybody: 25
characters of 5 bits are beyond search whatever the derivation costs, and the derivation is slow all the same.

**Source:** NIST SP 800-132 (PBKDF2), NIST SP 800-38D (GCM), RFC 4648 section 6 for the idea of the alphabet, which is
Crockford's: no I, L, O, U.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from shouxin.errors import Invalid, Tampered
from shouxin.keys.suite import INTL, KEY_SIZE, NONCE_SIZE

__all__ = ["ITERATIONS", "PassphraseBox", "new_passphrase", "open_box", "seal_box"]

ITERATIONS: Final = 600_000
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SAID: Final = str.maketrans({"O": "0", "I": "1", "L": "1", " ": "", "-": "", "\t": ""})
_GROUPS: Final = 5
_EACH: Final = 5
_SALT: Final = 16
_MOST: Final = 10_000_000  # rounds: a file must not be able to keep its reader busy for ever


@dataclass(frozen=True, slots=True)
class PassphraseBox:
    """What is sealed: salt (16 bytes), nonce (12), rounds of PBKDF2, and ciphertext with its tag."""

    salt: bytes
    nonce: bytes
    iterations: int
    sealed: bytes


def new_passphrase() -> str:
    """Return a fresh passphrase of 125 random bits, in five groups of five characters that are hard to confuse."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_EACH)) for _ in range(_GROUPS))
    return "-".join(groups)


def _key(passphrase: str, salt: bytes, iterations: int) -> bytes:
    plain = passphrase.upper().translate(_SAID)
    if len(plain) != _GROUPS * _EACH or not set(plain) <= set(_ALPHABET):
        raise Invalid(f"a passphrase has {_GROUPS * _EACH} letters and digits, in groups of {_EACH}", "passphrase")
    return PBKDF2HMAC(SHA256(), KEY_SIZE, salt, iterations).derive(plain.encode())


def seal_box(passphrase: str, data: bytes, context: bytes) -> PassphraseBox:
    """Seal ``data``; ``context`` is authenticated with it.

    Raises:
        Invalid: no passphrase of ours.
    """
    salt, nonce = os.urandom(_SALT), os.urandom(NONCE_SIZE)
    key = _key(passphrase, salt, ITERATIONS)
    return PassphraseBox(salt, nonce, ITERATIONS, INTL.aead(key).encrypt(nonce, data, context))


def open_box(passphrase: str, box: PassphraseBox, context: bytes) -> bytes:
    """Return what was sealed. Capitals, blanks and hyphens do not matter; O is 0, I and L are 1.

    Raises:
        Invalid: no passphrase of ours. Tampered: another passphrase, or the box was altered.
    """
    if not 1 <= box.iterations <= _MOST or len(box.salt) != _SALT or len(box.nonce) != NONCE_SIZE:
        raise Tampered("a sealed file does not read as one")
    return INTL.aead(_key(passphrase, box.salt, box.iterations)).decrypt(box.nonce, box.sealed, context)
