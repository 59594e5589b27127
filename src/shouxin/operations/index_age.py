"""Is the index today's? (ADR 26).

It is a store of its own. An old copy of it beside today's data store would not find who came since, and would take them
in twice.

Each change of a generation counts it up, in the transaction that changes it. Index rows come before the cells to which
they lead, so the transaction that records those cells notes in the data store how far the index had come. A crash
between the two leaves an index that is further than what was noted, and rightly; one that is less far was put back.

Whoever asks the index or is about to change it calls ``check_index`` first (a test of the house knows who they are):
an old index that was changed would soon count as many changes as today's.
"""

from __future__ import annotations

import hmac

from shouxin.errors import RolledBack, Tampered
from shouxin.keys.root import EpochNumber
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records

__all__ = ["check_index", "is_todays", "lagging", "note_index"]

_WHAT = "index-age"


def check_index(workspace: Workspace, records: Records) -> None:
    """Refuse an index that is older than the data store, or has no generation that opens.

    Raises:
        RolledBack: it is; says what to do. Tampered: what was noted of it is not what we wrote.
    """
    late = lagging(workspace, records)
    if late is not None:
        raise RolledBack(f"the index ({late}.db) is older than the data store: put today's back, or restore a backup")


def is_todays(workspace: Workspace, records: Records) -> bool:
    """Say whether ``check_index`` would raise nothing."""
    try:
        return lagging(workspace, records) is None
    except Tampered:
        return False


def lagging(workspace: Workspace, records: Records) -> EpochNumber | None:
    """Return the epoch whose generation is missing or older than the data store says; nothing when all are today's."""
    late = _lagging(workspace, records)
    if late is not None:  # another process may have left an epoch of which this one still knows
        workspace.custody.refresh()
        late = _lagging(workspace, records)
    return late


def _lagging(workspace: Workspace, records: Records) -> EpochNumber | None:
    """Ask what was noted first and the index after it: it only ever moves on."""
    noted = records.cells.index_ages()
    known = workspace.custody.epochs
    there = {epoch for epoch in workspace.index.generations() if epoch in known}
    for number, age, mac in noted:
        epoch = EpochNumber(number)
        if not hmac.compare_digest(mac, workspace.notary.vouch(_WHAT, epoch, age)):
            raise Tampered(f"what was noted of the index in epoch {epoch} was not written by this institution")
        if epoch in known and (epoch not in there or workspace.index.age(epoch) < age):
            return epoch
    return None if there else workspace.custody.current


def note_index(workspace: Workspace, records: Records) -> None:
    """Note how far the index has come, in the transaction that records what its newest rows lead to."""
    noted = {epoch: age for epoch, age, _ in records.cells.index_ages()}
    known = workspace.custody.epochs
    for epoch in workspace.index.generations():
        if epoch in known and (age := workspace.index.age(epoch)) > noted.get(epoch, 0):
            mac = workspace.notary.vouch(_WHAT, epoch, age)
            records.cells.put_index_age(epoch, age, mac, oldest=min(known))
