"""The register of recipients, and the withdrawal notices that they acknowledge."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec
import pytest

from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import local_date
from shouxin.domain.identifiers import OperationId
from shouxin.domain.items import ItemCode
from shouxin.errors import Invalid, NotFound, NotInThisState, Refused
from shouxin.ledger.entry import decode
from shouxin.operations.adopting.recipients import end_recipient, list_recipients, register_recipient
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.certifying.certify import certificate
from shouxin.operations.collecting.sources import register_source
from shouxin.operations.consenting.choose import Choice, answer_notice, consents_of, give_consent, serve_notice
from shouxin.operations.consenting.tell_recipients import acknowledge_withdrawal, list_recipient_notices
from shouxin.operations.deletion.withdraw import withdraw_consent
from shouxin.operations.objects.keep import keep_object
from shouxin.operations.opening.disclose_object import disclose_object
from shouxin.policy.consent_demand import About
from shouxin.policy.recipient import Recipient
from shouxin.policy.source import Source, SourceKind
from shouxin.vault.erasure import Outcome
from tests import recorded
from tests.operations.portfolio import Lender, card, lender
from tests.workspaces import adopt

VIDEO: Final = ItemCode("interview.video")
BUREAU: Final = Recipient("bureau", "示例征信", "C-17", date(2035, 1, 1), "privacy@bureau.example", (VIDEO,))
SHARED: Final = card("interview.video", 2).replace(
    "[roles]", 'recipients = ["bureau"]\ncontracts = { bureau = "C-17" }\n\n[roles]'
)


def sharing(tmp_path: Path) -> Lender:
    """Return a lender whose interview videos go to a bureau, with one person in it."""
    bank = lender(tmp_path)
    bank.take([1])
    register_recipient(bank.workspace, bank.tokens["dpo"], BUREAU)
    adopt(bank.workspace, bank.tokens["dpo"], SHARED)
    return bank


def test_the_register_keeps_who_receives(tmp_path: Path) -> None:
    """Entered, changed, ended: the register says so, to officers only, and the audit agrees."""
    bank = lender(tmp_path)
    officer = bank.tokens["dpo"]
    with pytest.raises(Refused):
        register_recipient(bank.workspace, bank.tokens["collector"], BUREAU)
    register_recipient(bank.workspace, officer, BUREAU)
    register_recipient(bank.workspace, officer, replace(BUREAU, contact="dpo@bureau.example"))
    (one,) = list_recipients(bank.workspace, bank.tokens["analyst"])
    assert (one.recipient.contact, one.ended) == ("dpo@bureau.example", False)
    end_recipient(bank.workspace, officer, "bureau")
    assert [one.ended for one in list_recipients(bank.workspace, officer)] == [True]
    with pytest.raises(NotFound):
        end_recipient(bank.workspace, officer, "nobody")
    assert verify_ledger(bank.workspace).flaws == []


def test_a_contract_that_is_over_is_not_entered(tmp_path: Path) -> None:
    """A day in the past is refused, today is not; the same holds for a source's audit."""
    bank = lender(tmp_path)
    officer = bank.tokens["dpo"]
    today = local_date(bank.workspace.data.read(bank.workspace.now))
    with pytest.raises(Invalid, match="is over"):
        register_recipient(bank.workspace, officer, replace(BUREAU, contract_ends=today - timedelta(days=1)))
    register_recipient(bank.workspace, officer, replace(BUREAU, contract_ends=today))
    source = Source(source="core", kind=SourceKind.FILE, title="核心系统", audit_due=today, own=True)
    late = msgspec.structs.replace(source, audit_due=today - timedelta(days=1))
    with pytest.raises(Invalid, match="audit_due: this day is over"):
        register_source(bank.workspace, officer, late)
    register_source(bank.workspace, officer, source)


