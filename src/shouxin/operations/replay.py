"""Replay the journal of destructions: what was destroyed stays destroyed, whichever copy of the keyring is opened.

Run whenever a workspace is opened. A keyring that is older than the journal (a backup put back, or a crash between
journal and keyring) has fewer destructions carried out than the journal holds; the missing ones are carried out now.
"""

from __future__ import annotations

from itertools import islice

from shouxin.keys.chain import Chain
from shouxin.operations.workspace import Workspace

__all__ = ["replay_destructions"]


def replay_destructions(workspace: Workspace) -> int:
    """Carry out what the journal holds and the keyring has not done yet; return how many chains were changed.

    Raises:
        Tampered: the journal was edited. Fenced: somebody else changes keys now; open again.
    """
    custody, journal = workspace.custody, workspace.journal
    done, wanted = custody.keyring.mark(), journal.count()
    if done >= wanted:
        return 0
    missing = list(islice(journal.entries(), done, None))
    before = custody.keyring.get([entry.subject for entry in missing])
    after: dict[bytes, Chain] = {}
    for entry in missing:
        chain = after.get(entry.subject) or before.get(entry.subject)
        if chain is None or chain.generation > entry.generation:
            continue
        after[entry.subject] = custody.rekey(custody.open(chain), entry.kept)
    old = [chain for subject, chain in before.items() if subject in after]
    fresh = [after[chain.subject] for chain in old]
    custody.keyring.replace(old, fresh, fence=custody.refresh(), mark=wanted)
    return len(old)
