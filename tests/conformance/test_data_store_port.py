"""The port of data stores (``domain.transaction``, ``operations.workspace``): one suite over every driver."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.errors import (
    Fenced,
    Invalid,
    Unrecorded,
)
from shouxin.operations.workspace import DataStore
from shouxin.storage.data_store import SqlDataStore
from shouxin.storage.shelf import FileShelf
from shouxin.vault.records import Records
from tests.conformance.drivers import HEAD, INSTITUTION, Driver, Opener, over
from tests.events import an_event


def _data_file(folder: Path) -> Opener[DataStore]:
    SqlDataStore.create(folder / "data.db")
    shelf = FileShelf(folder / "checkpoint")
    return lambda: SqlDataStore(folder / "data.db", INSTITUTION, "lender.example/log", HEAD, shelf)


TRANSACTORS: dict[str, Driver[DataStore]] = {
    "sqlite": _data_file,
}


store_of = over(TRANSACTORS)


def _authority(version: int = 1) -> AuthorityRow:
    return AuthorityRow(AuthorityKind.GRANT, b"g" * 16, version, "n", None, b"{}", bytes(32))


def _work(records: Records) -> int:
    records.authority.put(_authority())
    return records.record(an_event())


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


def test_a_version_is_replaced_by_the_next_only(store_of: Opener[DataStore]) -> None:
    """Putting the first version twice, or a version that does not follow, is fenced and changes nothing."""
    store = store_of()
    store.transact(_work)

    def put(version: int) -> Callable[[Records], int]:
        def work(records: Records) -> int:
            records.authority.put(_authority(version))
            return records.record(an_event())

        return work

    for version in (1, 3):
        with pytest.raises(Fenced):
            store.transact(put(version))
    store.transact(put(2))
    assert store.read(lambda records: records.authority.find(AuthorityKind.GRANT)) == [_authority(2)]


def test_reading_cannot_write(store_of: Opener[DataStore]) -> None:
    """A row put or an event recorded where only reading was asked for is an error, and nothing changes."""
    store = store_of()
    for write in (lambda records: records.authority.put(_authority()), lambda records: records.record(an_event())):
        with pytest.raises(Exception):  # noqa: B017 - the port says an error, not which
            store.read(write)
    assert store.read(lambda records: (records.ledger.size, records.authority.find(AuthorityKind.GRANT))) == (0, [])


def test_a_covered_transaction_is_signed_for(store_of: Opener[DataStore], tmp_path: Path) -> None:
    """On return a checkpoint of at least its size is on the shelf; other transactions sign nothing."""
    store, shelf = store_of(), FileShelf(tmp_path / "checkpoint")
    store.transact(_work)
    assert shelf.get() is None
    committed = store.transact(lambda records: records.record(an_event()), covered=True)
    assert (committed.size, committed.covered) == (2, 2)
    assert HEAD.open(shelf.get() or "").size == 2


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
