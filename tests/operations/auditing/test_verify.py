from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shouxin.ledger.log import FlawKind
from shouxin.operations.advance import advance
from shouxin.operations.auditing.publish import publish
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.correct import correct
from shouxin.operations.erasing import erase as erasing
from shouxin.operations.erasing.erase import erase, resume_erasures
from shouxin.operations.subjects import merge
from tests.operations.portfolio import MOBILE, Hands, Lender, lender, values_of
from tests.workspaces import close


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """Two customers, the first with a contact, and a declined applicant."""
    made = lender(tmp_path, Hands())
    made.take([1], contact=True)
    made.take([2])
    made.take([3], customer=False)
    return made


def forge(bank: Lender, store: str, statement: str, *values: Any) -> None:
    """Change a closed store behind everybody's back."""
    close(bank.workspace)
    with sqlite3.connect(bank.home / store) as rows:
        changed = rows.execute(statement, values).rowcount
    rows.close()
    assert changed > 0, "the forgery itself must happen, or the test shows nothing"


def places(bank: Lender) -> list[str]:
    """Return where an audit finds something, each table once."""
    return sorted({flaw.place.partition("/")[0] for flaw in verify_ledger(bank.reopened().workspace).flaws})


def test_nothing_is_found_in_what_was_not_touched(bank: Lender) -> None:
    """A workspace with a history audits clean; what was checked is counted, and each entry is told as it is done."""
    bank.film(bank.people[1])
    correct(bank.workspace, bank.tokens["dpo"], bank.people[1], {MOBILE: values_of(9)[MOBILE]})
    erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
    advance(bank.workspace, bank.tokens["operator"])
    bank.raw(bank.people[1])
    done: list[int] = []
    found = verify_ledger(bank.workspace, step=done.append)
    assert (found.flaws, found.intact) == ([], True)
    size = bank.workspace.data.read(lambda records: records.ledger.size)
    assert found.size == found.entries == done[-1] == size
    assert found.checkpoints == 1
    assert found.tiles > 0


def test_a_hidden_merge_is_named(bank: Lender) -> None:
    """A merge taken out of the look-up column, so that an erasure would miss the record, is found at that row."""
    merge(bank.workspace, bank.tokens["dpo"], bank.people[3], bank.people[2])
    forge(bank, "data/data.db", "UPDATE subjects SET name = '' WHERE name <> ''")
    flaws = verify_ledger(bank.reopened().workspace).flaws
    assert f"subjects/{bank.people[3].hex()[:8]}" in {flaw.place for flaw in flaws}
    assert all(flaw.kind is FlawKind.ALTERED_ROW for flaw in flaws)


@pytest.mark.parametrize("table", ["accounts", "grants", "sign_ins", "cards", "consents", "subjects"])
def test_a_look_up_column_belongs_to_the_row(bank: Lender, table: str) -> None:
    """Whatever row is filed under another name is named by the audit."""
    from shouxin.operations.opening.approve import approve, request_access

    request = request_access(bank.workspace, bank.tokens["analyst"], bank.wish(bank.people[1], form="raw"))
    approve(bank.workspace, bank.tokens["approver"], request)
    approve(bank.workspace, bank.tokens["dpo"], request)
    assert places(bank) == []
    forge(
        bank,
        "data/data.db",
        f"UPDATE {table} SET name = name || 'x' WHERE identifier = (SELECT max(identifier) FROM {table})",
    )
    assert table in places(bank)


@pytest.mark.parametrize("table", ["consents", "subjects"])
def test_the_person_of_a_row_belongs_to_it(bank: Lender, table: str) -> None:
    """A consent or a standing filed under another person is named by the audit."""
    forge(
        bank,
        "data/data.db",
        f"UPDATE {table} SET subject = ? WHERE identifier = (SELECT min(identifier) FROM {table} WHERE subject <> ?)",
        bank.people[2],
        bank.people[2],
    )
    assert table in places(bank)


