"""The data store on SQLite: what only its files can show. The suites of its ports are in ``tests.conformance``."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from shouxin.domain.identifiers import CellId, InstitutionId, SubjectId, new
from shouxin.errors import Misconfigured, Tampered, Uncovered
from shouxin.operations.auditing.heads import LogHead
from shouxin.storage.data_store import SqlDataStore
from shouxin.storage.shelf import FileShelf
from shouxin.vault.records import CellKind, CellRow, Records
from tests.events import an_event

ORIGIN = "lender.example/log"
HEAD = LogHead(ORIGIN, b"h" * 32)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlDataStore]:
    """An empty data store."""
    SqlDataStore.create(tmp_path / "data.db")
    shelf = FileShelf(tmp_path / "checkpoint")
    made = SqlDataStore(tmp_path / "data.db", InstitutionId(b"i" * 16), ORIGIN, HEAD, shelf)
    yield made
    made.close()


def _cell(subject: SubjectId, sealed: bytes) -> CellRow:
    return CellRow(new(CellId), subject, "credit.review", "file", CellKind.OWN, None, 0, sealed)


def test_creating_twice_keeps_what_is_there(store: SqlDataStore, tmp_path: Path) -> None:
    """Making the store again, as after a crash while the workspace was made, loses no leaf."""
    store.transact(lambda records: records.record(an_event()))
    SqlDataStore.create(tmp_path / "data.db")
    assert store.read(lambda records: records.ledger.size) == 1


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
