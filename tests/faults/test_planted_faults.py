"""Each step of an erasure is left out once, by a store that says it was done: nothing is called erased that is not.

The read-back names what is left. And where the read-back itself is left out, the audit finds it afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from shouxin.domain.authority import AuthorityKind
from shouxin.domain.identifiers import SubjectId
from shouxin.errors import ShouxinError, StoreUnavailable, Tampered
from shouxin.keys.custody import OpenChain
from shouxin.keys.epoch import EpochStep
from shouxin.operations.advance import advance
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.erasing import erase as erasing
from shouxin.operations.erasing import erasure_plan
from shouxin.operations.erasing.erase import erase, resume_erasures
from shouxin.operations.objects.archive import run_archive
from shouxin.storage import cell_rows
from shouxin.storage.cell_rows import CellRows
from shouxin.storage.data_store import SqlDataStore
from shouxin.storage.index_store import SqlIndex
from shouxin.storage.journal_file import JournalFile
from shouxin.storage.key_file import KeyFile
from shouxin.storage.keyring_store import SqlKeyring
from shouxin.storage.object_store import ObstoreObjects
from shouxin.vault.erasure import Erasure, ErasureState
from tests.operations.archives import DAYS, wait, with_archive
from tests.operations.deletion.house import house
from tests.operations.portfolio import MARK, Hands, Lender

FRAMES: Final = MARK.encode() * 50


@dataclass(frozen=True)
class Planted:
    """A step that is left out: of which driver, which error must follow, and which flaw the audit names without it."""

    driver: type
    step: str
    error: type[ShouxinError]
    words: str
    flaw: str
    says: object = None


FAULTS: Final = {
    "key not destroyed": Planted(SqlKeyring, "replace", Tampered, "a key that should be destroyed", "readable-again"),
    "tag left": Planted(SqlIndex, "remove", Tampered, "still has a tag of an erased value", "loose-tag", 0),
    "cell left": Planted(CellRows, "remove_cells", Tampered, "a row that should be removed", "readable-again", 0),
    "object's row left": Planted(CellRows, "remove_objects", Tampered, "a row that should be", "readable-again", 0),
    "hot object left": Planted(ObstoreObjects, "remove", Tampered, "erased object is still", "readable-again"),
    "archived object left": Planted(ObstoreObjects, "remove", Tampered, "erased object is still", "readable-again"),
    "journal not written": Planted(JournalFile, "append", StoreUnavailable, "no key was destroyed", ""),
}


def _lender(tmp_path: Path) -> Lender:
    """Return a lender with two declined applicants, one of them with a video in the archive and a hot one."""
    clock = Hands()
    bank = with_archive(tmp_path, clock)
    bank.take([1, 2], customer=False)
    bank.film(bank.people[1], FRAMES)
    wait(bank, clock, days=DAYS + 1)
    run_archive(bank.workspace, bank.tokens["operator"])
    bank.film(bank.people[1], FRAMES)
    return bank


def _plant(patch: pytest.MonkeyPatch, bank: Lender, name: str) -> None:
    """Have one driver say that it did what it did not do."""
    planted = FAULTS[name]
    real: Callable[..., Any] = getattr(planted.driver, planted.step)
    store = {"hot object left": bank.workspace.objects, "archived object left": bank.workspace.archive}.get(name)

    def left_out(self: object, *given: Any, **more: Any) -> Any:
        return real(self, *given, **more) if store is not None and self is not store else planted.says

    patch.setattr(planted.driver, planted.step, left_out)


def _state(bank: Lender, subject: SubjectId) -> ErasureState:
    find = bank.workspace.data.read(lambda records: records.authority.find(AuthorityKind.ERASURE, subject=subject))
    (row,) = find
    return bank.workspace.notary.read(row, Erasure).state


@pytest.mark.parametrize("name", FAULTS)
def test_a_step_left_out_is_caught_before_anything_is_called_erased(tmp_path: Path, name: str) -> None:
    """The erasure fails in words that say what is left, stays where it is, and is finished once the store obeys."""
    bank, planted = _lender(tmp_path), FAULTS[name]
    who = bank.people[1]
    with pytest.MonkeyPatch.context() as patch:
        _plant(patch, bank, name)
        with pytest.raises(planted.error, match=planted.words):
            erase(bank.workspace, bank.tokens["dpo"], who)
    assert _state(bank, who) in {ErasureState.PLANNED, ErasureState.REMOVED}
    assert [erasure.state for _, erasure in resume_erasures(bank.workspace, bank.tokens["dpo"])] == [ErasureState.LIVE]
    assert bank.is_gone(who)
    assert verify_ledger(bank.workspace).flaws == []
    assert len(bank.masked(bank.people[2])[bank.people[2]]) == 3


@pytest.mark.parametrize("name", [name for name, planted in FAULTS.items() if planted.flaw])
def test_a_step_left_out_without_a_read_back_is_named_by_the_audit(tmp_path: Path, name: str) -> None:
    """Were the read-back blind, the erasure would be called done: the audit says that it is not."""
    bank, planted = _lender(tmp_path), FAULTS[name]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(erasing, "read_back", lambda *_: None)
        _plant(patch, bank, name)
        erase(bank.workspace, bank.tokens["dpo"], bank.people[1])
    assert _state(bank, bank.people[1]) is ErasureState.LIVE
    assert planted.flaw in {str(flaw.kind) for flaw in verify_ledger(bank.workspace).flaws}


def test_a_tag_that_was_not_set_is_caught_before_a_key_is_destroyed(tmp_path: Path) -> None:
    """Somebody who should be kept out and has no tag is not erased: they would come back with tonight's sync."""
    lent = house(tmp_path)
    lent.bank.take([1, 2], customer=False)
    who = lent.bank.people[1]
    order = lent.cooled(lent.wanted(who))
    generation = lent.bank.workspace.custody.keyring.get([who])[who].generation
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(erasure_plan, "suppress", lambda *_: 0)
        with pytest.raises(Tampered, match="keep an erased person out is not set"):
            lent.executed(order)
    assert _state(lent.bank, who) is ErasureState.PLANNED
    assert lent.bank.workspace.custody.keyring.get([who])[who].generation == generation


