"""Give people new keys that open only what stays (law 2): the one way in which a key is destroyed.

Order: the journal of destructions first, so that no backup brings anything back; then all rows of the keyring in one
transaction. What others state about a person (edges) lies in the others' chains, wrapped for this person too: what of
it stays is carried over to the new key, what goes is taken out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import Instant
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import CellId, ObjectId, SubjectId
from shouxin.errors import Fenced, StoreUnavailable
from shouxin.keys.chain import Chain, Link, LinkKind
from shouxin.keys.custody import Custody, OpenChain
from shouxin.keys.journal import Destruction, Succession
from shouxin.ledger.entry import decode
from shouxin.operations.tiers import remove_everywhere
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import CellRow, Records

__all__ = ["Barred", "left_behind", "let_in_again", "rekey", "settle", "settle_clean", "still_held"]

# The events that record a cell which took another's place.
_ANEW: Final = frozenset({EventKind.CELL_CORRECTED, EventKind.CELL_RESTORED})
_NOBODY: Final = SubjectId(bytes(16))
# Suppression tags, each with its end.
Barred = tuple[tuple[bytes, Instant], ...]


def _edges(workspace: Workspace, subjects: Iterable[SubjectId]) -> dict[SubjectId, list[CellRow]]:
    wanted = list(subjects)
    found: dict[SubjectId, list[CellRow]] = {one: [] for one in wanted}
    for row in workspace.data.read(lambda records: records.cells.edges_to(wanted)):
        if row.other is not None:
            found[row.other].append(row)
    return found


def rekey(
    workspace: Workspace,
    keep: Mapping[SubjectId, Collection[bytes] | None],
    *,
    gone: Collection[bytes] = (),
    barred: Mapping[SubjectId, Barred] = MappingProxyType({}),
    replaying: Sequence[Destruction] = (),
    replayed: int | None = None,
) -> int:
    """Destroy, for every person in ``keep``, every key but those of the identifiers named and of their pepper.

    Where nothing is named, all is kept but what stands in ``gone``, the pepper too. ``gone`` also names edges by others
    that go.
    ``barred`` goes into the journal with them: the tags by which they are kept out. ``replaying`` are entries that the
    journal has already; ``replayed`` is how many entries the keyring has carried out after this. A chain that holds
    nothing to destroy is left alone, so this may be repeated. Durable on return; returns how many chains were given a
    new key.

    Raises:
        Fenced: somebody else changed one of these chains or the epoch; nothing was written: do it again.
    """
    custody = workspace.custody
    fence = custody.refresh()
    edges = _edges(workspace, keep)
    namers = {row.subject for rows in edges.values() for row in rows}
    before = custody.keyring.get([*keep, *(namers - keep.keys())])
    held = workspace.data.read(lambda records: _rows(records, list(keep)))
    known = {(one.cell, one.successor) for entry in replaying for one in entry.went_on}
    after: dict[SubjectId, Chain] = {}
    entries: list[Destruction] = []
    for subject, kept in keep.items():
        if subject not in before:
            continue
        opened = custody.open(after.get(subject, before[subject]))
        goes = {
            link.identifier for link in opened.links if (link.identifier in gone if kept is None else _goes(link, kept))
        }
        named = {row.cell for row in edges[subject] if row.cell in gone and _holds(custody, before, after, row)}
        if not goes and not named:
            continue
        after[subject] = custody.rekey(opened, {link.identifier for link in opened.links} - goes)
        steps = [] if goes <= held[subject] else _went_on(workspace, opened, goes)
        went_on = [one for one in steps if (one.cell, one.successor) not in known]
        destroyed = {one.cell for one in went_on} if replaying else goes | named
        entries.append(
            Destruction(
                subject,
                before[subject].generation,
                tuple(sorted(destroyed)),
                barred.get(subject, ()),
                tuple(went_on),
            )
        )
        _carry(custody, edges[subject], gone, opened, before, after)
    if not after and not replaying:
        return 0
    with workspace.journal.turn():
        done = _write_down(workspace, [entry for entry in entries if entry.destroyed], replayed)
        custody.keyring.replace([before[one] for one in after], list(after.values()), fence=fence, mark=done)
    return len(entries)


def _write_down(workspace: Workspace, entries: Sequence[Destruction], replayed: int | None) -> int | None:
    """Put entries into the journal; return how many of all entries the keyring has carried out with them.

    Nothing when an earlier one is still to be carried out: the mark must not leap over it.
    """
    journal, keyring = workspace.journal, workspace.custody.keyring
    there = journal.count()
    if entries:
        journal.append(entries)
        if journal.count() != there + len(entries):
            raise StoreUnavailable("the journal of destructions did not take what it was given; no key was destroyed")
    done = keyring.mark() if replayed is None else replayed
    return there + len(entries) if done == there else None


def let_in_again(workspace: Workspace, tags: Collection[bytes]) -> None:
    """Say in the journal that these tags have ended, so that no restore sets them again; durable on return.

    Whoever they kept out is nobody any more, so the entry names nobody.
    """
    ended = tuple((tag, Instant(0)) for tag in tags)
    with workspace.custody.keyring.at_work(), workspace.journal.turn():
        done = _write_down(workspace, [Destruction(_NOBODY, 0, (), ended)], None)
        workspace.custody.keyring.replace([], [], fence=workspace.custody.refresh(), mark=done)


def _went_on(workspace: Workspace, opened: OpenChain, goes: Collection[bytes]) -> list[Succession]:
    """Return in which cell the rest of each replaced one went on: the next of the chain that stands, sealed anew.

    Only a cell whose row is gone before its key was replaced; whoever erases takes the key first. So where all rows
    stand, nobody needs to ask.
    """
    if not any(link.kind is LinkKind.CELL and link.identifier in goes for link in opened.links):
        return []
    subject = opened.chain.subject
    anew = workspace.data.read(lambda records: _sealed_anew(records, subject))
    found: list[Succession] = []
    waiting: list[bytes] = []
    for link in opened.links:
        if link.kind is not LinkKind.CELL:
            continue
        if link.identifier not in anew:
            if link.identifier in goes:
                waiting.append(link.identifier)
            continue
        items = anew[link.identifier]
        found += [Succession(cell, link.identifier, items) for cell in waiting if items]
        waiting = []
    return found


def _sealed_anew(records: Records, subject: SubjectId) -> dict[bytes, tuple[str, ...]]:
    """Return every standing cell of a person, with the items that changed if it took another's place."""
    rows = records.cells.cells_of([subject])
    anew: dict[bytes, tuple[str, ...]] = {row.cell: () for row in rows}
    for row in rows:
        ((_, body),) = records.ledger.entries(row.leaf, row.leaf + 1)
        event = decode(body)
        items = event.facts.get("items")
        if event.kind in _ANEW and isinstance(items, list):
            anew[row.cell] = tuple(items)
    return anew


