"""An order as a value: every pair of state and event, and what each step demands."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.approvals.chain import Level
from shouxin.approvals.order import (
    VALID_DAYS,
    Filing,
    Ground,
    Identity,
    Left,
    Order,
    Preview,
    attach,
    cancel,
    confirm,
    deny_order,
    expire_order,
    identify,
    leave,
    order_agreed,
    sample_shown,
    scoped,
    start,
    submit,
)
from shouxin.approvals.order_transitions import CANCELLABLE, TRANSITIONS, OrderEvent, OrderState, follow_order
from shouxin.domain.clock import DAY, MINUTE, Instant
from shouxin.domain.identifiers import AccountId
from shouxin.errors import ApprovalMissing, Invalid, NotInThisState, Refused, ShouxinError

DESK, FIRST, SECOND = (AccountId(bytes([n]) * 16) for n in (1, 2, 3))
NOW = Instant(1_000_000)
DRAFT = Order(
    requester=DESK,
    ground=Ground.MET,
    purpose="data.deletion",
    version=1,
    people=2,
    purposes=(),
    due=False,
    scope=b"s" * 32,
    levels=(Level("approver", 1), Level("dpo", 1)),
    bulk=False,
    filing_due=False,
    cool_minutes=60,
    request_minutes=600,
    opened=NOW,
)
PREVIEW = Preview(NOW, {}, {}, None, 0, (), ())
APPROVER, OFFICER = frozenset({"approver"}), frozenset({"dpo"})


def _submitted(order: Order = DRAFT) -> Order:
    return submit(scoped(identify(order, None), PREVIEW), DESK, NOW)


@pytest.mark.parametrize(("state", "event"), list(itertools.product(OrderState, OrderEvent)))
def test_every_pair_is_in_the_table_or_raises(state: OrderState, event: OrderEvent) -> None:
    """No step exists that the table does not have."""
    if (state, event) in TRANSITIONS:
        assert follow_order(state, event) is TRANSITIONS[state, event]
    else:
        with pytest.raises(NotInThisState):
            follow_order(state, event)


def test_nothing_leads_out_of_an_end_and_nothing_cancels_what_has_begun() -> None:
    """Done, cancelled, refused and expired are ends; executing and unfinished cannot be cancelled."""
    ends = {OrderState.DONE, OrderState.CANCELLED, OrderState.REFUSED, OrderState.EXPIRED}
    assert not ends & {state for state, _ in TRANSITIONS}
    assert {state for state, event in TRANSITIONS if event is OrderEvent.CANCEL} == set(CANCELLABLE)
    assert not {OrderState.EXECUTING, OrderState.UNFINISHED} & set(CANCELLABLE)


def test_both_levels_agree_then_it_cools_off() -> None:
    """In their order, each by another; executing before the time is refused, after it the point of no return."""
    order = _submitted()
    for wrong in ((DESK, APPROVER), (SECOND, OFFICER)):
        with pytest.raises(Refused):
            order_agreed(order, *wrong, NOW)
    order = order_agreed(order, FIRST, APPROVER, NOW)
    with pytest.raises(Refused):
        order_agreed(order, FIRST, OFFICER, NOW)
    order = order_agreed(order, SECOND, OFFICER, NOW)
    assert (order.state, order.cool_until) == (OrderState.COOLING, NOW + 60 * MINUTE)
    with pytest.raises(NotInThisState):
        start(order, Instant(NOW + 60 * MINUTE - 1))
    assert start(order, Instant(NOW + 60 * MINUTE)).state is OrderState.EXECUTING


def test_a_bulk_is_confirmed_by_its_number() -> None:
    """Another number is no confirmation, nor is one by an account that was not shown the sample."""
    order = _submitted(replace(DRAFT, bulk=True, levels=(Level("approver", 1),)))
    with pytest.raises(NotInThisState):
        sample_shown(order, SECOND)
    order = order_agreed(order, FIRST, APPROVER, NOW)
    assert order.state is OrderState.CONFIRMING
    order = sample_shown(sample_shown(order, FIRST), FIRST)
    assert order.shown == (FIRST,)
    with pytest.raises(Refused) as caught:
        confirm(order, SECOND, 2, NOW)
    assert caught.value.reasons == (("sample-first", "PIPL 51(1)(4)"),)
    order = sample_shown(order, SECOND)
    with pytest.raises(Invalid):
        confirm(order, SECOND, 3, NOW)
    after = confirm(order, SECOND, 2, NOW)
    assert (after.state, after.confirmed) == (OrderState.COOLING, SECOND)
    with pytest.raises(NotInThisState):
        confirm(order, SECOND, 2, Instant(NOW + 601 * MINUTE))


def test_papers_and_proofs_are_where_they_are_due() -> None:
    """A filing that is due is attached before submission; who asks is proved exactly where somebody asks."""
    order = scoped(identify(replace(DRAFT, filing_due=True), None), PREVIEW)
    with pytest.raises(ApprovalMissing):
        submit(order, DESK, NOW)
    filed = attach(order, Filing("court", b"p" * 32, DESK, NOW))
    assert submit(filed, DESK, NOW).state is OrderState.APPROVING
    with pytest.raises(Refused):
        submit(filed, FIRST, NOW)
    shown = Identity("in-person", b"e" * 32, DESK, NOW)
    with pytest.raises(Invalid):
        identify(DRAFT, shown)
    asked = replace(DRAFT, ground=Ground.ASKED)
    with pytest.raises(Invalid):
        identify(asked, None)
    assert identify(asked, shown).identity == shown


def test_denied_cancelled_expired_left() -> None:
    """Each ends it in its own way; a database is left only where one failed, once, by a day to come."""
    order = _submitted()
    assert deny_order(order, FIRST, APPROVER).state is OrderState.REFUSED
    with pytest.raises(Refused):
        deny_order(order, DESK, APPROVER)
    with pytest.raises(Refused):
        cancel(order, AccountId(b"9" * 16), frozenset({"analyst"}))
    assert cancel(order, DESK, frozenset()).state is OrderState.CANCELLED
    assert expire_order(order, Instant(NOW + 600 * MINUTE)).state is OrderState.EXPIRED
    assert expire_order(order, NOW) == order
    agreed = order_agreed(order_agreed(order, FIRST, APPROVER, NOW), SECOND, OFFICER, NOW)
    assert agreed.cool_until is not None
    over = Instant(agreed.cool_until + VALID_DAYS * DAY)
    assert expire_order(agreed, Instant(over - 1)) == agreed
    assert expire_order(agreed, over).state is OrderState.EXPIRED
    begun = start(agreed, agreed.cool_until)
    assert expire_order(begun, over) == begun
    left = Left("crm", FIRST, date(2027, 1, 1))
    with pytest.raises(NotInThisState):
        leave(order, left, date(2026, 1, 1))


@given(st.lists(st.sampled_from(OrderEvent), max_size=12))
def test_no_path_reaches_execution_without_its_yes(events: list[OrderEvent]) -> None:
    """However events come, executing comes after a complete chain, and in bulk after a confirmation."""
    state, seen = OrderState.DRAFTED, set()
    for event in events:
        try:
            state = follow_order(state, event)
        except ShouxinError:
            continue
        seen.add(event)
    if state in {OrderState.EXECUTING, OrderState.UNFINISHED, OrderState.DONE}:
        assert OrderEvent.COMPLETE in seen or {OrderEvent.COMPLETE_BULK, OrderEvent.CONFIRM} <= seen
        assert {OrderEvent.IDENTIFY, OrderEvent.PREVIEW, OrderEvent.SUBMIT} <= seen
