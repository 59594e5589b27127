"""Advance the key epoch: the way in which old copies of keyring and index die (law 2, design section 5).

The steps are the table in ``keys.epoch``; each is safe to repeat, and after a crash ``advance`` goes on from the step
that the keyring names; but a backup that was read back before the crash is no fresh one any more, so nothing is
destroyed before a new one was. Readers are served throughout. Whatever was erased ``live`` before is ``sealed`` at the
end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.event import Fact
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import EventId, OperationId, SubjectId, new
from shouxin.errors import Tampered
from shouxin.keys.epoch import EpochStep, after
from shouxin.keys.root import EpochNumber
from shouxin.ledger.entry import decode
from shouxin.operations.acting import Act, begin, row_facts
from shouxin.operations.index_age import check_index
from shouxin.operations.keyring_age import check_keyring, check_keyring_now
from shouxin.operations.pause import check_not_paused
from shouxin.operations.workspace import Workspace
from shouxin.vault.cell import open_cell
from shouxin.vault.erasure import Erasure, ErasureEvent, ErasureState, follow
from shouxin.vault.index import rows_in
from shouxin.vault.records import CellKind, Records

__all__ = ["Advance", "advance", "key_status"]

BATCH: Final = 20_000
SAMPLE: Final = 100


@dataclass(frozen=True, slots=True)
class Advance:
    """What an advance did: the epoch now current, chains carried over, backup rows read back, erasures sealed."""

    epoch: EpochNumber
    subjects: int
    read_back: int
    sealed: int


def key_status(workspace: Workspace, token: Token) -> list[tuple[EpochNumber, str, int]]:
    """Return every epoch that still opens something: number, step, chains under it."""
    workspace.data.read(lambda records: begin(workspace, records, token).need("operator", "dpo", "auditor"))
    keyring = workspace.custody.keyring
    return [(row.epoch, row.step, keyring.count(row.epoch)) for row in keyring.epochs()]


def advance(
    workspace: Workspace,
    token: Token,
    step: Callable[[EpochStep], None] = lambda _step: None,
) -> Advance:
    """Open a new epoch, carry every survivor over, and destroy the old one; or resume one that was interrupted.

    ``step`` is told each step reached. Durable on return; old copies of keyring and index open nothing.

    Raises:
        Refused: the caller is no operator and no DPO. Tampered: a survivor does not open; nothing was destroyed.
        RolledBack: keyring or index is an old copy; nothing was destroyed.
        NotInThisState: all deletion is paused: nothing is begun, and what was begun stops before it destroys.
        Fenced: somebody else advances; start again.
    """
    custody = workspace.custody
    current = custody.keyring.epochs()[-1]
    settled = EpochStep(current.step) is EpochStep.SETTLED
    epoch = EpochNumber(current.epoch + 1) if settled else current.epoch
    operation = _operation_of(workspace, epoch)
    _intend(workspace, token, operation, epoch, resumed=epoch == current.epoch)
    if epoch != current.epoch:
        row, services = custody.next_epoch()
        custody.keyring.add_epoch(row, services)
    custody.refresh()
    read_back = 0
    reached = EpochStep(custody.keyring.epochs()[-1].step)
    if reached is EpochStep.BACKED_UP:  # by whom, and when, nobody here has seen; the step that is noted stays
        reached = EpochStep.INDEXED
    while reached is not EpochStep.COMPACTED:
        if reached is EpochStep.BACKED_UP:  # the next step destroys: what was erased by mistake is gone for good
            workspace.data.read(partial(check_not_paused, workspace))
        done = _STEPS[reached](workspace)
        read_back = done or read_back
        reached = after(reached)
        if reached in _AHEAD[EpochStep(custody.keyring.epochs()[-1].step)]:
            custody.keyring.set_step(epoch, reached)
        step(reached)
    if read_back < custody.keyring.count():  # resumed behind that step, or people came since: say what is so now
        read_back = _back_up(workspace)
    sealed = _conclude(workspace, token, operation, epoch, read_back)
    custody.keyring.set_step(epoch, EpochStep.SETTLED)
    step(EpochStep.SETTLED)
    return Advance(epoch, custody.keyring.count(), read_back, sealed)


def _operation_of(workspace: Workspace, epoch: EpochNumber) -> OperationId:
    """Return the operation identifier of an advance: the same after a crash, so its outcome meets its intent."""
    place = workspace.institution.institution_id + epoch.to_bytes(8, "big")
    return OperationId(hashlib.sha256(b"shouxin/advance\0" + place).digest()[:16])


def _intend(workspace: Workspace, token: Token, operation: OperationId, epoch: EpochNumber, *, resumed: bool) -> None:
    def work(records: Records) -> None:
        act = begin(workspace, records, token, operation)
        act.need("operator", "dpo")
        if not resumed:
            check_not_paused(workspace, records)
            check_index(workspace, records)
            check_keyring(workspace, records)
            records.record(act.event(EventKind.EPOCH_INTENDED, epoch=epoch))

    if resumed:
        workspace.data.read(work)
    else:
        workspace.data.transact(work, covered=True)


def _old(workspace: Workspace) -> list[EpochNumber]:
    return [epoch for epoch in workspace.custody.epochs if epoch < workspace.custody.current]


def _rewrap(workspace: Workspace) -> int:
    """Wrap every subject key under the new epoch, batch by batch."""
    custody, place = workspace.custody, 0
    for epoch in _old(workspace):
        anew = partial(custody.rewrapped, epoch)
        while place := custody.keyring.rewrap(epoch, place, BATCH, anew, fence=custody.current):
            pass
    return 0


def _reindex(workspace: Workspace) -> int:
    """Encipher every tag under the new epoch's key, into a generation of its own.

    Whoever takes people in or erases them waits meanwhile, so that no row is written beside it; readers do not. A new
    generation that is there already and lacks rows (an old file was put back) is given what it lacks.

    Raises:
        Tampered: the new generation has fewer rows than an old one all the same; nothing was destroyed. RolledBack: the
        old one is an old copy.
    """
    custody, index = workspace.custody, workspace.index
    with custody.keyring.alone(wait=True):
        workspace.data.read(partial(check_index, workspace))
        index.build(custody.current, _enciphered_anew(workspace))
        if _is_short(workspace) and custody.current in index.generations():
            for page in _enciphered_anew(workspace):
                index.add(custody.current, rows_in(page))
        if _is_short(workspace):
            raise Tampered("the new generation of the index has fewer rows than the old one; nothing was destroyed")
    return 0


def _is_short(workspace: Workspace) -> bool:
    """Say whether the new generation of the index has fewer rows than an old one."""
    custody, index = workspace.custody, workspace.index
    there = index.generations()
    held = index.count(custody.current) if custody.current in there else 0
    return any(index.count(epoch) > held for epoch in _old(workspace) if epoch in there)


def _enciphered_anew(workspace: Workspace) -> Iterator[bytes]:
    """Yield every row of the old generations, in pages, with its tag under the new epoch's key."""
    custody, index = workspace.custody, workspace.index
    fresh = custody.service("index.cipher")
    for epoch in (epoch for epoch in _old(workspace) if epoch in index.generations()):
        stale = custody.service("index.cipher", epoch)
        yield from (workspace.tagger.recipher(stale, fresh, page) for page in index.pages(epoch, BATCH))


