"""Ways around the laws that were tried: races of two processes, old copies put back in part, clocks set back, typos."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from shouxin.bootstrap import restore_workspace
from shouxin.domain.authority import AuthorityKind
from shouxin.errors import (
    ApprovalMissing,
    Fenced,
    IntegrityError,
    Invalid,
    NotFound,
    OperatorError,
    Refused,
    RolledBack,
    RootKeyUnavailable,
    ShouxinError,
    Tampered,
)
from shouxin.keys.epoch import EpochStep
from shouxin.operations.advance import advance
from shouxin.operations.auditing.publish import publish
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.collecting import collect as collecting
from shouxin.operations.collecting.collect import collect, source_digest
from shouxin.operations.erasing.erase import erase, preview
from shouxin.operations.opening.approve import approve, request_access
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.recovery.backup import back_up, reconcile
from shouxin.vault.erasure import Erasure, ErasureState, Outcome
from tests import recorded
from tests.operations.portfolio import JOB, PLAN, RELATION, Hands, Lender, lender, record, values_of
from tests.workspaces import close

PLACE = source_digest("core", b"the file of the day")


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """A customer with a contact, another customer, and two declined applicants."""
    made = lender(tmp_path, Hands())
    made.take([1], contact=True)
    made.take([2])
    made.take([3, 4], customer=False)
    return made


def erasures(bank: Lender) -> dict[bytes, Erasure]:
    """Return every erasure, by person."""
    rows = bank.workspace.data.read(lambda records: records.authority.find(AuthorityKind.ERASURE))
    return {one.subject: one for one in bank.workspace.notary.read_all(rows, Erasure)}


def forge(bank: Lender, store: str, statement: str, *values: Any) -> int:
    """Change a closed store behind everybody's back; return how many rows."""
    close(bank.workspace)
    return recorded.forge(bank.home / store, statement, *values)


# -------------------------------------------------------------------------------------- sealed while the epoch is alive
@pytest.mark.parametrize("at", [EpochStep.REWRAPPED, EpochStep.PROVED, EpochStep.DESTROYED, EpochStep.COMPACTED])
def test_who_is_erased_during_an_advance_is_not_called_sealed(bank: Lender, at: EpochStep) -> None:
    """An erasure under the epoch that is just being opened stays live until that epoch is left, whoever advances."""
    other = bank.reopened()
    erase(bank.workspace, bank.tokens["dpo"], bank.people[4])
    done: list[EpochStep] = []

    def meanwhile(step: EpochStep) -> None:
        done.append(step)
        if step is at:
            erase(other.workspace, bank.tokens["dpo"], bank.people[3])

    advance(bank.workspace, bank.tokens["operator"], meanwhile)
    assert at in done
    found = erasures(bank)
    assert found[bank.people[4]].state is ErasureState.SEALED
    during = found[bank.people[3]]
    assert (during.state, during.sealed) == (ErasureState.LIVE, None)
    assert during.epoch == bank.workspace.custody.current == 2
    advance(bank.workspace, bank.tokens["operator"])
    assert erasures(bank)[bank.people[3]].state is ErasureState.SEALED
    assert recorded.flaws(bank.reopened().workspace) == []


