"""The data store on bad days: killed, full, failing, rolled back, forked, shared; afterwards all or nothing."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import signal
import sqlite3
import threading
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.identifiers import InstitutionId
from shouxin.domain.transaction import Committed
from shouxin.errors import Forked, Invalid, ReadOnly, StoreUnavailable, Uncovered, Unrecorded
from shouxin.ledger.checkpoint import Checkpoint
from shouxin.ledger.log import Audit, audit
from shouxin.operations.auditing.heads import LogHead
from shouxin.storage.data_store import SqlDataStore
from shouxin.storage.shelf import FileShelf
from shouxin.vault.records import Records
from tests.events import an_event

ORIGIN, INSTITUTION = "lender.example/log", InstitutionId(b"i" * 16)
HEAD = LogHead(ORIGIN, b"h" * 32)


class FailingShelf(FileShelf):
    """A shelf whose next write fails, before it is kept or after."""

    fails: str = ""

    def put(self, note: str, size: int) -> None:
        """Fail as told, once."""
        fails, self.fails = self.fails, ""
        if fails == "lost":
            raise StoreUnavailable("the checkpoint shelf cannot be used now")
        super().put(note, size)
        if fails == "kept":
            raise StoreUnavailable("the checkpoint shelf cannot be used now")


def opened(folder: Path) -> tuple[SqlDataStore, FailingShelf]:
    """Open the store in ``folder`` (make it first if it is not there), and its shelf."""
    shelf = FailingShelf(folder / "checkpoint")
    if not (folder / "data.db").exists():
        SqlDataStore.create(folder / "data.db")
    return SqlDataStore(folder / "data.db", INSTITUTION, ORIGIN, HEAD, shelf), shelf


def grant(number: int) -> AuthorityRow:
    """Return the row that work number ``number`` writes."""
    return AuthorityRow(AuthorityKind.GRANT, number.to_bytes(16, "big"), 1, "n", None, b"{}", bytes(32))


def work(number: int, before: Callable[[str], None] = lambda _point: None) -> Callable[[Records], int]:
    """Return work that writes one row and one event, and says where it is."""

    def run(records: Records) -> int:
        before("row")
        records.authority.put(grant(number))
        before("event")
        leaf = records.record(an_event())
        before("end")
        return leaf

    return run


def checked(store: SqlDataStore) -> Audit:
    """Audit the log against the shelf; every row has its leaf and every leaf its row."""
    note = FileShelf(Path(store._engine.url.database or "").parent / "checkpoint").get()
    signed = [] if note is None else [("shelf", HEAD.open(note))]

    def look(records: Records) -> tuple[Audit, int]:
        return audit(records.ledger, signed), len(records.authority.find(AuthorityKind.GRANT))

    found, rows = store.read(look)
    assert found.flaws == []
    assert found.entries == found.size == rows
    return found


def plant(store: SqlDataStore, before: Callable[[], None], after: Callable[[], None]) -> None:
    """Have the driver itself call ``before`` and ``after`` around each commit of ``store``."""

    class WatchedCursor(sqlite3.Cursor):
        def execute(self, statement: str, *parameters: Any) -> Any:
            if statement != "COMMIT":
                return super().execute(statement, *parameters)
            before()
            result = super().execute(statement, *parameters)
            after()
            return result

    class WatchedConnection(sqlite3.Connection):
        def cursor(self, factory: Any = WatchedCursor) -> Any:
            return super().cursor(factory)

    @event.listens_for(store._engine, "do_connect")
    def connect(_dialect: object, _record: object, _arguments: list[object], options: dict[str, object]) -> None:
        options["factory"] = WatchedConnection

    store.close()


def forked(run: Callable[[], None]) -> int:
    """Run ``run`` in a process of its own, from here on; return that process's identifier."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # newer versions of Python warn when other threads exist; none holds a lock
        child = os.fork()
    if child == 0:
        try:
            run()
            os._exit(0)
        except BaseException:
            os._exit(1)
    return child


# ------------------------------------------------------------------------------------------------- killed anywhere
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


# ------------------------------------------------------------------------------------------------- writes that fail
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


