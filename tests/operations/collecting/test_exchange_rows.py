from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shouxin.domain.plaintext import Plaintext
from shouxin.operations.collecting.replace_columns import (
    confirm_replacement,
    replace_columns,
    roll_back_replacement,
)
from shouxin.operations.collecting.replaceable import Replaced
from shouxin.operations.collecting.run_plan import run_plan
from shouxin.operations.correct import correct
from shouxin.operations.erasing.erase import erase
from shouxin.operations.opening.look_up import look_up
from shouxin.operations.subjects import merge
from shouxin.protection.shaped_tokens import is_shaped_token
from tests import workspaces
from tests.connectors.sources.test_replaced_columns import NUMBERLESS, PLAN, Bank
from tests.connectors.sources.test_sql_table import add
from tests.databases import Fresh, postgresql
from tests.workspaces import ID_NUMBER, MOBILE

__all__ = ["postgresql"]

CONSENTED = (
    workspaces.CARD.replace('"credit.review"', '"service.mail"')
    .replace('"contract"', '"consent"')
    .replace("PIPL 13(1)(2)", "PIPL 13(1)(1)")
    .replace(
        'items = ["identity.name", "identity.id_number", "contact.mobile", "credit.amount"]',
        'items = ["contact.address"]',
    )
)
ADDRESSES = (
    PLAN.replace('purposes = ["credit.review"]', 'purposes = ["credit.review", "service.mail"]')
    .replace('"contact.mobile"]', '"contact.mobile", "contact.address"]')
    .replace('phone = "contact.mobile"', 'phone = "contact.mobile"\naddr = "contact.address"')
    .replace("[fields]", '[agreed]\n"service.mail" = "yes"\n\n[fields]')
)


class PostBank(Bank):
    """A lender that keeps addresses of whoever agreed to it."""

    def home_card(self) -> None:
        """Adopt the card for addresses too, and give the applicants theirs; the third and fourth said no."""
        super().home_card()
        workspaces.adopt(self.home, workspaces.signed_in(self.home, "dpo"), CONSENTED)
        self.say(
            "ALTER TABLE applicant ADD COLUMN addr text, ADD COLUMN yes text",
            "UPDATE applicant SET addr = '浙江省杭州市某路' || id || '号', yes = 'yes'",
            "UPDATE applicant SET yes = 'no' WHERE id > 2",
        )

    def addresses(self) -> list[str]:
        """Return the addresses that stand in the table."""
        with self.engine.connect() as connection:
            return [row[0] for row in connection.exec_driver_sql("SELECT addr FROM applicant ORDER BY id")]


@pytest.fixture
def bank(tmp_path: Path, postgresql: Fresh) -> Iterator[Bank]:
    """A lender with six applicants, sealed, their columns not yet replaced."""
    made = Bank(tmp_path, postgresql(), 6)
    _run(made)
    yield made
    made.close()


def _run(bank: Bank) -> None:
    run_plan(bank.home, bank.collector, "applications", bank.source)


def _replace(bank: Bank) -> Replaced:
    return replace_columns(bank.home, bank.collector, "applications", bank.table)


def _confirm(bank: Bank) -> None:
    confirm_replacement(bank.home, bank.collector, "applications", bank.table)


def test_what_was_not_kept_for_want_of_consent_stays_in_the_table(tmp_path: Path, postgresql: Fresh) -> None:
    """Two agreed to have their address kept and two did not: theirs stand in no vault, and stay where they are."""
    bank = PostBank(tmp_path, postgresql(), 4, ADDRESSES)
    _run(bank)
    before = bank.addresses()
    assert _replace(bank) == Replaced(4, values=2)
    _confirm(bank)
    after = bank.addresses()
    assert after[2:] == before[2:]
    assert not set(after[:2]) & set(before)
    assert all(is_shaped_token(ID_NUMBER, str(row[2])) for row in bank.rows())
    bank.close()


