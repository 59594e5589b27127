from __future__ import annotations

import contextlib
import secrets
import shutil
import sqlite3
from pathlib import Path

import pytest

from shouxin.bootstrap import open_workspace, restore_workspace
from shouxin.domain.identifiers import SubjectId
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import CallerError, NotSignedIn, OperatorError, Refused, RolledBack, ShouxinError, Tampered
from shouxin.keys.chain import LinkKind
from shouxin.operations.advance import advance
from shouxin.operations.auditing.publish import publish
from shouxin.operations.consenting.choose import Choice, give_consent
from shouxin.operations.correct import correct
from shouxin.operations.deletion.withdraw import withdraw_consent
from shouxin.operations.erasing.erase import erase
from shouxin.operations.opening.approve import approve, request_access, withdraw_request
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.opening.disclose_object import disclose_object
from shouxin.operations.pause import resume_deletions
from shouxin.operations.recovery.backup import back_up, reconcile
from shouxin.operations.staff.accounts import close_account, sign_out
from shouxin.operations.subjects import freeze, release
from tests import recorded
from tests.operations.portfolio import CARD_NUMBER, ID_NUMBER, JOB, MOBILE, NAME, VIDEO, Lender, lender, values_of
from tests.workspaces import close, signed_in

RIGHT = Plaintext.of("13512345678")


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """Two customers and two declined applicants."""
    made = lender(tmp_path)
    made.take([1, 2])
    made.take([3, 4], customer=False)
    return made


def backed_up(bank: Lender) -> Path:
    """Back up into a folder of its own."""
    target = bank.home.parent / f"backup-{secrets.token_hex(4)}"
    back_up(bank.workspace, bank.tokens["operator"], target)
    return target


def put_back(bank: Lender, backup: Path) -> Lender:
    """Publish, as an operator does every day; then lose the disk and restore ``backup``, not reconciled yet."""
    publish(bank.workspace, bank.tokens["operator"])
    close(bank.workspace)
    workspace, _ = restore_workspace(bank.home, backup, clock=bank.workspace.clock)
    return Lender(workspace, bank.tokens, bank.home, bank.people)


def restored(bank: Lender, backup: Path) -> Lender:
    """Restore ``backup`` and finish the restore."""
    again = put_back(bank, backup)
    reconcile(again.workspace, bank.tokens["operator"])
    return again


def by_law(bank: Lender, who: SubjectId) -> dict[ItemCode, str]:
    """Return what the rights desk sees of somebody."""
    wish = bank.wish(who, purpose="rights.answer", items={NAME, ID_NUMBER, MOBILE, CARD_NUMBER, JOB})
    return disclose(bank.workspace, bank.tokens["rights_desk"], wish).values.get(who, {})


def bank_says(number: int) -> dict[ItemCode, str]:
    """Return what an analyst with a grant reads of an applicant."""
    return {item: values_of(number)[item].text() for item in (CARD_NUMBER, JOB)}


def keys_without_rows(bank: Lender, number: int) -> set[bytes]:
    """Return the keys in an applicant's chain of which no cell and no object stands."""
    who, workspace = bank.people[number], bank.workspace
    links = workspace.custody.open(workspace.custody.keyring.get([who])[who]).links
    rows = {row.cell for row in workspace.data.read(lambda records: records.cells.cells_of([who]))}
    films = {row.object_id for row in workspace.data.read(lambda records: records.cells.objects_of([who]))}
    return {link.identifier for link in links if link.kind is not LinkKind.PEPPER} - rows - films


def test_a_restore_gives_back_what_was_kept(bank: Lender) -> None:
    """Everybody who was there at the backup opens to the same values, objects included; the record is intact."""
    film = bank.film(bank.people[1], b"frames" * 100)
    before = bank.masked(*bank.people.values())
    again = restored(bank, backed_up(bank))
    assert again.masked(*bank.people.values()) == before
    assert recorded.flaws(again.workspace) == []
    wish = bank.wish(bank.people[1], purpose="interview.video", items={VIDEO}, form="raw")
    _, parts = disclose_object(again.workspace, bank.tokens["credit_officer"], wish, film)
    assert b"".join(part.reveal() for part in parts) == b"frames" * 100


