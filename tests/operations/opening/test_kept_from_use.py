"""What only a law or a hold keeps is read by a statutory purpose alone, and the refusal says which law keeps it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from shouxin.domain.clock import local_date
from shouxin.errors import Refused
from shouxin.ledger.entry import decode
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.erasing.erase import erase
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.opening.disclose_object import disclose_object
from shouxin.operations.retaining.holds import Demand, set_hold
from shouxin.operations.retaining.relationship import end_relationship
from tests.operations.portfolio import CARD_NUMBER, JOB, VIDEO, WHO, Hands, Lender, lender
from tests.workspaces import signed_in

PAPER = bytes(32)


def _held(tmp_path: Path, clock: Hands, *purposes: str) -> Lender:
    bank = lender(tmp_path, clock)
    bank.take([1, 2])
    ahead = local_date(clock.now()) + timedelta(days=4000)
    demand = Demand("court", "rights.answer", PAPER, ahead, purposes)
    set_hold(bank.workspace, bank.tokens["dpo"], bank.people[1], demand)
    return bank


def _later(bank: Lender, clock: Hands, days: int) -> Lender:
    clock.on(days=days)
    again = bank.reopened(clock)
    roles = ("dpo", "credit_officer", "analyst", "rights_desk", "collector")
    again.tokens |= {role: signed_in(again.workspace, role) for role in roles}
    return again


def test_what_a_hold_keeps_past_its_term_is_refused_with_its_article(tmp_path: Path) -> None:
    """The job's half year is over and a court holds it: refused, by the freeze and by the hold; then nothing is hidden.

    The day before it is read as ever; the contract beside it goes on.
    """
    clock = Hands()
    bank = _later(_held(tmp_path, clock, "loan.file"), clock, 179)
    assert set(bank.raw(bank.people[1])) == {CARD_NUMBER, JOB}
    bank = _later(bank, clock, 1)
    officer = bank.tokens["credit_officer"]
    job = bank.wish(bank.people[1], purpose="loan.file", items={JOB}, form="raw")
    with pytest.raises(Refused) as refused:
        disclose(bank.workspace, officer, job)
    assert refused.value.reasons == (("CN-PIPL-47-2-FROZEN", "PIPL 47(2)"), ("legal-hold.court", "PIPL 13(1)"))
    with pytest.raises(Refused):
        disclose(
            bank.workspace, officer, bank.wish(*bank.people.values(), purpose="loan.file", items={JOB}, form="raw")
        )
    rest = bank.wish(bank.people[1], purpose="loan.file", items={CARD_NUMBER}, form="raw")
    assert set(disclose(bank.workspace, officer, rest).values[bank.people[1]]) == {CARD_NUMBER}
    assert verify_ledger(bank.workspace).flaws == []


def test_a_statutory_purpose_reads_what_is_only_kept(tmp_path: Path) -> None:
    """The rights desk answers the person from it: a law wants that read."""
    clock = Hands()
    bank = _later(_held(tmp_path, clock), clock, 181)
    wish = bank.wish(bank.people[1], purpose="rights.answer", items={JOB})
    assert set(disclose(bank.workspace, bank.tokens["rights_desk"], wish).values[bank.people[1]]) == {JOB}


def test_a_term_that_counts_from_the_end_of_the_relationship_is_seen_to_end(tmp_path: Path) -> None:
    """Ten years after the relationship ended, held for the tax office: read the day before, refused from then on."""
    clock = Hands()
    bank = lender(tmp_path, clock)
    bank.take([1])
    who = bank.people[1]
    end_relationship(bank.workspace, bank.tokens["dpo"], who, local_date(clock.now()))
    held = local_date(clock.now()) + timedelta(days=5000)
    set_hold(bank.workspace, bank.tokens["dpo"], who, Demand("tax", "rights.answer", PAPER, held, ("customer.file",)))
    bank = _later(bank, clock, 3652)
    assert set(bank.masked(who)[who]) == set(WHO)
    bank = _later(bank, clock, 1)
    with pytest.raises(Refused, match="FROZEN"):
        bank.masked(who)


def test_a_newer_value_in_use_is_read_and_the_kept_one_is_not(tmp_path: Path) -> None:
    """The applicant came again: their new job is used; the old one stays with the court alone."""
    clock = Hands()
    bank = _later(_held(tmp_path, clock, "loan.file"), clock, 100)
    bank.take([1])
    bank = _later(bank, clock, 81)
    assert JOB in bank.raw(bank.people[1])


def test_an_object_that_is_only_kept_is_not_shown(tmp_path: Path) -> None:
    """The video's half year is over, a court holds it: refused with both articles, and no chunk leaves."""
    clock = Hands()
    bank = lender(tmp_path, clock)
    bank.take([1])
    who = bank.people[1]
    video = bank.film(who)
    ahead = local_date(clock.now()) + timedelta(days=4000)
    set_hold(bank.workspace, bank.tokens["dpo"], who, Demand("court", "rights.answer", PAPER, ahead))
    bank = _later(bank, clock, 180)
    wish = bank.wish(who, purpose="interview.video", items={VIDEO}, form="raw")
    with pytest.raises(Refused) as refused:
        disclose_object(bank.workspace, bank.tokens["credit_officer"], wish, video)
    assert refused.value.reasons == (("CN-PIPL-47-2-FROZEN", "PIPL 47(2)"), ("legal-hold.court", "PIPL 13(1)"))


