"""Hold index and object stores against the rows, and everything against what was erased: part of every audit.

Whoever has work pending, or is being erased, is between two states: that is no finding.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from shouxin.domain.authority import AuthorityKind
from shouxin.domain.identifiers import CellId, ObjectId, SubjectId
from shouxin.errors import IntegrityError, StoreUnavailable, Tampered
from shouxin.keys.chain import LinkKind
from shouxin.ledger.log import Flaw, FlawKind
from shouxin.operations.index_age import lagging
from shouxin.operations.tiers import hash_of, sealed_digest, tier_of
from shouxin.operations.workspace import Workspace
from shouxin.vault.erasure import Erasure, ErasureState, Outcome
from shouxin.vault.index import ROW_SIZE, TAG_SIZE
from shouxin.vault.objects import ObjectStore
from shouxin.vault.records import Records
from shouxin.vault.tier import Tier, TierState

__all__ = ["altered_objects", "loose_tags", "misplaced_objects", "old_index", "readable_again"]

_PAGE: Final = 20_000
_HOT: Final = "objects"
_COLD: Final = "archive"
# Which stores an object of each state must be in, and may be in.
_PLACES: Final[dict[TierState, tuple[frozenset[str], frozenset[str]]]] = {
    TierState.HOT: (frozenset({_HOT}), frozenset({_HOT})),
    TierState.COPYING: (frozenset(), frozenset({_HOT, _COLD})),
    TierState.ARCHIVED: (frozenset({_COLD}), frozenset({_COLD})),
    TierState.RECALLING: (frozenset(), frozenset({_HOT, _COLD})),
    TierState.ERASED: (frozenset(), frozenset()),
}


def old_index(workspace: Workspace, records: Records) -> Iterator[Flaw]:
    """Yield the generation of the index that is missing, or older than the data store: people would not be found."""
    if not workspace.generations():
        detail = "there is no generation of the index that opens: nobody can be found; restore it from a backup"
        yield Flaw(FlawKind.ALTERED_ROW, f"index/{workspace.custody.current}.db", detail)
        return
    try:
        late = lagging(workspace, records)
    except IntegrityError as error:
        yield Flaw(FlawKind.ALTERED_ROW, "generations/", error.detail)
        return
    if late is not None:
        detail = "the index is older than the data store: who came since is not found; put today's back"
        yield Flaw(FlawKind.ROLLBACK, f"index/{late}.db", detail)


def loose_tags(workspace: Workspace, records: Records, pending: Collection[SubjectId]) -> Iterator[Flaw]:
    """Yield every cell to which a tag leads and which does not stand: somebody could be found who should not be."""
    known = {cell for cell, _, _ in records.all_cells()}
    for epoch, _ in workspace.generations():
        named: set[bytes] = set()
        for page in workspace.index.pages(epoch, _PAGE):
            for at in range(0, len(page), ROW_SIZE):
                cell = CellId(page[at + TAG_SIZE : at + 2 * TAG_SIZE])
                subject = SubjectId(page[at + 2 * TAG_SIZE : at + ROW_SIZE])
                if cell not in known and subject not in pending and cell not in named:
                    named.add(cell)
                    detail = "a tag leads to a cell that does not stand: somebody is found who should not be"
                    yield Flaw(FlawKind.LOOSE_TAG, f"index/{cell.hex()[:8]}", detail)


def _stores(workspace: Workspace) -> dict[str, ObjectStore]:
    return {_HOT: workspace.objects} | ({} if workspace.archive is None else {_COLD: workspace.archive})


def misplaced_objects(workspace: Workspace, records: Records, pending: Collection[SubjectId]) -> Iterator[Flaw]:
    """Yield every object that is not where its row says, or that stands in a store and in no row."""
    there: dict[str, set[ObjectId]] = {}
    for name, store in _stores(workspace).items():
        try:
            there[name] = set(store.all_objects())
        except StoreUnavailable as error:
            yield Flaw(FlawKind.UNREACHABLE, name, error.detail)
            return
    rows = dict(records.all_objects())
    yield from _not_in_place(workspace, records, rows, there, pending)
    drawn = _drawn(workspace, pending)
    for name, held in there.items():
        for one in sorted(held - rows.keys() - drawn):
            if workspace.data.read(lambda later, one=one: later.cells.object_of(one)) is None:  # type: ignore[misc]
                yield Flaw(FlawKind.LOOSE_OBJECT, _place(name, one), "no row speaks of this object")


def _not_in_place(
    workspace: Workspace,
    records: Records,
    rows: Mapping[ObjectId, SubjectId],
    there: Mapping[str, Collection[ObjectId]],
    pending: Collection[SubjectId],
) -> Iterator[Flaw]:
    """Yield every object on record that is not in exactly the store where its row says it stands."""
    tiers: dict[ObjectId, TierState] = {}
    for row in records.authority.find(AuthorityKind.TIER):
        if workspace.notary.believes(row):  # one that it does not is named with the other rows
            tiers[ObjectId(row.identifier)] = workspace.notary.read(row, Tier).state
    for one, subject in rows.items():
        state = tiers.get(one, TierState.HOT)
        at = {name for name, held in there.items() if one in held}
        if subject in pending or _fits(state, at) or _moved_since(workspace, one, state):
            continue
        must, _ = _PLACES[state]
        if must <= at and at:
            yield Flaw(FlawKind.LOOSE_OBJECT, _place(min(at - must), one), f"an object that is {state} stands here too")
        else:
            yield Flaw(
                FlawKind.MISSING_OBJECT, _place(min(must, default=_HOT), one), f"an object that is {state} is not there"
            )


def _place(store: str, one: ObjectId) -> str:
    return f"{store}/{one.hex()[:8]}"


def _fits(state: TierState, at: Collection[str]) -> bool:
    must, may = _PLACES[state]
    return bool(at) and must <= set(at) <= may


def _moved_since(workspace: Workspace, one: ObjectId, state: TierState) -> bool:
    """Say whether an object was erased or moved on after the snapshot that is looked at."""

    def work(records: Records) -> bool:
        tier = tier_of(workspace, records, one)
        return records.cells.object_of(one) is None or (TierState.HOT if tier is None else tier.state) is not state

    return workspace.data.read(work)


def _drawn(workspace: Workspace, pending: Collection[SubjectId]) -> set[bytes]:
    """Return the objects for which somebody who is at work, or was killed, drew a key."""
    found = workspace.custody.keyring.get(list(pending)).values()
    chains = [workspace.custody.open(chain) for chain in found]
    return {link.identifier for chain in chains for link in chain.links if link.kind is LinkKind.OBJECT}


def readable_again(workspace: Workspace, records: Records, pending: Collection[SubjectId]) -> Iterator[Flaw]:
    """Yield what a finished erasure says is gone and is not: a key, a row, an object in any store."""
    cells = {cell for cell, _, _ in records.all_cells()} | {one for one, _ in records.all_objects()}
    for row in records.authority.find(AuthorityKind.ERASURE):
        if not workspace.notary.wrote(row):
            continue
        erasure = workspace.notary.read(row, Erasure)
        if erasure.state not in {ErasureState.LIVE, ErasureState.SEALED} or erasure.subject in pending:
            continue
        parts = erasure.having(Outcome.ERASED)
        gone = {part.identifier for part in parts}
        chain = workspace.custody.keyring.get([erasure.subject]).get(erasure.subject)
        try:
            opened = None if chain is None else workspace.custody.open(chain)
        except IntegrityError:
            continue  # named with the keys
        for one in sorted(gone):
            if one in cells or (opened is not None and opened.holds(one)):
                detail = "an erasure says that this is gone, and its row or key stands"
                yield Flaw(FlawKind.READABLE_AGAIN, f"erasures/{row.identifier.hex()[:8]}", detail)
        for part in parts:
            if part.kind == "object" and _stands(workspace, ObjectId(part.identifier)):
                detail = "an erasure says that this object is gone, and a store has it"
                yield Flaw(FlawKind.READABLE_AGAIN, f"erasures/{row.identifier.hex()[:8]}", detail)


def _stands(workspace: Workspace, one: ObjectId) -> bool:
    try:
        return any(store.exists(one) for store in _stores(workspace).values())
    except StoreUnavailable:
        return False  # named once, as unreachable


def altered_objects(workspace: Workspace, records: Records, wanted: Collection[ObjectId]) -> Iterator[Flaw]:
    """Read some objects whole from wherever they stand; yield those that are not what the ledger says was sealed."""
    for one in wanted:
        row = records.cells.object_of(one)
        for name, store in _stores(workspace).items():
            try:
                if row is None or not store.exists(one):
                    continue
                if hash_of(store, one) != sealed_digest(records, row):
                    raise Tampered("the bytes are not those that were sealed")
            except IntegrityError as error:
                if not _moved_away(workspace, store, one):
                    yield Flaw(FlawKind.ALTERED_OBJECT, _place(name, one), error.detail)
            except StoreUnavailable as error:
                yield Flaw(FlawKind.UNREACHABLE, name, error.detail)
                return


def _moved_away(workspace: Workspace, store: ObjectStore, one: ObjectId) -> bool:
    """Say whether an object left a store while it was read from there."""
    return not store.exists(one) and workspace.data.read(lambda records: _fits_now(workspace, records, one))


def _fits_now(workspace: Workspace, records: Records, one: ObjectId) -> bool:
    tier = tier_of(workspace, records, one)
    at = {name for name, store in _stores(workspace).items() if store.exists(one)}
    return records.cells.object_of(one) is None or _fits(TierState.HOT if tier is None else tier.state, at)