def test_a_restore_brings_nobody_back(bank: Lender) -> None:
    """Who was erased after the backup stays erased: no key, no tag, no row, and the record is intact."""
    backup = backed_up(bank)
    erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
    again = restored(bank, backup)
    assert again.is_gone(bank.people[3])
    assert again.find(3) == []
    assert again.workspace.data.read(lambda records: records.cells.cells_of([bank.people[3]])) == []
    assert set(again.masked(bank.people[1], bank.people[4])) == {bank.people[1], bank.people[4]}
    assert recorded.flaws(again.workspace) == []


def test_what_came_in_after_a_correction_survives_a_restore(bank: Lender) -> None:
    """An old entry of the journal takes nothing that was collected later and stood in the backup."""
    correct(bank.workspace, bank.tokens["dpo"], bank.people[1], {JOB: Plaintext.of("teacher")})
    film = bank.film(bank.people[1], b"frames")
    again = restored(bank, backed_up(bank))
    rows = again.workspace.data.read(lambda records: records.cells.objects_of([bank.people[1]]))
    assert [row.object_id for row in rows] == [film]
    assert again.workspace.objects.exists(film)
    assert again.masked(bank.people[1])


def test_what_came_in_after_a_partial_erasure_survives_a_restore(bank: Lender) -> None:
    """A person erased in part who was collected anew before the backup keeps what is new."""
    erase(bank.workspace, bank.tokens["dpo"], bank.people[3], {"loan.file"})
    bank.take([3], customer=False)
    before = bank.raw(bank.people[3])
    again = restored(bank, backed_up(bank))
    assert again.raw(bank.people[3]) == before != {}


def test_nothing_can_be_used_before_the_restore_is_finished(bank: Lender) -> None:
    """Between putting a backup back and reconciling it, a consent withdrawn since carries no disclosure."""
    who = bank.people[1]
    film = bank.film(who)
    backup = backed_up(bank)
    withdraw_consent(bank.workspace, bank.tokens["rights_desk"], who, "interview.video")
    again = put_back(bank, backup)
    wish = bank.wish(who, purpose="interview.video", items={VIDEO}, form="raw")
    with pytest.raises(ShouxinError):
        disclose_object(again.workspace, bank.tokens["credit_officer"], wish, film)


def test_a_withdrawal_since_the_backup_still_counts(bank: Lender) -> None:
    """A restore ends again the consents, grants, sign-ins and accounts that had ended; the record is intact."""
    who, workspace, tokens = bank.people[1], bank.workspace, bank.tokens
    bank.film(who)
    wish = bank.wish(who, form="raw")
    request = request_access(workspace, tokens["analyst"], wish)
    approve(workspace, tokens["approver"], request)
    approve(workspace, tokens["dpo"], request)
    disclose(workspace, tokens["analyst"], wish)
    gone = signed_in(workspace, "auditor")
    backup = backed_up(bank)
    withdraw_consent(workspace, tokens["rights_desk"], who, "interview.video")
    withdraw_request(workspace, tokens["analyst"], request)
    sign_out(workspace, gone)
    close_account(workspace, tokens["operator"], "model")
    again = restored(bank, backup)
    with pytest.raises(Refused):
        disclose(again.workspace, tokens["analyst"], wish)
    with pytest.raises(Refused):
        disclose(
            again.workspace,
            tokens["credit_officer"],
            bank.wish(who, purpose="interview.video", items={VIDEO}, form="raw"),
        )
    for token in (gone, tokens["model"]):
        with pytest.raises(NotSignedIn):
            disclose(again.workspace, token, bank.wish(who))
    assert recorded.flaws(again.workspace) == []


