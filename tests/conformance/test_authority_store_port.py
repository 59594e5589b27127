"""The port of authority rows (``domain.authority``): one suite over every driver of the data store.

That a MAC is believed or not is no affair of the driver's: here it is 32 bytes that come back. What is put together,
and what is revoked, is in ``test_authority_changes_port``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.identifiers import CellId, SubjectId, new
from shouxin.errors import Fenced, StoreUnavailable
from shouxin.operations.workspace import DataStore
from shouxin.vault.records import Records
from tests.conformance.data_stores import changed, store_of
from tests.conformance.drivers import Opener

__all__ = ["store_of"]

A, B = SubjectId(b"a" * 16), SubjectId(b"b" * 16)
MANY = 1200  # more than a driver looks for in one step
# The kinds that are looked for by people, each in its own table.
BY_PEOPLE = (
    AuthorityKind.CONSENT,
    AuthorityKind.DESTRUCTION,
    AuthorityKind.ERASURE,
    AuthorityKind.HOLD,
    AuthorityKind.RIGHT,
)


def _row(kind: AuthorityKind = AuthorityKind.ERASURE, **fields: Any) -> AuthorityRow:
    made = AuthorityRow(kind, new(CellId), 1, "x", new(SubjectId), b"{}", new(CellId) + new(CellId))
    return replace(made, **fields)


def _next(row: AuthorityRow, body: bytes = b"[]") -> AuthorityRow:
    return replace(row, version=row.version + 1, body=body, mac=new(CellId) + new(CellId))


def _in_order(rows: list[AuthorityRow]) -> list[AuthorityRow]:
    return sorted(rows, key=lambda row: row.identifier)


def _put(*rows: AuthorityRow) -> Callable[[Records], None]:
    def work(records: Records) -> None:
        for row in rows:
            records.authority.put(row)

    return work


def _standing(store: DataStore, row: AuthorityRow) -> AuthorityRow | None:
    return store.read(lambda records: records.authority.get(row.kind, row.identifier))


@pytest.mark.parametrize("kind", AuthorityKind)
def test_every_kind_keeps_its_rows_apart(store_of: Opener[DataStore], kind: AuthorityKind) -> None:
    """A row of each kind comes back by each way of asking, as it was put; under another kind nothing is found."""
    store, other = store_of(), AuthorityKind.GRANT if kind is not AuthorityKind.GRANT else AuthorityKind.CARD
    row, bare = _row(kind, subject=A), _row(kind, name="y", subject=None, body=b"")
    changed(store, _put(row, bare))

    def look(records: Records) -> None:
        rows = records.authority
        assert (rows.get(kind, row.identifier), rows.get(kind, bare.identifier)) == (row, bare)
        assert rows.find(kind) == rows.page(kind, b"", 9) == _in_order([row, bare])
        assert rows.find(kind, name="x") == rows.find(kind, subject=A) == [row]
        assert rows.among(kind, [row.identifier, new(CellId)]) == {row.identifier: row}
        assert rows.get(other, row.identifier) is None
        assert rows.find(other) == rows.page(other, b"", 9) == []
        assert rows.among(other, [row.identifier]) == {}

    store_of().read(look)
    assert changed(store, lambda records: records.authority.drop(other, row.identifier)) == 0
    assert changed(store, lambda records: records.authority.remove(other, A)) == 0
    assert changed(store, lambda records: records.authority.remove(kind, A)) == 1
    changed(store, _put(_next(bare)))
    assert store.read(lambda records: records.authority.find(kind)) == [_standing(store, bare)]
    assert changed(store, lambda records: records.authority.drop(kind, bare.identifier)) == 1
    assert store.read(lambda records: records.authority.find(kind)) == []


def test_rows_are_found_by_every_column_given(store_of: Opener[DataStore]) -> None:
    """By name, by person, by both or by neither, in order of their identifiers; a list is the caller's own."""
    store = store_of()
    rows = [_row(AuthorityKind.CONSENT, name=name, subject=subject) for name in "xyx" for subject in (A, B, None)]
    changed(store, lambda records: records.authority.add(rows))

    def look(records: Records) -> None:
        find = partial(records.authority.find, AuthorityKind.CONSENT)
        find().clear()
        assert find() == _in_order(rows)
        for name in ("x", "y", "z"):
            assert find(name=name) == _in_order([row for row in rows if row.name == name])
            assert find(name=name, subject=A) == _in_order([r for r in rows if (r.name, r.subject) == (name, A)])
        assert find(subject=B) == _in_order([row for row in rows if row.subject == B])
        assert find(subject=new(SubjectId)) == []
        called = partial(records.authority.called, AuthorityKind.CONSENT)
        assert _in_order(list(called(["x", "z"]))) == find(name="x")
        assert (_in_order(list(called(["y", "x"]))), list(called([]))) == (find(), [])

    store.read(look)


