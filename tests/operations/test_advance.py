from __future__ import annotations

import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from shouxin.bootstrap import open_workspace
from shouxin.domain.identifiers import ObjectId
from shouxin.errors import Fenced, NotInThisState, OperatorError, Refused, RolledBack, ShouxinError, Tampered
from shouxin.keys.chain import SEAL, decode
from shouxin.keys.epoch import EpochStep
from shouxin.keys.root import EpochNumber
from shouxin.operations import advance as advancing
from shouxin.operations.advance import advance, key_status
from shouxin.operations.certifying.certify import certificate
from shouxin.operations.erasing.erase import erase
from shouxin.operations.opening.disclose_object import disclose_object
from shouxin.operations.pause import pause_deletions, resume_deletions
from shouxin.storage.backups import FileBackups
from shouxin.storage.key_file import KeyFile
from shouxin.vault.certificate import check
from tests import recorded
from tests.operations.portfolio import VIDEO, Hands, Lender, lender
from tests.workspaces import close


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """Two customers with contacts, one with a video; two declined applicants."""
    made = lender(tmp_path, Hands())
    made.take([1, 2], contact=True)
    made.take([3, 4], customer=False)
    made.film(made.people[1], b"frames")
    return made


def film(bank: Lender) -> bytes:
    """Return the video of applicant 1."""
    who = bank.people[1]
    (row,) = bank.workspace.data.read(lambda records: records.cells.objects_of([who]))
    wish = bank.wish(who, purpose="interview.video", items={VIDEO}, form="raw")
    _, parts = disclose_object(bank.workspace, bank.tokens["credit_officer"], wish, ObjectId(row.object_id))
    return b"".join(part.reveal() for part in parts)


def all_open(bank: Lender, *numbers: int) -> bool:
    """Say whether everybody opens and is found."""
    people = [bank.people[number] for number in numbers]
    return set(bank.masked(*people)) == set(people) and all(bank.find(n) == [bank.people[n]] for n in numbers)


def test_survivors_open_and_are_found_under_the_new_epoch(bank: Lender) -> None:
    """After an advance everybody opens, is found, and has the same values; the old root key is gone."""
    before = bank.masked(*bank.people.values())
    subjects = bank.workspace.custody.keyring.count()
    done = advance(bank.workspace, bank.tokens["operator"])
    assert (done.epoch, done.subjects, done.read_back, done.sealed) == (2, subjects, subjects, 0)
    assert bank.masked(*bank.people.values()) == before
    assert all_open(bank, 1, 2, 3, 4)
    assert len(bank.find_contact(1)) == 1
    assert film(bank) == b"frames"
    provider = bank.workspace.custody.provider
    assert (provider.exists(EpochNumber(1)), provider.exists(EpochNumber(2))) == (False, True)
    assert key_status(bank.workspace, bank.tokens["auditor"]) == [(2, "settled", subjects)]
    assert recorded.flaws(bank.reopened().workspace) == []


def test_a_new_generation_that_is_too_short_is_filled_and_nobody_is_lost(bank: Lender) -> None:
    """An empty file of an earlier try, or that somebody put there: no hand has to remove it before an advance."""
    index = bank.workspace.index
    kept = index.count(EpochNumber(1))
    index.build(EpochNumber(2), [])
    assert (index.count(EpochNumber(2)), kept > 0) == (0, True)
    advance(bank.workspace, bank.tokens["operator"])
    assert all_open(bank, 1, 2, 3, 4)
    assert (index.generations(), index.count(EpochNumber(2))) == ([2], kept)
    assert recorded.flaws(bank.reopened().workspace) == []


def test_every_step_is_told_in_order(bank: Lender) -> None:
    """Whoever waits is told each step as the table has them."""
    told: list[EpochStep] = []
    advance(bank.workspace, bank.tokens["dpo"], told.append)
    assert told == list(EpochStep)[1:]


