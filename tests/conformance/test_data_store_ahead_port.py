"""The port of data stores: what a work sees ahead of its transaction, and when it is seen again (law 3)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.event_kind import CHANGES_NOTHING, EventKind
from shouxin.domain.identifiers import SubjectId
from shouxin.domain.transaction import Ahead, Committed
from shouxin.errors import Invalid, Unrecorded
from shouxin.operations.workspace import DataStore
from shouxin.storage.data_store import SqlDataStore
from shouxin.vault.records import Records
from tests.at_once import at_once
from tests.conformance.data_stores import DataPlace, place, store_of
from tests.conformance.drivers import Opener
from tests.events import an_event

__all__ = ["place", "store_of"]

GRANT = AuthorityRow(AuthorityKind.GRANT, b"g" * 16, 1, "n", None, b"{}", bytes(32))
Found = tuple[list[AuthorityRow], int]


def _grant(records: Records) -> int:
    records.authority.put(GRANT)
    return records.record(an_event())


def _disclose(records: Records) -> int:
    leaf = records.record(an_event(EventKind.DISCLOSURE_MADE))
    records.cells.add_opening(leaf, [SubjectId(b"a" * 16)], bytes(32))
    return leaf


def _among_others(place: DataPlace) -> tuple[DataStore, DataStore]:
    """Return two openings of a store of two leaves, of which the first knows that the second writes too."""
    store, other = place(), place()
    store.transact(lambda records: records.record(an_event()))
    other.transact(lambda records: records.record(an_event()))
    store.transact(lambda _: None)
    return store, other


def _seeing(store: DataStore, meanwhile: Callable[[], object]) -> tuple[list[int], Found]:
    """Look for grants, with ``meanwhile`` after the first look, and record a disclosure: the looks, what was found."""
    looks: list[int] = []

    def look(records: Records) -> list[AuthorityRow]:
        looks.append(records.ledger.size)
        found = records.authority.find(AuthorityKind.GRANT)
        if len(looks) == 1:
            meanwhile()
        return found

    return looks, store.transact_then(
        Ahead(look), lambda records, seen: (seen, _disclose(records)), lambda done: done.value
    )


def test_alone_nobody_looks_ahead(store_of: Opener[DataStore]) -> None:
    """Whoever writes alone looks once, in the transaction that records."""
    store = store_of()
    store.transact(_grant)
    assert _seeing(store, lambda: None) == ([1], ([GRANT], 1))


@pytest.mark.parametrize("meanwhile", [lambda _: None, lambda other: other.transact(_disclose)])
def test_what_was_seen_ahead_stands_while_only_disclosures_are_recorded(
    place: DataPlace, meanwhile: Callable[[DataStore], object]
) -> None:
    """It is seen once; the leaf is the one that the log gives, and the opening is listed under it."""
    store, other = _among_others(place)
    looks, (found, leaf) = _seeing(store, lambda: meanwhile(other))
    size = store.read(lambda records: records.ledger.size)
    assert (looks, found, leaf) == ([2], [], size - 1)
    assert store.read(lambda records: records.cells.openings_of(SubjectId(b"a" * 16)))[-1] == leaf


@pytest.mark.parametrize("before", [0, 1])
def test_what_was_seen_ahead_is_seen_again_where_anything_changed(place: DataPlace, before: int) -> None:
    """Another process changes a row between look and record, with or without disclosures: the record knows of it."""
    store, other = _among_others(place)

    def meanwhile() -> None:
        for _ in range(before):
            other.transact(_disclose)
        other.transact(_grant)
        other.transact(_disclose)

    looks, (found, leaf) = _seeing(store, meanwhile)
    assert looks == [2, 4 + before]
    assert (found, leaf) == ([GRANT], 4 + before)


def test_an_error_seen_ahead_counts_only_where_it_stands(place: DataPlace) -> None:
    """What is missing ahead and there in the transaction is there; what is missing in both is the caller's error."""
    store, other = _among_others(place)
    looks: list[int] = []

    def look(records: Records) -> list[AuthorityRow]:
        looks.append(records.ledger.size)
        if not (found := records.authority.find(AuthorityKind.GRANT)):
            if len(looks) == 1:
                other.transact(_grant)
            raise Invalid("there is no grant")
        return found

    def told(done: Committed[Found]) -> Found:
        return done.value

    assert store.transact_then(Ahead(look), lambda records, seen: (seen, _disclose(records)), told) == ([GRANT], 3)
    assert looks == [2, 3]
    store.transact(lambda records: (records.authority.drop(AuthorityKind.GRANT, GRANT.identifier), _disclosed(records)))
    with pytest.raises(Invalid, match="no grant"):
        store.transact_then(Ahead(look), lambda records, seen: (seen, _disclose(records)), told)


def _disclosed(records: Records) -> int:
    return records.record(an_event())


def test_whoever_changes_rows_in_the_same_commit_does_not_come_before(place: DataPlace) -> None:
    """Of works that are committed together, those come first that saw what another one changes."""
    store, _ = _among_others(place)
    assert isinstance(store, SqlDataStore)
    changed, (found, leaf) = at_once(
        store, [lambda: store.transact(_grant).value, lambda: _seeing(store, lambda: None)[1]]
    )  # type: ignore[misc]
    assert (leaf < changed) == (found == [])
    assert {leaf, changed} == {2, 3}


@pytest.mark.parametrize("kind", sorted(CHANGES_NOTHING))
def test_a_disclosure_alone_changes_no_row(store_of: Opener[DataStore], kind: EventKind) -> None:
    """Others trust that nothing was changed where only disclosures were recorded: such a work is undone."""
    store = store_of()

    def work(records: Records) -> None:
        records.authority.put(GRANT)
        records.record(an_event(kind))

    with pytest.raises(Unrecorded):
        store.transact(work)
    assert store.read(lambda records: (records.ledger.size, records.authority.find(AuthorityKind.GRANT))) == (0, [])


def test_what_works_derive_from_rows_is_derived_once_while_they_stand(store_of: Opener[DataStore]) -> None:
    """In one transaction once, an error never; after a row was written, and in the next transaction, again."""
    store = store_of()
    derived: list[int] = []

    def derive(records: Records) -> int:
        derived.append(len(records.authority.find(AuthorityKind.GRANT)))
        if len(derived) == 1:
            raise Invalid("not the first time")
        return derived[-1]

    def work(records: Records) -> list[int]:
        with pytest.raises(Invalid):
            records.once("grants", lambda: derive(records))
        found = [records.once("grants", lambda: derive(records)) for _ in range(2)]
        _grant(records)
        return [*found, records.once("grants", lambda: derive(records)), records.once("others", lambda: 7)]

    assert store.transact(work).value == [0, 0, 1, 7]
    assert derived == [0, 0, 1]
    assert store.read(lambda records: records.once("grants", lambda: derive(records))) == 1
    assert derived == [0, 0, 1, 1]
