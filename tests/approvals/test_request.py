"""Maker and checker: who may agree, when a chain is complete, and what the grant covers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.approvals.chain import Level
from shouxin.approvals.request import Grant, Request, agree, deny, expire, withdraw
from shouxin.approvals.transitions import RequestState
from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import AccountId, RequestId, SubjectId
from shouxin.errors import NotInThisState, Refused

MAKER, A, B, C, D = (AccountId(bytes([number]) * 16) for number in range(1, 6))
APPROVER, DPO = frozenset({"approver"}), frozenset({"dpo"})
NOW, UNTIL = Instant(1_000), Instant(2_000)
REQUEST = Request(
    requester=MAKER,
    purpose="credit.review",
    version=1,
    form="raw",
    items=("identity.name",),
    subjects=(SubjectId(bytes(16)),),
    levels=(Level("approver", 2), Level("dpo", 1)),
    grant_minutes=60,
    opened=Instant(0),
    until=UNTIL,
)
ENDED = [state for state in RequestState if state is not RequestState.OPEN]


def test_a_chain_is_completed_level_by_level() -> None:
    """Two approvers, then the officer: only the last agreement of the last level grants."""
    one = agree(REQUEST, A, APPROVER, NOW)
    two = agree(one, B, APPROVER, NOW)
    three = agree(two, C, DPO, NOW)
    assert [(r.state, r.level) for r in (one, two, three)] == [
        (RequestState.OPEN, 0),
        (RequestState.OPEN, 1),
        (RequestState.GRANTED, 1),
    ]
    assert [(given.account, given.level) for given in three.agreements] == [(A, 0), (B, 0), (C, 1)]
    assert REQUEST.agreements == ()


def test_nobody_approves_their_own() -> None:
    """The requester is refused at every level, whatever roles they hold."""
    second = agree(agree(REQUEST, A, APPROVER, NOW), B, APPROVER, NOW)
    for request in (REQUEST, second):
        with pytest.raises(Refused) as caught:
            agree(request, MAKER, APPROVER | DPO, NOW)
        assert caught.value.reasons == (("maker-checker", "PIPL 51(1)(4)"),)
        with pytest.raises(Refused):
            deny(request, MAKER, APPROVER | DPO)


def test_nobody_agrees_twice() -> None:
    """One person fills neither a quorum alone nor two levels of one chain."""
    one = agree(REQUEST, A, APPROVER | DPO, NOW)
    with pytest.raises(Refused):
        agree(one, A, APPROVER | DPO, NOW)
    two = agree(one, B, APPROVER, NOW)
    with pytest.raises(Refused):
        agree(two, A, APPROVER | DPO, NOW)


def test_the_role_of_the_level_counts() -> None:
    """Who has the role of another level, or none, neither agrees nor denies."""
    for roles in (DPO, frozenset[str](), frozenset({"analyst", "operator"})):
        with pytest.raises(Refused):
            agree(REQUEST, A, roles, NOW)
        with pytest.raises(Refused):
            deny(REQUEST, A, roles)


def test_a_request_ends_by_its_time() -> None:
    """At the very instant of its end nobody can agree any more; one millisecond before they can."""
    with pytest.raises(NotInThisState):
        agree(REQUEST, A, APPROVER, UNTIL)
    assert agree(REQUEST, A, APPROVER, Instant(UNTIL - 1)).agreements


def test_expiring_changes_only_what_has_expired() -> None:
    """An open request expires at its time; an earlier look, or another state, changes nothing."""
    assert expire(REQUEST, UNTIL).state is RequestState.EXPIRED
    assert expire(REQUEST, Instant(UNTIL - 1)) is REQUEST
    for state in ENDED:
        request = replace(REQUEST, state=state)
        assert expire(request, UNTIL) is request


def test_denying_ends_it() -> None:
    """Whoever could agree may deny, and that is the end."""
    denied = deny(REQUEST, A, APPROVER)
    assert denied == replace(REQUEST, state=RequestState.DENIED)
    with pytest.raises(NotInThisState):
        agree(denied, B, APPROVER, NOW)


def test_only_the_requester_withdraws() -> None:
    """The requester takes a request back, before or after it was granted; nobody else does."""
    assert withdraw(REQUEST, MAKER).state is RequestState.WITHDRAWN
    granted = replace(REQUEST, state=RequestState.GRANTED)
    assert withdraw(granted, MAKER).state is RequestState.WITHDRAWN
    for request in (REQUEST, granted):
        with pytest.raises(Refused):
            withdraw(request, A)


STEPS: dict[str, Callable[[Request], Request]] = {
    "agree": lambda request: agree(request, A, APPROVER | DPO, NOW),
    "deny": lambda request: deny(request, A, APPROVER | DPO),
    "withdraw": lambda request: withdraw(request, MAKER),
}


@pytest.mark.parametrize("state", ENDED)
@pytest.mark.parametrize("step", STEPS)
def test_an_illegal_step_raises_and_changes_nothing(state: RequestState, step: str) -> None:
    """From a state that has ended every step raises and the request is as it was."""
    request = replace(REQUEST, state=state)
    before = replace(request)
    if (state, step) == (RequestState.GRANTED, "withdraw"):
        assert STEPS[step](request).state is RequestState.WITHDRAWN
    else:
        with pytest.raises(NotInThisState):
            STEPS[step](request)
    assert request == before


@given(
    st.lists(st.builds(Level, st.sampled_from(["approver", "dpo"]), st.integers(1, 3)), min_size=1, max_size=3),
    st.lists(st.tuples(st.integers(1, 9), st.sampled_from([APPROVER, DPO, APPROVER | DPO])), max_size=20),
)
def test_no_order_of_agreements_grants_without_every_quorum(
    levels: list[Level], tries: list[tuple[int, frozenset[str]]]
) -> None:
    """Granted means that each level has its quorum of different people, the maker never among them."""
    request = replace(REQUEST, levels=tuple(levels))
    for who, roles in tries:
        try:
            request = agree(request, AccountId(bytes([who]) * 16), roles, NOW)
        except (Refused, NotInThisState):
            continue
    accounts = [given.account for given in request.agreements]
    assert MAKER not in accounts
    assert len(set(accounts)) == len(accounts)
    reached = [sum(given.level == at for given in request.agreements) for at in range(len(levels))]
    full = [have >= level.quorum for have, level in zip(reached, levels, strict=True)]
    assert (request.state is RequestState.GRANTED) == all(full)
    assert all(full[: request.level])


GRANT = Grant(RequestId(bytes(16)), A, "credit.review", "raw", ("identity.name",), (), UNTIL, 1)


@pytest.mark.parametrize(
    ("grant", "account", "purpose", "form", "now", "covered"),
    [
        (GRANT, A, "credit.review", "raw", NOW, True),
        (GRANT, A, "credit.review", "raw", Instant(UNTIL - 1), True),
        (GRANT, A, "credit.review", "raw", UNTIL, False),
        (GRANT, B, "credit.review", "raw", NOW, False),
        (GRANT, A, "marketing", "raw", NOW, False),
        (GRANT, A, "credit.review", "masked", NOW, False),
        (replace(GRANT, ended=True), A, "credit.review", "raw", NOW, False),
    ],
)
def test_a_grant_covers_exactly_what_it_says(
    grant: Grant, account: AccountId, purpose: str, form: str, now: Instant, covered: bool
) -> None:
    """Another account, purpose, form or time is not covered, and an ended grant covers nothing."""
    assert grant.covers(account, purpose, form, now) is covered
