"""The inventory lists each item once, with every use of it."""

from __future__ import annotations

from shouxin.documents.inventory import inventory
from tests.documents.lender import BUREAU, CARDS, card, declared


def test_every_item_of_every_card_stands_there_once() -> None:
    """Nothing that a card names is missing, nothing stands twice, and nothing else is there."""
    codes = [one.item.code for one in inventory(declared(), "zh").entries]
    assert len(codes) == len(set(codes))
    assert set(codes) == {code for one in CARDS for code in one.items}


def test_an_item_has_its_grades_its_words_elsewhere_and_its_uses() -> None:
    """Golden fields of the ID number: kept under two purposes, only read by the others."""
    found = next(one for one in inventory(declared(), "en").entries if one.item.code == "identity.id_number")
    assert (found.item.level, found.item.klass, found.item.sensitive) == (3, "C2", False)
    assert (found.item.standard, found.item.standard_verified) == ("GB/T 45574-2025", "secondary")
    assert (found.mask, found.record_class) == ("id_number", "customer_identity")
    assert found.dpv == "https://w3id.org/dpv/pd#OfficialID"
    assert found.fides == "user.government_id.national_identification_number"
    assert {one.purpose: (one.forms, one.ceiling_days) for one in found.uses} == {
        "credit.review": (("masked", "raw"), None),
        "data.deletion": (("relayed",), None),
        "identity.verification": (("sealed",), 3653),
        "no.return": (("sealed",), 1825),
        "official.request": (("raw",), None),
        "rights.access": (("raw",), None),
        "rights.answer": (("masked",), None),
    }


def test_combinations_count_within_one_purpose() -> None:
    """The four elements are complete where one purpose reads them, not where two purposes have two each."""
    found = inventory(declared(), "en").raised
    assert {(one.combination, one.purpose, one.verified) for one in found} == {
        ("FOUR-ELEMENTS", "credit.review", "policy"),
        ("FOUR-ELEMENTS", "rights.access", "policy"),
        ("FOUR-ELEMENTS", "rights.answer", "policy"),
    }
    apart = inventory(declared(card("identity.verification"), card("credit.application")), "en")
    assert apart.raised == ()


def test_a_recipient_stands_with_the_items_that_their_contract_allows() -> None:
    """Of the card's items only those in the contract go to the recipient."""
    changed = card("emergency.contact", recipients=("bureau", "ghost"))
    found = inventory(declared(changed, recipients=(BUREAU,)), "zh").entries
    assert {one.item.code: one.uses[0].recipients for one in found} == {
        "emergency.name": ("bureau",),
        "emergency.mobile": (),
        "emergency.relation": (),
    }
