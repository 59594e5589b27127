"""No key is destroyed that a backup could bring back: the journal has it first, wherever the program is killed.

Killed at the journal and at the keyring; then all but what is kept apart and published is replaced by a backup from
before. What opened nothing after the kill opens nothing then.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from shouxin.actors.account import Token
from shouxin.bootstrap import restore_workspace
from shouxin.domain.identifiers import SubjectId
from shouxin.errors import ShouxinError
from shouxin.keys.chain import LinkKind
from shouxin.operations.auditing.publish import publish
from shouxin.operations.recovery.backup import back_up, reconcile
from tests.faults.interrupted import Site, expect, gone, intact, opens
from tests.faults.nursery import CASES, Nursery, faults, problem, started
from tests.house.tree import expect_none
from tests.operations.portfolio import Lender
from tests.workspaces import close

STAY: Final = {"correct": (2,), "erase-whole": (1, 4), "erase-in-part": (2,)}
POINTS: Final = {"JournalFile.append", "SqlKeyring.replace"}


@pytest.fixture(scope="module")
def forge() -> Iterator[Nursery]:
    """Start a nursery for this module."""
    with started() as nursery:
        yield nursery


def _held(bank: Lender) -> set[tuple[SubjectId, bytes]]:
    """Return whose chain has a key for what."""
    keyring, custody = bank.workspace.custody.keyring, bank.workspace.custody
    chains = keyring.get(list(keyring.all_subjects()))
    links = ((subject, link) for subject, chain in chains.items() for link in custody.open(chain).links)
    return {(subject, link.identifier) for subject, link in links if link.kind is not LinkKind.PEPPER}


def _restored(site: Site) -> Lender:
    """Put the backup from before back, as after the loss of a disk, and finish the restore."""
    workspace, _ = restore_workspace(Path(site.home), site.backup)
    bank = Lender(workspace, {role: Token(token) for role, token in site.tokens.items()}, Path(site.home))
    bank.people |= {int(number): SubjectId(bytes.fromhex(subject)) for number, subject in site.people.items()}
    reconcile(workspace, bank.tokens["operator"])
    return bank


def _stays_destroyed(name: str, site: Site, before: set[tuple[SubjectId, bytes]], *, again: bool) -> bool:
    """Say whether keys were destroyed, after a kill or once it was taken up ``again``; raise if a backup has them."""
    bank = site.open()
    if again:
        bank = CASES[name].resume(site, bank)
    destroyed = before - _held(bank)
    publish(bank.workspace, bank.tokens["operator"])
    close(bank.workspace)
    bank = _restored(site)
    expect(not destroyed & _held(bank), "a backup brings a destroyed key back")
    if destroyed and name == "erase-whole":
        gone(bank, 3, site.notes["cells"])
    opens(bank, *STAY[name])
    intact(bank, finished=False)
    close(bank.workspace)
    return bool(destroyed)


@pytest.mark.parametrize("again", [False, True], ids=["lost-at-once", "taken-up-again"])
@pytest.mark.parametrize("name", STAY)
def test_what_was_destroyed_before_a_kill_no_backup_brings_back(
    tmp_path: Path, forge: Nursery, name: str, again: bool
) -> None:
    """Killed between the journal and the keyring, a person (or a wrong value) is there, or gone from all copies."""
    site, writes = faults(tmp_path, name, forge)
    bank = site.open()
    back_up(bank.workspace, bank.tokens["operator"], site.backup)
    before = _held(bank)
    close(bank.workspace)
    problems: list[str] = []
    destroyed: list[bool] = []
    for number in [number for number, write in enumerate(writes) if write in POINTS]:
        here = site.copied(tmp_path / str(number))
        ended, report = forge.run(name, here, (number, "after"))
        try:
            expect(ended == -signal.SIGKILL, f"it was not killed: {ended} {report}")
            destroyed.append(_stays_destroyed(name, here, before, again=again))
        except (AssertionError, ShouxinError, LookupError, ValueError) as error:
            problems.append(f"killed after {number} {writes[number]}: {problem(error)}")
    expect_none(problems)
    assert destroyed[-2:] == [True, True]  # what the journal has is destroyed, by whoever opens the workspace next
