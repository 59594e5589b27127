from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest

from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import RightId, new
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid, NotFound, Refused
from shouxin.operations.account_for import account_for
from shouxin.operations.erasing.erase import erase
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.rights.evidence import STATEMENT
from shouxin.operations.rights.handle import get_right, withdraw_right
from shouxin.operations.rights.receive import RightFiling, find_person, hand_in, receive
from shouxin.operations.subjects import freeze, merge
from shouxin.rights.kinds import Capacity, RightKind
from shouxin.vault.erasure import Outcome
from tests import recorded
from tests.operations.portfolio import ID_NUMBER, MOBILE, Lender, contact_of, values_of
from tests.operations.rights.counter import WROTE, counter, files
from tests.workspaces import audited


def _said(bank: Lender, right: RightId) -> list[str]:
    """What lies sealed as evidence of a request, opened as the rights desk may."""
    desk = bank.tokens["rights_desk"]
    request = get_right(bank.workspace, desk, right).request
    wish = bank.wish(request.filer, purpose="rights.evidence", items={STATEMENT}, form="raw")
    values = disclose(bank.workspace, desk, wish).values
    return [value.text() for of in values.values() for value in of.values() if isinstance(value, Plaintext)]


def test_what_is_asked_is_sealed_recorded_and_hurries(tmp_path: Path) -> None:
    """The words open through the door only, no file holds them, and every clock of the kind runs from the receipt."""
    bank = counter(tmp_path)
    bank.take([1])
    right = files(bank, RightKind.ACCESS, bank.people[1])
    owed = get_right(bank.workspace, bank.tokens["rights_desk"], right)
    assert _said(bank, right) == [WROTE]
    (piece,) = owed.request.evidence
    assert (piece.subject, piece.item, len(piece.sealed)) == (bank.people[1], STATEMENT, 32)
    assert {one.rule.id for one in owed.deadlines} >= {"CN-PIPL-45-2-INTIME", "CN-GBT35273-ANSWER"}
    assert {one.started for one in owed.deadlines} == {owed.request.received}
    held = [path.read_bytes() for path in bank.home.rglob("*") if path.is_file()]
    assert not any(WROTE.encode() in content for content in held)
    assert any(bytes(right) in content for content in held)
    assert any(b64encode(piece.sealed) in content for content in held)  # as the request's row has it
    cells = bank.workspace.data.read(lambda records: list(records.cells.cells_of([bank.people[1]])))
    (lies,) = [row.sealed for row in cells if row.cell == piece.cell]
    assert any(lies in content for content in held)
    assert sha256(lies).digest() == piece.sealed
    (event,) = recorded.events(bank.workspace, EventKind.RIGHT_RECEIVED)
    assert event.facts["sealed"] == sha256(piece.sealed).hexdigest()
    assert audited(bank.workspace).flaws == []


def test_the_same_asked_again_is_one_matter(tmp_path: Path) -> None:
    """It is joined, with what was written the second time; a narrower wish as well; once answered it is a new one."""
    bank = counter(tmp_path)
    bank.take([1, 2])
    first = files(bank, RightKind.CORRECT, bank.people[1])
    assert files(bank, RightKind.CORRECT, bank.people[1], "employment.job", wrote="又一次") == first
    request = get_right(bank.workspace, bank.tokens["dpo"], first).request
    assert (request.joined, len(request.evidence)) == (1, 2)
    assert files(bank, RightKind.CORRECT, bank.people[2]) != first
    assert files(bank, RightKind.ACCESS, bank.people[1]) != first
    withdraw_right(bank.workspace, bank.tokens["dpo"], first)
    assert files(bank, RightKind.CORRECT, bank.people[1]) != first


def test_two_complaints_are_two_matters(tmp_path: Path) -> None:
    """Nobody's second complaint disappears in the first; one that is filed again under its identifier is the same."""
    bank = counter(tmp_path)
    bank.take([1])
    chosen = new(RightId)
    assert {files(bank, RightKind.COMPLAIN, None, right=chosen) for _ in range(2)} == {chosen}
    assert files(bank, RightKind.COMPLAIN, bank.people[1]) != files(bank, RightKind.COMPLAIN, bank.people[1])


