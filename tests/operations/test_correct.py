from __future__ import annotations

import contextlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shouxin.approvals.order import Ground
from shouxin.domain.clock import local_date
from shouxin.domain.identifiers import SubjectId, new
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import NotFound, NotInThisState, Refused, StoreUnavailable
from shouxin.keys.custody import OpenChain
from shouxin.keys.journal import Destruction, Succession
from shouxin.operations import correct as correcting
from shouxin.operations.adopting.cards import standing_engine
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.correct import correct
from shouxin.operations.erasing.erase import erase
from shouxin.operations.retaining.holds import Demand, lift_hold, set_hold
from shouxin.operations.retaining.judging import Judge
from shouxin.operations.subjects import freeze, resolve_subject
from shouxin.operations.workspace import Workspace
from shouxin.retention.outlook import State
from shouxin.vault.records import CellRow, Records
from tests.operations.deletion.house import house
from tests.operations.portfolio import CARD_NUMBER, ID_NUMBER, JOB, MOBILE, NAME, Lender, lender, values_of
from tests.workspaces import audited

RIGHT = Plaintext.of("13512345678")


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """Two customers."""
    made = lender(tmp_path)
    made.take([1, 2])
    return made


def test_the_right_value_takes_the_wrong_ones_place(bank: Lender) -> None:
    """After a correction the new value opens and finds; the old one finds nobody; the rest is as it was."""
    before = bank.raw(bank.people[1])
    assert correct(bank.workspace, bank.tokens["rights_desk"], bank.people[1], {JOB: Plaintext.of("teacher")}) == [JOB]
    assert correct(bank.workspace, bank.tokens["dpo"], bank.people[1], {MOBILE: RIGHT}) == [MOBILE]
    assert bank.raw(bank.people[1]) == before | {JOB: "teacher"}
    assert bank.look_up(MOBILE, RIGHT) == [bank.people[1]]
    assert bank.find(1, MOBILE) == []
    assert bank.find(1) == [bank.people[1]]
    assert audited(bank.workspace).flaws == []


def test_the_old_cell_put_back_opens_nothing(bank: Lender) -> None:
    """The wrong value is erased: its sealed row, kept by somebody, has no key any more."""
    workspace, who = bank.workspace, bank.people[1]
    old: list[CellRow] = workspace.data.read(lambda records: records.cells.cells_of([who]))
    correct(workspace, bank.tokens["dpo"], who, {NAME: Plaintext.of("right")})
    now = {row.cell for row in workspace.data.read(lambda records: records.cells.cells_of([who]))}
    (gone,) = [row for row in old if row.cell not in now]
    assert not workspace.custody.open(workspace.custody.keyring.get([who])[who]).holds(gone.cell)


def test_a_journal_entry_stands_for_the_destroyed_key(bank: Lender) -> None:
    """The journal says which generation went and what with it, so that a backup does not bring the wrong value back."""
    workspace, who = bank.workspace, bank.people[1]
    before = {row.cell for row in workspace.data.read(lambda records: records.cells.cells_of([who]))}
    correct(workspace, bank.tokens["dpo"], who, {NAME: Plaintext.of("right")})
    (entry,) = workspace.journal.entries()
    after = {row.cell for row in workspace.data.read(lambda records: records.cells.cells_of([who]))}
    (old,), (successor,) = before - after, after - before
    assert entry == Destruction(who, 1, (old,), (), (Succession(old, successor, (NAME,)),))


