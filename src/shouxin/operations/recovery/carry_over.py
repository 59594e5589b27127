"""Carry over, at a restore, what a correction since the backup must not take with it (PIPL 46; law 2).

The backup holds the old cell: the wrong value and everything beside it under one key, and the journal says that this
key is destroyed. So what is not wrong is opened and sealed anew under a new key, put in place with its event, and only
then is the old key destroyed. The wrong values are not opened. The right ones came after the backup and are lost:
whoever restores is told for whom they must be entered again.

A crash leaves: before the event, new keys that opening settles; after it, the old key, which opening destroys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import CellId, SubjectId
from shouxin.domain.items import ItemCode
from shouxin.keys.journal import Destruction, Fates
from shouxin.operations.acting import Act
from shouxin.operations.recovery.replay import waiting
from shouxin.operations.rekeying import rekey, settle_clean
from shouxin.operations.resealing import Resealed, put_in_place, seal_anew
from shouxin.operations.workspace import Workspace
from shouxin.vault.cell import item_codes
from shouxin.vault.records import CellRow, Records

__all__ = ["CarriedOver", "carry_over", "lost_values"]


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """What was sealed anew, by person; durable keys, no row yet."""

    made: Mapping[SubjectId, Sequence[Resealed]]

    def put(self, workspace: Workspace, records: Records, act: Act) -> None:
        """Put the new cells in place, in the transaction that ends the restore."""
        for made in self.made.values():
            put_in_place(workspace, records, act, EventKind.CELL_RESTORED, made)

    def finish(self, workspace: Workspace) -> int:
        """Destroy the old keys and tags, once the new cells are recorded; return how many people got a new key."""
        old = [one.before.cell for made in self.made.values() for one in made]
        if not old:
            return 0
        workspace.index.remove(old)
        done = rekey(workspace, dict.fromkeys(self.made), gone=old)
        settle_clean(workspace, list(self.made))
        return done


def carry_over(workspace: Workspace) -> CarriedOver:
    """Seal anew what stands beside a value that was corrected since the backup; durable on return, not recorded."""
    found = waiting(workspace, list(workspace.journal.entries()))
    people: dict[SubjectId, list[CellRow]] = {}
    for row, _ in found.values():
        people.setdefault(row.subject, []).append(row)
    made: dict[SubjectId, Sequence[Resealed]] = {}
    for subject, rows in people.items():
        made[subject] = seal_anew(
            workspace,
            subject,
            rows,
            lambda row: ([item for item in item_codes(row.sealed) if item not in found[row.cell][1]], {}),
        )
    return CarriedOver(made)


def lost_values(records: Records, entries: Sequence[Destruction]) -> dict[SubjectId, tuple[ItemCode, ...]]:
    """Return whose values were corrected since the backup that stands, and which: they must be entered again."""
    fates = Fates.of(entries)
    lost: dict[SubjectId, set[ItemCode]] = {}
    for row in records.cells.cells_of(sorted({entry.subject for entry in entries if entry.went_on})):
        wrong = (fates.corrected(CellId(row.cell)) or frozenset()) & set(item_codes(row.sealed))
        if wrong:
            lost.setdefault(row.subject, set()).update(ItemCode(item) for item in wrong)
    return {subject: tuple(sorted(items)) for subject, items in lost.items()}