def test_whom_an_erased_object_showed_is_not_left_standing(tmp_path: Path) -> None:
    """The object's row goes and what lies beside it stays: that is caught too, and mended by erasing again."""
    bank = _lender(tmp_path)
    who = bank.people[1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cell_rows, "_REMOVE_BESIDE", ())
        with pytest.raises(Tampered, match="a row that should be removed"):
            erase(bank.workspace, bank.tokens["dpo"], who)
    assert _state(bank, who) is ErasureState.REMOVED
    assert [erasure.state for _, erasure in resume_erasures(bank.workspace, bank.tokens["dpo"])] == [ErasureState.LIVE]


def test_a_statement_whose_key_stays_with_who_made_it_is_caught_while_its_row_stands(tmp_path: Path) -> None:
    """Who was named goes; the key in the namer's chain was not taken out: nothing is removed, and again it goes."""
    bank = with_archive(tmp_path, Hands())
    bank.take([1], contact=True)
    (named,) = bank.find_contact(1)
    (row,) = bank.workspace.data.read(lambda records: records.cells.edges_to([named]))

    def held() -> bool:
        chain = bank.workspace.custody.keyring.get([row.subject])[row.subject]
        return bank.workspace.custody.open(chain).holds(row.cell)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OpenChain, "without", lambda self, _identifiers: self._sealed(self.links))
        with pytest.raises(Tampered, match="still with who made it"):
            erase(bank.workspace, bank.tokens["dpo"], named)
    assert held()
    assert bank.workspace.data.read(lambda records: records.cells.edges_to([named])) == [row]
    assert [erasure.state for _, erasure in resume_erasures(bank.workspace, bank.tokens["dpo"])] == [ErasureState.LIVE]
    assert not held()
    assert verify_ledger(bank.workspace).flaws == []


SEALING: Final = {
    "old root key left": (KeyFile, "destroy", "root key of epoch"),
    "what it wrapped left": (SqlKeyring, "remove_epoch", "still in the keyring"),
    "old generation of the index left": (SqlIndex, "drop_generation", "old generation of the index"),
    "keyring not rebuilt": (SqlKeyring, "compact", "log of the keyring"),
    "log of the data store left": (SqlDataStore, "empty_log", "log of the data store"),
    "new generation of the index not made": (SqlIndex, "build", "fewer rows than the old one"),
    "survivor not carried over": (SqlKeyring, "rewrap", "still rests on the old epoch"),
}


@pytest.mark.parametrize("name", SEALING)
def test_a_step_of_sealing_left_out_is_caught_before_anything_is_called_sealed(tmp_path: Path, name: str) -> None:
    """The advance fails in words that say what is left; once the store obeys it goes on and the erasure is sealed."""
    bank, (driver, step, words) = _lender(tmp_path), SEALING[name]
    erase(bank.workspace, bank.tokens["dpo"], bank.people[1])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(driver, step, lambda *_given, **_more: 0)
        with pytest.raises(Tampered, match=words):
            advance(bank.workspace, bank.tokens["operator"])
    assert _state(bank, bank.people[1]) is ErasureState.LIVE
    if name == "survivor not carried over":
        bank.workspace.custody.keyring.set_step(bank.workspace.custody.current, EpochStep.OPENED)
    advance(bank.workspace, bank.tokens["operator"])
    assert _state(bank, bank.people[1]) is ErasureState.SEALED
    assert verify_ledger(bank.workspace).flaws == []
