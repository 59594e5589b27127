"""Back up, and restore so that nobody comes back (design section 6).

A backup has two halves, data and keyring, to be kept apart; root keys are in neither. A restore puts both in place,
appends what was signed after the backup (from the published log), carries out the journal of destructions, removes
what those keys opened, and ends every right that the backup would revive. Until that is done the log is behind its
signed checkpoint, so the store refuses to write: nothing can be disclosed from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from shouxin.actors.account import Account, SignIn, Token
from shouxin.approvals.request import Grant
from shouxin.consent.consent import Consent
from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.event import Event, EventKind
from shouxin.domain.identifiers import CellId, EventId, ObjectId, SubjectId, new
from shouxin.errors import RolledBack
from shouxin.ledger.entry import decode
from shouxin.ledger.tiles import ENTRIES, TILE_WIDTH, Tile, decode_bundle, path
from shouxin.operations.acting import Act, begin, row_facts
from shouxin.operations.copies import Manifest
from shouxin.operations.replay import replay_destructions
from shouxin.operations.subjects import set_subject
from shouxin.operations.workspace import Workspace
from shouxin.vault.lifecycle import SubjectEvent
from shouxin.vault.records import Records, Subject, SubjectState

__all__ = ["Restored", "back_up", "catch_up", "reconcile"]


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: leaves appended again, chains and cells removed again, rights that were ended."""

    leaves: int
    chains: int
    cells: int
    ended: int


def back_up(workspace: Workspace, token: Token, target: Path) -> Manifest:
    """Write a backup below ``target`` and record it; the manifest says what it holds."""
    workspace.data.read(lambda records: begin(workspace, records, token).need("operator"))
    manifest = workspace.backups.make(target)
    digest = manifest.digest()

    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        act.need("operator")
        records.record(act.event(EventKind.BACKUP_MADE, role="operator", epoch=manifest.epoch, manifest=digest))

    workspace.data.transact(work, covered=True)
    return manifest


def _published(workspace: Workspace, start: int, end: int) -> Iterator[bytes]:
    """Yield published leaves [start, end). Raises ``RolledBack`` when one was never published."""
    for index in range(start // TILE_WIDTH, -(-end // TILE_WIDTH)):
        width = min(TILE_WIDTH, end - index * TILE_WIDTH)
        bundle = workspace.publication.read(path(Tile(ENTRIES, index, width)))
        if bundle is None:
            raise RolledBack(f"entries from {index * TILE_WIDTH} were signed but neither kept nor published")
        first = max(0, start - index * TILE_WIDTH)
        yield from decode_bundle(bundle)[first:width]


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
    return workspace.data.replay(_published(workspace, size, signed)) - size


def reconcile(workspace: Workspace, token: Token) -> Restored:
    """Finish a restore: destroy again what was destroyed, remove what it opened, end rights that had ended.

    Idempotent. On return the ledger holds the restore, and a signed checkpoint covers it.
    """
    chains = replay_destructions(workspace)
    entries = {entry.subject: entry for entry in workspace.journal.entries()}

    def work(records: Records) -> Restored:
        act = begin(workspace, records, token)
        act.need("operator")
        cells = sum(_clear(workspace, records, act, entry.subject, set(entry.kept)) for entry in entries.values())
        ended = _end_stale(workspace, records, act)
        epoch = int(workspace.custody.current)
        records.record(act.event(EventKind.RESTORE_DONE, role="operator", epoch=epoch, replayed=chains, removed=cells))
        return Restored(0, chains, cells, ended)

    return workspace.data.transact(work, covered=True).value


def _clear(workspace: Workspace, records: Records, act: Act, subject: SubjectId, kept: set[bytes]) -> int:
    """Remove what the destroyed keys of one person opened, and say where they stand."""
    cells = [row.cell for row in records.cells.cells_of([subject]) if row.cell not in kept]
    held = [row.object_id for row in records.cells.objects_of([subject]) if row.object_id not in kept]
    for object_id in held:
        workspace.objects.remove(ObjectId(object_id))
    workspace.index.remove([CellId(cell) for cell in cells])
    before = records.authority.get(AuthorityKind.SUBJECT, subject)
    if not cells and not held:
        return 0
    records.cells.remove_cells(cells)
    records.cells.remove_objects(held)
    if before is not None:
        standing = workspace.notary.read(before, Subject)
        left = records.cells.cells_of([subject]) or records.cells.objects_of([subject])
        if standing.state in {SubjectState.ACTIVE, SubjectState.FROZEN}:
            intended = set_subject(workspace, records, before, standing, SubjectEvent.INTEND_ERASURE, act)
            event = SubjectEvent.ERASE_PART if left else SubjectEvent.ERASE_WHOLE
            set_subject(workspace, records, intended, workspace.notary.read(intended, Subject), event, act)
    return len(cells) + len(held)


def _end_stale(workspace: Workspace, records: Records, act: Act) -> int:
    """End every right whose row the log knows a later version of: the backup must not revive it."""
    superseded = {
        event.facts["was"]
        for _, body in records.ledger.entries(0, records.ledger.size)
        if "was" in (event := decode(body)).facts
    }
    ended = 0
    for kind in (AuthorityKind.CONSENT, AuthorityKind.GRANT, AuthorityKind.ACCOUNT, AuthorityKind.SIGN_IN):
        for row in records.authority.find(kind):
            if row.mac.hex() in superseded and (value := _ended(workspace, row, act)) is not None:
                after = workspace.notary.write(
                    kind, row.identifier, row.version + 1, value, name=row.name, subject=row.subject
                )
                records.authority.put(after)
                records.record(_event(workspace, act, row, after))
                ended += 1
    return ended


def _ended(workspace: Workspace, row: AuthorityRow, act: Act) -> object | None:
    """Return what a right says once it has ended; nothing if it had ended already."""
    if row.kind is AuthorityKind.CONSENT:
        consent = workspace.notary.read(row, Consent)
        return replace(consent, withdrawn=act.now) if consent.stands else None
    if row.kind is AuthorityKind.GRANT:
        grant = workspace.notary.read(row, Grant)
        return None if grant.ended else replace(grant, ended=True)
    if row.kind is AuthorityKind.ACCOUNT:
        account = workspace.notary.read(row, Account)
        return None if account.closed else replace(account, closed=True)
    sign_in = workspace.notary.read(row, SignIn)
    return None if sign_in.ended else replace(sign_in, ended=True)


def _event(workspace: Workspace, act: Act, before: AuthorityRow, after: AuthorityRow) -> Event:
    facts = row_facts(after, before)
    if after.kind is AuthorityKind.GRANT:
        return act.event(EventKind.GRANT_ENDED, purpose=workspace.notary.read(after, Grant).purpose, **facts)
    if after.kind is AuthorityKind.ACCOUNT:
        return act.event(EventKind.ACCOUNT_CHANGED, change="closed", **facts)
    if after.kind is AuthorityKind.SIGN_IN:
        return act.event(EventKind.SIGN_IN_ENDED, **facts)
    consent = workspace.notary.read(after, Consent)
    salt = new(EventId)
    subject = workspace.door.witness([consent.subject], salt).members[0].hex()
    return act.event(
        EventKind.CONSENT_WITHDRAWN, salt, subject=subject, purpose=consent.purpose, version=consent.version, **facts
    )