def _prove(workspace: Workspace) -> int:
    """Check that no old row remains, that what came in last has its keys, and that a sample opens, down to a value.

    Raises:
        Tampered: one does not; nothing was destroyed. RolledBack: the keyring is an old copy; neither was anything.
    """
    custody = workspace.custody
    if any(custody.keyring.count(epoch) for epoch in _old(workspace)):
        raise Tampered("a subject key still rests on the old epoch")
    with custody.keyring.alone(wait=True):  # nobody is between a row and its key
        check_keyring_now(workspace)
        between = {*custody.keyring.pending(), *workspace.data.read(lambda records: _being_erased(workspace, records))}
        sample = [one for one in islice(custody.keyring.all_subjects(), SAMPLE + len(between)) if one not in between]
        chains = custody.keyring.get(sample)
        cells = workspace.data.read(lambda records: records.cells.cells_of(sample))
        for row in cells:
            chain = custody.open(chains[row.subject])
            if not chain.holds(row.cell):
                raise Tampered("the key of a cell that stands is missing; nothing was destroyed")
            if row.kind is CellKind.OWN:
                binding = row.binding(workspace.institution.institution_id)
                open_cell(custody.suite, chain.key(row.cell), binding, row.sealed)
    return 0


def _being_erased(workspace: Workspace, records: Records) -> list[SubjectId]:
    """Return whoever an erasure has begun for and not concluded: their keys go before their rows."""
    erasures = (workspace.notary.read(row, Erasure) for row in records.authority.find(AuthorityKind.ERASURE))
    return [one.subject for one in erasures if one.state in {ErasureState.PLANNED, ErasureState.REMOVED}]


def _back_up(workspace: Workspace) -> int:
    """Have a fresh keyring backup restored elsewhere and read back.

    Raises:
        Tampered: fewer chains came back than there are; nothing was destroyed.
    """
    wanted = workspace.custody.keyring.count()
    opened = workspace.backups.rehearse()
    if opened < wanted:
        raise Tampered(f"of {wanted} chains, the backup gave back {opened}")
    return opened


