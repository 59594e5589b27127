"""The port of authority rows (``domain.authority``): what is put together, and what is never believed again.

One suite over every driver of the data store. That a MAC is believed or not is no affair of the driver's: here it is 32
bytes. So a second row with the same MAC stands in for an old one that somebody has put back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

import pytest

from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.identifiers import CellId, SubjectId, new
from shouxin.domain.revocation import ENDS_WHEN_REPLACED
from shouxin.errors import Fenced, Invalid, Unrecorded
from shouxin.operations.workspace import DataStore
from shouxin.vault.records import Records
from tests.conformance.data_stores import changed, store_of
from tests.conformance.drivers import Opener

__all__ = ["store_of"]

ERASURE: Final = AuthorityKind.ERASURE


def _row(kind: AuthorityKind = ERASURE) -> AuthorityRow:
    return AuthorityRow(kind, new(CellId), 1, "x", new(SubjectId), b"{}", new(CellId) + new(CellId))


def _next(row: AuthorityRow) -> AuthorityRow:
    return replace(row, version=row.version + 1, mac=new(CellId) + new(CellId))


def _twin(row: AuthorityRow) -> AuthorityRow:
    """Return a row of another kind with the MAC of ``row``: believed exactly as long as that version is."""
    return replace(row, kind=AuthorityKind.SUBJECT, identifier=new(CellId), version=1)


def _put(*rows: AuthorityRow) -> Callable[[Records], None]:
    def work(records: Records) -> None:
        for row in rows:
            records.authority.put(row)

    return work


def _together(*rows: AuthorityRow) -> Callable[[Records], None]:
    def work(records: Records) -> None:
        with records.authority.together():
            _put(*rows)(records)

    return work


def _standing(store: DataStore, rows: Iterable[AuthorityRow]) -> list[AuthorityRow | None]:
    return store.read(lambda records: [records.authority.get(row.kind, row.identifier) for row in rows])


def test_put_together_is_put_one_after_the_other(store_of: Opener[DataStore]) -> None:
    """New rows, later versions and versions of versions, of two kinds in turn, all stand in the end."""
    store = store_of()
    one, two, other = _row(), _row(), _row(AuthorityKind.GRANT)
    second, of_other = _next(one), _next(other)
    third = _next(second)

    def work(records: Records) -> None:
        _together(one, other, two, second, of_other, third)(records)
        after = _row()
        records.authority.put(after)  # behind the context a row is written as it is put
        with pytest.raises(Fenced):
            records.authority.put(after)

    changed(store, work)
    assert _standing(store_of(), [one, two, other]) == [third, two, of_other]


def test_what_was_gathered_is_seen_by_whoever_reads(store_of: Opener[DataStore]) -> None:
    """Within the context every way to read finds what was put so far, and what is put after that is gathered again."""
    store = store_of()
    versions = [_row()]
    for _ in range(5):
        versions.append(_next(versions[-1]))
    assert versions[0].subject is not None
    subject, identifier = versions[0].subject, versions[0].identifier
    ways: list[Callable[[Records], object]] = [
        lambda records: [records.authority.get(ERASURE, identifier)],
        lambda records: records.authority.find(ERASURE, subject=subject),
        lambda records: list(records.authority.among(ERASURE, [identifier]).values()),
        lambda records: records.authority.about(ERASURE, [subject]),
        lambda records: records.authority.page(ERASURE, b"", 9),
        lambda records: records.authority.find(ERASURE, name="x"),
    ]

    def work(records: Records) -> None:
        with records.authority.together():
            for row, look in zip(versions, ways, strict=True):
                records.authority.put(row)
                assert look(records) == [row]

    changed(store, work)
    assert _standing(store, versions[:1]) == versions[-1:]


@pytest.mark.parametrize("kind", [AuthorityKind.GRANT, ERASURE])
@pytest.mark.parametrize("at", range(3))
def test_one_stale_row_fences_all_that_was_gathered(store_of: Opener[DataStore], kind: AuthorityKind, at: int) -> None:
    """One is not the next version, or stands already: nothing of them is written, and no version has ended.

    So it is where the work fails, and where it goes on and is committed.
    """
    store, rows = store_of(), [_row(kind) for _ in range(3)]
    changed(store, _put(*rows))
    stale = [_next(_next(row)) if number == at else _next(row) for number, row in enumerate(rows)]
    again = [row if number == at else _row(kind) for number, row in enumerate(rows)]
    mixed = [_row(kind), _row(AuthorityKind.CARD), *stale]

    fresh = _row(kind)
    for gathered in (stale, again, mixed, [fresh, fresh]):

        def goes_on(records: Records, gathered: list[AuthorityRow] = gathered) -> None:
            with pytest.raises(Fenced):
                _together(*gathered)(records)

        with pytest.raises(Fenced):
            changed(store, _together(*gathered))
        changed(store, goes_on)
        assert _standing(store_of(), rows) == rows
        assert store.read(lambda records: len(records.authority.find(kind))) == 3
    assert store.read(lambda records: records.authority.find(AuthorityKind.CARD)) == []
    changed(store, _together(*map(_next, rows)))


def test_who_reads_behind_a_stale_row_is_fenced(store_of: Opener[DataStore]) -> None:
    """The error comes where what was gathered is written, and the row that stood is there."""
    store, row = store_of(), _row()
    changed(store, _put(row))

    def work(records: Records) -> None:
        with records.authority.together():
            records.authority.put(_next(_next(row)))
            with pytest.raises(Fenced):
                records.authority.get(ERASURE, row.identifier)
            assert records.authority.get(ERASURE, row.identifier) == row
            records.authority.put(_next(row))

    changed(store, work)
    assert store.read(lambda records: [one.version for one in records.authority.find(ERASURE)]) == [2]


def test_an_error_inside_writes_nothing_of_what_was_gathered(store_of: Opener[DataStore]) -> None:
    """The error comes out as it is; a work that goes on after it finds its rows as they stood."""
    store, row = store_of(), _row()

    def fails(records: Records) -> None:
        records.authority.put(row)
        raise Invalid("this will not do")

    def work(records: Records) -> None:
        with pytest.raises(Invalid), records.authority.together():
            fails(records)
        assert records.authority.get(ERASURE, row.identifier) is None

    changed(store, work)
    assert _standing(store, [row]) == [None]


@pytest.mark.parametrize("way", [_put, _together])
def test_a_version_that_ends_when_it_is_replaced_is_never_believed_again(
    store_of: Opener[DataStore], way: Callable[..., Callable[[Records], None]]
) -> None:
    """Of those kinds, put by itself or together; of the others a version that was replaced is only older."""
    store, rows = store_of(), [_row(kind) for kind in AuthorityKind]
    twins, later = list(map(_twin, rows)), list(map(_next, rows))
    changed(store, _put(*rows, *twins))
    assert _standing(store, twins) == twins
    changed(store, way(*later))
    ends = [row.kind in ENDS_WHEN_REPLACED for row in rows]
    assert set(ends) == {True, False}
    for seen in (store, store_of()):
        assert _standing(seen, twins) == [replace(one, replaced=end) for one, end in zip(twins, ends, strict=True)]
        assert _standing(seen, rows) == later


def test_a_revoked_version_reads_as_replaced_by_each_way_of_asking(store_of: Opener[DataStore]) -> None:
    """In every later transaction and snapshot, of every opening; in the one that revokes it, it stands."""
    store, elsewhere, row, other = store_of(), store_of(), _row(), _row()
    assert row.subject is not None
    subject, ended = row.subject, replace(row, replaced=True)
    changed(store, _put(row, other))
    assert _standing(elsewhere, [row]) == [row]

    def revoke(records: Records) -> None:
        records.authority.revoke(row)
        assert records.authority.get(ERASURE, row.identifier) == row

    def look(records: Records) -> None:
        rows = records.authority
        assert rows.get(ERASURE, row.identifier) == ended
        assert rows.find(ERASURE, subject=subject) == list(rows.about(ERASURE, [subject])) == [ended]
        assert rows.among(ERASURE, [row.identifier, other.identifier]) == {
            row.identifier: ended,
            other.identifier: other,
        }
        assert (
            rows.page(ERASURE, b"", 9) == rows.find(ERASURE) == sorted([ended, other], key=lambda one: one.identifier)
        )

    changed(store, revoke)
    for seen in (store, elsewhere, store_of()):
        seen.read(look)
        seen.transact(look)


def test_an_older_snapshot_sees_the_row_as_it_stood(store_of: Opener[DataStore]) -> None:
    """Who began to read before the revocation, and asks after it, sees no row that was put back."""
    store, elsewhere, row = store_of(), store_of(), _row()
    changed(store, _put(row))

    def read(records: Records) -> AuthorityRow | None:
        changed(elsewhere, lambda now: now.authority.revoke(row))
        assert _standing(store, [row]) == [replace(row, replaced=True)]  # this opening has heard of it
        return records.authority.get(ERASURE, row.identifier)

    assert store.read(read) == row


def test_a_work_that_fails_revokes_nothing(store_of: Opener[DataStore]) -> None:
    """Neither by itself nor by what it put: both versions are believed as before, and can end later."""
    store, row, grant = store_of(), _row(), _row(AuthorityKind.GRANT)
    changed(store, _put(row, grant))

    def fails(records: Records) -> None:
        records.authority.revoke(row)
        records.authority.put(_next(grant))
        raise Invalid("this will not do")

    with pytest.raises(Invalid, match="this will not do"):
        changed(store, fails)
    with pytest.raises(Unrecorded):
        store.transact(_put(_next(grant)))
    changed(store, lambda _records: None)
    assert _standing(store_of(), [row, grant]) == [row, grant]
    changed(store, lambda records: records.authority.revoke(row))
    assert _standing(store, [row]) == [replace(row, replaced=True)]


def test_what_is_dropped_or_removed_is_gone_and_counted(store_of: Opener[DataStore]) -> None:
    """One row by its identifier, or all of a kind about a person; the others stay."""
    store = store_of()
    one, two, elsewhere = _row(), _row(), _row(AuthorityKind.CONSENT)
    assert two.subject is not None
    subject = two.subject
    also, about = replace(_row(), subject=subject), replace(elsewhere, subject=subject)

    def work(records: Records) -> list[int]:
        rows = records.authority
        counts = [rows.drop(ERASURE, one.identifier), rows.drop(ERASURE, one.identifier)]
        return [*counts, rows.remove(ERASURE, subject), rows.remove(ERASURE, subject), len(rows.find(ERASURE))]

    changed(store, _put(one, two, also, about))
    assert changed(store, work) == [1, 0, 2, 0, 0]
    assert _standing(store_of(), [one, two, also, about]) == [None, None, None, about]


STANDING = _row(AuthorityKind.GRANT)
assert STANDING.subject is not None
SUBJECT: Final = STANDING.subject
WRITES: dict[str, Callable[[Records], object]] = {
    "put": _put(_row()),
    "put the next": _put(_next(STANDING)),
    "together": _together(_row()),
    "add": lambda records: records.authority.add([_row()]),
    "revoke": lambda records: records.authority.revoke(STANDING),
    "drop": lambda records: records.authority.drop(STANDING.kind, STANDING.identifier),
    "remove": lambda records: records.authority.remove(STANDING.kind, SUBJECT),
}


def _everything(store: DataStore) -> list[AuthorityRow]:
    changed(store, lambda _records: None)  # whatever was revoked is seen from the next entry on
    return store.read(lambda records: [row for kind in AuthorityKind for row in records.authority.find(kind)])


@pytest.mark.parametrize("name", WRITES)
def test_every_write_needs_an_event(store_of: Opener[DataStore], name: str) -> None:
    """Without one it is undone and refused; with one it stands."""
    store = store_of()
    changed(store, _put(STANDING))

    before = _everything(store)
    assert before == [STANDING]
    with pytest.raises(Unrecorded):
        store.transact(WRITES[name])
    assert _everything(store) == before
    changed(store, WRITES[name])
    assert _everything(store) != before


@pytest.mark.parametrize("name", WRITES)
def test_every_write_needs_a_transaction(store_of: Opener[DataStore], name: str) -> None:
    """Where only reading was asked for it is an error, and nothing changes; in a transaction, it does."""
    store = store_of()
    changed(store, _put(STANDING))
    before = _everything(store)
    with pytest.raises(Exception):  # noqa: B017 - the port says an error, not which
        store.read(WRITES[name])
    assert _everything(store) == before
    changed(store, WRITES[name])
    assert _everything(store) != before
