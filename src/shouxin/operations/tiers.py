"""Where objects stand, asked and written by every operation that moves, reads, erases or restores them.

Whoever removes an object removes it from both stores, whatever its row says: a row may be older than the disk that it
speaks of (a restore), a copy may have landed just before a crash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from shouxin.domain.authority import AuthorityKind
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import EventId, ObjectId, OperationId, new
from shouxin.errors import Misconfigured, NotInThisState, Tampered
from shouxin.ledger.entry import decode
from shouxin.operations.acting import Act, row_facts
from shouxin.operations.workspace import Workspace
from shouxin.vault.objects import ObjectStore
from shouxin.vault.records import ObjectRow, Records
from shouxin.vault.tier import MOVING, Tier, TierEvent, TierState, follow

__all__ = [
    "archive_of",
    "hash_of",
    "holder_of",
    "must_be_hot",
    "must_be_in_reach",
    "none_on_the_way",
    "remove_everywhere",
    "sealed_digest",
    "settle_archive",
    "stand_anywhere",
    "step_tier",
    "tier_of",
    "tiers_of",
]


def archive_of(workspace: Workspace) -> ObjectStore:
    """Return the archive.

    Raises:
        Misconfigured: the settings name none.
    """
    if workspace.archive is None:
        raise Misconfigured("config.toml names no archive: set 'archive' to a folder or s3://bucket/prefix")
    return workspace.archive


def _stores(workspace: Workspace) -> list[ObjectStore]:
    return [workspace.objects, *([] if workspace.archive is None else [workspace.archive])]


def tier_of(workspace: Workspace, records: Records, object_id: ObjectId) -> Tier | None:
    """Return where an object stands, or nothing: it was never moved and is hot.

    Raises:
        Tampered: the row is not what this institution wrote.
    """
    row = records.authority.get(AuthorityKind.TIER, object_id)
    return None if row is None else workspace.notary.read(row, Tier)


def tiers_of(workspace: Workspace, records: Records, objects: Sequence[ObjectId]) -> dict[ObjectId, Tier]:
    """Return where those of many objects stand that were ever moved; see ``tier_of``."""
    rows = records.authority.among(AuthorityKind.TIER, objects)
    return {ObjectId(one): workspace.notary.read(row, Tier) for one, row in rows.items()}


def must_be_hot(workspace: Workspace, records: Records, object_id: ObjectId) -> None:
    """Refuse to read an object that is not in the hot store: whoever needs it asks for its recall.

    Raises:
        NotInThisState: it is archived, or on its way.
    """
    tier = tier_of(workspace, records, object_id)
    if tier is None or tier.state is TierState.HOT:
        return
    if tier.state is TierState.ARCHIVED:
        raise NotInThisState("this object is in the archive: recall it first with 'shouxin archive recall'")
    if tier.state is TierState.RECALLING or not workspace.objects.exists(object_id):
        raise NotInThisState("this object is on its way between archive and hot store: 'shouxin archive run' ends that")


def holder_of(workspace: Workspace, object_id: ObjectId) -> ObjectStore:
    """Return the store that has an object, the hot one first; the hot one, too, when none has it."""
    return next((store for store in _stores(workspace) if store.exists(object_id)), workspace.objects)


def remove_everywhere(workspace: Workspace, objects: Sequence[ObjectId]) -> None:
    """Remove objects from every store; repeating is allowed."""
    for store in _stores(workspace) if objects else ():
        store.remove(objects)


def stand_anywhere(workspace: Workspace, objects: Sequence[ObjectId]) -> bool:
    """Say whether any store still has any of the objects."""
    return any(store.standing(objects) for store in _stores(workspace) if objects)


def hash_of(store: ObjectStore, object_id: ObjectId) -> bytes:
    """Return SHA-256 of all sealed bytes of an object as ``store`` has them. Raises ``Tampered`` when it has none."""
    digest = hashlib.sha256()
    for part in store.get(object_id):
        digest.update(part)
    return digest.digest()


def sealed_digest(records: Records, row: ObjectRow) -> bytes:
    """Return SHA-256 of an object's sealed bytes as its event in the log has it.

    Raises:
        Tampered: the object's row says another.
    """
    event = decode(records.ledger.entry(row.leaf))
    if event.kind is not EventKind.OBJECT_SEALED or event.facts.get("sealed") != row.digest.hex():
        raise Tampered("an object's row has another digest than the event of its sealing")
    return row.digest


def step_tier(workspace: Workspace, records: Records, act: Act, row: ObjectRow, event: TierEvent) -> Tier:
    """Take an object one step further and record it, as intent or as outcome of its move.

    Raises:
        NotInThisState: the lifecycle has no such step.
    """
    before = records.authority.get(AuthorityKind.TIER, row.object_id)
    was = None if before is None else workspace.notary.read(before, Tier)
    tier = follow(was or Tier(row.object_id, row.subject, act.now, act.operation), event, act.now)
    begins = tier.state in MOVING
    if begins:
        tier = Tier(row.object_id, row.subject, act.now, new(OperationId), tier.state)
    act = Act.of(act.actor, act.now, OperationId(tier.operation), act.notary)
    version = 1 if before is None else before.version + 1
    after = workspace.notary.write(
        AuthorityKind.TIER, row.object_id, version, tier, name=tier.state.value, subject=row.subject
    )
    records.authority.put(after)
    salt = new(EventId)
    records.record(
        act.event(
            EventKind.OBJECT_MOVING if begins else EventKind.OBJECT_MOVED,
            salt,
            subject=workspace.door.witness([row.subject], salt).members[0].hex(),
            purpose=row.purpose,
            state=tier.state.value,
            **row_facts(after, before),
        )
    )
    return tier


@contextmanager
def none_on_the_way(workspace: Workspace, objects: Sequence[ObjectId]) -> Iterator[None]:
    """Hold off whoever moves objects, so that no copy lands in a store after an erasure has looked there.

    Raises:
        Misconfigured: one of ``objects`` may lie in an archive that the settings do not name any more; nothing is done.
    """
    if not objects:
        yield
        return
    workspace.data.read(lambda records: must_be_in_reach(workspace, records, objects))
    with workspace.data.moving_objects(alone=False):
        yield


def must_be_in_reach(workspace: Workspace, records: Records, objects: Sequence[ObjectId]) -> None:
    """Refuse to plan or do anything about objects that may lie in an archive which the settings do not name any more.

    Raises:
        Misconfigured: one of them does.
    """
    if workspace.archive is not None:
        return
    tiers = tiers_of(workspace, records, objects).values()
    if any(tier.state not in {TierState.HOT, TierState.ERASED} for tier in tiers):
        raise Misconfigured("an object lies in an archive that config.toml does not name any more")


def settle_archive(workspace: Workspace, records: Records, act: Act) -> int:
    """After a restore: bring every copy in the archive that no row speaks of back under one; return how many.

    Such an object goes on as ``copying``: the next run compares it with what was sealed, removes the hot copy that the
    backup brought, and calls it archived. A copy of what the restored store does not know belongs to nobody: it goes.
    """
    if workspace.archive is None:
        return 0
    settled = 0
    for object_id in list(workspace.archive.all_objects()):
        tier = tier_of(workspace, records, object_id)
        row = records.cells.object_of(object_id)
        if row is None:
            workspace.archive.remove([object_id])
        elif tier is None or tier.state is TierState.HOT:
            step_tier(workspace, records, act, row, TierEvent.COPY)
        else:
            continue
        settled += 1
    return settled
