"""Objects that move between the hot store and the archive, and come back."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from shouxin.bootstrap import restore_workspace
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import ObjectId, SubjectId
from shouxin.errors import Misconfigured, NotFound, NotInThisState, Refused, StoreUnavailable, Tampered
from shouxin.operations.adopting.cards import adopt_card
from shouxin.operations.auditing.publish import publish
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.erasing.erase import erase, resume_erasures
from shouxin.operations.objects import archive as archiving
from shouxin.operations.objects.archive import count_tiers, run_archive
from shouxin.operations.objects.recall import recall_object
from shouxin.operations.opening.approve import approve
from shouxin.operations.opening.disclose_object import disclose_object
from shouxin.operations.recovery.backup import back_up, reconcile
from shouxin.operations.staff.accounts import sign_in
from shouxin.operations.tiers import hash_of, tier_of
from shouxin.storage.object_store import ObstoreObjects
from shouxin.vault.objects import ObjectStore as Objects
from shouxin.vault.tier import TierState
from tests import recorded
from tests.buckets import bucket
from tests.operations.archives import DAYS, PURPOSE, archived_card, wait, with_archive
from tests.operations.portfolio import MARK, VIDEO, Hands, Lender
from tests.workspaces import PASSPHRASE, close

FRAMES = MARK.encode() * 50


@pytest.fixture
def bank(tmp_path: Path, clock: Hands) -> Lender:
    """Two declined applicants with a video each, under a card that archives after ``DAYS`` days."""
    made = with_archive(tmp_path, clock)
    made.take([1, 2], customer=False)
    return made


def state(bank: Lender, one: ObjectId) -> TierState:
    """Return where an object stands by its row."""
    tier = bank.workspace.data.read(lambda records: tier_of(bank.workspace, records, one))
    return TierState.HOT if tier is None else tier.state


def stands(bank: Lender, one: ObjectId) -> tuple[bool, bool]:
    """Say whether the hot store and the archive have an object."""
    assert bank.workspace.archive is not None
    return bank.workspace.objects.exists(one), bank.workspace.archive.exists(one)


def seen(bank: Lender, who: SubjectId, one: ObjectId, role: str = "credit_officer") -> bytes:
    """Return an object through the door."""
    wish = bank.wish(who, purpose=PURPOSE, items={VIDEO}, form="raw")
    _, parts = disclose_object(bank.workspace, bank.tokens[role], wish, one)
    return b"".join(part.reveal() for part in parts)


def kinds(bank: Lender, since: int) -> list[tuple[EventKind, object]]:
    """Return the events from a leaf on, each with the state that it says."""
    return [(event.kind, event.facts.get("state")) for event in recorded.events(bank.workspace, since=since)]


def test_old_objects_go_young_ones_stay(bank: Lender, clock: Hands) -> None:
    """At the day that the card names, not before: bytes whole in the archive, none in the hot store, two events."""
    old = bank.film(bank.people[1], FRAMES)
    wait(bank, clock, days=1)
    young = bank.film(bank.people[2], FRAMES)
    wait(bank, clock, days=DAYS - 1, minutes=-1)
    assert run_archive(bank.workspace, bank.tokens["operator"]).archived == 0
    wait(bank, clock, minutes=2)
    assert count_tiers(bank.workspace, bank.tokens["auditor"]).due == 1
    digest = hash_of(bank.workspace.objects, old)
    size = recorded.size(bank.workspace)
    done = run_archive(bank.workspace, bank.tokens["operator"])
    assert (done.archived, done.recalled, done.failed, done.size) == (1, 0, [], len(FRAMES))
    assert stands(bank, old) == (False, True)
    assert stands(bank, young) == (True, False)
    assert bank.workspace.archive is not None
    assert hash_of(bank.workspace.archive, old) == digest
    assert kinds(bank, size) == [(EventKind.OBJECT_MOVING, "copying"), (EventKind.OBJECT_MOVED, "archived")]
    standing = count_tiers(bank.workspace, bank.tokens["auditor"])
    assert (standing.states["hot"], standing.states["archived"], standing.due) == (1, 1, 0)
    assert run_archive(bank.workspace, bank.tokens["operator"]).archived == 0
    assert verify_ledger(bank.reopened().workspace).flaws == []


def test_the_archive_sees_sealed_bytes_only(bank: Lender, clock: Hands) -> None:
    """No file of the archive holds what was filmed, or any identifier of the person."""
    bank.film(bank.people[1], FRAMES)
    wait(bank, clock, days=DAYS + 1)
    run_archive(bank.workspace, bank.tokens["operator"])
    (file,) = [path for path in (bank.home.parent / "archive").rglob("*") if path.is_file()]
    assert MARK.encode() not in file.read_bytes()
    assert bank.people[1] not in file.read_bytes()
    assert bank.people[1].hex() not in str(file)


def test_many_objects_go_in_batches(bank: Lender, clock: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left behind at the seam of two batches, and each batch is told."""
    monkeypatch.setattr(archiving, "_BATCH", 3)
    films = [bank.film(bank.people[1], FRAMES) for _ in range(8)]
    wait(bank, clock, days=DAYS + 1)
    told: list[int] = []
    assert run_archive(bank.workspace, bank.tokens["operator"], told.append).archived == 8
    assert [stands(bank, one) for one in films] == [(False, True)] * 8
    assert told == [3, 6, 8, 8] or told[:3] == [3, 6, 8]


