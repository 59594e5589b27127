"""The data store killed, full, failing: afterwards all or nothing."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import event

from shouxin.errors import StoreUnavailable, Uncovered, Unrecorded
from shouxin.ledger.checkpoint import Checkpoint
from shouxin.vault.records import Records
from tests.events import an_event
from tests.faults.data_stores import HEAD, checked, forked, grant, opened, plant, work

# The points at which a covered transaction is killed, and how many of its works are there afterwards.
KILLS = {
    "row": 0,
    "event": 0,
    "end": 0,
    "before commit": 0,
    "after commit": 1,
    "before signing": 1,
    "before shelf": 1,
    "after shelf": 1,
}
WAYS: dict[str, Callable[[], None]] = {
    "exit": lambda: os._exit(9),
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
}


def _killed_at(point: str, kill: Callable[[], None], folder: Path) -> None:
    """Run a covered transaction in this process and call ``kill`` at ``point``."""
    store, shelf = opened(folder)

    def at(where: str) -> None:
        if where == point:
            kill()

    sign, put = HEAD.sign, shelf.put

    def signed(checkpoint: Checkpoint) -> str:
        at("before signing")
        return sign(checkpoint)

    def shelved(note: str, size: int) -> None:
        at("before shelf")
        put(note, size)
        at("after shelf")

    plant(store, lambda: at("before commit"), lambda: at("after commit"))
    HEAD.sign = signed  # type: ignore[method-assign]  # the fault is planted here
    shelf.put = shelved  # type: ignore[method-assign]  # as above
    store.transact(work(100, at), covered=True)


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("point", KILLS)
def test_a_process_killed_anywhere_leaves_all_or_nothing(tmp_path: Path, point: str, how: str) -> None:
    """Killed at any point of a transaction: row and leaf are both there or neither, and the store goes on."""
    store, _ = opened(tmp_path)
    for number in range(3):
        store.transact(work(number), covered=number == 1)
    store.close()
    _, died = os.waitpid(forked(lambda: _killed_at(point, WAYS[how], tmp_path)), 0)
    assert os.waitstatus_to_exitcode(died) in (9, -signal.SIGKILL)
    after, _ = opened(tmp_path)
    assert checked(after).size == 3 + KILLS[point]
    committed = after.transact(work(200), covered=True)
    assert committed.size == committed.covered == 4 + KILLS[point]
    checked(after)


@pytest.mark.parametrize("fails", ["lost", "kept"])
def test_a_shelf_that_fails_never_parts_state_from_event(tmp_path: Path, fails: str) -> None:
    """The caller is told that the work is durable but not covered; rows and leaves agree, the next one covers all."""
    store, shelf = opened(tmp_path)
    store.transact(work(1), covered=True)
    shelf.fails = fails
    with pytest.raises(Uncovered):
        store.transact(work(2), covered=True)
    assert checked(store).size == 2
    committed = store.transact(work(3), covered=True)
    assert committed.covered == committed.size == checked(store).size


@pytest.mark.parametrize("moment", ["lost", "kept"])
def test_a_commit_that_fails_is_all_or_nothing(tmp_path: Path, moment: str) -> None:
    """When the commit itself reports an error, whether it was kept or lost, the store is whole and goes on."""
    store, _ = opened(tmp_path)
    store.transact(work(1), covered=True)
    fails = [moment]

    def fail(now: str) -> None:
        if fails == [now]:
            fails.clear()
            raise sqlite3.OperationalError("disk I/O error")

    plant(store, lambda: fail("lost"), lambda: fail("kept"))
    with pytest.raises(StoreUnavailable):
        store.transact(work(2), covered=True)
    assert checked(store).size == (2 if moment == "kept" else 1)
    committed = store.transact(work(3), covered=True)
    assert committed.covered == committed.size == checked(store).size


def test_a_full_disk_is_an_operators_error_and_changes_nothing(tmp_path: Path) -> None:
    """When no page can be added the work is refused by an error of ours; with room again the store goes on."""
    store, _ = opened(tmp_path)
    store.transact(work(1), covered=True)
    store.close()
    limit = {"pages": 1}

    @event.listens_for(store._engine, "connect")
    def limited(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={limit['pages']}")

    def many(records: Records) -> None:
        for number in range(100, 2_000):
            records.authority.put(grant(number))
            records.record(an_event())

    with pytest.raises(StoreUnavailable):
        store.transact(many)
    assert checked(store).size == 1
    store.close()
    limit["pages"] = 1_000_000
    store.transact(many, covered=True)
    assert checked(store).size == 1 + 1_900


def test_work_without_an_event_is_undone(tmp_path: Path) -> None:
    """Rows that nobody recorded are not there afterwards, alone or behind a neighbour that did record."""
    store, _ = opened(tmp_path)
    store.transact(work(1))

    def unrecorded(records: Records) -> None:
        records.authority.put(grant(2))
        records.cells.forget_openings(grant(2).identifier)  # type: ignore[arg-type]  # any 16 bytes

    with pytest.raises(Unrecorded):
        store.transact(unrecorded)
    assert checked(store).size == 1