@pytest.mark.parametrize(("days", "after", "rule"), [(7, 7, "recipient-contract"), (None, 30, "own-rule")])
def test_by_when_a_recipient_confirms_is_their_contracts_or_said_to_be_ours(
    tmp_path: Path, days: int | None, after: int, rule: str
) -> None:
    """The contract's day as it stood when they were told; where it names none, ours, and the certificate says so."""
    bank = sharing(tmp_path)
    officer, who = bank.tokens["dpo"], bank.people[1]
    register_recipient(bank.workspace, officer, replace(BUREAU, answer_days=days))
    bank.film(who)
    withdraw_consent(bank.workspace, bank.tokens["rights_desk"], who, "interview.video")
    end_recipient(bank.workspace, officer, "bureau")
    register_recipient(bank.workspace, officer, replace(BUREAU, answer_days=200))
    (waiting,) = list_recipient_notices(bank.workspace, officer)
    due = local_date(waiting.notice.told) + timedelta(days=after)
    assert (waiting.notice.due, waiting.notice.day_set_by) == (due, rule)
    (row,) = bank.workspace.data.read(lambda records: records.authority.find(AuthorityKind.ERASURE))
    document = certificate(bank.workspace, officer, OperationId(row.identifier))
    (residual,) = [one for one in document["residuals"] if one["what"] == "recipient-not-acknowledged"]
    assert (residual["due"], residual["day_set_by"]) == (due.isoformat(), rule)


@pytest.mark.parametrize("days", [0, 367])
def test_a_contract_gives_a_day_within_a_year(days: int) -> None:
    """No day at all, and more than a year, are mistakes."""
    with pytest.raises(Invalid, match="answer_days"):
        replace(BUREAU, answer_days=days)


def test_a_notice_names_who_receives_or_is_not_served(tmp_path: Path) -> None:
    """People are told name and contact of a registered recipient; one that was ended cannot be told of any more."""
    bank = sharing(tmp_path)
    desk, who = bank.tokens["rights_desk"], bank.people[1]
    served = serve_notice(bank.workspace, desk, who, "interview.video", "zh", about=About.PROVIDE)
    assert ("示例征信" in served.notice.text, "privacy@bureau.example" in served.notice.text) == (True, True)
    assert (served.notice.about, served.notice.asks) == ("provide", True)
    end_recipient(bank.workspace, bank.tokens["dpo"], "bureau")
    with pytest.raises(Invalid):
        serve_notice(bank.workspace, desk, who, "interview.video", "en", about=About.PROVIDE)


def test_a_withdrawal_erases_tells_and_waits_for_an_answer(tmp_path: Path) -> None:
    """What rested on the consent goes, the recipient is told, and the notice waits until it is acknowledged, once."""
    bank = sharing(tmp_path)
    desk, who = bank.tokens["rights_desk"], bank.people[1]
    film = bank.film(who)
    done = withdraw_consent(bank.workspace, desk, who, "interview.video")
    assert done.recipients == ("bureau",)
    assert [(part.identifier, part.outcome) for part in done.parts] == [(film, Outcome.ERASED)]
    assert not bank.workspace.objects.exists(film)
    (waiting,) = list_recipient_notices(bank.workspace, desk)
    assert (waiting.notice.recipient, waiting.notice.subject) == ("bureau", who)
    for nothing in (b"short", sha256(b"").digest()):
        with pytest.raises(Invalid):
            acknowledge_withdrawal(bank.workspace, desk, waiting.identifier, nothing)
    acknowledge_withdrawal(bank.workspace, desk, waiting.identifier, b"e" * 32)
    assert list_recipient_notices(bank.workspace, desk) == []
    assert len(list_recipient_notices(bank.workspace, desk, waiting=False)) == 1
    with pytest.raises(NotInThisState):
        acknowledge_withdrawal(bank.workspace, desk, waiting.identifier, b"e" * 32)
    assert bank.masked(who)  # what rests on the contract stays in use
    assert verify_ledger(bank.workspace).flaws == []


