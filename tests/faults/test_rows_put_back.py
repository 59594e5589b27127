"""Whoever can write SQL, and kept a copy, puts everything back as it was but the log: what had ended stays ended."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from shouxin.bootstrap import restore_workspace
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.identifiers import RequestId
from shouxin.errors import NotSignedIn, ReadOnly, Refused, RolledBack, StoreUnavailable, Tampered
from shouxin.keys.chain import Chain
from shouxin.ledger.log import FlawKind
from shouxin.operations.auditing.publish import publish
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.consenting.choose import answer_notice, serve_notice
from shouxin.operations.deletion.decide import cancel_order
from shouxin.operations.deletion.withdraw import withdraw_consent
from shouxin.operations.erasing.erase import erase, preview
from shouxin.operations.objects.keep import keep_object
from shouxin.operations.opening.approve import approve, request_access, withdraw_request
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.recovery.backup import back_up, reconcile
from shouxin.operations.rights.access_package import make_package
from shouxin.operations.rights.handle import withdraw_right
from shouxin.operations.staff.accounts import close_account, sign_in, sign_out
from shouxin.operations.subjects import freeze, resolve_subject
from shouxin.rights.kinds import RightKind
from shouxin.storage.revocation_file import RevocationFile
from shouxin.vault.records import Records, Subject, SubjectState
from tests import recorded
from tests.operations.deletion.house import house
from tests.operations.portfolio import VIDEO, Hands, Lender, card, lender
from tests.operations.rights.counter import counter, files, handled
from tests.workspaces import PASSPHRASE, adopt, close

# The record itself, which whoever puts rows back leaves alone: without an entry of its own nothing is at odds with it.
_RECORD: Final = {"entries", "tiles", "log"}


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """Two customers, one with a video, and a grant for raw data of the first."""
    made = lender(tmp_path, Hands())
    made.take([1, 2])
    made.film(made.people[1])
    wish = made.wish(made.people[1], form="raw")
    request = request_access(made.workspace, made.tokens["analyst"], wish)
    approve(made.workspace, made.tokens["approver"], request)
    approve(made.workspace, made.tokens["dpo"], request)
    return made


def kept(bank: Lender) -> Path:
    """Keep a copy of the data store, as somebody might who means to put it back."""
    copy = bank.home.parent / "kept.db"
    bank.workspace.data.copy_to(copy)
    return copy


def put_back(bank: Lender, copy: Path, *, whole: bool = False) -> Lender:
    """Put every row back as it was, but the log's unless ``whole``; return the workspace opened again."""
    close(bank.workspace)
    with sqlite3.connect(bank.home / "data" / "data.db") as rows:
        rows.execute("ATTACH ? AS old", (str(copy),))
        for (table,) in rows.execute("SELECT name FROM old.sqlite_master WHERE type = 'table'").fetchall():
            if whole or table not in _RECORD:
                rows.execute(f"DELETE FROM main.{table}")
                rows.execute(f"INSERT INTO main.{table} SELECT * FROM old.{table}")
    rows.close()
    return bank.reopened()


def _withdraw(bank: Lender) -> None:
    withdraw_consent(bank.workspace, bank.tokens["rights_desk"], bank.people[1], "interview.video")


def _film(bank: Lender) -> object:
    who = bank.people[1]
    return keep_object(bank.workspace, bank.tokens["collector"], who, "interview.video", VIDEO, [b"again"])


def _freeze(bank: Lender) -> None:
    freeze(bank.workspace, bank.tokens["dpo"], bank.people[1])


def _erase(bank: Lender) -> None:
    erase(bank.workspace, bank.tokens["dpo"], bank.people[1])


def _look(bank: Lender) -> object:
    return bank.masked(bank.people[1])


def _withdraw_request(bank: Lender) -> None:
    with sqlite3.connect(bank.home / "data" / "data.db") as rows:
        ((request,),) = rows.execute("SELECT identifier FROM requests").fetchall()
    rows.close()
    withdraw_request(bank.workspace, bank.tokens["analyst"], RequestId(request))


