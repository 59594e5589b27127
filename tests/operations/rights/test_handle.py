from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from shouxin.domain.clock import DAY, local_date
from shouxin.domain.identifiers import OperationId, RightId, new
from shouxin.errors import Invalid, NotInThisState, Refused
from shouxin.operations.erasing.erase import erase
from shouxin.operations.rights.answer import Said, fulfil
from shouxin.operations.rights.handle import (
    end_clock,
    extend_clock,
    get_right,
    identify_filer,
    link_work,
    list_rights,
    pass_up_overdue,
    pause_clock,
    resume_clock,
    take_on,
    withdraw_right,
)
from shouxin.policy.clock_transitions import ClockState
from shouxin.rights.kinds import Assurance, RightKind
from shouxin.rights.request import ClockEnd
from shouxin.rights.transitions import RightState
from tests import recorded
from tests.operations.portfolio import Hands, Lender
from tests.operations.rights.counter import SHOWN, again, counter, files, handled
from tests.workspaces import audited

FOUR_HOURS = "CN-INC-4-PROVINCE"
OBJECTION = "CN-CRR-25-2-ANSWER"
COMPLEX = "CN-COMPL-COMPLEX"


def _due(bank: Lender, role: str, right: RightId) -> int:
    """By when a complex complaint is to be answered."""
    found = get_right(bank.workspace, again(bank, role), right).deadlines
    (due,) = [one.due for one in found if one.rule.id == COMPLEX]
    assert due is not None
    return due


def test_who_asks_is_identified_before_anything_is_done(tmp_path: Path) -> None:
    """Taking it on needs the check, and the check needs to be as good as the kind asks."""
    bank = counter(tmp_path)
    bank.take([1])
    desk = bank.tokens["rights_desk"]
    right = files(bank, RightKind.DELETE, bank.people[1])
    with pytest.raises(NotInThisState):
        take_on(bank.workspace, desk, right)
    with pytest.raises(Refused):
        identify_filer(bank.workspace, desk, right, Assurance.MATCHED, ["two-identifiers"], SHOWN)
    checked = identify_filer(bank.workspace, desk, right, Assurance.PROVEN, ["id-document"], SHOWN)
    assert checked.check is not None
    assert checked.check.means == ("id-document",)
    assert take_on(bank.workspace, desk, right).state is RightState.IN_PROGRESS
    with pytest.raises(Refused):
        take_on(bank.workspace, bank.tokens["analyst"], right)


def test_nobody_is_proven_by_a_word(tmp_path: Path) -> None:
    """A means that is not in the list, and one that shows less than is said, identify nobody."""
    bank = counter(tmp_path)
    bank.take([1])
    desk = bank.tokens["rights_desk"]
    right = files(bank, RightKind.DELETE, bank.people[1])
    with pytest.raises(Invalid, match="id-document"):
        identify_filer(bank.workspace, desk, right, Assurance.PROVEN, ["hearsay"], SHOWN)
    with pytest.raises(Refused, match="proven"):
        identify_filer(bank.workspace, desk, right, Assurance.PROVEN, ["call-back", "two-identifiers"], SHOWN)
    with pytest.raises(NotInThisState):
        take_on(bank.workspace, desk, right)


def test_a_withdrawn_request_has_no_clock_that_runs(tmp_path: Path) -> None:
    """Whoever looks at it sees that nothing hurries; what had run out before stays missed."""
    hands = Hands()
    bank = counter(tmp_path, hands)
    bank.take([1])
    soon = files(bank, RightKind.RESTRICT, bank.people[1])
    late = files(bank, RightKind.OBJECT_CREDIT, bank.people[1], "employment.job")
    withdraw_right(bank.workspace, bank.tokens["rights_desk"], soon)
    due = get_right(bank.workspace, bank.tokens["dpo"], late).deadlines[0].due
    assert due is not None
    hands.at = due + 1
    withdraw_right(bank.workspace, again(bank, "rights_desk"), late)
    dpo = again(bank, "dpo")
    states = {one: {clock.state for clock in get_right(bank.workspace, dpo, one).deadlines} for one in (soon, late)}
    assert states[soon] == {ClockState.MET}
    assert ClockState.MISSED in states[late]
    assert ClockState.RUNNING not in states[late]
    assert get_right(bank.workspace, dpo, late).missed == (OBJECTION,)


