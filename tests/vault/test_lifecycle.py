"""The life of a subject's data is exactly its table."""

from __future__ import annotations

from itertools import product

import pytest

from shouxin.errors import NotInThisState
from shouxin.vault.lifecycle import TRANSITIONS, SubjectEvent, follow
from shouxin.vault.records import SubjectState

# Written out a second time on purpose: a row added to the table by mistake fails here.
LEGAL = {
    "active": {"freeze": "frozen", "intend-erasure": "erasing", "merge": "merged"},
    "frozen": {"unfreeze": "active", "intend-erasure": "erasing"},
    "erasing": {"erase-whole": "erased", "erase-part": "frozen", "erase-asked": "active", "rejoin": "merged"},
    "erased": {},
    "merged": {"split": "active", "intend-erasure": "erasing"},
}


@pytest.mark.parametrize(("state", "event"), list(product(SubjectState, SubjectEvent)))
def test_every_pair_follows_the_table_or_raises(state: SubjectState, event: SubjectEvent) -> None:
    """A legal event leads to its state; an illegal one raises, names both and leaves the table as it was."""
    before = dict(TRANSITIONS)
    expected = LEGAL[state].get(event)
    if expected is None:
        with pytest.raises(NotInThisState, match=f"{state}.*{event}"):
            follow(state, event)
    else:
        assert follow(state, event) == expected
    assert before == TRANSITIONS


def test_nobody_comes_back_from_erased() -> None:
    """No event leads out of erased, and only an intent that was announced leads there."""
    assert not [pair for pair in TRANSITIONS if pair[0] is SubjectState.ERASED]
    assert {pair[0] for pair, after in TRANSITIONS.items() if after is SubjectState.ERASED} == {SubjectState.ERASING}


def test_every_state_is_left_and_reached_as_drawn() -> None:
    """From active there is a way to each state."""
    reached = {SubjectState.ACTIVE}
    for _ in SubjectState:
        reached |= {after for (state, _event), after in TRANSITIONS.items() if state in reached}
    assert reached == set(SubjectState)
