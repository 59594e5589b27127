from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shouxin.ledger.log import FlawKind
from shouxin.ledger.tiles import append_tiles
from shouxin.ledger.tree import leaf_hash
from shouxin.operations.advance import advance
from shouxin.operations.auditing.publish import publish
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.correct import correct
from shouxin.operations.erasing import erase as erasing
from shouxin.operations.erasing.erase import erase, resume_erasures
from shouxin.operations.subjects import merge
from tests import recorded
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
    recorded.forge(bank.home / store, statement, *values)


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
    size = recorded.size(bank.workspace)
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


@pytest.fixture
def log(tmp_path: Path) -> Lender:
    """A log of some entries, signed and published, with one entry behind what is signed."""
    made = lender(tmp_path, Hands())
    made.take([1, 2])
    for _ in range(4):
        made.masked(made.people[1])
    publish(made.workspace, made.tokens["operator"])
    made.masked(made.people[2])
    return made


def found(bank: Lender) -> list[tuple[str, str]]:
    """Return kind and place of everything that an audit finds, in order."""
    again = bank.reopened()
    flaws = [(flaw.kind.value, flaw.place) for flaw in verify_ledger(again.workspace).flaws]
    close(again.workspace)
    return flaws


def signed_size(bank: Lender) -> int:
    """Return how many of them are signed."""
    return bank.workspace.head.open(bank.workspace.shelf.get() or "").size


def rewritten(bank: Lender, leaf: int) -> bytes:
    """Return an entry with its role changed, as somebody would who wants another to have done it."""
    ((_, body),) = bank.workspace.data.read(lambda records: list(records.ledger.entries(leaf, leaf + 1)))
    changed = body.replace(b'"role":"analyst"', b'"role":"auditor"')
    assert changed != body
    return changed


def test_a_gap_is_a_gap_and_nothing_else(log: Lender) -> None:
    """An entry taken out, signed or not, is named by its number; no fork, no row is named beside it."""
    behind = recorded.size(log.workspace) - 1
    forge(log, "data/data.db", "DELETE FROM entries WHERE leaf = 5")
    assert found(log) == [("gap", "5")]
    forge(log, "data/data.db", "DELETE FROM entries WHERE leaf = 7")
    assert found(log) == [("gap", "5"), ("gap", "7")]
    assert behind > 7


def test_a_truncation_is_a_truncation_and_nothing_else(log: Lender) -> None:
    """Entries cut off at the end, into what is signed: where the log ends now, and no rollback or tile beside it."""
    size = recorded.size(log.workspace)
    forge(log, "data/data.db", "DELETE FROM entries WHERE leaf >= ?", size - 3)
    assert found(log) == [("truncation", str(size - 3))]


def test_a_rollback_is_a_rollback_and_nothing_else(log: Lender) -> None:
    """A data store from before what was signed last: named with the checkpoint that knows of more."""
    close(log.workspace)
    old = (log.home / "data" / "data.db").read_bytes()
    again = log.reopened()
    again.raw(again.people[1])
    close(again.workspace)
    for beside in ("data.db-wal", "data.db-shm"):
        (log.home / "data" / beside).unlink(missing_ok=True)
    (log.home / "data" / "data.db").write_bytes(old)
    assert found(log) == [("rollback", "apart/checkpoint")]


def test_a_fork_is_a_fork_and_nothing_else(log: Lender) -> None:
    """A signed entry rewritten, and every tile with it: named with each checkpoint that was signed for another one."""
    leaf = signed_size(log) - 2
    bodies = recorded.bodies(log.workspace)
    bodies[leaf] = rewritten(log, leaf)
    forge(log, "data/data.db", "UPDATE entries SET body = ? WHERE leaf = ?", bodies[leaf], leaf)
    for (level, number), hashes in append_tiles({}, 0, list(map(leaf_hash, bodies)))[0].items():
        forge(log, "data/data.db", "UPDATE tiles SET hashes = ? WHERE level = ? AND number = ?", hashes, level, number)
    assert found(log) == [("fork", "public/checkpoint"), ("fork", "apart/checkpoint")]


def test_an_altered_entry_is_named_and_nothing_else(log: Lender) -> None:
    """An entry rewritten alone, signed or behind what is signed: its number, no fork, no row, no tile."""
    for leaf in (signed_size(log) - 2, recorded.size(log.workspace) - 1):
        new = rewritten(log, leaf)
        ((_, old),) = log.workspace.data.read(lambda records, leaf=leaf: list(records.ledger.entries(leaf, leaf + 1)))
        forge(log, "data/data.db", "UPDATE entries SET body = ? WHERE leaf = ?", new, leaf)
        assert found(log) == [("altered-entry", str(leaf))]
        forge(log, "data/data.db", "UPDATE entries SET body = ? WHERE leaf = ?", old, leaf)