def _destroy(workspace: Workspace) -> int:
    """Destroy the old root keys inside their provider, then what they wrapped.

    Raises:
        Tampered: the provider still has the key, or the keyring what it wrapped; nothing is called sealed.
    """
    custody = workspace.custody
    stale = [row.epoch for row in custody.keyring.epochs() if row.epoch < custody.current]
    for epoch in stale:
        custody.provider.destroy(epoch)
        if custody.provider.exists(epoch):
            raise Tampered(f"the root key of epoch {epoch} is still there after its destruction")
        custody.keyring.remove_epoch(epoch)
    if any(row.epoch < custody.current for row in custody.keyring.epochs()):
        raise Tampered("an epoch key that the old root key wrapped is still in the keyring")
    return 0


def _compact(workspace: Workspace) -> int:
    """Drop old index generations, rebuild the keyring's file and empty the logs: nothing removed stays in any of them.

    Who collects or erases waits for the keyring. The data store is not rebuilt: its removed cells were overwritten.

    Raises:
        Tampered: an old generation of the index is still there, or a log is as it was; nothing is called sealed.
    """
    for epoch in workspace.index.generations():
        if epoch < workspace.custody.current:
            workspace.index.drop_generation(epoch)
    if any(epoch < workspace.custody.current for epoch in workspace.index.generations()):
        raise Tampered("an old generation of the index is still there")
    workspace.custody.refresh()
    keyring, data = workspace.custody.keyring, workspace.data
    before = keyring.log_mark(), data.log_mark()
    keyring.compact()
    data.empty_log()
    # Not that they are empty: somebody may have written since, into a log that was begun anew.
    for name, old, left in zip(("keyring", "data store"), before, (keyring.log_mark(), data.log_mark()), strict=True):
        if old and old == left:
            raise Tampered(f"the log of the {name} is still there, with what was removed")
    return 0


_STEPS: Final[dict[EpochStep, Callable[[Workspace], int]]] = {
    EpochStep.OPENED: _rewrap,
    EpochStep.REWRAPPED: _reindex,
    EpochStep.INDEXED: _prove,
    EpochStep.PROVED: _back_up,
    EpochStep.BACKED_UP: _destroy,
    EpochStep.DESTROYED: _compact,
}


# What is noted only moves on: what a step says must stay true, although an earlier part was done once more.
_AHEAD: Final = {step: list(EpochStep)[number + 1 :] for number, step in enumerate(EpochStep)}


def _conclude(workspace: Workspace, token: Token, operation: OperationId, epoch: EpochNumber, read_back: int) -> int:
    """Record the outcome, and seal every erasure that was live before this epoch."""
    subjects = workspace.custody.keyring.count()
    # What was recorded while the advance ran is looked through before, not while everybody who writes is waiting.
    size, concluded = workspace.data.read(lambda records: (records.ledger.size, _concluded(records, operation)))

    def work(records: Records) -> int:
        act = begin(workspace, records, token, operation)
        if concluded or _concluded(records, operation, size):
            return 0
        destroyed = hashlib.sha256(b"shouxin/root\0" + (epoch - 1).to_bytes(8, "big")).hexdigest()
        facts: dict[str, Fact] = {"epoch": epoch, "subjects": subjects, "destroyed": destroyed, "readback": read_back}
        records.record(act.say(EventKind.EPOCH_ADVANCED, new(EventId), facts))
        return sum(_seal(workspace, records, act, epoch))

    return workspace.data.transact(work, covered=True).value


def _concluded(records: Records, operation: OperationId, since: int = 0) -> bool:
    """Say whether the outcome of this advance is recorded behind leaf ``since``; looks back to its intent at most."""
    for end in range(records.ledger.size, since, -BATCH):
        events = [decode(body) for _, body in records.ledger.entries(max(since, end - BATCH), end)]
        own = {event.kind for event in events if event.operation == operation}
        if EventKind.EPOCH_ADVANCED in own:
            return True
        if EventKind.EPOCH_INTENDED in own:
            return False
    return False


def _seal(workspace: Workspace, records: Records, act: Act, epoch: EpochNumber) -> list[int]:
    sealed: list[int] = []
    for before in records.authority.find(AuthorityKind.ERASURE):
        erasure = workspace.notary.read(before, Erasure)
        if erasure.state is not ErasureState.LIVE or erasure.epoch >= epoch:
            continue
        value = replace(follow(erasure, ErasureEvent.SEAL, records.ledger.size), sealed=act.now)
        row = workspace.notary.write(
            AuthorityKind.ERASURE, before.identifier, before.version + 1, value, subject=erasure.subject
        )
        records.authority.put(row)
        salt = new(EventId)
        subject = workspace.door.witness([erasure.subject], salt).members[0].hex()
        plan = erasure.digest().hex()
        records.record(
            act.event(EventKind.ERASURE_SEALED, salt, subject=subject, epoch=epoch, plan=plan, **row_facts(row, before))
        )
        sealed.append(1)
    return sealed
