"""The data store on SQLite: rows as they were written, a log that says what it lacks, files that forget."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.clock import Instant
from shouxin.domain.event import Event
from shouxin.domain.identifiers import AccountId, CellId, InstitutionId, ObjectId, SubjectId, new
from shouxin.errors import Misconfigured, Tampered, Uncovered
from shouxin.ledger.entry import decode
from shouxin.operations.auditing.heads import LogHead
from shouxin.storage.data_store import SqlDataStore
from shouxin.storage.shelf import FileShelf
from shouxin.vault.records import CellKind, CellRow, ObjectRow, Records
from tests.events import an_event

ORIGIN = "lender.example/log"
HEAD = LogHead(ORIGIN, b"h" * 32)
A, B = SubjectId(b"a" * 16), SubjectId(b"b" * 16)


def _opened(folder: Path) -> SqlDataStore:
    return SqlDataStore(folder / "data.db", InstitutionId(b"i" * 16), ORIGIN, HEAD, FileShelf(folder / "checkpoint"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlDataStore]:
    """An empty data store."""
    SqlDataStore.create(tmp_path / "data.db")
    made = _opened(tmp_path)
    yield made
    made.close()


def _cell(subject: SubjectId, sealed: bytes = b"sealed", *, other: SubjectId | None = None) -> CellRow:
    kind = CellKind.OWN if other is None else CellKind.EDGE
    return CellRow(new(CellId), subject, "credit.review", "file", kind, other, 0, sealed)


def _object(subject: SubjectId) -> ObjectRow:
    return ObjectRow(new(ObjectId), subject, "credit.review", "file", "interview.video", 1 << 40, bytes(32), 0)


def test_creating_twice_keeps_what_is_there(store: SqlDataStore, tmp_path: Path) -> None:
    """Making the store again, as after a crash while the workspace was made, loses no leaf."""
    store.transact(lambda records: records.record(an_event()))
    SqlDataStore.create(tmp_path / "data.db")
    assert store.read(lambda records: records.ledger.size) == 1


def test_cells_come_back_by_their_people(store: SqlDataStore) -> None:
    """Own cells and edges of one person or of many, of one purpose or all, in a fixed order."""
    rows = [
        _cell(A),
        _cell(A, other=B),
        replace(_cell(B), purpose="marketing"),
        *(_cell(new(SubjectId)) for _ in range(600)),
    ]

    def work(records: Records) -> None:
        records.cells.add_cells(rows)
        records.cells.add_cells([])
        records.record(an_event())

    def look(records: Records) -> None:
        everybody = [row.subject for row in rows]
        assert records.cells.cells_of([A]) == sorted(rows[:2], key=lambda row: row.cell)
        assert records.cells.cells_of(everybody) == sorted(rows, key=lambda row: (row.subject, row.cell))
        assert records.cells.cells_of([A, B], "marketing") == [rows[2]]
        assert records.cells.cells_of([new(SubjectId)]) == []
        assert records.cells.edges_to([B]) == [rows[1]]
        assert sorted(records.all_cells()) == sorted((row.cell, row.subject, row.other) for row in rows)

    store.transact(work)
    store.read(look)


def test_removed_cells_are_gone_and_counted(store: SqlDataStore) -> None:
    """Only the named cells go, and those that were not there are not counted."""
    one, two = _cell(A), _cell(A)

    def work(records: Records) -> int:
        records.cells.add_cells([one, two])
        records.record(an_event())
        return records.cells.remove_cells([one.cell, new(CellId)])

    assert store.transact(work).value == 1
    assert store.read(lambda records: records.cells.cells_of([A])) == [two]


def test_objects_know_whom_they_depict(store: SqlDataStore) -> None:
    """An object is found by its owner, and by the others whom it shows; both go with it."""
    mine, theirs = _object(A), _object(B)

    def work(records: Records) -> None:
        records.cells.add_object(mine, [A, B])
        records.cells.add_object(theirs, [])
        records.record(an_event())

    store.transact(work)
    assert store.read(lambda records: records.cells.objects_of([A, B])) == sorted(
        [mine, theirs], key=lambda row: row.object_id
    )
    assert store.read(lambda records: records.cells.objects_depicting([B])) == [(B, mine)]
    assert store.read(lambda records: records.cells.objects_depicting([A])) == []

    def remove(records: Records) -> int:
        records.record(an_event())
        return records.cells.remove_objects([mine.object_id])

    assert store.transact(remove).value == 1
    assert store.read(lambda records: records.cells.objects_depicting([B])) == []


def test_openings_are_listed_by_person(store: SqlDataStore) -> None:
    """Each disclosure stands in the list of everybody it opened, with its commitments, until it is forgotten."""

    def work(records: Records) -> None:
        for leaf, subjects in ((7, [A, B]), (3, [A])):
            records.cells.add_opening(leaf, subjects, bytes(32) * len(subjects))
        records.record(an_event())

    store.transact(work)
    assert store.read(lambda records: records.cells.openings_of(A)) == [3, 7]
    assert store.read(lambda records: records.cells.members_of(7)) == bytes(64)
    assert store.read(lambda records: records.cells.members_of(8)) == b""

    def forget(records: Records) -> int:
        records.record(an_event())
        return records.cells.forget_openings(A)

    assert store.transact(forget).value == 2
    assert store.read(lambda records: (records.cells.openings_of(A), records.cells.openings_of(B))) == ([], [7])


def test_look_ups_are_counted_by_account_and_time(store: SqlDataStore) -> None:
    """An account's look-ups after an instant are counted, another's are not, and old ones are forgotten."""
    mine, theirs = new(AccountId), new(AccountId)

    def work(records: Records) -> None:
        for at in (10, 20, 30):
            records.cells.add_look_up(mine, Instant(at), Instant(15))
        records.record(an_event())

    store.transact(work)
    assert store.read(lambda records: records.cells.count_look_ups(mine, Instant(0))) == 2
    assert store.read(lambda records: records.cells.count_look_ups(mine, Instant(20))) == 1
    assert store.read(lambda records: records.cells.count_look_ups(theirs, Instant(0))) == 0


def test_authority_rows_are_found_by_every_column_given(store: SqlDataStore) -> None:
    """By kind, name and person; removing takes one kind's rows of one person."""
    rows = [
        AuthorityRow(kind, new(CellId), 1, name, subject, b"{}", bytes(32))
        for kind in (AuthorityKind.CONSENT, AuthorityKind.GRANT)
        for name in ("x", "y")
        for subject in (A, B)
    ]

    def work(records: Records) -> int:
        for kind in (AuthorityKind.CONSENT, AuthorityKind.GRANT):
            records.authority.add([row for row in rows if row.kind is kind])
        records.record(an_event())
        return records.authority.remove(AuthorityKind.GRANT, A)

    assert store.transact(work).value == 2

    def look(records: Records) -> None:
        consents = sorted((row for row in rows if row.kind is AuthorityKind.CONSENT), key=lambda row: row.identifier)
        find = records.authority.find
        assert find(AuthorityKind.CONSENT) == consents
        assert find(AuthorityKind.CONSENT, name="x") == [row for row in consents if row.name == "x"]
        assert find(AuthorityKind.CONSENT, name="x", subject=A) == [
            row for row in consents if (row.name, row.subject) == ("x", A)
        ]
        assert [row.subject for row in find(AuthorityKind.GRANT)] == [B, B]

    store.read(look)


