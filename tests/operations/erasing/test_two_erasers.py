"""Two who erase at the same time: each finishes, and the keyring has carried out all that the journal holds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Event, Thread

import pytest

from shouxin.keys.journal import Destruction
from shouxin.operations.erasing.erase import erase
from shouxin.storage.journal_file import JournalFile
from tests import recorded
from tests.operations.portfolio import Hands, Lender, lender
from tests.workspaces import close

# As long as somebody could slip in between; nobody may, so it is waited out once.
_LONG_ENOUGH = 1.5


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """Two declined applicants."""
    made = lender(tmp_path, Hands())
    made.take([3, 4], customer=False)
    return made


def test_nobody_destroys_between_anothers_entry_and_its_keys(bank: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second process erases somebody just as the first has written its entry and not yet destroyed the key."""
    other, second = bank.reopened(), Event()
    failures: list[BaseException] = []

    def erase_another() -> None:
        try:
            erase(other.workspace, other.tokens["dpo"], other.people[4])
        except BaseException as error:  # looked at below
            failures.append(error)

    append, slipped_in, racing = JournalFile.append, Event(), Thread(target=erase_another)

    def watched(self: JournalFile, entries: Sequence[Destruction]) -> None:
        append(self, entries)
        if second.is_set():
            slipped_in.set()
            return
        second.set()
        racing.start()
        assert not slipped_in.wait(_LONG_ENOUGH)

    monkeypatch.setattr(JournalFile, "append", watched)
    erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
    racing.join()
    assert (failures, slipped_in.is_set()) == ([], True)
    assert bank.is_gone(bank.people[3])
    assert bank.is_gone(bank.people[4])
    assert bank.workspace.custody.keyring.mark() == bank.workspace.journal.count() == 2
    close(other.workspace)
    assert recorded.flaws(bank.reopened().workspace) == []
