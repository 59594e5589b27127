"""Between a look and the record of what it saw anything may happen: nothing is recorded that no longer holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import Instant
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import SubjectId
from shouxin.domain.transaction import Ahead, Committed
from shouxin.errors import NotFound, NotSignedIn, StoreUnavailable
from shouxin.operations.erasing.erase import erase
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.opening.permit import Wish
from shouxin.operations.staff.accounts import sign_in
from shouxin.storage.data_store import SqlDataStore
from shouxin.vault.records import Records
from tests.at_once import at_once
from tests.events import an_event
from tests.faults.data_stores import grant, opened, work
from tests.operations.portfolio import Hands, lender
from tests.workspaces import NAME, PASSPHRASE, PURPOSE, close, collected, ready, reopened, signed_in

SOMEBODY = SubjectId(b"a" * 16)
Found = tuple[int, int]


class Bell(Hands):
    """A clock that tells whoever set ``rings`` when it is asked the next time, after it was read."""

    def __init__(self) -> None:
        super().__init__()
        self.rings: Callable[[], object] | None = None

    def now(self) -> Instant:
        """Return the time that was set."""
        told = super().now()
        rings, self.rings = self.rings, None
        if rings is not None:
            rings()
        return told


@pytest.mark.parametrize("whose", ["theirs", "ours"])
def test_a_sign_in_that_ends_between_look_and_record_permits_nothing(tmp_path: Path, whose: str) -> None:
    """It ends by the time of the record: the clock's, which a sleep moves on, or the log's, where others went ahead."""
    ours, theirs = Bell(), Hands()
    workspace = ready(tmp_path, ours)
    who = collected(workspace, range(1))
    wish = Wish(PURPOSE, frozenset({NAME}), tuple(who), "masked")
    token = sign_in(workspace, "analyst", PASSPHRASE, 1)[0]
    theirs.at = ours.at
    other = reopened(tmp_path, theirs)
    long = signed_in(other, "analyst")
    disclose(workspace, token, wish)  # we know now that others write too
    size = workspace.data.read(lambda records: records.ledger.size)

    def meanwhile() -> None:
        theirs.on(hours=2)
        if whose == "theirs":
            disclose(other, long, wish)
        else:
            ours.on(hours=2)

    ours.rings = meanwhile
    with pytest.raises(NotSignedIn):
        disclose(workspace, token, wish)
    assert ours.rings is None
    assert workspace.data.read(lambda records: records.ledger.size) == size + (whose == "theirs")
    close(other)
    close(workspace)


def _grants(records: Records) -> Found:
    return records.ledger.size, len(records.authority.find(AuthorityKind.GRANT))


def _disclose(records: Records, seen: Found) -> tuple[Found, Found]:
    now = _grants(records)
    records.cells.add_opening(records.record(an_event(EventKind.DISCLOSURE_MADE)), [SOMEBODY], bytes(32))
    return seen, now


def _value(done: Committed[tuple[Found, Found]]) -> tuple[Found, Found]:
    return done.value


def _among_others(folder: Path) -> tuple[SqlDataStore, SqlDataStore]:
    """Return a store that knows that others write too, and the other opening of it; the log has two entries."""
    store, other = opened(folder)[0], opened(folder)[0]
    store.transact(lambda records: records.record(an_event()))
    other.transact(lambda records: records.record(an_event()))
    store.transact(lambda _: None)
    return store, other


def _seeing(store: SqlDataStore, meanwhile: Callable[[], object]) -> tuple[Found, Found]:
    """Return what a look saw with ``meanwhile`` after the first one, and what stands where it is recorded."""
    looks = 0

    def look(records: Records) -> Found:
        nonlocal looks
        looks += 1
        found = _grants(records)
        if looks == 1:
            meanwhile()
        return found

    return store.transact_then(Ahead(look), _disclose, _value)


@pytest.mark.parametrize("again", [0, 1, 2])
def test_what_was_seen_in_a_log_that_is_gone_is_seen_again(tmp_path: Path, again: int) -> None:
    """An older copy is put back between look and record, and goes on differently: what was seen is not believed."""
    store, other = _among_others(tmp_path)
    with sqlite3.connect(":memory:") as kept, sqlite3.connect(tmp_path / "data.db") as live:
        live.backup(kept)
        other.transact(work(1))

        def put_back() -> None:
            kept.backup(live)
            for _ in range(again):
                other.transact(lambda records: records.record(an_event(EventKind.DISCLOSURE_MADE)))

        seen, stands = _seeing(store, put_back)
    assert seen[1] == stands[1] == 0


def test_an_entry_that_is_missing_is_a_change(tmp_path: Path) -> None:
    """Whoever takes the entry of a change out of the log between look and record does not hide the change."""
    store, other = _among_others(tmp_path)

    def hidden() -> None:
        other.transact(work(1))
        with sqlite3.connect(tmp_path / "data.db") as live:
            live.execute("DELETE FROM entries WHERE leaf = 2")

    seen, stands = _seeing(store, hidden)
    assert seen[1] == stands[1] == 1


def test_a_work_that_has_seen_may_change_what_the_next_one_saw(tmp_path: Path) -> None:
    """Of two works that looked together the first changes a row: the second looks again."""
    store, _ = _among_others(tmp_path)

    def change() -> int:
        return store.transact_then(Ahead(_grants), lambda records, _: work(1)(records), lambda done: done.value)

    leaf, (seen, stands) = at_once(store, [change, lambda: _seeing(store, lambda: None)])  # type: ignore[misc]
    assert leaf == 2
    assert seen[1] == stands[1] == 1


@pytest.mark.parametrize("beside", [False, True])
def test_what_works_ask_elsewhere_is_read_once_for_all(tmp_path: Path, beside: bool) -> None:
    """Of many people at once, unless a work without a look is among them: it might change what they ask."""
    store, _ = opened(tmp_path)
    asked: list[int] = []

    def elsewhere(people: Sequence[SubjectId]) -> dict[SubjectId, int]:
        asked.append(len(people))
        return {one: one[0] for one in people if one[0]}

    def call(number: int) -> int | None:
        who = SubjectId(bytes([number]) * 16)

        def look(records: Records) -> int | None:
            return records.once((elsewhere, who), lambda: elsewhere([who]).get(who))

        def disclosed(records: Records, seen: int | None) -> int | None:
            records.record(an_event(EventKind.DISCLOSURE_MADE))
            return seen

        return store.transact_then(Ahead(look, (who,), elsewhere), disclosed, lambda done: done.value)

    last = [lambda: store.transact(work(1)).value] if beside else []
    assert at_once(store, [*(partial(call, number) for number in range(3)), *last])[:3] == [None, 1, 2]
    assert asked == ([1, 1, 1] if beside else [3])


def test_what_cannot_be_read_for_all_each_asks_alone(tmp_path: Path) -> None:
    """Where reading for all fails, whoever needs it finds out, and nobody else."""
    store, _ = opened(tmp_path)

    def fails(_: Sequence[SubjectId]) -> dict[SubjectId, int]:
        raise StoreUnavailable("the keyring cannot be read now")

    def call(number: int) -> int:
        who = SubjectId(bytes([number]) * 16)

        def look(records: Records) -> int:
            return records.once((fails, who), lambda: fails([who])[who]) if number else 7

        def disclosed(records: Records, seen: int) -> int:
            records.record(an_event(EventKind.DISCLOSURE_MADE))
            return seen

        return store.transact_then(Ahead(look, (who,), fails), disclosed, lambda done: done.value)

    fine, failed = at_once(store, [partial(call, 0), partial(call, 1)])
    assert fine == 7
    assert isinstance(failed, StoreUnavailable)


def test_an_erasure_between_record_and_opening_leaves_nothing_to_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two disclosures are committed together; one person is erased and certified before either is opened."""
    bank = lender(tmp_path)
    bank.take(range(1, 3), customer=False)
    other, cover = bank.reopened(), SqlDataStore._cover
    ended: list[object] = []

    def then_erased(store: SqlDataStore, batch: list[Any]) -> None:
        cover(store, batch)
        if store is bank.workspace.data and len(batch) > 1:
            ended.append(erase(other.workspace, other.tokens["dpo"], bank.people[1]))

    monkeypatch.setattr(SqlDataStore, "_cover", then_erased)
    store = bank.workspace.data
    assert isinstance(store, SqlDataStore)
    gone, there = at_once(store, [partial(bank.masked, bank.people[number]) for number in (1, 2)])
    assert len(ended) == 1
    assert isinstance(gone, NotFound)
    assert isinstance(there, dict)
    assert len(there[bank.people[2]]) == 3
    close(other.workspace)
    close(bank.workspace)


def test_what_is_gathered_counts_for_what_is_derived(tmp_path: Path) -> None:
    """A row that was put and not yet written is seen by whoever derives anew, as by whoever reads."""
    store, _ = opened(tmp_path)

    def look(records: Records) -> list[int]:
        def ask() -> int:
            return records.once("grants", lambda: _grants(records)[1])

        found = [ask()]
        with records.authority.together():
            records.authority.put(grant(1))
            found.append(ask())
        records.record(an_event())
        return [*found, ask()]

    assert store.transact(look).value == [0, 1, 1]
