"""Move old objects to the archive by the rule on their purpose's card, and finish whatever is on its way (PIPL 51).

Decide which are old enough; record the intent; copy, read the copy back by its hash, remove the original and see that
it is gone; record the outcome. Killed at any point, the object stands whole in at least one store, its row says that it
is on its way, and the next run goes on. Only the bytes move, sealed as they are: no key is fetched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import DAY, Instant
from shouxin.domain.identifiers import ObjectId, SubjectId
from shouxin.errors import IntegrityError, StoreUnavailable, Tampered
from shouxin.ledger.entry import decode
from shouxin.operations.acting import begin
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.tiers import archive_of, hash_of, sealed_digest, step_tier, tier_of
from shouxin.operations.workspace import Workspace
from shouxin.vault.objects import ObjectStore
from shouxin.vault.records import ObjectRow, Records, Subject, SubjectState
from shouxin.vault.tier import MOVING, Tier, TierEvent, TierState

__all__ = ["ArchiveRun", "TierCounts", "count_tiers", "finish_moves", "run_archive"]

_WATCHERS: Final = ("operator", "dpo", "auditor")
# Whoever erases an object waits for a batch, so it ends after so many objects or so many sealed bytes.
_BATCH: Final = 32
_BATCH_BYTES: Final = 256 << 20


@dataclass(slots=True)
class ArchiveRun:
    """What a run did: objects that went to the archive and came back, their bytes, and those that could not be moved.

    What could not is damaged or missing; it stays where it is, and the audit of integrity names it.
    """

    archived: int = 0
    recalled: int = 0
    size: int = 0
    failed: list[ObjectId] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TierCounts:
    """How many objects are in each state, and how many of those in the hot store are old enough to go."""

    states: dict[str, int]
    due: int


@dataclass(frozen=True, slots=True)
class _Move:
    """One object on its way, with the digest that it must have."""

    row: ObjectRow
    state: TierState
    digest: bytes


def run_archive(workspace: Workspace, token: Token, step: Callable[[int], None] = lambda _done: None) -> ArchiveRun:
    """Finish every move that was interrupted, then move every object that is old enough, batch by batch.

    Durable after each batch; ``step`` is told how many objects are done. Run again after a crash, it goes on.

    Raises:
        Refused: the caller is no operator. Misconfigured: there is no archive. StoreUnavailable: a store does not
        answer; what was begun is finished by the next run.
    """
    archive_of(workspace)
    workspace.data.read(lambda records: begin(workspace, records, token).need("operator"))
    run = ArchiveRun()
    cursor = _Cursor(workspace)
    while True:
        with workspace.data.moving_objects(alone=True):
            moves = workspace.data.transact(lambda records: _next(workspace, records, token, run, cursor)).value
            if moves is None:
                return run
            _finish(workspace, token, moves, run)
        step(run.archived + run.recalled)


def finish_moves(workspace: Workspace, token: Token, object_id: ObjectId) -> ArchiveRun:
    """Finish the move of one object; see ``run_archive``. Who may begin it was asked when it was begun."""
    run = ArchiveRun()
    with workspace.data.moving_objects(alone=True):

        def work(records: Records) -> list[_Move]:
            tier = tier_of(workspace, records, object_id)
            return [] if tier is None or tier.state not in MOVING else _moves(records, [tier], run)

        _finish(workspace, token, workspace.data.read(work), run)
    return run


def _moves(records: Records, tiers: list[Tier], run: ArchiveRun) -> list[_Move]:
    """Return what is on its way and can go on; what cannot is noted as failed."""
    found: list[_Move] = []
    for tier in tiers:
        row = records.cells.object_of(tier.object_id)
        try:
            if row is None:
                raise Tampered("an object on its way has no row")
            found.append(_Move(row, tier.state, sealed_digest(records, row)))
        except IntegrityError:
            run.failed.append(tier.object_id)
    return found


class _Cursor:
    """Where a run stands among the objects that may be old enough."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._places: list[tuple[tuple[str, str], int, Instant]] | None = None
        self._after = b""

    def batch(self, records: Records, now: Instant) -> list[ObjectRow] | None:
        """Return the next objects that are old enough, perhaps none; nothing at the end."""
        if self._places is None:
            self._places = list(_places(self._workspace, records, now))
        if not self._places:
            return None
        place, leaf, since = self._places[0]
        found = records.cells.objects_before(place, leaf, self._after, _BATCH)
        if not found:
            self._after = b""
            del self._places[0]
            return []
        size, taken = 0, 0
        for row in found:
            size, taken = size + row.size, taken + 1
            if size >= _BATCH_BYTES:
                break
        self._after = found[taken - 1].object_id
        return [row for row in found[:taken] if _may_go(self._workspace, records, row, since)]