def test_an_archived_object_is_recalled_before_it_is_shown(bank: Lender, clock: Hands) -> None:
    """The door says what to do and records nothing; recalled, it opens whole and goes again after its days."""
    who = bank.people[1]
    film = bank.film(who, FRAMES)
    wait(bank, clock, days=DAYS + 1)
    run_archive(bank.workspace, bank.tokens["operator"])
    size = recorded.size(bank.workspace)
    with pytest.raises(NotInThisState, match="recall"):
        seen(bank, who, film)
    assert recorded.size(bank.workspace) == size
    wish = bank.wish(who, purpose=PURPOSE, items={VIDEO}, form="raw")
    assert recall_object(bank.workspace, bank.tokens["credit_officer"], wish, film).state is TierState.HOT
    assert stands(bank, film) == (True, False)
    assert seen(bank, who, film) == FRAMES
    wait(bank, clock, days=DAYS - 1)
    assert run_archive(bank.workspace, bank.tokens["operator"]).archived == 0
    wait(bank, clock, days=1, minutes=1)
    assert run_archive(bank.workspace, bank.tokens["operator"]).archived == 1
    assert verify_ledger(bank.reopened().workspace).flaws == []


def test_a_recall_goes_through_the_chain_of_its_purpose(bank: Lender, clock: Hands) -> None:
    """Without approval nothing moves and one request is open however often it is asked; within the grant it comes."""
    who = bank.people[1]
    adopt_card(bank.workspace, bank.tokens["dpo"], archived_card(3, chain=True))
    film = bank.film(who, FRAMES)
    wait(bank, clock, days=DAYS + 1)
    run_archive(bank.workspace, bank.tokens["operator"])
    wish = bank.wish(who, purpose=PURPOSE, items={VIDEO}, form="raw")
    asked = recall_object(bank.workspace, bank.tokens["credit_officer"], wish, film)
    assert asked.request is not None
    assert recall_object(bank.workspace, bank.tokens["credit_officer"], wish, film) == asked
    assert stands(bank, film) == (False, True)
    with pytest.raises(Refused):
        recall_object(bank.workspace, bank.tokens["analyst"], wish, film)
    approve(bank.workspace, bank.tokens["approver"], asked.request)
    done = recall_object(bank.workspace, bank.tokens["credit_officer"], wish, film)
    assert (done.state, done.request) == (TierState.HOT, None)
    assert seen(bank, who, film) == FRAMES


