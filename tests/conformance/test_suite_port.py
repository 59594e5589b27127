"""Suites of algorithms (``keys.suite``): what every one of them must hold, whatever its ciphers are.

Their published vectors are in ``test_primitives``; a second suite is one more line in the table.
"""

from __future__ import annotations

import pytest

from shouxin.errors import Tampered
from shouxin.keys.suite import INTL, KEY_SIZE, NONCE_SIZE, TAG_SIZE, WRAPPED_SIZE, Suite

SUITES: dict[str, Suite] = {INTL.name: INTL}
NONCE, DATA, ABOUT = bytes(NONCE_SIZE), b"what is sealed", b"what it is bound to"


@pytest.fixture(params=SUITES.values(), ids=SUITES)
def suite(request: pytest.FixtureRequest) -> Suite:
    """Each suite in turn."""
    found: Suite = request.param
    return found


def flipped(text: bytes, at: int) -> bytes:
    """Return ``text`` with one bit of one byte another one."""
    return text[:at] + bytes([text[at] ^ 1]) + text[at + 1 :]


def test_what_is_sealed_opens_with_all_that_it_was_sealed_with(suite: Suite) -> None:
    """Any byte of it, another nonce, key or binding: ``Tampered``, never other data and never another error."""
    key, other = suite.new_keys(2)
    sealed = suite.aead(key).encrypt(NONCE, DATA, ABOUT)
    assert len(sealed) == len(DATA) + TAG_SIZE
    assert suite.aead(key).decrypt(NONCE, sealed, ABOUT) == DATA
    wrong = [(key, NONCE, flipped(sealed, at), ABOUT) for at in range(len(sealed))]
    wrong += [(key, NONCE, sealed[:-1], ABOUT), (key, NONCE, b"", ABOUT), (key, flipped(NONCE, 3), sealed, ABOUT)]
    wrong += [(other, NONCE, sealed, ABOUT), (key, NONCE, sealed, b"")]
    for under, nonce, text, about in wrong:
        with pytest.raises(Tampered):
            suite.aead(under).decrypt(nonce, text, about)


def test_a_wrapped_key_opens_under_its_own_key_only(suite: Suite) -> None:
    """It has the size that rows are cut by, is the same each time, and does not open when a byte is another one."""
    wrapping, key, other = suite.new_keys(3)
    wrapped = suite.wrap(wrapping, key)
    assert (len(key), len(wrapped)) == (KEY_SIZE, WRAPPED_SIZE)
    assert suite.wrap(wrapping, key) == wrapped
    assert suite.unwrap(wrapping, wrapped) == key
    wrong = [(wrapping, flipped(wrapped, at)) for at in range(len(wrapped))]
    for under, text in [*wrong, (other, wrapped), (wrapping, wrapped[:-1]), (wrapping, b"")]:
        with pytest.raises(Tampered):
            suite.unwrap(under, text)


def test_the_keyed_function_is_one_whether_made_ready_or_not(suite: Suite) -> None:
    """32 bytes, other ones for another key or message."""
    key, other = suite.new_keys(2)
    ready = suite.prf_under(key)
    made = [suite.prf(key, b"a"), suite.prf(key, b"b"), suite.prf(other, b"a")]
    assert [ready(b"a"), ready(b"b")] == made[:2]
    assert (len(set(made)), {len(one) for one in made}) == (3, {32})


def test_enciphered_tags_stay_apart_and_come_back(suite: Suite) -> None:
    """Each of 16 bytes has its own image, the same beside any other; under another key it is another one."""
    key, other = suite.new_keys(2)
    tags = [bytes([number]) * 16 for number in range(3)]
    images = suite.encipher_tags(key, b"".join(tags))
    assert [images[at : at + 16] for at in (0, 16, 32)] == [suite.encipher_tags(key, tag) for tag in tags]
    assert suite.decipher_tags(key, images) == b"".join(tags)
    assert suite.encipher_tags(other, tags[0]) != images[:16] != tags[0]


def test_what_was_sealed_says_by_which_suite() -> None:
    """No two suites have one name or number."""
    assert len({one.number for one in SUITES.values()}) == len({one.name for one in SUITES.values()}) == len(SUITES)