# -------------------------------------------------------------------------------------------------------- together
def _together(
    store: SqlDataStore,
    works: Sequence[tuple[Callable[[Records], Any], bool]],
    then: Callable[[Committed[Any]], object] | None = None,
) -> list[object]:
    """Run ``works`` (each with whether it wants cover) in one shared commit; return results or errors in order."""
    entered, release = threading.Event(), threading.Event()
    outcomes: list[object] = [None] * len(works)

    def hold(records: Records) -> None:
        entered.set()
        release.wait()

    def run(at: int) -> None:
        try:
            if then is None:
                outcomes[at] = store.transact(works[at][0], covered=works[at][1])
            else:
                outcomes[at] = store.transact_then(works[at][0], then, covered=works[at][1])
        except BaseException as error:  # every outcome is looked at
            outcomes[at] = error

    threads = [threading.Thread(target=store.transact, args=(hold,))]
    threads[0].start()
    entered.wait()
    for at in range(len(works)):
        threads.append(threading.Thread(target=run, args=(at,)))
        threads[-1].start()
        while store._crew.waiting() <= at:  # one after the other, so that their order is known
            pass
    release.set()
    for thread in threads:
        thread.join()
    return outcomes


def test_a_failing_work_does_not_undo_its_neighbours(tmp_path: Path) -> None:
    """Of five works in one commit one raises and one is unrecorded: these get their errors, the others are durable."""
    store, _ = opened(tmp_path)

    def raises(records: Records) -> None:
        work(90)(records)
        raise Invalid("this will not do")

    def unrecorded(records: Records) -> None:
        records.authority.put(grant(91))

    outcomes = _together(
        store, [(work(1), False), (raises, False), (work(2), False), (unrecorded, False), (work(3), False)]
    )
    assert isinstance(outcomes[1], Invalid)
    assert isinstance(outcomes[3], Unrecorded)
    leaves = [one.value for one in (outcomes[0], outcomes[2], outcomes[4]) if isinstance(one, Committed)]
    assert leaves == [0, 1, 2]
    assert checked(store).size == 3


