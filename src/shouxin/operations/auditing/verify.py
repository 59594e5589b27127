"""Verify the ledger, and state against the ledger: what an auditor runs (laws 3 and 4)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Final

from shouxin.domain.authority import AuthorityKind
from shouxin.domain.event import Event
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import CellId, SubjectId
from shouxin.errors import IntegrityError, Invalid, Tampered
from shouxin.keys.chain import Chain, LinkKind
from shouxin.ledger.checkpoint import Checkpoint
from shouxin.ledger.commitment import member_root
from shouxin.ledger.log import Audit, Flaw, FlawKind, audit
from shouxin.operations.acting import NOTHING_BEFORE, rows_of
from shouxin.operations.auditing.verify_published import altered_publication
from shouxin.operations.auditing.verify_stores import loose_tags, misplaced_objects, old_index, readable_again
from shouxin.operations.authentic import Authenticator
from shouxin.operations.workspace import Workspace
from shouxin.vault.erasure import Erasure, ErasureState
from shouxin.vault.records import CellRow, Records, Subject, SubjectState

__all__ = ["verify_ledger"]

_PAGE: Final = 500


def _heads(
    workspace: Workspace, published: Iterable[tuple[str, str]], flaws: list[Flaw]
) -> list[tuple[str, Checkpoint]]:
    """Check the signature of every checkpoint there is; one that does not verify is a finding, not an error."""
    heads: list[tuple[str, Checkpoint]] = []
    notes = list(published)
    own = workspace.publication.checkpoint()
    if own is not None:
        notes.append(("public/checkpoint", own))
    try:
        shelf = workspace.shelf.get()
        if shelf is not None:
            notes.append(("apart/checkpoint", shelf))
    except Tampered as error:
        flaws.append(Flaw(FlawKind.BROKEN_SIGNATURE, "apart/checkpoint", error.detail))
    for name, note in notes:
        try:
            heads.append((name, workspace.head.open(note)))
        except (Invalid, Tampered) as error:
            flaws.append(Flaw(FlawKind.BROKEN_SIGNATURE, name, error.detail))
    return heads


@dataclass(slots=True)
class _Said:
    """What the log says about rows: the event that vouches for each, what was superseded, and who was opened when."""

    workspace: Workspace
    vouched: dict[str, int] = field(default_factory=dict)
    superseded: dict[str, int] = field(default_factory=dict)
    opened: dict[int, tuple[str, int]] = field(default_factory=dict)
    restored: int = -1

    def look(self, leaf: int, event: Event) -> None:
        """Take note of one event."""
        named = rows_of(self.workspace, event)
        if named is not None:
            if named[0] != NOTHING_BEFORE:
                self.vouched[named[0]] = leaf
            self.superseded[named[1]] = leaf
        members, count = event.facts.get("members"), event.facts.get("count")
        if isinstance(members, str) and isinstance(count, int) and count:
            self.opened[leaf] = (members, count)
        if event.kind is EventKind.RESTORE_DONE:
            self.restored = leaf

    def replaced(self, mac: str) -> bool:
        """Say whether a row of this MAC has had a successor since it was last written."""
        return self.superseded.get(mac, -1) > self.vouched.get(mac, -1)


def verify_ledger(
    workspace: Workspace,
    *,
    published: Iterable[tuple[str, str]] = (),
    step: Callable[[int], None] = lambda _done: None,
) -> Audit:
    """Check every leaf, tile and checkpoint, every intent, every row that carries authority, every key and opening.

    ``published`` are checkpoints found elsewhere, each with a name; our own publication is looked at anyway. Never
    raises for what it finds: findings are in the audit. Needs no sign-in: it shows nothing but the state of the record.
    """
    early: list[Flaw] = []
    heads = _heads(workspace, published, early)

    def work(records: Records) -> Audit:
        said = _Said(workspace)
        found = audit(records.ledger, heads, look=said.look, step=step)
        found.flaws[:0] = early
        if not heads and records.ledger.size > 1:
            found.flaws.append(Flaw(FlawKind.ROLLBACK, "apart/checkpoint", "no signed checkpoint is kept apart"))
        if workspace.data.rolled_back():
            detail = "the log is shorter than it was when a right was last ended"
            found.flaws.append(Flaw(FlawKind.ROLLBACK, "apart/revocations", detail))
        damage = {
            "data": workspace.data.damage(),
            "keyring": workspace.custody.keyring.damage(),
            "index": workspace.index.damage(),
        }
        found.flaws += [Flaw(FlawKind.ALTERED_ROW, name, detail) for name, detail in damage.items() if detail]
        found.flaws += old_index(workspace, records)
        found.flaws += _rows(workspace, records, said, found.unknown)
        found.flaws += _openings(records, said, found.unknown)
        if found.intact:  # held against a log that is itself what was signed
            found.flaws += altered_publication(workspace, records)
        found.flaws += _keys(workspace, records)
        return found

    return workspace.data.read(work)


def _rows(workspace: Workspace, records: Records, said: _Said, unknown: Collection[int]) -> list[Flaw]:
    """Hold every authority row against the events: it must be what was recorded, the latest version, and there.

    Where entries are ``unknown``, a row that we wrote may be what one of them said: the entry is the finding.
    """
    flaws: list[Flaw] = []
    present: set[str] = set()
    for kind in AuthorityKind:
        try:
            rows = records.authority.find(kind)
        except Tampered as error:
            flaws.append(Flaw(FlawKind.ALTERED_ROW, f"{kind.value}/", error.detail))
            continue
        for row in rows:
            place, mac = f"{kind.value}/{row.identifier.hex()[:8]}", row.mac.hex()
            present.add(mac)
            if not workspace.notary.wrote(row) or (mac not in said.vouched and not unknown):
                flaws.append(Flaw(FlawKind.ALTERED_ROW, place, "this row is not what any event vouches for"))
            elif said.replaced(mac):
                detail = f"an old version was put back; see entry {said.superseded[mac]}"
                flaws.append(Flaw(FlawKind.ALTERED_ROW, place, detail))
    for mac, leaf in said.vouched.items():
        gone = mac not in present and not said.replaced(mac) and leaf > said.restored
        if gone and max(unknown, default=-1) < leaf:
            flaws.append(Flaw(FlawKind.ALTERED_ROW, str(leaf), "the row that this entry vouches for is missing"))
    return flaws


def _openings(records: Records, said: _Said, unknown: Collection[int]) -> list[Flaw]:
    """Hold the lists of openings against the disclosures in the log."""
    listed = records.cells.count_openings()
    flaws: list[Flaw] = []
    for leaf, (root, count) in said.opened.items():
        people, joined = listed.get(leaf, (0, b""))
        members = [joined[at : at + 32] for at in range(0, len(joined), 32)]
        if people == count == len(members) and member_root(members)[0].hex() == root:
            continue
        if leaf > said.restored and leaf not in unknown:
            flaws.append(
                Flaw(FlawKind.ALTERED_ROW, str(leaf), "the list of those whom this entry opened is not complete")
            )
    return flaws


def _keys(workspace: Workspace, records: Records) -> list[Flaw]:
    """Hold keys against rows: every cell and object has its key, every key its row, unless work is pending."""
    custody = workspace.custody
    # Whoever is being erased, or has work pending, is between two states: that is no finding.
    pending = {*custody.keyring.pending(), *_being_erased(workspace, records)}
    beside = (loose_tags, misplaced_objects, readable_again)
    held: dict[SubjectId, set[bytes]] = {}
    for cell, subject, other in records.all_cells():
        if other is None or other not in pending:
            held.setdefault(subject, set()).add(cell)
    for object_id, subject in records.all_objects():
        held.setdefault(subject, set()).add(object_id)
    flaws: list[Flaw] = [flaw for look in beside for flaw in look(workspace, records, pending)]
    everybody = list(dict.fromkeys([*held, *custody.keyring.all_subjects()]))
    for start in range(0, len(everybody), _PAGE):
        page = everybody[start : start + _PAGE]
        flaws += _forged(workspace, records, page, pending)
        chains = custody.keyring.get(page)
        flaws += [
            Flaw(found[0], f"chains/{subject.hex()[:8]}", found[1])
            for subject in page
            if subject not in pending and (found := _differ(workspace, records, chains.get(subject), subject, held))
        ]
    return flaws


def _being_erased(workspace: Workspace, records: Records) -> Iterable[SubjectId]:
    """Yield whoever an erasure has begun for and not concluded."""
    for row in records.authority.find(AuthorityKind.ERASURE):
        if workspace.notary.believes(row):
            erasure = workspace.notary.read(row, Erasure)
            if erasure.state in {ErasureState.PLANNED, ErasureState.REMOVED}:
                yield erasure.subject


def _forged(
    workspace: Workspace, records: Records, people: list[SubjectId], pending: Collection[SubjectId]
) -> list[Flaw]:
    """Open every cell of some people, letting nothing out: each must be what was sealed where it stands.

    What they can be found by must stand in the newest generation of the index, and nothing else that leads to them but
    tokens of their own values.
    """
    authenticator = Authenticator(workspace)
    flaws: list[Flaw] = []
    should: list[tuple[CellRow, list[bytes]]] = []
    for row in records.cells.cells_of([one for one in people if one not in pending]):
        if row.other in pending:
            continue
        try:
            should.append((row, authenticator.tags(row)))
        except IntegrityError as error:
            flaws.append(Flaw(FlawKind.ALTERED_ROW, f"cells/{row.cell.hex()[:8]}", error.detail))
    generations = workspace.generations()
    if not generations:  # said once, for everybody
        return flaws
    epoch, cipher = generations[0]
    stand: dict[CellId, set[tuple[bytes, SubjectId]]] = {}
    for tag, subject, place in workspace.index.rows_of(epoch, [row.cell for row, _ in should]):
        stand.setdefault(place, set()).add((tag, subject))
    for row, inner in should:
        there = stand.get(row.cell, set())
        wanted = {(tag, row.subject) for tag in workspace.tagger.outer(cipher, inner)}
        if there > wanted:  # a lender's own column may hold a token of the value, which leads here too
            wanted |= there & {
                (tag, row.subject) for tag in workspace.tagger.outer(cipher, authenticator.token_tags(row))
            }
        if there != wanted:
            detail = "the index does not have the tags under which this cell should be found"
            flaws.append(Flaw(FlawKind.ALTERED_ROW, f"index/{row.cell.hex()[:8]}", detail))
    return flaws


def _differ(
    workspace: Workspace, records: Records, chain: Chain | None, subject: SubjectId, held: dict[SubjectId, set[bytes]]
) -> tuple[FlawKind, str] | None:
    """Say how one person's keys and rows differ; nothing when they agree."""
    rows = held.get(subject, set())
    row = records.authority.get(AuthorityKind.SUBJECT, subject)
    if chain is None:
        return FlawKind.MISSING_KEY, "rows of somebody who has no key chain"
    if row is None:
        return FlawKind.ORPHAN_KEY, "a key chain of nobody who is known"
    try:
        if workspace.notary.read(row, Subject).state is SubjectState.ERASING:
            return None
        links = {link.identifier for link in workspace.custody.open(chain).links if link.kind is not LinkKind.PEPPER}
    except IntegrityError as error:
        return FlawKind.ALTERED_ROW, error.detail
    if rows - links:
        return FlawKind.MISSING_KEY, "a cell or object whose key is missing"
    return (FlawKind.ORPHAN_KEY, "a key whose cell or object is missing") if links - rows else None
