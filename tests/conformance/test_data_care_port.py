"""The port of data stores (``operations.workspace``): the care of their files, one suite over every driver."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import AccountId, CellId, ObjectId, SubjectId, new
from shouxin.domain.transaction import Ahead
from shouxin.errors import Forked, Invalid, ReadOnly, Uncovered, Unrecorded
from shouxin.operations.workspace import DataStore
from shouxin.vault.records import CellKind, CellRow, ObjectRow, Records
from shouxin.vault.tags import Origin
from tests.conformance.data_stores import DataPlace, changed, place, store_of
from tests.conformance.drivers import HEAD, Opener
from tests.events import an_event
from tests.faults.data_stores import forked, grant, unseen, work

__all__ = ["place", "store_of"]

A, B = SubjectId(b"a" * 16), SubjectId(b"b" * 16)
ACCOUNT, PLACE = AccountId(b"c" * 16), b"p" * 16


def _size(store: DataStore) -> int:
    return store.read(lambda records: records.ledger.size)


def _bodies(store: DataStore, start: int = 0) -> list[bytes]:
    return store.read(lambda records: [body for _, body in records.ledger.entries(start, records.ledger.size)])


def _cell(sealed: bytes) -> CellRow:
    return CellRow(new(CellId), A, "credit.review", "file", CellKind.EDGE, B, 0, sealed)


def _event(records: Records) -> int:
    return records.record(an_event())


def test_a_store_is_not_restoring_by_itself(store_of: Opener[DataStore]) -> None:
    """Neither a new one nor one that was written; and finishing what was not begun is one covered work more."""
    store = store_of()
    assert not store.restoring()
    committed = store.finish_restore(_event)
    assert (committed.value, committed.size, committed.covered) == (0, 1, 1)
    assert not store_of().restoring()


def test_while_a_restore_is_not_finished_nothing_else_is_written(place: DataPlace) -> None:
    """Reading goes on; what the restore needs is written, covered, whoever opens the store; all else is refused."""
    place().transact(work(1))
    place.put_back()
    store = place()
    for opened in (store, place()):
        assert opened.restoring()
        with pytest.raises(ReadOnly):
            opened.transact(_event)
        with pytest.raises(ReadOnly):
            opened.transact_then(Ahead(unseen), lambda records, _: _event(records), lambda committed: committed)
        assert _size(opened) == 1
    committed = store.during_restore(work(2))
    assert (committed.value, committed.size, committed.covered) == (1, 2, 2)
    assert HEAD.open(place.shelf.get() or "").size == 2
    assert store.restoring()
    with pytest.raises(ReadOnly):
        store.transact(_event)


def test_a_finished_restore_leaves_a_store_like_any_other(place: DataPlace) -> None:
    """The work that ends it is covered; then everybody writes as before."""
    place().transact(work(1))
    place.put_back()
    store = place()
    committed = store.finish_restore(work(2))
    assert (committed.value, committed.size, committed.covered) == (1, 2, 2)
    for opened in (store, place()):
        assert not opened.restoring()
        opened.transact(_event)
    assert _size(store) == 4


def test_a_restore_whose_last_work_fails_is_not_finished(place: DataPlace) -> None:
    """The work's own error comes back, or that it recorded nothing; the store waits for the restore as before."""
    place().transact(work(1), covered=True)
    place.put_back()
    store = place()

    def fails(records: Records) -> None:
        work(2)(records)
        raise Invalid("this will not do")

    for run in (store.finish_restore, store.during_restore):
        with pytest.raises(Invalid, match="this will not do"):
            run(fails)
        with pytest.raises(Unrecorded):
            run(lambda records: records.authority.put(grant(3)))
        assert store.restoring()
        with pytest.raises(ReadOnly):
            store.transact(_event)
    place.shelf.fails = "lost"
    with pytest.raises(Uncovered):
        store.finish_restore(work(2))
    assert place().restoring()


