from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shouxin.errors import Invalid, Tampered
from shouxin.keys.passphrase import ITERATIONS, new_passphrase, open_box, seal_box

DATA = "鹿鸣".encode() * 100


def test_what_was_sealed_opens_however_it_is_typed() -> None:
    """Small letters, blanks for hyphens, O for 0 and l for 1 are one passphrase."""
    said = new_passphrase()
    box = seal_box(said, DATA, b"context")
    typed = said.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert open_box(typed, box, b"context") == DATA
    assert DATA not in box.sealed


def test_it_is_what_the_standards_say() -> None:
    """PBKDF2 of another library and AES-256-GCM by themselves open the box."""
    said = new_passphrase()
    box = seal_box(said, DATA, b"context")
    key = hashlib.pbkdf2_hmac("sha256", said.replace("-", "").encode(), box.salt, ITERATIONS, 32)
    assert AESGCM(key).decrypt(box.nonce, box.sealed, b"context") == DATA


def test_another_passphrase_context_or_byte_opens_nothing() -> None:
    """Each is seen."""
    said = new_passphrase()
    box = seal_box(said, DATA, b"context")
    flipped = replace(box, sealed=bytes([box.sealed[0] ^ 1]) + box.sealed[1:])
    for words, one, context in (
        (new_passphrase(), box, b"context"),
        (said, box, b"other"),
        (said, flipped, b"context"),
    ):
        with pytest.raises(Tampered):
            open_box(words, one, context)


def test_what_is_no_passphrase_or_no_box_is_said_before_any_work() -> None:
    """A short word is invalid; a file that asks for endless rounds is refused."""
    box = seal_box(new_passphrase(), DATA, b"")
    with pytest.raises(Invalid):
        open_box("sesame", box, b"")
    with pytest.raises(Tampered):
        open_box(new_passphrase(), replace(box, iterations=1 << 40), b"")


def test_no_two_passphrases_are_alike() -> None:
    """125 random bits each, in groups that can be read out."""
    drawn = {new_passphrase() for _ in range(200)}
    assert len(drawn) == 200
    assert all([len(group) for group in one.split("-")] == [5] * 5 for one in drawn)
    assert len({letter for one in drawn for letter in one} - {"-"}) == 32
