"""Days on which what a lender runs on fails: keys, clock, copies, disk, a second process."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from shouxin.domain.identifiers import SubjectId
from shouxin.errors import (
    ApprovalMissing,
    IntegrityError,
    Misconfigured,
    NotSignedIn,
    OperatorError,
    ReadOnly,
    Refused,
    RolledBack,
    RootKeyUnavailable,
    ShouxinError,
)
from shouxin.operations.account_for import account_for
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.erasing.erase import erase
from shouxin.operations.opening.approve import approve, request_access
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.staff.accounts import sign_out
from tests import recorded
from tests.operations.portfolio import CARD_NUMBER, ID_NUMBER, JOB, NAME, Hands, Lender, lender, values_of
from tests.workspaces import close, signed_in

ROOT: Final = Path(__file__).resolve().parents[2]


@pytest.fixture
def hands() -> Hands:
    """A clock that the test sets."""
    return Hands()


@pytest.fixture
def bank(tmp_path: Path, hands: Hands) -> Lender:
    """Two customers and a declined applicant."""
    made = lender(tmp_path, hands)
    made.take([1, 2])
    made.take([3], customer=False)
    return made


def right(bank: Lender, *numbers: int) -> None:
    """Everybody named opens to what they said and is found; the audit finds nothing."""
    for number in numbers:
        values = values_of(number)
        assert bank.raw(bank.people[number]) == {CARD_NUMBER: values[CARD_NUMBER].text(), JOB: values[JOB].text()}
        assert bank.find(number) == [bank.people[number]]
    assert verify_ledger(bank.workspace).flaws == []


def never_wrong(bank: Lender, number: int) -> bool:
    """Ask for somebody who may not open: say whether they do; what opens is never anything but what they said."""
    values = values_of(number)
    try:
        seen = bank.raw(bank.people[number])
    except ShouxinError:
        return False
    assert seen in ({}, {CARD_NUMBER: values[CARD_NUMBER].text(), JOB: values[JOB].text()})
    return bool(seen)


# ------------------------------------------------------------------------------------------------------- the root key
def test_a_missing_root_key_opens_nothing_and_nothing_is_lost(bank: Lender) -> None:
    """Without its root key a workspace does not open and says so; with the key back everything is there."""
    close(bank.workspace)
    (key,) = (bank.home / "root").glob("*.key")
    key.rename(bank.home / "elsewhere")
    with pytest.raises(RootKeyUnavailable):
        bank.reopened()
    (bank.home / "elsewhere").rename(key)
    again = bank.reopened()
    right(again, 1, 2, 3)
    close(again.workspace)


@pytest.mark.parametrize("content", [bytes(32), b"k" * 32, b"", b"short", bytes(33)])
def test_a_wrong_root_key_opens_nothing(bank: Lender, content: bytes) -> None:
    """Another key, or none of the right length, is an error that whoever runs the installation must mend."""
    close(bank.workspace)
    (key,) = (bank.home / "root").glob("*.key")
    was = key.read_bytes()
    key.write_bytes(content)
    with pytest.raises((OperatorError, IntegrityError)):
        bank.reopened()
    key.write_bytes(was)
    again = bank.reopened()
    right(again, 1)
    close(again.workspace)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_root_key_that_is_too_open_is_not_used(bank: Lender, mode: int) -> None:
    """A root key that others may read or write is refused until its mode is set right."""
    close(bank.workspace)
    (key,) = (bank.home / "root").glob("*.key")
    key.chmod(mode)
    with pytest.raises(Misconfigured, match="0600"):
        bank.reopened()
    key.chmod(0o600)
    again = bank.reopened()
    right(again, 1)
    close(again.workspace)


# ----------------------------------------------------------------------------------------------------------- the clock
def test_a_clock_that_jumps_back_revives_no_grant(bank: Lender, hands: Hands) -> None:
    """A grant that has ended stays ended when the clock goes back to when it ran, also for a process begun then."""
    wish = bank.wish(bank.people[1], items={NAME, ID_NUMBER}, form="raw")
    request = request_access(bank.workspace, bank.tokens["analyst"], wish)
    approve(bank.workspace, bank.tokens["approver"], request)
    approve(bank.workspace, bank.tokens["dpo"], request)
    assert disclose(bank.workspace, bank.tokens["analyst"], wish).values[bank.people[1]]
    hands.on(minutes=61)
    bank.masked(bank.people[2])  # the ledger has seen the hour end
    hands.on(minutes=-61)
    for one in (bank, bank.reopened()):
        with pytest.raises((ApprovalMissing, Refused)):
            disclose(one.workspace, one.tokens["analyst"], wish)
        right(one, 1)
        close(one.workspace)


def test_a_clock_that_jumps_back_revives_no_sign_in(bank: Lender, hands: Hands) -> None:
    """A sign-in that ran out or was ended stays so when the clock goes back; one that runs is not cut short."""
    sign_out(bank.workspace, bank.tokens["credit_officer"])
    was = hands.at
    hands.on(hours=9)
    late = recorded.size(bank.workspace)
    with pytest.raises(NotSignedIn):
        bank.masked(bank.people[1])
    bank.tokens["dpo"] = signed_in(bank.workspace, "dpo")  # the ledger has seen the evening
    assert recorded.size(bank.workspace) > late
    hands.at = was - 9 * 3_600_000
    for one in (bank, bank.reopened()):
        for ask in (one.masked, one.raw):
            with pytest.raises(NotSignedIn):
                ask(one.people[1])
        assert account_for(one.workspace, one.tokens["dpo"], one.people[1])
        assert verify_ledger(one.workspace).flaws == []
        close(one.workspace)


# ---------------------------------------------------------------------------------------------------------- old copies
def test_an_old_keyring_beside_todays_data_brings_nobody_back(bank: Lender) -> None:
    """A keyring from before an erasure does not open the erased, even beside the data store of that day."""
    close(bank.workspace)
    for name in ("keyring", "data", "index"):
        shutil.copytree(bank.home / name, bank.home.parent / name)
    today = bank.reopened()
    erase(today.workspace, today.tokens["dpo"], today.people[3])
    today.take([4])
    close(today.workspace)
    shutil.rmtree(bank.home / "keyring")
    shutil.copytree(bank.home.parent / "keyring", bank.home / "keyring")
    mixed = today.reopened()
    assert mixed.is_gone(mixed.people[3])
    assert not never_wrong(mixed, 3)
    with pytest.raises(RolledBack):  # whoever came since has no key in it
        mixed.masked(mixed.people[4])
    assert not verify_ledger(mixed.workspace).intact
    assert never_wrong(mixed, 1)
    close(mixed.workspace)
    for name in ("data", "index"):
        shutil.rmtree(bank.home / name)
        shutil.copytree(bank.home.parent / name, bank.home / name)
    both = today.reopened()
    assert not never_wrong(both, 3)
    close(both.workspace)


def test_an_old_data_store_beside_todays_keyring_is_read_only(bank: Lender) -> None:
    """A data store from before the last signed checkpoint discloses nothing; today's put back goes on."""
    close(bank.workspace)
    shutil.copytree(bank.home / "data", bank.home.parent / "old")
    today = bank.reopened()
    erase(today.workspace, today.tokens["dpo"], today.people[3])
    today.raw(today.people[1])
    close(today.workspace)
    shutil.copytree(bank.home / "data", bank.home.parent / "new")
    shutil.rmtree(bank.home / "data")
    shutil.copytree(bank.home.parent / "old", bank.home / "data")
    mixed = today.reopened()
    for number in (1, 2, 3):
        with pytest.raises(ReadOnly):
            mixed.raw(mixed.people[number])
        with pytest.raises(ReadOnly):
            mixed.masked(mixed.people[number])
    assert not verify_ledger(mixed.workspace).intact
    close(mixed.workspace)
    shutil.rmtree(bank.home / "data")
    shutil.copytree(bank.home.parent / "new", bank.home / "data")
    again = today.reopened()
    right(again, 1, 2)
    assert again.is_gone(again.people[3])
    close(again.workspace)