def _look_raw(bank: Lender) -> object:
    return disclose(bank.workspace, bank.tokens["analyst"], bank.wish(bank.people[1], form="raw"))


def _sign_out(bank: Lender) -> None:
    sign_out(bank.workspace, bank.tokens["analyst"])


def _close(bank: Lender) -> None:
    close_account(bank.workspace, bank.tokens["operator"], "analyst")


def _sign_in(bank: Lender) -> object:
    return sign_in(bank.workspace, "analyst", PASSPHRASE)


def _narrow(bank: Lender) -> None:
    narrower = card("customer.file", 2).replace('masked = ["analyst", "credit_officer"]', 'masked = ["credit_officer"]')
    adopt(bank.workspace, bank.tokens["dpo"], narrower)


@pytest.mark.parametrize(
    ("change", "use"),
    [
        (_withdraw, _film),
        (_freeze, _look),
        (_erase, _look),
        (_withdraw_request, _look_raw),
        (_sign_out, _look),
        (_close, _look),
        (_close, _sign_in),
        (_narrow, _look),
    ],
)
def test_what_had_ended_is_refused_on_use_and_found(
    bank: Lender, change: Callable[[Lender], None], use: Callable[[Lender], object]
) -> None:
    """Before the change the use is fine; with all rows put back as they stood then it is an integrity failure."""
    if use is not _sign_in:
        use(bank)
    copy = kept(bank)
    change(bank)
    again = put_back(bank, copy)
    with pytest.raises(RolledBack, match="put back"):
        use(again)
    assert recorded.flaws(again.workspace)


@pytest.mark.parametrize("change", [_freeze, _close, _sign_out, _narrow, _withdraw_request])
def test_a_data_store_put_back_whole_is_not_written_to(bank: Lender, change: Callable[[Lender], None]) -> None:
    """Log and all, to after the last signed checkpoint: the list of what ended says that the log was longer."""
    _look_raw(bank)  # signs
    copy = kept(bank)
    change(bank)
    again = put_back(bank, copy, whole=True)
    for use in (_look, _look_raw):
        with pytest.raises(ReadOnly, match="rolled back"):
            use(again)
    assert [flaw.kind for flaw in verify_ledger(again.workspace).flaws] == [FlawKind.ROLLBACK]


def test_a_withdrawn_request_for_a_copy_put_back_hands_out_nothing(tmp_path: Path) -> None:
    """What a person asked and took back is no right to their data any more."""
    bank = counter(tmp_path)
    bank.take([1])
    desk = bank.tokens["rights_desk"]
    right = handled(bank, files(bank, RightKind.COPY, bank.people[1]))
    copy = kept(bank)
    withdraw_right(bank.workspace, desk, right)
    with pytest.raises(RolledBack):
        make_package(put_back(bank, copy).workspace, desk, right)


def test_a_cancelled_order_put_back_erases_nobody(tmp_path: Path) -> None:
    """An order that had cooled off and was cancelled then is not carried out."""
    lender_of = house(tmp_path)
    lender_of.bank.take([1, 2], customer=False)
    who = lender_of.bank.people[1]
    order = lender_of.cooled(lender_of.wanted(who))
    copy = kept(lender_of.bank)
    cancel_order(lender_of.bank.workspace, lender_of.desk, order)
    lender_of.bank = put_back(lender_of.bank, copy)
    with pytest.raises(RolledBack):
        lender_of.executed(order)
    assert not lender_of.bank.is_gone(who)


def test_a_relationship_put_back_to_before_it_began_loses_nothing_that_is_kept(tmp_path: Path) -> None:
    """Somebody who became a customer is not erased as the applicant that they were."""
    bank = lender(tmp_path, Hands())
    bank.take([3], customer=False)
    copy = kept(bank)
    bank.take([3])
    for act in (preview, erase):
        with pytest.raises(RolledBack):
            act(put_back(bank, copy).workspace, bank.tokens["dpo"], bank.people[3])