def _places(workspace: Workspace, records: Records, now: Instant) -> Iterator[tuple[tuple[str, str], int, Instant]]:
    """Yield each purpose and term whose objects are archived, the leaf before which they are old, and that moment."""
    for card in sorted(current_engine(workspace, records, "", now).cards.values(), key=lambda one: one.purpose):
        for name, term in card.retention.items():
            if term.archive_after_days:
                since = Instant(now - term.archive_after_days * DAY)
                yield (card.purpose, name), _first_after(records, since), since


def _first_after(records: Records, moment: Instant) -> int:
    """Return the first leaf that is younger than ``moment``: times in the log never go back."""
    low, high = 0, records.ledger.size
    while low < high:
        middle = (low + high) // 2
        if decode(records.ledger.entry(middle)).at > moment:
            high = middle
        else:
            low = middle + 1
    return low


def _may_go(workspace: Workspace, records: Records, row: ObjectRow, since: Instant) -> bool:
    """Say whether an object that was sealed long ago is hot, was not recalled since, and nobody is erasing it."""
    tier = tier_of(workspace, records, row.object_id)
    if tier is not None and (tier.state is not TierState.HOT or tier.since > since):
        return False
    return not _being_erased(workspace, records, row.subject)


def _being_erased(workspace: Workspace, records: Records, subject: SubjectId) -> bool:
    row = records.authority.get(AuthorityKind.SUBJECT, subject)
    return row is None or workspace.notary.read(row, Subject).state is SubjectState.ERASING


def _next(workspace: Workspace, records: Records, token: Token, run: ArchiveRun, cursor: _Cursor) -> list[_Move] | None:
    """Return the next batch: what was left on its way first, then what is old enough, recorded as on its way."""
    act = begin(workspace, records, token)
    act.need("operator")
    left = [
        tier
        for state in MOVING
        for tier in workspace.notary.read_all(records.authority.find(AuthorityKind.TIER, name=state.value), Tier)
        if tier.object_id not in run.failed and not _being_erased(workspace, records, tier.subject)
    ]
    if left:
        return _moves(records, left[:_BATCH], run)
    found = cursor.batch(records, act.now)
    if found is None:
        return None
    return _moves(records, [step_tier(workspace, records, act, row, TierEvent.COPY) for row in found], run)


def _finish(workspace: Workspace, token: Token, moves: list[_Move], run: ArchiveRun) -> None:
    """Move the bytes of a batch, then record the outcome of all that arrived."""
    arrived: list[_Move] = []
    archive = archive_of(workspace)
    for move in moves:
        hot = workspace.objects
        source, target = (hot, archive) if move.state is TierState.COPYING else (archive, hot)
        try:
            _carry(source, target, move.row.object_id, move.digest)
        except IntegrityError:
            run.failed.append(move.row.object_id)
        else:
            arrived.append(move)

    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        for move in arrived:
            back = move.state is TierState.RECALLING
            step_tier(workspace, records, act, move.row, TierEvent.RETURN if back else TierEvent.ARCHIVE)

    if arrived:
        workspace.data.transact(work)
    run.recalled += sum(move.state is TierState.RECALLING for move in arrived)
    run.archived += sum(move.state is TierState.COPYING for move in arrived)
    run.size += sum(move.row.size for move in arrived)


def _carry(source: ObjectStore, target: ObjectStore, object_id: ObjectId, digest: bytes) -> None:
    """Bring an object from one store to the other; on return the target has it whole and the source has it no more.

    The last whole copy is never removed: the source only after the target's bytes were read back, the target's only
    while the source has the object.

    Raises:
        Tampered: neither store has the bytes that were sealed. StoreUnavailable: a store does not answer, or does not
            do what it said.
    """
    if target.exists(object_id) and source.exists(object_id) and hash_of(target, object_id) != digest:
        target.remove([object_id])  # what an interrupted upload left
    if not target.exists(object_id) and target.take(object_id, source) != digest:
        target.remove([object_id])
        raise Tampered("an object is not what was sealed")
    if hash_of(target, object_id) != digest:
        raise Tampered("an object that was moved is not what was sealed")
    source.remove([object_id])
    if source.exists(object_id):
        raise StoreUnavailable("a store still has the object that it removed")


def count_tiers(workspace: Workspace, token: Token) -> TierCounts:
    """Count objects by where they stand, and those that the next run would move."""

    def work(records: Records) -> TierCounts:
        act = begin(workspace, records, token)
        act.need(*_WATCHERS)
        states = {state.value: len(records.authority.find(AuthorityKind.TIER, name=state.value)) for state in TierState}
        moved = sum(states.values()) - states[TierState.HOT.value] - states[TierState.ERASED.value]
        states[TierState.HOT.value] = sum(1 for _ in records.all_objects()) - moved
        cursor, due = _Cursor(workspace), 0
        while (found := cursor.batch(records, act.now)) is not None:
            due += len(found)
        return TierCounts(states, due)

    return workspace.data.read(work)