def test_nobody_recalls_what_is_not_theirs_to_see(bank: Lender, clock: Hands) -> None:
    """Another role, another person's object, a masked form: refused, and nothing moves."""
    film = bank.film(bank.people[1], FRAMES)
    bank.film(bank.people[2], FRAMES)
    wait(bank, clock, days=DAYS + 1)
    run_archive(bank.workspace, bank.tokens["operator"])
    wish = bank.wish(bank.people[1], purpose=PURPOSE, items={VIDEO}, form="raw")
    with pytest.raises(Refused):
        recall_object(bank.workspace, bank.tokens["operator"], wish, film)
    other = bank.wish(bank.people[2], purpose=PURPOSE, items={VIDEO}, form="raw")
    with pytest.raises(NotFound):
        recall_object(bank.workspace, bank.tokens["credit_officer"], other, film)
    assert stands(bank, film) == (False, True)


def test_only_an_operator_runs_it_and_only_with_an_archive(bank: Lender) -> None:
    """Another role is refused; without an archive in the settings the command says what to set."""
    with pytest.raises(Refused):
        run_archive(bank.workspace, bank.tokens["analyst"])
    bank.workspace.archive = None
    with pytest.raises(Misconfigured, match="archive"):
        run_archive(bank.workspace, bank.tokens["operator"])


@pytest.mark.parametrize("moved", ["hot", "archived", "recalled", "copying"])
def test_an_erasure_reaches_both_stores(bank: Lender, clock: Hands, moved: str) -> None:
    """Wherever the object stands, also on its way, no store has it after the erasure, and its row says so."""
    who = bank.people[1]
    film, other = bank.film(who, FRAMES), bank.film(bank.people[2], FRAMES)
    wait(bank, clock, days=DAYS + 1)
    if moved != "hot":
        run_archive(bank.workspace, bank.tokens["operator"])
    if moved == "recalled":
        wish = bank.wish(who, purpose=PURPOSE, items={VIDEO}, form="raw")
        recall_object(bank.workspace, bank.tokens["credit_officer"], wish, film)
    if moved == "copying":
        late = bank.film(who, FRAMES)
        wait(bank, clock, days=DAYS + 1)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(archiving, "_carry", _unplugged)
            with pytest.raises(StoreUnavailable):
                run_archive(bank.workspace, bank.tokens["operator"])
        assert bank.workspace.archive is not None
        bank.workspace.archive.take(late, bank.workspace.objects)
        film = late
    erase(bank.workspace, bank.tokens["dpo"], who)
    assert stands(bank, film) == (False, False)
    assert any(stands(bank, other))
    assert state(bank, film) in ({TierState.HOT} if moved == "hot" else {TierState.ERASED})
    assert verify_ledger(bank.reopened().workspace).flaws == []


def _flipped(content: bytes) -> bytes:
    """The same bytes but for the last bit."""
    return content[:-1] + bytes([content[-1] ^ 1])


class LyingTake(ObstoreObjects):
    """An archive whose disk flips a bit after the bytes were digested: it says the right digest of other bytes."""

    def take(self, object_id: ObjectId, source: Objects) -> bytes:
        """Take the object; what lies here then is not what was said."""
        said = super().take(object_id, source)
        held = b"".join(self.get(object_id))
        self.remove([object_id])
        self.put(object_id, [_flipped(held)])
        return said


class LyingRemove(ObstoreObjects):
    """A hot store that says that it removed, and did not."""

    def remove(self, objects: Sequence[ObjectId]) -> None:
        """Do nothing."""


def test_the_hot_copy_stays_until_the_archived_one_was_read_back(bank: Lender, clock: Hands) -> None:
    """An archive that says the right digest and holds other bytes: named, the whole copy stays; mended, it goes."""
    film = bank.film(bank.people[1], FRAMES)
    wait(bank, clock, days=DAYS + 1)
    digest, honest = hash_of(bank.workspace.objects, film), bank.workspace.archive
    lying = bank.workspace.archive = LyingTake.archive("../archive", bank.home)
    assert honest is not None
    for _ in range(2):  # as it arrives, and again over what that left
        done = run_archive(bank.workspace, bank.tokens["operator"])
        assert (done.archived, done.failed) == (0, [film])
        assert stands(bank, film) == (True, True)
        assert hash_of(bank.workspace.objects, film) == digest != hash_of(lying, film)
        assert state(bank, film) is TierState.COPYING
    bank.workspace.archive = honest
    done = run_archive(bank.workspace, bank.tokens["operator"])
    assert (done.archived, done.failed) == (1, [])
    assert stands(bank, film) == (False, True)
    assert hash_of(honest, film) == digest


