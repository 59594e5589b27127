"""Where an object may stand, exhaustively."""

from __future__ import annotations

import itertools

import pytest

from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import ObjectId, SubjectId, new
from shouxin.errors import NotInThisState
from shouxin.vault.tier import TRANSITIONS, Tier, TierEvent, TierState, follow


@pytest.mark.parametrize(("state", "event"), list(itertools.product(TierState, TierEvent)))
def test_only_what_stands_in_the_table_happens(state: TierState, event: TierEvent) -> None:
    """A pair of the table leads on and says when; any other raises and changes nothing."""
    tier = Tier(new(ObjectId), new(SubjectId), Instant(1), b"o" * 16, state)
    if (state, event) in TRANSITIONS:
        after = follow(tier, event, Instant(2))
        assert (after.state, after.since, after.object_id) == (TRANSITIONS[state, event], 2, tier.object_id)
    else:
        with pytest.raises(NotInThisState):
            follow(tier, event, Instant(2))
        assert (tier.state, tier.since) == (state, 1)


def test_whatever_is_erased_stays_erased_and_everything_can_be() -> None:
    """No step leads out of erased, and one leads there from every other state."""
    assert {TRANSITIONS.get((state, TierEvent.ERASE)) for state in TierState} == {TierState.ERASED, None}
    assert not [event for state, event in TRANSITIONS if state is TierState.ERASED]
