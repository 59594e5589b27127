"""Corrections and supplements that people ask for: done on every record, read back, and answered only then."""

from __future__ import annotations

from pathlib import Path

import pytest

from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid, NotFound, NotInThisState, Refused, Tampered
from shouxin.operations.consenting.choose import serve_notice
from shouxin.operations.correct import correct_person
from shouxin.operations.downstream.databases import switch_database
from shouxin.operations.erasing.erase import erase
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.rights import correcting
from shouxin.operations.rights.act import ObjectionFinding, restrict_everywhere_for, restrict_for, settle_objection
from shouxin.operations.rights.answer import NOTHING_MORE, Said, fulfil
from shouxin.operations.rights.correcting import correct_everywhere_for, correct_for
from shouxin.operations.rights.explain import explain_for
from shouxin.operations.rights.handle import get_right
from shouxin.operations.subjects import freeze, merge, resolve_subject
from shouxin.rights.kinds import RightKind
from shouxin.rights.transitions import RightState
from shouxin.vault.records import SubjectState
from tests import workspaces
from tests.operations.core import Core
from tests.operations.deletion.house import DELETION, NO_RETURN
from tests.operations.portfolio import CARD_NUMBER, JOB, MOBILE, Lender, card, values_of
from tests.operations.rights.counter import counter, files, handled, score, told_of_scoring
from tests.workspaces import audited

EMAIL = ItemCode("contact.email")
REPLY = Said(reply=Plaintext.of("已核查"))
TEACHER = Plaintext.of("鹿鸣教师")
PURPOSE = "data.deletion"


def _state(bank: Lender, number: int) -> SubjectState:
    return bank.workspace.data.read(lambda seen: resolve_subject(bank.workspace, seen, bank.people[number])[1].state)


def test_nothing_is_fulfilled_by_saying_so(tmp_path: Path) -> None:
    """A correction, a supplement and an explanation are fulfilled by what does them; the value is as it was."""
    bank = counter(tmp_path)
    bank.take([1])
    desk = bank.tokens["rights_desk"]
    for kind in (RightKind.CORRECT, RightKind.SUPPLEMENT, RightKind.EXPLAIN):
        right = handled(bank, files(bank, kind, bank.people[1]))
        with pytest.raises(Invalid) as caught:
            fulfil(bank.workspace, desk, right, Said(done=("employment.job",)))
        assert caught.value.place == "kind"
        assert get_right(bank.workspace, desk, right).request.state is RightState.IN_PROGRESS
    right = handled(bank, files(bank, RightKind.KNOW, bank.people[1]))
    with pytest.raises(Invalid):
        fulfil(bank.workspace, desk, right, Said())
    assert fulfil(bank.workspace, desk, right, REPLY).state is RightState.FULFILLED


def test_what_was_wrong_is_found_so_only_by_its_correction(tmp_path: Path) -> None:
    """An objection is not settled as wrong while the wrong value stands, and the mark stays."""
    bank = counter(tmp_path)
    bank.take([1])
    who, desk = bank.people[1], bank.tokens["rights_desk"]
    right = handled(bank, files(bank, RightKind.OBJECT_CREDIT, who, JOB, CARD_NUMBER))
    with pytest.raises(Invalid):
        settle_objection(bank.workspace, desk, right, ObjectionFinding.WRONG, REPLY)
    with pytest.raises(Invalid):  # the card number was found right: by which rule is it left?
        correct_for(bank.workspace, desk, right, {JOB: TEACHER}, REPLY)
    with pytest.raises(Invalid):  # and in writing
        correct_for(bank.workspace, desk, right, {JOB: TEACHER}, Said(reasons=("CN-CRR-25-2-ANSWER",)))
    assert bank.raw(who)[JOB] == values_of(1)[JOB].text()
    said = Said(reasons=("CN-CRR-25-2-ANSWER",), reply=Plaintext.of("已核查"))
    after = correct_for(bank.workspace, desk, right, {JOB: TEACHER}, said)
    assert after.answer is not None
    assert (after.answer.done, after.answer.left) == (("found-wrong", JOB), (CARD_NUMBER,))
    assert bank.raw(who)[JOB] == TEACHER.text()
    wish = bank.wish(who, purpose="loan.file", items={JOB, CARD_NUMBER})
    assert disclose(bank.workspace, bank.tokens["analyst"], wish).disputed == {who: frozenset({CARD_NUMBER})}