def test_a_freeze_since_the_backup_still_holds(bank: Lender) -> None:
    """Who was frozen after the backup is frozen after the restore, and the record is intact."""
    backup = backed_up(bank)
    freeze(bank.workspace, bank.tokens["dpo"], bank.people[1])
    again = restored(bank, backup)
    with pytest.raises(Refused):
        again.masked(bank.people[1])
    assert recorded.flaws(again.workspace) == []


def test_a_request_denied_since_the_backup_is_not_open_again(bank: Lender) -> None:
    """A request that had ended cannot be agreed to after the restore, and the record is intact."""
    request = request_access(bank.workspace, bank.tokens["analyst"], bank.wish(bank.people[1], form="raw"))
    backup = backed_up(bank)
    withdraw_request(bank.workspace, bank.tokens["analyst"], request)
    again = restored(bank, backup)
    with pytest.raises(CallerError):
        approve(again.workspace, bank.tokens["approver"], request)
    assert recorded.flaws(again.workspace) == []


def test_a_card_replaced_since_the_backup_decides_nothing(bank: Lender) -> None:
    """A permission that a newer card took away is not revived by the restore, and the record is intact."""
    from tests.operations.portfolio import card
    from tests.workspaces import adopt

    backup = backed_up(bank)
    adopt(bank.workspace, bank.tokens["dpo"], card("customer.file", 2).replace('masked = ["analyst", ', "masked = ["))
    again = restored(bank, backup)
    with pytest.raises(ShouxinError):
        again.masked(bank.people[1])
    assert recorded.flaws(again.workspace) == []


def test_a_correction_since_the_backup_leaves_no_wrong_value(bank: Lender) -> None:
    """The value corrected after the backup neither opens nor finds anybody after the restore."""
    backup = backed_up(bank)
    correct(bank.workspace, bank.tokens["dpo"], bank.people[1], {MOBILE: RIGHT})
    before = by_law(bank, bank.people[1])
    again = put_back(bank, backup)
    done = reconcile(again.workspace, bank.tokens["operator"])
    assert dict(done.lost) == {bank.people[1]: (MOBILE,)}
    assert again.find(1, MOBILE) == again.look_up(MOBILE, RIGHT) == []
    assert again.find(1) == [bank.people[1]]  # by the number beside it, without being released first
    after = by_law(again, bank.people[1])
    assert set(after) == {NAME, ID_NUMBER, CARD_NUMBER, JOB}
    assert after == {item: value for item, value in before.items() if item != MOBILE}
    assert again.raw(bank.people[1]) == bank_says(1)
    assert keys_without_rows(again, 1) == set()
    assert recorded.flaws(again.workspace) == []
    reopened = again.reopened()
    assert by_law(reopened, bank.people[1]) == after
    assert reopened.workspace.custody.keyring.mark() == reopened.workspace.journal.count()


def test_two_corrections_since_the_backup_leave_neither_wrong_value(bank: Lender) -> None:
    """The second one's cell never stood in the backup: its old value lies in the first one's, and stays away."""
    who = bank.people[1]
    backup = backed_up(bank)
    correct(bank.workspace, bank.tokens["dpo"], who, {MOBILE: RIGHT})
    correct(bank.workspace, bank.tokens["dpo"], who, {NAME: Plaintext.of("right")})
    again = put_back(bank, backup)
    assert dict(reconcile(again.workspace, bank.tokens["operator"]).lost) == {who: (MOBILE, NAME)}
    assert set(by_law(again, who)) == {ID_NUMBER, CARD_NUMBER, JOB}
    assert recorded.flaws(again.workspace) == []


def test_a_correction_before_an_erasure_brings_nothing_back(bank: Lender) -> None:
    """What was corrected and then erased is erased: nothing of the old cell is carried over."""
    who = bank.people[3]
    backup = backed_up(bank)
    correct(bank.workspace, bank.tokens["dpo"], who, {MOBILE: RIGHT})
    erase(bank.workspace, bank.tokens["dpo"], who)
    again = put_back(bank, backup)
    assert reconcile(again.workspace, bank.tokens["operator"]).lost == {}
    assert again.is_gone(who)
    assert again.workspace.data.read(lambda records: records.cells.cells_of([who])) == []
    assert recorded.flaws(again.workspace) == []


