"""Replay the journal of destructions: what was destroyed stays destroyed, whichever copy of the keyring is opened.

Run whenever a workspace is opened. A keyring that is older than the journal (a backup put back, or a crash between
journal and keyring) has fewer destructions carried out than the journal holds; the missing ones are carried out now.
"""

from __future__ import annotations

from itertools import islice

from shouxin.errors import RolledBack
from shouxin.operations.rekeying import rekey, settle
from shouxin.operations.workspace import Workspace

__all__ = ["replay_destructions", "settle_pending"]


def replay_destructions(workspace: Workspace) -> int:
    """Carry out what the journal holds and the keyring has not done yet; return how many chains were changed.

    Raises:
        RolledBack: the journal is shorter than what was carried out: it was cut or replaced by an old copy.
        Tampered: the journal was edited. Fenced: somebody else changes keys now; open again.
    """
    custody, journal = workspace.custody, workspace.journal
    done, wanted = custody.keyring.mark(), journal.count()
    if done > wanted:
        raise RolledBack(f"the journal of destructions has {wanted} entries, {done} were carried out")
    if done == wanted:
        return 0
    missing = list(islice(journal.entries(), done, None))
    destroyed = {identifier for entry in missing for identifier in entry.destroyed}
    return rekey(workspace, {entry.subject: None for entry in missing}, gone=destroyed, replaying=missing)


def settle_pending(workspace: Workspace) -> int:
    """Finish or undo what a crash left between keyring and data store; nothing while somebody is at work."""
    with workspace.custody.keyring.alone() as alone:
        pending = workspace.custody.keyring.pending() if alone else []
        return settle(workspace, pending) if pending else 0
