"""The suite: what it wraps, seals and tags opens only under the same key, and every failure is an error of ours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.errors import Tampered
from shouxin.keys.suite import INTL, KEY_SIZE, NONCE_SIZE, TAG_SIZE

KEYS = st.binary(min_size=KEY_SIZE, max_size=KEY_SIZE)
KEY, OTHER = b"\1" * KEY_SIZE, b"\2" * KEY_SIZE
NONCE = bytes(NONCE_SIZE)


def test_fresh_keys_are_all_different() -> None:
    """Keys come from the operating system, one by one or many at once, 32 bytes each."""
    keys = [*INTL.new_keys(1000), INTL.new_key()]
    assert len(set(keys)) == 1001
    assert {len(key) for key in keys} == {KEY_SIZE}
    assert INTL.new_keys(0) == []


@given(KEYS, st.integers(2, 8).flatmap(lambda blocks: st.binary(min_size=8 * blocks, max_size=8 * blocks)))
def test_a_wrapped_key_comes_back(wrapping: bytes, key: bytes) -> None:
    """Any key of whole 8-byte blocks is wrapped to 8 bytes more and unwrapped to itself."""
    wrapped = INTL.wrap(wrapping, key)
    assert len(wrapped) == len(key) + 8
    assert INTL.unwrap(wrapping, wrapped) == key


@pytest.mark.parametrize("at", range(KEY_SIZE + 8))
def test_a_wrapped_key_that_was_altered_does_not_open(at: int) -> None:
    """One altered byte of a wrapped key, wherever it is, is seen."""
    wrapped = bytearray(INTL.wrap(KEY, OTHER))
    wrapped[at] ^= 1
    with pytest.raises(Tampered):
        INTL.unwrap(KEY, bytes(wrapped))


@pytest.mark.parametrize("wrapped", [b"", b"\0" * 7, b"\0" * 8, b"\0" * 16, b"\0" * 23, b"\0" * 24, b"\0" * 41])
def test_what_is_no_wrapped_key_does_not_open(wrapped: bytes) -> None:
    """Bytes of any other length are refused as tampering, never as another error."""
    with pytest.raises(Tampered):
        INTL.unwrap(KEY, wrapped)


def test_a_wrapped_key_opens_under_its_key_only() -> None:
    """The key that wrapped is the only one that unwraps."""
    with pytest.raises(Tampered):
        INTL.unwrap(OTHER, INTL.wrap(KEY, OTHER))


@given(st.binary(max_size=100), st.binary(max_size=100))
def test_sealed_data_opens_with_all_it_was_sealed_with(data: bytes, bound: bytes) -> None:
    """The ciphertext is as long as data and tag, and opens under the same key, nonce and associated data."""
    sealed = INTL.aead(KEY).encrypt(NONCE, data, bound)
    assert len(sealed) == len(data) + TAG_SIZE
    assert INTL.aead(KEY).decrypt(NONCE, sealed, bound) == data
    attempts = [
        (OTHER, NONCE, sealed, bound),
        (KEY, b"\1" * NONCE_SIZE, sealed, bound),
        (KEY, NONCE, sealed[:-1], bound),
        (KEY, NONCE, sealed + b"\0", bound),
        (KEY, NONCE, sealed, bound + b"\0"),
        (KEY, NONCE, b"", bound),
    ]
    for key, nonce, box, about in attempts:
        with pytest.raises(Tampered):
            INTL.aead(key).decrypt(nonce, box, about)


@given(KEYS, st.lists(st.binary(min_size=16, max_size=16), max_size=20))
def test_tags_are_enciphered_one_by_one_and_back(key: bytes, tags: list[bytes]) -> None:
    """Each tag has its own image whatever stands beside it, equal tags stay equal, and deciphering undoes it."""
    joined = INTL.encipher_tags(key, b"".join(tags))
    alone = [INTL.encipher_tags(key, tag) for tag in tags]
    assert joined == b"".join(alone)
    assert len(set(alone)) == len(set(tags))
    assert INTL.decipher_tags(key, joined) == b"".join(tags)


def test_tags_under_another_key_are_other_tags() -> None:
    """A copy of the index says nothing to whoever has another epoch's key."""
    assert INTL.encipher_tags(KEY, bytes(16)) != INTL.encipher_tags(OTHER, bytes(16))
    assert INTL.decipher_tags(OTHER, INTL.encipher_tags(KEY, bytes(16))) != bytes(16)


def test_the_keyed_function_depends_on_key_and_message() -> None:
    """32 bytes that another key or another message would not give."""
    made = {INTL.prf(key, message) for key in (KEY, OTHER) for message in (b"", b"a", b"b")}
    assert len(made) == 6
    assert {len(one) for one in made} == {32}


@given(st.binary(max_size=100), st.lists(st.binary(max_size=200), max_size=4))
def test_a_key_made_ready_hashes_each_message_by_itself(key: bytes, messages: list[bytes]) -> None:
    """No message leaves anything behind for the next."""
    under = INTL.prf_under(key)
    assert [under(one) for one in messages] == [INTL.prf(key, one) for one in messages]


def test_the_suite_says_its_name_and_number() -> None:
    """What was sealed says which suite sealed it; the number never changes."""
    assert (INTL.name, INTL.number) == ("intl", 1)
