from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import SubjectId, new
from shouxin.domain.items import ItemCode
from shouxin.errors import Invalid, NotFound, NotInThisState, Refused
from shouxin.operations.consenting.choose import (
    Choice,
    answer_notice,
    consents_for,
    consents_of,
    give_consent,
    serve_notice,
)
from shouxin.operations.deletion.withdraw import withdraw_consent
from shouxin.operations.erasing.erase import erase
from shouxin.operations.objects.keep import keep_object
from shouxin.policy.consent_demand import About
from tests import recorded
from tests.operations.portfolio import Hands, Lender, card, lender
from tests.workspaces import adopt

VIDEO = "interview.video"


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """Two declined applicants."""
    made = lender(tmp_path, Hands())
    made.take([1, 2], customer=False)
    return made


def video_of(bank: Lender, number: int) -> list[Any]:
    """Return what somebody was told and chose about the video, by time."""
    found = consents_of(bank.workspace, bank.tokens["auditor"], bank.people[number])
    return [consent for _, consent in found if consent.purpose == VIDEO]


def test_a_choice_says_what_was_shown_and_chosen(bank: Lender) -> None:
    """Version, language, digest of the notice, time, and that the consent is a separate one; one event says so."""
    give_consent(bank.workspace, bank.tokens["collector"], bank.people[1], Choice(VIDEO, "en", agreed=True))
    (consent,) = video_of(bank, 1)
    assert (consent.version, consent.language, consent.separate, consent.stands) == (1, "en", True, True)
    assert len(consent.notice) == 32
    assert consent.notified == consent.given == bank.workspace.clock.now()
    event = recorded.events(bank.workspace, EventKind.CONSENT_GIVEN)[-1]
    assert (event.facts["purpose"], event.facts["version"], event.facts["separate"]) == (VIDEO, 1, 1)
    assert video_of(bank, 2) == []


def test_a_no_is_on_record_and_is_no_consent(bank: Lender) -> None:
    """Who was told and did not agree was told, and gave nothing that stands or could be taken back."""
    give_consent(bank.workspace, bank.tokens["rights_desk"], bank.people[1], Choice(VIDEO, "zh", agreed=False))
    (consent,) = video_of(bank, 1)
    assert (consent.given, consent.stands, consent.separate) == (None, False, False)
    with pytest.raises(NotFound):
        withdraw_consent(bank.workspace, bank.tokens["rights_desk"], bank.people[1], VIDEO)
    with pytest.raises(Refused):
        keep_object(bank.workspace, bank.tokens["collector"], bank.people[1], VIDEO, ItemCode(VIDEO), [b"frames"])


def test_every_consent_for_a_purpose_is_taken_back_at_once(bank: Lender) -> None:
    """Agreed, taken back once: none stands, each has its event; a second withdrawal finds nothing."""
    for number in (1, 2):
        give_consent(bank.workspace, bank.tokens["collector"], bank.people[number], Choice(VIDEO, "zh", agreed=True))
    done = withdraw_consent(bank.workspace, bank.tokens["dpo"], bank.people[1], VIDEO)
    assert dict(done.stays).keys() == {"customer.file", "loan.file"}
    assert set(dict(done.stays).values()) == {"PIPL 13(1)"}
    assert [(consent.stands, consent.withdrawn) for consent in video_of(bank, 1)] == [(False, done.at)]
    assert len(recorded.events(bank.workspace, EventKind.CONSENT_WITHDRAWN)) == 1
    assert [consent.stands for consent in video_of(bank, 2)] == [True]
    with pytest.raises(NotFound):
        withdraw_consent(bank.workspace, bank.tokens["dpo"], bank.people[1], VIDEO)


def test_only_the_newest_question_is_answered(bank: Lender) -> None:
    """Served twice, the first may not be answered any more: else a no to one would leave a spare for a yes."""
    desk, who = bank.tokens["rights_desk"], bank.people[1]
    spare = serve_notice(bank.workspace, desk, who, VIDEO, "zh")
    asked = serve_notice(bank.workspace, desk, who, VIDEO, "zh")
    with pytest.raises(NotInThisState):
        answer_notice(bank.workspace, desk, spare.consent, agreed=True)
    answer_notice(bank.workspace, desk, asked.consent, agreed=False)
    with pytest.raises(NotInThisState):
        answer_notice(bank.workspace, desk, spare.consent, agreed=True)
    with pytest.raises(NotInThisState):
        serve_notice(bank.workspace, desk, who, VIDEO, "zh")
    assert not any(consent.stands for consent in video_of(bank, 1))


