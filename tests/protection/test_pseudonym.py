from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b32decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid
from shouxin.protection.pseudonym import KEY_SIZE, PREFIX, Pseudonymiser

KEY = bytes(range(KEY_SIZE))
MOBILE, CONTACT = ItemCode("contact.mobile"), ItemCode("emergency.mobile")

values = st.binary(min_size=1, max_size=64)
purposes = st.text(min_size=1, max_size=20)
items = st.sampled_from([MOBILE, CONTACT, ItemCode("identity.name")])


def named(purpose: str, value: bytes, item: ItemCode = MOBILE, key: bytes = KEY) -> str:
    """Name one value."""
    return Pseudonymiser(key, purpose).pseudonym(item, Plaintext(value))


def test_the_construction_is_the_published_one() -> None:
    """A recipient's auditor who has the key can make it with any HMAC: parts with 8-byte lengths, cut to 16 bytes."""
    parts = [b"shouxin pseudonym 1", b"P-1", b"contact.mobile", b"13812345678"]
    message = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    text = named("P-1", b"13812345678").removeprefix(PREFIX)
    assert b32decode(text.upper() + "======") == hmac.new(KEY, message, hashlib.sha256).digest()[:16]


@given(purposes, items, values)
def test_a_pseudonym_is_stable_and_has_one_form(purpose: str, item: ItemCode, value: bytes) -> None:
    """Another object with the same key and purpose gives the same 28 characters, whatever the value's length."""
    first = named(purpose, value, item)
    assert first == named(purpose, value, item)
    assert re.fullmatch(r"p_[a-z2-7]{26}", first)


@given(st.lists(st.tuples(purposes, items, values, values.map(lambda v: hashlib.sha256(v).digest())), unique=True))
def test_another_purpose_item_value_or_key_gives_another_pseudonym(
    cases: list[tuple[str, ItemCode, bytes, bytes]],
) -> None:
    """Any difference gives another pseudonym; no characters can wander from one part into the next."""
    assert len({named(purpose, value, item, key) for purpose, item, value, key in cases}) == len(cases)


@given(purposes, purposes, st.lists(values, min_size=1, unique=True))
def test_nothing_is_shared_across_purposes(one: str, other: str, people: list[bytes]) -> None:
    """The lists of two purposes about the same people have no pseudonym in common."""
    shared = {named(one, person) for person in people} & {named(other, person) for person in people}
    assert bool(shared) == (one == other)


def test_parts_do_not_run_into_one_another() -> None:
    """Moving a character from the purpose into the value gives another pseudonym."""
    assert named("ab", b"c") != named("a", b"bc")


@pytest.mark.parametrize(
    ("key", "purpose", "place"), [(b"", "P-1", "key"), (KEY[1:], "P-1", "key"), (KEY, "", "purpose")]
)
def test_a_short_key_or_no_purpose_is_refused(key: bytes, purpose: str, place: str) -> None:
    """Nothing is named without a whole key and a purpose."""
    with pytest.raises(Invalid) as caught:
        Pseudonymiser(key, purpose)
    assert caught.value.place == place


def test_an_empty_value_has_no_pseudonym() -> None:
    """Those who lack a value must not look like one person."""
    with pytest.raises(Invalid):
        named("P-1", b"")


def test_the_key_is_not_shown() -> None:
    """``repr`` shows neither key nor purpose."""
    assert KEY.hex() not in repr(Pseudonymiser(KEY, "P-1"))
    assert "P-1" not in repr(Pseudonymiser(KEY, "P-1"))
