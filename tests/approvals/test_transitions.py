"""The life of a request is exactly its table."""

from __future__ import annotations

from itertools import product

import pytest

from shouxin.approvals.transitions import TRANSITIONS, RequestEvent, RequestState, follow
from shouxin.errors import NotInThisState

PAIRS = list(product(RequestState, RequestEvent))
# Written out a second time on purpose: a row added to the table by mistake fails here.
LEGAL = {
    "open": {
        "agree": "open",
        "complete": "granted",
        "deny": "denied",
        "withdraw": "withdrawn",
        "expire": "expired",
    },
    "granted": {"withdraw": "withdrawn", "expire": "expired"},
    "denied": {},
    "withdrawn": {},
    "expired": {},
}


@pytest.mark.parametrize(("state", "event"), PAIRS)
def test_every_pair_follows_the_table_or_raises(state: RequestState, event: RequestEvent) -> None:
    """A legal event leads to its state; an illegal one raises, names both and leaves the table as is."""
    before = dict(TRANSITIONS)
    expected = LEGAL[state].get(event)
    if expected is None:
        with pytest.raises(NotInThisState, match=f"that is {state} (cannot {event}|is not for 'shouxin access \\w+')"):
            follow(state, event)
    else:
        assert follow(state, event) == expected
    assert before == TRANSITIONS


def test_what_has_ended_stays_ended() -> None:
    """From denied, withdrawn and expired nothing leads anywhere."""
    ended = {RequestState.DENIED, RequestState.WITHDRAWN, RequestState.EXPIRED}
    assert not ended & {state for state, _ in TRANSITIONS}


def test_every_state_can_be_reached() -> None:
    """From open there is a way to each state, and only completing a chain grants."""
    reached = {RequestState.OPEN}
    for _ in RequestState:
        reached |= {after for (state, _), after in TRANSITIONS.items() if state in reached}
    assert reached == set(RequestState)
    assert [pair for pair, after in TRANSITIONS.items() if after is RequestState.GRANTED] == [
        (RequestState.OPEN, RequestEvent.COMPLETE)
    ]
