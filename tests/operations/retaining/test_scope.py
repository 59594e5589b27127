from __future__ import annotations

from pathlib import Path

import pytest

from shouxin.errors import Tampered
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.erasing.erase import erase, preview
from shouxin.operations.retaining.judging import floors_of, relationship_of
from shouxin.vault.erasure import Outcome
from tests.operations.portfolio import BEGAN, CARD_NUMBER, ENDS, JOB, WHO, Hands, Lender, card, lender
from tests.workspaces import adopt

IDENTITY = 'floors = ["CN-AML-34-3-IDENTITY"]\nstarts = "end_of_relationship"\n'
TRANSACTION = 'floors = ["CN-AML-34-3-TRANSACTION"]\nstarts = "end_of_relationship"\n'


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """A customer and a declined applicant."""
    made = lender(tmp_path, Hands())
    made.take([1])
    made.take([2], customer=False)
    return made


def without(text: str, *passages: str) -> str:
    """Return ``text`` without ``passages``, each of which must have been there."""
    for passage in passages:
        assert passage in text
        text = text.replace(passage, "")
    return text


def kept(bank: Lender, number: int) -> dict[str, tuple[Outcome, str]]:
    """Return what an erasure would make of each item, and by which rule."""
    parts = preview(bank.workspace, bank.tokens["dpo"], bank.people[number])
    return {item: (part.outcome, part.rule) for part in parts for item in part.items}


def test_a_version_without_the_floor_lifts_nothing(bank: Lender) -> None:
    """What was kept under a floor stays under it, however many versions without it follow, also in a new process."""
    before = kept(bank, 1)
    for version in (2, 3):
        adopt(bank.workspace, bank.tokens["dpo"], without(card("customer.file", version), IDENTITY))
    again = bank.reopened()
    assert kept(again, 1) == before
    for item in WHO:
        assert before[item] == (Outcome.RETAINED, "CN-AML-34-3-IDENTITY")
    _, done = erase(again.workspace, bank.tokens["dpo"], bank.people[1])
    assert {item for part in done.having(Outcome.RETAINED) for item in part.items} >= WHO
    assert kept(again, 2)[JOB] == (Outcome.ERASED, "")


def test_floors_of_two_versions_both_bind(bank: Lender) -> None:
    """A later version's floor joins the earlier ones; of several the pack's rules decide which keeps longest."""
    adopt(bank.workspace, bank.tokens["dpo"], card("customer.file", 2).replace(IDENTITY, TRANSACTION))

    def names() -> list[str]:
        engine = bank.workspace.data.read(
            lambda records: current_engine(bank.workspace, records, "", bank.workspace.clock.now())
        )
        return [floor.rule for floor in floors_of(engine, "customer.file", "identity")]

    assert names() == ["CN-AML-34-3-IDENTITY", "CN-AML-34-3-TRANSACTION"]


def test_a_term_that_was_taken_out_still_keeps_and_still_lets_go(bank: Lender) -> None:
    """A card that lost a term: what was kept for it is erased or retained as that term said, and nothing fails."""
    narrow = without(
        card("loan.file", 2).replace('"account.card_number", "employment.job"', '"account.card_number"'),
        '[retention.file]\nitems = ["employment.job"]\nceiling_days = 180\n',
    )
    adopt(bank.workspace, bank.tokens["dpo"], narrow)
    bare = without(
        card("loan.file", 3).replace('"account.card_number", "employment.job"', '"employment.job"'),
        f'[retention.contract]\nitems = ["account.card_number"]\n{TRANSACTION}ceiling_days = 3653\n',
    )
    adopt(bank.workspace, bank.tokens["dpo"], bare)
    _, done = erase(bank.workspace, bank.tokens["dpo"], bank.people[1])
    outcomes = {item: (part.outcome, part.rule) for part in done.parts for item in part.items}
    assert outcomes[JOB] == (Outcome.ERASED, "")
    assert outcomes[CARD_NUMBER] == (Outcome.RETAINED, "CN-AML-34-3-TRANSACTION")


def test_a_term_that_no_version_ever_had_is_tampering(bank: Lender) -> None:
    """Something kept for a purpose or term that nobody adopted stops; it is not taken to be without floors."""
    engine = bank.workspace.data.read(
        lambda records: current_engine(bank.workspace, records, "", bank.workspace.clock.now())
    )
    assert floors_of(engine, "loan.file", "file") == []
    for purpose, term in (("loan.file", "identity"), ("no.such", "file")):
        with pytest.raises(Tampered):
            floors_of(engine, purpose, term)


def test_only_customers_have_a_relationship(bank: Lender) -> None:
    """A customer's began and should end on their dates; a declined applicant has none."""
    read = bank.workspace.data.read
    found = read(lambda records: relationship_of(bank.workspace, records, bank.people[1]))
    assert found is not None
    assert (found.began, found.expected_end) == (BEGAN, ENDS)
    assert read(lambda records: relationship_of(bank.workspace, records, bank.people[2])) is None