def test_a_correction_whose_destruction_failed_is_written_down_before_the_next(
    bank: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each wrong value has its own entry in the journal, also when the first came to it only with the second."""
    workspace, who = bank.workspace, bank.people[1]

    def refuse(*_: Any) -> None:
        raise StoreUnavailable("the journal cannot be used now")

    monkeypatch.setattr(type(workspace.journal), "append", refuse)
    with pytest.raises(StoreUnavailable):
        correct(workspace, bank.tokens["dpo"], who, {NAME: Plaintext.of("right")})
    monkeypatch.undo()
    correct(workspace, bank.tokens["dpo"], who, {MOBILE: RIGHT})
    first, second = (entry.went_on[0] for entry in workspace.journal.entries())
    assert (first.items, second.items) == ((NAME,), (MOBILE,))
    assert first.successor == second.cell
    opened = workspace.custody.open(workspace.custody.keyring.get([who])[who])
    assert not opened.holds(first.cell)
    assert not opened.holds(second.cell)


def test_what_may_only_be_stored_stays_so_when_it_is_corrected(bank: Lender) -> None:
    """A cell that a floor keeps from an erasure of a part is still kept only for that after its value was put right."""
    who, workspace = bank.people[1], bank.workspace
    erase(workspace, bank.tokens["dpo"], who, {"loan.file"})
    correct(workspace, bank.tokens["dpo"], who, {CARD_NUMBER: Plaintext.of("6228480000119999")})
    _, standing = workspace.data.read(lambda records: resolve_subject(workspace, records, who))
    rows = workspace.data.read(lambda records: records.cells.cells_of([who], "loan.file"))
    assert set(standing.kept_only) == {row.cell for row in rows} != set()


def test_what_a_hold_covers_stays_beside_the_right_value_until_it_ends(tmp_path: Path) -> None:
    """The held cell opens no more for the lender's own ends and keeps its key; let go, it alone is due and goes."""
    home = house(tmp_path)
    bank, workspace = home.bank, home.bank.workspace
    bank.take([1], customer=False)
    who, desk = bank.people[1], bank.tokens["rights_desk"]

    def states() -> dict[bytes, State]:
        judged = workspace.data.read(lambda records: _judged(workspace, records, who))
        assert all(_chain(bank, who).holds(cell) for cell in judged)
        return judged

    held = states().keys()
    review = local_date(home.clock.now()) + timedelta(days=30)
    demand = Demand("court", "rights.answer", bytes(range(32)), review, ("loan.file",))
    hold = set_hold(workspace, bank.tokens["dpo"], who, demand)
    correct(workspace, desk, who, {JOB: Plaintext.of("teacher"), MOBILE: RIGHT})
    (gone,) = held - states().keys()  # the one that no hold covers
    assert not _chain(bank, who).holds(gone)
    correct(workspace, desk, who, {JOB: Plaintext.of("farmer")})
    assert bank.raw(who)[JOB] == "farmer"
    kept = {cell for cell, state in states().items() if state is State.KEPT}
    assert (len(kept), len(kept & held)) == (2, 1)  # each wrong value in its turn
    assert verify_ledger(workspace).flaws == []

    lift_hold(workspace, desk, hold, bytes(range(32)))
    due = {cell for cell, state in states().items() if state is State.DUE}
    assert due == kept
    home.executed(home.cooled(home.wanted(who, ground=Ground.EXPIRED, due=True)))
    assert not any(_chain(bank, who).holds(cell) for cell in due)
    assert set(states().values()) == {State.IN_USE}
    assert bank.raw(who)[JOB] == "farmer"
    assert audited(workspace).flaws == []


def _chain(bank: Lender, who: SubjectId) -> OpenChain:
    return bank.workspace.custody.open(bank.workspace.custody.keyring.get([who])[who])


def _judged(workspace: Workspace, records: Records, who: SubjectId) -> dict[bytes, State]:
    """Return what becomes of every cell of a person."""
    now = workspace.now(records)
    judge = Judge(workspace, records, standing_engine(workspace, records, "", now), local_date(now))
    return {row.cell: judge.outlook(row).state for row in records.cells.cells_of([who])}


def test_nothing_kept_is_nothing_to_correct(bank: Lender) -> None:
    """A correction of what is not kept, or of nobody, is not found."""
    from tests.operations.portfolio import VIDEO

    with pytest.raises(NotFound):
        correct(bank.workspace, bank.tokens["dpo"], bank.people[1], {VIDEO: RIGHT})
    with pytest.raises(NotFound):
        correct(bank.workspace, bank.tokens["dpo"], new(SubjectId), {NAME: RIGHT})


def test_who_has_no_part_in_it_corrects_nothing(bank: Lender) -> None:
    """A role that neither answers rights nor examines applications is refused."""
    for role in ("analyst", "collector", "operator", "auditor", "model"):
        with pytest.raises(Refused):
            correct(bank.workspace, bank.tokens[role], bank.people[1], {NAME: RIGHT})


def test_who_is_frozen_or_erased_is_not_corrected(bank: Lender) -> None:
    """Frozen data is stored and protected only; erased data is not there."""
    freeze(bank.workspace, bank.tokens["dpo"], bank.people[1])
    for subject in (bank.people[1],):
        with pytest.raises(NotInThisState):
            correct(bank.workspace, bank.tokens["dpo"], subject, {NAME: RIGHT})


class Stopped(Exception):
    """The process went away here."""


def test_a_correction_that_never_came_to_its_record_leads_nobody_to_the_person(
    bank: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before its record, a correction has changed nothing: the value that was not taken in finds nobody."""

    def stop(*_: Any, **__: Any) -> None:
        raise Stopped

    monkeypatch.setattr(type(bank.workspace.data), "transact", stop)
    with pytest.raises(Stopped):
        correct(bank.workspace, bank.tokens["dpo"], bank.people[1], {MOBILE: RIGHT})
    monkeypatch.undo()
    assert bank.reopened().look_up(MOBILE, RIGHT) == []
    assert bank.find(1, MOBILE) == [bank.people[1]]


@pytest.mark.parametrize("point", ["journal", "keyring", "index"])
def test_a_correction_that_was_stopped_after_its_record_is_finished_by_opening(
    bank: Lender, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    """Killed after its record, the wrong value's key and tags go when the workspace is opened."""
    workspace, who = bank.workspace, bank.people[1]
    before = {row.cell for row in workspace.data.read(lambda records: records.cells.cells_of([who]))}
    destroy = correcting._destroy_old

    def stop(*_: Any, **__: Any) -> None:
        raise Stopped

    def stopping(*arguments: Any) -> None:
        place, method = {
            "journal": (workspace.journal, "append"),
            "keyring": (workspace.custody.keyring, "replace"),
            "index": (workspace.index, "remove"),
        }[point]
        monkeypatch.setattr(type(place), method, stop)
        destroy(*arguments)

    monkeypatch.setattr(correcting, "_destroy_old", stopping)
    with pytest.raises(Stopped):
        correct(workspace, bank.tokens["dpo"], who, {MOBILE: RIGHT})
    monkeypatch.undo()
    again = bank.reopened()
    rows = again.workspace.data.read(lambda records: records.cells.cells_of([who]))
    chain = again.workspace.custody.open(again.workspace.custody.keyring.get([who])[who])
    (gone,) = before - {row.cell for row in rows}
    assert not chain.holds(gone)
    assert all(chain.holds(row.cell) for row in rows)
    assert again.find(1, MOBILE) == []
    assert again.look_up(MOBILE, RIGHT) == [who]


def test_a_correction_that_meets_an_erasure_loses_nothing_that_stays(
    bank: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When an erasure begins while a correction is on its way, what a floor keeps still opens afterwards."""
    workspace, who, other = bank.workspace, bank.people[1], bank.reopened()
    seal = correcting.seal_anew

    def overtaken(*arguments: Any) -> Any:
        changes = seal(*arguments)
        monkeypatch.setattr("shouxin.operations.erasing.erase.carry_out", lambda _w, _t, jobs: jobs)
        erase(other.workspace, bank.tokens["dpo"], who)
        monkeypatch.undo()
        return changes

    monkeypatch.setattr(correcting, "seal_anew", overtaken)
    with contextlib.suppress(NotInThisState):
        correct(workspace, bank.tokens["dpo"], who, {CARD_NUMBER: Plaintext.of("6228480000119999")})
    from shouxin.operations.erasing.erase import resume_erasures

    resume_erasures(workspace, bank.tokens["dpo"])
    rows = workspace.data.read(lambda records: records.cells.cells_of([who]))
    chain = workspace.custody.open(workspace.custody.keyring.get([who])[who])
    assert {row.purpose for row in rows} == {"customer.file", "loan.file"}
    assert all(chain.holds(row.cell) for row in rows)
    assert ID_NUMBER in values_of(1)
