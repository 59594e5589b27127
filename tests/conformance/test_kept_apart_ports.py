"""The ports of what is kept apart (``keys.journal``, ``ledger.store.Shelf``): one suite each over every driver."""

from __future__ import annotations

from shouxin.domain.identifiers import CellId, SubjectId, new
from shouxin.keys.journal import Destruction, Journal
from shouxin.ledger.checkpoint import Checkpoint
from shouxin.ledger.store import Shelf
from shouxin.storage.journal_file import JournalFile
from shouxin.storage.shelf import FileShelf
from tests.conformance.drivers import HEAD, Driver, Opener, over

JOURNALS: dict[str, Driver[Journal]] = {
    "file": lambda folder: lambda: JournalFile(folder / "destructions", lambda: b"j" * 32),
}


SHELVES: dict[str, Driver[Shelf]] = {
    "file": lambda folder: lambda: FileShelf(folder / "checkpoint"),
}


journal_of, shelf_of = over(JOURNALS), over(SHELVES)


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
