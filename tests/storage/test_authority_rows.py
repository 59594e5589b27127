"""Authority rows in SQL: what is put together is written as if one after the other."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.identifiers import OperationId, SubjectId, new
from shouxin.storage.authority_rows import AuthorityRows
from shouxin.storage.data_store import SqlDataStore
from shouxin.vault.records import Records
from tests.events import an_event
from tests.storage.test_data_store import store

__all__ = ["store"]


def _row(kind: AuthorityKind = AuthorityKind.ERASURE) -> AuthorityRow:
    return AuthorityRow(kind, new(OperationId), 1, "", new(SubjectId), b"{}", bytes(32))


def _standing(store: SqlDataStore, row: AuthorityRow) -> AuthorityRow | None:
    return store.read(lambda records: records.authority.get(row.kind, row.identifier))


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
