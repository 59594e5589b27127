from __future__ import annotations

from pathlib import Path

from shouxin.operations.deletion.decide import agree_order
from shouxin.operations.inbox import inbox_of, names_of, waits_for, who_acts
from tests.web.scene import scene


def test_what_waits_waits_for_the_role_that_is_asked(tmp_path: Path) -> None:
    """For approvers both orders and the request; for who asked, and for who agreed already, not any more."""
    made = scene(tmp_path)
    bank = made.house.bank

    def waiting(name: str) -> int:
        box = inbox_of(bank.workspace, bank.tokens[name])
        return sum(waits_for(box.actor, one) for one in (*box.requests, *box.orders))

    assert {name: waiting(name) for name in ("approver", "dpo", "rights_desk", "analyst", "collector")} == {
        "approver": 3,
        "dpo": 0,
        "rights_desk": 0,
        "analyst": 0,
        "collector": 0,
    }
    agree_order(bank.workspace, bank.tokens["approver"], made.bulk)
    assert (waiting("approver"), waiting("approver.2")) == (2, 3)
    agree_order(bank.workspace, bank.tokens["approver.2"], made.bulk)
    assert (waiting("approver.2"), waiting("dpo")) == (2, 1)
    agree_order(bank.workspace, bank.tokens["dpo"], made.bulk)
    assert (waiting("dpo.2"), waiting("rights_desk"), waiting("approver")) == (1, 1, 2)


def test_colleagues_are_named(tmp_path: Path) -> None:
    """To whoever is signed in, by their account."""
    bank = scene(tmp_path).house.bank
    analyst = who_acts(bank.workspace, bank.tokens["analyst"]).account
    assert names_of(bank.workspace, bank.tokens["collector"], [analyst]) == {analyst: "analyst"}
