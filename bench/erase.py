"""Erase many people to `live` and issue their certificates; the same rows deleted by cascade from plain SQLite."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.figure import at_least, at_most, figure, times
from bench.house import PASSPHRASE, House, card, open_house
from bench.people import RECORD, record, wrapped
from shouxin.actors.account import Token
from shouxin.bootstrap import open_workspace
from shouxin.domain.identifiers import SubjectId
from shouxin.domain.items import ItemCode
from shouxin.operations.certifying.certify import certificates
from shouxin.operations.collecting.collect import collect, source_digest
from shouxin.operations.collecting.intake import Intake, Person, Plan
from shouxin.operations.erasing.erase import erase_many
from shouxin.operations.objects.keep import keep_object
from shouxin.operations.staff.accounts import sign_in
from shouxin.operations.workspace import Workspace
from shouxin.storage.sqlite import _PRAGMAS
from shouxin.vault.erasure import ErasureState

PURPOSE: Final = "loan.review"
VIDEO: Final = ItemCode("interview.video")
BATCH: Final = 1_000
MEGABYTE: Final = 1 << 20
WORKERS: Final = 2
WARM: Final = 50
_PATIENCE: Final = 600.0


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


@dataclass(frozen=True, slots=True)
class _Spent:
    """What one process did: from when until when (seconds of one clock), and its seconds of erasing and certifying."""

    began: float
    ended: float
    erasing: float
    certifying: float


def _batch(workspace: Workspace, token: Token, people: Sequence[SubjectId]) -> tuple[float, float]:
    """Erase and certify these people; return the seconds of both."""
    start = time.monotonic()
    done = erase_many(workspace, token, people)
    erased = time.monotonic()
    issued = certificates(workspace, token, [operation for operation, _ in done])
    certified = time.monotonic()
    assert all(erasure.state is ErasureState.LIVE and erasure.outcome == "erased" for _, erasure in done)
    assert len(issued) == len(done)
    return erased - start, certified - erased


def _share(home: Path, people: Sequence[SubjectId], gate: Any, found: Any) -> None:
    """Erase and certify these people batch by batch, in a fresh process; the first few before the clock starts."""
    workspace = open_workspace(home)
    token = sign_in(workspace, "dpo", PASSPHRASE)[0]
    _batch(workspace, token, people[:WARM])
    gate.wait()
    began = time.monotonic()
    taken = [_batch(workspace, token, people[at : at + BATCH]) for at in range(WARM, len(people), BATCH)]
    erasing, certifying = map(sum, zip(*taken, strict=True))
    found.put(_Spent(began, time.monotonic(), erasing, certifying))
    workspace.close()


def _by_processes(home: Path, people: Sequence[SubjectId], workers: int) -> list[_Spent]:
    """Have ``workers`` fresh processes erase and certify at the same time, each its own share, side by side."""
    context = multiprocessing.get_context("spawn")
    gate, found = context.Barrier(workers), context.Queue()
    size = -(-len(people) // workers)
    shares = [people[at : at + size] for at in range(0, len(people), size)]
    processes = [context.Process(target=_share, args=(home, share, gate, found), daemon=True) for share in shares]
    for process in processes:
        process.start()
    spent = [found.get(timeout=_PATIENCE) for _ in processes]
    for process in processes:
        process.join(_PATIENCE)
    return spent


def _certified(spent: Sequence[_Spent]) -> float:
    """Return the seconds from the first that began to the last that ended."""
    return max(one.ended for one in spent) - min(one.began for one in spent)


def _erased(folder: Path, count: int, workers: int = 1) -> list[_Spent]:
    """Erase and certify ``count`` people; see that nothing of them is left."""
    house, people = _lender(folder, count + WARM * workers)
    house.workspace.close()
    spent = _by_processes(folder, people, workers)
    after = open_workspace(folder)
    assert not list(after.data.read(lambda records: list(records.all_cells())))
    after.close()
    return spent


def _with_objects(folder: Path, count: int, workers: int) -> list[_Spent]:
    """Erase and certify ``count`` people with an object of a megabyte each; see that no object is left."""
    house, people = _lender(folder, count + WARM * workers)
    content = os.urandom(MEGABYTE)
    for one in people:
        keep_object(house.workspace, house.tokens["collector"], one, PURPOSE, VIDEO, [content])
    assert sum(1 for _ in house.workspace.objects.all_objects()) == len(people)
    house.workspace.close()
    spent = _by_processes(folder, people, workers)
    after = open_workspace(folder)
    assert not list(after.objects.all_objects())
    after.close()
    return spent


_HOW: Final = f"""Twenty items and three index tags a person; batches of {BATCH:,}, in the order of identifiers. Each \
erasure is five events, a fresh key chain in place of the old one, a line of the journal (fsync before the keyring), \
tags, rows and objects away, and a read-back of keyring, index, object stores and rows. Who erases is a process that \
has just been started on what another one collected; of several each has a share of its own. Each \
erases {WARM} people before the clock starts."""
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
        ones = (_erased(folder / f"small-{again}", small)[0] for again in range(3))
        one = min(ones, key=lambda spent: spent.erasing)
        many = _erased(folder / "large", large)[0]
        together = _certified(_erased(folder / "together", large, WORKERS))
        plain = _plain(folder / "plain.db", large)
        held_by_one = _certified(_with_objects(folder / "objects", objects, 1))
        held = _certified(_with_objects(folder / "objects-together", objects, WORKERS))
    must = at_least(1_000, 3_000)
    certify, filmed = "erase to `live` and certify", f"{objects:,} subjects with an object of 1 MB"
    figures = [
        figure(f"erase to `live`, {large:,} subjects", large / many.erasing, "/s", goal=must),
        figure(f"erase to `live`, {small:,} subjects", small / one.erasing, "/s"),
        figure(
            f"cost of a subject, {large:,} against {small:,}",
            many.erasing / large * 1e6,
            "µs",
            peer=(f"{small:,} subjects", one.erasing / small * 1e6),
            goal=times(at_most(1.3)),
        ),
        figure(
            f"erase {large:,} subjects against DELETE cascades",
            many.erasing,
            "s",
            peer=("plain rows, same SQLite and pragmas", plain),
            goal=times(at_most(3)),
        ),
        figure(f"certificates of {large:,} erasures, issued in bulk", large / many.certifying, "/s"),
        figure(f"{certify}, {large:,} subjects", large / _certified([many]), "/s", goal=must),
        figure(f"the same, {WORKERS} processes side by side", large / together, "/s", goal=must),
        figure(f"{certify}, {filmed}", objects / held_by_one, "/s"),
        figure(f"the same, {WORKERS} processes side by side", objects / held, "/s", goal=must),
    ]
    notes = [_HOW, _PEER]
    return {"title": "Erasing many people", "figures": figures, "notes": notes}
