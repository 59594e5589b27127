"""Who sees a request: whoever made it, the roles that its chain asks, and who watches."""

from __future__ import annotations

from pathlib import Path

import pytest

from shouxin.actors.account import ROLES
from shouxin.approvals.transitions import RequestState
from shouxin.domain.identifiers import RequestId
from shouxin.errors import NotFound, Refused
from shouxin.operations.opening.approve import approve, get_request, list_requests, refuse_request, request_access
from tests.operations.portfolio import lender


@pytest.mark.parametrize("name", sorted(ROLES | {"analyst.2", "approver.2"}))
def test_a_request_is_seen_by_whom_it_concerns(tmp_path: Path, name: str) -> None:
    """Its maker, approvers and officers of its chain, and auditors; a colleague with the same role does not."""
    bank = lender(tmp_path)
    bank.take([1])
    workspace, token = bank.workspace, bank.tokens[name]
    made = request_access(workspace, bank.tokens["analyst"], bank.wish(bank.people[1], form="raw"))
    if name in {"analyst", "approver", "approver.2", "dpo", "auditor"}:
        found = get_request(workspace, token, made)
        assert (found.request_id, found.asked, found.request.subjects) == (made, "approver", (bank.people[1],))
        assert list_requests(workspace, token) == [found]
        return
    with pytest.raises(Refused):
        get_request(workspace, token, made)
    assert list_requests(workspace, token, all_states=True) == []


def test_a_request_is_as_it_stands_now(tmp_path: Path) -> None:
    """After each step it says the next role that is asked, and nothing once it has ended."""
    bank = lender(tmp_path)
    bank.take([1])
    workspace, analyst = bank.workspace, bank.tokens["analyst"]
    made = request_access(workspace, analyst, bank.wish(bank.people[1], form="raw"))
    approve(workspace, bank.tokens["approver"], made)
    assert get_request(workspace, analyst, made).asked == "dpo"
    refuse_request(workspace, bank.tokens["dpo"], made)
    ended = get_request(workspace, analyst, made)
    assert (ended.asked, ended.request.state) == (None, RequestState.DENIED)
    assert list_requests(workspace, analyst) == []
    assert list_requests(workspace, analyst, all_states=True) == [ended]
    with pytest.raises(NotFound):
        get_request(workspace, analyst, RequestId(bytes(16)))
