"""The schedule: what is due, kept, held or undated, and that what it says is what an erasure does."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from shouxin.domain.clock import local_date
from shouxin.domain.identifiers import SubjectId
from shouxin.errors import Invalid, NotFound, NotInThisState, Refused
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.consenting.choose import Choice, answer_notice, give_consent, serve_notice
from shouxin.operations.deletion.withdraw import withdraw_consent
from shouxin.operations.erasing.erase import erase, erase_many, resume_erasures
from shouxin.operations.pause import pause_deletions, resume_deletions
from shouxin.operations.retaining.holds import Demand, lift_hold, list_holds, set_hold
from shouxin.operations.retaining.relationship import end_relationship
from shouxin.operations.retaining.schedule import Review, next_review, record_review, schedule
from shouxin.operations.subjects import merge
from shouxin.policy.consent_demand import About
from shouxin.retention.outlook import State
from shouxin.vault.erasure import Outcome
from tests.operations.portfolio import BEGAN, ENDS, Hands, Lender, card, lender
from tests.workspaces import adopt, signed_in

PAPER = bytes(range(32))


def _states(bank: Lender, subject: SubjectId) -> dict[str, str]:
    found = schedule(bank.workspace, bank.tokens["dpo"])
    return {f"{one.purpose}/{one.term}": one.outlook.state.value for one in found if one.subject == subject}


def _demand(bank: Lender, *purposes: str, days: int = 30) -> Demand:
    ahead = local_date(bank.workspace.clock.now()) + timedelta(days=days)
    return Demand("court", "rights.answer", PAPER, ahead, purposes)


def test_what_is_past_its_ceiling_is_due_and_what_a_floor_keeps_is_not(tmp_path: Path) -> None:
    """After 180 days the job of a customer is due; identity and contract run on under the ten years of 反洗钱法 34."""
    clock = Hands()
    bank = lender(tmp_path, clock)
    bank.take([1])
    bank.film(bank.people[1])
    who = bank.people[1]
    end_relationship(bank.workspace, bank.tokens["dpo"], who, local_date(clock.now()))
    fresh = {"customer.file/identity": "in-use", "loan.file/contract": "in-use", "loan.file/file": "in-use"}
    assert _states(bank, who) == {**fresh, "interview.video/video": "in-use"}
    clock.on(days=181)
    bank = bank.reopened(clock)
    bank.tokens["dpo"] = signed_in(bank.workspace, "dpo")
    due = {**fresh, "loan.file/file": "due", "interview.video/video": "due"}
    assert _states(bank, who) == due


def test_an_overdue_loan_has_no_date_until_its_end_is_a_fact(tmp_path: Path) -> None:
    """In arrears no clock has started: undated, for people to look at. Ended: dated again."""
    clock = Hands()
    bank = lender(tmp_path, clock)
    bank.take([1])
    who = bank.people[1]
    clock.on(days=(ENDS - BEGAN).days)
    again = bank.reopened(clock)
    again.tokens["dpo"] = signed_in(again.workspace, "dpo")
    assert _states(again, who)["customer.file/identity"] == State.UNDATED
    review = record_review(again.workspace, again.tokens["dpo"])
    assert review == Review(undated=2, kept=0, due=1, holds=0)
    end_relationship(again.workspace, again.tokens["dpo"], who, local_date(clock.now()))
    assert _states(again, who)["customer.file/identity"] == State.IN_USE
    assert verify_ledger(again.workspace).flaws == []


def test_a_hold_keeps_from_erasure_until_somebody_else_lifts_it(tmp_path: Path) -> None:
    """Held: retained with its article, also where no floor runs. Lifted: it goes. Whoever set it cannot lift it."""
    bank = lender(tmp_path)
    bank.take([1], customer=False)
    who, officer, other = bank.people[1], bank.tokens["dpo"], bank.tokens["rights_desk"]
    hold = set_hold(bank.workspace, officer, who, _demand(bank, "loan.file"))
    _, first = erase(bank.workspace, officer, who)
    kept = {(part.purpose, part.rule, part.article) for part in first.having(Outcome.RETAINED)}
    assert kept == {("loan.file", "legal-hold.court", "PIPL 13(1)")}
    assert {part.purpose for part in first.having(Outcome.ERASED)} == {"customer.file"}
    assert set(_states(bank, who).values()) == {State.KEPT}
    with pytest.raises(Refused):
        lift_hold(bank.workspace, officer, hold, PAPER)
    lift_hold(bank.workspace, other, hold, PAPER)
    with pytest.raises(NotInThisState):
        lift_hold(bank.workspace, other, hold, PAPER)
    assert set(_states(bank, who).values()) == {State.DUE}
    _, second = erase(bank.workspace, officer, who)
    assert not second.having(Outcome.RETAINED)
    assert verify_ledger(bank.workspace).flaws == []


def test_a_hold_past_its_review_still_holds_and_is_first_in_the_list(tmp_path: Path) -> None:
    """A date that passed releases nothing by itself."""
    clock = Hands()
    bank = lender(tmp_path, clock)
    bank.take([1, 2], customer=False)
    set_hold(bank.workspace, bank.tokens["dpo"], bank.people[1], _demand(bank, days=300))
    set_hold(bank.workspace, bank.tokens["dpo"], bank.people[2], _demand(bank, days=3))
    clock.on(days=4)
    again = bank.reopened(clock)
    officer = signed_in(again.workspace, "dpo")
    listed = list_holds(again.workspace, officer)
    assert [(one.hold.subject, one.overdue) for one in listed] == [(bank.people[2], True), (bank.people[1], False)]
    assert record_review(again.workspace, officer).holds == 1
    _, done = erase(again.workspace, officer, bank.people[2])
    assert not done.having(Outcome.ERASED)


def test_the_next_review_is_due_on_a_day_and_on_that_of_a_hold(tmp_path: Path) -> None:
    """Now where there was none; then after the days of the settings, or when a hold is to be looked at before that."""
    clock = Hands()
    bank = lender(tmp_path, clock)
    bank.take([1], customer=False)
    workspace, today = bank.workspace, local_date(clock.now())
    first = next_review(workspace)
    assert (first.due, first.on, first.last) == (True, today, None)
    record_review(workspace, bank.tokens["dpo"])
    after = next_review(workspace)
    assert (after.due, after.on) == (False, today + timedelta(days=workspace.review_days))
    hold = set_hold(workspace, bank.tokens["dpo"], bank.people[1], _demand(bank, days=30))
    assert next_review(workspace).on == today + timedelta(days=30)
    clock.on(days=30)
    assert next_review(workspace).due
    bank.tokens["dpo"] = signed_in(workspace, "dpo")
    record_review(workspace, bank.tokens["dpo"])  # that hold was looked at with it, and stands
    later = today + timedelta(days=30 + workspace.review_days)
    assert (next_review(workspace).due, next_review(workspace).on) == (False, later)
    lift_hold(workspace, signed_in(workspace, "rights_desk"), hold, PAPER)
    clock.on(days=workspace.review_days)
    assert next_review(workspace).due
    clock.on(days=2)
    assert next_review(workspace).last is None  # longer ago than anybody looks


@pytest.mark.parametrize("change", ["authority", "card", "purpose", "paper", "day", "role", "nobody"])
def test_a_hold_says_who_wants_what_and_when_it_is_looked_at(tmp_path: Path, change: str) -> None:
    """Nothing is held on an unknown word, without paper, for ever, by an analyst, or of nobody."""
    bank = lender(tmp_path)
    bank.take([1])
    ahead = local_date(bank.workspace.clock.now()) + timedelta(days=1)
    made = {
        "authority": Demand("neighbour", "rights.answer", PAPER, ahead),
        "card": Demand("court", "no.card", PAPER, ahead),
        "purpose": Demand("court", "rights.answer", PAPER, ahead, ("no.purpose",)),
        "paper": Demand("court", "rights.answer", b"", ahead),
        "day": Demand("court", "rights.answer", PAPER, ahead - timedelta(days=1)),
    }.get(change, Demand("court", "rights.answer", PAPER, ahead))
    token = bank.tokens["analyst" if change == "role" else "dpo"]
    who = SubjectId(bytes(16)) if change == "nobody" else bank.people[1]
    expected = {"role": Refused, "nobody": NotFound}.get(change, Invalid)
    with pytest.raises(expected):
        set_hold(bank.workspace, token, who, made)
    assert list_holds(bank.workspace, bank.tokens["dpo"]) == []


def test_what_rested_on_a_consent_that_is_gone_is_due(tmp_path: Path) -> None:
    """Held while the consent is withdrawn, the video stays; the schedule says it must go, and why."""
    bank = lender(tmp_path)
    bank.take([1])
    who = bank.people[1]
    bank.film(who)
    hold = set_hold(bank.workspace, bank.tokens["dpo"], who, _demand(bank, "interview.video"))
    withdraw_consent(bank.workspace, bank.tokens["rights_desk"], who, "interview.video")
    found = [one for one in schedule(bank.workspace, bank.tokens["dpo"]) if one.kind == "object"]
    assert [(one.outlook.state, one.outlook.cause.article) for one in found] == [(State.KEPT, "PIPL 47(1)")]
    lift_hold(bank.workspace, bank.tokens["rights_desk"], hold, PAPER)
    states = Counter(one.outlook.state for one in schedule(bank.workspace, bank.tokens["dpo"]) if one.kind == "object")
    assert states == {State.DUE: 1}


@pytest.mark.parametrize("taken_back", [False, True])
def test_a_no_to_one_matter_makes_nothing_due(tmp_path: Path, *, taken_back: bool) -> None:
    """Who agreed to the video and refuses to have it published, or takes that back, has not taken the video back."""
    bank = lender(tmp_path)
    bank.take([1])
    desk, who = bank.tokens["rights_desk"], bank.people[1]
    bank.film(who)
    public = card("interview.video", 2).replace("separate_consent = true", "separate_consent = true\npublished = true")
    adopt(bank.workspace, bank.tokens["dpo"], public)
    give_consent(bank.workspace, desk, who, Choice("interview.video", "zh", agreed=True, by_person=True))
    asked = serve_notice(bank.workspace, desk, who, "interview.video", "zh", about=About.PUBLISH)
    answer_notice(bank.workspace, desk, asked.consent, agreed=taken_back)
    if taken_back:
        withdraw_consent(bank.workspace, desk, who, "interview.video", About.PUBLISH)
    states = Counter(one.outlook.state for one in schedule(bank.workspace, bank.tokens["dpo"]) if one.kind == "object")
    assert states == {State.IN_USE: 1}
    withdraw_consent(bank.workspace, desk, who, "interview.video", About.SENSITIVE)
    assert not [one for one in schedule(bank.workspace, bank.tokens["dpo"]) if one.kind == "object"]


def test_the_schedule_is_for_those_who_watch_and_names_nobody_who_is_gone(tmp_path: Path) -> None:
    """An analyst is refused; whoever was erased does not stand in it."""
    bank = lender(tmp_path)
    bank.take([1, 2], customer=False)
    with pytest.raises(Refused):
        list(schedule(bank.workspace, bank.tokens["analyst"]))
    erase(bank.workspace, bank.tokens["dpo"], bank.people[1])
    assert {one.subject for one in schedule(bank.workspace, bank.tokens["dpo"])} == {bank.people[2]}


def test_what_is_held_of_one_record_is_held_of_the_person(tmp_path: Path) -> None:
    """Whichever of two merged records the hold names, an erasure of the person keeps the cells of both."""
    for held in (1, 2):
        bank = lender(tmp_path / str(held))
        bank.take([1, 2], customer=False)
        merge(bank.workspace, bank.tokens["dpo"], bank.people[1], bank.people[2])
        set_hold(bank.workspace, bank.tokens["dpo"], bank.people[held], _demand(bank))
        done = erase_many(bank.workspace, bank.tokens["dpo"], [bank.people[2]])
        assert {erasure.subject for _, erasure in done} == {bank.people[1], bank.people[2]}
        assert not [part for _, erasure in done for part in erasure.having(Outcome.ERASED)]


def test_a_film_that_shows_somebody_who_is_held_stays(tmp_path: Path) -> None:
    """A hold on whoever is depicted keeps the other's object; the rest of the other goes."""
    bank = lender(tmp_path)
    bank.take([1, 2], customer=False)
    bank.film(bank.people[1], depicts=(bank.people[2],))
    set_hold(bank.workspace, bank.tokens["dpo"], bank.people[2], _demand(bank))
    _, done = erase(bank.workspace, bank.tokens["dpo"], bank.people[1])
    assert [(part.kind, part.rule) for part in done.having(Outcome.RETAINED)] == [("object", "legal-hold.court")]


def test_a_withdrawal_while_all_deletion_is_paused_says_that_nothing_is_gone(tmp_path: Path) -> None:
    """The consent ends at once; the erasure waits, is counted as waiting, and is carried out once it may."""
    bank = lender(tmp_path)
    bank.take([1])
    film = bank.film(bank.people[1])
    pause_deletions(bank.workspace, bank.tokens["auditor"])
    told = withdraw_consent(bank.workspace, bank.tokens["rights_desk"], bank.people[1], "interview.video")
    assert (told.parts, told.waiting) == ((), 1)
    assert bank.workspace.objects.exists(film)
    assert resume_erasures(bank.workspace, bank.tokens["rights_desk"]) == []
    resume_deletions(bank.workspace, bank.tokens["dpo"])
    ((_, done),) = resume_erasures(bank.workspace, bank.tokens["rights_desk"])
    assert done.live is not None
    assert not bank.workspace.objects.exists(film)
