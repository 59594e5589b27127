"""How far an order has come: its batches, counted."""

from __future__ import annotations

from dataclasses import dataclass

from shouxin.actors.account import Token
from shouxin.domain.identifiers import OperationId, OrderId
from shouxin.operations.acting import begin
from shouxin.operations.deletion.book import BatchState, batches_of
from shouxin.operations.deletion.decide import SEEING
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records

__all__ = ["Progressed", "progress_of"]


@dataclass(frozen=True, slots=True)
class Progressed:
    """What became of an order's people so far, and by which erasures; ``systems`` are the databases that failed."""

    batches: int
    finished: int
    erased: int
    retained: int
    nothing: int
    failed: int
    systems: tuple[str, ...]
    operations: tuple[OperationId, ...]

    def told(self) -> dict[str, object]:
        """Return it as programs are told."""
        return {
            "batches": self.batches,
            "finished": self.finished,
            "erased": self.erased,
            "retained": self.retained,
            "nothing_found": self.nothing,
            "failed": self.failed,
            "systems": list(self.systems),
        }


def progress_of(workspace: Workspace, token: Token, order_id: OrderId) -> Progressed:
    """Return how far an order has come, for whoever watches over deletions or agrees to them.

    Raises:
        Refused, NotSignedIn: the caller may not.
    """

    def work(records: Records) -> Progressed:
        begin(workspace, records, token).need(*SEEING, "approver")
        every = [booked.batch for booked in batches_of(workspace, records, order_id)]
        return Progressed(
            len(every),
            sum(one.state is BatchState.DONE for one in every),
            sum(one.erased for one in every),
            sum(one.retained for one in every),
            sum(one.nothing for one in every),
            sum(len(one.failed) for one in every),
            tuple(sorted({system for one in every for _, system in one.failed})),
            tuple(OperationId(operation) for one in every for operation in one.operations),
        )

    return workspace.data.read(work)