def _lost(place: DataPlace, folder: Path) -> tuple[DataStore, list[bytes]]:
    """Return a copy of a store that is older than what was signed for it, and the leaves that it lacks."""
    store = place()
    for number in range(3):
        store.transact(work(number))
    store.copy_to(folder / "copy")
    for _ in range(300):  # more than one tile
        changed(store, lambda _records: None)
    store.transact(partial(_at, 1_800_000_000_000), covered=True)
    with pytest.raises(ReadOnly):
        place.copied(folder / "copy").transact(_event)
    return place.copied(folder / "copy"), _bodies(store, 3)


def _at(at: int, records: Records) -> int:
    return records.record(an_event(at=at))


def test_leaves_that_were_lost_are_appended_as_they_were(place: DataPlace, tmp_path: Path) -> None:
    """To the byte, and the log's time with them; the store is then what was signed for it, and goes on."""
    copy, lost = _lost(place, tmp_path)
    assert copy.replay(iter(lost)) == 3 + 301
    assert copy.replay([]) == 304
    assert _bodies(copy) == _bodies(place())
    assert copy.read(lambda records: records.ledger.last_at) == 1_800_000_000_000
    assert copy.transact(_event, covered=True).covered == 305


def test_other_leaves_than_were_signed_are_no_remedy(place: DataPlace, tmp_path: Path) -> None:
    """A store to which others were appended is not written: its history is not the one that was signed."""
    copy, lost = _lost(place, tmp_path)
    assert copy.replay([lost[1], lost[0], *lost[2:]]) == 304
    with pytest.raises(Forked):
        copy.transact(_event)


def test_a_store_that_is_shorter_than_when_a_right_ended_says_so(place: DataPlace, tmp_path: Path) -> None:
    """An old copy beside today's list does, and is not written to; with the leaves that it lacks it does not."""
    store = place()
    store.transact(work(1))
    store.copy_to(tmp_path / "before")
    changed(store, lambda records: records.authority.put(replace(grant(1), version=2, mac=b"2" * 32)))
    store.copy_to(tmp_path / "after")
    changed(store, lambda _records: None)
    for one in (store, place(), place.copied(tmp_path / "after")):
        assert not one.rolled_back()
    old = place.copied(tmp_path / "before")
    assert old.rolled_back()
    with pytest.raises(ReadOnly):
        old.transact(_event)
    old.replay(_bodies(store, 1))
    assert not old.rolled_back()


def test_while_a_restore_is_not_finished_no_store_is_called_rolled_back(place: DataPlace, tmp_path: Path) -> None:
    """The backup is older than what ended since, and rightly; the restore says how long the log is now."""
    store = place()
    store.transact(work(1))
    store.copy_to(tmp_path / "before")
    changed(store, lambda records: records.authority.put(replace(grant(1), version=2, mac=b"2" * 32)))
    (tmp_path / "restoring").touch()
    old = place.copied(tmp_path / "before")
    assert not old.rolled_back()
    old.finish_restore(_event)
    assert not old.rolled_back()
    assert not place.copied(tmp_path / "before").rolled_back()


def _everything(records: Records) -> list[object]:
    cells = records.cells
    return [
        [records.authority.find(kind) for kind in AuthorityKind],
        [cells.cells_of([A]), cells.edges_to([B]), cells.count_cells("credit.review")],
        [cells.objects_of([A]), cells.objects_depicting([B]), [cells.origin_of(ObjectId(b"o" * 16))]],
        [cells.count_openings(), cells.openings_of(A), cells.count_look_ups(ACCOUNT, Instant(0))],
        [cells.index_ages(), cells.arrived(PLACE, [b"x" * 16]), list(records.all_cells()), list(records.all_objects())],
        [records.asides.of_place(PLACE)],
        [records.ledger.size, records.ledger.last_at, list(records.ledger.entries(0, 9)), records.ledger.tile(0, 0)],
    ]


