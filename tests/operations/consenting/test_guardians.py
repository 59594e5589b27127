"""Children under 14: who answers for them, and that decisions ask for it once somebody stated the age (PIPL 31)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from shouxin.domain.identifiers import ConsentId, SubjectId, new
from shouxin.domain.items import ItemCode
from shouxin.errors import Invalid, Refused
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.consenting.choose import Choice, answer_notice, give_consent, serve_notice
from shouxin.operations.erasing.erase import erase
from shouxin.operations.objects.keep import keep_object
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.subjects import freeze, merge
from shouxin.policy.consent_demand import About
from tests.operations.portfolio import Hands, Lender, lender
from tests.workspaces import signed_in

VIDEO: Final = ItemCode("interview.video")


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """A child (1), whom nobody knows to be one yet, two grown-ups (2, 3) and a contact of one of them."""
    made = lender(tmp_path, Hands())
    made.take([1, 2], customer=False)
    made.take([3], contact=True)
    return made


def asked(bank: Lender, number: int = 1, about: About | None = None, purpose: str = "interview.video") -> ConsentId:
    """Serve a question to applicant ``number``."""
    desk = bank.tokens["rights_desk"]
    return serve_notice(bank.workspace, desk, bank.people[number], purpose, "zh", about=about, by_person=True).consent


def answer(bank: Lender, question: ConsentId, guardian: SubjectId | None = None, age: int | None = 9) -> None:
    """Record a yes."""
    answer_notice(bank.workspace, bank.tokens["rights_desk"], question, agreed=True, age=age, guardian=guardian)


def film(bank: Lender, number: int = 1) -> None:
    """Keep a film of applicant ``number``, which asks the policy."""
    keep_object(bank.workspace, bank.tokens["collector"], bank.people[number], "interview.video", VIDEO, [b"frames"])


def test_nobody_is_no_guardian(bank: Lender) -> None:
    """Unknown, the child, somebody who is the child's other record, frozen, erased, without an identity: refused."""
    question = asked(bank)
    (contact,) = bank.find_contact(3)
    with pytest.raises(Invalid, match="nobody is known"):
        answer(bank, question, new(SubjectId))
    with pytest.raises(Invalid, match="own guardian"):
        answer(bank, question, bank.people[1])
    with pytest.raises(Invalid, match="own identity"):
        answer(bank, question, contact)
    bank.take([4, 5, 6], customer=False)
    freeze(bank.workspace, bank.tokens["dpo"], bank.people[4])
    erase(bank.workspace, bank.tokens["dpo"], bank.people[5])
    merge(bank.workspace, bank.tokens["dpo"], bank.people[6], bank.people[1])
    for number, why in ((4, "frozen"), (5, "erased"), (6, "own guardian")):
        with pytest.raises(Invalid, match=why):
            answer(bank, question, bank.people[number])
    answer(bank, question, bank.people[2])
    film(bank)


def test_a_child_is_nobodys_guardian(bank: Lender) -> None:
    """Whoever is known to be under 14 answers for nobody."""
    answer(bank, asked(bank), bank.people[2])
    with pytest.raises(Invalid, match="under 14"):
        answer(bank, asked(bank, 3), bank.people[1])


def test_once_the_age_is_stated_a_guardian_decides(bank: Lender) -> None:
    """The child's own yes to another purpose carries nothing, the guardian's does; the rule and article are named."""
    answer(bank, asked(bank), bank.people[2])
    film(bank)
    give_consent(
        bank.workspace,
        bank.tokens["rights_desk"],
        bank.people[1],
        Choice("interview.video", "zh", agreed=True, by_person=True),
    )
    with pytest.raises(Refused) as refusal:
        film(bank)
    assert {article for _, article in refusal.value.reasons} & {"PIPL 31(1)", "NDSR 22(1)(3)"}
    answer(bank, asked(bank), bank.people[2])
    film(bank)


def test_another_basis_asks_for_the_guardian_too(bank: Lender) -> None:
    """A child's data under a contract is not used before a guardian agreed to that purpose; a grown-up's is."""
    answer(bank, asked(bank), bank.people[2])
    wish = bank.wish(bank.people[1])
    with pytest.raises(Refused) as refusal:
        disclose(bank.workspace, bank.tokens["analyst"], wish)
    assert "PIPL 31(1)" in {article for _, article in refusal.value.reasons}
    answer(bank, asked(bank, about=About.GUARDIAN, purpose="customer.file"), bank.people[2])
    assert disclose(bank.workspace, bank.tokens["analyst"], wish).values
    assert bank.masked(bank.people[2])
    assert verify_ledger(bank.workspace).flaws == []


def test_who_is_fourteen_answers_for_themselves(bank: Lender) -> None:
    """The last age that was stated counts: on the fourteenth birthday the desk says so, and the guardian is done."""
    answer(bank, asked(bank), bank.people[2], age=13)
    with pytest.raises(Invalid, match="guardian"):
        answer(bank, asked(bank), None, age=13)
    answer(bank, asked(bank), None, age=14)
    film(bank)
    assert bank.masked(bank.people[1])


def test_a_child_does_not_stay_one(tmp_path: Path) -> None:
    """After as many years as were missing, decisions ask for nobody any more, though nobody stated the age anew."""
    clock = Hands()
    bank = lender(tmp_path, clock)
    bank.take([1, 2], customer=False)
    answer(bank, asked(bank), bank.people[2], age=13)
    for days, waits in ((365, True), (2, False)):
        clock.on(days=days)
        bank.tokens = {role: signed_in(bank.workspace, role) for role in ("analyst",)}
        if waits:
            with pytest.raises(Refused):
                bank.masked(bank.people[1])
        else:
            assert bank.masked(bank.people[1])