def test_a_hot_store_that_only_says_that_it_removed_is_named(bank: Lender, clock: Hands) -> None:
    """The object is not called archived while the hot store has it; once that removes, it is."""
    film = bank.film(bank.people[1], FRAMES)
    wait(bank, clock, days=DAYS + 1)
    honest = bank.workspace.objects
    bank.workspace.objects = LyingRemove.local(bank.home / "data" / "objects")
    with pytest.raises(StoreUnavailable, match="still has the object that it removed"):
        run_archive(bank.workspace, bank.tokens["operator"])
    assert stands(bank, film) == (True, True)
    assert state(bank, film) is TierState.COPYING
    bank.workspace.objects = honest
    assert run_archive(bank.workspace, bank.tokens["operator"]).archived == 1
    assert stands(bank, film) == (False, True)


def _unplugged(*_given: object) -> None:
    raise StoreUnavailable("the archive does not answer")


def test_an_archive_that_is_away_stops_an_erasure_that_needs_it(bank: Lender, clock: Hands) -> None:
    """Nothing is called erased while its archived copy cannot be reached; once it can be, it is erased."""
    who = bank.people[1]
    film = bank.film(who, FRAMES)
    wait(bank, clock, days=DAYS + 1)
    run_archive(bank.workspace, bank.tokens["operator"])
    folder = bank.home.parent / "archive"
    folder.rename(folder.with_name("away"))
    away = bank.reopened()
    with pytest.raises(StoreUnavailable):
        erase(away.workspace, away.tokens["dpo"], who)
    folder.with_name("away").rename(folder)
    back = bank.reopened()
    resume_erasures(back.workspace, back.tokens["dpo"])
    if not back.is_gone(who):
        erase(back.workspace, back.tokens["dpo"], who)
    assert stands(back, film) == (False, False)


def test_an_archive_that_was_taken_out_of_the_settings_is_missed(bank: Lender, clock: Hands) -> None:
    """An erasure of what lies there does not begin; of somebody with nothing there it does."""
    film = bank.film(bank.people[1], FRAMES)
    wait(bank, clock, days=DAYS + 1)
    run_archive(bank.workspace, bank.tokens["operator"])
    bank.workspace.archive, archive = None, bank.workspace.archive
    with pytest.raises(Misconfigured):
        erase(bank.workspace, bank.tokens["dpo"], bank.people[1])
    erase(bank.workspace, bank.tokens["dpo"], bank.people[2])
    bank.workspace.archive = archive
    erase(bank.workspace, bank.tokens["dpo"], bank.people[1])
    assert stands(bank, film) == (False, False)


@pytest.mark.parametrize("damaged", ["hot", "archive"])
def test_what_is_not_what_was_sealed_stays_where_it_is(bank: Lender, clock: Hands, damaged: str) -> None:
    """A damaged object is named and not removed; the others of the batch go."""
    bad, fine = bank.film(bank.people[1], FRAMES), bank.film(bank.people[2], FRAMES)
    name = f"{bad.hex()[:2]}/{bad.hex()}"
    path = bank.home / "data" / "objects" / name
    if damaged == "hot":
        path.write_bytes(_flipped(path.read_bytes()))
    wait(bank, clock, days=DAYS + 1)
    if damaged == "archive":
        run_archive(bank.workspace, bank.tokens["operator"])
        path = bank.home.parent / "archive" / name
        path.write_bytes(_flipped(path.read_bytes()))
        wish = bank.wish(bank.people[1], purpose=PURPOSE, items={VIDEO}, form="raw")
        with pytest.raises(Tampered):
            recall_object(bank.workspace, bank.tokens["credit_officer"], wish, bad)
    done = run_archive(bank.workspace, bank.tokens["operator"])
    assert done.failed == [bad]
    assert path.exists()
    assert stands(bank, fine) == (False, True)