def test_nobody_is_proven_by_nothing(tmp_path: Path) -> None:
    """Matched or proven means by something, that can be shown later; an empty file shows nothing."""
    bank = counter(tmp_path)
    bank.take([1])
    desk = bank.tokens["rights_desk"]
    right = files(bank, RightKind.COPY, bank.people[1])
    empty = hashlib.sha256(b"").digest()
    for means, evidence in (((), SHOWN), (("id-document",), b""), (("id-document",), empty)):
        for level in (Assurance.MATCHED, Assurance.PROVEN):
            with pytest.raises(Invalid):
                identify_filer(bank.workspace, desk, right, level, means, evidence)
    with pytest.raises(NotInThisState):
        take_on(bank.workspace, desk, right)


def test_a_complaint_needs_no_name(tmp_path: Path) -> None:
    """Anybody may complain: taking it on needs no check before."""
    bank = counter(tmp_path)
    right = files(bank, RightKind.COMPLAIN, None)
    assert take_on(bank.workspace, bank.tokens["rights_desk"], right).state is RightState.IN_PROGRESS


def test_no_deadline_passes_in_silence(tmp_path: Path) -> None:
    """After twenty days it stands first and named, is passed up once with its rule, and is late when it is answered."""
    hands = Hands()
    bank = counter(tmp_path, hands)
    bank.take([1])
    desk, dpo = bank.tokens["rights_desk"], bank.tokens["dpo"]
    right = files(bank, RightKind.OBJECT_CREDIT, bank.people[1], "employment.job")
    later = files(bank, RightKind.RESTRICT, bank.people[1])
    due = get_right(bank.workspace, desk, right).deadlines[0].due
    assert due is not None
    started = get_right(bank.workspace, desk, right).request.received
    assert (local_date(due) - local_date(started)).days == 20
    assert pass_up_overdue(bank.workspace, desk) == []
    hands.at = due + 1
    desk, dpo = again(bank, "rights_desk"), again(bank, "dpo")
    listed = list_rights(bank.workspace, desk)
    assert [(one.right, one.missed) for one in listed] == [(right, (OBJECTION,)), (later, ())]
    (passed,) = pass_up_overdue(bank.workspace, desk)
    assert (passed.right, passed.request.desk, passed.request.told) == (right, 1, (OBJECTION,))
    assert pass_up_overdue(bank.workspace, desk) == []
    identify_filer(bank.workspace, desk, right, Assurance.PROVEN, ["id-document"], SHOWN)
    with pytest.raises(Refused):
        take_on(bank.workspace, desk, right)
    take_on(bank.workspace, dpo, right)
    assert get_right(bank.workspace, dpo, right).missed == (OBJECTION,)
    assert audited(bank.workspace).flaws == []


def test_a_clock_is_moved_only_by_a_rule_that_may(tmp_path: Path) -> None:
    """What decides is stopped by nothing that advises; no rule lengthens it; a complaint's is lengthened once."""
    bank = counter(tmp_path)
    bank.take([1])
    desk, dpo = bank.tokens["rights_desk"], bank.tokens["dpo"]
    objection = files(bank, RightKind.OBJECT_CREDIT, bank.people[1], "employment.job")
    with pytest.raises(Refused):
        pause_clock(bank.workspace, desk, objection, OBJECTION, "CN-COMPL-MATERIAL")
    with pytest.raises(Refused):
        extend_clock(bank.workspace, dpo, objection, OBJECTION)
    with pytest.raises(Invalid):
        pause_clock(bank.workspace, desk, objection, COMPLEX, "CN-COMPL-MATERIAL")
    complaint = files(bank, RightKind.COMPLAIN, None, is_complex=True)
    before = _due(bank, "rights_desk", complaint)
    with pytest.raises(Refused):
        extend_clock(bank.workspace, desk, complaint, COMPLEX)
    extend_clock(bank.workspace, dpo, complaint, COMPLEX)
    after = _due(bank, "rights_desk", complaint)
    assert after == before + 30 * DAY
    with pytest.raises(Refused):
        extend_clock(bank.workspace, dpo, complaint, COMPLEX)


def test_a_clock_that_stood_runs_on_with_the_time_added(tmp_path: Path) -> None:
    """Three days of standing are three days more; a clock that stands is not missed."""
    hands = Hands()
    bank = counter(tmp_path, hands)
    right = files(bank, RightKind.COMPLAIN, None, is_complex=True)
    before = _due(bank, "dpo", right)
    pause_clock(bank.workspace, bank.tokens["dpo"], right, COMPLEX, "CN-COMPL-MATERIAL")
    hands.on(days=3)
    resume_clock(bank.workspace, again(bank, "dpo"), right, COMPLEX)
    after = _due(bank, "dpo", right)
    assert after == before + 3 * DAY
    with pytest.raises(NotInThisState):
        resume_clock(bank.workspace, again(bank, "dpo"), right, COMPLEX)