def test_somebody_is_found_by_any_identifier_and_as_a_contact(tmp_path: Path) -> None:
    """Every look-up is recorded for whom it found; who is nobody's is not found."""
    bank = counter(tmp_path)
    bank.take([1], contact=True)
    desk = bank.tokens["rights_desk"]
    (contact,) = bank.find_contact(1)
    mine = values_of(1)
    both = find_person(bank.workspace, desk, {ID_NUMBER: mine[ID_NUMBER], MOBILE: mine[MOBILE]})
    assert both == {bank.people[1]: 2}
    before = len(account_for(bank.workspace, desk, contact))
    number = contact_of(1)[0].values[ItemCode("emergency.mobile")]
    assert find_person(bank.workspace, desk, {MOBILE: number}) == {contact: 1}
    assert len(account_for(bank.workspace, desk, contact)) == before + 1
    assert find_person(bank.workspace, desk, {MOBILE: Plaintext.of("13000000000")}) == {}
    with pytest.raises(Invalid):
        find_person(bank.workspace, desk, {ItemCode("employment.job"): mine[ID_NUMBER]})
    with pytest.raises(Refused):
        find_person(bank.workspace, bank.tokens["analyst"], {MOBILE: number})


def test_a_contact_and_a_stranger_can_file(tmp_path: Path) -> None:
    """A contact asks about their own data; a complainant of whom nothing was kept is kept as evidence only."""
    bank = counter(tmp_path)
    bank.take([1], contact=True)
    (contact,) = bank.find_contact(1)
    assert (
        get_right(bank.workspace, bank.tokens["dpo"], files(bank, RightKind.DELETE, contact)).request.filer == contact
    )
    right = files(bank, RightKind.REPORT_LEAK, None, capacity=Capacity.ANYBODY, evidence=(b"\x89PNG\xff",))
    request = get_right(bank.workspace, bank.tokens["dpo"], right).request
    assert request.subject == request.filer
    assert request.filer not in {*bank.people.values(), contact}
    assert [one.item for one in request.evidence] == ["rights.statement", "rights.evidence"]
    assert _said(bank, right) == [WROTE]
    assert audited(bank.workspace).flaws == []


def test_a_relative_files_under_a_key_of_their_own(tmp_path: Path) -> None:
    """What they wrote is theirs; the request is about the dead."""
    bank = counter(tmp_path)
    bank.take([1])
    right = files(bank, RightKind.ACCESS, bank.people[1], capacity=Capacity.RELATIVE)
    request = get_right(bank.workspace, bank.tokens["dpo"], right).request
    assert request.subject == bank.people[1]
    assert request.filer != bank.people[1]
    assert request.evidence[0].subject == request.filer


def test_who_is_frozen_or_merged_can_file_and_who_is_erased_cannot(tmp_path: Path) -> None:
    """Storing is what a freeze allows; a merged record leads to the person; nothing is kept of the erased."""
    bank = counter(tmp_path)
    bank.take([1, 2])
    bank.take([4], customer=False)
    freeze(bank.workspace, bank.tokens["dpo"], bank.people[1])
    assert files(bank, RightKind.ACCESS, bank.people[1])
    merge(bank.workspace, bank.tokens["dpo"], bank.people[2], bank.people[4])
    merged = get_right(bank.workspace, bank.tokens["dpo"], files(bank, RightKind.ACCESS, bank.people[2]))
    assert merged.request.subject == bank.people[4]
    bank.take([5], customer=False)
    erase(bank.workspace, bank.tokens["dpo"], bank.people[5])
    with pytest.raises(NotFound):
        files(bank, RightKind.ACCESS, bank.people[5])


def test_what_was_asked_stays_when_the_person_is_erased(tmp_path: Path) -> None:
    """The evidence is retained with its article, and named so; the rest goes (PIPL 56(2), 69(1))."""
    bank = counter(tmp_path)
    bank.take([3], customer=False)
    right = files(bank, RightKind.DELETE, bank.people[3])
    _, erasure = erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
    retained = erasure.having(Outcome.RETAINED)
    assert {(part.purpose, part.article) for part in retained} == {("rights.evidence", "PIPL 56(2)")}
    assert {part.purpose for part in erasure.having(Outcome.ERASED)} == {"customer.file", "loan.file"}
    assert _said(bank, right) == [WROTE]


