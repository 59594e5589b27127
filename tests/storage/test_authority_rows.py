"""Authority rows in SQL: what is put together is written as if one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.identifiers import OperationId, SubjectId, new
from shouxin.errors import Fenced
from shouxin.storage.authority_rows import AuthorityRows
from shouxin.storage.data_store import SqlDataStore
from shouxin.vault.records import Records
from tests.events import an_event
from tests.storage.test_data_store import store

__all__ = ["store"]


def _row(kind: AuthorityKind = AuthorityKind.ERASURE) -> AuthorityRow:
    return AuthorityRow(kind, new(OperationId), 1, "", new(SubjectId), b"{}", bytes(32))


def _next(row: AuthorityRow, body: bytes = b"[]") -> AuthorityRow:
    return replace(row, version=row.version + 1, body=body)


def _standing(store: SqlDataStore, row: AuthorityRow) -> AuthorityRow | None:
    return store.read(lambda records: records.authority.get(row.kind, row.identifier))


def test_put_together_is_put_one_after_the_other(store: SqlDataStore) -> None:
    """New rows, later versions and versions of versions, of two kinds in turn, all stand in the end."""
    one, two, other = _row(), _row(), _row(AuthorityKind.SUBJECT)

    def work(records: Records) -> None:
        records.record(an_event())
        with records.authority.together():
            for row in (one, other, two, _next(one), _next(other), _next(_next(one), b"{ }")):
                records.authority.put(row)

    store.transact(work)
    assert _standing(store, one) == _next(_next(one), b"{ }")
    assert (_standing(store, two), _standing(store, other)) == (two, _next(other))


def test_kinds_that_take_turns_are_written_in_bulk(store: SqlDataStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many rows of two kinds are put in turn, each kind is written in one step."""
    rows = [_row(kind) for _ in range(20) for kind in (AuthorityKind.ERASURE, AuthorityKind.SUBJECT)]
    steps: list[int] = []

    def add(own: AuthorityRows, some: Sequence[AuthorityRow]) -> None:
        steps.append(len(some))
        added(own, some)

    def work(records: Records) -> None:
        records.record(an_event())
        with records.authority.together():
            for row in rows:
                records.authority.put(row)

    added = AuthorityRows.add
    monkeypatch.setattr(AuthorityRows, "add", add)
    store.transact(work)
    assert steps == [20, 20]
    assert [_standing(store, row) for row in rows] == rows


def test_what_was_gathered_is_seen_by_whoever_reads(store: SqlDataStore) -> None:
    """Within the context every way to read finds what was put so far."""
    row = _row()

    def work(records: Records) -> None:
        records.record(an_event())
        with records.authority.together():
            records.authority.put(row)
            assert records.authority.get(row.kind, row.identifier) == row
            records.authority.put(_next(row))
            assert records.authority.find(row.kind, subject=row.subject) == [_next(row)]
            records.authority.put(_next(_next(row)))
            assert records.authority.among(row.kind, [row.identifier]) == {row.identifier: _next(_next(row))}
            assert records.authority.called(row.kind, ["", "nobody"]) == [_next(_next(row))]
            records.authority.put(_next(_next(_next(row))))
            assert [one.version for one in records.authority.page(row.kind, b"", 9)] == [4]

    store.transact(work)


@pytest.mark.parametrize("at", range(3))
def test_one_stale_row_fences_all_of_them(store: SqlDataStore, at: int) -> None:
    """Of rows put together one is not the next version, or stands already: nothing of the transaction is written."""
    rows = [_row() for _ in range(3)]

    def add(records: Records) -> None:
        records.record(an_event())
        for row in rows:
            records.authority.put(row)

    def change(records: Records) -> None:
        records.record(an_event())
        with records.authority.together():
            for number, row in enumerate(rows):
                records.authority.put(_next(_next(row)) if number == at else _next(row))

    def again(records: Records) -> None:
        records.record(an_event())
        with records.authority.together():
            for number in range(3):
                records.authority.put(rows[number] if number == at else _row())

    store.transact(add)
    for work in (change, again):
        with pytest.raises(Fenced):
            store.transact(work)
        assert [_standing(store, row) for row in rows] == rows
    assert store.read(lambda records: len(records.authority.find(AuthorityKind.ERASURE))) == 3