def test_an_answer_is_to_the_card_as_it_stands(bank: Lender) -> None:
    """A question of an older version is not answered, and a yes to it carries nothing that the new version adds."""
    desk, who = bank.tokens["rights_desk"], bank.people[1]
    asked = serve_notice(bank.workspace, desk, who, VIDEO, "zh")
    give_consent(bank.workspace, desk, bank.people[2], Choice(VIDEO, "zh", agreed=True))
    wider = card(VIDEO, 2).replace('raw = ["credit_officer"]', 'raw = ["credit_officer"]\nmasked = ["analyst"]')
    adopt(bank.workspace, bank.tokens["dpo"], wider)
    with pytest.raises(NotInThisState):
        answer_notice(bank.workspace, desk, asked.consent, agreed=True)
    with pytest.raises(Refused):
        keep_object(bank.workspace, bank.tokens["collector"], bank.people[2], VIDEO, ItemCode(VIDEO), [b"frames"])


def test_one_question_carries_one_thing(bank: Lender) -> None:
    """Who refuses the video and agrees to something else about it has not agreed to the video (PIPL 29)."""
    desk, who = bank.tokens["rights_desk"], bank.people[1]
    public = card(VIDEO, 2).replace("separate_consent = true", "separate_consent = true\npublished = true")
    adopt(bank.workspace, bank.tokens["dpo"], public)
    asked = serve_notice(bank.workspace, desk, who, VIDEO, "zh")
    answer_notice(bank.workspace, desk, asked.consent, agreed=False)
    other = serve_notice(bank.workspace, desk, who, VIDEO, "zh", about=About.PUBLISH)
    answer_notice(bank.workspace, desk, other.consent, agreed=True)
    with pytest.raises(Refused):
        keep_object(bank.workspace, bank.tokens["collector"], who, VIDEO, ItemCode(VIDEO), [b"frames"])


def test_nothing_is_chosen_for_nobody_or_for_nothing(bank: Lender) -> None:
    """An unknown or erased person, a purpose that nobody adopted, another language: refused, and nothing recorded."""
    erase(bank.workspace, bank.tokens["dpo"], bank.people[2])
    size = recorded.size(bank.workspace)
    collector = bank.tokens["collector"]
    for nobody in (new(SubjectId), bank.people[2]):
        with pytest.raises(NotFound):
            give_consent(bank.workspace, collector, nobody, Choice(VIDEO, "zh", agreed=True))
        with pytest.raises(NotFound):
            withdraw_consent(bank.workspace, collector, nobody, VIDEO)
    for choice in (Choice("no.such", "zh", agreed=True), Choice(VIDEO, "fr", agreed=True)):
        with pytest.raises(Invalid):
            give_consent(bank.workspace, collector, bank.people[1], choice)
    assert recorded.size(bank.workspace) == size


@pytest.mark.parametrize("role", ["analyst", "operator", "approver", "model", "auditor", "credit_officer"])
def test_only_who_deals_with_people_records_their_choices(bank: Lender, role: str) -> None:
    """Anybody else neither gives nor takes back in somebody's name; auditors and credit officers may read."""
    give_consent(bank.workspace, bank.tokens["collector"], bank.people[1], Choice(VIDEO, "zh", agreed=True))
    with pytest.raises(Refused):
        give_consent(bank.workspace, bank.tokens[role], bank.people[1], Choice(VIDEO, "zh", agreed=True))
    with pytest.raises(Refused):
        withdraw_consent(bank.workspace, bank.tokens[role], bank.people[1], VIDEO)
    if role in {"auditor", "credit_officer"}:
        assert len(consents_of(bank.workspace, bank.tokens[role], bank.people[1])) == 3
    else:
        with pytest.raises(Refused):
            consents_of(bank.workspace, bank.tokens[role], bank.people[1])
    found = bank.workspace.data.read(lambda records: consents_for(bank.workspace, records, bank.people[1]))
    assert sum(consent.stands for consent in found) == 1


def test_who_came_by_themselves_is_on_record(bank: Lender) -> None:
    """Skipping the wait after a no leaves a trace: the event says on whose initiative, and so does the question."""
    desk, who = bank.tokens["rights_desk"], bank.people[1]
    asked = serve_notice(bank.workspace, desk, who, VIDEO, "zh")
    answer_notice(bank.workspace, desk, asked.consent, agreed=False)
    serve_notice(bank.workspace, desk, who, VIDEO, "zh", by_person=True)
    initiatives = [event.facts["initiative"] for event in recorded.events(bank.workspace, EventKind.NOTICE_SERVED)]
    assert initiatives[-2:] == ["institution", "person"]
    assert sorted(consent.by_person for consent in video_of(bank, 1)) == [False, True]


@pytest.mark.parametrize("channel", ["", "counter", "wang.xiaoming", "分行"])
def test_a_channel_is_one_of_a_list(bank: Lender, channel: str) -> None:
    """A word of somebody's own does not reach the public log; those of the list do."""
    desk, who = bank.tokens["rights_desk"], bank.people[1]
    with pytest.raises(Invalid) as refusal:
        serve_notice(bank.workspace, desk, who, VIDEO, "zh", channel=channel)
    assert refusal.value.place == "channel"
    serve_notice(bank.workspace, desk, who, VIDEO, "zh", channel="mini-program")
    assert recorded.events(bank.workspace, EventKind.NOTICE_SERVED)[-1].facts["channel"] == "mini-program"