def test_many_rows_are_found_in_one_look(store_of: Opener[DataStore]) -> None:
    """By identifier, those that stand among more than one step of a driver; asked twice, they come once."""
    store = store_of()
    rows = [_row() for _ in range(MANY)]
    changed(store, lambda records: records.authority.add(rows))
    asked = [row.identifier for row in rows[5:]] + [new(CellId) for _ in range(MANY)]

    def look(records: Records) -> None:
        among = partial(records.authority.among, AuthorityKind.ERASURE)
        assert among(iter(asked + asked[:9])) == {row.identifier: row for row in rows[5:]}
        assert among([]) == among([new(CellId)]) == {}

    store.read(look)


@pytest.mark.parametrize("kind", BY_PEOPLE)
def test_rows_about_many_people_are_found_in_one_look(store_of: Opener[DataStore], kind: AuthorityKind) -> None:
    """All rows of everybody who is asked for, and of nobody else; also of people about whom there is none."""
    store = store_of()
    rows = [_row(kind, subject=subject) for subject in (A, A, B, new(SubjectId), None)]
    changed(store, lambda records: records.authority.add(rows))

    def look(records: Records) -> None:
        about = partial(records.authority.about, kind)
        assert _in_order(list(about([A, B, A]))) == _in_order(rows[:3])
        assert _in_order(list(about(iter([A, *(new(SubjectId) for _ in range(MANY))])))) == _in_order(rows[:2])
        assert list(about([])) == list(about([new(SubjectId)])) == []

    store.read(look)


def test_pages_go_through_all_rows_once(store_of: Opener[DataStore]) -> None:
    """Each page begins behind the last row of the one before, in order of identifiers, and the last is empty."""
    store = store_of()
    rows = [_row(identifier=bytes([number * 50]) * 16) for number in range(6)]
    changed(store, lambda records: records.authority.add(rows))

    def look(records: Records) -> list[list[AuthorityRow]]:
        pages, after = [], b""
        while page := records.authority.page(AuthorityKind.ERASURE, after, 4):
            pages.append(page)
            after = page[-1].identifier
        return pages

    assert store.read(look) == [rows[:4], rows[4:]]


def test_rows_are_added_in_bulk_or_not_at_all(store_of: Opener[DataStore]) -> None:
    """First versions of one kind; where one of them stands already, none is added. Adding none is nothing."""
    store = store_of()
    rows = [_row() for _ in range(3)]
    changed(store, lambda records: records.authority.add(rows[:1]))
    store.transact(lambda records: records.authority.add([]))
    with pytest.raises(StoreUnavailable):
        changed(store, lambda records: records.authority.add([rows[1], rows[0], rows[2]]))
    assert store.read(lambda records: records.authority.find(AuthorityKind.ERASURE)) == rows[:1]


@pytest.mark.parametrize("kind", [AuthorityKind.GRANT, AuthorityKind.ERASURE])
@pytest.mark.parametrize("version", [1, 2, 4])
def test_a_version_is_replaced_by_the_next_only(store_of: Opener[DataStore], kind: AuthorityKind, version: int) -> None:
    """Any other version is fenced: nothing was written, also where the work goes on, and the row is as good as ever."""
    store, first = store_of(), _row(kind)
    second = _next(first)
    changed(store, _put(first, second))

    def goes_on(records: Records) -> None:
        with pytest.raises(Fenced):
            records.authority.put(replace(_next(second), version=version))
        assert records.authority.get(kind, second.identifier) == second

    with pytest.raises(Fenced):
        changed(store, _put(_row(kind), replace(_next(second), version=version)))
    changed(store, goes_on)
    assert store_of().read(lambda records: records.authority.find(kind)) == [second]
    third = _next(second)
    changed(store, _put(third))
    assert _standing(store, first) == third
