"""Seal a cell anew under a key of its own: how a value is put right, and how one is left behind at a restore.

A cell is immutable, so a new one takes the old one's place, in the order: new key (keyring), new tags (index), then row
for row with its event in one transaction. The old key is destroyed by ``rekeying`` afterwards.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType

from shouxin.domain.authority import AuthorityKind
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import CellId, EventId, SubjectId, new
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import NotFound, NotInThisState
from shouxin.keys.chain import LinkKind
from shouxin.operations.acting import Act
from shouxin.operations.index_age import check_index, note_index
from shouxin.operations.subjects import change_subject
from shouxin.operations.workspace import Workspace
from shouxin.vault.cell import item_codes, open_cell, seal_cell
from shouxin.vault.index import INDEXED
from shouxin.vault.records import CellRow, Records, Subject

__all__ = ["Resealed", "put_in_place", "seal_anew"]

# What becomes of a cell: which of its items are opened and kept, and which values are added or put right.
_Wanted = Callable[[CellRow], tuple[Sequence[ItemCode], Mapping[ItemCode, Plaintext]]]


@dataclass(frozen=True, slots=True)
class Resealed:
    """One cell that is sealed anew: the row that stood, the one that will stand, the items that are not as before."""

    before: CellRow
    after: CellRow
    items: tuple[ItemCode, ...]


def seal_anew(workspace: Workspace, subject: SubjectId, rows: Sequence[CellRow], wanted: _Wanted) -> list[Resealed]:
    """Draw keys for the new cells (durable, pending), write their tags (durable), and seal what each shall hold.

    Nothing that ``wanted`` does not keep is opened.

    Raises:
        NotFound: there is no key of this person any more. Fenced: their chain was changed meanwhile; do it again.
        RolledBack: the index is an old copy; nothing was drawn.
    """
    workspace.data.read(partial(check_index, workspace))
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
    made: list[Resealed] = []
    institution = workspace.institution.institution_id
    for row in rows:
        kept, values = wanted(row)
        held = open_cell(custody.suite, opened.key(row.cell), row.binding(institution), row.sealed, kept)
        whole = {**held, **values}
        cell = fresh[row.cell]
        _index(workspace, subject, cell, whole)
        after = CellRow(cell, subject, row.purpose, row.term, row.kind, None, 0, b"")
        sealed = seal_cell(custody.suite, keys[cell], after.binding(institution), whole)
        other = {*values, *item_codes(row.sealed)} - set(kept)
        made.append(Resealed(row, replace(after, sealed=sealed), tuple(sorted(other))))
    return made


def put_in_place(
    workspace: Workspace,
    records: Records,
    act: Act,
    kind: EventKind,
    made: Sequence[Resealed],
    beside: Mapping[CellId, str] = MappingProxyType({}),
) -> None:
    """Put each new row in place of the old one and record it; what may only be stored stays so.

    The old cells of ``beside`` stay, each by its rule, beside the new ones: they may only be stored from now on.

    Raises:
        NotInThisState: an old row does not stand any more.
    """
    for one in made:
        subject, old = one.before.subject, one.before.cell
        stays = old in beside
        if not (records.cells.standing([old]) if stays else records.cells.remove_cells([old])):
            raise NotInThisState("the cell was corrected or erased meanwhile")
        salt = new(EventId)
        leaf = records.record(
            act.event(
                kind,
                salt,
                subject=workspace.door.witness([subject], salt).members[0].hex(),
                purpose=one.after.purpose,
                items=list(one.items),
                sealed=hashlib.sha256(one.after.sealed).hexdigest(),
            )
        )
        records.cells.add_cells([replace(one.after, leaf=leaf)])
        row = records.authority.get(AuthorityKind.SUBJECT, subject)
        standing = None if row is None else workspace.notary.read(row, Subject)
        if row is None or standing is None:
            continue
        if stays:
            held = replace(standing, kept_only=(*standing.kept_only, old))
            change_subject(workspace, records, act, row, held, "held-as-it-was", (beside[old],))
        elif old in standing.kept_only:
            kept = tuple(one.after.cell if cell == old else cell for cell in standing.kept_only)
            change_subject(workspace, records, act, row, replace(standing, kept_only=kept), "resealed")
    note_index(workspace, records)


def _index(workspace: Workspace, subject: SubjectId, cell: CellId, values: Mapping[ItemCode, Plaintext]) -> None:
    inner = [workspace.tagger.inner(item, value.text()) for item, value in values.items() if item in INDEXED]
    for epoch, cipher in workspace.generations() if inner else []:
        tags = workspace.tagger.outer(cipher, inner)
        workspace.index.add(epoch, [(tag, subject, cell) for tag in tags])
