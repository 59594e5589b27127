"""The port of cells (``vault.records``): cells and objects, one suite over every driver of the data store."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shouxin.domain.identifiers import CellId, ObjectId, SubjectId, new
from shouxin.errors import StoreUnavailable
from shouxin.operations.workspace import DataStore
from shouxin.vault.records import CellKind, CellRow, ObjectRow, Records
from shouxin.vault.tags import Origin
from tests.conformance.data_stores import changed, store_of
from tests.conformance.drivers import Opener

__all__ = ["store_of"]

A, B, C = (SubjectId(letter * 16) for letter in (b"a", b"b", b"c"))
MANY = 1200  # more than a driver looks for in one step


def _cell(subject: SubjectId, *, other: SubjectId | None = None, purpose: str = "credit.review") -> CellRow:
    kind = CellKind.OWN if other is None else CellKind.EDGE
    identifier = new(CellId)
    return CellRow(identifier, subject, purpose, "file", kind, other, (1 << 40) + 1, b"sealed" + identifier)


def _object(subject: SubjectId, **fields: Any) -> ObjectRow:
    made = ObjectRow(new(ObjectId), subject, "credit.review", "file", "interview.video", 1 << 40, b"d" * 32, 7)
    return replace(made, **fields)


def _by_identifier(rows: list[ObjectRow]) -> list[ObjectRow]:
    return sorted(rows, key=lambda row: row.object_id)


def test_cells_come_back_by_their_people(store_of: Opener[DataStore]) -> None:
    """Cells of every kind, of one person or of many, of one purpose or all, by subject and cell, as they were added."""
    store = store_of()
    rows = [
        _cell(A),
        _cell(A, other=B),
        _cell(B, purpose="marketing"),
        replace(_cell(A), sealed=b""),
        *(_cell(new(SubjectId)) for _ in range(MANY)),
    ]

    def add(records: Records) -> None:
        records.cells.add_cells(rows)
        records.cells.add_cells([])

    def look(records: Records) -> None:
        everybody = [row.subject for row in rows]
        of_a = sorted((row for row in rows if row.subject == A), key=lambda row: row.cell)
        assert records.cells.cells_of([A]) == of_a
        assert records.cells.cells_of([A, A]) == of_a
        assert records.cells.cells_of(everybody) == sorted(rows, key=lambda row: (row.subject, row.cell))
        assert records.cells.cells_of([A, B], "marketing") == records.cells.cells_of([B]) == [rows[2]]
        assert records.cells.cells_of([A], "marketing") == records.cells.cells_of([new(SubjectId)]) == []
        assert records.cells.cells_of([]) == []
        assert sorted(records.all_cells()) == sorted((row.cell, row.subject, row.other) for row in rows)

    changed(store, add)
    store_of().read(look)


def test_edges_are_found_by_whom_they_name(store_of: Opener[DataStore]) -> None:
    """Of one person or of many; who has the edge is not whom it names."""
    store = store_of()
    rows = [_cell(A, other=B), _cell(C, other=B), _cell(B, other=A), _cell(B)]
    changed(store, lambda records: records.cells.add_cells(rows))

    def look(records: Records) -> list[set[CellId]]:
        asked: list[list[SubjectId]] = [[B], [A, B], [C], [C, A], []]
        return [{row.cell for row in records.cells.edges_to(some)} for some in asked]

    named = [rows[:2], rows[:3], [], rows[2:3], []]
    assert store.read(look) == [{row.cell for row in some} for some in named]
    assert store.read(lambda records: records.cells.edges_to([A])) == [rows[2]]


def test_a_cell_is_added_once(store_of: Opener[DataStore]) -> None:
    """A cell that stands is not overwritten: nothing of that work remains."""
    store, row = store_of(), _cell(A)
    changed(store, lambda records: records.cells.add_cells([row]))
    with pytest.raises(StoreUnavailable):
        changed(store, lambda records: records.cells.add_cells([_cell(B), replace(row, sealed=b"other")]))
    assert store.read(lambda records: records.cells.cells_of([A, B])) == [row]


def test_removed_cells_are_gone_and_counted(store_of: Opener[DataStore]) -> None:
    """Only the named cells go, from every list and count; those that were not there are not counted."""
    store = store_of()
    rows = [_cell(A, other=B), _cell(A), _cell(B), *(_cell(C) for _ in range(MANY))]
    gone = [rows[0].cell, *(row.cell for row in rows[3:])]

    def work(records: Records) -> tuple[int, int, int]:
        records.cells.add_cells(rows)
        remove = records.cells.remove_cells
        return remove([*gone, new(CellId)]), remove(gone), remove([])

    def look(records: Records) -> None:
        assert records.cells.cells_of([A, B, C]) == [rows[1], rows[2]]
        assert records.cells.edges_to([B]) == []
        assert records.cells.standing([row.cell for row in rows]) == {rows[1].cell, rows[2].cell}
        assert records.cells.count_cells("credit.review") == {"file": 2}
        assert sorted(records.all_cells()) == sorted((row.cell, row.subject, None) for row in rows[1:3])

    assert changed(store, work) == (1 + MANY, 0, 0)
    store_of().read(look)


def test_what_a_purpose_keeps_is_counted_by_term(store_of: Opener[DataStore]) -> None:
    """Cells and objects together, each term by itself, and nothing of another purpose."""
    store = store_of()
    cells = [_cell(A), _cell(B), replace(_cell(A), term="contract"), _cell(A, purpose="marketing")]

    def work(records: Records) -> None:
        records.cells.add_cells(cells)
        records.cells.add_object(_object(A), [A])
        records.cells.add_object(_object(A, term="video"), [])

    changed(store, work)
    asked = ("credit.review", "marketing", "nothing")
    found = store.read(lambda records: [records.cells.count_cells(purpose) for purpose in asked])
    assert found == [{"file": 3, "contract": 1, "video": 1}, {"file": 1}, {}]


def test_of_many_those_that_stand_are_said(store_of: Opener[DataStore]) -> None:
    """Cells and objects, each among more than one step of a driver, and each only as what it is."""
    store = store_of()
    cells, things = [_cell(A) for _ in range(3)], [_object(B) for _ in range(3)]

    def work(records: Records) -> None:
        records.cells.add_cells(cells)
        for one in things:
            records.cells.add_object(one, [])

    def look(records: Records) -> None:
        here, there = [row.cell for row in cells], [row.object_id for row in things]
        assert records.cells.standing([*here, *(new(CellId) for _ in range(MANY)), *here]) == set(here)
        assert records.cells.objects_among([*there, *(new(ObjectId) for _ in range(MANY))]) == set(there)
        assert records.cells.standing([CellId(one) for one in there]) == set()
        assert records.cells.objects_among([ObjectId(one) for one in here]) == set()
        assert (records.cells.standing([]), records.cells.objects_among([])) == (set(), set())

    changed(store, work)
    store.read(look)


def test_what_came_last_is_listed_first(store_of: Opener[DataStore]) -> None:
    """Cells and objects by the order in which they were inserted; what was removed is not among them."""
    store = store_of()
    cells, things = [_cell(A), _cell(B, other=A), _cell(C)], [_object(A), _object(B), _object(C)]
    assert store.read(lambda records: records.cells.newest(5)) == ([], [])
    for cell, thing in zip(cells, things, strict=True):

        def add(records: Records, cell: CellRow = cell, thing: ObjectRow = thing) -> None:
            records.cells.add_cells([cell])
            records.cells.add_object(thing, [])

        changed(store, add)
    assert store_of().read(lambda records: records.cells.newest(2)) == (cells[:0:-1], things[:0:-1])

    def remove(records: Records) -> None:
        records.cells.remove_cells([cells[2].cell])
        records.cells.remove_objects([things[1].object_id])

    changed(store, remove)
    left = store_of().read(lambda records: records.cells.newest(5))
    assert left == ([cells[1], cells[0]], [things[2], things[0]])


def test_objects_know_whom_they_belong_to_and_depict(store_of: Opener[DataStore]) -> None:
    """An object is found by its identifier and by its owner, and by the others whom it shows."""
    store = store_of()
    mine, theirs = _object(A), _object(B)

    def work(records: Records) -> None:
        records.cells.add_object(mine, [A, B, C])
        records.cells.add_object(theirs, [])

    def look(records: Records) -> None:
        cells = records.cells
        assert [cells.object_of(one) for one in (mine.object_id, new(ObjectId))] == [mine, None]
        assert _by_identifier(cells.objects_of([A, B, new(SubjectId)])) == _by_identifier([mine, theirs])
        assert (cells.objects_of([A]), cells.objects_of([C]), cells.objects_of([])) == ([mine], [], [])
        assert sorted(cells.objects_depicting([A, B, C]), key=lambda found: found[0]) == [(B, mine), (C, mine)]
        assert (cells.objects_depicting([B]), cells.objects_depicting([A])) == ([(B, mine)], [])
        assert cells.objects_depicting([]) == []
        assert sorted(cells.depicted_in(mine.object_id)) == [A, B, C]
        assert cells.depicted_in(theirs.object_id) == []
        assert sorted(records.all_objects()) == sorted((row.object_id, row.subject) for row in (mine, theirs))

    changed(store, work)
    store_of().read(look)


def test_removed_objects_take_along_whom_they_depict_and_their_origin(store_of: Opener[DataStore]) -> None:
    """How many there were is said; under the same identifier nothing of before is found, and another object stays."""
    store = store_of()
    gone, stays = _object(A), _object(A)

    def add(records: Records) -> None:
        for one in (gone, stays):
            records.cells.add_object(one, [A, B])
            records.cells.add_origin(one.object_id, Origin("crm", "mp4"))

    changed(store, add)
    assert changed(store, lambda records: records.cells.remove_objects([gone.object_id, new(ObjectId)])) == 1
    assert changed(store, lambda records: records.cells.remove_objects([gone.object_id])) == 0
    assert changed(store, lambda records: records.cells.remove_objects([])) == 0
    assert store.read(lambda records: records.cells.object_of(gone.object_id)) is None
    assert store.read(lambda records: records.cells.objects_depicting([B])) == [(B, stays)]
    changed(store, lambda records: records.cells.add_object(gone, []))

    def look(records: Records) -> None:
        cells = records.cells
        assert [len(cells.depicted_in(one.object_id)) for one in (gone, stays)] == [0, 2]
        assert [cells.origin_of(one.object_id) for one in (gone, stays)] == [Origin(), Origin("crm", "mp4")]

    store.read(look)


def test_where_an_object_came_from_is_noted_once(store_of: Opener[DataStore]) -> None:
    """A second origin is refused and the first stays; of an object without one, nobody knows."""
    store, row = store_of(), _object(A)
    changed(store, lambda records: records.cells.add_object(row, []))
    assert store.read(lambda records: records.cells.origin_of(row.object_id)) == Origin()
    changed(store, lambda records: records.cells.add_origin(row.object_id, Origin("crm", "mp4")))
    with pytest.raises(StoreUnavailable):
        changed(store, lambda records: records.cells.add_origin(row.object_id, Origin("branch", "wav")))
    assert store.read(lambda records: records.cells.origin_of(row.object_id)) == Origin("crm", "mp4")


def test_objects_of_a_place_are_paged_by_their_identifiers(store_of: Opener[DataStore]) -> None:
    """Those sealed before a leaf, a few at a time, none twice; of another purpose, term or later leaf none."""
    store = store_of()
    wanted = [_object(A, leaf=leaf) for leaf in (3, 9, 5, 1, 8)]
    others = [_object(A, leaf=10), _object(A, purpose="marketing"), _object(A, term="contract")]

    def add(records: Records) -> None:
        for one in [*wanted, *others]:
            records.cells.add_object(one, [A])

    def look(records: Records) -> list[list[ObjectRow]]:
        pages, after = [], b""
        while page := records.cells.objects_before(("credit.review", "file"), 10, after, 2):
            pages.append(page)
            after = page[-1].object_id
        return pages

    changed(store, add)
    pages = store.read(look)
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [row for page in pages for row in page] == _by_identifier(wanted)
