"""Signing keys come from a seed, verify with the public half, and show nothing of themselves."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from shouxin.keys.signing import SigningKey

SEED = b"\7" * 32


@given(st.binary(max_size=200))
def test_a_signature_verifies_for_its_message_only(message: bytes) -> None:
    """Whoever has the public key can check the signature, and it covers the whole message."""
    key = SigningKey(SEED)
    public = Ed25519PublicKey.from_public_bytes(key.public)
    public.verify(key.sign(message), message)
    with pytest.raises(InvalidSignature):
        public.verify(key.sign(message), message + b"\0")


def test_the_same_seed_is_the_same_key() -> None:
    """A key that is unwrapped again signs as before."""
    assert SigningKey(SEED).public == SigningKey(SEED).public
    assert SigningKey(SEED).sign(b"m") == SigningKey(SEED).sign(b"m")
    assert SigningKey(b"\x08" * 32).public != SigningKey(SEED).public


def test_it_does_not_show_its_seed() -> None:
    """In a log or a crash report stands the public key only."""
    shown = f"{SigningKey(SEED)!r} {SigningKey(SEED)}"
    assert SigningKey(SEED).public.hex() in shown
    assert SEED.hex() not in shown
    assert repr(SEED) not in shown


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_seed_has_32_bytes(size: int) -> None:
    """A seed that was cut short makes no weaker key: it makes none."""
    with pytest.raises(ValueError, match="32"):
        SigningKey(bytes(size))
