from __future__ import annotations

from pathlib import Path

import pytest

from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid, NotFound, NotInThisState, Refused
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.rights.act import (
    ObjectionFinding,
    restrict_for,
    review_decision,
    settle_objection,
)
from shouxin.operations.rights.answer import Said, refuse
from shouxin.operations.rights.correcting import correct_for
from shouxin.operations.rights.explain import explain_decisions
from shouxin.operations.rights.handle import get_right, withdraw_right
from shouxin.operations.subjects import merge, split
from shouxin.rights.kinds import RightKind
from shouxin.rights.transitions import RightState
from tests.operations.portfolio import CARD_NUMBER, JOB, NAME, Lender
from tests.operations.rights.counter import SCORE, counter, files, handled, score, told_of_scoring
from tests.workspaces import audited

REPLY = Said(reply=Plaintext.of("已核查"))


def _disputed(bank: Lender, number: int, purpose: str = "loan.file") -> set[str]:
    """What a masked disclosure to an analyst says is disputed."""
    who = bank.people[number]
    wish = bank.wish(who, purpose=purpose, items={JOB, CARD_NUMBER})
    return {*disclose(bank.workspace, bank.tokens["analyst"], wish).disputed.get(who, frozenset())}


def test_a_restriction_bites_from_the_next_decision_on(tmp_path: Path) -> None:
    """Frozen and answered in one step; what a statute asks for is still read; somebody frozen already stays so."""
    bank = counter(tmp_path)
    bank.take([1])
    right = handled(bank, files(bank, RightKind.RESTRICT, bank.people[1]))
    assert bank.masked(bank.people[1])
    assert restrict_for(bank.workspace, bank.tokens["rights_desk"], right).state is RightState.FULFILLED
    with pytest.raises(Refused) as caught:
        bank.masked(bank.people[1])
    assert ("CN-PIPL-44-RESTRICT", "PIPL 44") in caught.value.reasons
    again = handled(bank, files(bank, RightKind.RESTRICT, bank.people[1]))
    assert restrict_for(bank.workspace, bank.tokens["rights_desk"], again).state is RightState.FULFILLED
    assert audited(bank.workspace).flaws == []


def test_a_refused_program_decides_no_more_until_a_person_has(tmp_path: Path) -> None:
    """PIPL 24(3): from the receipt on, for this person only, until whom the card names has reviewed it."""
    bank = counter(tmp_path)
    bank.take([1, 2])
    for number in (1, 2):
        told_of_scoring(bank, bank.people[number])
        score(bank, bank.people[number])
    right = files(bank, RightKind.REFUSE_AUTOMATION, bank.people[1])
    assert get_right(bank.workspace, bank.tokens["dpo"], right).request.about == (SCORE,)
    with pytest.raises(Refused) as caught:
        score(bank, bank.people[1])
    assert caught.value.reasons == (("CN-PIPL-24-3-REFUSED", "PIPL 24(3)"),)
    score(bank, bank.people[2])
    assert bank.masked(bank.people[1])
    handled(bank, right)
    with pytest.raises(Refused):
        review_decision(bank.workspace, bank.tokens["rights_desk"], right)
    with pytest.raises(Refused):
        score(bank, bank.people[1])
    after = review_decision(bank.workspace, bank.tokens["credit_officer"], right, Said(done=("upheld",)))
    assert after.answer is not None
    assert (after.state, after.answer.done) == (RightState.FULFILLED, ("reviewed-by-a-person", "upheld"))
    score(bank, bank.people[1])
    assert audited(bank.workspace).flaws == []


def test_a_merged_record_is_no_way_around_a_refusal(tmp_path: Path) -> None:
    """Every record of the person refuses, from whichever a disclosure begins, also once they are split."""
    bank = counter(tmp_path)
    bank.take([1, 2])
    for number in (1, 2):
        told_of_scoring(bank, bank.people[number])
    merge(bank.workspace, bank.tokens["dpo"], bank.people[1], bank.people[2])
    right = files(bank, RightKind.REFUSE_AUTOMATION, bank.people[2])
    for number in (1, 2):
        with pytest.raises(Refused):
            score(bank, bank.people[number])
    split(bank.workspace, bank.tokens["dpo"], bank.people[1])
    with pytest.raises(Refused):
        score(bank, bank.people[1])
    withdraw_right(bank.workspace, bank.tokens["dpo"], right)
    score(bank, bank.people[2])


def test_a_purpose_in_which_no_program_decides_cannot_be_refused(tmp_path: Path) -> None:
    """There is nothing to refuse."""
    bank = counter(tmp_path)
    bank.take([1])
    with pytest.raises(Invalid):
        files(bank, RightKind.REFUSE_AUTOMATION, bank.people[1], "loan.file")