def test_without_the_checkpoint_kept_apart_nothing_is_disclosed(bank: Lender) -> None:
    """A checkpoint copy that was deleted makes the store read-only, and the audit says that it is missing."""
    bank.raw(bank.people[1])
    close(bank.workspace)
    (bank.home / "apart" / "checkpoint").unlink()
    again = bank.reopened()
    for ask in (again.masked, again.raw):
        with pytest.raises(ReadOnly):
            ask(again.people[1])
    assert [flaw.place for flaw in verify_ledger(again.workspace).flaws] == ["apart/checkpoint"]
    close(again.workspace)


@pytest.mark.parametrize("left", ["nothing", "no file", "half a line", "all but the last line"])
def test_a_truncated_journal_stops_everything(bank: Lender, left: str) -> None:
    """A journal of destructions that is shorter than what was carried out is a rollback: the workspace stays shut."""
    for number in (3, 2):
        bank.take([number + 4], customer=False)
        erase(bank.workspace, bank.tokens["dpo"], bank.people[number + 4])
    close(bank.workspace)
    journal = bank.home / "apart" / "destructions"
    lines = journal.read_bytes().splitlines(keepends=True)
    assert len(lines) == 2
    if left == "no file":
        journal.unlink()
    else:
        journal.write_bytes({"nothing": b"", "half a line": lines[0][:40]}.get(left, lines[0]))
    with pytest.raises(RolledBack):
        bank.reopened()
    journal.write_bytes(b"".join(lines))
    again = bank.reopened()
    right(again, 1)
    close(again.workspace)