def test_what_nobody_can_mean_is_refused(tmp_path: Path) -> None:
    """Without a person, without words, about no known item, by another role, of an unknown person."""
    bank = counter(tmp_path)
    bank.take([1])
    with pytest.raises(Invalid):
        files(bank, RightKind.ACCESS, None)
    with pytest.raises(Invalid):
        files(bank, RightKind.COMPLAIN, bank.people[1], wrote="")
    with pytest.raises(Invalid):
        files(bank, RightKind.OBJECT_CREDIT, bank.people[1])
    with pytest.raises(Invalid):
        files(bank, RightKind.OBJECT_CREDIT, bank.people[1], "credit.histroy")
    with pytest.raises(Invalid):
        files(bank, RightKind.ACCESS, bank.people[1], is_complex=True)
    with pytest.raises(Refused):
        receive(bank.workspace, bank.tokens["analyst"], RightFiling(RightKind.ACCESS, bank.people[1], "branch"))
    with pytest.raises(NotFound):
        get_right(bank.workspace, bank.tokens["dpo"], new(RightId))


@pytest.mark.parametrize("kind", [RightKind.DELETE, RightKind.CLOSE_ACCOUNT])
def test_a_deletion_is_about_purposes_and_says_which(tmp_path: Path, kind: RightKind) -> None:
    """No order deletes an item alone: that is said at the counter, with what to say instead."""
    bank = counter(tmp_path)
    bank.take([1])
    who = bank.people[1]
    with pytest.raises(Invalid, match=r"employment\.job is kept for loan\.file\)"):
        files(bank, kind, who, "employment.job")
    with pytest.raises(Invalid, match="kept for no purpose of its own"):
        files(bank, kind, who, "loan.file", "credit.bureau_score")
    right = files(bank, kind, who, "loan.file")
    assert get_right(bank.workspace, bank.tokens["dpo"], right).request.about == ("loan.file",)
    assert files(bank, RightKind.RESTRICT, who, "employment.job")


def test_more_can_be_handed_in_while_it_is_owed(tmp_path: Path) -> None:
    """It is sealed as it comes; after the end it is refused."""
    bank = counter(tmp_path)
    bank.take([1])
    right = files(bank, RightKind.COMPLAIN, bank.people[1])
    pieces = [(ItemCode("rights.evidence"), Plaintext(b"\xff\xd8\xff"))]
    assert len(hand_in(bank.workspace, bank.tokens["rights_desk"], right, pieces).evidence) == 2
    withdraw_right(bank.workspace, bank.tokens["rights_desk"], right)
    with pytest.raises(Refused):
        hand_in(bank.workspace, bank.tokens["rights_desk"], right, pieces)


def test_the_same_from_relatives_agents_and_guardians_is_one_matter(tmp_path: Path) -> None:
    """What is asked again in one capacity joins what is owed; deleting and closing an account are one erasure."""
    bank = counter(tmp_path)
    bank.take([1, 2])
    who = bank.people[1]
    for capacity in (Capacity.RELATIVE, Capacity.AGENT, Capacity.GUARDIAN):
        first = files(bank, RightKind.DELETE, who, capacity=capacity)
        assert files(bank, RightKind.DELETE, who, capacity=capacity) == first
        assert files(bank, RightKind.DELETE, bank.people[2], capacity=capacity) != first
    first = files(bank, RightKind.DELETE, who)
    before = {one.rule for one in get_right(bank.workspace, bank.tokens["dpo"], first).request.clocks}
    assert files(bank, RightKind.CLOSE_ACCOUNT, who) == first
    request = get_right(bank.workspace, bank.tokens["dpo"], first).request
    assert request.joined == 1
    assert {one.rule for one in request.clocks} - before == {"CN-GBT35273-CLOSURE"}
    assert audited(bank.workspace).flaws == []


def test_a_report_of_a_leak_begins_the_clocks_of_an_incident(tmp_path: Path) -> None:
    """PIPL 57(1) and the four hours of INC 4 run from its receipt, beside the clocks of a complaint."""
    bank = counter(tmp_path)
    owed = get_right(bank.workspace, bank.tokens["dpo"], files(bank, RightKind.REPORT_LEAK, None))
    rules = {one.rule.id: one for one in owed.deadlines}
    assert {"CN-PIPL-57-1-NOTIFY", "CN-INC-4-PROVINCE", "CN-COMPL-SIMPLE"} <= rules.keys()
    due = rules["CN-INC-4-PROVINCE"].due
    assert due is not None
    assert due - owed.request.received == 4 * 3_600_000
    complaint = get_right(bank.workspace, bank.tokens["dpo"], files(bank, RightKind.COMPLAIN, None))
    assert "CN-INC-4-PROVINCE" not in {one.rule.id for one in complaint.deadlines}
