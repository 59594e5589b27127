"""The audit of integrity: what it names, what it files, when the next one is due."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import ObjectId
from shouxin.errors import Invalid, Refused, Tampered
from shouxin.keys.chain import LinkKind
from shouxin.ledger.entry import decode
from shouxin.operations.auditing.audit import IntegrityAudit, audit_due, check_report, run_audit
from shouxin.operations.erasing.erase import erase
from shouxin.operations.objects.archive import run_archive
from tests.operations.archives import DAYS, wait, with_archive
from tests.operations.portfolio import MARK, Hands, Lender
from tests.workspaces import close

FRAMES = MARK.encode() * 50


@pytest.fixture
def bank(tmp_path: Path, clock: Hands) -> Lender:
    """Three applicants: one with an archived video, one with a hot one; the third is erased, with theirs."""
    made = with_archive(tmp_path, clock)
    made.take([1, 2, 3], customer=False)
    made.film(made.people[1], FRAMES)
    made.film(made.people[3], FRAMES)
    wait(made, clock, days=DAYS + 1)
    run_archive(made.workspace, made.tokens["operator"])
    made.film(made.people[2], FRAMES)
    made.workspace.data.transact(lambda records: None, covered=True)
    return made


Filed = list[tuple[dict[str, Any], bytes]]


def audited(bank: Lender, filed: Filed | None = None, sample: int = 1000) -> IntegrityAudit:
    """Audit as an auditor."""
    into: Filed = [] if filed is None else filed
    return run_audit(
        bank.workspace, bank.tokens["auditor"], lambda report, content: into.append((report, content)), sample=sample
    )


def codes(done: IntegrityAudit) -> set[str]:
    """Return the kinds of what was found."""
    return {one["code"] for one in done.report["findings"]}


def test_a_clean_audit_is_filed_signed_and_recorded(bank: Lender) -> None:
    """Nothing found; the event holds the digest of the bytes that were filed; the signature holds, a change is seen."""
    erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
    filed: Filed = []
    done = audited(bank, filed)
    assert (done.intact, done.recorded, done.report["findings"]) == (True, True, [])
    ((report, content),) = filed
    assert json.loads(content) == report
    assert report["sample"]["objects"] == 2
    assert report["sample"]["proofs"] > 10
    last = bank.workspace.data.read(lambda records: records.ledger.entry(records.ledger.size - 1))
    event = decode(last)
    assert event.kind is EventKind.AUDIT_DONE
    assert event.facts["report"] == hashlib.sha256(content).hexdigest()
    assert (event.facts["outcome"], event.facts["findings"], event.facts["flaws"]) == ("intact", [], 0)
    log = bank.workspace.head.verifier
    assert check_report(report, log) == "intact"
    with pytest.raises(Tampered):
        check_report({**report, "outcome": "broken"}, log)
    again = audited(bank.reopened())
    assert again.report["previous"]["report"] == hashlib.sha256(content).hexdigest()
    assert again.intact


def in_data(bank: Lender, statement: str, *values: Any) -> None:
    """Change the closed data store behind everybody's back."""
    _change(bank.home / "data" / "data.db", statement, *values)


def _change(path: Path, statement: str, *values: Any) -> None:
    with sqlite3.connect(path) as rows:
        changed = rows.execute(statement, values).rowcount
    rows.close()
    assert changed > 0, "the fault itself must happen"


def object_of(bank: Lender, number: int) -> ObjectId:
    """Return an applicant's video."""
    (row,) = bank.workspace.data.read(lambda records: records.cells.objects_of([bank.people[number]]))
    return row.object_id


def file_of(bank: Lender, store: str, one: ObjectId) -> Path:
    """Return where a store has an object."""
    folder = bank.home / "data" / "objects" if store == "objects" else bank.home.parent / "archive"
    return folder / one.hex()[:2] / one.hex()


def orphan_key(bank: Lender) -> None:
    """Put a key into somebody's chain that opens nothing."""
    custody = bank.workspace.custody
    held = custody.keyring.get([bank.people[1]])[bank.people[1]]
    opened = custody.open(held)
    made = opened.with_links([opened.wrap(LinkKind.CELL, b"orphan-key-here!", custody.suite.new_key())])
    custody.keyring.replace([held], [made], fence=custody.refresh())


def missing_key(bank: Lender) -> None:
    """Take somebody's chain out of the keyring."""
    close(bank.workspace)
    _change(bank.home / "keyring" / "keyring.db", "DELETE FROM chains WHERE subject = ?", bank.people[1])


def missing_hot(bank: Lender) -> None:
    """Lose the object of the hot store."""
    file_of(bank, "objects", object_of(bank, 2)).unlink()


def missing_archived(bank: Lender) -> None:
    """Lose an object of the archive."""
    file_of(bank, "archive", object_of(bank, 1)).unlink()


def altered_archived(bank: Lender) -> None:
    """Flip the last byte of an archived object."""
    path = file_of(bank, "archive", object_of(bank, 1))
    body = path.read_bytes()
    path.write_bytes(body[:-1] + bytes([body[-1] ^ 1]))


def altered_hot(bank: Lender) -> None:
    """Flip the last byte of a hot object."""
    path = file_of(bank, "objects", object_of(bank, 2))
    body = path.read_bytes()
    path.write_bytes(body[:-1] + bytes([body[-1] ^ 1]))


def copied_back(bank: Lender) -> None:
    """Put an archived object into the hot store too."""
    one = object_of(bank, 1)
    path = file_of(bank, "objects", one)
    path.parent.mkdir(exist_ok=True)
    shutil.copy(file_of(bank, "archive", one), path)


