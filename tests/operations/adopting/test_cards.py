from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from shouxin.actors.account import Token
from shouxin.domain.items import ItemCode
from shouxin.errors import Invalid, NotSignedIn, Refused
from shouxin.operations.adopting.cards import adopt_card, adopt_cards, list_cards
from shouxin.operations.adopting.recipients import register_recipient
from shouxin.operations.erasing.erase import erase, preview
from shouxin.policy.recipient import Recipient
from shouxin.vault.erasure import Outcome
from tests.operations.portfolio import JOB, card, lender
from tests.workspaces import CARD, audited, fresh, reopened, signed_in

FLOOR = 'floors = ["CN-AML-34-3-IDENTITY"]\n'


def test_a_card_is_adopted_version_by_version(tmp_path: Path) -> None:
    """The first version is 1, and each next one follows the last; any other is invalid and changes nothing."""
    workspace = fresh(tmp_path)
    dpo = signed_in(workspace, "dpo")
    adopt_card(workspace, dpo, CARD)
    size = audited(workspace).size
    for version in (1, 3):
        with pytest.raises(Invalid):
            adopt_card(workspace, dpo, CARD.replace("version = 1", f"version = {version}"))
    assert audited(workspace).size == size
    assert adopt_card(workspace, dpo, CARD.replace("version = 1", "version = 2")).version == 2


def test_cards_are_adopted_all_or_none(tmp_path: Path) -> None:
    """An error in the second leaves the first alone; two that draw on one another come together or not at all."""
    workspace = fresh(tmp_path)
    dpo = signed_in(workspace, "dpo")
    reader = CARD[: CARD.index("[retention")].replace('"credit.review"', '"credit.second"')
    reader = reader.replace("[roles]", 'draws_on = ["credit.review"]\n[roles]')
    size = audited(workspace).size
    with pytest.raises(Invalid) as refusal:
        adopt_cards(workspace, dpo, [(CARD, "a.toml"), (reader.replace("version = 1", "version = 7"), "b.toml")])
    assert refusal.value.place.startswith("b.toml")
    with pytest.raises(Invalid):
        adopt_cards(workspace, dpo, [(CARD, "a.toml"), (CARD, "again.toml")])
    assert (audited(workspace).size, list_cards(workspace, dpo)) == (size, [])
    assert [one.purpose for one in adopt_cards(workspace, dpo, [(reader, "b.toml"), (CARD, "a.toml")])] == [
        "credit.second",
        "credit.review",
    ]


@pytest.mark.parametrize("role", ["operator", "analyst", "approver", "auditor"])
def test_only_a_data_protection_officer_adopts(tmp_path: Path, role: str) -> None:
    """Nobody else decides what personal information is for."""
    workspace = fresh(tmp_path)
    with pytest.raises(Refused):
        adopt_card(workspace, signed_in(workspace, role), CARD)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('masked = ["analyst", "credit_officer"]', 'aggregate = ["analyst"]'),
        ("ceiling_days = 180", 'ceiling_days = 180\nfloors = ["CN-PIPL-6-1-PURPOSE"]'),
        ("ceiling_days = 180", 'ceiling_days = 180\nfloors = ["NO-SUCH-RULE"]'),
        ('masked = ["analyst", "credit_officer"]', 'masked = ["clairvoyant"]'),
        ("[roles]", 'draws_on = ["nobody.knows"]\n[roles]'),
        ("[roles]", "statutory = true\n[roles]"),
        ('"信贷审查"', '""'),
        ('"identity.name"', '"identity.shoe_size"'),
        ("lawful_basis", "lawful_bases"),
    ],
)
def test_a_card_that_promises_what_cannot_be_kept_is_invalid(tmp_path: Path, old: str, new: str) -> None:
    """What its review calls an error, an unknown item or field: not adopted, and the place is a line."""
    workspace = fresh(tmp_path)
    with pytest.raises(Invalid) as refusal:
        adopt_card(workspace, signed_in(workspace, "dpo"), CARD.replace(old, new), "card.toml")
    assert refusal.value.place.startswith("card.toml:")
    assert list_cards(workspace, signed_in(workspace, "dpo")) == []


