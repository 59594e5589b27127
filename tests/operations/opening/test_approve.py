from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shouxin.approvals.transitions import RequestState
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import RequestId, new
from shouxin.errors import CallerError, Invalid, NotFound, NotInThisState, Refused
from shouxin.operations.opening.approve import (
    approve,
    get_request,
    list_requests,
    refuse_request,
    request_access,
    withdraw_request,
)
from shouxin.operations.opening.disclose import disclose
from tests import recorded
from tests.operations.portfolio import CARD_NUMBER, NAME, Hands, Lender, card, lender
from tests.workspaces import adopt, signed_in


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """A customer."""
    made = lender(tmp_path, Hands())
    made.take([1])
    return made


def asked(bank: Lender, role: str = "analyst", **wished: Any) -> RequestId:
    """Ask for applicant 1 raw."""
    return request_access(bank.workspace, bank.tokens[role], bank.wish(bank.people[1], **{"form": "raw", **wished}))


def grants(bank: Lender) -> list[EventKind]:
    """Return what the log says of grants, in order."""
    kinds = [event.kind for event in recorded.events(bank.workspace)]
    return [kind for kind in kinds if kind in {EventKind.GRANT_ISSUED, EventKind.GRANT_ENDED}]


def test_a_chain_is_gone_through_level_by_level(bank: Lender) -> None:
    """The approver, then the officer; only the last agreement issues a grant, which ends when the card says."""
    request = asked(bank)
    with pytest.raises(Refused):
        approve(bank.workspace, bank.tokens["dpo"], request)
    assert approve(bank.workspace, bank.tokens["approver"], request).state is RequestState.OPEN
    assert grants(bank) == []
    for again in ("approver", "approver.2"):
        with pytest.raises(Refused):
            approve(bank.workspace, bank.tokens[again], request)
    assert approve(bank.workspace, bank.tokens["dpo"], request).state is RequestState.GRANTED
    assert grants(bank) == [EventKind.GRANT_ISSUED]
    with pytest.raises(NotInThisState):
        approve(bank.workspace, bank.tokens["dpo.2"], request)
    assert disclose(bank.workspace, bank.tokens["analyst"], bank.wish(bank.people[1], form="raw")).values


def test_a_level_of_two_asks_for_two_people(bank: Lender) -> None:
    """A quorum is met by different accounts; nobody counts twice, and nobody agrees to their own request."""
    text = card("customer.file", 2).replace('{ role = "approver" }', '{ role = "analyst", quorum = 2 }')
    adopt(bank.workspace, bank.tokens["dpo"], text)
    request = asked(bank)
    with pytest.raises(Refused):
        approve(bank.workspace, bank.tokens["analyst"], request)
    approve(bank.workspace, bank.tokens["analyst.2"], request)
    with pytest.raises(Refused):
        approve(bank.workspace, bank.tokens["analyst.2"], request)
    assert get_request(bank.workspace, bank.tokens["analyst"], request).asked == "analyst"
    assert grants(bank) == []


def test_a_denial_ends_a_request(bank: Lender) -> None:
    """Whoever is asked may deny; from then on nobody agrees; the requester cannot deny, only withdraw."""
    request = asked(bank)
    for role in ("analyst", "dpo", "operator"):
        with pytest.raises(Refused):
            refuse_request(bank.workspace, bank.tokens[role], request)
    assert refuse_request(bank.workspace, bank.tokens["approver"], request).state is RequestState.DENIED
    for role in ("approver.2", "dpo"):
        with pytest.raises(CallerError):
            approve(bank.workspace, bank.tokens[role], request)
    assert grants(bank) == []


@pytest.mark.parametrize("granted", [False, True])
def test_a_request_is_withdrawn_by_its_maker_with_what_came_of_it(bank: Lender, granted: bool) -> None:
    """Nobody else withdraws it; with it the grant ends, on record, and the next disclosure is refused."""
    request = asked(bank)
    if granted:
        approve(bank.workspace, bank.tokens["approver"], request)
        approve(bank.workspace, bank.tokens["dpo"], request)
    for role in ("analyst.2", "dpo", "operator"):
        with pytest.raises(Refused):
            withdraw_request(bank.workspace, bank.tokens[role], request)
    assert withdraw_request(bank.workspace, bank.tokens["analyst"], request).state is RequestState.WITHDRAWN
    assert grants(bank) == ([EventKind.GRANT_ISSUED, EventKind.GRANT_ENDED] if granted else [])
    with pytest.raises(Refused):
        disclose(bank.workspace, bank.tokens["analyst"], bank.wish(bank.people[1], form="raw"))


def test_a_request_waits_no_longer_than_its_card_says(bank: Lender) -> None:
    """Expired, it says so, is no longer listed as open, and nobody agrees to it any more."""
    request = asked(bank)
    clock = bank.workspace.clock
    assert isinstance(clock, Hands)
    clock.on(days=30)
    approver = signed_in(bank.workspace, "approver")
    with pytest.raises(NotInThisState):
        approve(bank.workspace, approver, request)
    seen = get_request(bank.workspace, approver, request)
    assert (seen.asked, seen.request.state) == (None, RequestState.EXPIRED)
    assert list_requests(bank.workspace, approver) == []
    assert [one.request_id for one in list_requests(bank.workspace, approver, all_states=True)] == [request]


def test_a_request_under_an_older_card_is_asked_again(bank: Lender) -> None:
    """Once the card changed nobody agrees under the old one; denying and withdrawing still work."""
    first, second = asked(bank), asked(bank)
    adopt(bank.workspace, bank.tokens["dpo"], card("customer.file", 2))
    with pytest.raises(NotInThisState):
        approve(bank.workspace, bank.tokens["approver"], first)
    assert refuse_request(bank.workspace, bank.tokens["approver"], first).state is RequestState.DENIED
    assert withdraw_request(bank.workspace, bank.tokens["analyst"], second).state is RequestState.WITHDRAWN
    third = asked(bank)
    assert approve(bank.workspace, bank.tokens["approver"], third).state is RequestState.OPEN


def test_only_what_a_grant_could_carry_is_asked_for(bank: Lender) -> None:
    """No approval needed, another role, an item that is not on the card, or no such request: refused as what it is."""
    with pytest.raises(Invalid):
        asked(bank, form="masked")
    with pytest.raises(Invalid):
        asked(bank, purpose="no.such")
    with pytest.raises(Invalid):
        asked(bank, items=[])
    with pytest.raises(Refused):
        asked(bank, "credit_officer")
    with pytest.raises(Refused):
        asked(bank, items=[NAME, CARD_NUMBER])
    assert list_requests(bank.workspace, bank.tokens["auditor"], all_states=True) == []
    for act in (approve, refuse_request, withdraw_request):
        with pytest.raises(NotFound):
            act(bank.workspace, bank.tokens["approver"], new(RequestId))
