"""The blind index finds a person by the value as people write it, and by nothing that it stores."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.domain.identifiers import InstitutionId
from shouxin.domain.items import ItemCode, taxonomy
from shouxin.errors import Invalid
from shouxin.keys.suite import INTL
from shouxin.vault.index import INDEXED, ROW_SIZE, TAG_SIZE, Tagger, normalise, other_length

ID, MOBILE, EMAIL = ItemCode("identity.id_number"), ItemCode("contact.mobile"), ItemCode("contact.email")
CARD, EMERGENCY = ItemCode("account.card_number"), ItemCode("emergency.mobile")
OURS = InstitutionId(b"i" * 16)
TAGGER = Tagger(INTL, OURS, b"p" * 32)
DIGITS = st.text("0123456789", min_size=11, max_size=11).map(lambda digits: "1" + digits[1:])


@pytest.mark.parametrize(
    ("item", "written", "normal"),
    [
        (MOBILE, "13800138000", "13800138000"),
        (MOBILE, " 138 0013 8000 ", "13800138000"),
        (MOBILE, "138-0013-8000", "13800138000"),
        (MOBILE, "+8613800138000", "13800138000"),
        (MOBILE, "+86 138-0013-8000", "13800138000"),
        (MOBILE, "008613800138000", "13800138000"),
        (MOBILE, "１３８００１３８０００", "13800138000"),
        (EMERGENCY, "+86 13800138000", "13800138000"),
        (ID, "11010519491231002x", "11010519491231002X"),
        (ID, "110105 19491231 002X", "11010519491231002X"),
        (ID, "１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"),
        (CARD, "6222 0210 0111 6245 702", "6222021001116245702"),
        (EMAIL, " Zhang.San@Example.com ", "ZHANG.SAN@EXAMPLE.COM"),
    ],
)
def test_a_value_is_found_however_it_is_written(item: ItemCode, written: str, normal: str) -> None:
    """Separators, full-width digits, prefixes and case do not hide a person."""
    assert normalise(item, written) == normal
    assert TAGGER.inner(item, written) == TAGGER.inner(item, normal)


@pytest.mark.parametrize(
    ("given", "other"),
    [
        ("110105491231002", "11010519491231002X"),
        ("11010519491231002x", "110105491231002"),
        ("110105 491231 002", "11010519491231002X"),
        ("110105200001010015", None),  # born after the short form
        ("110105194912310021", None),  # another check digit
        ("110105491331002", None),  # no such month
        ("123456789012", None),
    ],
)
def test_an_identity_number_has_another_length(given: str, other: str | None) -> None:
    """15 digits and 18 of one person lead to each other; what is no number of a resident has one form only."""
    assert other_length(ID, given) == other
    assert other_length(CARD, given) is None
    assert TAGGER.every_inner(ID, given) == [TAGGER.inner(ID, one) for one in (given, other) if one is not None]


@given(DIGITS)
def test_normalising_twice_is_normalising_once(digits: str) -> None:
    """A normal form is its own normal form, whichever item and however it was prefixed."""
    for item in INDEXED:
        once = normalise(item, digits)
        assert normalise(item, once) == once
    for prefix in ("", "+86", "0086", "86"):
        assert normalise(MOBILE, prefix + digits) == digits


@pytest.mark.parametrize("value", ["", "   ", "无", "n/a", "张三"])
def test_nothing_to_look_for_is_refused_without_the_value(value: str) -> None:
    """A mobile without digits is refused, names the item, and is not repeated."""
    with pytest.raises(Invalid) as caught:
        normalise(MOBILE, value)
    assert caught.value.place == MOBILE
    assert not value.strip() or value not in str(caught.value)


def test_items_that_are_not_indexed_cannot_be_looked_for() -> None:
    """A name leads to nobody, and every item that does is in the taxonomy."""
    with pytest.raises(Invalid):
        TAGGER.inner(ItemCode("identity.name"), "张三")
    assert INDEXED.keys() <= taxonomy().items.keys()


def test_whose_number_it_is_decides_nothing() -> None:
    """A contact's mobile is found under the same tag as a borrower's, while other items have tags of their own."""
    assert TAGGER.inner(EMERGENCY, "13800138000") == TAGGER.inner(MOBILE, "13800138000")
    tags = {TAGGER.inner(item, "13800138000") for item in INDEXED}
    assert len(tags) == len(INDEXED) - 1
    assert {len(tag) for tag in tags} == {TAG_SIZE}


def test_another_institution_or_key_gives_other_tags() -> None:
    """Two lenders that hold the same person cannot join their indexes."""
    here = TAGGER.inner(MOBILE, "13800138000")
    assert Tagger(INTL, InstitutionId(b"j" * 16), b"p" * 32).inner(MOBILE, "13800138000") != here
    assert Tagger(INTL, OURS, b"q" * 32).inner(MOBILE, "13800138000") != here


def test_the_stored_tag_is_not_the_inner_one_and_moves_with_the_epoch() -> None:
    """Enciphered under an epoch's key, moved to another's without the values, and useless under the old one."""
    inner = [TAGGER.inner(MOBILE, f"1380013800{digit}") for digit in range(3)]
    old, new = b"o" * 32, b"n" * 32
    stored = TAGGER.outer(old, inner)
    behind = [bytes([digit]) * (ROW_SIZE - TAG_SIZE) for digit in range(3)]
    moved = TAGGER.recipher(old, new, b"".join(map(bytes.__add__, stored, behind)))
    assert not set(stored) & set(inner)
    assert moved == b"".join(map(bytes.__add__, TAGGER.outer(new, inner), behind))
    assert TAGGER.recipher(old, new, b"") == b""
    assert not set(TAGGER.outer(new, inner)) & set(stored)
    assert TAGGER.outer(old, []) == []