def test_a_correction_reaches_every_record_of_the_person(tmp_path: Path) -> None:
    """The wrong value stands on the record that was merged away as well; afterwards on neither."""
    bank = counter(tmp_path)
    bank.take([1, 2])
    merge(bank.workspace, bank.tokens["dpo"], bank.people[1], bank.people[2])
    right = handled(bank, files(bank, RightKind.CORRECT, bank.people[1], JOB))
    after = correct_for(bank.workspace, bank.tokens["rights_desk"], right, {JOB: TEACHER})
    assert after.state is RightState.FULFILLED
    assert [bank.raw(bank.people[number])[JOB] for number in (1, 2)] == [TEACHER.text()] * 2
    assert audited(bank.workspace).flaws == []


def test_a_correction_that_does_not_stand_is_not_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The read-back can fail, and then the request stays open."""
    bank = counter(tmp_path)
    bank.take([1])
    desk = bank.tokens["rights_desk"]
    right = handled(bank, files(bank, RightKind.CORRECT, bank.people[1], JOB))
    with monkeypatch.context() as patched:
        patched.setattr(correcting, "correct_person", lambda *_, **__: [JOB])
        with pytest.raises(Tampered):
            correct_for(bank.workspace, desk, right, {JOB: TEACHER})
    assert get_right(bank.workspace, desk, right).request.state is RightState.IN_PROGRESS


def test_whoever_restricted_their_data_may_have_it_put_right(tmp_path: Path) -> None:
    """PIPL 44 and 46 are both theirs: it stays frozen, and the officer's own freeze is no obstacle to the request."""
    bank = counter(tmp_path)
    bank.take([1])
    who, desk = bank.people[1], bank.tokens["rights_desk"]
    restrict_for(bank.workspace, desk, handled(bank, files(bank, RightKind.RESTRICT, who)))
    with pytest.raises(NotInThisState):
        correct_person(bank.workspace, bank.tokens["credit_officer"], who, {JOB: TEACHER})
    right = handled(bank, files(bank, RightKind.CORRECT, who, JOB))
    after = correct_for(bank.workspace, desk, right, {JOB: TEACHER})
    assert after.state is RightState.FULFILLED
    assert _state(bank, 1) is SubjectState.FROZEN
    with pytest.raises(Refused):
        bank.masked(who)


def test_what_only_a_statute_keeps_is_not_touched(tmp_path: Path) -> None:
    """What an erasure left under a floor is stored and protected only: left, with PIPL 47(2), and nothing is added."""
    bank = counter(tmp_path)
    bank.take([1, 2])
    who, desk, dpo = bank.people[1], bank.tokens["rights_desk"], bank.tokens["dpo"]
    erase(bank.workspace, dpo, who, {"loan.file"})
    right = handled(bank, files(bank, RightKind.CORRECT, who, MOBILE, CARD_NUMBER))
    new = {MOBILE: Plaintext.of("13912340000"), CARD_NUMBER: Plaintext.of("x")}
    after = correct_for(bank.workspace, desk, right, new)
    assert after.answer is not None
    assert (after.answer.done, after.answer.left) == ((MOBILE,), (CARD_NUMBER,))
    assert after.answer.reasons == (("CN-PIPL-47-2-FROZEN", "PIPL 47(2)"),)
    assert erase(bank.workspace, dpo, bank.people[2])[1].outcome == "erased-in-part"
    with pytest.raises(NotFound):
        correct_for(bank.workspace, desk, handled(bank, files(bank, RightKind.CORRECT, bank.people[2])), new)
    supplement = handled(bank, files(bank, RightKind.SUPPLEMENT, bank.people[2], JOB))
    with pytest.raises(Refused) as caught:
        correct_for(bank.workspace, desk, supplement, {JOB: TEACHER}, under="loan.file")
    assert caught.value.reasons == (("CN-PIPL-47-2-FROZEN", "PIPL 47(2)"),)