def test_what_is_due_is_read_by_no_purpose_that_ended(tmp_path: Path) -> None:
    """Nobody holds it and its half year is over: refused with why it must go; the desk still answers the person."""
    clock = Hands()
    bank = lender(tmp_path, clock)
    bank.take([2])
    who = bank.people[2]
    bank = _later(bank, clock, 179)
    assert JOB in bank.raw(who)
    bank = _later(bank, clock, 1)
    job = bank.wish(who, purpose="loan.file", items={JOB}, form="raw")
    with pytest.raises(Refused) as refused:
        disclose(bank.workspace, bank.tokens["credit_officer"], job)
    assert refused.value.reasons == (("CN-PIPL-47-1-2-EXPIRED", "PIPL 47(1)(2)"),)
    assert (
        CARD_NUMBER
        in disclose(bank.workspace, bank.tokens["credit_officer"], replace(job, items=frozenset({CARD_NUMBER}))).values[
            who
        ]
    )
    asked = bank.wish(who, purpose="rights.answer", items={JOB})
    assert set(disclose(bank.workspace, bank.tokens["rights_desk"], asked).values[who]) == {JOB}


def test_what_a_partial_erasure_kept_is_refused_and_not_left_out_in_silence(tmp_path: Path) -> None:
    """Whoever reads is told which law keeps it; once that ends and nobody erased it yet, that it is due."""
    clock = Hands()
    bank = lender(tmp_path, clock)
    bank.take([1])
    who = bank.people[1]
    end_relationship(bank.workspace, bank.tokens["dpo"], who, local_date(clock.now()))
    erase(bank.workspace, bank.tokens["dpo"], who, {"loan.file"})
    card = bank.wish(who, purpose="loan.file", items={CARD_NUMBER}, form="raw")
    before = bank.workspace.data.read(lambda records: records.ledger.size)
    with pytest.raises(Refused) as refused:
        disclose(bank.workspace, bank.tokens["credit_officer"], card)
    assert refused.value.reasons == (
        ("CN-PIPL-47-2-FROZEN", "PIPL 47(2)"),
        ("CN-AML-34-3-TRANSACTION", "AML 34(3)"),
    )
    event = decode(bank.workspace.data.read(lambda records: records.ledger.entry(before)))
    assert event.facts["rules"] == ["CN-PIPL-47-2-FROZEN", "CN-AML-34-3-TRANSACTION"]
    assert set(bank.masked(who)[who]) == set(WHO)  # nobody asked for that part
    bank = _later(bank, clock, 3653)
    with pytest.raises(Refused) as refused:
        disclose(bank.workspace, bank.tokens["credit_officer"], card)
    assert refused.value.reasons == (("CN-PIPL-47-1-DELETE", "PIPL 47(1)"),)
