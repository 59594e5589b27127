"""What holds for every mask and any value: deterministic, bounded, never the value itself, never its length."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.domain.items import MASKS, ItemCode, taxonomy
from shouxin.domain.plaintext import Plaintext
from shouxin.protection.masks import COMPLETE, REVEALS, Masked, mask
from shouxin.protection.regions import PREFECTURES

ITEMS = {item.default_mask: item.code for item in taxonomy().items.values()}
HIDING = sorted(MASKS - {"none"})
LONG_ENOUGH = 4  # a value of three characters may stand in the stars or in a band by accident

han = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
digit = st.sampled_from("0123456789")
letter = st.sampled_from("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789")
provinces = st.sampled_from(sorted(PREFECTURES))
regions = provinces.flatmap(lambda p: st.sampled_from(["", *PREFECTURES[p]]).map(lambda q: p + q))
domains = st.sampled_from(["qq.com", "163.com", "vip.sina.com", "lender.example", "zhangsan.cn"])
SHAPED = {
    "address": st.builds(str.__add__, regions, st.text(han, max_size=20)),
    "amount": st.decimals(-(10**9), 10**9, places=2).map("{:f}".format) | st.integers(0, 10**9).map("{:,}".format),
    "card": st.text(digit, min_size=12, max_size=32),
    "date": st.datetimes().map(lambda when: when.isoformat()) | st.dates().map("{:%Y%m%d}".format),
    "email": st.builds("{}@{}".format, st.text(letter, min_size=3, max_size=30), domains),
    "id_number": st.text(letter, min_size=8, max_size=64),
    "mobile": st.from_regex(r"(\+86)?1[3-9][0-9]{9}|0[1-9][0-9]{9,10}", fullmatch=True),
    "name": st.text(han, min_size=2, max_size=30),
    "text": st.text(),
}
cases = st.sampled_from(HIDING).flatmap(lambda name: st.tuples(st.just(name), SHAPED[name] | st.text()))


def shown(name: str, text: str) -> Masked:
    """Mask ``text`` by the mask ``name``."""
    return mask(ITEMS[name], Plaintext.of(text))


def repeated(masked: str, text: str) -> int:
    """How many letters and digits of the masked text may come from the value, each counted as often as it has it."""
    return sum(n for c, n in (Counter(masked) & Counter(text)).items() if c.isalnum())


@given(cases)
def test_a_masked_text_never_contains_the_value(case: tuple[str, str]) -> None:
    """What is shown is not the value, nor has the value in it, spelt as it was or without separators."""
    name, text = case
    bare = re.sub(r"[^\w]", "", text)
    for spelling in (text, bare):
        assert len(spelling) < LONG_ENOUGH or spelling not in shown(name, text).text


@given(cases)
def test_no_mask_repeats_more_than_it_declares(case: tuple[str, str]) -> None:
    """The characters that text and value share are at most ``REVEALS``; a band shows none, though it has digits."""
    name, text = case
    masked = shown(name, text)
    most = REVEALS[masked.mask]
    assert most is not None
    if masked.mask == "amount":
        assert masked.text in AMOUNT_BANDS
    else:
        assert repeated(masked.text, text) <= most


AMOUNT_BANDS = {"<1k", "1k-5k", "5k-10k", "10k-50k", "50k-100k", "100k-500k", "500k-1M", ">=1M"}


@given(cases)
def test_masks_are_deterministic_and_say_what_they_did(case: tuple[str, str]) -> None:
    """Twice the same; the mask is the item's own, or ``text`` with nothing shown."""
    name, text = case
    masked = shown(name, text)
    assert masked == shown(name, text)
    assert masked.mask == name or masked == Masked(COMPLETE, "text")
    assert masked.mask != "text" or masked.text == COMPLETE


@pytest.mark.parametrize("name", [name for name in HIDING if name not in ("amount", "email", "address")])
@given(data=st.data())
def test_the_length_is_not_shown(name: str, data: st.DataObject) -> None:
    """Masked texts of one mask have one length, or that of ``***``; a landline lacks the three that a mobile shows."""
    text = shown(name, data.draw(SHAPED[name])).text
    allowed = {"card": {8}, "date": {10}, "id_number": {6}, "mobile": {11, 8}, "name": {2}, "text": {3}}[name]
    assert len(text) in allowed | {len(COMPLETE)}


@given(regions, st.text(han, min_size=4, max_size=9), st.text(han, min_size=4, max_size=40))
def test_only_the_region_of_an_address_matters(region: str, one: str, other: str) -> None:
    """Two addresses in one prefecture look the same, wherever in it they are and however long."""
    assert shown("address", region + "某" + one) == shown("address", region + "某" + other)


@given(st.text(letter, min_size=2, max_size=9), st.text(letter, min_size=2, max_size=60), domains)
def test_only_the_first_letter_of_a_mailbox_matters(one: str, other: str, domain: str) -> None:
    """Two mailboxes of one provider that begin alike look the same."""
    assert shown("email", f"z{one}@{domain}") == shown("email", f"z{other}@{domain}")


@given(st.sampled_from(sorted(taxonomy().items)), st.binary(max_size=80))
def test_no_value_makes_a_mask_raise(item: ItemCode, value: bytes) -> None:
    """Whatever bytes were stored under whatever item, the answer is a text that can be shown."""
    text = mask(item, Plaintext(value)).text
    assert text.replace("\n", "").replace("\t", "").isprintable()
