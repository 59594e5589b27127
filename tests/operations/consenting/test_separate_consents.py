"""Each separate consent opens what it is about, alone, and is missed by its article (PIPL 23, 25, 26, 29, 31, 39)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

import pytest

from shouxin.actors.account import Token
from shouxin.domain.identifiers import SubjectId
from shouxin.domain.items import ItemCode
from shouxin.errors import Refused
from shouxin.operations.adopting.recipients import register_recipient
from shouxin.operations.consenting.choose import Choice, answer_notice, give_consent, serve_notice
from shouxin.operations.deletion.withdraw import withdraw_consent
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.opening.permit import Wish
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Form
from shouxin.policy.consent_demand import About
from shouxin.policy.recipient import Recipient
from tests.workspaces import CARD, adopt, collected, ready, signed_in

PURPOSE: Final = "marketing.offer"
OFFER: Final = (
    CARD.replace('"credit.review"', f'"{PURPOSE}"').replace('"contract"', '"consent"').replace("13(1)(2)", "13(1)(1)")
)
ABROAD: Final = """separate_consent = true
locations = ["CN", "SG"]
recipients = ["partner"]
contracts = { partner = "c-1" }
"""
# What a card says, the matter that it asks about beside the purpose, and the article without which it opens nothing.
MATTERS: Final = {
    "abroad": (ABROAD, About.EXPORT, "PIPL 39"),
    "published": ("separate_consent = true\npublished = true\n", About.PUBLISH, "PIPL 25"),
    "public place": ("separate_consent = true\npublic_place_images = true\n", About.PUBLIC_PLACE, "PIPL 26"),
}


class Desk:
    """A lender with one applicant and a card on consent."""

    def __init__(self, tmp_path: Path, said: str = "") -> None:
        self.workspace: Workspace = ready(tmp_path)
        self.who, self.parent = collected(self.workspace, range(2))
        dpo = signed_in(self.workspace, "dpo")
        items = (ItemCode("identity.name"),)
        partner = Recipient("partner", "Partner", "c-1", date(2099, 1, 1), "x@partner.example", items, place="SG")
        register_recipient(self.workspace, dpo, partner)
        adopt(self.workspace, dpo, OFFER.replace("[roles]", f"{said}\n[roles]"))
        self.desk: Token = signed_in(self.workspace, "rights_desk")
        self.analyst: Token = signed_in(self.workspace, "analyst")

    def ask(self, about: About | None = None) -> tuple[About, ...]:
        """Ask, record a yes, and return what else is due."""
        served = serve_notice(self.workspace, self.desk, self.who, PURPOSE, "zh", about=about, by_person=True)
        answer_notice(self.workspace, self.desk, served.consent, agreed=True)
        return served.due

    def ask_parent(self, about: About | None = None) -> tuple[About, ...]:
        """The same, of a child's parent."""
        served = serve_notice(self.workspace, self.desk, self.who, PURPOSE, "zh", about=about, by_person=True)
        answer_notice(self.workspace, self.desk, served.consent, agreed=True, age=9, guardian=self.parent)
        return served.due

    def missing(self) -> set[str]:
        """The articles for which a look at the applicant is refused; none: it is permitted."""
        who: tuple[SubjectId, ...] = (self.who,)
        try:
            wish = Wish(PURPOSE, frozenset({ItemCode("identity.name")}), who, Form("masked"))
            disclose(self.workspace, self.analyst, wish)
        except Refused as refused:
            return {article for _, article in refused.reasons}
        return set()


@pytest.mark.parametrize("matter", MATTERS)
def test_a_separate_consent_opens_its_matter_and_its_withdrawal_shuts_it(tmp_path: Path, matter: str) -> None:
    """A yes to the purpose is not enough; the question is due, and asked alone; taken back, it is missed again."""
    said, about, article = MATTERS[matter]
    bank = Desk(tmp_path, said)
    assert about in bank.ask()
    assert bank.missing() == {article}
    bank.ask(about)
    assert bank.missing() == set()
    withdraw_consent(bank.workspace, bank.desk, bank.who, PURPOSE, about)
    assert bank.missing() == {article}


def test_one_separate_consent_stands_in_for_no_other(tmp_path: Path) -> None:
    """A yes to provide to the partner is none to send it abroad."""
    bank = Desk(tmp_path, ABROAD)
    assert bank.ask() == (About.PROVIDE, About.EXPORT)
    bank.ask(About.PROVIDE)
    assert bank.missing() == {"PIPL 39"}


def test_a_guardian_is_asked_separately_about_a_child(tmp_path: Path) -> None:
    """A plain yes is enough for a grown-up; of a child all is sensitive, and a guardian's separate yes is due."""
    bank = Desk(tmp_path)
    assert bank.ask() == ()
    assert bank.missing() == set()
    give_consent(bank.workspace, bank.desk, bank.parent, Choice(PURPOSE, "zh", agreed=True, by_person=True))
    withdraw_consent(bank.workspace, bank.desk, bank.who, PURPOSE)
    bank.ask_parent()
    assert bank.missing() >= {"PIPL 29"}
    assert About.SENSITIVE in bank.ask_parent(About.GUARDIAN)
    bank.ask_parent(About.SENSITIVE)
    assert bank.missing() == set()


def test_a_child_agrees_to_nothing_separate_alone(tmp_path: Path) -> None:
    """Once the age was stated, a yes to send abroad that no guardian gave carries nothing (PIPL 31)."""
    bank = Desk(tmp_path, ABROAD)
    bank.ask_parent()
    bank.ask_parent(About.SENSITIVE)
    bank.ask(About.EXPORT)
    assert "PIPL 39" in bank.missing()
    withdraw_consent(bank.workspace, bank.desk, bank.who, PURPOSE, About.EXPORT)
    bank.ask_parent(About.EXPORT)
    assert bank.missing() == set()
