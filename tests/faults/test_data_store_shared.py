"""The data store shared by threads and processes: one commit, one signature, and everybody's error their own."""

from __future__ import annotations

import itertools
import os
import random
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from shouxin.domain.transaction import Ahead, Committed
from shouxin.errors import Invalid, Uncovered, Unrecorded
from shouxin.ledger.checkpoint import Checkpoint
from shouxin.storage.data_store import SqlDataStore
from shouxin.vault.records import Records
from tests.at_once import at_once
from tests.faults.data_stores import HEAD, checked, forked, grant, opened, unseen, work


def _together(
    store: SqlDataStore,
    works: Sequence[tuple[Callable[[Records], Any], bool]],
    then: Callable[[Committed[Any]], object] | None = None,
) -> list[object]:
    """Run ``works`` (each with whether it wants cover) in one shared commit; return results or errors in order."""

    def call(run: Callable[[Records], Any], covered: bool) -> object:
        if then is None:
            return store.transact(run, covered=covered)
        return store.transact_then(Ahead(unseen), lambda records, _: run(records), then, covered=covered)

    return at_once(store, [partial(call, run, covered) for run, covered in works])


def test_a_failing_work_does_not_undo_its_neighbours(tmp_path: Path) -> None:
    """Of five works in one commit one raises and one is unrecorded: these get their errors, the others are durable."""
    store, _ = opened(tmp_path)

    def raises(records: Records) -> None:
        work(90)(records)
        raise Invalid("this will not do")

    def unrecorded(records: Records) -> None:
        records.authority.put(grant(91))

    outcomes = _together(
        store, [(work(1), False), (raises, False), (work(2), False), (unrecorded, False), (work(3), False)]
    )
    assert isinstance(outcomes[1], Invalid)
    assert isinstance(outcomes[3], Unrecorded)
    leaves = [one.value for one in (outcomes[0], outcomes[2], outcomes[4]) if isinstance(one, Committed)]
    assert leaves == [0, 1, 2]
    assert checked(store).size == 3


