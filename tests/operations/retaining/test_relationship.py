"""The end of a relationship starts the statutory clocks, and what they let go may then be erased."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from shouxin.domain.clock import local_date
from shouxin.errors import Invalid, NotInThisState, Refused
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.erasing.erase import erase
from shouxin.operations.retaining.relationship import end_relationship
from shouxin.operations.retaining.standing import standing
from shouxin.vault.erasure import Outcome
from tests.operations.portfolio import BEGAN, Hands, lender
from tests.workspaces import signed_in


def test_ten_years_after_the_end_everything_may_go(tmp_path: Path) -> None:
    """Before the end a floor keeps; its date counts from the end; once it has come, an erasure keeps nothing."""
    clock = Hands()
    bank = lender(tmp_path, clock)
    bank.take([1])
    who, officer = bank.people[1], bank.tokens["dpo"]
    today = local_date(clock.now())
    end_relationship(bank.workspace, officer, who, today)
    (until,) = {kept.until for kept in standing(bank.workspace, officer, who).floors}
    assert until == today.replace(year=today.year + 10)
    clock.on(days=(until - today).days + 1)
    again = bank.reopened(clock)
    officer = signed_in(again.workspace, "dpo")
    _, done = erase(again.workspace, officer, who)
    assert not done.having(Outcome.RETAINED)
    assert verify_ledger(again.workspace).flaws == []


def test_an_end_is_a_fact_of_a_relationship_that_was(tmp_path: Path) -> None:
    """Not in the future, not before it began, not twice, not for somebody who never became a customer."""
    clock = Hands()
    bank = lender(tmp_path, clock)
    bank.take([1, 2], customer=False)
    bank.take([3])
    officer, who = bank.tokens["dpo"], bank.people[3]
    today = local_date(clock.now())
    for day in (today + timedelta(days=1), BEGAN - timedelta(days=1)):
        with pytest.raises(Invalid):
            end_relationship(bank.workspace, officer, who, day)
    with pytest.raises(Refused):
        end_relationship(bank.workspace, bank.tokens["collector"], who, today)
    with pytest.raises(NotInThisState):
        end_relationship(bank.workspace, officer, bank.people[1], today)
    end_relationship(bank.workspace, officer, who, today)
    with pytest.raises(NotInThisState):
        end_relationship(bank.workspace, officer, who, today)
