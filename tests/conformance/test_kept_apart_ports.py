"""The ports of what is kept apart (journal, shelf, list of revocations): one suite each over every driver."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from shouxin.domain.identifiers import CellId, SubjectId, new
from shouxin.domain.revocation import Revocations
from shouxin.errors import ReadOnly
from shouxin.keys.journal import Destruction, Journal
from shouxin.ledger.checkpoint import Checkpoint
from shouxin.ledger.store import Shelf
from shouxin.storage.journal_file import JournalFile
from shouxin.storage.revocation_file import RevocationFile
from shouxin.storage.shelf import FileShelf
from tests.conformance.drivers import HEAD, Driver, Opener, over

JOURNALS: dict[str, Driver[Journal]] = {
    "file": lambda folder: lambda: JournalFile(folder / "destructions", lambda: b"j" * 32),
}


SHELVES: dict[str, Driver[Shelf]] = {
    "file": lambda folder: lambda: FileShelf(folder / "checkpoint"),
}


def _list(folder: Path) -> Opener[Revocations]:
    def opened() -> RevocationFile:
        made = RevocationFile(folder / "revocations", lambda: b"j" * 32)
        made.create()
        return made

    return opened


REVOCATIONS: dict[str, Driver[Revocations]] = {"file": _list}

journal_of, shelf_of, revocations_of = over(JOURNALS), over(SHELVES), over(REVOCATIONS)


def test_a_journal_keeps_every_destruction_in_order(journal_of: Opener[Journal]) -> None:
    """Entries come back as they were added, by whom and in how many goes ever, and are counted."""
    entries = [Destruction(new(SubjectId), number, tuple(new(CellId) for _ in range(number))) for number in range(4)]
    first = journal_of()
    assert (list(first.entries()), first.count()) == ([], 0)
    first.append(entries[:2])
    first.append([])
    second = journal_of()
    second.append(entries[2:])
    for journal in (first, second, journal_of()):
        assert list(journal.entries()) == entries
        assert journal.count() == 4


def _note(size: int, root: bytes = bytes(32)) -> str:
    return HEAD.sign(Checkpoint("lender.example/log", size, root))


def test_a_shelf_only_moves_forward(shelf_of: Opener[Shelf]) -> None:
    """The largest checkpoint ever put there is what it has, whoever asks."""
    shelf = shelf_of()
    assert shelf.get() is None
    shelf.put(_note(5), 5)
    shelf.put(_note(4), 4)
    shelf.put(_note(5, b"x" * 32), 5)
    assert shelf.get() == _note(5)
    later: Shelf = shelf_of()
    later.put(_note(10), 10)
    assert shelf.get() == later.get() == _note(10)


A, B, C = b"a" * 32, b"b" * 32, b"c" * 32


def test_what_was_intended_and_came_is_replaced_for_everybody(revocations_of: Opener[Revocations]) -> None:
    """Nothing is replaced before its commit came; then whoever reads the list sees it, and nothing else on it."""
    one, other = revocations_of(), revocations_of()
    one.intend(5, [A, B])
    other.refresh()
    assert [seen.replaced(mac, 9) for seen in (one, other) for mac in (A, B)] == [False] * 4
    one.confirm(5)
    other.refresh()
    later = revocations_of()
    later.refresh()
    assert [seen.replaced(mac, 9) for seen in (one, other, later) for mac in (A, B, C)] == [True, True, False] * 3


def test_who_sees_the_log_as_it_was_before_sees_the_row_as_it_stood(revocations_of: Opener[Revocations]) -> None:
    """A snapshot from before the commit is no forgery: the version is replaced for who sees a later entry."""
    seen = revocations_of()
    seen.intend(5, [A])
    seen.confirm(5)
    assert [seen.replaced(A, size) for size in (1, 5, 6)] == [False, False, True]


def test_who_comes_next_settles_what_a_dead_process_left(revocations_of: Opener[Revocations]) -> None:
    """The log tells whether the commit came: it grew, or it did not. Settled once, it stays so."""
    revocations_of().intend(5, [A])
    second = revocations_of()
    second.settle(5)
    assert not second.replaced(A, 9)
    second.settle(6)
    assert not second.replaced(A, 9)
    revocations_of().intend(6, [B])
    third = revocations_of()
    third.settle(7)
    third.settle(7)
    assert (third.replaced(A, 9), third.replaced(B, 9)) == (False, True)
    third.intend(7, [A])
    third.confirm(7)
    second.refresh()
    assert (second.replaced(A, 9), second.replaced(B, 9)) == (True, True)


def test_between_intention_and_note_the_list_is_unsettled(revocations_of: Opener[Revocations]) -> None:
    """For everybody, until it is noted what came of it: by who wrote, by who comes next, or by a restore."""
    seen, other = revocations_of(), revocations_of()
    ends: list[Callable[[], None]] = [
        lambda: seen.confirm(5),
        lambda: other.settle(5),  # it never came
        lambda: other.settle(6),  # it came
        lambda: other.restored(6),
    ]
    assert [one.unsettled() for one in (seen, other)] == [False, False]
    for end in ends:
        seen.intend(5, [A])
        assert [one.unsettled() for one in (other, seen, revocations_of())] == [True] * 3
        end()
        assert [one.unsettled() for one in (seen, other, revocations_of())] == [False] * 3
        seen.restored(5)


def test_what_is_written_once_more_stands_again(revocations_of: Opener[Revocations]) -> None:
    """A version that a second restore writes byte for byte as the first did leaves the list, once that came."""
    seen = revocations_of()
    seen.intend(5, [A, B])
    seen.confirm(5)
    assert seen.listed([A, C, B]) == [A, B]
    seen.intend(9, [C], [A])
    assert seen.listed([A]) == [A]
    seen.confirm(9)
    again = revocations_of()
    again.refresh()
    assert [again.replaced(mac, 20) for mac in (A, B, C)] == [False, True, True]


def test_a_note_that_comes_late_is_about_its_own_commit(revocations_of: Opener[Revocations]) -> None:
    """Who was slow to note that a commit came says nothing about the next one's intention."""
    slow, quick = revocations_of(), revocations_of()
    slow.intend(5, [A])
    quick.settle(6)
    quick.intend(6, [B])
    slow.confirm(5)
    later = revocations_of()
    later.settle(6)  # the second commit never came
    assert [later.replaced(mac, 9) for mac in (A, B)] == [True, False]


def test_a_log_that_is_shorter_than_it_was_is_not_written_to(revocations_of: Opener[Revocations]) -> None:
    """Where a right was ended behind five entries there are six at least; until a restore says otherwise."""
    seen = revocations_of()
    for size, mac in ((5, A), (9, B)):
        seen.intend(size, [mac])
        seen.confirm(size)
    for one in (seen, revocations_of()):
        one.refresh()
        assert [one.rolled_back(size) for size in (5, 9, 10)] == [True, True, False]
        one.settle(10)
        with pytest.raises(ReadOnly):
            one.settle(9)
    seen.restored(7)
    for one in (seen, revocations_of()):
        one.settle(7)
        assert [one.replaced(mac, 20) for mac in (A, B)] == [True, True]
        assert not one.rolled_back(7)
        assert one.rolled_back(5)