def flipped_tile(bank: Lender) -> None:
    """Flip a byte in the hashes of the first tile."""
    close(bank.workspace)
    with sqlite3.connect(bank.home / "data" / "data.db") as rows:
        (hashes,) = rows.execute("SELECT hashes FROM tiles WHERE level = 0 AND number = 0").fetchone()
    rows.close()
    in_data(bank, "UPDATE tiles SET hashes = ? WHERE level = 0 AND number = 0", bytes([hashes[0] ^ 1]) + hashes[1:])


def lost_index(bank: Lender) -> None:
    """Lose every file of the index."""
    close(bank.workspace)
    for path in (bank.home / "index").glob("*.db"):
        path.unlink()


FAULTS: dict[str, tuple[Callable[[Lender], None], str, str]] = {
    "an orphan key": (orphan_key, "orphan-key", "chains/"),
    "a cell without its key": (missing_key, "missing-key", "chains/"),
    "an object lost from the hot store": (missing_hot, "missing-object", "objects/"),
    "an object lost from the archive": (missing_archived, "missing-object", "archive/"),
    "an archived object altered": (altered_archived, "altered-object", "archive/"),
    "a hot object altered": (altered_hot, "altered-object", "objects/"),
    "an archived object in the hot store": (copied_back, "loose-object", "objects/"),
    "the index lost": (lost_index, "altered-row", "index/1.db"),
    "a tile flipped": (flipped_tile, "altered-tile", "tile/0/0"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_planted_fault_is_named(bank: Lender, fault: str) -> None:
    """By its code and place, in the report and (where the log can be written) the event; the audit stays due."""
    plant, code, place = FAULTS[fault]
    plant(bank)
    again = bank.reopened()
    done = audited(again)
    assert not done.intact
    assert code in codes(done), done.report["findings"]
    assert any(one["code"] == code and one["place"].startswith(place) for one in done.report["findings"])
    assert done.report["outcome"] == "broken"
    assert done.recorded is (plant is not flipped_tile)  # a log that forked is not written to
    if done.recorded:
        event = decode(again.workspace.data.read(lambda records: records.ledger.entry(records.ledger.size - 1)))
        assert code in event.facts["findings"]  # type: ignore[operator]
    assert audit_due(again.workspace)[0]


@pytest.mark.parametrize("back", ["tag", "row", "key", "object", "archived object"])
def test_what_comes_back_of_somebody_erased_is_named(bank: Lender, back: str) -> None:
    """An erased person's tag, row, key or object, put back from a copy, is found by the next audit."""
    who, film = bank.people[3], object_of(bank, 3)
    close(bank.workspace)
    saved = shutil.copytree(bank.home, bank.home.parent / "saved")
    sealed = file_of(bank, "archive", film).read_bytes()
    bank = bank.reopened()
    erase(bank.workspace, bank.tokens["dpo"], who)
    assert audited(bank).intact
    close(bank.workspace)
    if back.endswith("object"):
        path = file_of(bank, "archive" if back.startswith("archived") else "objects", film)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(sealed)
        code = "loose-object"
    else:
        store, table, column = {
            "tag": ("index/1.db", "tags", "subject"),
            "row": ("data/data.db", "cells", "subject"),
            "key": ("keyring/keyring.db", "chains", "subject"),
        }[back]
        with sqlite3.connect(bank.home / store) as rows:
            rows.execute("ATTACH ? AS old", (str(saved / store),))
            statement = f"INSERT OR REPLACE INTO {table} SELECT * FROM old.{table} WHERE {column} = ?"
            assert rows.execute(statement, (who,)).rowcount > 0
            rows.commit()
        rows.close()
        code = {"tag": "loose-tag", "row": "readable-again", "key": "readable-again"}[back]
    done = audited(bank.reopened())
    assert not done.intact
    assert code in codes(done), done.report["findings"]
    if back != "tag":
        assert "readable-again" in codes(done)


def test_an_archive_that_cannot_be_asked_makes_the_audit_incomplete(bank: Lender) -> None:
    """That is no tampering; the report says so, and the audit stays due."""
    folder = bank.home.parent / "archive"
    folder.rename(folder.with_name("away"))
    again = bank.reopened()
    done = audited(again)
    assert (done.intact, done.report["outcome"], codes(done)) == (True, "incomplete", {"unreachable"})
    assert audit_due(again.workspace)[0]


def test_an_audit_is_due_when_the_last_is_old(bank: Lender, clock: Hands) -> None:
    """Due before the first, not after it, and again after ``audit_days``."""
    assert audit_due(bank.workspace) == (True, None)
    audited(bank, sample=0)
    late, last = audit_due(bank.workspace)
    assert (late, last is not None and last.outcome) == (False, "intact")
    clock.on(days=bank.workspace.audit_days, minutes=-1)
    assert not audit_due(bank.workspace)[0]
    clock.on(minutes=1)
    assert audit_due(bank.workspace)[0]


def test_who_may_audit_and_how_much(bank: Lender) -> None:
    """An analyst may not; a negative sample is invalid; a report that cannot be filed is not recorded."""
    with pytest.raises(Refused):
        run_audit(bank.workspace, bank.tokens["analyst"], lambda _report, _content: None)
    with pytest.raises(Invalid):
        audited(bank, sample=-1)

    def full(_report: dict[str, Any], _content: bytes) -> None:
        raise Invalid("cannot be written", "report")

    with pytest.raises(Invalid):
        run_audit(bank.workspace, bank.tokens["auditor"], full)
    assert audit_due(bank.workspace) == (True, None)