def test_a_supplement_adds_what_the_card_lets_in(tmp_path: Path) -> None:
    """Under the purpose's card, of which the person was told; read back, found, and only for this kind of request."""
    bank = counter(tmp_path)
    bank.take([1])
    who, desk = bank.people[1], bank.tokens["rights_desk"]
    right = handled(bank, files(bank, RightKind.SUPPLEMENT, who, EMAIL))
    new = {EMAIL: Plaintext.of("deer@example.com")}
    with pytest.raises(Refused):  # no card lists it
        correct_for(bank.workspace, desk, right, new, under="loan.file")
    wider = card("loan.file", 2).replace('"employment.job"]', '"employment.job", "contact.email"]', 1)
    wider += '[retention.mail]\nitems = ["contact.email"]\nceiling_days = 180\n'
    workspaces.adopt(bank.workspace, bank.tokens["dpo"], wider)
    with pytest.raises(Refused):  # the person was told of less
        correct_for(bank.workspace, desk, right, new, under="loan.file")
    serve_notice(bank.workspace, bank.tokens["collector"], who, "loan.file", "zh")
    with pytest.raises(Invalid):
        correct_for(bank.workspace, desk, handled(bank, files(bank, RightKind.CORRECT, who)), new, under="loan.file")
    after = correct_for(bank.workspace, desk, right, {**new, JOB: TEACHER}, under="loan.file")
    assert after.answer is not None
    assert (after.state, after.answer.done) == (RightState.FULFILLED, (EMAIL, JOB))
    wish = bank.wish(who, purpose="loan.file", items={EMAIL, JOB}, form="raw")
    (values,) = disclose(bank.workspace, bank.tokens["credit_officer"], wish).values.values()
    assert {item: one.text() for item, one in values.items() if isinstance(one, Plaintext)} == {
        EMAIL: "deer@example.com",
        JOB: TEACHER.text(),
    }
    assert audited(bank.workspace).flaws == []


def test_what_people_ask_reaches_the_lenders_databases_before_they_are_answered(tmp_path: Path) -> None:
    """With the connector off nothing is answered; then both stand there and here, and the others are as they were."""
    bank = counter(tmp_path)
    bank.take([1, 2], customer=False)
    who, desk, dpo = bank.people[1], bank.tokens["rights_desk"], bank.tokens["dpo"]
    for text in (NO_RETURN, DELETION):
        workspaces.adopt(bank.workspace, dpo, text)
    core = Core(tmp_path, bank)
    place = (PURPOSE, core.open)
    correction = handled(bank, files(bank, RightKind.CORRECT, who, MOBILE))
    restriction = handled(bank, files(bank, RightKind.RESTRICT, who))
    right = {MOBILE: Plaintext.of("13912340000")}
    switch_database(bank.workspace, dpo, "lender-core", on=False)
    after, (report,) = correct_everywhere_for(bank.workspace, desk, correction, right, NOTHING_MORE, place)
    assert (after.state, str(report.outcome)) == (RightState.IN_PROGRESS, "failed")
    assert bank.find(1, MOBILE) == [who]
    after, _ = restrict_everywhere_for(bank.workspace, desk, restriction, NOTHING_MORE, place)
    assert (after.state, _state(bank, 1)) == (RightState.IN_PROGRESS, SubjectState.FROZEN)
    switch_database(bank.workspace, dpo, "lender-core", on=True)
    after, (report,) = correct_everywhere_for(bank.workspace, desk, correction, right, NOTHING_MORE, place)
    assert (after.state, str(report.outcome)) == (RightState.FULFILLED, "corrected")
    after, _ = restrict_everywhere_for(bank.workspace, desk, restriction, NOTHING_MORE, place)
    assert after.state is RightState.FULFILLED
    assert core.mobiles() == {1: "13912340000", 2: values_of(2)[MOBILE].text()}
    assert core.frozen() == {1}


def test_an_explanation_is_the_written_answer(tmp_path: Path) -> None:
    """What the log and the card say is sealed as the reply; where no program decided, that is what the answer says."""
    bank = counter(tmp_path)
    bank.take([1, 2])
    desk = bank.tokens["rights_desk"]
    told_of_scoring(bank, bank.people[1])
    score(bank, bank.people[1])
    answers = {}
    for number in (1, 2):
        right = handled(bank, files(bank, RightKind.EXPLAIN, bank.people[number]))
        after = explain_for(bank.workspace, desk, right)
        assert after.answer is not None
        answers[number] = after.answer.done
        assert [one.item for one in after.evidence][-1] == "rights.reply"
    assert answers == {1: ("explained", "credit.scoring"), 2: ("nothing-found",)}
    wish = bank.wish(bank.people[1], purpose="rights.evidence", items={ItemCode("rights.reply")}, form="raw")
    (values,) = disclose(bank.workspace, desk, wish).values.values()
    (reply,) = [one.text() for one in values.values() if isinstance(one, Plaintext)]
    assert "A sum over the job." in reply
    assert "permitted" in reply


def test_a_freeze_by_the_lender_is_no_reason_to_leave_a_wrong_value(tmp_path: Path) -> None:
    """What is frozen and not kept by a statute alone is put right at the person's request."""
    bank = counter(tmp_path)
    bank.take([1])
    freeze(bank.workspace, bank.tokens["dpo"], bank.people[1])
    right = handled(bank, files(bank, RightKind.CORRECT, bank.people[1], JOB))
    assert correct_for(bank.workspace, bank.tokens["rights_desk"], right, {JOB: TEACHER}).state is RightState.FULFILLED