def test_those_who_want_cover_share_one_signature(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Works in one commit get one checkpoint, signed once, over all of them."""
    store, _ = opened(tmp_path)
    signed: list[int] = []
    sign = HEAD.sign

    def note(checkpoint: Checkpoint) -> str:
        signed.append(checkpoint.size)
        return sign(checkpoint)

    monkeypatch.setattr(HEAD, "sign", note)
    outcomes = _together(store, [(work(1), False), (work(2), True), (work(3), True)])
    assert [one.covered for one in outcomes[1:] if isinstance(one, Committed)] == [3, 3]
    assert [one.size for one in outcomes if isinstance(one, Committed)] == [3, 3, 3]
    assert signed == [3]


def test_a_failing_shelf_is_not_the_error_of_those_who_wanted_no_cover(tmp_path: Path) -> None:
    """Works that are durable and asked for no checkpoint are not told that nothing was changed."""
    store, shelf = opened(tmp_path)
    shelf.fails = "lost"
    outcomes = _together(store, [(work(1), False), (work(2), True), (work(3), False)])
    assert [type(one) for one in outcomes] == [Committed, Uncovered, Committed]
    assert checked(store).size == 3


def test_what_follows_is_the_affair_of_its_own_caller(tmp_path: Path) -> None:
    """An error in what follows is its caller's, whose work stands; a work that failed has no sequel."""
    store, _ = opened(tmp_path)
    followed: list[int] = []

    def then(committed: Committed[int]) -> int:
        if committed.value == 1:
            raise Invalid("this will not do")
        followed.append(committed.value)
        return committed.value

    def raises(records: Records) -> int:
        work(90)(records)
        raise Invalid("nor this")

    works = [work(1), work(2), raises, work(3)]
    outcomes = _together(store, [(one, False) for one in works], then)
    assert [outcomes[0], outcomes[3]] == followed == [0, 2]
    assert isinstance(outcomes[1], Invalid)
    assert isinstance(outcomes[2], Invalid)
    assert checked(store).size == 3


def test_an_interrupted_leader_leaves_what_follows_to_its_callers(tmp_path: Path) -> None:
    """Ctrl-C in one sequel: the works are durable, and everybody else's sequel is run all the same."""
    store, _ = opened(tmp_path)
    followed: list[int] = []
    interrupted: list[int] = []

    def then(committed: Committed[int]) -> int:
        if committed.value == 1 and not interrupted:
            interrupted.append(threading.get_ident())
            raise KeyboardInterrupt
        followed.append(committed.value)
        return committed.value

    outcomes = _together(store, [(work(1), False), (work(2), False), (work(3), False)], then)
    assert isinstance(outcomes[0], KeyboardInterrupt)
    assert outcomes[1:] == [1, 2]
    assert sorted(followed) == [0, 1, 2]
    assert checked(store).size == 3


def test_an_interrupted_work_stops_its_commit_and_not_the_store(tmp_path: Path) -> None:
    """Ctrl-C inside one work: nothing of that commit remains, everybody in it is told, and the next one works."""
    store, _ = opened(tmp_path)

    def interrupted(records: Records) -> None:
        work(90)(records)
        raise KeyboardInterrupt

    outcomes = _together(store, [(work(1), False), (interrupted, False), (work(2), False)])
    assert all(isinstance(one, BaseException) for one in outcomes)
    assert checked(store).size == 0
    assert store.transact(work(3), covered=True).covered == 1


def test_whoever_is_interrupted_before_they_lead_leaves_the_store_to_others(tmp_path: Path) -> None:
    """Ctrl-C while a leader waits for the others: their work is not begun, and the next one leads."""
    store, _ = opened(tmp_path)
    gather = store._crew._gather

    def interrupted() -> None:
        store._crew._gather = gather  # type: ignore[method-assign]
        raise KeyboardInterrupt

    store._crew._gather = interrupted  # type: ignore[method-assign]  # the fault is planted here
    with pytest.raises(KeyboardInterrupt):
        store.transact(work(1))
    assert store.transact(work(2), covered=True).covered == 1
    checked(store)


def test_those_who_were_served_together_are_waited_for_and_not_for_ever(tmp_path: Path) -> None:
    """After a large commit a single caller is served too, and so is a crowd that comes again and again."""
    store, _ = opened(tmp_path)
    numbers = itertools.count()
    for _ in range(3):
        outcomes = _together(store, [(work(next(numbers)), False) for _ in range(6)])
        assert all(isinstance(one, Committed) for one in outcomes)
        assert isinstance(store.transact(work(next(numbers))), Committed)
    threads = [
        threading.Thread(target=lambda: [store.transact(work(next(numbers))) for _ in range(20)]) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert checked(store).size == 3 * 7 + 120


def _append(folder: Path, start: int) -> None:
    store, _ = opened(folder)
    for number in range(start, start + 200):
        committed = store.transact(work(number), covered=number % 10 == 0)
        assert committed.size > committed.value


def test_two_processes_append_to_one_log(tmp_path: Path) -> None:
    """200 transactions each, at once: 400 leaves, none lost or given twice, and the log is intact."""
    opened(tmp_path)[0].close()
    children = [forked(lambda start=start: _append(tmp_path, start)) for start in (1_000, 2_000)]  # type: ignore[misc]
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    store, _ = opened(tmp_path)
    assert checked(store).size == 400
    assert store.transact(work(1), covered=True).covered == 401


@pytest.mark.parametrize("seed", range(3))
def test_two_stores_in_turn_sign_one_history(tmp_path: Path, seed: int) -> None:
    """Each catches up with what the other has appended, over the ends of tiles too: every checkpoint fits the log."""
    chance, numbers = random.Random(seed), itertools.count()
    stores = [opened(tmp_path)[0] for _ in range(2)]

    def several(records: Records) -> None:
        for _ in range(chance.choice([1, 2, 7, 100, 256])):
            work(next(numbers))(records)

    for _ in range(24):
        store = chance.choice(stores)
        committed = store.transact(several, covered=chance.random() < 0.7)
        assert committed.covered in (0, committed.size)
        checked(store)