def test_a_value_lost_in_a_restore_is_entered_again_where_it_stood(bank: Lender) -> None:
    """Correcting the item puts the right value into the cell that was carried over; a later restore loses no more."""
    who = bank.people[1]
    backup = backed_up(bank)
    correct(bank.workspace, bank.tokens["dpo"], who, {MOBILE: RIGHT})
    again = restored(bank, backup)
    resume_deletions(again.workspace, bank.tokens["dpo"])
    assert correct(again.workspace, bank.tokens["dpo"], who, {MOBILE: RIGHT}) == [MOBILE]
    assert again.look_up(MOBILE, RIGHT) == [who]
    assert set(by_law(again, who)) == {NAME, ID_NUMBER, MOBILE, CARD_NUMBER, JOB}
    later = backed_up(again)
    once_more = restored(again, later)
    assert once_more.look_up(MOBILE, RIGHT) == [who]
    twice = restored(once_more, backup)
    assert set(by_law(twice, who)) == {NAME, ID_NUMBER, CARD_NUMBER, JOB}
    assert recorded.flaws(twice.workspace) == []


def test_an_erasure_after_the_first_restore_holds_in_the_second(bank: Lender) -> None:
    """The same old backup, put back again after what was carried over was erased, brings nothing of it back."""
    who = bank.people[3]
    backup = backed_up(bank)
    correct(bank.workspace, bank.tokens["dpo"], who, {MOBILE: RIGHT})
    again = restored(bank, backup)
    assert again.find(3) == [who]
    resume_deletions(again.workspace, bank.tokens["dpo"])
    erase(again.workspace, bank.tokens["dpo"], who)
    twice = restored(again, backup)
    assert twice.is_gone(who)
    assert twice.workspace.data.read(lambda records: records.cells.cells_of([who])) == []


def test_a_correction_of_all_that_a_cell_held_erases_nobody(bank: Lender) -> None:
    """Where nothing stands beside the wrong value there is nothing to carry over, and the person stands as before."""
    who = bank.people[1]
    backup = backed_up(bank)
    correct(bank.workspace, bank.tokens["dpo"], who, {JOB: Plaintext.of("teacher")})
    again = put_back(bank, backup)
    assert dict(reconcile(again.workspace, bank.tokens["operator"]).lost) == {who: (JOB,)}
    assert set(by_law(again, who)) == {NAME, ID_NUMBER, MOBILE, CARD_NUMBER}
    assert again.find(1) == [who]
    assert recorded.flaws(again.workspace) == []


def test_until_the_restore_is_finished_the_wrong_value_opens_to_nobody(bank: Lender) -> None:
    """The key that waits for the rest to be carried over opens nothing: nothing can be recorded."""
    who = bank.people[1]
    backup = backed_up(bank)
    correct(bank.workspace, bank.tokens["dpo"], who, {MOBILE: RIGHT})
    again = put_back(bank, backup)
    with pytest.raises(OperatorError):
        by_law(again, who)
    with pytest.raises(OperatorError):
        again.find(1, MOBILE)


def test_an_old_cell_put_back_beside_an_old_keyring_is_not_carried_over(bank: Lender) -> None:
    """Only a restore carries over; whoever puts back the old row and the old keyring by hand opens nothing with it."""
    who, home = bank.people[1], bank.home
    close(bank.workspace)
    shutil.copytree(home / "keyring", home.parent / "old-keyring")
    with contextlib.closing(sqlite3.connect(home / "data" / "data.db")) as data:
        old = data.execute("SELECT * FROM cells WHERE subject = ?", (who,)).fetchall()
    bank = bank.reopened()
    correct(bank.workspace, bank.tokens["dpo"], who, {MOBILE: RIGHT})
    close(bank.workspace)
    shutil.rmtree(home / "keyring")
    shutil.copytree(home.parent / "old-keyring", home / "keyring")
    with contextlib.closing(sqlite3.connect(home / "data" / "data.db")) as data:
        marks = ", ".join("?" * len(old[0]))
        data.executemany(f"INSERT OR IGNORE INTO cells VALUES ({marks})", old)
        data.commit()
    again = bank.reopened()
    chain = again.workspace.custody.open(again.workspace.custody.keyring.get([who])[who])
    (entry,) = again.workspace.journal.entries()
    assert not any(chain.holds(cell) for cell in entry.destroyed)