def test_a_dispute_is_told_to_everybody_who_uses_it(tmp_path: Path) -> None:
    """From the receipt on, in every purpose and for nobody else; until it is settled (征信业管理条例 25)."""
    bank = counter(tmp_path)
    bank.take([1, 2])
    assert _disputed(bank, 1) == set()
    right = files(bank, RightKind.OBJECT_CREDIT, bank.people[1], "employment.job")
    assert _disputed(bank, 1) == {"employment.job"}
    assert _disputed(bank, 2) == set()
    handled(bank, right)
    with pytest.raises(Invalid):
        settle_objection(bank.workspace, bank.tokens["rights_desk"], right, ObjectionFinding.RIGHT)
    assert _disputed(bank, 1) == {"employment.job"}
    after = settle_objection(bank.workspace, bank.tokens["rights_desk"], right, ObjectionFinding.RIGHT, REPLY)
    assert after.answer is not None
    assert after.answer.done == ("found-right",)
    assert _disputed(bank, 1) == set()


def test_what_cannot_be_confirmed_stays_marked(tmp_path: Path) -> None:
    """25(3): what was checked and what is disputed stay noted."""
    bank = counter(tmp_path)
    bank.take([1])
    right = handled(bank, files(bank, RightKind.OBJECT_CREDIT, bank.people[1], "employment.job"))
    settle_objection(bank.workspace, bank.tokens["rights_desk"], right, ObjectionFinding.OPEN, REPLY)
    assert _disputed(bank, 1) == {"employment.job"}


def test_what_was_wrong_is_corrected_and_no_longer_disputed(tmp_path: Path) -> None:
    """The right value opens, the mark is gone, and the answer says what was done."""
    bank = counter(tmp_path)
    bank.take([1])
    right = handled(bank, files(bank, RightKind.OBJECT_CREDIT, bank.people[1], "employment.job"))
    after = correct_for(bank.workspace, bank.tokens["rights_desk"], right, {JOB: Plaintext.of("鹿鸣木匠")}, REPLY)
    assert after.answer is not None
    assert after.answer.done == ("found-wrong", "employment.job")
    assert bank.raw(bank.people[1])[JOB] == "鹿鸣木匠"
    assert _disputed(bank, 1) == set()
    assert audited(bank.workspace).flaws == []


def test_of_two_disputes_about_one_item_the_mark_lasts_until_both_are_over(tmp_path: Path) -> None:
    """One that is refused does not take the other's mark away."""
    bank = counter(tmp_path)
    bank.take([1])
    first = files(bank, RightKind.OBJECT_CREDIT, bank.people[1], "employment.job")
    second = files(bank, RightKind.OBJECT_CREDIT, bank.people[1], "employment.job", "account.card_number")
    assert first != second
    refuse(bank.workspace, bank.tokens["dpo"], first, Said(reasons=("CN-CRR-25-2-ANSWER",)))
    assert _disputed(bank, 1) == {"employment.job", "account.card_number"}
    withdraw_right(bank.workspace, bank.tokens["dpo"], second)
    assert _disputed(bank, 1) == set()


def test_a_correction_is_answered_with_what_could_not_be(tmp_path: Path) -> None:
    """What is kept is corrected; what is not kept is left, with its reason: fulfilled in part."""
    bank = counter(tmp_path)
    bank.take([1])
    right = handled(bank, files(bank, RightKind.CORRECT, bank.people[1], "employment.job", "contact.email"))
    after = correct_for(bank.workspace, bank.tokens["rights_desk"], right, {JOB: Plaintext.of("鹿鸣木匠")})
    assert after.answer is not None
    assert (after.state, after.answer.left) == (RightState.FULFILLED_IN_PART, ("contact.email",))
    assert after.answer.reasons == (("CN-PIPL-46-1-CORRECT", "PIPL 46(1)"),)
    with pytest.raises(NotInThisState):
        correct_for(bank.workspace, bank.tokens["rights_desk"], right, {JOB: Plaintext.of("x")})
    assert bank.raw(bank.people[1])[JOB] == "鹿鸣木匠"
    other = handled(bank, files(bank, RightKind.CORRECT, bank.people[1]))
    with pytest.raises(NotFound):
        correct_for(bank.workspace, bank.tokens["rights_desk"], other, {ItemCode("family.status"): Plaintext.of("x")})


def test_decisions_are_explained_from_the_log(tmp_path: Path) -> None:
    """Each use by the program, on which items, as the card says that it decides; others' and people's uses are not."""
    bank = counter(tmp_path)
    bank.take([1, 2])
    for number in (1, 2):
        told_of_scoring(bank, bank.people[number])
        score(bank, bank.people[number])
    bank.masked(bank.people[1])
    right = files(bank, RightKind.EXPLAIN, bank.people[1])
    (one,) = explain_decisions(bank.workspace, bank.tokens["rights_desk"], right)
    assert (one.purpose, one.items, one.review) == (SCORE, ("employment.job",), "credit_officer")
    assert one.says_en == "A sum over the job."
    assert one.outcome == "permitted"
    assert {rule for rule, _ in one.rules}
    with pytest.raises(Invalid):
        explain_decisions(bank.workspace, bank.tokens["rights_desk"], files(bank, RightKind.ACCESS, bank.people[1]))
    assert NAME not in one.items
