"""Correct: replace values of a person (PIPL 46). The old value is erased, not overwritten.

A cell is immutable, so a correction seals the cell anew under a new key and a new subject key leaves the old one out:
the wrong value can no longer be opened, and an old row put back opens nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from shouxin.actors.account import Token
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import CellId, EventId, SubjectId, new
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import NotFound, NotInThisState
from shouxin.keys.chain import LinkKind
from shouxin.operations.acting import begin
from shouxin.operations.pause import check_not_paused
from shouxin.operations.rekeying import rekey, settle_clean, still_held
from shouxin.operations.subjects import resolve_subject
from shouxin.operations.workspace import Workspace
from shouxin.vault.cell import item_codes, open_cell, seal_cell
from shouxin.vault.index import INDEXED
from shouxin.vault.records import CellKind, CellRow, Records, SubjectState

__all__ = ["correct"]


@dataclass(frozen=True, slots=True)
class _Change:
    """One cell that is sealed anew: the row that stood, and the one that will stand."""

    before: CellRow
    after: CellRow


def correct(
    workspace: Workspace, token: Token, subject: SubjectId, values: Mapping[ItemCode, Plaintext]
) -> list[ItemCode]:
    """Replace the values of ``subject`` that are named in ``values``; return the items that were corrected.

    Durable on return: the new values are sealed, recorded and found by look-up; the old ones are gone. Killed before
    its record, nothing has changed; killed after it, opening the workspace finishes the removal.

    Raises:
        NotFound: nothing of these items is kept. NotInThisState: the person is frozen or being erased.
    """

    def prepare(records: Records) -> list[CellRow]:
        begin(workspace, records, token).need("rights_desk", "dpo", "credit_officer")
        _, standing = resolve_subject(workspace, records, subject)
        if standing.state is not SubjectState.ACTIVE:
            raise NotInThisState(f"a subject that is {standing.state} cannot be corrected")
        check_not_paused(workspace, records)
        rows = records.cells.cells_of([subject])
        own = [row for row in rows if row.kind is CellKind.OWN]
        return [row for row in own if not values.keys().isdisjoint(item_codes(row.sealed))]

    rows = workspace.data.read(prepare)
    if not rows:
        raise NotFound("nothing of these items is kept of this person")
    corrected = sorted({item for row in rows for item in item_codes(row.sealed) if item in values})

    with workspace.custody.keyring.at_work():
        changes = _seal_anew(workspace, subject, rows, values)
        _record(workspace, token, subject, changes, values)
        _destroy_old(workspace, subject, [change.before.cell for change in changes])
        settle_clean(workspace, [subject])
    return corrected


def _destroy_old(workspace: Workspace, subject: SubjectId, cells: list[CellId]) -> None:
    """Destroy the keys of the cells that were replaced, and nothing else; their tags first."""
    workspace.index.remove(cells)
    rekey(workspace, {subject: None}, gone=cells)


def _record(
    workspace: Workspace,
    token: Token,
    subject: SubjectId,
    changes: list[_Change],
    values: Mapping[ItemCode, Plaintext],
) -> None:
    """Replace the rows and record it, in one transaction; from here on the old keys are to be destroyed."""

    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        if resolve_subject(workspace, records, subject)[1].state is not SubjectState.ACTIVE:
            raise NotInThisState("the person was frozen or erased meanwhile")
        still_held(workspace, subject, [change.after.cell for change in changes])
        for change in changes:
            if not records.cells.remove_cells([change.before.cell]):
                raise NotInThisState("the cell was corrected or erased meanwhile")
            salt = new(EventId)
            leaf = records.record(
                act.event(
                    EventKind.CELL_CORRECTED,
                    salt,
                    subject=workspace.door.witness([subject], salt).members[0].hex(),
                    purpose=change.after.purpose,
                    items=[item for item in item_codes(change.after.sealed) if item in values],
                    sealed=hashlib.sha256(change.after.sealed).hexdigest(),
                )
            )
            after = change.after
            row = CellRow(after.cell, subject, after.purpose, after.term, after.kind, after.other, leaf, after.sealed)
            records.cells.add_cells([row])

    workspace.data.transact(work)


def _seal_anew(
    workspace: Workspace, subject: SubjectId, rows: list[CellRow], values: Mapping[ItemCode, Plaintext]
) -> list[_Change]:
    """Draw keys for the new cells (durable), write their tags, and seal old values but the corrected ones again."""
    custody = workspace.custody
    fence = custody.refresh()
    chain = custody.keyring.get([subject]).get(subject)
    if chain is None:
        raise NotFound("there is nothing under this identifier any more")
    opened = custody.open(chain)
    fresh = {row.cell: new(CellId) for row in rows}
    keys = dict(zip(fresh.values(), custody.suite.new_keys(len(fresh)), strict=True))
    links = {old: opened.wrap(LinkKind.CELL, cell, keys[cell]) for old, cell in fresh.items()}
    custody.keyring.replace([chain], [opened.with_successors(links)], fence=fence, pending=True)
    changes: list[_Change] = []
    institution = workspace.institution.institution_id
    for row in rows:
        held = open_cell(custody.suite, opened.key(row.cell), row.binding(institution), row.sealed)
        whole = {item: values.get(item, value) for item, value in held.items()}
        cell = fresh[row.cell]
        _index(workspace, subject, cell, whole)
        after = CellRow(cell, subject, row.purpose, row.term, row.kind, None, 0, b"")
        sealed = seal_cell(custody.suite, keys[cell], after.binding(institution), whole)
        changes.append(_Change(row, replace(after, sealed=sealed)))
    return changes


def _index(workspace: Workspace, subject: SubjectId, cell: CellId, values: Mapping[ItemCode, Plaintext]) -> None:
    inner = [workspace.tagger.inner(item, value.text()) for item, value in values.items() if item in INDEXED]
    for epoch, cipher in workspace.generations() if inner else []:
        tags = workspace.tagger.outer(cipher, inner)
        workspace.index.add(epoch, [(tag, subject, cell) for tag in tags])
