"""Attacks on decisions: a card that another process adopted binds the very next disclosure that draws on it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from shouxin.errors import Refused
from shouxin.operations.adopting.cards import adopt_card
from shouxin.operations.consenting.choose import Choice, give_consent
from shouxin.operations.opening.disclose import disclose
from tests.operations.portfolio import CARD_NUMBER, Hands, Lender, card, lender
from tests.workspaces import signed_in

CHECK: Final = """\
purpose = "card.check"
version = 1
title_zh = "核对卡号"
title_en = "Check cards"
explanation_zh = "为了核对卡号。"
explanation_en = "To check cards."
lawful_basis = "contract"
basis_article = "PIPL 13(1)(2)"
assessment = "pia-1"
draws_on = ["loan.file"]
items = ["account.card_number"]
[roles]
masked = ["analyst"]
[retention.seen]
items = ["account.card_number"]
ceiling_days = 1
"""


def checked(bank: Lender) -> str:
    """Have the card number of applicant 1 for a purpose that draws on another."""
    wish = bank.wish(bank.people[1], purpose="card.check", items={CARD_NUMBER})
    seen = disclose(bank.workspace, bank.tokens["analyst"], wish).values
    return str(seen[bank.people[1]][CARD_NUMBER])


def told(bank: Lender, number: int) -> None:
    """Tell an applicant of the purpose that draws on another."""
    give_consent(
        bank.workspace, bank.tokens["collector"], bank.people[number], Choice("card.check", "zh", agreed=False)
    )


def two_processes(tmp_path: Path) -> tuple[Lender, Lender]:
    """One that has decided today, of somebody who came two months ago, and one that adopts."""
    clock = Hands()
    one = lender(tmp_path, clock)
    adopt_card(one.workspace, one.tokens["dpo"], CHECK)
    one.take([1])
    told(one, 1)
    clock.on(days=60)
    one.tokens |= {role: signed_in(one.workspace, role) for role in ("dpo", "analyst", "collector")}
    assert checked(one)
    return one, one.reopened(clock)


def test_a_shorter_term_that_another_process_adopted_binds_at_once(tmp_path: Path) -> None:
    """What only a law keeps from now on is read by statutory purposes alone, whichever process is asked."""
    one, other = two_processes(tmp_path)
    shorter = card("loan.file", 2).replace('starts = "end_of_relationship"\nceiling_days = 3653', "ceiling_days = 30")
    adopt_card(other.workspace, other.tokens["dpo"], shorter)
    for bank in (other, one):
        with pytest.raises(Refused):
            checked(bank)


def test_a_new_term_that_another_process_adopted_is_known(tmp_path: Path) -> None:
    """A process that has not seen the newer card does not say that the store was tampered with."""
    one, other = two_processes(tmp_path)
    renamed = card("loan.file", 2).replace("[retention.contract]", "[retention.agreement]")
    adopt_card(other.workspace, other.tokens["dpo"], renamed)
    other.take([2])
    told(other, 2)
    wish = one.wish(other.people[2], purpose="card.check", items={CARD_NUMBER})
    assert disclose(one.workspace, one.tokens["analyst"], wish).values[other.people[2]]