def test_a_row_that_changed_since_it_was_sealed_keeps_its_values(bank: Bank) -> None:
    """A new name, and somebody else's known mobile: neither was sealed for this person, and neither is taken away."""
    second = bank.rows()[1]
    bank.say(
        "UPDATE applicant SET full_name = '改名者' WHERE id = 3",
        f"UPDATE applicant SET phone = '{second[3]}' WHERE id = 4",
    )
    before = bank.rows()
    assert _replace(bank) == Replaced(4, changed=2)
    _confirm(bank)
    assert bank.rows()[2:4] == before[2:4]
    bank.say("UPDATE applicant SET updated = TIMESTAMP '2026-02-01' WHERE id IN (3, 4)")
    _run(bank)
    assert _replace(bank) == Replaced(2, already=4)
    assert all(is_shaped_token(ID_NUMBER, str(row[2])) for row in bank.rows())


def test_a_value_that_the_door_does_not_show_any_more_stays(bank: Bank) -> None:
    """A mobile was corrected in the vault: the table's is another, and is nowhere else."""
    analyst, phone = workspaces.signed_in(bank.home, "analyst"), str(bank.rows()[0][3])
    (who,) = look_up(bank.home, analyst, workspaces.PURPOSE, MOBILE, Plaintext.of(phone))
    correct(bank.home, workspaces.signed_in(bank.home, "dpo"), who, {MOBILE: Plaintext.of("13911112222")})
    assert _replace(bank) == Replaced(6, values=1)
    assert bank.rows()[0][3] == phone


def test_of_two_rows_of_one_person_the_older_mobile_stays(bank: Bank) -> None:
    """The door shows the newest value only: the one before it is not taken from its row."""
    first = bank.rows()[0]
    bank.say(
        "INSERT INTO applicant (id, updated, full_name, id_no, phone) "
        f"VALUES (50, TIMESTAMP '2026-03-01', '{first[1]}', '{first[2]}', '13922223333')"
    )
    _run(bank)
    assert _replace(bank) == Replaced(7, values=1)
    assert (bank.rows()[0][3], is_shaped_token(MOBILE, str(bank.rows()[-1][3]))) == (first[3], True)


def test_people_who_share_a_mobile_are_told_apart_by_the_rest_of_their_row(tmp_path: Path, postgresql: Fresh) -> None:
    """Without an identity number two have one mobile: each row's name is held against its own person."""
    bank = Bank(tmp_path, postgresql(), 3, NUMBERLESS)
    bank.say("UPDATE applicant SET phone = (SELECT phone FROM applicant WHERE id = 1) WHERE id = 2")
    _run(bank)
    before = bank.rows()
    assert _replace(bank) == Replaced(3)
    after = bank.rows()
    assert not {row[1] for row in after} & {row[1] for row in before}
    assert after[0][3] == after[1][3] != before[0][3]
    analyst = workspaces.signed_in(bank.home, "analyst")
    assert len(look_up(bank.home, analyst, workspaces.PURPOSE, MOBILE, Plaintext.of(str(after[0][3])))) == 2
    bank.close()


def test_a_merged_persons_rows_are_theirs(bank: Bank) -> None:
    """What is sealed under a record that was merged into another's is held for the same person."""
    analyst, dpo = workspaces.signed_in(bank.home, "analyst"), workspaces.signed_in(bank.home, "dpo")
    one, other = (
        look_up(bank.home, analyst, workspaces.PURPOSE, ID_NUMBER, Plaintext.of(str(row[2])))[0]
        for row in bank.rows()[:2]
    )
    merge(bank.home, dpo, one, other)
    assert _replace(bank) == Replaced(6)


def test_what_an_erasure_took_from_the_vault_stays_in_the_table(bank: Bank) -> None:
    """Nobody is found by it any more; a second replacement tells such rows from those that hold tokens."""
    analyst = workspaces.signed_in(bank.home, "analyst")
    (who,) = look_up(bank.home, analyst, workspaces.PURPOSE, ID_NUMBER, Plaintext.of(str(bank.rows()[0][2])))
    erase(bank.home, workspaces.signed_in(bank.home, "dpo"), who)
    assert _replace(bank) == Replaced(5, kept=1)
    _confirm(bank)
    add(bank.engine, range(20, 21))
    assert _replace(bank) == Replaced(0, kept=2, already=5)


def test_rolled_back_it_is_replaced_again_with_the_same_tokens(bank: Bank) -> None:
    """What came back stands as it arrived, so it is known again."""
    _replace(bank)
    tokens = bank.rows()
    roll_back_replacement(bank.home, bank.collector, "applications", bank.table)
    assert _replace(bank) == Replaced(6)
    assert bank.rows() == tokens