@pytest.mark.parametrize("clear", [SqlDataStore.compact, SqlDataStore.empty_log])
def test_what_was_removed_is_in_no_file(
    store: SqlDataStore, tmp_path: Path, clear: Callable[[SqlDataStore], None]
) -> None:
    """The sealed bytes of an erased person are found nowhere in the store's files."""
    row = _cell(A, b"CIPHERTEXT-THAT-MUST-GO" * 10)

    def add(records: Records) -> None:
        records.cells.add_cells([row])
        records.record(an_event())

    def remove(records: Records) -> None:
        records.cells.remove_cells([row.cell])
        records.record(an_event())

    store.transact(add)
    assert any(b"CIPHERTEXT" in path.read_bytes() for path in tmp_path.iterdir())
    store.transact(remove)
    clear(store)
    assert not any(b"CIPHERTEXT" in path.read_bytes() for path in tmp_path.iterdir())
    assert store.read(lambda records: records.ledger.size) == 2


@pytest.mark.parametrize("seed", [1, 3, 6])  # were rows deleted, each of these would leave a piece of one behind
def test_however_cells_come_and_go_nothing_removed_is_left(store: SqlDataStore, tmp_path: Path, seed: int) -> None:
    """Cells of all sizes are added and removed in turn; of those that are gone no eight bytes are in the file.

    Those that stay are as they were, and alone are counted and listed. Compacting takes the room of the others.
    """
    chance = random.Random(seed)
    here: list[CellRow] = []
    gone: list[CellRow] = []

    def turn(records: Records) -> None:
        sizes = [chance.choice([60, 300, 800, 3900, 4100, 9000]) for _ in range(60)]
        here.extend(_cell(new(SubjectId), chance.randbytes(size)) for size in sizes)
        here[-1] = replace(here[-1], other=new(SubjectId))
        records.cells.add_cells(here[-60:])
        leaving = chance.sample(range(len(here)), len(here) // 2)
        for place in leaving:
            assert records.cells.remove_cells([here[place].cell]) == 1
            assert records.cells.remove_cells([here[place].cell]) == 0
        gone.extend(here[place] for place in leaving)
        here[:] = [row for place, row in enumerate(here) if place not in set(leaving)]
        records.record(an_event())

    def look(records: Records) -> None:
        assert {cell for cell, *_ in records.all_cells()} == {row.cell for row in here}
        assert sum(records.cells.count_cells("credit.review").values()) == len(here)
        assert {row.cell: row for row in records.cells.cells_of([row.subject for row in here])} == {
            row.cell: row for row in here
        }
        assert [records.cells.edges_to([row.other]) for row in here if row.other] == [
            [row] for row in here if row.other
        ]
        assert not any(records.cells.edges_to([row.other]) for row in gone if row.other)

    for _ in range(10):
        store.transact(turn)
    store.empty_log()
    content = (tmp_path / "data.db").read_bytes()
    pieces = {content[at : at + 8] for at in range(len(content))}
    left = [row for row in gone if any(row.sealed[at : at + 8] in pieces for at in range(0, len(row.sealed) - 7, 8))]
    assert left == []
    assert not any(row.cell in content or row.subject in content for row in gone)
    store.read(look)
    store.compact()
    store.read(look)
    assert (tmp_path / "data.db").stat().st_size < len(content) // 2


def test_a_copy_is_a_whole_store(store: SqlDataStore, tmp_path: Path) -> None:
    """The copy opens as a store of its own with everything that was committed, and goes on by itself."""
    store.transact(lambda records: records.record(an_event()))
    (tmp_path / "copy").mkdir()
    store.copy_to(tmp_path / "copy" / "data.db")
    copy = _opened(tmp_path / "copy")
    copy.transact(lambda records: records.record(an_event()), covered=True)
    assert copy.read(lambda records: records.ledger.size) == 2
    assert store.read(lambda records: records.ledger.size) == 1


@pytest.mark.parametrize("statement", ["DELETE FROM log", "UPDATE log SET schema = 99"])
def test_a_store_of_another_schema_is_not_touched(store: SqlDataStore, tmp_path: Path, statement: str) -> None:
    """Without a log, or with one of a newer program, neither reading nor writing begins."""
    store.close()
    with sqlite3.connect(tmp_path / "data.db") as connection:
        connection.execute(statement)
    with pytest.raises(Misconfigured):
        store.read(lambda records: records.ledger.size)
    with pytest.raises(Misconfigured):
        store.transact(lambda records: records.record(an_event()))


def test_a_leaf_or_tile_that_is_missing_is_named(store: SqlDataStore, tmp_path: Path) -> None:
    """Asking for what should be there and is not says which leaf or tile."""
    store.transact(lambda records: [records.record(an_event()) for _ in range(3)])
    store.close()
    with sqlite3.connect(tmp_path / "data.db") as connection:
        connection.execute("DELETE FROM entries WHERE leaf = 1")
        connection.execute("DELETE FROM tiles")
    with pytest.raises(Tampered, match="entry 1"):
        store.read(lambda records: records.ledger.entry(1))
    with pytest.raises(Tampered, match="tile 0 of level 0"):
        store.read(lambda records: records.ledger.tile(0, 0))
    assert store.read(lambda records: [leaf for leaf, _ in records.ledger.entries(0, 10)]) == [0, 2]


def _repeat(event: Event, times: int, records: Records) -> None:
    for _ in range(times):
        records.record(event)


@pytest.mark.parametrize("batches", [[1], [255, 1, 1], [256, 1], [300, 300], [1, 65_536 + 2]])
def test_tiles_grow_with_the_log(store: SqlDataStore, batches: list[int]) -> None:
    """Around the width of a tile and of a tile of tiles, whatever the batches, the tiles are those of the leaves."""
    template = an_event()
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


def test_time_in_the_log_never_runs_back(store: SqlDataStore) -> None:
    """An event of a clock that jumped back is not recorded before the last leaf's time, nor is that time forgotten."""
    for at in (2_000, 1_000):
        store.transact(partial(_repeat, an_event(at=at), 1))
    times = store.read(lambda records: [decode(body).at for _, body in records.ledger.entries(0, 2)])
    assert store.read(lambda records: records.ledger.last_at) == 2_000
    assert times == sorted(times)


def test_whoever_is_told_of_a_fault_behind_the_commit_is_told_that_their_work_stands(
    store: SqlDataStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What breaks between the commit and the signature undoes nothing, so it is ``Uncovered`` and no other error."""

    def torn(*_: object) -> None:
        raise Tampered("a tile does not read")

    with monkeypatch.context() as planted:
        planted.setattr(store, "_advance", torn)
        with pytest.raises(Uncovered):
            store.transact(lambda records: records.record(an_event()))
    assert store.read(lambda records: records.ledger.size) == 1
    assert store.transact(lambda records: records.record(an_event()), covered=True).covered == 2
