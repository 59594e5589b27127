"""Back up, and restore so that nobody comes back (design section 6).

A backup has two halves, data and keyring, to be kept apart; root keys are in neither. A restore puts both in place,
appends what was signed after the backup (from the published log), carries out the journal of destructions, removes
what those keys opened, carries over what stood beside a value corrected since, and ends every right that the backup
would revive. Until that is done the log is behind its
signed checkpoint, so the store refuses to write: nothing can be disclosed from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import CellId, SubjectId
from shouxin.domain.items import ItemCode
from shouxin.errors import RolledBack
from shouxin.keys.journal import Fates
from shouxin.ledger.tiles import ENTRIES, TILE_WIDTH, Tile, decode_bundle, path
from shouxin.operations.acting import Act, begin
from shouxin.operations.auditing.publish import publish
from shouxin.operations.auditing.verify_published import altered_publication
from shouxin.operations.copies import Manifest, Publication
from shouxin.operations.erasing.suppression import bar_again
from shouxin.operations.keyring_age import check_keyring_now
from shouxin.operations.pause import pause_within
from shouxin.operations.recovery.carry_over import CarriedOver, carry_over, lost_values
from shouxin.operations.recovery.replay import replay_destructions, settle_pending
from shouxin.operations.recovery.stale import end_stale
from shouxin.operations.subjects import set_subject
from shouxin.operations.tiers import remove_everywhere, settle_archive
from shouxin.operations.workspace import Workspace
from shouxin.vault.lifecycle import SubjectEvent
from shouxin.vault.records import Records, Subject, SubjectState

__all__ = ["Restored", "back_up", "catch_up", "check_reach", "reconcile"]


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: leaves appended again, chains and cells removed again, rights that were ended.

    ``lost`` names the items whose right values came after the backup, by person: they must be entered again.
    ``published`` names published files that are not what the log says: readers from outside would not believe us.
    ``plans`` are the codes of the plans among what was ended.
    """

    leaves: int
    chains: int
    cells: int
    ended: int
    lost: Mapping[SubjectId, tuple[ItemCode, ...]]
    published: tuple[str, ...]
    plans: tuple[str, ...] = ()


def back_up(workspace: Workspace, token: Token, target: Path) -> Manifest:
    """Write a backup below ``target``, record it, and publish the log; the manifest says what it holds.

    A restore needs the log up to the last signed checkpoint: publish as often as you would not lose.

    Raises:
        RolledBack: the keyring is an old copy, and so would be its copy; nothing was written.
    """
    workspace.data.read(lambda records: begin(workspace, records, token).need("operator"))
    check_keyring_now(workspace)
    manifest = workspace.backups.make(target)
    digest = manifest.digest()

    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        act.need("operator")
        records.record(act.event(EventKind.BACKUP_MADE, role="operator", epoch=manifest.epoch, manifest=digest))

    workspace.data.transact(work, covered=True)
    publish(workspace, token)
    return manifest