def test_a_process_that_knew_the_old_card_does_not_take_it_for_the_new(bank: Lender) -> None:
    """A long-running process compiled the card before it was replaced elsewhere: put back, it is refused there too."""
    _look(bank)
    elsewhere = bank.reopened()
    copy = kept(bank)
    _narrow(elsewhere)
    close(elsewhere.workspace)
    old = bank.workspace.engine
    put_back(elsewhere, copy)
    assert bank.workspace.engine is old
    with pytest.raises(RolledBack):
        _look(bank)


def test_who_dies_between_the_commit_and_its_note_leaves_nothing_to_put_back(
    bank: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The note that a commit came is lost with its process: the next commit finds by the log that it came."""
    _look(bank)
    copy = kept(bank)
    with monkeypatch.context() as dead:
        dead.setattr(RevocationFile, "confirm", lambda _, size: size)
        _freeze(bank)
    with pytest.raises(RolledBack):
        _look(put_back(bank, copy))


def test_who_dies_before_the_commit_ends_nothing(bank: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was intended and never came is no end: the row stands as before, and can be replaced later."""
    intend = RevocationFile.intend

    def and_die(self: RevocationFile, size: int, macs: list[bytes], anew: list[bytes]) -> None:
        intend(self, size, macs, anew)
        raise StoreUnavailable("the disk is full")

    with monkeypatch.context() as dying:
        dying.setattr(RevocationFile, "intend", and_die)
        with pytest.raises(StoreUnavailable):
            _freeze(bank)
    _look(bank)
    again = bank.reopened()
    _look(again)
    copy = kept(again)
    _freeze(again)
    with pytest.raises(RolledBack):
        _look(put_back(again, copy))


@pytest.mark.parametrize("damage", ["gone", "shorter", "flipped"])
def test_without_the_list_nothing_is_believed(bank: Lender, damage: str) -> None:
    """A list that is missing, or not what was written, stops everything: nobody may go on."""
    _freeze(bank)
    path = bank.home / "apart" / "revocations"
    content = path.read_bytes()
    if damage == "shorter":
        path.write_bytes(content[: -len(content) // 3])
        with pytest.raises(Tampered, match="revocations"):
            bank.masked(bank.people[2])  # this process has read all of it
        return
    close(bank.workspace)
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(content[:70] + bytes([content[70] ^ 1]) + content[71:])
    again = bank.reopened()
    with pytest.raises(Tampered, match="revocations"):
        again.masked(again.people[2])


def test_a_restored_backup_is_reconciled_and_not_refused(bank: Lender, tmp_path: Path) -> None:
    """After the data store is lost the old rows are what there is: a restore ends them, and the rest goes on."""
    back_up(bank.workspace, bank.tokens["operator"], tmp_path / "backup")
    _freeze(bank)
    _close(bank)
    publish(bank.workspace, bank.tokens["operator"])
    close(bank.workspace)
    workspace, _ = restore_workspace(bank.home, tmp_path / "backup", clock=bank.workspace.clock)
    again = Lender(workspace, bank.tokens, bank.home, bank.people)
    assert reconcile(workspace, bank.tokens["operator"]).ended
    assert recorded.flaws(workspace) == []
    with pytest.raises(NotSignedIn):
        _look(again)
    with pytest.raises(Refused):
        disclose(workspace, bank.tokens["credit_officer"], bank.wish(bank.people[1]))
    assert disclose(workspace, bank.tokens["credit_officer"], bank.wish(bank.people[2]))


def test_who_reads_while_a_right_ends_sees_it_as_it_stood(bank: Lender) -> None:
    """A snapshot that was begun before a freeze, and is read on after it, is no forgery."""
    elsewhere = bank.reopened()

    def read(records: Records) -> SubjectState:
        _freeze(elsewhere)
        bank.workspace.data.read(lambda now: now.ledger.size)  # this process has heard of it
        row = records.authority.get(AuthorityKind.SUBJECT, bank.people[1])
        assert row is not None
        return bank.workspace.notary.read(row, Subject).state

    assert bank.workspace.data.read(read) is SubjectState.ACTIVE
    assert bank.workspace.data.read(lambda now: resolve_subject(bank.workspace, now, bank.people[1]))[1].state is (
        SubjectState.FROZEN
    )


def test_a_person_from_before_a_part_was_erased_is_not_read_again(bank: Lender) -> None:
    """Two changes later the first version is as gone as the second."""
    copy = kept(bank)
    _withdraw(bank)
    _freeze(bank)
    with pytest.raises(RolledBack):
        _look(put_back(bank, copy))


def test_a_mark_in_the_data_folder_is_no_restore(bank: Lender) -> None:
    """Whoever writes there can make a file; only what is kept apart says that a backup was put back."""
    copy = kept(bank)
    _freeze(bank)
    again = put_back(bank, copy)
    (bank.home / "data" / "restoring").write_bytes(b"")
    with pytest.raises(RolledBack):
        _look(again)
    with pytest.raises(RolledBack):
        again.workspace.data.during_restore(lambda records: resolve_subject(again.workspace, records, bank.people[1]))


def test_what_ended_and_was_never_signed_is_ended_by_a_restore(bank: Lender, tmp_path: Path) -> None:
    """The log's last entries are lost with the disk; the list that was kept apart knows what they ended."""
    back_up(bank.workspace, bank.tokens["operator"], tmp_path / "backup")
    _freeze(bank)
    _narrow(bank)
    close(bank.workspace)
    workspace, _ = restore_workspace(bank.home, tmp_path / "backup", clock=bank.workspace.clock)
    assert reconcile(workspace, bank.tokens["operator"]).ended >= 2
    assert recorded.flaws(workspace) == []
    again = Lender(workspace, bank.tokens, bank.home, bank.people)
    for person in (1, 2):  # the one is frozen, and for the other there is no card until it is adopted again
        with pytest.raises(Refused):
            again.masked(bank.people[person])


def test_a_torn_note_is_no_promise(bank: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that takes half of a line fills nobody in: the change is refused, and nothing has ended."""
    written = os.pwrite

    with monkeypatch.context() as full:
        full.setattr(os, "pwrite", lambda handle, data, at: written(handle, bytes(data)[: len(data) // 2], at))
        with pytest.raises(StoreUnavailable):
            _sign_out(bank)
    _look(bank)
    copy = kept(bank)
    _sign_out(bank)
    with pytest.raises(RolledBack):
        _look(put_back(bank, copy))


def test_an_old_data_store_that_is_only_opened_costs_nobody_a_key(bank: Lender, tmp_path: Path) -> None:
    """Beside today's keyring its rows say nothing of today's keys: what a dead process left is looked at later."""
    old = tmp_path / "old"
    shutil.copytree(bank.home / "data", old)
    bank.take([3])
    _look_raw(bank)  # signs
    bank.workspace.custody.keyring.replace(*_as_they_are(bank, 3), fence=bank.workspace.custody.current, pending=True)
    close(bank.workspace)
    today = bank.home / "data"
    today.rename(tmp_path / "today")
    shutil.copytree(old, today)
    close(bank.reopened().workspace)
    shutil.rmtree(today)
    (tmp_path / "today").rename(today)
    again = bank.reopened()
    assert again.masked(again.people[3])
    assert recorded.flaws(again.workspace) == []


def _as_they_are(bank: Lender, number: int) -> tuple[list[Chain], list[Chain]]:
    """Return somebody's chain twice: replaced by itself it stays, and only the note of pending work is new."""
    chain = bank.workspace.custody.keyring.get([bank.people[number]])[bank.people[number]]
    return [chain], [chain]


def test_a_no_that_was_said_is_not_unsaid(bank: Lender) -> None:
    """The row from before an answer, put back, is refused: an earlier yes carries nothing any more."""
    who, desk = bank.people[1], bank.tokens["rights_desk"]
    adopt(bank.workspace, bank.tokens["dpo"], card("interview.video", 2))
    asked = serve_notice(bank.workspace, desk, who, "interview.video", "zh")
    copy = kept(bank)
    answer_notice(bank.workspace, desk, asked.consent, agreed=False)
    with pytest.raises(RolledBack):
        _film(put_back(bank, copy))
