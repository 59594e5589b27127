"""Ledger appends end to end in batches of 1,000, then inclusion proofs from the log of a million that they made."""

from __future__ import annotations

import random
import secrets
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, insert

from bench.figure import at_least, at_most, figure
from bench.timing import milliseconds, percentile, seconds
from shouxin.domain.clock import SystemClock
from shouxin.domain.event import Event
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import EventId, InstitutionId, OperationId, new
from shouxin.ledger.entry import encode
from shouxin.ledger.proof import frontier_at, inclusion_proof, verify_inclusion
from shouxin.ledger.tiles import changed_tiles
from shouxin.ledger.tree import leaf_hash
from shouxin.operations.auditing.heads import LogHead
from shouxin.storage.data_store import SqlDataStore
from shouxin.storage.shelf import FileShelf
from shouxin.storage.sqlite import engine, writing

BATCH = 1_000
ORIGIN = "bench.example/log"
PEER_EVERY = 4


@dataclass(slots=True)
class Appended:
    """A log that was appended to, and the seconds of each batch of it and of the peer's."""

    store: SqlDataStore
    ours: list[float] = field(default_factory=list)
    covered: list[float] = field(default_factory=list)
    peer: list[float] = field(default_factory=list)
    entry_bytes: int = 0


def _events() -> list[Event]:
    """Return a batch of the commonest event of bulk work, no two alike."""
    clock, operation = SystemClock(), new(OperationId)
    return [
        Event(
            EventKind.CELLS_SEALED,
            clock.now(),
            new(EventId),
            operation,
            {
                "actor": secrets.token_hex(32),
                "role": "collector",
                "subject": secrets.token_hex(32),
                "row": secrets.token_hex(32),
                "was": "0" * 64,
                "purposes": ["loan.review"],
                "items": 20,
                "sealed": secrets.token_hex(32),
            },
        )
        for _ in range(BATCH)
    ]


def _store(folder: Path) -> SqlDataStore:
    path = folder / "data.db"
    SqlDataStore.create(path)
    head = LogHead(ORIGIN, secrets.token_bytes(32))
    return SqlDataStore(path, new(InstitutionId), ORIGIN, head, FileShelf(folder / "checkpoint"))


def _peer(folder: Path) -> Callable[[list[bytes]], None]:
    """Return what appends ready bytes to a plain audit table: no tree, no checks, the same commit."""
    schema = MetaData()
    rows = Table("audit", schema, Column("number", Integer, primary_key=True), Column("body", LargeBinary))
    made = engine(folder / "peer.db", schema, create=True)
    statement = insert(rows)

    def append(bodies: list[bytes]) -> None:
        with writing(made) as connection:
            connection.execute(statement, [{"body": body} for body in bodies])

    return append


def _append(folder: Path, size: int) -> Appended:
    """Append until the log has ``size`` leaves; every fourth batch also goes to the peer. One batch is covered."""
    done, peer = Appended(_store(folder)), _peer(folder)
    for batch in range(size // BATCH):
        events = _events()

        def record(events: list[Event] = events) -> None:
            done.store.transact(lambda records: [records.record(event) for event in events])

        done.ours.append(seconds(record))
        if batch % PEER_EVERY == 0:
            bodies = [encode(event) for event in events]
            done.entry_bytes = len(bodies[0])
            done.peer.append(seconds(lambda bodies=bodies: peer(bodies)))
    return done


def _proofs(store: SqlDataStore, count: int) -> dict[str, list[float]]:
    """Return the seconds of proving random leaves from SQL and from memory, of verifying, and of a signature."""
    size = store.read(lambda records: records.ledger.size)
    head = store.read(lambda records: frontier_at(size, records.ledger.tile)).root()
    tiles = store.read(
        lambda records: {
            (tile.level, tile.index): records.ledger.tile(tile.level, tile.index) for tile in changed_tiles(0, size)
        }
    )
    key = Ed25519PrivateKey.generate()
    signature, public = key.sign(head), key.public_key()
    chance = random.Random(1)
    took: dict[str, list[float]] = {name: [] for name in ("sql", "memory", "verify", "entry", "signature")}
    for leaf in (chance.randrange(size) for _ in range(count)):
        found: list[tuple[bytes, ...]] = []
        entry: list[bytes] = []
        took["sql"].append(
            seconds(
                lambda leaf=leaf, found=found: found.append(
                    store.read(lambda records: inclusion_proof(leaf, size, records.ledger.tile))
                )
            )
        )
        took["memory"].append(
            seconds(
                lambda leaf=leaf, found=found: found.append(
                    inclusion_proof(leaf, size, lambda level, index: tiles[level, index])
                )
            )
        )
        took["entry"].append(
            seconds(lambda leaf=leaf, entry=entry: entry.append(store.read(lambda records: records.ledger.entry(leaf))))
        )
        assert found[0] == found[1]
        hashed = leaf_hash(entry[0])
        took["verify"].append(
            seconds(
                lambda leaf=leaf, hashed=hashed, hashes=found[0]: verify_inclusion(hashed, leaf, size, hashes, head)
            )
        )
        took["signature"].append(seconds(lambda: public.verify(signature, head)))
    return took


def run(*, quick: bool) -> dict[str, Any]:
    """Measure; see the module."""
    size, count = (50_000, 300) if quick else (1_000_000, 3_000)
    with tempfile.TemporaryDirectory(prefix="shouxin-bench-") as folder:
        done = _append(Path(folder), size)
        took = _proofs(done.store, count)
        done.store.close()
    rate, peer_rate = len(done.ours) * BATCH / sum(done.ours), len(done.peer) * BATCH / sum(done.peer)
    ms = {name: milliseconds(waits) for name, waits in took.items()}
    late = {name: percentile(waits, 0.99) * 1000 for name, waits in took.items()}
    return {
        "title": f"Ledger: appends in batches of {BATCH:,}, and proofs from the log of {size:,} that they made",
        "figures": [
            figure(
                "ledger appends, end to end",
                rate,
                "/s",
                peer=("ready bytes into a plain table, same commits", peer_rate),
                goal=at_least(30_000, 100_000),
            ),
            figure(
                "inclusion proof, from SQL",
                ms["sql"],
                "ms",
                peer=("reading the entry alone", ms["entry"]),
                goal=at_most(1, 0.2),
            ),
            figure("inclusion proof, tiles in memory", ms["memory"], "ms", goal=at_most(1, 0.2)),
            figure(
                "verify an inclusion proof",
                ms["verify"],
                "ms",
                peer=("verifying one Ed25519 signature", ms["signature"]),
                goal=at_most(0.2),
            ),
        ],
        "notes": [
            (
                f"Entries of {done.entry_bytes} bytes (cells.sealed): checked, canonical JSON, hashes, tiles, one "
                f"transaction a batch, synchronous=FULL. Slowest batch {max(done.ours) * 1000:.0f} ms, median "
                f"{milliseconds(done.ours):.1f} ms."
            ),
            (
                f"Proofs of {count:,} random leaves, medians; p99: SQL {late['sql']:.2f} ms, memory "
                f"{late['memory']:.2f} ms, verify {late['verify']:.3f} ms. Where issue 2 gives one pair for proof and "
                "verify, the stricter reading is held: verify within 0.2 ms."
            ),
        ],
    }