def test_an_epoch_can_be_advanced_again_and_again(bank: Lender) -> None:
    """Three advances, opened anew each time, leave one epoch, one generation of the index, and everybody."""
    for epoch in (2, 3, 4):
        again = bank.reopened()
        assert advance(again.workspace, bank.tokens["operator"]).epoch == epoch
        close(again.workspace)
    last = bank.reopened()
    assert all_open(last, 1, 2, 3, 4)
    assert last.workspace.index.generations() == [4]
    assert recorded.flaws(last.reopened().workspace) == []


def test_an_old_copy_of_the_keyring_opens_nothing(bank: Lender) -> None:
    """A keyring copied before the advance does not open with today's root keys."""
    shutil.copytree(bank.home / "keyring", bank.home.parent / "old")
    advance(bank.workspace, bank.tokens["operator"])
    close(bank.workspace)
    shutil.rmtree(bank.home / "keyring")
    shutil.copytree(bank.home.parent / "old", bank.home / "keyring")
    with pytest.raises(OperatorError):
        open_workspace(bank.home)


def test_an_old_copy_of_the_index_answers_nothing(bank: Lender) -> None:
    """A generation copied before the advance and put back finds nobody, and stops nobody from being found."""
    shutil.copy(bank.home / "index" / "1.db", bank.home.parent / "1.db")
    advance(bank.workspace, bank.tokens["operator"])
    close(bank.workspace)
    shutil.copy(bank.home.parent / "1.db", bank.home / "index" / "2.db")
    again = bank.reopened()
    assert again.find(1) == []


def test_an_erasure_is_sealed_by_the_advance(bank: Lender) -> None:
    """What was live is sealed; its certificate says so, and no longer names copies of the keyring."""
    operation, _ = erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
    log = bank.workspace.head.verifier
    live = certificate(bank.workspace, bank.tokens["dpo"], operation)
    assert advance(bank.workspace, bank.tokens["operator"]).sealed == 1
    sealed = certificate(bank.workspace, bank.tokens["dpo"], operation)
    assert [check(document, log).sealed for document in (live, sealed)] == [False, True]
    code = "copies-of-the-keyring-until-the-epoch-advances"
    states = [{one["what"]: one["state"] for one in document["residuals"]}[code] for document in (live, sealed)]
    assert states == ["open", "closed"]
    assert advance(bank.workspace, bank.tokens["operator"]).sealed == 0
    assert recorded.flaws(bank.reopened().workspace) == []


def test_nothing_that_was_erased_is_left_in_any_file(bank: Lender) -> None:
    """Wrapped keys, sealed bytes and tags of an erased person stand in files before, and in none after."""
    who, workspace = bank.people[3], bank.workspace
    rows = workspace.data.read(lambda records: records.cells.cells_of([who]))
    chain = workspace.custody.keyring.get([who])[who]
    tags = {tag for tag, _, _ in workspace.index.rows_of(EpochNumber(1), [row.cell for row in rows])}
    # A sealed cell may be split between pages of its file: a piece of it tells as much.
    pieces = {row.sealed[-40:] for row in rows} | {link.wrapped for link in decode(chain.links[SEAL:])} | tags
    pieces.add(chain.wrapped)

    def left() -> set[bytes]:
        close(bank.workspace)
        content = b"".join(path.read_bytes() for path in bank.home.rglob("*") if path.is_file())
        return {piece for piece in pieces if piece in content}

    assert left() == pieces
    erase(bank.workspace, bank.tokens["dpo"], who)
    advance(bank.workspace, bank.tokens["operator"])
    assert left() == set()


@pytest.mark.parametrize("role", ["analyst", "collector", "auditor", "rights_desk", "model"])
def test_only_an_operator_or_the_officer_advances(bank: Lender, role: str) -> None:
    """Somebody else moves nothing."""
    with pytest.raises(Refused):
        advance(bank.workspace, bank.tokens[role])
    assert [row.epoch for row in bank.workspace.custody.keyring.epochs()] == [1]


