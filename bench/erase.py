"""Erase many people to `live` and issue their certificates; the same rows deleted by cascade from plain SQLite."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from bench.figure import at_least, at_most, figure, times
from bench.house import House, card, open_house
from bench.people import RECORD, record, wrapped
from shouxin.domain.identifiers import OperationId, SubjectId
from shouxin.domain.items import ItemCode
from shouxin.operations.certifying.certify import certificates
from shouxin.operations.collecting.collect import collect, source_digest
from shouxin.operations.collecting.intake import Intake, Person, Plan
from shouxin.operations.erasing.erase import erase_many
from shouxin.operations.objects.keep import keep_object
from shouxin.storage.sqlite import _PRAGMAS
from shouxin.vault.erasure import ErasureState

PURPOSE: Final = "loan.review"
VIDEO: Final = ItemCode("interview.video")
BATCH: Final = 1_000
MEGABYTE: Final = 1 << 20


def _lender(home: Path, people: int) -> tuple[House, list[SubjectId]]:
    """Return a workspace with ``people`` of twenty items each, and who they are, in the order of their identifiers."""
    house = open_house(home, [card(PURPOSE, (*RECORD, VIDEO), statutory=True)])
    for start in range(0, people, 20_000):
        wanted = range(start, min(people, start + 20_000))
        intakes = [Intake(number + 1, Person(wrapped(record(number)))) for number in wanted]
        place = source_digest("csv", start.to_bytes(8, "big"))
        done = collect(house.workspace, house.tokens["collector"], Plan("csv", (PURPOSE,)), intakes, place=place)
        assert done.taken == len(intakes), done.aside[:3]
    return house, sorted(house.workspace.custody.keyring.all_subjects())


def _batches(work: Callable[[Sequence[SubjectId]], None], people: Sequence[SubjectId]) -> float:
    """Return the seconds that ``work`` takes for everybody, a batch at a time."""
    start = time.perf_counter()
    for at in range(0, len(people), BATCH):
        work(people[at : at + BATCH])
    return time.perf_counter() - start


def _erased(folder: Path, count: int) -> tuple[float, float]:
    """Erase ``count`` people; return the seconds until all are ``live`` and those that their certificates take."""
    house, people = _lender(folder, count)
    operations: list[OperationId] = []

    def erase(some: Sequence[SubjectId]) -> None:
        done = erase_many(house.workspace, house.tokens["dpo"], some)
        assert all(erasure.state is ErasureState.LIVE and erasure.outcome == "erased" for _, erasure in done)
        operations.extend(operation for operation, _ in done)

    live = _batches(erase, people)
    start = time.perf_counter()
    issued = 0
    for at in range(0, len(operations), BATCH):
        issued += len(certificates(house.workspace, house.tokens["dpo"], operations[at : at + BATCH]))
    assert issued == count
    assert not list(house.workspace.data.read(lambda records: list(records.all_cells())))
    house.workspace.close()
    return live, time.perf_counter() - start


def _with_objects(folder: Path, count: int) -> float:
    """Erase ``count`` people with an object of a megabyte each; return the seconds until all are ``live``."""
    house, people = _lender(folder, count)
    content = os.urandom(MEGABYTE)
    for one in people:
        keep_object(house.workspace, house.tokens["collector"], one, PURPOSE, VIDEO, [content])
    assert sum(1 for _ in house.workspace.objects.all_objects()) == count

    def erase(some: Sequence[SubjectId]) -> None:
        done = erase_many(house.workspace, house.tokens["dpo"], some)
        assert all(erasure.state is ErasureState.LIVE and erasure.outcome == "erased" for _, erasure in done)
        assert len(certificates(house.workspace, house.tokens["dpo"], [one for one, _ in done])) == len(done)

    taken = _batches(erase, people)
    assert not list(house.workspace.objects.all_objects())
    house.workspace.close()
    return taken


_HOW: Final = f"""Twenty items and three index tags a person; batches of {BATCH:,}, in the order of identifiers. Each \
erasure is five events, a fresh key chain in place of the old one, a line of the journal (fsync before the keyring), \
tags, rows and objects away, and a read-back of keyring, index, object stores and rows."""
_PEER: Final = """The plain rows: people, records, keys and tags with the same indexes, foreign keys with ON DELETE \
CASCADE, WAL, synchronous=FULL and secure_delete; no log, no keys, no read-back."""
_PLAIN: Final = """
PRAGMA foreign_keys=ON;
CREATE TABLE people (subject BLOB PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE records (record BLOB NOT NULL, subject BLOB NOT NULL REFERENCES people ON DELETE CASCADE, body BLOB);
CREATE UNIQUE INDEX records_by_record ON records (record);
CREATE INDEX records_by_subject ON records (subject);
CREATE TABLE keys (subject BLOB PRIMARY KEY REFERENCES people ON DELETE CASCADE, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE tags (tag BLOB, record BLOB REFERENCES records (record) ON DELETE CASCADE, subject BLOB,
    PRIMARY KEY (tag, record)) WITHOUT ROWID;
CREATE INDEX tags_by_record ON tags (record);
"""


def _plain(path: Path, count: int) -> float:
    """Delete ``count`` people from plain tables of the same rows and indexes; return the seconds."""
    store = sqlite3.connect(path, isolation_level=None)
    for pragma in _PRAGMAS:
        store.execute(pragma)
    store.executescript(_PLAIN)
    people = sorted(os.urandom(16) for _ in range(count))
    body = "\0".join(record(7).values()).encode()
    shuffled = [(os.urandom(16), subject) for subject in sorted(people, key=lambda one: one[::-1])]
    store.execute("BEGIN IMMEDIATE")
    store.executemany("INSERT INTO people VALUES (?, ?)", ((subject, bytes(120)) for subject in people))
    store.executemany("INSERT INTO keys VALUES (?, ?)", ((subject, bytes(190)) for subject in people))
    store.executemany("INSERT INTO records VALUES (?, ?, ?)", ((*pair, body) for pair in shuffled))
    tags = ((os.urandom(16), *pair) for pair in shuffled for _ in range(3))
    store.executemany("INSERT INTO tags VALUES (?, ?, ?)", tags)
    store.execute("COMMIT")
    start = time.perf_counter()
    for at in range(0, count, BATCH):
        store.execute("BEGIN IMMEDIATE")
        store.executemany("DELETE FROM people WHERE subject = ?", ((one,) for one in people[at : at + BATCH]))
        store.execute("COMMIT")
    taken = time.perf_counter() - start
    assert store.execute("SELECT (SELECT count(*) FROM tags) + (SELECT count(*) FROM records)").fetchone() == (0,)
    store.close()
    return taken


def run(*, quick: bool) -> dict[str, Any]:
    """Measure; see the module."""
    small, large, objects = (100, 300, 10) if quick else (1_000, 100_000, 10_000)
    with tempfile.TemporaryDirectory(prefix="shouxin-bench-") as name:
        folder = Path(name)
        one = min((_erased(folder / f"small-{again}", small) for again in range(3)), key=lambda pair: pair[0])
        many = _erased(folder / "large", large)
        plain = _plain(folder / "plain.db", large)
        held = _with_objects(folder / "objects", objects)
    figures = [
        figure(f"erase to `live`, {large:,} subjects", large / many[0], "/s", goal=at_least(1_000, 3_000)),
        figure(f"erase to `live`, {small:,} subjects", small / one[0], "/s"),
        figure(
            f"cost of a subject, {large:,} against {small:,}",
            many[0] / large * 1e6,
            "µs",
            peer=(f"{small:,} subjects", one[0] / small * 1e6),
            goal=times(at_most(1.3)),
        ),
        figure(
            f"erase {large:,} subjects against DELETE cascades",
            many[0],
            "s",
            peer=("plain rows, same SQLite and pragmas", plain),
            goal=times(at_most(3)),
        ),
        figure(f"certificates of {large:,} erasures, issued in bulk", large / many[1], "/s"),
        figure(
            f"erase to `live` and certify, {large:,} subjects", large / sum(many), "/s", goal=at_least(1_000, 3_000)
        ),
        figure(
            f"erase to `live` and certify, {objects:,} subjects with an object of 1 MB",
            objects / held,
            "/s",
            goal=at_least(1_000, 3_000),
        ),
    ]
    notes = [_HOW, _PEER]
    return {"title": "Erasing many people", "figures": figures, "notes": notes}
