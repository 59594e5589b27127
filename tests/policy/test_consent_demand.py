"""Each consent that a purpose needs is a demand of its own, and the engine denies without it."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from shouxin.domain.items import ItemCode
from shouxin.policy.card import Card, Form, PurposeCode, Term
from shouxin.policy.consent_demand import About, consent_needed, sensitive_items
from shouxin.policy.lawpack import load_pack

ON = date(2026, 1, 1)
PACK = load_pack("cn")
MOBILE, FACE = ItemCode("contact.mobile"), ItemCode("biometric.face")


def card_of(*items: ItemCode, basis: str = "consent", **changes: object) -> Card:
    """A card on these items."""
    made = Card(
        purpose=PurposeCode("visit.video"),
        version=1,
        title_zh="视频",
        title_en="Video",
        explanation_zh="为了核对。",
        explanation_en="To check.",
        lawful_basis=basis,
        basis_article="PIPL 13(1)",
        items=items,
        roles={Form("sealed"): ("collector",)},
        retention={"file": Term(items, 30)},
    )
    return msgspec.structs.replace(made, **changes)


def asked(card: Card, *, minor: bool = False) -> list[tuple[str, str, bool]]:
    """What is demanded: about, article, separate."""
    return [(one.about.value, one.article, one.separate) for one in consent_needed(card, PACK, ON, minor=minor)]


def test_a_plain_purpose_on_consent_has_one_plain_question() -> None:
    """Nothing sensitive, nobody else: one consent under 13(1)(1), not a separate one."""
    assert asked(card_of(MOBILE)) == [("processing", "PIPL 13(1)(1)", False)]


def test_each_separate_consent_has_its_article() -> None:
    """Sensitive items, recipients, export, publishing and public places are asked one by one."""
    wide = card_of(FACE, recipients=("bureau",), locations=("CN", "SG"), published=True, public_place_images=True)
    assert asked(wide) == [
        ("sensitive", "PIPL 29", True),
        ("provide", "PIPL 23", True),
        ("export", "PIPL 39", True),
        ("publish", "PIPL 25", True),
        ("public-place", "PIPL 26", True),
    ]


def test_other_bases_need_no_consent_but_what_no_basis_lifts() -> None:
    """Under a contract nothing is asked (PIPL 13(2)), except to publish and to use public-place images otherwise."""
    wide = card_of(FACE, basis="contract", recipients=("bureau",), locations=("CN", "SG"))
    assert asked(wide) == []
    wider = msgspec.structs.replace(wide, published=True, public_place_images=True)
    assert [about for about, _, _ in asked(wider)] == ["publish", "public-place"]


def test_whoever_only_acts_for_the_lender_needs_no_consent() -> None:
    """An entrusted recipient is under PIPL 21; another beside them is named in the demand."""
    card = card_of(MOBILE, recipients=("printer", "bureau"))
    demands = consent_needed(card, PACK, ON, entrusted=("printer",))
    assert [one.recipients for one in demands if one.about is About.PROVIDE] == [("bureau",)]
    assert About.PROVIDE not in {one.about for one in consent_needed(card, PACK, ON, entrusted=("printer", "bureau"))}


@pytest.mark.parametrize("minor", [True, False])
def test_under_fourteen_a_guardian_answers(*, minor: bool) -> None:
    """Every item of a child is sensitive, and the guardian answers every question, separately where that is due."""
    demands = consent_needed(card_of(MOBILE), PACK, ON, minor=minor)
    expected = [("sensitive", True), ("guardian", False)] if minor else [("processing", False)]
    assert [(one.about.value, one.separate) for one in demands] == expected
    assert all(one.by_guardian is minor for one in demands)


def test_a_statutory_duty_and_an_emergency_ask_no_guardian() -> None:
    """As the law pack's rule on PIPL 31(1) reads: under a contract a guardian is asked, here not."""
    assert asked(card_of(MOBILE, basis="contract"), minor=True) == [("guardian", "PIPL 31(1)", False)]
    assert asked(card_of(MOBILE, basis="statutory_duty", statutory=True), minor=True) == []
    assert asked(card_of(MOBILE, basis="emergency"), minor=True) == []


def test_before_the_law_was_in_force_it_demanded_nothing() -> None:
    """Rules are chosen by the day."""
    assert consent_needed(card_of(FACE), PACK, date(2021, 10, 31)) == ()
    assert consent_needed(card_of(FACE), PACK, date(2021, 11, 1))


def test_items_that_are_sensitive_only_together_are_all_named() -> None:
    """A single sensitive item is named alone; a combination names all of the card's items."""
    assert sensitive_items(card_of(MOBILE, FACE), ON) == (FACE,)
    assert sensitive_items(card_of(MOBILE), ON) == ()
    login, code = ItemCode("account.login_name"), ItemCode("authentication.sms_code")
    assert sensitive_items(card_of(login), ON) == sensitive_items(card_of(code), ON) == ()
    assert sensitive_items(card_of(login, code, MOBILE), ON) == (login, code, MOBILE)


def test_every_demand_rests_on_a_rule_that_may_decide() -> None:
    """The pack holds the text of each article that is demanded."""
    wide = card_of(FACE, recipients=("bureau",), locations=("CN", "SG"), published=True, public_place_images=True)
    demands = consent_needed(wide, PACK, ON, minor=True)
    assert len(demands) == 6
    assert all(one.binding and PACK.rule(one.rule).cites == one.article for one in demands)