def test_an_erasure_whose_outcome_comes_after_an_advance_is_not_sealed_by_it(
    bank: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planned under one epoch and carried out under the next: what counts is the epoch in which the key went."""
    from shouxin.operations.erasing import erase as erasing

    carry, other = erasing.carry_out, bank.reopened()

    def late(*arguments: Any) -> Any:
        monkeypatch.undo()
        advance(other.workspace, bank.tokens["operator"])
        return carry(*arguments)

    monkeypatch.setattr(erasing, "carry_out", late)
    try:
        erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
    except Fenced:
        erasing.resume_erasures(bank.workspace, bank.tokens["dpo"])
    found = erasures(bank)[bank.people[3]]
    assert (found.state, found.epoch) == (ErasureState.LIVE, 2)
    advance(other.workspace, bank.tokens["operator"])
    assert erasures(bank)[bank.people[3]].state is ErasureState.SEALED
    assert recorded.flaws(bank.reopened().workspace) == []


# ------------------------------------------------------------------------------------------------- copies put back
@pytest.mark.parametrize("whose", ["namer", "named"])
def test_a_restore_revives_no_statement(bank: Lender, whose: str) -> None:
    """A backup that still has who named whom gives it back to nobody once either of the two is erased."""
    (contact,) = bank.find_contact(1)
    wish = bank.wish(bank.people[1], purpose="emergency.link", items={RELATION})
    assert disclose(bank.workspace, bank.tokens["analyst"], wish).statements
    backup = bank.home.parent / "backup"
    back_up(bank.workspace, bank.tokens["operator"], backup)
    (edge,) = bank.workspace.data.read(lambda records: records.cells.edges_to([contact]))
    erase(bank.workspace, bank.tokens["dpo"], contact if whose == "named" else bank.people[1])
    publish(bank.workspace, bank.tokens["operator"])
    close(bank.workspace)
    workspace, _ = restore_workspace(bank.home, backup, clock=bank.workspace.clock)
    again = Lender(workspace, bank.tokens, bank.home, bank.people)
    reconcile(workspace, bank.tokens["operator"])
    assert workspace.data.read(lambda records: records.cells.edges_to([contact])) == []
    namer = workspace.custody.open(workspace.custody.keyring.get([bank.people[1]])[bank.people[1]])
    assert not namer.holds(edge.cell)
    if whose == "named":
        assert disclose(workspace, bank.tokens["analyst"], wish).statements == {}
    else:
        with pytest.raises(Refused):
            disclose(workspace, bank.tokens["analyst"], wish)
    assert recorded.flaws(again.reopened().workspace) == []


@pytest.mark.parametrize("with_row", [False, True], ids=["chain", "chain-and-rows"])
def test_an_old_chain_put_back_by_sql_opens_nothing_in_silence(bank: Lender, with_row: bool) -> None:
    """A chain from before an erasure, written back into the keyring, is refused on use or named by the audit."""
    who = bank.people[3]
    close(bank.workspace)

    def rows(store: str, statement: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(bank.home / store) as opened:
            found = opened.execute(statement, (who,)).fetchall()
        opened.close()
        return found

    (old,) = rows("keyring/keyring.db", "SELECT generation, wrapped, links FROM chains WHERE subject = ?")
    cells = rows("data/data.db", "SELECT * FROM cells WHERE subject = ?")
    standing = rows("data/data.db", "SELECT version, body, mac FROM subjects WHERE identifier = ?")
    bank = bank.reopened()
    erase(bank.workspace, bank.tokens["dpo"], who)
    forge(bank, "keyring/keyring.db", "UPDATE chains SET generation=?, wrapped=?, links=? WHERE subject=?", *old, who)
    if with_row:
        for cell in cells:
            forge(bank, "data/data.db", f"INSERT INTO cells VALUES ({','.join('?' * len(cell))})", *cell)
        forge(
            bank, "data/data.db", "UPDATE subjects SET version=?, body=?, mac=? WHERE identifier=?", *standing[0], who
        )
    again = bank.reopened()
    assert not verify_ledger(again.workspace).intact
    if not with_row:
        assert again.is_gone(who)
        assert again.find(3) == []
    close(again.workspace)


@pytest.mark.parametrize("part", ["keyring", "keyring-and-index"])
def test_the_keyring_of_an_old_backup_beside_todays_data_brings_nobody_back(bank: Lender, part: str) -> None:
    """Only a part of a backup put back: the erased do not open and are not found, and whoever came since is missed."""
    backup = bank.home.parent / "backup"
    back_up(bank.workspace, bank.tokens["operator"], backup)
    erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
    bank.take([5])
    close(bank.workspace)
    shutil.rmtree(bank.home / "keyring")
    shutil.copytree(backup / "keyring", bank.home / "keyring")
    if part == "keyring-and-index":
        shutil.rmtree(bank.home / "index")
        shutil.copytree(backup / "data" / "index", bank.home / "index")
    again = bank.reopened()
    assert again.is_gone(bank.people[3])
    if part == "keyring":
        assert again.find(3) == []
    for ask in (lambda: again.masked(bank.people[5]), *([lambda: again.find(3)] if part != "keyring" else [])):
        with pytest.raises(RolledBack):
            ask()
    assert not verify_ledger(again.workspace).intact
    close(again.workspace)


def test_after_an_advance_no_part_of_an_old_backup_opens(bank: Lender) -> None:
    """Once the epoch moved on, the keyring of yesterday's backup stops the workspace instead of opening anything."""
    backup = bank.home.parent / "backup"
    back_up(bank.workspace, bank.tokens["operator"], backup)
    advance(bank.workspace, bank.tokens["operator"])
    close(bank.workspace)
    shutil.rmtree(bank.home / "keyring")
    shutil.copytree(backup / "keyring", bank.home / "keyring")
    with pytest.raises(RootKeyUnavailable):
        bank.reopened()


# ---------------------------------------------------------------------------------------- the journal of destructions
@pytest.mark.parametrize("harm", ["cut", "emptied", "edited", "swapped", "another-generation", "one-more"])
def test_a_journal_that_was_cut_or_edited_revives_nobody(bank: Lender, harm: str) -> None:
    """Beside a keyring from before the erasures, a journal that was tampered with stops the opening."""
    close(bank.workspace)
    shutil.copytree(bank.home / "keyring", bank.home.parent / "before")
    bank = bank.reopened()
    for number in (3, 4):
        erase(bank.workspace, bank.tokens["dpo"], bank.people[number])
    close(bank.workspace)
    today = bank.home.parent / "today"
    shutil.copytree(bank.home / "keyring", today)
    journal = bank.home / "apart" / "destructions"
    good = journal.read_bytes()
    first, second = good.splitlines(keepends=True)
    words = first.split(b" ")
    bad = {
        "cut": first,
        "emptied": b"",
        "edited": good.replace(bank.people[3].hex().encode(), bank.people[2].hex().encode()),
        "swapped": second + first,
        "another-generation": b" ".join([words[0], b"7", *words[2:]]) + second,
        "one-more": good + first,
    }[harm]
    assert bad != good
    journal.write_bytes(bad)
    shorter = harm in {"cut", "emptied"}
    if shorter:  # today's keyring knows how many were carried out
        with pytest.raises(RolledBack):
            bank.reopened()
    shutil.rmtree(bank.home / "keyring")
    shutil.copytree(bank.home.parent / "before", bank.home / "keyring")
    if not shorter:
        with pytest.raises(Tampered):
            bank.reopened()
    else:
        # Two stores of three put back to one moment: the rows are still gone, and the audit names the chains.
        mixed = bank.reopened()
        for number in (3, 4):
            assert mixed.is_gone(bank.people[number])
            assert mixed.find(number) == []
        assert not verify_ledger(mixed.workspace).intact
        close(mixed.workspace)
    journal.write_bytes(good)
    right = bank.reopened()
    assert right.is_gone(bank.people[3])
    assert recorded.flaws(right.reopened().workspace) == []
    close(right.workspace)


# ----------------------------------------------------------------------------------------------------------- the clock
def test_a_grant_used_after_its_end_by_setting_the_clock_back_is_refused(bank: Lender) -> None:
    """Whatever the ledger has seen after the grant's end counts, a refusal or another's sign-in as well, for all."""
    wish = bank.wish(bank.people[1], form="raw")
    request = request_access(bank.workspace, bank.tokens["analyst"], wish)
    approve(bank.workspace, bank.tokens["approver"], request)
    approve(bank.workspace, bank.tokens["dpo"], request)
    assert disclose(bank.workspace, bank.tokens["analyst"], wish).values
    clock = bank.workspace.clock
    assert isinstance(clock, Hands)
    clock.on(minutes=60)
    with pytest.raises((ApprovalMissing, Refused)):
        disclose(bank.workspace, bank.tokens["analyst"], wish)
    clock.on(minutes=-59)
    for one in (bank, bank.reopened(Hands())):
        with pytest.raises((ApprovalMissing, Refused)):
            disclose(one.workspace, one.tokens["analyst"], wish)
        assert one.masked(one.people[1])


# ------------------------------------------------------------------------------------------------------------ a typo
@pytest.mark.parametrize("purposes", [{"loan.fiel"}, {"loan.file", "interview.vidoe"}, {""}, set(), {"LOAN.FILE"}])
def test_a_mistyped_purpose_never_passes_for_an_erasure(bank: Lender, purposes: set[str]) -> None:
    """A part that nobody adopted is invalid: nothing is planned, nothing goes, nothing is recorded."""
    size = recorded.size(bank.workspace)
    for act in (erase, preview):
        with pytest.raises(Invalid) as refusal:
            act(bank.workspace, bank.tokens["dpo"], bank.people[3], purposes)
        assert refusal.value.place == "purposes"
    assert recorded.size(bank.workspace) == size
    assert bank.raw(bank.people[3])[JOB] == values_of(3)[JOB].text()
    _, done = erase(bank.workspace, bank.tokens["dpo"], bank.people[3], {"loan.file"})
    assert {part.purpose for part in done.having(Outcome.ERASED)} == {"loan.file"}


# --------------------------------------------------------------------------------------------------- two on one source
@pytest.mark.parametrize("moment", ["draw_keys", "write_drafts"])
def test_two_processes_on_one_source_end_with_everybody_once(
    bank: Lender, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Whoever is overtaken at any point is fenced and goes on from there: nobody twice, no key left, audit clean."""
    other = bank.reopened()
    people = [record(line, number) for line, number in enumerate((5, 1, 6, 7), 1)]
    step = getattr(collecting, moment)
    overtaken: list[bool] = []

    def rival(*arguments: Any) -> Any:
        result = step(*arguments)
        if not overtaken and moment == "draw_keys":
            overtaken.append(True)
            collect(other.workspace, bank.tokens["collector"], PLAN, people[:2], place=PLACE)
        return result

    def before(*arguments: Any) -> Any:
        overtaken.append(True)
        return step(*arguments)

    monkeypatch.setattr(collecting, moment, rival if moment == "draw_keys" else before)
    if moment == "draw_keys":
        with pytest.raises(Fenced):
            collect(bank.workspace, bank.tokens["collector"], PLAN, people, place=PLACE)
    else:
        collect(other.workspace, bank.tokens["collector"], PLAN, people[:1], place=PLACE)
    done = collect(bank.workspace, bank.tokens["collector"], PLAN, people, place=PLACE)
    assert overtaken
    assert done.taken == (2 if moment == "draw_keys" else 3)
    for number in (5, 6, 7):
        assert len(bank.find(number)) == 1
    assert bank.find(1) == [bank.people[1]]
    assert recorded.flaws(bank.reopened().workspace) == []
    assert bank.reopened().workspace.custody.keyring.pending() == []


# ---------------------------------------------------------------------------------------------------- after a restore
def test_a_mistyped_passphrase_since_the_backup_closes_no_account(bank: Lender) -> None:
    """A restore that lost a failed sign-in leaves the account open; one that lost its closing leaves it closed."""
    from shouxin.errors import NotSignedIn
    from shouxin.operations.staff.accounts import close_account, sign_in
    from tests.workspaces import PASSPHRASE

    backup = bank.home.parent / "backup"
    back_up(bank.workspace, bank.tokens["operator"], backup)
    for name in ("operator", "analyst", "auditor"):
        with pytest.raises(NotSignedIn):
            sign_in(bank.workspace, name, "another passphrase")
    sign_in(bank.workspace, "analyst", PASSPHRASE)
    close_account(bank.workspace, bank.tokens["operator"], "auditor")
    publish(bank.workspace, bank.tokens["operator"])
    close(bank.workspace)
    workspace, _ = restore_workspace(bank.home, backup, clock=bank.workspace.clock)
    reconcile(workspace, bank.tokens["operator"])
    again = Lender(workspace, bank.tokens, bank.home, bank.people)
    for name in ("operator", "analyst"):
        sign_in(workspace, name, PASSPHRASE)
    with pytest.raises(NotSignedIn):
        sign_in(workspace, "auditor", PASSPHRASE)
    assert again.masked(bank.people[1])
    assert recorded.flaws(again.reopened().workspace) == []


def test_nothing_here_is_refused_by_accident(bank: Lender) -> None:
    """Untouched, everybody opens and is found: the attacks above start from there."""
    for number in (1, 2, 3, 4):
        assert bank.find(number) == [bank.people[number]]
        assert bank.raw(bank.people[number])[JOB] == values_of(number)[JOB].text()
    assert recorded.flaws(bank.reopened().workspace) == []
    assert issubclass(NotFound, ShouxinError)
    assert not issubclass(IntegrityError, OperatorError)
