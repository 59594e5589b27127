"""Replay the journal of destructions: what was destroyed stays destroyed, whichever copy of the keyring is opened.

Run whenever a workspace is opened. A keyring that is older than the journal (a backup put back, or a crash between
journal and keyring) has fewer destructions carried out than the journal holds; the missing ones are carried out now.
One thing waits: while a restore is not finished, the key of a cell of which only some values were corrected since the
backup. The rest of it is carried over first (``carry_over``); until then the store takes no writing, so nothing opens.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from shouxin.domain.identifiers import CellId
from shouxin.errors import RolledBack
from shouxin.keys.journal import Destruction, Fates
from shouxin.operations.index_age import is_todays
from shouxin.operations.rekeying import rekey, settle
from shouxin.operations.workspace import Workspace
from shouxin.vault.cell import item_codes
from shouxin.vault.records import CellKind, CellRow

__all__ = ["replay_destructions", "settle_pending", "waiting"]


def replay_destructions(workspace: Workspace) -> int:
    """Carry out what the journal holds and the keyring has not done yet; return how many chains were changed.

    Raises:
        RolledBack: the journal is shorter than what was carried out: it was cut or replaced by an old copy.
        Tampered: the journal was edited. Fenced: somebody else changes keys now; open again.
    """
    custody, journal = workspace.custody, workspace.journal
    with journal.turn():  # who is between the two now is not one who was killed there
        done, wanted = custody.keyring.mark(), journal.count()
    if done > wanted:
        raise RolledBack(f"the journal of destructions has {wanted} entries, {done} were carried out")
    if done == wanted:
        return 0
    entries = list(journal.entries())
    missing = entries[done:]
    kept = waiting(workspace, entries)
    destroyed = {identifier for entry in missing for identifier in entry.destroyed} - kept.keys()
    if workspace.data.read(partial(is_todays, workspace)):  # an old copy answers nobody, and is left as it is
        workspace.index.remove([CellId(one) for one in sorted(destroyed)])
    return rekey(
        workspace,
        {entry.subject: None for entry in missing},
        gone=destroyed,
        replaying=missing,
        replayed=None if kept else len(entries),
    )


def waiting(workspace: Workspace, entries: Sequence[Destruction]) -> dict[CellId, tuple[CellRow, frozenset[str]]]:
    """Return the cells of which something must be carried over before their keys are destroyed, with what must not.

    Only while a restore is not finished: an old row that somebody puts back at any other time gets nothing.
    """
    if not workspace.data.restoring():
        return {}
    fates = Fates.of(entries)
    people = sorted({entry.subject for entry in entries if entry.went_on})
    found: dict[CellId, tuple[CellRow, frozenset[str]]] = {}
    for row in workspace.data.read(lambda records: records.cells.cells_of(people)):
        wrong = fates.corrected(row.cell)
        if wrong is not None and row.kind is CellKind.OWN and not wrong.issuperset(item_codes(row.sealed)):
            found[row.cell] = (row, wrong)
    return found


def settle_pending(workspace: Workspace) -> int:
    """Finish or undo what a crash left between keyring and data store; nothing while somebody is at work."""
    with workspace.custody.keyring.alone() as alone:
        pending = workspace.custody.keyring.pending() if alone else []
        return settle(workspace, pending) if pending else 0