def test_after_a_no_people_are_left_in_peace(tmp_path: Path) -> None:
    """The same question waits for the card's days, unless the person comes by themselves; each serving stays."""
    bank = sharing(tmp_path)
    desk, who = bank.tokens["rights_desk"], bank.people[1]
    bank.film(who)
    withdraw_consent(bank.workspace, desk, who, "interview.video")
    with pytest.raises(NotInThisState):
        serve_notice(bank.workspace, desk, who, "interview.video", "zh")
    choice = Choice("interview.video", "zh", agreed=True, by_person=True)
    give_consent(bank.workspace, desk, who, choice)
    states = [(one.stands, one.version) for _, one in consents_of(bank.workspace, desk, who) if one.about]
    assert states == [(False, 2), (True, 2)]


def test_no_code_of_a_recipient_stands_in_the_log(tmp_path: Path) -> None:
    """What the log says is a keyed digest, the same in every event about one recipient, another for another."""
    bank = sharing(tmp_path)
    register_recipient(bank.workspace, bank.tokens["dpo"], replace(BUREAU, code="lawyer.li"))
    give_consent(bank.workspace, bank.tokens["collector"], bank.people[1], Choice("interview.video", "zh", agreed=True))
    withdraw_consent(bank.workspace, bank.tokens["rights_desk"], bank.people[1], "interview.video")
    (waiting,) = list_recipient_notices(bank.workspace, bank.tokens["dpo"])
    acknowledge_withdrawal(bank.workspace, bank.tokens["dpo"], waiting.identifier, bytes(32))
    bodies = recorded.bodies(bank.workspace)
    assert not any(b"lawyer" in body or b"bureau" in body for body in bodies)
    named = [decode(body).facts["recipient"] for body in bodies if b'"recipient"' in body]
    assert len(named) == 4
    assert len({named[0], *named[2:]}) == 1
    assert named[1] != named[0]


def test_one_question_alone_is_taken_back(tmp_path: Path) -> None:
    """Who no longer wants it provided keeps the purpose: nothing is erased, the recipient is told, the rest stands."""
    bank = sharing(tmp_path)
    desk, who = bank.tokens["rights_desk"], bank.people[1]
    give_consent(bank.workspace, desk, who, Choice("interview.video", "zh", agreed=True))
    asked = serve_notice(bank.workspace, desk, who, "interview.video", "zh", about=About.PROVIDE)
    with pytest.raises(NotFound):
        withdraw_consent(bank.workspace, desk, who, "interview.video", About.PROVIDE)
    answer_notice(bank.workspace, desk, asked.consent, agreed=True)
    film = keep_object(bank.workspace, bank.tokens["collector"], who, "interview.video", VIDEO, [b"frames"])
    done = withdraw_consent(bank.workspace, desk, who, "interview.video", About.PROVIDE)
    assert (done.recipients, done.parts) == (("bureau",), ())
    stands = {one.about: one.stands for _, one in consents_of(bank.workspace, desk, who) if one.about}
    assert stands == {"sensitive": True, "provide": False}
    wish = bank.wish(who, purpose="interview.video", items={VIDEO}, form="raw")
    _, parts = disclose_object(bank.workspace, bank.tokens["credit_officer"], wish, film)
    assert b"".join(part.reveal() for part in parts) == b"frames"
    assert verify_ledger(bank.workspace).flaws == []


def test_taking_the_purposes_own_question_back_takes_all(tmp_path: Path) -> None:
    """None of the others carries anything without it."""
    bank = sharing(tmp_path)
    desk, who = bank.tokens["rights_desk"], bank.people[1]
    give_consent(bank.workspace, desk, who, Choice("interview.video", "zh", agreed=True))
    asked = serve_notice(bank.workspace, desk, who, "interview.video", "zh", about=About.PROVIDE)
    answer_notice(bank.workspace, desk, asked.consent, agreed=True)
    withdraw_consent(bank.workspace, desk, who, "interview.video", About.SENSITIVE)
    assert not any(one.stands for _, one in consents_of(bank.workspace, desk, who))