def test_nothing_is_destroyed_before_the_backup_was_read_back(bank: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the rehearsal gives back fewer chains than there are, the old root key stays; later it is finished."""
    monkeypatch.setattr(FileBackups, "rehearse", lambda _self: 0)
    with pytest.raises(Tampered):
        advance(bank.workspace, bank.tokens["operator"])
    monkeypatch.undo()
    assert bank.workspace.custody.provider.exists(EpochNumber(1))
    assert all_open(bank, 1, 2, 3, 4)
    assert advance(bank.reopened().workspace, bank.tokens["operator"]).epoch == 2
    assert recorded.flaws(bank.reopened().workspace) == []


def test_a_survivor_who_does_not_open_stops_the_advance(bank: Lender) -> None:
    """A cell that does not open is found before anything is destroyed; everybody else is served."""
    close(bank.workspace)
    with sqlite3.connect(bank.home / "data" / "data.db") as rows:
        rows.execute(
            "UPDATE cells SET sealed = CAST(substr(sealed, 1, length(sealed) - 1) || x'00' AS BLOB) WHERE subject = ?",
            (bank.people[4],),
        )
    rows.close()
    again = bank.reopened()
    with pytest.raises(Tampered):
        advance(again.workspace, bank.tokens["operator"])
    assert again.workspace.custody.provider.exists(EpochNumber(1))
    assert all_open(again, 1, 2, 3)


def test_a_root_key_that_stays_is_not_destroyed(bank: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider that says it destroyed and did not is found out; the advance waits until it did."""
    monkeypatch.setattr(KeyFile, "destroy", lambda _self, _epoch: None)
    with pytest.raises(Tampered):
        advance(bank.workspace, bank.tokens["operator"])
    monkeypatch.undo()
    assert all_open(bank, 1, 2)
    advance(bank.workspace, bank.tokens["operator"])
    assert not bank.workspace.custody.provider.exists(EpochNumber(1))
    assert recorded.flaws(bank.reopened().workspace) == []


@pytest.mark.parametrize("seasoned", [True, False], ids=["opened-before", "opened-now"])
def test_readers_are_served_at_every_step(bank: Lender, seasoned: bool) -> None:
    """Another process, opened before or just now, opens people and videos and finds people at each step."""
    other = bank.reopened()

    def read(_step: EpochStep) -> None:
        reader = other if seasoned else bank.reopened()
        assert all_open(reader, 1, 2, 3, 4)
        assert film(reader) == b"frames"
        if not seasoned:
            close(reader.workspace)

    advance(bank.workspace, bank.tokens["operator"], read)
    assert recorded.flaws(bank.reopened().workspace) == []


@pytest.mark.parametrize("part", ["_destroy", "_compact"])
def test_readers_are_served_while_the_old_epoch_goes(bank: Lender, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    """Also between the root key's destruction and the end of what it wrapped, a process finds and opens everybody."""
    other = bank.reopened()
    remove = bank.workspace.custody.keyring.remove_epoch
    drop = bank.workspace.index.drop_generation

    def look(act: Any) -> Any:
        def run(epoch: EpochNumber) -> None:
            assert all_open(other, 1, 2, 3, 4)
            assert all_open(bank.reopened(), 1, 2, 3, 4)
            act(epoch)

        return run

    if part == "_destroy":
        monkeypatch.setattr(bank.workspace.custody.keyring, "remove_epoch", look(remove))
    else:
        monkeypatch.setattr(bank.workspace.index, "drop_generation", look(drop))
    advance(bank.workspace, bank.tokens["operator"])


def test_people_come_and_go_during_an_advance(bank: Lender) -> None:
    """Whoever is taken in or erased by another process while an epoch advances is there, or gone, at its end."""
    other = bank.reopened()
    arrived: list[int] = []

    def live(step: EpochStep) -> None:
        number = 10 + len(arrived)
        with suppress(Fenced):
            other.take([number], contact=True)
            arrived.append(number)
        if step is EpochStep.INDEXED:
            erase(other.workspace, bank.tokens["dpo"], bank.people[3])

    advance(bank.workspace, bank.tokens["operator"], live)
    assert len(arrived) > 4
    last = other.reopened()
    assert all_open(last, 1, 2, 4, *arrived)
    assert last.is_gone(bank.people[3])
    assert last.find(3) == []
    assert recorded.flaws(last.reopened().workspace) == []


def test_who_is_collected_while_the_index_moves_is_found(bank: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that draws its keys before an advance and records after it is fenced, or its people are found."""
    from shouxin.operations.collecting import collect as collecting

    other, draw = bank.reopened(), collecting.draw_keys
    moved: list[bool] = []

    def overtaken(*arguments: Any) -> Any:
        if not moved:
            moved.append(True)
            advance(bank.workspace, bank.tokens["operator"])
        return draw(*arguments)

    monkeypatch.setattr(collecting, "draw_keys", overtaken)
    monkeypatch.setattr(type(bank.workspace.custody.keyring), "alone", _never_waits)
    with suppress(Fenced):
        other.take([9])
    monkeypatch.undo()
    other.take([9])
    assert all_open(other, 1, 2, 9)
    assert recorded.flaws(other.reopened().workspace) == []


class _Alone:
    def __enter__(self) -> bool:
        return True

    def __exit__(self, *_: object) -> None:
        return None


def _never_waits(_self: object, **_: object) -> _Alone:
    return _Alone()


def test_two_advances_at_once_end_as_one(bank: Lender) -> None:
    """A second process that advances in the middle takes it up or is fenced; at the end one epoch is settled."""
    other = bank.reopened()
    met: list[str] = []

    def meet(step: EpochStep) -> None:
        if step is EpochStep.INDEXED and not met:
            met.append("met")
            with suppress(ShouxinError):
                advance(other.workspace, bank.tokens["dpo"])

    with suppress(ShouxinError):
        advance(bank.workspace, bank.tokens["operator"], meet)
    last = bank.reopened()
    if key_status(last.workspace, bank.tokens["operator"])[-1][1] != "settled":
        advance(last.workspace, bank.tokens["operator"])
    assert len(key_status(last.workspace, bank.tokens["operator"])) == 1
    assert all_open(last, 1, 2, 3, 4)
    assert recorded.flaws(last.reopened().workspace) == []


def test_small_batches_carry_everybody_over(bank: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    """However small the batches are, nobody and no tag is left behind."""
    monkeypatch.setattr(advancing, "BATCH", 1)
    advance(bank.workspace, bank.tokens["operator"])
    assert all_open(bank, 1, 2, 3, 4)
    assert [len(bank.find_contact(number)) for number in (1, 2)] == [1, 1]
    assert recorded.flaws(bank.reopened().workspace) == []


def stopped_after(bank: Lender, step: EpochStep) -> None:
    """Advance until ``step`` is noted, and no further."""

    def stop(reached: EpochStep) -> None:
        if reached is step:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        advance(bank.workspace, bank.tokens["operator"], stop)
    assert key_status(bank.workspace, bank.tokens["operator"])[-1][1] == step


def test_a_resumed_advance_destroys_nothing_without_a_backup_of_its_own(
    bank: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read back before the crash knows nobody who came since: nothing goes until a fresh one was read back."""
    stopped_after(bank, EpochStep.BACKED_UP)
    bank.take([5, 6])
    again = bank.reopened()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FileBackups, "rehearse", lambda _self: 0)
        with pytest.raises(Tampered):
            advance(again.workspace, bank.tokens["operator"])
    assert again.workspace.custody.provider.exists(EpochNumber(1))
    assert all_open(again, 1, 2, 3, 4, 5, 6)
    rehearsals: list[int] = []
    rehearse = FileBackups.rehearse

    def counted(backups: FileBackups) -> int:
        rehearsals.append(rehearse(backups))
        return rehearsals[-1]

    monkeypatch.setattr(FileBackups, "rehearse", counted)
    done = advance(again.workspace, bank.tokens["operator"])
    assert done.read_back == rehearsals[-1] == again.workspace.custody.keyring.count()
    assert not again.workspace.custody.provider.exists(EpochNumber(1))
    assert all_open(again, 1, 2, 3, 4, 5, 6)
    assert recorded.flaws(again.reopened().workspace) == []


@pytest.mark.parametrize("step", [EpochStep.DESTROYED, EpochStep.COMPACTED])
def test_an_advance_is_not_concluded_below_what_there_is(
    bank: Lender, step: EpochStep, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Resumed behind its backup, an advance is called done only once as many chains came back as there are."""
    stopped_after(bank, step)
    bank.take([5])
    monkeypatch.setattr(FileBackups, "rehearse", lambda _self: 3)
    with pytest.raises(Tampered):
        advance(bank.workspace, bank.tokens["operator"])
    assert key_status(bank.workspace, bank.tokens["operator"])[-1][1] != EpochStep.SETTLED
    monkeypatch.undo()
    assert advance(bank.workspace, bank.tokens["operator"]).read_back == bank.workspace.custody.keyring.count()


def test_who_comes_while_the_advance_ends_is_read_back_too(bank: Lender) -> None:
    """The outcome never says of more people that they came back than really did."""
    done = advance(
        bank.workspace,
        bank.tokens["operator"],
        lambda step: bank.take([7]) if step is EpochStep.DESTROYED else None,
    )
    assert done.read_back == done.subjects == bank.workspace.custody.keyring.count()


@pytest.mark.parametrize(("newest", "error"), [(20, RolledBack), (0, Tampered)], ids=["of the newest", "of a sample"])
def test_a_cell_whose_key_is_missing_stops_the_advance(
    bank: Lender, monkeypatch: pytest.MonkeyPatch, newest: int, error: type[ShouxinError]
) -> None:
    """A row that no key opens is not passed over: nothing is destroyed, and everybody else is served."""
    monkeypatch.setattr("shouxin.operations.keyring_age._NEWEST", newest)
    workspace, who = bank.workspace, bank.people[4]
    (first, *_) = workspace.data.read(lambda records: records.cells.cells_of([who]))
    chain = workspace.custody.keyring.get([who])[who]
    without = workspace.custody.open(chain).without([first.cell])
    workspace.custody.keyring.replace([chain], [without], fence=workspace.custody.current)
    with pytest.raises(error, match=r"missing|older"):
        advance(workspace, bank.tokens["operator"])
    assert workspace.custody.provider.exists(EpochNumber(1))
    assert all_open(bank, 1, 2, 3)


def test_a_pause_stops_an_advance_before_it_destroys(tmp_path: Path) -> None:
    """Pulled before: nothing is begun. Pulled while it runs: old copies still open, and it goes on once it may."""
    bank = lender(tmp_path)
    bank.take([1, 2], customer=False)
    workspace, operator = bank.workspace, bank.tokens["operator"]
    erase(workspace, bank.tokens["dpo"], bank.people[1])
    pause_deletions(workspace, bank.tokens["auditor"])
    before = key_status(workspace, operator)
    with pytest.raises(NotInThisState, match="paused"):
        advance(workspace, operator)
    assert key_status(workspace, operator) == before
    resume_deletions(workspace, bank.tokens["dpo"])

    def pull(reached: EpochStep) -> None:
        if reached is EpochStep.BACKED_UP:
            pause_deletions(workspace, bank.tokens["auditor"])

    with pytest.raises(NotInThisState, match="paused"):
        advance(workspace, operator, pull)
    assert workspace.custody.provider.exists(EpochNumber(1))
    resume_deletions(workspace, bank.tokens["dpo"])
    assert advance(workspace, operator).sealed == 1
    assert not workspace.custody.provider.exists(EpochNumber(1))
