"""The port of cells (``vault.records``): openings, look-ups, arrivals, and what every write needs.

One suite over every driver of the data store; cells and objects themselves are in ``test_cell_store_port``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import AccountId, CellId, ObjectId, SubjectId, new
from shouxin.errors import Invalid, StoreUnavailable, Unrecorded
from shouxin.operations.workspace import DataStore
from shouxin.vault.records import CellKind, CellRow, ObjectRow, Records
from shouxin.vault.tags import Origin
from tests.conformance.data_stores import changed, store_of
from tests.conformance.drivers import Opener

__all__ = ["store_of"]

A, B, C = (SubjectId(letter * 16) for letter in (b"a", b"b", b"c"))
PLACE, ELSEWHERE = b"p" * 16, b"q" * 16
MANY = 1200  # more than a driver looks for in one step
JOINED = bytes(range(32))


def _open(records: Records) -> None:
    records.cells.add_opening(7, [A, B], JOINED * 2)
    records.cells.add_opening(3, [A], JOINED)


def test_openings_are_listed_by_person_and_by_disclosure(store_of: Opener[DataStore]) -> None:
    """Each disclosure stands in the list of everybody it opened, with its commitments, inside its transaction too."""
    store = store_of()

    def look(records: Records) -> None:
        cells = records.cells
        assert [cells.openings_of(one) for one in (A, B, C)] == [[3, 7], [7], []]
        assert cells.openings_among([A, C, B]) == {A: [3, 7], B: [7], C: []}
        assert [cells.members_of(leaf) for leaf in (3, 7, 8)] == [JOINED, JOINED * 2, b""]
        assert cells.count_openings() == {3: (1, JOINED), 7: (2, JOINED * 2)}

    def work(records: Records) -> None:
        _open(records)
        look(records)

    changed(store, work)
    store_of().read(look)


def test_openings_of_a_work_that_fails_are_not_listed(store_of: Opener[DataStore]) -> None:
    """Neither one that was only noted nor one that was looked for meanwhile; those of the next work are."""
    store = store_of()

    def fails(look: bool, records: Records) -> None:
        records.cells.add_opening(1, [C], JOINED)
        if look:
            assert records.cells.openings_of(C) == [1]
        raise Invalid("this will not do")

    for look in (False, True):
        with pytest.raises(Invalid, match="this will not do"):
            changed(store, partial(fails, look))
    changed(store, _open)
    assert store.read(lambda records: (records.cells.openings_of(C), set(records.cells.count_openings()))) == (
        [],
        {3, 7},
    )


def test_who_is_forgotten_stands_in_no_list_and_the_lists_keep_their_length(store_of: Opener[DataStore]) -> None:
    """Others stay where they stood, the commitments too; whoever is forgotten again stood nowhere."""
    store = store_of()
    changed(store, _open)
    forgotten = [changed(store, lambda records: records.cells.forget_openings(A)) for _ in range(2)]
    assert forgotten == [2, 0]

    def look(records: Records) -> None:
        assert [records.cells.openings_of(one) for one in (A, B)] == [[], [7]]
        assert records.cells.count_openings() == {3: (1, JOINED), 7: (2, JOINED * 2)}

    store_of().read(look)

    def at_once(records: Records) -> tuple[int, list[int]]:
        records.cells.add_opening(11, [C], JOINED)
        return records.cells.forget_openings(C), records.cells.openings_of(C)

    assert changed(store, at_once) == (1, [])


def test_look_ups_are_counted_by_account_and_time(store_of: Opener[DataStore]) -> None:
    """An account's look-ups after an instant are counted, another's are not; only its own old ones are forgotten."""
    store = store_of()
    mine, theirs = new(AccountId), new(AccountId)

    def work(records: Records) -> None:
        records.cells.add_look_up(theirs, Instant(5), Instant(0))
        for at in (10, 15, 15, 20, 30):
            records.cells.add_look_up(mine, Instant(at), Instant(0))
        records.cells.add_look_up(mine, Instant(40), Instant(15))

    def look(records: Records) -> list[int]:
        count = records.cells.count_look_ups
        return [*(count(mine, Instant(since)) for since in (0, 14, 15, 39, 40)), count(theirs, Instant(0))]

    changed(store, work)
    assert store_of().read(look) == [5, 5, 3, 1, 0, 1]


def test_the_last_note_of_each_generation_of_the_index_stands(store_of: Opener[DataStore]) -> None:
    """In order of epochs, as it was put; notes of epochs before the oldest that opens are forgotten."""
    store = store_of()
    assert store.read(lambda records: records.cells.index_ages()) == []

    def work(records: Records) -> None:
        for epoch, age in ((2, 5), (1, 9), (2, 6)):
            records.cells.put_index_age(epoch, age, bytes([age]) * 32, oldest=1)

    changed(store, work)
    noted = [(1, 9, b"\x09" * 32), (2, 6, b"\x06" * 32)]
    assert store_of().read(lambda records: records.cells.index_ages()) == noted
    changed(store, lambda records: records.cells.put_index_age(3, 2**40, b"m" * 32, oldest=2))
    assert store_of().read(lambda records: records.cells.index_ages()) == [noted[1], (3, 2**40, b"m" * 32)]


def test_what_arrived_from_a_place_is_known_there(store_of: Opener[DataStore]) -> None:
    """Of many digests those that came; of another place none; by the first bytes of a digest, up to all but one."""
    store = store_of()
    low, high = b"\x01" + bytes(15), b"\xfe" + b"\xff" * 15
    came = [low, high, *(new(CellId) for _ in range(MANY))]

    def add(records: Records) -> None:
        records.cells.add_arrivals(PLACE, came)
        records.cells.add_arrivals(PLACE, [])
        records.cells.add_arrivals(ELSEWHERE, [low])

    def look(records: Records) -> None:
        cells = records.cells
        assert cells.arrived(PLACE, [*came, *(new(CellId) for _ in range(10))]) == set(came)
        assert (cells.arrived(ELSEWHERE, came), cells.arrived(b"r" * 16, came), cells.arrived(PLACE, [])) == (
            {low},
            set(),
            set(),
        )
        assert all(cells.has_arrived(PLACE, one[:size]) for one in (low, high) for size in range(1, 16))
        assert not any(cells.has_arrived(ELSEWHERE, high[:size]) for size in range(1, 16))
        assert not cells.has_arrived(ELSEWHERE, b"\x01\x01")

    changed(store, add)
    store_of().read(look)


def test_nothing_arrives_twice(store_of: Opener[DataStore]) -> None:
    """What arrived before is refused with everything beside it, until the place is forgotten, and no other place."""
    store = store_of()
    came, fresh = new(CellId), new(CellId)
    changed(store, lambda records: [records.cells.add_arrivals(where, [came]) for where in (PLACE, ELSEWHERE)])
    with pytest.raises(StoreUnavailable):
        changed(store, lambda records: records.cells.add_arrivals(PLACE, [fresh, came]))
    assert store.read(lambda records: records.cells.arrived(PLACE, [fresh, came])) == {came}
    assert [changed(store, lambda records: records.cells.forget_arrivals(PLACE)) for _ in range(2)] == [1, 0]
    assert store.read(lambda records: records.cells.arrived(ELSEWHERE, [came])) == {came}
    changed(store, lambda records: records.cells.add_arrivals(PLACE, [fresh, came]))


def test_what_is_set_aside_stands_by_place_and_digest_until_it_is_forgotten(store_of: Opener[DataStore]) -> None:
    """In order, of that place only; none twice; what is forgotten is counted, and may be set aside anew."""
    store = store_of()
    rows = sorted((new(CellId), bytes([number])) for number in range(40))
    changed(store, lambda records: [records.asides.add(where, reversed(rows)) for where in (PLACE, ELSEWHERE)])
    assert store_of().read(lambda records: records.asides.of_place(PLACE)) == rows
    assert store.read(lambda records: records.asides.of_place(b"r" * 16)) == []
    with pytest.raises(StoreUnavailable):
        changed(store, lambda records: records.asides.add(PLACE, [(new(CellId), b"new"), rows[3]]))
    gone = [digest for digest, _ in rows[:30]]
    counts = [changed(store, lambda records: records.asides.forget(PLACE, [*gone, new(CellId)])) for _ in range(2)]
    changed(store, lambda records: records.asides.add(PLACE, [(rows[0][0], b"anew")]))
    assert counts == [30, 0]
    assert store_of().read(lambda records: records.asides.of_place(PLACE)) == [(rows[0][0], b"anew"), *rows[30:]]
    assert store.read(lambda records: records.asides.of_place(ELSEWHERE)) == rows


STANDING = CellRow(new(CellId), A, "credit.review", "file", CellKind.OWN, None, 0, b"sealed")
STANDING_OBJECT = ObjectRow(new(ObjectId), A, "credit.review", "file", "interview.video", 1, bytes(32), 0)
WRITES: dict[str, Callable[[Records], object]] = {
    "add_cells": lambda records: records.cells.add_cells([replace(STANDING, cell=new(CellId))]),
    "remove_cells": lambda records: records.cells.remove_cells([STANDING.cell]),
    "add_object": lambda records: records.cells.add_object(replace(STANDING_OBJECT, object_id=new(ObjectId)), [A]),
    "add_origin": lambda records: records.cells.add_origin(STANDING_OBJECT.object_id, Origin("crm", "mp4")),
    "remove_objects": lambda records: records.cells.remove_objects([STANDING_OBJECT.object_id]),
    "add_opening": lambda records: records.cells.add_opening(9, [A], JOINED),
    "forget_openings": lambda records: records.cells.forget_openings(A),
    "add_look_up": lambda records: records.cells.add_look_up(AccountId(bytes(16)), Instant(9), Instant(0)),
    "add_arrivals": lambda records: records.cells.add_arrivals(PLACE, [b"y" * 16]),
    "forget_arrivals": lambda records: records.cells.forget_arrivals(PLACE),
    "add_asides": lambda records: records.asides.add(PLACE, [(b"y" * 16, b"sealed")]),
    "forget_asides": lambda records: records.asides.forget(PLACE, [b"x" * 16]),
}


def _everything(records: Records) -> list[object]:
    """Return all that the writes above change."""
    cells = records.cells
    return [
        cells.cells_of([A]),
        cells.objects_of([A]),
        cells.objects_depicting([B]),
        cells.origin_of(STANDING_OBJECT.object_id),
        cells.openings_of(A),
        cells.count_openings(),
        cells.count_look_ups(AccountId(bytes(16)), Instant(0)),
        cells.arrived(PLACE, [b"x" * 16, b"y" * 16]),
        records.asides.of_place(PLACE),
    ]


@pytest.mark.parametrize("name", WRITES)
def test_every_write_needs_an_event_and_a_transaction(store_of: Opener[DataStore], name: str) -> None:
    """Without an event it is undone and refused, and where only reading was asked for it is an error; with one, not."""
    store, write = store_of(), WRITES[name]

    def begin(records: Records) -> None:
        records.cells.add_cells([STANDING])
        records.cells.add_object(STANDING_OBJECT, [A, B])
        records.cells.add_arrivals(PLACE, [b"x" * 16])
        records.asides.add(PLACE, [(b"x" * 16, b"sealed")])
        _open(records)

    changed(store, begin)
    before = store.read(_everything)
    with pytest.raises(Unrecorded):
        store.transact(write)
    with pytest.raises(Exception):  # noqa: B017 - the port says an error, not which
        store.read(write)
    assert store.read(_everything) == before
    changed(store, write)
    assert store.read(_everything) != before