def test_the_four_hours_of_a_leak_end_when_the_authority_was_told(tmp_path: Path) -> None:
    """Met within them it is never overdue, though the answer takes days; the other clocks run on; once only."""
    hands = Hands()
    bank = counter(tmp_path, hands)
    desk, dpo = bank.tokens["rights_desk"], bank.tokens["dpo"]
    right = files(bank, RightKind.REPORT_LEAK, None)
    with pytest.raises(Invalid):
        end_clock(bank.workspace, desk, right, FOUR_HOURS, ClockEnd.DONE, b"")
    with pytest.raises(Refused):
        end_clock(bank.workspace, desk, right, FOUR_HOURS, ClockEnd.NOT_OWED, SHOWN)
    hands.on(hours=3)
    end_clock(bank.workspace, dpo, right, FOUR_HOURS, ClockEnd.DONE, SHOWN)
    with pytest.raises(NotInThisState):
        end_clock(bank.workspace, dpo, right, FOUR_HOURS, ClockEnd.NOT_OWED, SHOWN)
    hands.on(hours=2)
    owed = get_right(bank.workspace, again(bank, "dpo"), right)
    states = {one.rule.id: one.state for one in owed.deadlines}
    assert (states[FOUR_HOURS], owed.missed, owed.request.state.owed) == (ClockState.MET, (), True)
    assert {rule for rule, state in states.items() if state is ClockState.RUNNING} >= {"CN-COMPL-SIMPLE"}
    assert pass_up_overdue(bank.workspace, again(bank, "dpo")) == []
    assert audited(bank.workspace).flaws == []


def test_four_hours_that_have_run_out_stay_missed(tmp_path: Path) -> None:
    """A lesser grade found after five hours ends the clock and hides nothing; another rule has no clock here."""
    hands = Hands()
    bank = counter(tmp_path, hands)
    right = files(bank, RightKind.REPORT_LEAK, None)
    hands.on(hours=5)
    dpo = again(bank, "dpo")
    end_clock(bank.workspace, dpo, right, FOUR_HOURS, ClockEnd.NOT_OWED, SHOWN)
    owed = get_right(bank.workspace, dpo, right)
    assert owed.missed == (FOUR_HOURS,)
    (clock,) = [one for one in owed.request.clocks if one.rule == FOUR_HOURS]
    assert (clock.ended, clock.shown) == ("not-owed", SHOWN)
    with pytest.raises(Invalid):
        end_clock(bank.workspace, dpo, right, OBJECTION, ClockEnd.DONE, SHOWN)


def test_a_deletion_is_linked_to_what_does_it(tmp_path: Path) -> None:
    """Once, while it is handled; it is called done when what it names is an erasure of this person that is."""
    bank = counter(tmp_path)
    bank.take([1, 2])
    dpo = bank.tokens["dpo"]
    right = handled(bank, files(bank, RightKind.DELETE, bank.people[1]))
    with pytest.raises(NotInThisState):
        fulfil(bank.workspace, dpo, right, Said(done=("erased",)))
    nothing = handled(bank, files(bank, RightKind.CLOSE_ACCOUNT, bank.people[2]))
    link_work(bank.workspace, dpo, nothing, new(OperationId))
    with pytest.raises(NotInThisState):
        fulfil(bank.workspace, dpo, nothing, Said(done=("erased",)))
    work, _ = erase(bank.workspace, dpo, bank.people[1])
    assert link_work(bank.workspace, dpo, right, work).work == work
    link_work(bank.workspace, dpo, right, work)
    with pytest.raises(Invalid):
        link_work(bank.workspace, dpo, right, new(OperationId))
    said = Said(done=("loan.file",), left=("customer.file",), reasons=("CN-AML-34-3-IDENTITY",))
    after = fulfil(bank.workspace, dpo, right, said)
    assert after.state is RightState.FULFILLED_IN_PART
    assert after.answer is not None
    assert after.answer.reasons == (("CN-AML-34-3-IDENTITY", "AML 34(3)"),)


def test_the_record_names_nobody_and_no_request(tmp_path: Path) -> None:
    """The log has the kind and the state; neither the person nor the identifier of what they asked."""
    bank = counter(tmp_path)
    bank.take([1])
    right = files(bank, RightKind.RESTRICT, bank.people[1])
    withdraw_right(bank.workspace, bank.tokens["dpo"], right)
    bodies = recorded.bodies(bank.workspace)
    told = [body for body in bodies if b'"right.' in body]
    assert [b'"right":"restrict"' in body for body in told] == [True, False]
    assert not any(one.hex().encode() in body for one in (right, bank.people[1]) for body in bodies)
