"""Erasing at a word: whom it tells, and where it is refused because others must agree or databases come first."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

import pytest

from shouxin.errors import Refused
from shouxin.operations.adopting.recipients import register_recipient
from shouxin.operations.certifying.certify import certificate
from shouxin.operations.consenting.tell_recipients import list_recipient_notices
from shouxin.operations.downstream.databases import register_database
from shouxin.operations.erasing.erase import erase, erase_many
from shouxin.policy.recipient import Recipient
from tests.operations.portfolio import JOB, Lender, card, lender
from tests.workspaces import adopt

BUREAU: Final = Recipient(
    "bureau", "示例征信", "C-17", date(2035, 1, 1), "privacy@bureau.example", (JOB,), answer_days=9
)


def sharing(tmp_path: Path) -> Lender:
    """Return a lender that gave loan files to a bureau once, and gives it no more."""
    bank = lender(tmp_path)
    named = 'recipients = ["bureau"]\ncontracts = { bureau = "C-17" }\n[roles]'
    register_recipient(bank.workspace, bank.tokens["dpo"], BUREAU)
    adopt(bank.workspace, bank.tokens["dpo"], card("loan.file", 2).replace("[roles]", named, 1))
    adopt(bank.workspace, bank.tokens["dpo"], card("loan.file", 3))
    return bank


def test_whoever_was_given_something_of_it_is_told(tmp_path: Path) -> None:
    """One notice a person, in the transaction that plans; the certificate lists who has not confirmed, and by when."""
    bank = sharing(tmp_path)
    bank.take([1, 2], customer=False)
    desk = bank.tokens["rights_desk"]
    wanted = [bank.people[1], bank.people[2]]
    done = erase_many(bank.workspace, desk, wanted)
    waiting = [one.notice for one in list_recipient_notices(bank.workspace, desk)]
    assert sorted((one.subject, one.purpose, one.recipient, one.answer_days) for one in waiting) == sorted(
        (one, "loan.file", "bureau", 9) for one in wanted
    )
    assert {one.told for one in waiting} == {erasure.planned for _, erasure in done}
    listed = certificate(bank.workspace, desk, done[0][0])["residuals"]
    assert [(one["where"], one["day_set_by"]) for one in listed if one["what"] == "recipient-not-acknowledged"] == [
        ("bureau", "recipient-contract")
    ]


def test_who_was_given_nothing_of_what_goes_is_not_told(tmp_path: Path) -> None:
    """Of a part that no card shares, and of what a floor keeps, nobody is told."""
    bank = sharing(tmp_path)
    bank.take([1], customer=False)
    erase(bank.workspace, bank.tokens["rights_desk"], bank.people[1], ["customer.file"])
    assert list_recipient_notices(bank.workspace, bank.tokens["dpo"]) == []


def test_a_word_erases_nobody_once_a_database_is_registered(tmp_path: Path) -> None:
    """It reaches no database, and afterwards nobody knows whom to look for there; an order is named."""
    bank = lender(tmp_path)
    bank.take([3], customer=False)
    described = """\
dataset = "core"
version = 1
[identities]
id_number = { item = "identity.id_number", one = true }
[table.customer]
key = ["id"]
strategy = "delete_row"
[table.customer.columns]
id = { not_personal = "number of the row" }
id_number = { item = "identity.id_number", identity = "id_number" }
"""
    register_database(bank.workspace, bank.tokens["dpo"], described, "LENDER_DSN")
    with pytest.raises(Refused, match="shouxin deletion draft") as refused:
        erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
    assert refused.value.reasons == (("erased-in-databases-first", "PIPL 47(1)"),)
    assert bank.masked(bank.people[3])