def test_a_new_card_counts_from_the_next_decision(tmp_path: Path) -> None:
    """A card adopted by another process is what the very next disclosure is decided by."""
    bank = lender(tmp_path)
    bank.take([1])
    bank.masked(bank.people[1])
    other = reopened(tmp_path)
    adopt_card(other, bank.tokens["dpo"], card("customer.file", 2).replace('masked = ["analyst", ', "masked = ["))
    with pytest.raises(Refused) as refusal:
        bank.masked(bank.people[1])
    assert refusal.value.reasons[0] == ("CN-PIPL-51-1-4-ROLE", "PIPL 51(1)(4)")


def test_a_floor_adopted_since_the_last_decision_keeps_what_an_erasure_would_take(tmp_path: Path) -> None:
    """An erasure is decided by the cards of its own moment: a floor that came in just before it is kept."""
    bank = lender(tmp_path)
    bank.take([1])
    preview(bank.workspace, bank.tokens["dpo"], bank.people[1])
    floored = card("loan.file", 2).replace("ceiling_days = 180", FLOOR + "ceiling_days = 180")
    adopt_card(bank.workspace, bank.tokens["dpo"], floored)
    _, erasure = erase(bank.workspace, bank.tokens["dpo"], bank.people[1])
    (part,) = [part for part in erasure.parts if JOB in part.items]
    assert (part.outcome, part.rule) == (Outcome.RETAINED, "CN-AML-34-3-IDENTITY")


def test_everybody_who_is_signed_in_sees_the_cards(tmp_path: Path) -> None:
    """By purpose, in the version that is adopted now; nobody else sees them."""
    bank = lender(tmp_path)
    adopt_card(bank.workspace, bank.tokens["dpo"], card("loan.file", 2))
    for token in bank.tokens.values():
        cards = list_cards(bank.workspace, token)
        assert [one.purpose for one in cards] == sorted(one.purpose for one in cards)
        assert {str(one.purpose): one.version for one in cards}["loan.file"] == 2
    with pytest.raises(NotSignedIn):
        list_cards(bank.workspace, Token("sgn_" + "0" * 32 + "." + "0" * 64))


@pytest.mark.parametrize("purpose", ["p13800138000", "1380013", "a1b2c3d4e5f6g7", "loan.13-80-01-3"])
def test_no_purpose_can_be_somebodys_number(tmp_path: Path, purpose: str) -> None:
    """Seven digits anywhere in a purpose, or in one to draw on, are refused; six are not."""
    workspace = fresh(tmp_path)
    dpo = signed_in(workspace, "dpo")
    for text in (
        CARD.replace('"credit.review"', f'"{purpose}"'),
        CARD.replace("[roles]", f'draws_on = ["{purpose}"]\n[roles]'),
    ):
        with pytest.raises(Invalid) as refusal:
            adopt_card(workspace, dpo, text)
        assert purpose not in str(refusal.value)
    assert adopt_card(workspace, dpo, CARD.replace('"credit.review"', '"loan.202606"')).version == 1


PROGRAM = """automated = true
human_review = "credit_officer"
automated_explanation_zh = "由金额得出"
automated_explanation_en = "From the amount"
"""
# What a card does, and the point of PIPL 55(1) by which it is assessed first.
ASSESSED = {
    "separate_consent = true": "PIPL 55(1)(1)",
    PROGRAM: "PIPL 55(1)(2)",
    'recipients = ["bureau"]\ncontracts = { bureau = "c-1" }': "PIPL 55(1)(3)",
    "separate_consent = true\npublished = true": "PIPL 55(1)(3)",
}


@pytest.mark.parametrize("said", ['assessment = "todo"\n', ""])
@pytest.mark.parametrize("does", ASSESSED)
def test_what_must_be_assessed_first_is_not_adopted_without(tmp_path: Path, does: str, said: str) -> None:
    """Sensitive items, a program that decides, a recipient, publishing: no number of an assessment, no card."""
    workspace = fresh(tmp_path)
    dpo = signed_in(workspace, "dpo")
    items = (ItemCode("identity.name"),)
    register_recipient(workspace, dpo, Recipient("bureau", "Bureau", "c-1", date(2099, 1, 1), "x@b.example", items))
    sensitive = ASSESSED[does].endswith("(1)(1)")
    text = CARD.replace('"credit.amount"]', '"credit.amount", "account.savings"]') if sensitive else CARD
    full = text.replace("[roles]", f"{does}\n[roles]")
    with pytest.raises(Invalid) as refused:
        adopt_card(workspace, dpo, full.replace('assessment = "pia-1"\n', said))
    assert ASSESSED[does] in refused.value.detail
    assert adopt_card(workspace, dpo, full).assessment == "pia-1"
