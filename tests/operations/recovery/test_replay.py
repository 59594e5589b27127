from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from shouxin.errors import RolledBack, Tampered
from shouxin.keys.chain import LinkKind
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.collecting import collect as collecting
from shouxin.operations.correct import correct
from shouxin.operations.erasing.erase import erase
from shouxin.operations.recovery.replay import replay_destructions, settle_pending
from tests.operations.portfolio import JOB, Hands, Lender, lender, values_of
from tests.workspaces import close


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """A customer and two declined applicants."""
    made = lender(tmp_path, Hands())
    made.take([1])
    made.take([2, 3], customer=False)
    return made


def keyring_from_before(bank: Lender, number: int) -> Lender:
    """Erase somebody and open the workspace with the keyring from before that."""
    close(bank.workspace)
    shutil.copytree(bank.home / "keyring", bank.home.parent / "before")
    bank = bank.reopened()
    erase(bank.workspace, bank.tokens["dpo"], bank.people[number])
    close(bank.workspace)
    shutil.rmtree(bank.home / "keyring")
    shutil.copytree(bank.home.parent / "before", bank.home / "keyring")
    return bank


def keys_of(bank: Lender, number: int) -> int:
    """Return how many keys somebody's chain has beside the pepper."""
    subject = bank.people[number]
    links = bank.workspace.custody.open(bank.workspace.custody.keyring.get([subject])[subject]).links
    return sum(link.kind is not LinkKind.PEPPER for link in links)


def test_opening_destroys_what_the_journal_says(bank: Lender) -> None:
    """An old keyring, opened, has done what the journal holds; a second replay has nothing to do."""
    before = keys_of(bank, 2)
    again = keyring_from_before(bank, 2).reopened()
    assert before > 0
    assert keys_of(again, 2) == 0
    assert keys_of(again, 3) == before
    assert again.workspace.custody.keyring.mark() == again.workspace.journal.count() == 1
    assert replay_destructions(again.workspace) == 0
    assert verify_ledger(again.workspace).flaws == []


def test_each_missing_destruction_is_carried_out_once(bank: Lender) -> None:
    """Of several entries since the copy all are carried out; who comes after them in the journal keeps their keys."""
    bank = keyring_from_before(bank, 2)
    again = bank.reopened()
    correct(again.workspace, again.tokens["dpo"], again.people[1], {JOB: values_of(9)[JOB]})
    erase(again.workspace, again.tokens["dpo"], again.people[3])
    assert again.workspace.journal.count() == 3
    close(again.workspace)
    shutil.rmtree(bank.home / "keyring")
    shutil.copytree(bank.home.parent / "before", bank.home / "keyring")
    last = again.reopened()
    assert (keys_of(last, 2), keys_of(last, 3)) == (0, 0)
    assert last.workspace.custody.keyring.mark() == 3


def test_a_journal_that_is_shorter_than_what_was_done_is_a_rollback(bank: Lender) -> None:
    """Whoever takes the journal away does not get to go on as if nothing had been destroyed."""
    erase(bank.workspace, bank.tokens["dpo"], bank.people[2])
    (bank.home / "apart" / "destructions").unlink()
    with pytest.raises(RolledBack):
        replay_destructions(bank.workspace)


def test_an_edited_journal_is_not_replayed(bank: Lender) -> None:
    """A line that names another person, beside a keyring that has it still to do, stops the opening."""
    bank = keyring_from_before(bank, 2)
    journal = bank.home / "apart" / "destructions"
    good = journal.read_bytes()
    journal.write_bytes(good.replace(bank.people[2].hex().encode(), bank.people[3].hex().encode()))
    with pytest.raises(Tampered):
        bank.reopened()
    journal.write_bytes(good)
    assert keys_of(bank.reopened(), 2) == 0


def test_keys_of_what_was_never_recorded_are_settled(bank: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys drawn for a batch that came to nothing go with their tags; while somebody is at work nothing is settled."""

    def stop(*_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(collecting, "_record", stop)
    with pytest.raises(ConnectionError):
        bank.take([1, 7])
    monkeypatch.undo()
    workspace = bank.workspace
    unborn = set(workspace.custody.keyring.all_subjects()) - set(bank.people.values())
    assert len(unborn) == 1
    assert set(workspace.custody.keyring.pending()) == {*unborn, bank.people[1]}
    other = bank.reopened  # opening settles: look at the lock with the store that is open
    with workspace.custody.keyring.at_work():
        assert settle_pending(workspace) == 0
    assert settle_pending(workspace) > 0
    assert workspace.custody.keyring.pending() == []
    assert set(workspace.custody.keyring.all_subjects()) == set(bank.people.values())
    assert bank.find(7) == []
    assert bank.raw(bank.people[1])
    assert verify_ledger(other().workspace).flaws == []
