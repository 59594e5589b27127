"""Reviewing a card beside what stands around it: other cards, registers, the lender's facts, older versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from shouxin.actors.account import ROLES
from shouxin.demo.cast import card_files
from shouxin.domain.items import ItemCode, taxonomy
from shouxin.policy.card import Card, PurposeCode
from shouxin.policy.declared_toml import line_of
from shouxin.policy.lint import Severity, lint
from shouxin.policy.products import products
from shouxin.policy.recipient import Recipient
from tests.policy.reviewed import (
    ADVICE,
    ALONE,
    BARE,
    BOUND,
    CONSENT,
    DAY,
    DUTY,
    ERROR,
    FLOORED,
    FREE,
    ITEMS,
    PACK,
    PURPOSE,
    SENSITIVE,
    SENT,
    WARNING,
    a_card,
    changed,
    linted,
)
from tests.workspaces import CARD


def test_a_card_that_reads_elsewhere_needs_what_it_reads_to_be_kept() -> None:
    """Items must be kept by the card itself or by one on which it draws; a card that only reads keeps nothing."""
    first = a_card(CARD)
    text = CARD.replace('"credit.review"', '"credit.second"').replace(
        "[roles]", 'draws_on = ["credit.review"]\n[roles]'
    )
    text = text[: text.index("[retention")] + text[text.index("[approval") :]
    cards = {first.purpose: first}
    assert {one.code for one in linted(text, cards)} == {"look-ups-none"}
    more = linted(text.replace(ITEMS, '"credit.amount", "employment.job"]'), cards)
    assert [(one.severity, one.code, one.place) for one in more][:-1] == [(ERROR, "items-kept-nowhere", "items")]
    assert "employment.job" in more[0].why_en
    reader = a_card(text)
    third = text.replace('"credit.second"', '"credit.third"').replace('["credit.review"]', '["credit.second"]')
    assert {one.code for one in linted(third, {**cards, reader.purpose: reader})} == {
        "items-kept-nowhere",
        "look-ups-none",
    }


def test_every_kind_of_product_says_what_it_needs_and_how_firmly() -> None:
    """One has a list of the law, from memory; the others a default of ours that says so; both advise, none refuses."""
    listed = {code for code, one in products().items() if one.necessary}
    assert listed == {"online-loan"}
    for code, one in products().items():
        assert bool(one.necessary) != bool(one.usual), code
        assert ("own default, no law" in one.source) == bool(one.usual), code
        kinds = {item.partition(".")[0] for item in taxonomy().items}
        assert set(one.usual) <= {*taxonomy().items, *kinds}, code
        text = changed((ITEMS, '"credit.amount", "behaviour.tag"]'), ("[roles]", f'products = ["{code}"]\n[roles]'))
        (found,) = [one for one in linted(text) if one.code in {"item-not-listed", "item-beyond-usual"}]
        assert found.severity is ADVICE
        assert "behaviour.tag" in found.why_en
        assert ("no law" in found.why_en) == bool(one.usual)
        assert "identity.name" not in found.why_en


def test_a_duty_reads_an_address_book_that_another_card_keeps() -> None:
    """To answer a person or an authority about a loan: it takes nothing in, so no loan hangs on it."""
    book = a_card(changed(*ALONE, CONSENT, ("[roles]", "separate_consent = true\n[roles]")))
    about = 'draws_on = ["credit.review"]\nstatutory = true\nproducts = ["online-loan"]\n[roles]'
    text = changed(*ALONE, DUTY, (PURPOSE, 'purpose = "official.request"'), ("[roles]", about))
    text = text.replace('sealed = ["collector"]\n', "")
    reads = text[: text.index("[retention")] + text[text.index("[approval") :]
    assert [one for one in linted(reads, {book.purpose: book}) if one.severity is ERROR] == []


def test_the_cards_of_the_demo_have_no_errors() -> None:
    """Each can be adopted after those before it."""
    cards: dict[PurposeCode, Card] = {}
    for name, text in card_files():
        card = a_card(text)
        assert [(name, one) for one in lint(card, PACK, cards, DAY, ROLES) if one.severity is ERROR] == []
        cards[card.purpose] = card
    assert len(cards) == len(card_files()) >= 10


def test_errors_come_first_and_nothing_is_said_twice() -> None:
    """The order is severity, then place."""
    found = linted(changed(SENSITIVE, BARE, ('sealed = ["collector"]', 'sealed = ["x", "x"]\nrelayed = ["analyst"]')))
    keys = [(list(Severity).index(one.severity), one.place, one.code) for one in found]
    assert keys == sorted(keys)
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("items", 9),
        ("roles.raw", 14),
        ("retention.file.ceiling_days", 19),
        ("retention.file.floors", 17),
        ("approval.raw.levels", 22),
        ("statutory", 1),
        ("roles.aggregate", 12),
    ],
)
def test_a_place_is_a_line(place: str, line: int) -> None:
    """The line of the field, or of the table in which it is missing, or the first."""
    assert line_of(CARD, place) == line


def test_recipients_are_held_against_the_register() -> None:
    """Unknown, ended, past its day, under another contract, for other items: each is an error; in order, none is."""
    text = changed(("[roles]", 'recipients = ["bureau"]\n[contracts]\nbureau = "c-1"\n[roles]'))
    items = (ItemCode("identity.name"),)
    known = Recipient("bureau", "Bureau", "c-1", date(2030, 1, 1), "dpo@bureau.example", items)

    def found(register: Mapping[str, Recipient | None] | None) -> set[str]:
        remarks = lint(a_card(text), PACK, {}, DAY, ROLES, register)
        return {one.code for one in remarks if one.severity is ERROR}

    assert found(None) == found({"bureau": known}) == set()
    assert found({}) == {"recipient-unregistered"}
    assert found({"bureau": None}) == {"recipient-ended"}
    assert found({"bureau": replace(known, contract_ends=date(2026, 6, 14))}) == {"recipient-ended"}
    assert found({"bureau": replace(known, contract="c-2")}) == {"recipient-other-contract"}
    assert found({"bureau": replace(known, items=(ItemCode("contact.email"),))}) == {"recipient-no-item"}


def test_what_a_version_adds_is_assessed_anew() -> None:
    """A sensitive item, a recipient, a program: under the old number a warning that names it; a new number mends it."""
    before = a_card(CARD)
    wider = changed(SENSITIVE, ("version = 1", "version = 2"), ("[roles]", f"{SENT}\n[roles]"))

    def found(text: str) -> list[str]:
        adopted = {before.purpose: before}
        told = lint(a_card(text), PACK, {}, DAY, ROLES, adopted=adopted)
        return [one.why_en for one in told if one.code == "assessment-same"]

    (said,) = found(wider)
    assert "account.savings, b" in said
    assert found(wider.replace("pia-1", "pia-2")) == []
    assert found(changed(("version = 1", "version = 2"), ("180", "170"))) == []


def test_whoever_sends_abroad_assesses_the_sharing_and_the_export() -> None:
    """Both points of PIPL 55(1) ask for it, and one number mends both."""
    found = linted(changed(BARE, ("[roles]", f"{SENT}\n[roles]")))
    assert {(one.code, one.article) for one in found if one.severity is ERROR} == {
        ("assessment-share", "PIPL 55(1)(3)"),
        ("assessment-export", "PIPL 55(1)(4)"),
    }
    assert [one for one in linted(changed(("[roles]", f"{SENT}\n[roles]"))) if one.severity is ERROR] == []


def test_who_receives_abroad_is_named_and_said_to_be_there() -> None:
    """A card that goes abroad has a recipient there by the register; a recipient there, a card that says so."""
    at_home = changed(("[roles]", 'recipients = ["bureau"]\n[contracts]\nbureau = "c-1"\n[roles]'))
    abroad = at_home.replace("recipients =", 'locations = ["CN", "SG"]\nrecipients =')
    known = Recipient("bureau", "Bureau", "c-1", date(2030, 1, 1), "x@bureau.example", (ItemCode("identity.name"),))
    there = replace(known, place="SG")

    def found(text: str, one: Recipient) -> set[str]:
        remarks = lint(a_card(text), PACK, {}, DAY, ROLES, {"bureau": one})
        return {one.code for one in remarks if one.severity is ERROR}

    assert found(at_home, known) == found(abroad, there) == set()
    assert found(abroad, known) == {"export-unnamed"}
    assert found(at_home, there) == found(abroad, replace(known, place="US")) == {"recipient-abroad"}


def test_a_floor_that_applies_to_the_lender_and_that_no_card_names_is_an_error() -> None:
    """By the class of record of each item; what another card keeps under the floor may be kept here for less."""
    found = lint(a_card(CARD), PACK, {}, DAY, ROLES, facts=BOUND)
    assert {(one.severity, one.code, one.place) for one in found if one.severity is ERROR} == {
        (ERROR, "floor-missing", "retention.file.floors")
    }
    assert "CN-AML-34-3-IDENTITY (AML 34(3)): contact.mobile, identity.id_number, identity.name" in found[0].why_en
    unknown = lint(a_card(CARD), PACK, {}, DAY, ROLES)
    assert {one.severity for one in unknown if one.code == "floor-maybe"} == {WARNING}
    assert not [one for one in lint(a_card(CARD), PACK, {}, DAY, ROLES, facts=FREE) if one.code.startswith("floor")]
    keeps = a_card(changed(("credit.review", "customer.file"), ("ceiling_days = 180", FLOORED)))
    beside = lint(a_card(CARD), PACK, {keeps.purpose: keeps}, DAY, ROLES, facts=BOUND)
    assert [one.code for one in beside if one.severity is ERROR] == []


def test_a_floor_that_does_not_apply_to_the_lender_keeps_nothing() -> None:
    """Whoever is not bound by that law cannot cite it."""
    found = lint(a_card(changed(("ceiling_days = 180", FLOORED))), PACK, {}, DAY, ROLES, facts=FREE)
    assert [one.code for one in found if one.severity is ERROR] == ["floor-not-for-us"]
