"""The port of data stores (``domain.transaction``): works and what follows them, one suite over every driver.

The care of a store's files (``operations.workspace``) is in ``test_data_care_port``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import pytest

from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.event import Event
from shouxin.domain.identifiers import SubjectId, new
from shouxin.domain.transaction import Ahead, Committed
from shouxin.errors import Invalid, ReadOnly, StoreUnavailable, Tampered, Uncovered, Unrecorded
from shouxin.ledger.checkpoint import Checkpoint
from shouxin.ledger.entry import decode
from shouxin.operations.workspace import DataStore
from shouxin.vault.records import CellKind, CellRow, Records
from tests.conformance.data_stores import ORIGIN, DataPlace, changed, place, store_of
from tests.conformance.drivers import HEAD, Opener
from tests.events import an_event
from tests.faults.data_stores import unseen

__all__ = ["place", "store_of"]

A, B, C = (SubjectId(letter * 16) for letter in (b"a", b"b", b"c"))


def _authority(version: int = 1) -> AuthorityRow:
    return AuthorityRow(AuthorityKind.GRANT, b"g" * 16, version, "n", None, b"{}", bytes(32))


def _work(records: Records) -> int:
    records.authority.put(_authority())
    return records.record(an_event())


def _repeat(event: Event, times: int, records: Records) -> None:
    for _ in range(times):
        records.record(event)


def test_state_and_event_are_committed_together(store_of: Opener[DataStore]) -> None:
    """The work's value comes back with the size of the log, and another opening sees row and leaf."""
    store = store_of()
    committed = store.transact(_work)
    assert (committed.value, committed.size, committed.covered) == (0, 1, 0)
    later: DataStore = store_of()
    assert later.read(lambda records: records.authority.get(AuthorityKind.GRANT, b"g" * 16)) == _authority()
    assert later.read(lambda records: (records.ledger.size, len(records.ledger.entry(0)) > 0)) == (1, True)


def test_work_without_an_event_is_undone(store_of: Opener[DataStore]) -> None:
    """A change that nobody recorded is refused; work that changes nothing needs no event."""
    store = store_of()
    with pytest.raises(Unrecorded):
        store.transact(lambda records: records.authority.put(_authority()))
    assert store.read(lambda records: records.authority.find(AuthorityKind.GRANT)) == []
    assert store.transact(lambda records: records.ledger.size).value == 0


def test_work_that_fails_leaves_nothing(store_of: Opener[DataStore]) -> None:
    """The caller's own error comes back, and neither row nor leaf remains."""
    store = store_of()

    def work(records: Records) -> None:
        _work(records)
        raise Invalid("this will not do")

    with pytest.raises(Invalid, match="this will not do"):
        store.transact(work)
    assert store.read(lambda records: (records.ledger.size, records.authority.find(AuthorityKind.GRANT))) == (0, [])
    assert store.transact(_work).value == 0


def test_work_sees_what_it_has_written(store_of: Opener[DataStore]) -> None:
    """Inside the transaction its rows, leaves and size are there; outside not before the commit."""
    store = store_of()

    def work(records: Records) -> tuple[int, bytes, bool]:
        _work(records)
        inside = records.authority.get(AuthorityKind.GRANT, b"g" * 16) is not None
        return records.ledger.size, records.ledger.entry(0), inside

    size, entry, inside = store.transact(work).value
    assert (size, inside) == (1, True)
    assert store.read(lambda records: records.ledger.entry(0)) == entry


def test_reading_cannot_write(store_of: Opener[DataStore]) -> None:
    """A row put or an event recorded where only reading was asked for is an error, and nothing changes."""
    store = store_of()
    for write in (lambda records: records.authority.put(_authority()), lambda records: records.record(an_event())):
        with pytest.raises(Exception):  # noqa: B017 - the port says an error, not which
            store.read(write)
    assert store.read(lambda records: (records.ledger.size, records.authority.find(AuthorityKind.GRANT))) == (0, [])


def test_a_covered_transaction_is_signed_for(place: DataPlace) -> None:
    """On return a checkpoint of at least its size is on the shelf; other transactions sign nothing."""
    store = place()
    store.transact(_work)
    assert place.shelf.get() is None
    committed = store.transact(lambda records: records.record(an_event()), covered=True)
    assert (committed.size, committed.covered) == (2, 2)
    assert HEAD.open(place.shelf.get() or "").size == 2