def _fill(records: Records) -> None:
    for kind in AuthorityKind:
        records.authority.put(AuthorityRow(kind, new(CellId), 1, "n", A, b"{}", bytes(32)))
    records.cells.add_cells([_cell(b"sealed")])
    there = ObjectRow(ObjectId(b"o" * 16), A, "credit.review", "file", "interview.video", 1, bytes(32), 0)
    records.cells.add_object(there, [A, B])
    records.cells.add_origin(there.object_id, Origin("crm", "mp4"))
    records.cells.add_opening(0, [A], bytes(32))
    records.cells.add_look_up(ACCOUNT, Instant(9), Instant(0))
    records.cells.add_arrivals(PLACE, [b"x" * 16])
    records.asides.add(PLACE, [(b"x" * 16, b"sealed")])
    records.cells.put_index_age(1, 7, bytes(32), oldest=1)


def test_a_copy_is_a_whole_store(place: DataPlace, tmp_path: Path) -> None:
    """It opens as a store of its own with everything that was committed, and each goes on by itself."""
    store = place()
    changed(store, _fill)
    before = store.read(_everything)
    assert [some for part in before for some in part if not some] == []  # type: ignore[attr-defined]
    store.copy_to(tmp_path / "copy")
    copy = place.copied(tmp_path / "copy")
    assert copy.read(_everything) == before
    assert copy.damage() == ""
    changed(copy, lambda records: records.cells.forget_arrivals(PLACE), covered=True)
    assert store.read(_everything) == before
    assert (_size(copy), _size(store)) == (2, 1)


def test_a_copy_is_consistent_while_others_write(place: DataPlace, tmp_path: Path) -> None:
    """Each of their works is in it with its row and its leaf, or with neither, and what was committed before is."""
    store, stopped = place(), threading.Event()
    numbers = iter(range(100_000))
    store.transact(work(next(numbers)))

    def write() -> None:
        while not stopped.is_set():
            store.transact(work(next(numbers)))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for name in ("one", "two", "three"):
            committed = _size(store)
            place().copy_to(tmp_path / name)
            copy = place.copied(tmp_path / name)
            size, rows = copy.read(lambda now: (now.ledger.size, len(now.authority.find(AuthorityKind.GRANT))))
            assert size == rows == len(_bodies(copy)) >= committed
    finally:
        stopped.set()
        writer.join()


