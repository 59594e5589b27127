"""No return: of a part, of what was due, after a restore; and in again by the desk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from shouxin.approvals.order import Ground
from shouxin.bootstrap import restore_workspace
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.identifiers import SubjectId
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import NotFound
from shouxin.operations.auditing.publish import publish
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.certifying.certify import certificate
from shouxin.operations.collecting.collect import collect, source_digest
from shouxin.operations.collecting.intake import Collected
from shouxin.operations.collecting.kept_out import SUPPRESSED
from shouxin.operations.deletion.draft import Wanted
from shouxin.operations.deletion.progress import progress_of
from shouxin.operations.deletion.withdraw import withdraw_consent
from shouxin.operations.erasing.suppression import Suppression, readmit
from shouxin.operations.recovery.backup import back_up, reconcile
from shouxin.operations.subjects import release
from tests.operations.deletion.house import House, house
from tests.operations.portfolio import CARD_NUMBER, ID_NUMBER, JOB, MOBILE, PLAN, record, values_of
from tests.workspaces import signed_in

ROLES: Final = ("rights_desk", "approver", "analyst", "dpo", "collector", "operator", "credit_officer")
# One number of the standard's own example, in its two lengths.
_LONG: Final = "11010519491231002X"
_SHORT: Final = "110105491231002"


def _tonight(home: House, *numbers: int, customer: bool = False, night: bytes = b"tonight") -> Collected:
    lines = [record(line, number, customer=customer) for line, number in enumerate(numbers, 1)]
    bank = home.bank
    return collect(bank.workspace, bank.tokens["collector"], PLAN, lines, place=source_digest("core", night))


def _ordered(home: House, who: SubjectId, *purposes: str) -> dict[str, object]:
    order_id = home.cooled(home.wanted(who, purposes=frozenset(purposes)))
    home.executed(order_id)
    (operation,) = progress_of(home.bank.workspace, home.bank.tokens["dpo"], order_id).operations
    return certificate(home.bank.workspace, home.bank.tokens["dpo"], operation)


def test_a_part_that_was_erased_does_not_come_back_and_the_rest_goes_on(tmp_path: Path) -> None:
    """Tonight's file brings the loan file again: it is left out. The customer file of the same line is taken in."""
    home = house(tmp_path)
    home.bank.take([1, 2], customer=False)
    said = _ordered(home, home.bank.people[1], "loan.file")
    assert said["suppression"] is not None
    done = _tonight(home, 1, 2)
    assert (done.taken, done.aside) == (2, [])
    assert done.dropped == {CARD_NUMBER: 1, JOB: 1}
    assert home.bank.raw(home.bank.people[1]) == {}
    assert set(home.bank.raw(home.bank.people[2])) == {CARD_NUMBER, JOB}
    assert home.bank.find(1) == [home.bank.people[1]]
    assert verify_ledger(home.bank.workspace).flaws == []


def test_what_a_law_keeps_gets_no_second_copy_in_use(tmp_path: Path) -> None:
    """The contract stays under its floor, stored only: tonight's file may not make another that is used."""
    home = house(tmp_path)
    home.bank.take([1])
    _ordered(home, home.bank.people[1], "loan.file")
    done = _tonight(home, 1, customer=True)
    assert done.dropped == {CARD_NUMBER: 1, JOB: 1}


def test_whoever_is_let_in_again_brings_the_part_too(tmp_path: Path) -> None:
    """One word of the desk by one of their numbers lifts what stands for that number; they are known by it alone."""
    home = house(tmp_path)
    home.bank.take([1], customer=False)
    _ordered(home, home.bank.people[1], "loan.file")
    readmit(home.bank.workspace, home.desk, ID_NUMBER, values_of(1)[ID_NUMBER])
    assert _tonight(home, 1).dropped == {}
    assert set(home.bank.raw(home.bank.people[1])) == {CARD_NUMBER, JOB}
    with pytest.raises(NotFound):
        readmit(home.bank.workspace, home.desk, ID_NUMBER, values_of(1)[ID_NUMBER])


