"""Look for what an erasure should have left nowhere; each look could fail, and nothing is called erased before it."""

from __future__ import annotations

from collections.abc import Sequence

from shouxin.domain.identifiers import CellId, ObjectId
from shouxin.errors import Tampered
from shouxin.operations.erasing.erasure_plan import erased_in
from shouxin.operations.tiers import stand_anywhere
from shouxin.operations.workspace import Workspace
from shouxin.vault.erasure import Erasure, Outcome
from shouxin.vault.records import Records

__all__ = ["read_back", "read_back_statements"]


def read_back_statements(workspace: Workspace, erasures: Sequence[Erasure]) -> None:
    """Raise ``Tampered`` if those who stated something about these people still have its key.

    Asked before its row goes: afterwards nobody would know whose chain to take the key out of.
    """
    named = [part for one in erasures for part in one.having(Outcome.ERASED) if part.kind == "named-edge"]
    chains = workspace.custody.keyring.get([part.other for part in named if part.other is not None]) if named else {}
    for part in named:
        chain = None if part.other is None else chains.get(part.other)
        if chain is not None and workspace.custody.open(chain).holds(part.identifier):
            raise Tampered("read-back: the key of a statement about an erased person is still with who made it")


def read_back(workspace: Workspace, erasures: Sequence[Erasure]) -> None:
    """Look for everything that should be gone, through the doors by which it could come back.

    Raises ``Tampered``: something is still there; the erasure is not done and says so by staying where it is.
    """
    people = [one.subject for one in erasures]
    chains = workspace.custody.keyring.get(people)
    for erasure in erasures:
        chain = chains.get(erasure.subject)
        opened = None if chain is None else workspace.custody.open(chain)
        if opened is not None and any(map(opened.holds, erased_in(erasure, "cell", "edge", "object"))):
            raise Tampered("read-back: a key that should be destroyed is still in the keyring")
    cells = [CellId(cell) for one in erasures for cell in erased_in(one, "cell")]
    if any(workspace.index.rows_of(epoch, cells) for epoch in workspace.index.generations()):
        raise Tampered("read-back: the index still has a tag of an erased value")
    filmed = [ObjectId(each) for one in erasures for each in erased_in(one, "object")]
    if stand_anywhere(workspace, filmed):
        raise Tampered("read-back: an erased object is still in the object store or in the archive")
    gone = {each for one in erasures for each in erased_in(one, "cell", "edge", "named-edge", "object")}

    def rows(records: Records) -> bool:
        left = (row.cell for row in (*records.cells.cells_of(people), *records.cells.edges_to(people)))
        held = (row.object_id for row in records.cells.objects_of(people))
        return not gone.isdisjoint((*left, *held)) or any(map(records.cells.depicted_in, filmed))

    if workspace.data.read(rows):
        raise Tampered("read-back: a row that should be removed is still in the data store")
