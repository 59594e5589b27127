from __future__ import annotations

from pathlib import Path

import pytest

from shouxin.actors.person_pass import Pass, PassCode
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.identifiers import OperationId, SubjectId, new
from shouxin.errors import Invalid, NotFound, NotSignedIn, Refused, Tampered
from shouxin.operations.acting import begin
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.erasing.erase import erase
from shouxin.operations.person_page import enter_pass, issue_pass, person_certificate, person_seen
from shouxin.operations.recovery.stale import _SAFE
from shouxin.rights.kinds import RightKind
from shouxin.vault.certificate import check
from tests.operations.portfolio import Hands, Lender
from tests.operations.rights.counter import counter, files


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """A lender with a counter, and two people."""
    made = counter(tmp_path, Hands())
    made.take([1, 2])
    return made


def let_in(bank: Lender, number: int, minutes: int = 30) -> PassCode:
    """A pass that was entered."""
    code, _ = issue_pass(bank.workspace, bank.tokens["rights_desk"], bank.people[number], minutes)
    enter_pass(bank.workspace, code)
    return code


def test_a_person_sees_their_own_and_nobody_elses(bank: Lender) -> None:
    """Requests with their clocks, openings with their proofs, erasures: of this person only."""
    files(bank, RightKind.OBJECT_CREDIT, bank.people[1], "employment.job")
    files(bank, RightKind.COPY, bank.people[2])
    bank.masked(bank.people[1])
    seen = person_seen(bank.workspace, let_in(bank, 1))
    assert seen.subject == bank.people[1]
    [(request, clocks)] = seen.requests
    assert request.kind is RightKind.OBJECT_CREDIT
    assert any(clock.decides and clock.due is not None for clock in clocks)
    assert seen.openings is not None
    assert [one.event.kind.value for one in seen.openings] == ["look-up.made", "disclosure.made"]
    assert {one.subject for one in seen.openings} == {bank.people[1]}
    assert "customer.file" in seen.purposes


def test_a_pass_is_entered_once_and_before_anything_is_seen(bank: Lender) -> None:
    """Looking without entering, entering twice, looking when it is over: each is refused in the same kind."""
    code, until = issue_pass(bank.workspace, bank.tokens["dpo"], bank.people[1], 10)
    with pytest.raises(NotSignedIn):
        person_seen(bank.workspace, code)
    assert enter_pass(bank.workspace, code) == until
    with pytest.raises(NotSignedIn):
        enter_pass(bank.workspace, code)
    assert isinstance(bank.workspace.clock, Hands)
    bank.workspace.clock.on(minutes=9)
    person_seen(bank.workspace, code)
    bank.workspace.clock.on(minutes=1)
    for step in (person_seen, enter_pass):
        with pytest.raises(NotSignedIn):
            step(bank.workspace, code)


def test_the_desk_issues_passes_and_nobody_else(bank: Lender) -> None:
    """For people who are there, and for a day at most."""
    for role in ("analyst", "approver", "operator", "auditor"):
        with pytest.raises(Refused):
            issue_pass(bank.workspace, bank.tokens[role], bank.people[1])
    with pytest.raises(NotFound):
        issue_pass(bank.workspace, bank.tokens["dpo"], new(SubjectId))
    for minutes in (0, 1441):
        with pytest.raises(Invalid):
            issue_pass(bank.workspace, bank.tokens["dpo"], bank.people[1], minutes)


def test_a_certificate_is_handed_out_to_its_person_only(bank: Lender) -> None:
    """After an erasure the page still opens, and the certificate holds; by another's pass it is not found."""
    operation, _ = erase(bank.workspace, bank.tokens["dpo"], bank.people[1])
    mine, other = let_in(bank, 1), let_in(bank, 2)
    assert [one[0] for one in person_seen(bank.workspace, mine).erasures] == [operation]
    document = person_certificate(bank.workspace, mine, operation)
    assert check(document, bank.workspace.head.verifier).outcome == document["outcome"]
    assert person_seen(bank.workspace, other).erasures == ()
    for code, wanted in ((other, operation), (mine, new(OperationId))):
        with pytest.raises(NotFound):
            person_certificate(bank.workspace, code, wanted)


def test_a_forged_pass_is_seen(bank: Lender) -> None:
    """Somebody who can write rows makes an entered pass look fresh: stop."""
    code = let_in(bank, 1)
    with bank.workspace.data._engine.begin() as connection:  # type: ignore[attr-defined]
        connection.exec_driver_sql("UPDATE passes SET body = replace(body, ?, ?)", ('"used":', '"user":'))
    with pytest.raises(Tampered):
        person_seen(bank.workspace, code)


def test_passes_leave_a_ledger_that_verifies_and_end_with_a_restore(bank: Lender) -> None:
    """Every version of the row stands in an event; what a backup would revive is ended."""
    code = let_in(bank, 1)
    assert verify_ledger(bank.workspace).flaws == []

    def ended(records: object) -> object:
        act = begin(bank.workspace, records, bank.tokens["dpo"])  # type: ignore[arg-type]
        row = records.authority.get(AuthorityKind.PASS, bytes.fromhex(code[4:36]))  # type: ignore[attr-defined]
        return _SAFE[AuthorityKind.PASS](bank.workspace, row, act)

    value = bank.workspace.data.read(ended)
    assert isinstance(value, Pass)
    assert value.ended
