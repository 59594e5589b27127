"""An old copy of the index beside today's data store and keyring: refused on use, by whoever would ask it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from shouxin.bootstrap import restore_workspace
from shouxin.errors import RolledBack, StoreUnavailable, Tampered
from shouxin.ledger.log import FlawKind
from shouxin.operations.advance import advance
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.correct import correct
from shouxin.operations.erasing.erase import erase
from shouxin.operations.recovery.backup import back_up, reconcile
from tests import recorded
from tests.operations.portfolio import MOBILE, Lender, lender, values_of
from tests.workspaces import close

NEW_MOBILE: Final = values_of(9)[MOBILE]


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """Two customers and a declined applicant; closed, with a copy of the index of that day."""
    made = lender(tmp_path)
    made.take([1, 2])
    made.take([3], customer=False)
    close(made.workspace)
    _copy(made, "old")
    return made


def _copy(bank: Lender, name: str) -> None:
    shutil.copytree(bank.home / "index", bank.home.parent / name)


def _put(bank: Lender, name: str) -> Lender:
    """Close, put a copy of the index in place of the index, and open."""
    close(bank.workspace)
    shutil.rmtree(bank.home / "index")
    shutil.copytree(bank.home.parent / name, bank.home / "index")
    return bank.reopened()


def _newcomer(bank: Lender) -> None:
    bank.take([4])


def _corrected(bank: Lender) -> None:
    correct(bank.workspace, bank.tokens["dpo"], bank.people[2], {MOBILE: NEW_MOBILE})


def _erased(bank: Lender) -> None:
    erase(bank.workspace, bank.tokens["dpo"], bank.people[3])


def _advanced(bank: Lender) -> None:
    advance(bank.workspace, bank.tokens["operator"])


def _advanced_and_newcomer(bank: Lender) -> None:
    advance(bank.workspace, bank.tokens["operator"])
    bank.take([4])


@pytest.mark.parametrize("since", [_newcomer, _corrected, _erased, _advanced, _advanced_and_newcomer])
def test_an_old_index_answers_nobody_and_takes_nothing(bank: Lender, since: Callable[[Lender], None]) -> None:
    """Whatever changed it since: who looks up, collects, corrects, erases or advances is refused; nothing changes."""
    today = bank.reopened()
    since(today)
    close(today.workspace)
    _copy(bank, "today")
    mixed = _put(today, "old")
    before = recorded.size(mixed.workspace)
    for ask in (
        lambda: mixed.find(1),
        lambda: mixed.take([1]),
        lambda: mixed.take([5]),
        lambda: _corrected(mixed),
        lambda: erase(mixed.workspace, mixed.tokens["dpo"], mixed.people[1]),
        lambda: _advanced(mixed),
    ):
        with pytest.raises(RolledBack, match="put today's back, or restore a backup"):
            ask()
    assert recorded.size(mixed.workspace) == before
    assert mixed.masked(mixed.people[1])  # what is opened by its identifier needs no index
    flaws = {(flaw.kind, flaw.place.partition("/")[0]) for flaw in verify_ledger(mixed.workspace).flaws}
    assert flaws & {(FlawKind.ROLLBACK, "index"), (FlawKind.ALTERED_ROW, "index")}
    right = _put(mixed, "today")
    assert right.find(1) == [right.people[1]]
    assert verify_ledger(right.workspace).flaws == []
    right.take([5])
    assert right.find(5) == [right.people[5]]
    close(right.workspace)


def test_an_old_index_does_not_catch_up(bank: Lender) -> None:
    """However often somebody tries, the copy stays as old as it is; today's is not refused for what they tried."""
    today = bank.reopened()
    today.take([4])
    close(today.workspace)
    _copy(bank, "today")
    mixed = _put(today, "old")
    for number in range(5, 9):
        with pytest.raises(RolledBack):
            mixed.take([number])
        mixed = mixed.reopened()
    with pytest.raises(RolledBack):
        mixed.find(4)
    right = _put(mixed, "today")
    assert right.find(4) == [right.people[4]]
    close(right.workspace)


def test_without_any_generation_nobody_is_said_to_be_unknown(bank: Lender) -> None:
    """An index that is gone is no answer: 'not found' would be said of somebody who is kept."""
    today = bank.reopened()
    close(today.workspace)
    (bank.home / "index" / "1.db").unlink()
    empty = bank.reopened()
    for ask in (lambda: empty.find(1), lambda: empty.take([1])):
        with pytest.raises(RolledBack):
            ask()
    close(empty.workspace)


def test_rows_that_never_got_their_cell_are_no_sign_of_age(bank: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between index and data store, the index is further than what was noted: it is today's all the same."""
    today = bank.reopened()
    whole = type(today.workspace.data).transact

    def fails(*_: object, **__: object) -> None:
        raise StoreUnavailable("the process died")

    monkeypatch.setattr(type(today.workspace.data), "transact", fails)
    with pytest.raises(StoreUnavailable):
        today.take([4])
    monkeypatch.setattr(type(today.workspace.data), "transact", whole)
    close(today.workspace)
    again = bank.reopened()
    assert again.find(4) == []
    again.take([4])
    assert again.find(4) == [again.people[4]]
    close(again.workspace)
    before = _put(again, "old")
    with pytest.raises(RolledBack):
        before.find(4)
    close(before.workspace)


def test_what_was_noted_cannot_be_edited(bank: Lender) -> None:
    """A row that says that less is wanted of the index was not written by the institution."""
    today = bank.reopened()
    today.take([4])
    close(today.workspace)
    with sqlite3.connect(bank.home / "data" / "data.db") as edited:
        assert edited.execute("UPDATE generations SET age = 1").rowcount == 1
    mixed = _put(today, "old")
    with pytest.raises(Tampered):
        mixed.find(4)
    assert "generations/" in {flaw.place for flaw in verify_ledger(mixed.workspace).flaws}
    close(mixed.workspace)


def test_the_index_of_a_backup_is_todays_after_the_restore(bank: Lender) -> None:
    """A restore puts back data store and index of one day: what was noted fits, and everything goes on."""
    today = bank.reopened()
    back_up(today.workspace, today.tokens["operator"], bank.home.parent / "backup")
    today.take([4])
    _erased(today)
    close(today.workspace)
    _copy(bank, "later")
    workspace, _ = restore_workspace(bank.home, bank.home.parent / "backup")
    reconcile(workspace, today.tokens["operator"])
    close(workspace)
    again = today.reopened()
    assert again.find(1) == [again.people[1]]
    again.take([5])
    assert again.find(5) == [again.people[5]]
    assert verify_ledger(again.workspace).flaws == []
    mixed = _put(again, "old")
    with pytest.raises(RolledBack):
        mixed.find(1)
    close(mixed.workspace)


def test_a_death_in_the_middle_of_an_advance_beside_an_old_index(bank: Lender) -> None:
    """An advance that goes on with an old index stops before the new generation is made of it."""
    today = bank.reopened()
    today.take([4])

    class Killed(Exception):
        pass

    def dies(_step: object) -> None:
        raise Killed

    with pytest.raises(Killed):
        advance(today.workspace, today.tokens["operator"], dies)
    close(today.workspace)
    _copy(bank, "today")
    mixed = _put(today, "old")
    with pytest.raises(RolledBack):
        _advanced(mixed)
    assert [int(one) for one in mixed.workspace.index.generations()] == [1]
    right = _put(mixed, "today")
    _advanced(right)
    assert right.find(4) == [right.people[4]]
    assert verify_ledger(right.workspace).flaws == []
    close(right.workspace)
