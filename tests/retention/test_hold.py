"""A hold keeps what it names until somebody else lifts it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import AccountId, SubjectId
from shouxin.errors import NotInThisState, Refused
from shouxin.retention.hold import Hold, held, lift

ONE, OTHER = AccountId(b"1" * 16), AccountId(b"2" * 16)
HOLD = Hold(
    SubjectId(b"s" * 16), "court", "official.request", "PIPL 13(1)(3)", (), b"p" * 32, ONE, Instant(1), date(2027, 1, 1)
)


def test_a_hold_of_everything_keeps_everything_and_one_of_a_purpose_that() -> None:
    """With rule and article, and no day on which it ends."""
    kept = held([HOLD], "loan.file")
    assert kept is not None
    assert (kept.rule, kept.article, kept.until) == ("legal-hold.court", "PIPL 13(1)(3)", None)
    some = replace(HOLD, purposes=("loan.file",))
    assert held([some], "loan.file") == kept
    assert held([some], "interview.video") is None
    assert held([], "loan.file") is None


def test_it_is_lifted_once_by_another_person() -> None:
    """Afterwards it keeps nothing, and says who lifted it on which paper."""
    with pytest.raises(Refused):
        lift(HOLD, ONE, b"q" * 32, Instant(2))
    after = lift(HOLD, OTHER, b"q" * 32, Instant(2))
    assert (after.lifted, after.lifted_by, after.lifted_on) == (Instant(2), OTHER, b"q" * 32)
    assert held([after], "loan.file") is None
    with pytest.raises(NotInThisState):
        lift(after, OTHER, b"q" * 32, Instant(3))
