from __future__ import annotations

from pathlib import Path

import pytest

from shouxin.domain.identifiers import SubjectId, new
from shouxin.errors import Invalid, NotFound, NotInThisState, Refused
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.erasing.erase import erase
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.subjects import freeze, merge, person_of, release, resolve_subject, split
from tests.operations.portfolio import MOBILE, WHO, Lender, lender
from tests.workspaces import audited


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """Three declined applicants and a customer."""
    made = lender(tmp_path)
    made.take([1, 2, 3], customer=False)
    made.take([4])
    return made


def test_a_freeze_refuses_all_but_the_statutory_read(bank: Lender) -> None:
    """From the next decision on a frozen person is refused with PIPL 47(2), but for the card that a law imposes."""
    who = bank.people[1]
    freeze(bank.workspace, bank.tokens["dpo"], who)
    with pytest.raises(Refused) as refusal:
        bank.masked(who)
    assert ("CN-PIPL-47-2-FROZEN", "PIPL 47(2)") in refusal.value.reasons
    wish = bank.wish(who, purpose="rights.answer", items=WHO)
    assert set(disclose(bank.workspace, bank.tokens["rights_desk"], wish).values[who]) == WHO
    release(bank.workspace, bank.tokens["rights_desk"], who)
    assert bank.masked(who)[who]


def test_one_frozen_person_stops_a_disclosure_of_many(bank: Lender) -> None:
    """What must hold for a disclosure must hold for everybody in it."""
    freeze(bank.workspace, bank.tokens["dpo"], bank.people[1])
    with pytest.raises(Refused):
        bank.masked(bank.people[2], bank.people[1])


def test_only_states_of_the_table_follow(bank: Lender) -> None:
    """Freezing twice, releasing who is not frozen, splitting who was not merged: no such step, nothing changes."""
    who, workspace, dpo = bank.people[1], bank.workspace, bank.tokens["dpo"]
    size = audited(workspace).size
    for step in (release, split):
        with pytest.raises(NotInThisState):
            step(workspace, dpo, who)
    freeze(workspace, dpo, who)
    with pytest.raises(NotInThisState):
        freeze(workspace, dpo, who)
    assert audited(workspace).size == size + 1


def test_nobody_else_changes_where_a_person_stands(bank: Lender) -> None:
    """Only who answers for rights freezes, merges and splits."""
    for role in ("analyst", "operator", "collector", "auditor", "approver"):
        with pytest.raises(Refused):
            freeze(bank.workspace, bank.tokens[role], bank.people[1])
        with pytest.raises(Refused):
            merge(bank.workspace, bank.tokens[role], bank.people[1], bank.people[2])


def test_a_merge_leads_a_look_up_to_the_one_person_and_can_be_undone(bank: Lender) -> None:
    """After a merge a look-up of either finds the one; after a split each is found as before."""
    one, two, dpo = bank.people[1], bank.people[2], bank.tokens["dpo"]
    merge(bank.workspace, dpo, one, two)
    assert bank.find(1) == bank.find(2) == bank.find(1, MOBILE) == [two]
    split(bank.workspace, dpo, one)
    assert (bank.find(1), bank.find(2)) == ([one], [two])


def test_nobody_is_merged_into_themselves_or_into_nobody(bank: Lender) -> None:
    """A merge needs two people who are there."""
    with pytest.raises(Invalid):
        merge(bank.workspace, bank.tokens["dpo"], bank.people[1], bank.people[1])
    with pytest.raises(NotFound):
        merge(bank.workspace, bank.tokens["dpo"], bank.people[1], new(SubjectId))


def test_nobody_is_merged_into_somebody_erased(bank: Lender) -> None:
    """An erased person takes nobody in."""
    erase(bank.workspace, bank.tokens["dpo"], bank.people[2])
    with pytest.raises((NotFound, NotInThisState)):
        merge(bank.workspace, bank.tokens["dpo"], bank.people[1], bank.people[2])


def test_merges_never_run_in_a_circle(bank: Lender) -> None:
    """Of two people merged into one another there is still one to whom look-ups lead."""
    one, two, dpo = bank.people[1], bank.people[2], bank.tokens["dpo"]
    merge(bank.workspace, dpo, one, two)
    with pytest.raises(NotInThisState):
        merge(bank.workspace, dpo, two, one)