# ------------------------------------------------------------------------------------------------------- two processes
_WORKER: Final = """\
import json, sys
from pathlib import Path
from shouxin.bootstrap import open_workspace
from shouxin.domain.identifiers import SubjectId
from tests.operations.portfolio import Lender
order = json.loads(sys.stdin.readline())
home = Path(order["home"])
people = {int(number): SubjectId(bytes.fromhex(subject)) for number, subject in order["people"].items()}
bank = Lender(open_workspace(home), order["tokens"], home, people)
print("ready", flush=True)
sys.stdin.readline()
first = order["first"]
for number in range(first, first + 12, 3):
    bank.take(range(number, number + 3))
    bank.masked(bank.people[1], bank.people[number])
    bank.raw(bank.people[2])
bank.workspace.close()
print(json.dumps({number: subject.hex() for number, subject in bank.people.items()}))
"""


def test_two_processes_collect_and_disclose_at_once(tmp_path: Path) -> None:
    """Two processes on one workspace: whatever each was told is done, is there, and every opening is in one log."""
    bank = lender(tmp_path)
    bank.take([1, 2])
    before = len(account_for(bank.workspace, bank.tokens["dpo"], bank.people[2]))
    known = {number: subject.hex() for number, subject in bank.people.items()}
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    with contextlib.ExitStack() as stack:
        workers = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", _WORKER],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    cwd=ROOT,
                    env=environment,
                )
            )
            for _ in range(2)
        ]
        for worker, first in zip(workers, (100, 200), strict=True):
            assert worker.stdin
            order = {"home": str(bank.home), "tokens": bank.tokens, "people": known, "first": first}
            print(json.dumps(order), file=worker.stdin, flush=True)
        for worker in workers:
            assert worker.stdout
            assert worker.stdout.readline() == "ready\n"
        for worker in workers:
            assert worker.stdin
            print("go", file=worker.stdin, flush=True)
        said = [worker.communicate(timeout=50)[0] for worker in workers]
        assert [worker.returncode for worker in workers] == [0, 0]
    for one in said:
        for number, subject in json.loads(one).items():
            bank.people[int(number)] = SubjectId(bytes.fromhex(subject))
    assert len(bank.people) == len(set(bank.people.values())) == 26
    openings = account_for(bank.workspace, bank.tokens["dpo"], bank.people[2])
    assert len(openings) == before + 8
    right(bank, *bank.people)
    close(bank.workspace)