def left_behind(workspace: Workspace, subject: SubjectId, cells: Collection[bytes]) -> list[CellId]:
    """Return the cells whose keys stand before those of ``cells`` in a person's chain and whose rows are gone.

    What a correction replaced and could not destroy; or was drawn by somebody who will find their cell replaced.
    """
    chain = workspace.custody.keyring.get([subject]).get(subject)
    if chain is None:
        return []
    held = workspace.data.read(lambda records: _rows(records, [subject]))[subject]
    found: list[CellId] = []
    waiting: list[CellId] = []
    for link in workspace.custody.open(chain).links:
        if link.kind is not LinkKind.CELL:
            continue
        if link.identifier not in held:
            waiting.append(CellId(link.identifier))
            continue
        found += waiting if link.identifier in cells else []
        waiting = []
    return found


def _goes(link: Link, kept: Collection[bytes]) -> bool:
    return link.kind is not LinkKind.PEPPER and link.identifier not in kept


def _holds(custody: Custody, before: Mapping[SubjectId, Chain], after: Mapping[SubjectId, Chain], row: CellRow) -> bool:
    """Say whether the person who made a statement about another still has its key."""
    chain = after.get(row.subject) or before.get(row.subject)
    return chain is not None and custody.open(chain).holds(row.cell)


