from __future__ import annotations

from pathlib import Path

import pytest

from shouxin.domain.event_kind import EventKind
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid, NotFound, NotInThisState, Refused
from shouxin.operations.erasing.erase import erase
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.rights.answer import Said, fulfil, refuse
from shouxin.operations.rights.handle import get_right, take_on
from shouxin.operations.subjects import merge
from shouxin.rights.kinds import RightKind
from shouxin.rights.transitions import RightState
from tests import recorded
from tests.operations.portfolio import Hands, Lender
from tests.operations.rights.counter import again, counter, files, handled
from tests.workspaces import audited

WHY = ("CN-AML-34-3-IDENTITY",)


def _last(bank: Lender, kind: EventKind) -> dict[str, object]:
    """The facts of the last event of a kind."""
    return dict(recorded.events(bank.workspace, kind)[-1].facts)


def test_a_refusal_has_a_rule_of_the_pack_and_an_article(tmp_path: Path) -> None:
    """None, one that is no rule, and one of which nobody knows the article: nothing is refused by them."""
    bank = counter(tmp_path)
    bank.take([1])
    desk = bank.tokens["rights_desk"]
    right = files(bank, RightKind.ACCESS, bank.people[1])
    with pytest.raises(Invalid):
        refuse(bank.workspace, desk, right, Said())
    with pytest.raises(NotFound):
        refuse(bank.workspace, desk, right, Said(reasons=("because-we-can",)))
    with pytest.raises(Invalid):
        refuse(bank.workspace, desk, right, Said(reasons=("CN-COMPL-SIMPLE",)))
    with pytest.raises(Refused):
        refuse(bank.workspace, bank.tokens["analyst"], right, Said(reasons=WHY))
    assert get_right(bank.workspace, desk, right).request.state is RightState.RECEIVED
    after = refuse(bank.workspace, desk, right, Said(reasons=WHY, reply=Plaintext.of("依法需保存")))
    assert after.answer is not None
    assert (after.state, after.answer.reasons) == (RightState.REFUSED, ((WHY[0], "AML 34(3)"),))
    assert _last(bank, EventKind.RIGHT_ANSWERED)["rules"] == list(WHY)
    assert audited(bank.workspace).flaws == []


def test_a_copy_is_not_given_by_saying_so(tmp_path: Path) -> None:
    """Without a package, or without identity, nothing is fulfilled; nor is what has an operation of its own."""
    bank = counter(tmp_path)
    bank.take([1])
    desk = bank.tokens["rights_desk"]
    right = files(bank, RightKind.ACCESS, bank.people[1])
    with pytest.raises(NotInThisState):
        fulfil(bank.workspace, desk, right, Said())
    handled(bank, right)
    with pytest.raises(NotInThisState):
        fulfil(bank.workspace, desk, right, Said())
    for kind, about in ((RightKind.RESTRICT, ()), (RightKind.OBJECT_CREDIT, ("employment.job",))):
        with pytest.raises(Invalid):
            fulfil(bank.workspace, desk, handled(bank, files(bank, kind, bank.people[1], *about)), Said())


def test_the_written_answer_is_kept_beside_what_was_asked(tmp_path: Path) -> None:
    """Sealed under the key of whoever asked, opened as evidence, and in no event."""
    bank = counter(tmp_path)
    desk = bank.tokens["rights_desk"]
    right = files(bank, RightKind.COMPLAIN, None)
    take_on(bank.workspace, desk, right)
    after = fulfil(bank.workspace, desk, right, Said(done=("refunded",), reply=Plaintext.of("鹿鸣已退款")))
    assert [one.item for one in after.evidence] == ["rights.statement", "rights.reply"]
    wish = bank.wish(after.filer, purpose="rights.evidence", items={"rights.reply"}, form="raw")  # type: ignore[arg-type]
    (values,) = disclose(bank.workspace, desk, wish).values.values()
    assert [value.text() for value in values.values() if isinstance(value, Plaintext)] == ["鹿鸣已退款"]
    assert not any("鹿鸣已退款".encode() in path.read_bytes() for path in bank.home.rglob("*") if path.is_file())
    with pytest.raises(NotInThisState):
        fulfil(bank.workspace, desk, right, Said())


