from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from shouxin.errors import Invalid, Tampered
from shouxin.keys.sealed_to import OpeningKey, seal_to


def test_only_the_private_key_opens_and_only_under_the_same_words() -> None:
    """Another key, other words, one flipped bit: nothing opens; twice sealed is never the same."""
    key = OpeningKey(bytes(range(32)))
    sealed = seal_to(key.public, b"a message", b"plan one")
    assert key.open(sealed, b"plan one") == b"a message"
    assert sealed != seal_to(key.public, b"a message", b"plan one")
    for who, what, words in (
        (OpeningKey(bytes(32 * [7])), sealed, b"plan one"),
        (key, sealed, b"plan two"),
        (key, sealed[:-1] + bytes([sealed[-1] ^ 1]), b"plan one"),
        (key, sealed[:40], b"plan one"),
        (key, b"", b"plan one"),
    ):
        with pytest.raises(Tampered):
            who.open(what, words)
    with pytest.raises(Invalid):
        seal_to(b"short", b"a message", b"plan one")
    assert "private" not in json.dumps(repr(key))


def test_it_is_hpke_as_the_standard_has_it() -> None:
    """RFC 9180: what the library opens with the same three algorithms, and 32 bytes of key before the ciphertext."""
    private = X25519PrivateKey.from_private_bytes(bytes(range(32)))
    sealed = seal_to(private.public_key().public_bytes_raw(), b"a message", b"info")
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    assert suite.decrypt(sealed, private, b"info") == b"a message"
    assert len(sealed) == 32 + len(b"a message") + 16
