"""Consent stands from when it was given until it is taken back, for one purpose."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shouxin.consent.consent import Consent, withdraw
from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import SubjectId
from shouxin.errors import NotInThisState

TOLD = Consent(SubjectId(bytes(16)), "credit.review", 1, bytes(32), Instant(10), "zh")
GIVEN = replace(TOLD, given=Instant(20), separate=True)


def test_being_told_is_not_consenting() -> None:
    """A notice without a question leaves no consent that stands."""
    assert not TOLD.stands
    assert GIVEN.stands


def test_a_withdrawal_ends_it_and_keeps_what_was() -> None:
    """Taken back it stands no longer, and everything that was shown and chosen stays on record (PIPL 15(2))."""
    taken_back = withdraw(GIVEN, Instant(30))
    assert not taken_back.stands
    assert replace(taken_back, withdrawn=None) == GIVEN
    assert taken_back.withdrawn == 30


@pytest.mark.parametrize("consent", [TOLD, replace(GIVEN, withdrawn=Instant(25)), replace(TOLD, withdrawn=Instant(25))])
def test_what_does_not_stand_cannot_be_taken_back(consent: Consent) -> None:
    """Never given, or taken back already: it raises, and the first withdrawal keeps its time."""
    before = replace(consent)
    with pytest.raises(NotInThisState):
        withdraw(consent, Instant(40))
    assert consent == before
