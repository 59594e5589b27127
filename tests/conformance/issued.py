"""Honest certificates of several shapes, with whoever signed and witnessed them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from shouxin.approvals.order_transitions import OrderState
from shouxin.bootstrap import WitnessFolder
from shouxin.domain.clock import local_date
from shouxin.domain.identifiers import OperationId
from shouxin.ledger.note import Verifier
from shouxin.operations.advance import advance
from shouxin.operations.auditing.heads import LogHead
from shouxin.operations.auditing.publish import accept_cosignature, publish, witness_request
from shouxin.operations.certifying.certify import certificate
from shouxin.operations.deletion.decide import leave_system
from shouxin.operations.deletion.progress import progress_of
from shouxin.operations.downstream.databases import register_database, switch_database
from shouxin.operations.erasing.erase import erase
from shouxin.vault.attestation import Attestation, EvidenceKept, ListedResidual, SuppressionKept
from tests import workspaces
from tests.operations.core import described
from tests.operations.deletion.house import DELETION, NO_RETURN, House
from tests.operations.portfolio import Hands, lender

Document = dict[str, Any]


@dataclass(frozen=True)
class Issued:
    """Honest certificates by name, who signs them, and the witness that cosigned most of them."""

    documents: dict[str, Document]
    head: LogHead
    witness: Verifier
    folder: Path


def issue(home: Path) -> Issued:
    """Return certificates of several shapes: live and sealed, whole and part, with and without openings and witness."""
    clock = Hands()
    bank = lender(home, clock)
    bank.take([1], contact=True)
    bank.take([2])
    bank.take([3, 4, 5], customer=False)
    bank.film(bank.people[1])
    bank.masked(*bank.people.values())
    bank.masked(bank.people[1])
    workspace, dpo = bank.workspace, bank.tokens["dpo"]
    made: dict[str, Document] = {}
    operations: dict[int, OperationId] = {}
    for number, purposes in ((1, None), (2, ["loan.file"]), (3, None)):
        operations[number], _ = erase(workspace, dpo, bank.people[number], purposes)
    made["live"] = certificate(workspace, dpo, operations[1])
    operations[4], _ = erase(workspace, dpo, bank.people[4])
    operations[5] = with_databases(home, House(bank, clock))
    advance(workspace, bank.tokens["operator"])
    witness = WitnessFolder(home / "witness", "witness.example")
    publish(workspace, bank.tokens["operator"])
    log = workspace.head.verifier
    answer = witness.add_checkpoint(log, witness_request(workspace, witness.known(log.name)), 1_800_000_000)
    accept_cosignature(workspace, answer.body, witness.verifier)
    said = Attestation(
        (ListedResidual("recipient-not-told", "a bureau", "partners", day_set_by="own-rule"),),
        evidence_retained=(EvidenceKept("request", "rights.answer", "PIPL 69", None),),
        suppression=SuppressionKept("no.return", "tag", "PIPL 47", None),
    )
    for number, operation in operations.items():
        made[f"sealed-{number}"] = certificate(workspace, dpo, operation, said if number == 1 else None)
    assert isinstance(workspace.head, LogHead)
    return Issued(made, workspace.head, witness.verifier, home)


def with_databases(folder: Path, home: House) -> OperationId:
    """Erase person 5 by an order, in a database that answers and in one that is off and left to an officer."""
    workspace, dpo = home.bank.workspace, home.bank.tokens["dpo"]
    for text in (NO_RETURN, DELETION):
        workspaces.adopt(workspace, dpo, text)
    home.with_core(folder)
    register_database(workspace, dpo, described(name="lender-off"), "LENDER_DSN")
    switch_database(workspace, dpo, "lender-off", on=False)
    order = home.cooled(home.wanted(home.bank.people[5]))
    assert home.executed(order).state is OrderState.UNFINISHED
    due = local_date(home.clock.now()) + timedelta(days=30)
    leave_system(workspace, dpo, order, "lender-off", due)
    assert home.executed(order).state is OrderState.DONE
    (operation,) = progress_of(workspace, dpo, order).operations
    return operation