def test_what_others_say_about_an_erased_person_and_must_stay_still_opens(tmp_path: Path) -> None:
    """An edge that a floor keeps survives the restore of a backup from before the erasure of the person named."""
    from shouxin.operations.erasing.erase import preview

    bank = lender(tmp_path, link_floors='floors = ["CN-AML-34-3-TRANSACTION"]\nstarts = "end_of_relationship"')
    bank.take([1], contact=True)
    (named,) = bank.find_contact(1)
    assert {part.kind for part in preview(bank.workspace, bank.tokens["dpo"], named)} == {"cell", "named-edge"}


def test_a_restore_can_be_repeated(bank: Lender) -> None:
    """Reconciling twice, and restoring the same backup twice, ends in the same state."""
    backup = backed_up(bank)
    erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
    again = restored(bank, backup)
    assert reconcile(again.workspace, bank.tokens["operator"]).cells == 0
    once_more = restored(again, backup)
    assert once_more.is_gone(bank.people[3])
    assert once_more.masked(bank.people[1])
    assert recorded.flaws(once_more.workspace) == []


def test_without_what_was_signed_since_nothing_is_replaced(bank: Lender) -> None:
    """When the published log does not reach the signed checkpoint, the error says so before a store is touched."""
    backup = backed_up(bank)
    bank.raw(bank.people[1])
    close(bank.workspace)
    before = {path: path.read_bytes() for path in bank.home.rglob("*") if path.is_file()}
    with pytest.raises(RolledBack):
        restore_workspace(bank.home, backup)
    assert {path: path.read_bytes() for path in bank.home.rglob("*") if path.is_file()} == before
    assert bank.reopened().raw(bank.people[1])


def test_one_backup_restored_twice_leaves_nothing_to_find(bank: Lender) -> None:
    """Rows that the second restore writes exactly as the first did are no old versions that were put back."""
    who = bank.people[1]
    bank.film(who)
    backup = backed_up(bank)
    withdraw_consent(bank.workspace, bank.tokens["rights_desk"], who, "interview.video")
    publish(bank.workspace, bank.tokens["operator"])
    once = restored(bank, backup)
    publish(once.workspace, bank.tokens["operator"])
    assert recorded.flaws(once.workspace) == []
    twice = restored(once, backup)
    assert recorded.flaws(twice.workspace) == []


def test_a_row_that_was_changed_between_two_restores_of_one_backup_is_no_finding(bank: Lender) -> None:
    """What the second restore writes exactly as the first did, and what came of it meanwhile, is on record in order."""
    who = bank.people[1]
    backup = backed_up(bank)
    freeze(bank.workspace, bank.tokens["dpo"], who)
    once = restored(bank, backup)
    release(once.workspace, bank.tokens["dpo"], who)
    assert once.masked(who)
    twice = restored(once, backup)
    with pytest.raises(Refused):
        twice.masked(who)
    assert recorded.flaws(twice.workspace) == []


def test_a_damaged_backup_replaces_nothing(bank: Lender) -> None:
    """A file of the backup that was changed, added or taken away is named, and the workspace stays as it is."""
    for number, harm in enumerate(("change", "add", "take")):
        backup = bank.home.parent / f"harmed-{number}"
        back_up(bank.workspace, bank.tokens["operator"], backup)
        if harm == "change":
            with (backup / "keyring" / "keyring.db").open("r+b") as file:
                file.seek(5000)
                byte = file.read(1)
                file.seek(5000)
                file.write(bytes([byte[0] ^ 1]))
        elif harm == "add":
            (backup / "data" / "more").write_bytes(b"")
        else:
            (backup / "data" / "data.db").unlink()
        with pytest.raises(Tampered):
            restore_workspace(bank.home, backup)
        assert bank.reopened().masked(bank.people[1])