def test_an_entry_that_does_not_read_is_named_once(log: Lender) -> None:
    """Bytes that are no event at all are one altered entry."""
    forge(log, "data/data.db", "UPDATE entries SET body = ? WHERE leaf = 6", b"{}")
    assert found(log) == [("altered-entry", "6")]


@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
def test_an_altered_entry_alone_in_its_tile_is_an_altered_entry(log: Lender, signed: bool) -> None:
    """The first entry of a new tile, rewritten, is not taken for a tile that was."""
    while recorded.size(log.workspace) % 256 != 1:
        log.masked(log.people[1])
    leaf = recorded.size(log.workspace) - 1
    if signed:
        publish(log.workspace, log.tokens["operator"])
    forge(log, "data/data.db", "UPDATE entries SET body = ? WHERE leaf = ?", rewritten(log, leaf), leaf)
    assert found(log) == [("altered-entry", str(leaf))]


def test_an_altered_tile_is_named_and_nothing_else(log: Lender) -> None:
    """One hash, or all of them, written over in a tile, full or not, at the leaves or above: that tile."""
    forge(
        log,
        "data/data.db",
        "UPDATE tiles SET hashes = CAST(zeroblob(32) || substr(hashes, 33) AS BLOB) WHERE level = 0",
    )
    assert found(log) == [("altered-tile", "tile/0/0")]
    forge(log, "data/data.db", "UPDATE tiles SET hashes = randomblob(length(hashes)) WHERE level = 0")
    assert found(log) == [("altered-tile", "tile/0/0")]
    forge(log, "data/data.db", "UPDATE tiles SET hashes = x'00' WHERE level = 0")
    assert found(log) == [("altered-tile", "tile/0/0")]
    forge(log, "data/data.db", "DELETE FROM tiles WHERE level = 0")
    assert found(log) == [("altered-tile", "tile/0/0")]


def test_in_a_full_tile_the_tile_above_says_which_is_wrong(log: Lender) -> None:
    """An entry and a hash of a full tile, altered one after the other, are each named as what they are."""
    while recorded.size(log.workspace) < 257:
        log.masked(log.people[1])
    leaf = signed_size(log) - 2
    close(log.workspace)
    tiles = sqlite3.connect(log.home / "data" / "data.db")
    ((hashes,),) = tiles.execute("SELECT hashes FROM tiles WHERE level = 0 AND number = 0").fetchall()
    tiles.close()
    place = "UPDATE tiles SET hashes = ? WHERE level = ? AND number = 0"
    forge(log, "data/data.db", place, bytes(32) + hashes[32:], 0)
    assert found(log) == [("altered-tile", "tile/0/0")]
    forge(log, "data/data.db", place, hashes, 0)
    forge(log, "data/data.db", "UPDATE entries SET body = ? WHERE leaf = ?", rewritten(log.reopened(), leaf), leaf)
    assert found(log) == [("altered-entry", str(leaf))]
    forge(log, "data/data.db", place, bytes(32), 1)
    assert found(log) == [("altered-entry", str(leaf)), ("altered-tile", "tile/1/0")]


@pytest.mark.parametrize("pattern", ["log.vkey", "verify_certificate.py", "tile/0/**/*", "tile/entries/**/*"])
@pytest.mark.parametrize("harm", ["flip", "cut"])
def test_a_published_file_that_was_touched_is_named(log: Lender, pattern: str, harm: str) -> None:
    """Key, verifier, hash tiles and entry bundles are held against what they should be, also old and partial ones."""
    publish(log.workspace, log.tokens["operator"])
    places = [path for path in (log.home / "public").glob(pattern) if path.is_file()]
    assert places
    for path in places:
        whole = path.read_bytes()
        middle = len(whole) // 2
        path.write_bytes(whole[:middle] + (bytes([whole[middle] ^ 1]) + whole[middle + 1 :] if harm == "flip" else b""))
        assert found(log) == [("altered-publication", path.relative_to(log.home).as_posix())]
        path.write_bytes(whole)
    assert found(log) == []


def test_a_published_file_that_a_reader_needs_and_is_gone_is_named(log: Lender) -> None:
    """Every tile and bundle of the published size must be there."""
    publish(log.workspace, log.tokens["operator"])
    size = signed_size(log)
    (log.home / "public" / "tile" / "0" / "000.p" / str(size)).unlink()
    (log.home / "public" / "log.vkey").unlink()
    (log.home / "public" / "verify_certificate.py").unlink()
    places = ["public/log.vkey", "public/verify_certificate.py", f"public/tile/0/000.p/{size}"]
    assert found(log) == [("altered-publication", place) for place in places]


def test_a_touched_published_checkpoint_is_a_broken_signature(log: Lender) -> None:
    """The published checkpoint is looked at without being given."""
    place = log.home / "public" / "checkpoint"
    place.write_bytes(place.read_bytes().replace(b"\n", b"\n1", 1))
    assert found(log) == [("broken-signature", "public/checkpoint")]