def test_those_who_want_cover_share_one_signature(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Works in one commit get one checkpoint, signed once, over all of them."""
    store, _ = opened(tmp_path)
    signed: list[int] = []
    sign = HEAD.sign

    def note(checkpoint: Checkpoint) -> str:
        signed.append(checkpoint.size)
        return sign(checkpoint)

    monkeypatch.setattr(HEAD, "sign", note)
    outcomes = _together(store, [(work(1), False), (work(2), True), (work(3), True)])
    assert [one.covered for one in outcomes[1:] if isinstance(one, Committed)] == [3, 3]
    assert [one.size for one in outcomes if isinstance(one, Committed)] == [3, 3, 3]
    assert signed == [3]


def test_a_failing_shelf_is_not_the_error_of_those_who_wanted_no_cover(tmp_path: Path) -> None:
    """Works that are durable and asked for no checkpoint are not told that nothing was changed."""
    store, shelf = opened(tmp_path)
    shelf.fails = "lost"
    outcomes = _together(store, [(work(1), False), (work(2), True), (work(3), False)])
    assert [type(one) for one in outcomes] == [Committed, Uncovered, Committed]
    assert checked(store).size == 3


def test_what_follows_a_commit_finds_it_durable_and_covered(tmp_path: Path) -> None:
    """What is to follow runs once, when the work stands in the file and its checkpoint on the shelf."""
    store, shelf = opened(tmp_path)
    seen: list[tuple[int, int, int]] = []

    def then(committed: Committed[int]) -> str:
        note = shelf.get()
        assert note is not None
        stored = store.read(lambda records: records.ledger.size)
        seen.append((committed.value, stored, HEAD.open(note).size))
        return "followed"

    assert store.transact_then(work(1), then, covered=True) == "followed"
    assert seen == [(0, 1, 1)]


def test_what_follows_is_the_affair_of_its_own_caller(tmp_path: Path) -> None:
    """An error in what follows is its caller's, whose work stands; a work that failed has no sequel."""
    store, _ = opened(tmp_path)
    followed: list[int] = []

    def then(committed: Committed[int]) -> int:
        if committed.value == 1:
            raise Invalid("this will not do")
        followed.append(committed.value)
        return committed.value

    def raises(records: Records) -> int:
        work(90)(records)
        raise Invalid("nor this")

    works = [work(1), work(2), raises, work(3)]
    outcomes = _together(store, [(one, False) for one in works], then)
    assert [outcomes[0], outcomes[3]] == followed == [0, 2]
    assert isinstance(outcomes[1], Invalid)
    assert isinstance(outcomes[2], Invalid)
    assert checked(store).size == 3


def test_an_interrupted_leader_leaves_what_follows_to_its_callers(tmp_path: Path) -> None:
    """Ctrl-C in one sequel: the works are durable, and everybody else's sequel is run all the same."""
    store, _ = opened(tmp_path)
    followed: list[int] = []
    interrupted: list[int] = []

    def then(committed: Committed[int]) -> int:
        if committed.value == 1 and not interrupted:
            interrupted.append(threading.get_ident())
            raise KeyboardInterrupt
        followed.append(committed.value)
        return committed.value

    outcomes = _together(store, [(work(1), False), (work(2), False), (work(3), False)], then)
    assert isinstance(outcomes[0], KeyboardInterrupt)
    assert outcomes[1:] == [1, 2]
    assert sorted(followed) == [0, 1, 2]
    assert checked(store).size == 3


def test_an_interrupted_work_stops_its_commit_and_not_the_store(tmp_path: Path) -> None:
    """Ctrl-C inside one work: nothing of that commit remains, everybody in it is told, and the next one works."""
    store, _ = opened(tmp_path)

    def interrupted(records: Records) -> None:
        work(90)(records)
        raise KeyboardInterrupt

    outcomes = _together(store, [(work(1), False), (interrupted, False), (work(2), False)])
    assert all(isinstance(one, BaseException) for one in outcomes)
    assert checked(store).size == 0
    assert store.transact(work(3), covered=True).covered == 1


def test_whoever_is_interrupted_before_they_lead_leaves_the_store_to_others(tmp_path: Path) -> None:
    """Ctrl-C while a leader waits for the others: their work is not begun, and the next one leads."""
    store, _ = opened(tmp_path)
    gather = store._crew._gather

    def interrupted() -> None:
        store._crew._gather = gather  # type: ignore[method-assign]
        raise KeyboardInterrupt

    store._crew._gather = interrupted  # type: ignore[method-assign]  # the fault is planted here
    with pytest.raises(KeyboardInterrupt):
        store.transact(work(1))
    assert store.transact(work(2), covered=True).covered == 1
    checked(store)


def test_those_who_were_served_together_are_waited_for_and_not_for_ever(tmp_path: Path) -> None:
    """After a large commit a single caller is served too, and so is a crowd that comes again and again."""
    store, _ = opened(tmp_path)
    numbers = itertools.count()
    for _ in range(3):
        outcomes = _together(store, [(work(next(numbers)), False) for _ in range(6)])
        assert all(isinstance(one, Committed) for one in outcomes)
        assert isinstance(store.transact(work(next(numbers))), Committed)
    threads = [
        threading.Thread(target=lambda: [store.transact(work(next(numbers))) for _ in range(20)]) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert checked(store).size == 3 * 7 + 120


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


def _append(folder: Path, start: int) -> None:
    store, _ = opened(folder)
    for number in range(start, start + 200):
        committed = store.transact(work(number), covered=number % 10 == 0)
        assert committed.size > committed.value


def test_two_processes_append_to_one_log(tmp_path: Path) -> None:
    """200 transactions each, at once: 400 leaves, none lost or given twice, and the log is intact."""
    opened(tmp_path)[0].close()
    children = [forked(lambda start=start: _append(tmp_path, start)) for start in (1_000, 2_000)]  # type: ignore[misc]
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    store, _ = opened(tmp_path)
    assert checked(store).size == 400
    assert store.transact(work(1), covered=True).covered == 401


@pytest.mark.parametrize("seed", range(3))
def test_two_stores_in_turn_sign_one_history(tmp_path: Path, seed: int) -> None:
    """Each catches up with what the other has appended, over the ends of tiles too: every checkpoint fits the log."""
    chance, numbers = random.Random(seed), itertools.count()
    stores = [opened(tmp_path)[0] for _ in range(2)]

    def several(records: Records) -> None:
        for _ in range(chance.choice([1, 2, 7, 100, 256])):
            work(next(numbers))(records)

    for _ in range(24):
        store = chance.choice(stores)
        committed = store.transact(several, covered=chance.random() < 0.7)
        assert committed.covered in (0, committed.size)
        checked(store)


def test_a_history_that_was_changed_meanwhile_is_read_anew(tmp_path: Path) -> None:
    """Leaves that another process put in place of those that this one knows are not carried on from memory."""
    store, _ = opened(tmp_path)
    for number in range(3):
        store.transact(work(number))
    copied = _copied(tmp_path, "other")
    store.transact(work(3))
    store.close()
    branch, _ = opened(copied)
    for number in (10, 11, 12):
        branch.transact(work(number))
    branch.close()
    for path in tmp_path.glob("data.db*"):
        path.unlink()
    for path in copied.glob("data.db*"):
        shutil.copy(path, tmp_path)
    assert store.transact(work(20), covered=True).covered == 7
    checked(store)


# ------------------------------------------------------------------------------------------------- rolled back, forked
def _copied(folder: Path, name: str) -> Path:
    target = folder / name
    target.mkdir()
    for path in folder.glob("data.db*"):
        shutil.copy(path, target)
    return target


def test_a_store_older_than_its_shelf_opens_for_reading_only(tmp_path: Path) -> None:
    """An old copy put back beside today's shelf is read, and refuses to write, again and again."""
    store, _ = opened(tmp_path)
    store.transact(work(1), covered=True)
    store.close()
    old = _copied(tmp_path, "old")
    store.transact(work(2), covered=True)
    store.close()
    shutil.copy(tmp_path / "checkpoint", old / "checkpoint")
    rolled_back, _ = opened(old)
    for _ in range(2):
        with pytest.raises(ReadOnly, match="2 were signed"):
            rolled_back.transact(work(3))
    assert rolled_back.read(lambda records: records.ledger.size) == 1
    assert rolled_back.read(lambda records: records.authority.find(AuthorityKind.GRANT)) == [grant(1)]


@pytest.mark.parametrize("more", [1, 2])
def test_a_store_whose_history_is_another_does_not_go_on(tmp_path: Path, more: int) -> None:
    """A log as long as what was signed, or longer, but with other leaves, is a fork and is not written to."""
    store, _ = opened(tmp_path)
    store.transact(work(1), covered=True)
    store.close()
    other = _copied(tmp_path, "other")
    shutil.copy(tmp_path / "checkpoint", other)
    store.transact(work(2), covered=True)
    branch, _ = opened(other)
    for number in range(more):
        branch.transact(work(10 + number))
    branch.close()
    shutil.copy(tmp_path / "checkpoint", other / "checkpoint")
    parted, _ = opened(other)
    with pytest.raises(Forked):
        parted.transact(work(20))
    assert parted.read(lambda records: records.ledger.size) == 1 + more


def test_a_store_whose_shelf_is_gone_does_not_go_on(tmp_path: Path) -> None:
    """Without the checkpoint that was signed for it nobody can say that a log was not rolled back: it is only read."""
    store, _ = opened(tmp_path)
    for number in range(3):
        store.transact(work(number), covered=True)
    store.close()
    (tmp_path / "checkpoint").unlink()
    alone = SqlDataStore(
        tmp_path / "data.db", INSTITUTION, ORIGIN, HEAD, FileShelf(tmp_path / "checkpoint"), must_be_signed=True
    )
    with pytest.raises(ReadOnly):
        alone.transact(work(10))
    assert alone.read(lambda records: records.ledger.size) == 3


def test_a_store_ahead_of_its_shelf_goes_on(tmp_path: Path) -> None:
    """A crash between commit and signature leaves a log that is longer than what was signed: that is no flaw."""
    store, _ = opened(tmp_path)
    store.transact(work(1), covered=True)
    store.transact(work(2))
    store.close()
    again, _ = opened(tmp_path)
    assert again.transact(work(3), covered=True).covered == 3
    checked(again)
