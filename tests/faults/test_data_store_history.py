"""The data store rolled back, forked, replaced: it goes on only where its history is what was signed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from shouxin.domain.authority import AuthorityKind
from shouxin.errors import Forked, ReadOnly
from shouxin.storage.data_store import SqlDataStore
from shouxin.storage.shelf import FileShelf
from tests.faults.data_stores import HEAD, INSTITUTION, ORIGIN, checked, copied_to, grant, opened, work


def test_a_history_that_was_changed_meanwhile_is_read_anew(tmp_path: Path) -> None:
    """Leaves that another process put in place of those that this one knows are not carried on from memory."""
    store, _ = opened(tmp_path)
    for number in range(3):
        store.transact(work(number))
    copied = copied_to(tmp_path, "other")
    store.transact(work(3))
    store.close()
    branch, _ = opened(copied)
    for number in (10, 11, 12):
        branch.transact(work(number))
    branch.close()
    for path in tmp_path.glob("data.db*"):
        path.unlink()
    for path in copied.glob("data.db*"):
        shutil.copy(path, tmp_path)
    assert store.transact(work(20), covered=True).covered == 7
    checked(store)


def test_a_store_older_than_its_shelf_opens_for_reading_only(tmp_path: Path) -> None:
    """An old copy put back beside today's shelf is read, and refuses to write, again and again."""
    store, _ = opened(tmp_path)
    store.transact(work(1), covered=True)
    store.close()
    old = copied_to(tmp_path, "old")
    store.transact(work(2), covered=True)
    store.close()
    shutil.copy(tmp_path / "checkpoint", old / "checkpoint")
    rolled_back, _ = opened(old)
    for _ in range(2):
        with pytest.raises(ReadOnly, match="2 were signed"):
            rolled_back.transact(work(3))
    assert rolled_back.read(lambda records: records.ledger.size) == 1
    assert rolled_back.read(lambda records: records.authority.find(AuthorityKind.GRANT)) == [grant(1)]


@pytest.mark.parametrize("more", [1, 2])
def test_a_store_whose_history_is_another_does_not_go_on(tmp_path: Path, more: int) -> None:
    """A log as long as what was signed, or longer, but with other leaves, is a fork and is not written to."""
    store, _ = opened(tmp_path)
    store.transact(work(1), covered=True)
    store.close()
    other = copied_to(tmp_path, "other")
    shutil.copy(tmp_path / "checkpoint", other)
    store.transact(work(2), covered=True)
    branch, _ = opened(other)
    for number in range(more):
        branch.transact(work(10 + number))
    branch.close()
    shutil.copy(tmp_path / "checkpoint", other / "checkpoint")
    parted, _ = opened(other)
    with pytest.raises(Forked):
        parted.transact(work(20))
    assert parted.read(lambda records: records.ledger.size) == 1 + more


def test_a_store_whose_shelf_is_gone_does_not_go_on(tmp_path: Path) -> None:
    """Without the checkpoint that was signed for it nobody can say that a log was not rolled back: it is only read."""
    store, _ = opened(tmp_path)
    for number in range(3):
        store.transact(work(number), covered=True)
    store.close()
    (tmp_path / "checkpoint").unlink()
    alone = SqlDataStore(
        tmp_path / "data.db", INSTITUTION, ORIGIN, HEAD, FileShelf(tmp_path / "checkpoint"), must_be_signed=True
    )
    with pytest.raises(ReadOnly):
        alone.transact(work(10))
    assert alone.read(lambda records: records.ledger.size) == 3


def test_a_store_ahead_of_its_shelf_goes_on(tmp_path: Path) -> None:
    """A crash between commit and signature leaves a log that is longer than what was signed: that is no flaw."""
    store, _ = opened(tmp_path)
    store.transact(work(1), covered=True)
    store.transact(work(2))
    store.close()
    again, _ = opened(tmp_path)
    assert again.transact(work(3), covered=True).covered == 3
    checked(again)
