"""Destroying what software cannot shred, on record."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from shouxin.domain.clock import local_date
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import DestructionId, OperationId, new
from shouxin.errors import Invalid, NotFound, NotSignedIn, Refused
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.certifying.destructions import (
    Thing,
    destructions_in,
    escalate_overdue,
    list_destructions,
    open_destruction,
    residuals_of,
    witness_destruction,
)
from shouxin.vault.destruction import DestructionState, Medium
from tests import recorded
from tests.operations.archives import wait
from tests.operations.portfolio import Hands, Lender, lender

SERIAL = "WD-鹿鸣 4711"
EVIDENCE = "ab" * 32


@pytest.fixture
def bank(tmp_path: Path, clock: Hands) -> Lender:
    """A lender without customers."""
    return lender(tmp_path, clock)


def disk(bank: Lender, days: int = 10) -> Thing:
    """Return a disk for which the operator answers."""
    due = local_date(bank.workspace.clock.now()) + timedelta(days=days)
    return Thing(Medium.DISK, "destroy-shred", SERIAL, "branch-7", "operator", due)


def test_a_disk_is_destroyed_before_two_witnesses(bank: Lender) -> None:
    """Opened, seen by two, listed no more; three events that say neither serial nor person; audits clean."""
    size = recorded.size(bank.workspace)
    made = open_destruction(bank.workspace, bank.tokens["dpo"], disk(bank))
    assert [name for name, _ in list_destructions(bank.workspace, bank.tokens["auditor"])] == [made]
    first = witness_destruction(bank.workspace, bank.tokens["analyst"], made, " wd-鹿鸣4711\n", EVIDENCE)
    assert first.state is DestructionState.OPEN
    done = witness_destruction(bank.workspace, bank.tokens["approver"], made, SERIAL, "cd" * 32)
    assert done.state is DestructionState.DESTROYED
    assert list_destructions(bank.workspace, bank.tokens["auditor"]) == []
    assert len(list_destructions(bank.workspace, bank.tokens["auditor"], all_states=True)) == 1
    events = recorded.events(bank.workspace, since=size)
    assert [(one.kind, one.facts["state"], one.facts["evidence"]) for one in events] == [
        (EventKind.DESTRUCTION_CHANGED, "open", "0" * 64),
        (EventKind.DESTRUCTION_CHANGED, "open", EVIDENCE),
        (EventKind.DESTRUCTION_CHANGED, "destroyed", "cd" * 32),
    ]
    assert not any("鹿鸣" in str(one.facts) or made.hex() in str(one.facts) for one in events)
    assert "鹿鸣4711".encode() not in (bank.home / "data" / "data.db").read_bytes()
    assert verify_ledger(bank.reopened().workspace).flaws == []


def test_who_may_not_witness(bank: Lender) -> None:
    """The owner, the same person twice, another serial, no such record, nobody signed in: nothing changes."""
    made = open_destruction(bank.workspace, bank.tokens["dpo"], disk(bank))
    workspace, analyst = bank.workspace, bank.tokens["analyst"]
    with pytest.raises(Refused):
        witness_destruction(workspace, bank.tokens["operator"], made, SERIAL, EVIDENCE)
    with pytest.raises(Invalid):
        witness_destruction(workspace, analyst, made, "WD-4712", EVIDENCE)
    witness_destruction(workspace, analyst, made, SERIAL, EVIDENCE)
    with pytest.raises(Refused):
        witness_destruction(workspace, analyst, made, SERIAL, EVIDENCE)
    with pytest.raises(NotFound):
        witness_destruction(workspace, analyst, new(DestructionId), SERIAL, EVIDENCE)
    with pytest.raises(NotSignedIn):
        witness_destruction(workspace, type(analyst)(analyst[:-1] + "x"), made, SERIAL, EVIDENCE)
    ((_, one),) = list_destructions(workspace, bank.tokens["dpo"])
    assert len(one.witnesses) == 1


def test_what_cannot_be_opened(bank: Lender) -> None:
    """A role that has no business with it, a method that does nothing, a day gone by, nobody as owner, no serial."""
    thing = disk(bank)
    with pytest.raises(Refused):
        open_destruction(bank.workspace, bank.tokens["analyst"], thing)
    for wrong in (
        replace(thing, medium=Medium.PAPER, method="purge-degauss"),
        replace(thing, due=thing.due - timedelta(days=30)),
        replace(thing, serial="  "),
        replace(thing, where="Mr. 张三's desk"),
    ):
        with pytest.raises(Invalid):
            open_destruction(bank.workspace, bank.tokens["dpo"], wrong)
    with pytest.raises(NotFound):
        open_destruction(bank.workspace, bank.tokens["dpo"], replace(thing, owner="nobody"))
    assert list_destructions(bank.workspace, bank.tokens["dpo"]) == []


def test_what_is_late_is_escalated_once(bank: Lender, clock: Hands) -> None:
    """On its day not yet, the day after once; it can still be destroyed."""
    made = open_destruction(bank.workspace, bank.tokens["dpo"], disk(bank, days=2))
    wait(bank, clock, days=2)
    assert escalate_overdue(bank.workspace, bank.tokens["operator"]) == []
    wait(bank, clock, days=1)
    assert escalate_overdue(bank.workspace, bank.tokens["operator"]) == [made]
    assert escalate_overdue(bank.workspace, bank.tokens["operator"]) == []
    for role, shown in (("analyst", EVIDENCE), ("auditor", "cd" * 32)):
        one = witness_destruction(bank.workspace, bank.tokens[role], made, SERIAL, shown)
    assert one.state is DestructionState.DESTROYED
    assert verify_ledger(bank.reopened().workspace).flaws == []


def test_residuals_are_those_of_the_person_or_the_erasure(bank: Lender) -> None:
    """Both ways find it, nobody else's is listed, and a destroyed one is closed."""
    bank.take([1, 2], customer=False)
    erasure = new(OperationId)
    workspace, dpo = bank.workspace, bank.tokens["dpo"]
    open_destruction(workspace, dpo, replace(disk(bank), subject=bank.people[1]))
    late = replace(disk(bank, days=20), medium=Medium.PAPER, operation=erasure)
    made = open_destruction(workspace, dpo, late)
    open_destruction(workspace, dpo, replace(disk(bank), subject=bank.people[2]))

    def said(**about: object) -> list[tuple[str, str]]:
        found = workspace.data.read(
            lambda records: residuals_of((one for _, one in destructions_in(workspace, records)), **about)
        )  # type: ignore[arg-type]
        return [(one.what, one.state) for one in found]

    assert said(subject=bank.people[1]) == [("disk-not-destroyed", "open")]
    assert said(operation=erasure) == [("paper-not-destroyed", "open")]
    both = [("disk-not-destroyed", "open"), ("paper-not-destroyed", "open")]
    assert said(subject=bank.people[1], operation=erasure) == both
    for role, shown in (("analyst", EVIDENCE), ("auditor", "cd" * 32)):
        witness_destruction(workspace, bank.tokens[role], made, SERIAL, shown)
    assert said(operation=erasure) == [("paper-not-destroyed", "closed")]
    assert said() == []