def test_a_backup_goes_into_an_empty_folder(bank: Lender) -> None:
    """A folder with something in it is refused, and what is there stays."""
    target = bank.home.parent / "full"
    target.mkdir()
    (target / "file").write_text("mine")
    with pytest.raises(OperatorError):
        back_up(bank.workspace, bank.tokens["operator"], target)
    assert [path.name for path in target.iterdir()] == ["file"]


@pytest.mark.parametrize("role", ["analyst", "dpo", "auditor"])
def test_only_an_operator_backs_up_and_reconciles(bank: Lender, role: str) -> None:
    """Copies of everything are an operator's affair."""
    with pytest.raises(Refused):
        back_up(bank.workspace, bank.tokens[role], bank.home.parent / "copy")
    with pytest.raises(Refused):
        reconcile(bank.workspace, bank.tokens[role])
    assert not (bank.home.parent / "copy").exists()


def test_data_and_keys_are_apart_in_a_backup(bank: Lender) -> None:
    """Neither half of a backup holds the other's store, and neither holds a root key."""
    backup = backed_up(bank)
    inside = {str(path.relative_to(backup)) for path in backup.rglob("*") if path.is_file()}
    assert {"data/data.db", "keyring/keyring.db"} <= inside
    assert not [name for name in inside if name.endswith(".key") or "root" in name]
    assert not [name for name in inside if name.startswith("data/") and "keyring" in name]


def test_a_backup_from_before_an_advance_opens_nothing(bank: Lender) -> None:
    """Once the epoch advanced, an old backup's keyring opens nothing, whoever puts it back."""
    backup = backed_up(bank)
    advance(bank.workspace, bank.tokens["operator"])
    publish(bank.workspace, bank.tokens["operator"])
    close(bank.workspace)
    with pytest.raises(OperatorError):
        restore_workspace(bank.home, backup)
    keyring = bank.home / "keyring"
    shutil.rmtree(keyring)
    shutil.copytree(backup / "keyring", keyring)
    with pytest.raises(OperatorError):
        open_workspace(bank.home)


def test_consent_given_again_since_the_backup_is_not_taken_away_for_good(bank: Lender) -> None:
    """After a restore a person can consent anew, and is served on it."""
    who = bank.people[1]
    bank.film(who)
    backup = backed_up(bank)
    withdraw_consent(bank.workspace, bank.tokens["rights_desk"], who, "interview.video")
    again = restored(bank, backup)
    choice = Choice("interview.video", "zh", agreed=True, by_person=True)
    give_consent(again.workspace, bank.tokens["collector"], who, choice)
    release(again.workspace, bank.tokens["dpo"], who)  # what was withdrawn was erased; that version is lost: frozen
    film = again.film(who, b"again")
    wish = again.wish(who, purpose="interview.video", items={VIDEO}, form="raw")
    _, parts = disclose_object(again.workspace, again.tokens["credit_officer"], wish, film)
    assert b"".join(part.reveal() for part in parts) == b"again"


def test_a_damaged_published_tile_is_noticed_by_a_restore(bank: Lender) -> None:
    """A restore needs the published entries only, and says of the other files that nobody would believe them."""
    backup = backed_up(bank)
    publish(bank.workspace, bank.tokens["operator"])
    tile = max((path for path in (bank.home / "public" / "tile" / "0").rglob("*") if path.is_file()), key=str)
    tile.write_bytes(bytes(32) + tile.read_bytes()[32:])
    again = put_back(bank, backup)
    assert reconcile(again.workspace, bank.tokens["operator"]).published == (tile.relative_to(bank.home).as_posix(),)