def test_what_is_answered_too_late_says_so(tmp_path: Path) -> None:
    """The answer names the rules whose clocks had run out, and the event counts them."""
    hands = Hands()
    bank = counter(tmp_path, hands)
    right = files(bank, RightKind.COMPLAIN, None)
    due = max(one.due or 0 for one in get_right(bank.workspace, bank.tokens["dpo"], right).deadlines)
    hands.at = due + 1
    take_on(bank.workspace, again(bank, "dpo"), right)
    after = fulfil(bank.workspace, again(bank, "dpo"), right, Said(done=("answered",)))
    assert after.answer is not None
    assert set(after.answer.late) == {"CN-COMPL-SIMPLE", "CN-APPVIOL-COMPLAINT"}
    assert _last(bank, EventKind.RIGHT_ANSWERED)["late"] == 2
    late = {
        one.rule.id for one in get_right(bank.workspace, again(bank, "dpo"), right).deadlines if one.state == "missed"
    }
    assert late == set(after.answer.late)


@pytest.mark.parametrize("rule", ["CN-AML2006-19-IDENTITY", "CN-ACC-23-KEEP"])
def test_a_rule_that_may_not_decide_refuses_nobody(tmp_path: Path, rule: str) -> None:
    """A rule that only advises, or is not in force any more, is no reason (law 5)."""
    bank = counter(tmp_path)
    bank.take([1])
    right = handled(bank, files(bank, RightKind.DELETE, bank.people[1]))
    with pytest.raises(Invalid):
        refuse(bank.workspace, bank.tokens["dpo"], right, Said(reasons=(rule,)))
    assert get_right(bank.workspace, bank.tokens["dpo"], right).request.state.owed


def test_only_an_erasure_since_the_request_that_covers_it_does_what_was_asked(tmp_path: Path) -> None:
    """One of before, or of a part of what was asked, fulfils nothing; the answer is what the erasure found."""
    hands = Hands()
    bank = counter(tmp_path, hands)
    bank.take([1])
    who, dpo = bank.people[1], bank.tokens["dpo"]
    erase(bank.workspace, dpo, who, ["loan.file"])
    hands.on(minutes=1)
    part = handled(bank, files(bank, RightKind.DELETE, who, "loan.file", "customer.file"))
    with pytest.raises(NotInThisState, match="shouxin subject erase"):
        fulfil(bank.workspace, dpo, part, Said())
    erase(bank.workspace, dpo, who, ["loan.file"])  # the rest was asked about too
    with pytest.raises(NotInThisState):
        fulfil(bank.workspace, dpo, part, Said())
    hands.on(minutes=1)
    whole = handled(bank, files(bank, RightKind.CLOSE_ACCOUNT, who))
    erase(bank.workspace, dpo, who, ["loan.file", "customer.file"])
    assert fulfil(bank.workspace, dpo, part, Said()).state is RightState.FULFILLED_IN_PART
    with pytest.raises(NotInThisState):  # what they wrote to the desk was not asked about then
        fulfil(bank.workspace, dpo, whole, Said())
    erase(bank.workspace, dpo, who)
    with pytest.raises(Invalid, match="a law keeps part"):
        fulfil(bank.workspace, dpo, whole, Said(done=("everything",)))
    after = fulfil(bank.workspace, dpo, whole, Said()).answer
    assert after is not None
    assert {"identity.name", "rights.statement"} <= set(after.left)
    assert (WHY[0], "AML 34(3)") in after.reasons


def test_an_erasure_of_before_answers_no_request(tmp_path: Path) -> None:
    """Somebody asks again after their file was erased: what came before they asked is not what they asked for."""
    hands = Hands()
    bank = counter(tmp_path, hands)
    bank.take([1])
    erase(bank.workspace, bank.tokens["dpo"], bank.people[1], ["loan.file"])
    hands.on(minutes=1)
    right = handled(bank, files(bank, RightKind.DELETE, bank.people[1], "loan.file"))
    with pytest.raises(NotInThisState):
        fulfil(bank.workspace, bank.tokens["dpo"], right, Said())
    erase(bank.workspace, bank.tokens["dpo"], bank.people[1], ["loan.file"])
    assert fulfil(bank.workspace, bank.tokens["dpo"], right, Said()).state is RightState.FULFILLED_IN_PART


def test_a_request_of_merged_records_is_done_once_each_of_them_is(tmp_path: Path) -> None:
    """A record that turns out to be the same person's is asked about too: one of two erased is half of it."""
    bank = counter(tmp_path)
    bank.take([1, 2], customer=False)
    dpo, (one, other) = bank.tokens["dpo"], (bank.people[1], bank.people[2])
    right = handled(bank, files(bank, RightKind.DELETE, other, "loan.file"))
    erase(bank.workspace, dpo, other, ["loan.file"])
    merge(bank.workspace, dpo, one, other)
    with pytest.raises(NotInThisState):
        fulfil(bank.workspace, dpo, right, Said())
    erase(bank.workspace, dpo, one, ["loan.file"])
    after = fulfil(bank.workspace, dpo, right, Said())
    assert after.state is RightState.FULFILLED
    assert after.answer is not None
    assert "employment.job" in after.answer.done
