"""Whoever said no is left in peace from that no on, however often the question was shown since, on whatever record."""

from __future__ import annotations

from pathlib import Path

import pytest

from shouxin.errors import NotInThisState
from shouxin.operations.consenting.choose import answer_notice, serve_notice
from shouxin.operations.subjects import merge
from tests.operations.portfolio import Hands, lender
from tests.workspaces import signed_in

PURPOSE = "interview.video"


def test_a_notice_that_the_person_came_for_shortens_no_wait(tmp_path: Path) -> None:
    """They look at it and leave: the interval still counts from the no, and ends when it would have."""
    hands = Hands()
    bank = lender(tmp_path, hands)
    bank.take([1])
    desk, who = bank.tokens["collector"], bank.people[1]
    served = serve_notice(bank.workspace, desk, who, PURPOSE, "zh", by_person=True)
    answer_notice(bank.workspace, desk, served.consent, agreed=False)
    hands.on(minutes=5)
    serve_notice(bank.workspace, desk, who, PURPOSE, "zh", by_person=True)
    with pytest.raises(NotInThisState, match="interval"):
        serve_notice(bank.workspace, desk, who, PURPOSE, "zh")
    hands.on(days=91)
    assert serve_notice(bank.workspace, signed_in(bank.workspace, "collector"), who, PURPOSE, "zh").notice.asks


def test_a_no_on_one_record_counts_for_the_person(tmp_path: Path) -> None:
    """Two records of one person are one person to ask."""
    bank = lender(tmp_path, Hands())
    bank.take([1, 2])
    desk = bank.tokens["collector"]
    served = serve_notice(bank.workspace, desk, bank.people[1], PURPOSE, "zh", by_person=True)
    answer_notice(bank.workspace, desk, served.consent, agreed=False)
    merge(bank.workspace, bank.tokens["dpo"], bank.people[1], bank.people[2])
    with pytest.raises(NotInThisState, match="interval"):
        serve_notice(bank.workspace, desk, bank.people[2], PURPOSE, "zh")