def _carry(
    custody: Custody,
    edges: Iterable[CellRow],
    gone: Collection[bytes],
    opened: OpenChain,
    before: Mapping[SubjectId, Chain],
    after: dict[SubjectId, Chain],
) -> None:
    """Wrap for a person's new key what others state about them and what stays; take out what goes."""
    fresh: OpenChain | None = None
    for row in edges:
        if row.subject not in before:
            continue
        theirs = custody.open(after.get(row.subject, before[row.subject]))
        if not theirs.holds(row.cell):
            continue
        if row.cell in gone:
            after[row.subject] = theirs.without([row.cell])
        else:
            fresh = fresh or custody.open(after[opened.chain.subject])
            after[row.subject] = theirs.replacing(theirs.wrap_edge(row.cell, theirs.edge_key(row.cell, opened), fresh))


def _rows(records: Records, subjects: Sequence[SubjectId]) -> dict[SubjectId, set[bytes]]:
    """Return, for each person, the identifiers of what the data store holds of them."""
    held: dict[SubjectId, set[bytes]] = {subject: set() for subject in subjects}
    for row in records.cells.cells_of(subjects):
        held[row.subject].add(row.cell)
    for kept in records.cells.objects_of(subjects):
        held[kept.subject].add(kept.object_id)
    return held


def settle(workspace: Workspace, subjects: Sequence[SubjectId]) -> int:
    """Finish what was noted as pending for ``subjects``: a key whose row does not stand is destroyed, with its tags.

    Such a key was drawn for something that was never recorded (a crash), or opened what a correction has replaced.
    Only for subjects nobody is working on. Returns how many keys went.
    """
    custody = workspace.custody
    held = workspace.data.read(lambda records: _rows(records, subjects))
    chains = custody.keyring.get(subjects)
    orphans: list[bytes] = []
    unborn: list[Chain] = []
    keep: dict[SubjectId, set[bytes]] = {}
    for subject, chain in chains.items():
        links = [link for link in custody.open(chain).links if link.kind is not LinkKind.PEPPER]
        lost = [link.identifier for link in links if link.identifier not in held[subject]]
        if not lost:
            continue
        orphans += lost
        filmed = [link.identifier for link in links if link.kind is LinkKind.OBJECT and link.identifier in lost]
        remove_everywhere(workspace, [ObjectId(one) for one in filmed])
        if held[subject] or chain.generation > 1 or _known(workspace, subject):
            keep[subject] = held[subject]
        else:
            unborn.append(chain)
    workspace.index.remove([CellId(one) for one in orphans])
    if keep:
        rekey(workspace, keep)
    if unborn:
        custody.keyring.remove(unborn, fence=custody.refresh())
    custody.keyring.settle(subjects)
    return len(orphans)


def still_held(workspace: Workspace, subject: SubjectId, drawn: Collection[bytes]) -> None:
    """Raise ``Fenced`` unless a person's chain still has every key that was drawn for what is about to be recorded.

    An erasure that was planned before the drawing and concluded after it has destroyed them: what they sealed would
    be recorded and never open.
    """
    chain = workspace.custody.keyring.get([subject]).get(subject)
    opened = None if chain is None else workspace.custody.open(chain)
    if opened is None or not all(opened.holds(identifier) for identifier in drawn):
        raise Fenced("the person was erased in part meanwhile: do it again")


def settle_clean(workspace: Workspace, subjects: Sequence[SubjectId], *, known: bool = True) -> None:
    """Note that what was pending for ``subjects`` is recorded, unless an earlier, failed attempt left a key behind.

    Such a key is left to ``settle``, when nobody is at work: it could be somebody else's, on its way. People who were
    not ``known`` before have no earlier attempts.
    """
    custody = workspace.custody
    clean = list(subjects)
    if known and subjects:
        held = workspace.data.read(lambda records: _rows(records, subjects))
        chains = custody.keyring.get(subjects)
        clean = [
            subject
            for subject, chain in chains.items()
            if all(
                link.kind is LinkKind.PEPPER or link.identifier in held[subject] for link in custody.open(chain).links
            )
        ]
    if clean:
        custody.keyring.settle(clean)


def _known(workspace: Workspace, subject: SubjectId) -> bool:
    return workspace.data.read(lambda records: records.authority.get(AuthorityKind.SUBJECT, subject)) is not None
