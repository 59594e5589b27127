from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from shouxin.actors.account import ROLES
from shouxin.domain.identifiers import SubjectId
from shouxin.errors import NotFound, Refused
from shouxin.operations.erasing.erase import erase
from shouxin.operations.retaining.standing import WATCHING, list_objects, standing
from shouxin.operations.subjects import freeze
from shouxin.vault.records import SubjectState
from tests.operations.portfolio import MARK, lender

UNTIL = date(2037, 3, 1)


def test_what_is_kept_is_told_without_what_it_says(tmp_path: Path) -> None:
    """Cells by purpose and term, objects with their size, notices and agreements, floors with their date; no value."""
    bank = lender(tmp_path)
    bank.take([1], contact=True)
    who = bank.people[1]
    film = bank.film(who, b"film" * 100)
    found = standing(bank.workspace, bank.tokens["rights_desk"], who)
    assert (found.subject, found.state, found.merged_into, found.depicted) == (who, SubjectState.ACTIVE, None, 0)
    cells = {(one.kind, one.purpose, one.term): one for one in found.holdings}
    assert set(cells) == {
        ("cell", "customer.file", "identity"),
        ("cell", "loan.file", "contract"),
        ("cell", "loan.file", "file"),
        ("edge", "emergency.link", "link"),
    }
    identity = cells["cell", "customer.file", "identity"]
    assert (identity.items, identity.cells) == (("contact.mobile", "identity.id_number", "identity.name"), 1)
    assert identity.kept is not None
    assert (identity.kept.article, identity.kept.until) == ("AML 34(3)", UNTIL)
    assert cells["cell", "loan.file", "file"].kept is None
    assert [(one.object_id, one.item, one.size, one.kept) for one in found.objects] == [
        (film, "interview.video", 400, None)
    ]
    assert [(kept.rule, kept.until) for kept in found.floors] == [
        ("CN-AML-34-3-TRANSACTION", UNTIL),
        ("CN-AML-34-3-IDENTITY", UNTIL),
    ]
    assert (found.told, found.consents) == (4, 1)
    assert MARK not in repr(found)


def test_it_follows_what_becomes_of_a_person(tmp_path: Path) -> None:
    """Frozen, then erased but for what a floor keeps; a declined applicant is gone whole."""
    bank = lender(tmp_path)
    bank.take([1])
    bank.take([2], customer=False)
    dpo = bank.tokens["dpo"]
    freeze(bank.workspace, dpo, bank.people[1])
    assert standing(bank.workspace, dpo, bank.people[1]).state is SubjectState.FROZEN
    assert standing(bank.workspace, dpo, bank.people[2]).floors == ()
    for number in (1, 2):
        erase(bank.workspace, dpo, bank.people[number])
    kept, gone = (standing(bank.workspace, dpo, bank.people[number]) for number in (1, 2))
    assert {(one.purpose, one.term) for one in kept.holdings} == {
        ("customer.file", "identity"),
        ("loan.file", "contract"),
    }
    assert all(one.kept is not None for one in kept.holdings)
    assert (gone.state, gone.holdings, gone.objects) == (SubjectState.ERASED, (), ())


@pytest.mark.parametrize("role", sorted(ROLES))
def test_only_who_watches_sees_all_of_a_person(tmp_path: Path, role: str) -> None:
    """The officer, the rights desk and the auditor; a name that is not there is not found."""
    bank = lender(tmp_path)
    bank.take([1])
    if role in WATCHING:
        assert standing(bank.workspace, bank.tokens[role], bank.people[1]).holdings
        with pytest.raises(NotFound):
            standing(bank.workspace, bank.tokens[role], SubjectId(bytes(16)))
        return
    with pytest.raises(Refused):
        standing(bank.workspace, bank.tokens[role], bank.people[1])


def test_objects_are_listed_for_those_whose_purpose_they_serve(tmp_path: Path) -> None:
    """A credit officer works on interviews and sees them; an analyst does not; an operator works on nothing."""
    bank = lender(tmp_path)
    bank.take([1])
    film = bank.film(bank.people[1])

    def seen(role: str) -> list[bytes]:
        return [one.object_id for one in list_objects(bank.workspace, bank.tokens[role], bank.people[1])]

    assert seen("credit_officer") == seen("dpo") == seen("auditor") == [film]
    assert seen("analyst") == []
    with pytest.raises(Refused):
        seen("operator")
    with pytest.raises(NotFound):
        list_objects(bank.workspace, bank.tokens["dpo"], SubjectId(bytes(16)))