def test_a_checkpoint_that_cannot_be_put_away_undoes_nothing(place: DataPlace) -> None:
    """The caller is told that the work stands and nothing covers it; the next covered work covers both."""
    store = place()
    place.shelf.fails = "lost"
    with pytest.raises(Uncovered):
        store.transact(_work, covered=True)
    assert place.shelf.get() is None
    assert place().read(lambda records: records.authority.find(AuthorityKind.GRANT)) == [_authority()]
    assert store.transact(lambda records: records.record(an_event()), covered=True).covered == 2


def test_a_store_behind_its_checkpoint_is_read_only(place: DataPlace) -> None:
    """A log that is shorter than what was signed for it takes nothing, whoever opens it, and is read as it is."""
    place().transact(_work)
    place.shelf.put(HEAD.sign(Checkpoint(ORIGIN, 5, bytes(32))), 5)
    store = place()
    for _ in range(2):
        with pytest.raises(ReadOnly):
            store.transact(lambda records: records.record(an_event()))
    assert store.read(lambda records: (records.ledger.size, len(records.authority.find(AuthorityKind.GRANT)))) == (1, 1)


def test_no_work_is_tried_again(store_of: Opener[DataStore]) -> None:
    """A work is run once, whether it comes to something or fails, and whatever it fails with."""
    store = store_of()
    calls: list[object] = []

    def fails(error: Exception) -> Callable[[Records], None]:
        def work(records: Records) -> None:
            calls.append(error)
            _work(records)
            raise error

        return work

    errors = [StoreUnavailable("try again"), Invalid("this will not do"), ValueError("nor this")]
    for error in errors:
        with pytest.raises(type(error), match=str(error)):
            store.transact(fails(error))
    store.transact(lambda records: calls.append(_work(records)))
    assert calls == [*errors, 0]


def test_a_reader_sees_one_snapshot(store_of: Opener[DataStore]) -> None:
    """What is committed meanwhile, by the same opening or another, is seen by the next reader and not by this one."""
    store = store_of()
    store.transact(lambda records: records.record(an_event()))

    def look(records: Records) -> tuple[int, list[AuthorityRow], list[int]]:
        leaves = [leaf for leaf, _ in records.ledger.entries(0, 9)]
        return records.ledger.size, records.authority.find(AuthorityKind.GRANT), leaves

    def read(records: Records) -> tuple[int, list[AuthorityRow], list[int]]:
        store_of().transact(_work)
        store.transact(lambda now: now.record(an_event()))
        return look(records)

    assert store.read(read) == (1, [], [0])
    assert store.read(look) == (3, [_authority()], [0, 1, 2])


def test_what_follows_a_commit_finds_it_durable_and_covered(place: DataPlace) -> None:
    """It runs once, when the work stands and its checkpoint is on the shelf; what it returns comes back."""
    store, elsewhere = place(), place()
    seen: list[tuple[int, int, int, int, int]] = []

    def then(committed: Committed[int]) -> str:
        signed = HEAD.open(place.shelf.get() or "").size
        stored = elsewhere.read(lambda records: records.ledger.size)
        seen.append((committed.value, committed.size, committed.covered, stored, signed))
        return "followed"

    assert store.transact_then(Ahead(unseen), lambda records, _: _work(records), then, covered=True) == "followed"
    assert seen == [(0, 1, 1, 1, 1)]


def test_an_error_in_what_follows_is_its_callers_and_the_work_stands(store_of: Opener[DataStore]) -> None:
    """It undoes nothing; and a work that failed or was refused is followed by nothing."""
    store = store_of()
    followed: list[object] = []

    def then(committed: Committed[object]) -> None:
        followed.append(committed.value)
        raise Invalid("not in what follows")

    with pytest.raises(Invalid, match="what follows"):
        store.transact_then(Ahead(unseen), lambda records, _: _work(records), then)
    with pytest.raises(Unrecorded):
        store.transact_then(Ahead(unseen), lambda records, _: records.authority.put(_authority(2)), then)
    assert followed == [0]
    assert store_of().read(lambda records: records.authority.find(AuthorityKind.GRANT)) == [_authority()]