def test_of_whom_nothing_is_left_keeps_out_whole(tmp_path: Path) -> None:
    """An order of what is due, and one of every purpose by name, end like one of everything: set aside unsealed."""
    home = house(tmp_path)
    home.bank.take([1, 2], customer=False)
    _ordered(home, home.bank.people[2], "loan.file", "customer.file")
    home.clock.on(days=3700)
    again = home.bank.reopened(home.clock)
    again.tokens |= {role: signed_in(again.workspace, role) for role in ROLES}
    home.bank = again
    home.executed(home.cooled(Wanted((home.bank.people[1],), Ground.EXPIRED, due=True)))
    done = _tonight(home, 1)
    assert (done.taken, [one.reason for one in done.aside]) == (0, [SUPPRESSED])


@pytest.mark.parametrize(("erased", "comes"), [(_LONG, _SHORT), (_SHORT, _LONG)])
def test_the_other_length_of_an_identity_number_keeps_out_too(tmp_path: Path, erased: str, comes: str) -> None:
    """Erased under 18 digits, they come with 15, or the other way round; let in under either, they come."""
    home = house(tmp_path)
    workspace, desk, collector = home.bank.workspace, home.desk, home.bank.tokens["collector"]

    def taken(number: str, night: bytes) -> Collected:
        made = record(1, 1, customer=False)
        person = replace(made.person, values={**made.person.values, ID_NUMBER: Plaintext.of(number)})
        line = replace(made, person=person)
        return collect(workspace, collector, PLAN, [line], place=source_digest("core", night))

    assert taken(erased, b"first").taken == 1
    (who,) = home.bank.look_up(ID_NUMBER, Plaintext.of(erased))
    home.executed(home.cooled(home.wanted(who)))
    assert [one.reason for one in taken(comes, b"second").aside] == [SUPPRESSED]
    readmit(workspace, desk, ID_NUMBER, Plaintext.of(comes))
    assert taken(comes, b"third").taken == 1


def test_every_purpose_by_name_keeps_out_whole(tmp_path: Path) -> None:
    """An order that names all that is kept leaves nobody: their line is set aside unsealed."""
    home = house(tmp_path)
    home.bank.take([1], customer=False)
    _ordered(home, home.bank.people[1], "loan.file", "customer.file")
    done = _tonight(home, 1)
    assert (done.taken, [one.reason for one in done.aside]) == (0, [SUPPRESSED])


def test_a_consent_that_was_taken_back_sets_no_tag_while_something_is_left(tmp_path: Path) -> None:
    """Their "no" stands by itself, and a new "yes" would."""
    home = house(tmp_path)
    home.bank.take([1])
    home.bank.film(home.bank.people[1])
    withdraw_consent(home.bank.workspace, home.desk, home.bank.people[1], "interview.video")
    rows = home.bank.workspace.data.read(lambda records: records.authority.find(AuthorityKind.SUPPRESSION))
    assert rows == []


def test_a_restore_keeps_out_who_was_erased_and_lets_in_who_was_let_in(tmp_path: Path) -> None:
    """From a backup before both: under the card that says so, of a part and of the whole; who was let in stays in."""
    home = house(tmp_path)
    home.bank.take([1, 2, 3], customer=False)
    back_up(home.bank.workspace, home.bank.tokens["operator"], tmp_path / "backup")
    _ordered(home, home.bank.people[1], "loan.file")
    for number in (2, 3):
        home.executed(home.cooled(home.wanted(home.bank.people[number])))
    for item in (ID_NUMBER, MOBILE):
        readmit(home.bank.workspace, home.desk, item, values_of(3)[item])
    publish(home.bank.workspace, home.bank.tokens["operator"])
    home.bank.workspace.close()
    restored, _ = restore_workspace(home.bank.home, tmp_path / "backup", clock=home.clock)
    reconcile(restored, home.bank.tokens["operator"])
    home.bank.workspace = restored
    home.bank.tokens |= {role: signed_in(restored, role) for role in ROLES}
    release(restored, home.bank.tokens["dpo"], home.bank.people[1])  # frozen by the restore, until somebody looked
    rows = restored.data.read(lambda records: records.authority.find(AuthorityKind.SUPPRESSION))
    assert {one.purpose for one in restored.notary.read_all(rows, Suppression)} == {"no.return"}
    done = _tonight(home, 1, 2, 3)
    assert [(one.line, one.reason) for one in done.aside] == [(2, SUPPRESSED)]
    assert done.dropped == {CARD_NUMBER: 1, JOB: 1}
    assert done.taken == 2