def tag_of(bank: Lender, number: int) -> bytes:
    """Return the tag under which applicant ``number`` is found by mobile."""
    (epoch, cipher), *_ = bank.workspace.generations()
    (tag,) = bank.workspace.tagger.outer(
        cipher, [bank.workspace.tagger.inner(MOBILE, values_of(number)[MOBILE].text())]
    )
    assert bank.workspace.index.find(epoch, tag)
    return tag


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        ("UPDATE tags SET tag = randomblob(16) WHERE tag = ?", lambda bank: (tag_of(bank, 1),)),
        ("DELETE FROM tags WHERE tag = ?", lambda bank: (tag_of(bank, 1),)),
        ("UPDATE tags SET subject = ? WHERE tag = ?", lambda bank: (bank.people[2], tag_of(bank, 1))),
        (
            "INSERT INTO tags SELECT randomblob(16), cell, subject FROM tags WHERE tag = ?",
            lambda bank: (tag_of(bank, 1),),
        ),
        (
            "INSERT INTO tags SELECT ?, cell, subject FROM tags WHERE tag = ?",
            lambda bank: (tag_of(bank, 2), tag_of(bank, 1)),
        ),
        ("DELETE FROM tags WHERE subject = ?", lambda bank: (bank.people[1],)),
    ],
    ids=["altered", "missing", "moved", "added", "added-under-another's-number", "all-missing"],
)
@pytest.mark.parametrize("advanced", [False, True], ids=["first-epoch", "second-epoch"])
def test_every_tag_is_held_against_what_is_sealed(
    bank: Lender, statement: str, values: Callable[[Lender], tuple[Any, ...]], advanced: bool
) -> None:
    """A tag that is altered, missing, moved or added is named with its cell; nothing else is."""
    if advanced:
        advance(bank.workspace, bank.tokens["operator"])
    forge(bank, f"index/{2 if advanced else 1}.db", statement, *values(bank))
    flaws = verify_ledger(bank.reopened().workspace).flaws
    cells = bank.reopened().workspace.data.read(lambda records: records.cells.cells_of([bank.people[1]]))
    assert {flaw.place for flaw in flaws} <= {f"index/{row.cell.hex()[:8]}" for row in cells}
    assert flaws
    assert all(flaw.is_integrity for flaw in flaws)


def test_keys_and_rows_are_held_against_each_other(bank: Lender) -> None:
    """A cell that lost its row (with its tags), a person whose chain is gone, a chain of nobody are each named."""
    forge(bank, "data/data.db", "DELETE FROM cells WHERE subject = ? AND purpose = 'loan.file'", bank.people[2])
    assert places(bank) == ["chains", "index"]
    forge(bank, "keyring/keyring.db", "DELETE FROM chains WHERE subject = ?", bank.people[1])
    assert {"cells", "chains"} <= set(places(bank))


def test_an_unfinished_erasure_is_told_and_is_no_tampering(bank: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between intent and outcome the audit says that work waits, and that nobody tampered; then it is clean again."""

    def stop(*_: Any) -> Any:
        raise ConnectionError

    monkeypatch.setattr(erasing, "carry_out", stop)
    with pytest.raises(ConnectionError):
        erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
    monkeypatch.undo()
    found = verify_ledger(bank.workspace)
    assert [flaw.kind for flaw in found.flaws] == [FlawKind.UNFINISHED_INTENT]
    assert found.intact
    resume_erasures(bank.workspace, bank.tokens["dpo"])
    assert verify_ledger(bank.workspace).flaws == []


def test_a_checkpoint_from_elsewhere_is_held_against_the_log(bank: Lender, tmp_path: Path) -> None:
    """What was published passes; the same with a letter changed, or another lender's, is a broken signature."""
    note = publish(bank.workspace, bank.tokens["operator"])
    bank.masked(bank.people[1])
    assert verify_ledger(bank.workspace, published=[("their copy", note)]).flaws == []
    lines = note.split("\n")
    changed = "\n".join([lines[0], str(int(lines[1]) - 1), *lines[2:]])
    for bad in (changed, ""):
        (flaw,) = verify_ledger(bank.workspace, published=[("their copy", bad)]).flaws
        assert (flaw.kind, flaw.place) == (FlawKind.BROKEN_SIGNATURE, "their copy")
    # Whoever has the log's key signs another history of the same institution: that is a fork, with a good signature.
    other = lender(tmp_path / "other", Hands())
    other.take([1])
    theirs = publish(other.workspace, other.tokens["operator"])
    (flaw,) = verify_ledger(bank.workspace, published=[("their copy", theirs)]).flaws
    assert (flaw.kind, flaw.place) == (FlawKind.FORK, "their copy")


def test_entries_that_are_gone_are_missed(bank: Lender) -> None:
    """A log cut behind its signed checkpoint is not clean, whatever its counters say."""
    bank.raw(bank.people[1])
    size = bank.workspace.data.read(lambda records: records.ledger.size)
    forge(bank, "data/data.db", "DELETE FROM entries WHERE leaf = ?", size - 1)
    assert not verify_ledger(bank.reopened().workspace).intact