@pytest.mark.parametrize("then", ["archive", "recall", "erase", "archive-again"])
def test_a_backup_from_before_a_move_brings_no_stray_copy(bank: Lender, clock: Hands, then: str) -> None:
    """After the restore and a run, every object stands in one store, and who was erased in none."""
    who = bank.people[1]
    film = bank.film(who, FRAMES)
    wait(bank, clock, days=DAYS + 1)
    operator = bank.tokens["operator"]
    if then == "recall":
        run_archive(bank.workspace, operator)
    wait(bank, clock, minutes=1)
    back_up(bank.workspace, operator, bank.home.parent / "backup")
    run_archive(bank.workspace, operator)
    wish = bank.wish(who, purpose=PURPOSE, items={VIDEO}, form="raw")
    if then in {"recall", "archive-again"}:
        recall_object(bank.workspace, bank.tokens["credit_officer"], wish, film)
    if then == "archive-again":
        wait(bank, clock, days=DAYS + 1)
        operator = bank.tokens["operator"]
        run_archive(bank.workspace, operator)
    if then == "erase":
        erase(bank.workspace, bank.tokens["dpo"], who)
    publish(bank.workspace, operator)
    close(bank.workspace)
    objects = bank.home / "data" / "objects"
    saved = shutil.copytree(objects, bank.home.parent / "hot") if then == "recall" else None
    workspace, _ = restore_workspace(bank.home, bank.home.parent / "backup", clock=clock)
    if saved is not None:  # a store of its own outlives the data store's disk
        shutil.copytree(saved, objects, dirs_exist_ok=True)
    again = Lender(workspace, bank.tokens, bank.home, bank.people)
    reconcile(workspace, sign_in(workspace, "operator", PASSPHRASE, restoring=True)[0])
    wait(again, clock, minutes=1)
    run_archive(workspace, again.tokens["operator"])
    assert sum(stands(again, film)) == (0 if then == "erase" else 1)
    assert [flaw for flaw in verify_ledger(again.reopened().workspace).flaws if flaw.is_integrity] == []
    if then != "erase":
        if stands(again, film) == (False, True):
            recall_object(workspace, again.tokens["credit_officer"], wish, film)
        assert seen(again, who, film) == FRAMES


def test_the_archive_may_be_a_bucket(tmp_path: Path, clock: Hands) -> None:
    """On a real S3 the same: archived, recalled, opened, erased, and the bucket empty at the end."""
    bank = with_archive(tmp_path, clock, bucket())
    bank.take([1, 2], customer=False)
    content = b"x" * (6 << 20)  # more than one part of a multipart upload
    films = [bank.film(bank.people[number], content) for number in (1, 2)]
    wait(bank, clock, days=DAYS + 1)
    assert run_archive(bank.workspace, bank.tokens["operator"]).archived == 2
    assert [stands(bank, one) for one in films] == [(False, True)] * 2
    wish = bank.wish(bank.people[1], purpose=PURPOSE, items={VIDEO}, form="raw")
    recall_object(bank.workspace, bank.tokens["credit_officer"], wish, films[0])
    assert seen(bank, bank.people[1], films[0]) == content
    for number in (1, 2):
        erase(bank.workspace, bank.tokens["dpo"], bank.people[number])
    assert bank.workspace.archive is not None
    assert list(bank.workspace.archive.all_objects()) == []


def test_moves_leave_one_row_an_object(bank: Lender, clock: Hands) -> None:
    """However often an object moves, its row is one, and its version counts the steps."""
    who = bank.people[1]
    film = bank.film(who, FRAMES)
    wish = bank.wish(who, purpose=PURPOSE, items={VIDEO}, form="raw")
    for _ in range(2):
        wait(bank, clock, days=DAYS + 1)
        run_archive(bank.workspace, bank.tokens["operator"])
        recall_object(bank.workspace, bank.tokens["credit_officer"], wish, film)
    (row,) = bank.workspace.data.read(lambda records: records.authority.find(AuthorityKind.TIER))
    assert (row.identifier, row.version, row.name) == (film, 8, "hot")