def _published(publication: Publication, start: int, end: int) -> Iterator[bytes]:
    """Yield published leaves [start, end). Raises ``RolledBack`` when one was never published."""
    for index in range(start // TILE_WIDTH, -(-end // TILE_WIDTH)):
        width = min(TILE_WIDTH, end - index * TILE_WIDTH)
        bundle = publication.read(path(Tile(ENTRIES, index, width)))
        if bundle is None:
            lacking = max(start, index * TILE_WIDTH)
            raise RolledBack(
                f"entries from {lacking} were signed but neither kept nor published: if today's store still opens, "
                "publish them from it (shouxin ledger checkpoint)"
            )
        first = max(0, start - index * TILE_WIDTH)
        yield from decode_bundle(bundle)[first:width]


def check_reach(publication: Publication, held: int, signed: int) -> None:
    """Raise ``RolledBack`` unless everything that was signed after the first ``held`` leaves was published."""
    for _ in _published(publication, held, signed):
        pass


def catch_up(workspace: Workspace) -> int:
    """Append what was signed after the backup, from the published log; return how many leaves.

    Raises:
        RolledBack: the published log ends before the signed checkpoint: the store stays read-only.
        Forked: what was published is not what was signed (raised by the next transaction).
    """
    size = workspace.data.read(lambda records: records.ledger.size)
    note = workspace.shelf.get()
    signed = 0 if note is None else workspace.head.open(note).size
    if size >= signed:
        return 0
    return workspace.data.replay(_published(workspace.publication, size, signed)) - size


def reconcile(workspace: Workspace, token: Token) -> Restored:
    """Finish a restore: destroy again what was destroyed, remove what it opened, end rights that had ended.

    Of a cell of which a value was corrected since the backup, the rest is carried over to a cell of its own first.
    Idempotent. On return the ledger holds the restore, and a signed checkpoint covers it.
    """
    workspace.data.read(lambda records: begin(workspace, records, token).need("operator"))
    chains = replay_destructions(workspace)
    settle_pending(workspace)
    with workspace.custody.keyring.at_work():
        carried = carry_over(workspace)
        restored = workspace.data.finish_restore(
            lambda records: _in_one(workspace, records, begin(workspace, records, token), chains, carried)
        ).value
        if carried.finish(workspace):
            restored = replace(restored, chains=chains + replay_destructions(workspace))
    if restored.cells:  # they lie in free pages, and the erasure whose advance would clear those may be lost
        workspace.data.compact()
    return restored


def _in_one(workspace: Workspace, records: Records, act: Act, chains: int, carried: CarriedOver) -> Restored:
    """Do everything that a restore changes in the data store, and record it."""
    act.need("operator")
    entries = list(workspace.journal.entries())
    fates = Fates.of(entries)
    lost = lost_values(records, entries)
    cells = sum(_clear(workspace, records, act, subject, fates) for subject in {entry.subject for entry in entries})
    stale = end_stale(workspace, records, act)
    carried.put(workspace, records, act)
    pause_within(workspace, records, act)
    bar_again(workspace, records, act)
    settle_archive(workspace, records, act)
    epoch = int(workspace.custody.current)
    records.record(act.event(EventKind.RESTORE_DONE, role="operator", epoch=epoch, replayed=chains, removed=cells))
    published = tuple(flaw.place for flaw in altered_publication(workspace, records))
    return Restored(0, chains, cells, stale.ended, lost, published, tuple(stale.plans))


def _clear(workspace: Workspace, records: Records, act: Act, subject: SubjectId, fates: Fates) -> int:
    """Remove what the destroyed keys of one person opened, and say where they stand.

    Of whom only a wrong value went, nothing was erased: they stand where they stood.
    """
    chain = workspace.custody.keyring.get([subject]).get(subject)
    opened = None if chain is None else workspace.custody.open(chain)
    cells = [row.cell for row in records.cells.cells_of([subject]) if opened is None or not opened.holds(row.cell)]
    objects = records.cells.objects_of([subject])
    held = [row.object_id for row in objects if opened is None or not opened.holds(row.object_id)]
    for row in records.cells.edges_to([subject]):
        theirs = workspace.custody.keyring.get([row.subject]).get(row.subject)
        if theirs is None or not workspace.custody.open(theirs).holds(row.cell):
            cells.append(row.cell)
    remove_everywhere(workspace, held)
    workspace.index.remove([CellId(cell) for cell in cells])
    before = records.authority.get(AuthorityKind.SUBJECT, subject)
    if not cells and not held:
        return 0
    records.cells.remove_cells(cells)
    records.cells.remove_objects(held)
    if before is not None and (held or any(fates.corrected(cell) is None for cell in cells)):
        standing = workspace.notary.read(before, Subject)
        left = records.cells.cells_of([subject]) or records.cells.objects_of([subject])
        if standing.state in {SubjectState.ACTIVE, SubjectState.FROZEN}:
            intended = set_subject(workspace, records, before, standing, SubjectEvent.INTEND_ERASURE, act)
            event = SubjectEvent.ERASE_PART if left else SubjectEvent.ERASE_WHOLE
            set_subject(workspace, records, intended, workspace.notary.read(intended, Subject), event, act)
    return len(cells) + len(held)
