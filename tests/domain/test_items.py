"""Items are known by code, graded by standard and date, and exported in other people's words."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.domain.item_export import dpv_jsonld, fides_categories
from shouxin.domain.items import KLASSES, MASKS, grade, item, read, taxonomy
from shouxin.errors import Invalid

CODES = sorted(taxonomy().items)
KINDS = {
    "account",
    "address_book",
    "authentication",
    "behaviour",
    "biometric",
    "communication",
    "contact",
    "credit",
    "device",
    "emergency",
    "employment",
    "family",
    "guarantee",
    "identity",
    "image",
    "income",
    "insurance",
    "interview",
    "loan",
    "location",
    "property",
    "rights",
    "transaction",
}
ONE = '[[item]]\ncode = "a.b"\ntitle_zh = "甲"\ntitle_en = "A"\nlevel = 3\nklass = "C2"\nmask = "text"\ndpv = "Name"\n'
ONE += 'fides = "user.name"\n'


def test_every_kind_of_personal_information_is_there() -> None:
    """The taxonomy has every kind that a consumer lender handles, and at least seventy items."""
    assert {one.kind for one in taxonomy().items.values()} == KINDS
    assert len(CODES) >= 70


def test_an_unknown_code_is_invalid_and_not_repeated() -> None:
    """A code that is not known is refused, and the message does not repeat it."""
    with pytest.raises(Invalid) as caught:
        item("identity.shoe_size")
    assert "shoe" not in str(caught.value)


@pytest.mark.parametrize("code", CODES)
def test_every_item_is_graded_and_masked(code: str) -> None:
    """Every item has a level, a class that fits it by the usual mapping, a mask, and terms for export."""
    one = item(code)
    assert one.level == {"C1": 2, "C2": 3, "C3": 4}[one.klass]
    assert one.default_mask in MASKS
    assert one.default_mask != "none" or not one.sensitive()
    assert one.dpv[:1].isupper()
    assert one.fides.startswith("user.")


def test_sensitivity_is_a_verdict_with_a_date() -> None:
    """The ID number was sensitive under GB/T 35273 and is not under GB/T 45574; the ID photo is."""
    assert item("identity.id_number").sensitive(date(2025, 10, 31))
    assert not item("identity.id_number").sensitive(date(2025, 11, 1))
    assert not item("identity.id_number").sensitive()
    assert item("image.id_front").sensitive(date(2025, 11, 1))
    assert not item("image.id_front").sensitive(date(2025, 10, 31))


@given(st.lists(st.sampled_from(CODES), min_size=1), st.lists(st.sampled_from(CODES)))
def test_more_items_never_lower_a_grade(first: list[str], more: list[str]) -> None:
    """Adding items raises a grade or leaves it, in level, class and sensitivity."""
    small, large = grade(first), grade(first + more)
    assert large.level >= small.level
    assert KLASSES.index(large.klass) >= KLASSES.index(small.klass)
    assert large.sensitive >= small.sensitive
    assert set(small.raised_by) <= set(large.raised_by)


@given(st.lists(st.sampled_from(CODES), min_size=1))
def test_the_highest_item_wins(codes: list[str]) -> None:
    """A grade is at least that of each of its items."""
    found = grade(codes)
    assert found.level >= max(item(code).level for code in codes)
    assert found.sensitive >= any(item(code).sensitive() for code in codes)


def test_a_combination_raises_a_grade() -> None:
    """Card number and SMS code together complete an authentication and are graded C3."""
    alone = grade(["account.card_number"])
    both = grade(["account.card_number", "authentication.sms_code"])
    assert (alone.klass, alone.raised_by) == ("C2", ())
    assert (both.level, both.klass, both.raised_by) == (4, "C3", ("AUTH-SMS",))


def test_a_grade_of_nothing_is_invalid() -> None:
    """No item, no grade."""
    with pytest.raises(Invalid):
        grade([])


@pytest.mark.parametrize(
    "text",
    [
        "[[item]\n",
        ONE + ONE,
        ONE.replace("level = 3", "level = 6"),
        ONE.replace("C2", "C9"),
        ONE.replace('"text"', '"veil"'),
        ONE.replace('"a.b"', '"ab"'),
        ONE.replace('fides = "user.name"\n', ""),
        ONE + "colour = 1\n",
        ONE.replace("C2", "C3").replace('"text"', '"none"'),
        ONE
        + '[[combination]]\nid = "X"\ncodes = ["a.c"]\nlevel = 3\nklass = "C2"\nsensitive = true\nwhy = ""\n'
        + 'source = ""\nverified = "policy"\n',
    ],
)
def test_a_faulty_taxonomy_is_refused(text: str) -> None:
    """A taxonomy with a fault is refused as a whole."""
    with pytest.raises(Invalid):
        read(text)


def test_the_taxonomy_is_exported_to_dpv() -> None:
    """The DPV document has one concept an item below a term of the vocabulary, and marks the sensitive ones."""
    document = dpv_jsonld(taxonomy().items.values())
    graph = {one["@id"]: one for one in json.loads(json.dumps(document, ensure_ascii=False))["@graph"]}
    assert len(graph) == len(CODES)
    assert graph["item:identity.name"]["skos:broader"] == {"@id": "pd:Name"}
    assert "dpv:SensitivePersonalData" in graph["item:biometric.face"]["@type"]
    assert "dpv:SensitivePersonalData" not in graph["item:identity.name"]["@type"]


def test_the_taxonomy_is_exported_to_fides() -> None:
    """The Fides mapping has one category an item under its parent, and each key once."""
    rows = fides_categories(taxonomy().items.values())["data_category"]
    assert len({row["fides_key"] for row in rows}) == len(CODES)
    assert all(row["fides_key"].startswith(row["parent_key"] + ".") for row in rows)