def test_a_look_up_follows_a_merge_to_its_end(bank: Lender) -> None:
    """Merged into somebody who was merged themselves, a person is found as the last of the line."""
    one, two, three, dpo = bank.people[1], bank.people[2], bank.people[3], bank.tokens["dpo"]
    merge(bank.workspace, dpo, one, two)
    merge(bank.workspace, dpo, two, three)
    assert bank.find(1) == bank.find(2) == [three]


def test_erasing_a_person_erases_what_was_merged_into_them(bank: Lender) -> None:
    """Two records that are one person go together: after the erasure neither opens and neither is found."""
    one, two, dpo = bank.people[1], bank.people[2], bank.tokens["dpo"]
    merge(bank.workspace, dpo, one, two)
    erase(bank.workspace, dpo, two)
    assert bank.find(1) == bank.find(2) == []
    assert bank.is_gone(two)
    assert bank.is_gone(one)


def test_a_merged_person_can_be_erased(bank: Lender) -> None:
    """A merge never stands between a person and their erasure."""
    one, two, dpo = bank.people[1], bank.people[2], bank.tokens["dpo"]
    merge(bank.workspace, dpo, one, two)
    erase(bank.workspace, dpo, one)
    assert bank.is_gone(one)


def states(bank: Lender, *numbers: int) -> list[str]:
    """Return where people stand."""
    return bank.workspace.data.read(
        lambda records: [
            resolve_subject(bank.workspace, records, bank.people[number])[1].state.value for number in numbers
        ]
    )


def test_a_freeze_reaches_every_record_of_the_person(bank: Lender) -> None:
    """What was merged into somebody, at any distance, is as frozen as they are; others are not; a release ends it."""
    one, two, three, dpo = bank.people[1], bank.people[2], bank.people[3], bank.tokens["dpo"]
    merge(bank.workspace, dpo, one, two)
    merge(bank.workspace, dpo, two, three)
    assert bank.masked(one)[one]
    freeze(bank.workspace, dpo, three)
    for who in (one, two, three):
        with pytest.raises(Refused) as refusal:
            bank.masked(who)
        assert refusal.value.reasons[0][0] == "CN-PIPL-47-2-FROZEN"
        wish = bank.wish(who, purpose="rights.answer", items=WHO)
        assert set(disclose(bank.workspace, bank.tokens["rights_desk"], wish).values[who]) == WHO
    assert bank.masked(bank.people[4])
    release(bank.workspace, dpo, three)
    assert bank.masked(one)[one]


@pytest.mark.parametrize("asked", [1, 2])
def test_erasing_a_part_leaves_a_merge_in_place(bank: Lender, asked: int) -> None:
    """Whichever of two merged records is asked, the part goes, they stay one person, and the merge can be undone."""
    one, two, dpo = bank.people[1], bank.people[2], bank.tokens["dpo"]
    merge(bank.workspace, dpo, one, two)
    erase(bank.workspace, dpo, bank.people[asked], {"loan.file"})
    assert bank.raw(bank.people[asked]) == {}
    assert bank.raw(one) == {}
    assert states(bank, 1, 2) == ["merged", "active"]
    assert bank.find(1) == bank.find(2) == [two]
    assert verify_ledger(bank.workspace).flaws == []
    erase(bank.workspace, dpo, two)
    assert bank.is_gone(one)
    assert bank.is_gone(two)


def test_person_of_walks_to_the_end(bank: Lender) -> None:
    """A person is their record and, after it, those into which it was merged; nobody is not found."""
    one, two, three, dpo = bank.people[1], bank.people[2], bank.people[3], bank.tokens["dpo"]
    merge(bank.workspace, dpo, one, two)
    merge(bank.workspace, dpo, two, three)
    read = bank.workspace.data.read
    assert [known.subject for known in read(lambda records: person_of(bank.workspace, records, one))] == [
        one,
        two,
        three,
    ]
    assert [known.subject for known in read(lambda records: person_of(bank.workspace, records, three))] == [three]
    with pytest.raises(NotFound):
        read(lambda records: person_of(bank.workspace, records, new(SubjectId)))