@pytest.mark.parametrize("people", [[], [A], [A, B, C], [C, new(SubjectId)], [B, A, B]])
def test_naming_people_changes_nothing_but_the_cost(store_of: Opener[DataStore], people: list[SubjectId]) -> None:
    """Whoever is named, the work reads of everybody what stands, and what it has written itself."""
    store = store_of()
    consents = [AuthorityRow(AuthorityKind.CONSENT, new(SubjectId), 1, "", A, b"{}", bytes(32)) for _ in range(2)]
    subjects = [AuthorityRow(AuthorityKind.SUBJECT, one, 1, "", None, b"{}", bytes(32)) for one in (A, B)]
    cells = [CellRow(new(SubjectId), one, "p", "t", CellKind.OWN, None, 0, b"x") for one in (A, B)]  # type: ignore[arg-type]

    def begin(records: Records) -> None:
        records.authority.add(consents[:1])
        records.authority.add(subjects)
        records.cells.add_cells(cells)

    changed(store, begin)

    def look(records: Records) -> list[object]:
        rows = records.authority
        return [
            [rows.get(AuthorityKind.SUBJECT, one) for one in (A, B, C)],
            [rows.find(AuthorityKind.CONSENT, subject=one) for one in (A, B, C)],
            [records.cells.cells_of([one]) for one in (A, B, C)],
        ]

    def work(records: Records, before: list[object]) -> tuple[list[object], list[object]]:
        records.authority.add(consents[1:])
        records.cells.remove_cells([cells[1].cell])
        records.record(an_event())
        return before, look(records)

    before, after = store.transact_then(Ahead(look, people), work, lambda committed: committed.value)
    assert before == [[*subjects, None], [consents[:1], [], []], [cells[:1], cells[1:], []]]
    in_order = sorted(consents, key=lambda row: row.identifier)
    assert after == [[*subjects, None], [in_order, [], []], [cells[:1], [], []]]


def test_a_log_that_was_emptied_is_another(store_of: Opener[DataStore]) -> None:
    """Written to, the log has a mark; emptied it has none, or another once somebody has written again."""
    store = store_of()

    def write(records: Records) -> None:
        records.record(an_event())

    store.transact(write)
    before = store.log_mark()
    assert before == store.log_mark() != b""
    store.empty_log()
    assert store.log_mark() == b""
    store.transact(write)
    assert store.log_mark() not in (b"", before)


def test_many_threads_each_get_their_own_answer(store_of: Opener[DataStore]) -> None:
    """Works that are committed together keep their values apart, and no leaf is lost or given twice."""
    store = store_of()
    store.transact(lambda records: records.record(an_event()), covered=True)
    leaves: list[tuple[int, int]] = []

    def run(number: int) -> None:
        for _ in range(10):
            committed = store.transact(lambda records: (number, records.record(an_event())))
            assert committed.value[0] == number
            assert committed.size > committed.value[1]
            leaves.append(committed.value)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(leaf for _, leaf in leaves) == list(range(1, 81))
    assert store.read(lambda records: records.ledger.size) == 81


def test_the_log_is_read_as_it_was_recorded(store_of: Opener[DataStore]) -> None:
    """Its size, its last time and its leaves, in order and in part; a leaf or tile that is not there is named."""
    store = store_of()
    empty = store.read(
        lambda records: (records.ledger.size, records.ledger.last_at, list(records.ledger.entries(0, 9)))
    )
    assert empty == (0, 0, [])
    times = [1_000, 3_000, 2_000]  # a clock that jumped back
    for at in times:
        store.transact(partial(_repeat, an_event(at=at), 1))

    def look(records: Records) -> None:
        ledger = records.ledger
        bodies = [ledger.entry(leaf) for leaf in range(3)]
        assert (ledger.size, ledger.last_at) == (3, 3_000)
        assert [decode(body).at for body in bodies] == [1_000, 3_000, 3_000]
        assert list(ledger.entries(0, 9)) == list(enumerate(bodies))
        assert list(ledger.entries(1, 2)) == [(1, bodies[1])]
        assert len(ledger.tile(0, 0)) == 3 * 32
        with pytest.raises(Tampered, match="entry 3"):
            ledger.entry(3)
        with pytest.raises(Tampered, match="tile 1 of level 0"):
            ledger.tile(0, 1)

    store_of().read(look)


@pytest.mark.parametrize("batches", [[1], [255, 1, 1], [256, 1], [300, 300], [1, 65_536 + 2]])
def test_tiles_grow_with_the_log(store_of: Opener[DataStore], batches: list[int]) -> None:
    """Around the width of a tile and of a tile of tiles, whatever the batches, the tiles are those of the leaves."""
    store, template = store_of(), an_event()
    for size in batches:
        work = partial(_repeat, template, size)
        store.transact(work, covered=True)
    total = sum(batches)
    widths = {0: total, 1: total // 256, 2: total // 65_536}

    def look(records: Records) -> None:
        assert records.ledger.size == total
        for level, width in widths.items():
            for index in range(-(-width // 256)):
                assert len(records.ledger.tile(level, index)) == 32 * min(256, width - 256 * index)

    store.read(look)