def test_whoever_moves_objects_is_alone(store_of: Opener[DataStore]) -> None:
    """Among many who move or erase, through openings of their own, at most one moves, and nobody erases beside it."""
    inside: Counter[bool] = Counter()
    seen: list[tuple[int, int]] = []
    guard = threading.Lock()

    def run(store: DataStore, *, alone: bool) -> None:
        for _ in range(15):
            with store.moving_objects(alone=alone):
                with guard:
                    inside[alone] += 1
                _size(store)  # whoever should not be here has the time to come
                with guard:
                    seen.append((inside[True], inside[False]))
                    inside[alone] -= 1

    threads = [threading.Thread(target=partial(run, store_of(), alone=number % 2 == 0)) for number in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(seen) == 6 * 15
    assert all((moving, erasing) == (1, 0) or moving == 0 for moving, erasing in seen)


def test_those_who_erase_do_not_wait_for_one_another(store_of: Opener[DataStore]) -> None:
    """Two are inside at the same time; when both are out, also by an error, whoever moves objects goes in."""
    one, other = store_of(), store_of()

    def fails() -> None:
        with one.moving_objects(alone=False), other.moving_objects(alone=False):
            assert _size(one) == _size(other) == 0
            raise Invalid("this will not do")

    with pytest.raises(Invalid):
        fails()
    with one.moving_objects(alone=True):
        changed(one, lambda _records: None)  # the store itself is nobody's alone
    with other.moving_objects(alone=True):
        assert _size(other) == 1


@pytest.mark.parametrize("alone", [True, False])
def test_a_process_that_is_killed_lets_go(store_of: Opener[DataStore], alone: bool) -> None:
    """Whoever died while they moved or erased objects holds nobody off."""
    came, says = os.pipe()

    def hold() -> None:
        with store_of().moving_objects(alone=alone):
            os.write(says, b"in")
            signal.pause()

    child = forked(hold)
    os.close(says)
    assert os.read(came, 2) == b"in"
    os.close(came)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with store_of().moving_objects(alone=True):
        assert _size(store_of()) == 0


def test_damage_of_the_files_is_said(place: DataPlace) -> None:
    """Of whole files nothing is said, however they were written; of what was broken, something."""
    store = place()
    assert store.damage() == ""
    changed(store, _fill)
    changed(store, lambda records: records.cells.add_cells([_cell(bytes(9000)) for _ in range(50)]))
    assert store.damage() == ""
    store.compact()
    assert place().damage() == ""
    place.spoil()
    assert place().damage() != ""


GONE = b"CIPHERTEXT-THAT-MUST-GO" * 10
CLEAR: dict[str, Callable[[DataStore], None]] = {
    "compact": lambda store: store.compact(),
    "empty_log": lambda store: store.empty_log(),
}


@pytest.mark.parametrize("clear", CLEAR.values(), ids=CLEAR)
def test_what_was_removed_is_in_no_file(place: DataPlace, clear: Callable[[DataStore], None]) -> None:
    """Sealed bytes, rows and objects of an erased person, and versions that were replaced; what stays is there."""
    store, row, stays = place(), _cell(GONE), _cell(b"SEALED-THAT-STAYS")
    there = ObjectRow(new(ObjectId), A, "credit.review", "file", "interview.video", 1, b"DIGEST-THAT-GOES" * 2, 0)
    versions = [
        AuthorityRow(AuthorityKind.CONSENT, b"g" * 16, number, "", A, body, bytes(32))
        for number, body in ((1, b"BODY-THAT-GOES"), (2, b"BODY-THAT-STAYS"))
    ]
    going = (b"CIPHERTEXT", b"DIGEST-THAT-GOES", b"BODY-THAT-GOES", row.cell, there.object_id)

    def add(records: Records) -> None:
        records.cells.add_cells([row, stays])
        records.cells.add_object(there, [B])
        records.authority.put(versions[0])

    def remove(records: Records) -> None:
        records.cells.remove_cells([row.cell])
        records.cells.remove_objects([there.object_id])
        records.authority.put(versions[1])

    changed(store, add)
    assert all(one in place.content() for one in going)
    changed(store, remove)
    clear(store)
    content = place.content()
    assert [one for one in going if one in content] == []
    assert all(one in content for one in (b"SEALED-THAT-STAYS", b"BODY-THAT-STAYS", stays.cell))
    assert store.read(lambda records: records.cells.cells_of([A])) == [stays]
    assert _size(place()) == 2


def test_compacting_leaves_no_room_for_what_was_removed(place: DataPlace) -> None:
    """After it the store's files are hardly larger than those of a store that never held what was removed."""
    store = place()
    changed(store, _fill)
    store.compact()
    small, before = len(place.content()), store.read(_everything)
    rows = [_cell(bytes(2000)) for _ in range(500)]
    changed(store, lambda records: records.cells.add_cells(rows))
    changed(store, lambda records: records.cells.remove_cells([row.cell for row in rows]))
    store.compact()
    assert len(place.content()) < small + 100_000
    assert store.read(_everything)[:-1] == before[:-1]


@pytest.mark.parametrize("clear", CLEAR.values(), ids=CLEAR)
def test_whoever_writes_meanwhile_only_waits(place: DataPlace, clear: Callable[[DataStore], None]) -> None:
    """Files are cleared again and again while others write and read: no work fails and none is lost."""
    store, stopped = place(), threading.Event()
    written: list[int] = []
    failed: list[BaseException] = []
    changed(store, _fill)

    def write() -> None:
        try:
            while not stopped.is_set():
                written.append(store.transact(work(len(written))).value)
                assert _size(store) == len(written) + 1
        except BaseException as error:  # it is looked at below
            failed.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(5):
            clear(place())
    finally:
        stopped.set()
        writer.join()
    assert (failed, written) == ([], list(range(1, len(written) + 1)))
    assert _size(place()) == len(written) + 1
