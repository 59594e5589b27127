"""Bulk seal: records of 20 fields with 3 index tags, one committed leaf a record, against plain inserts."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Column, Index, LargeBinary, MetaData, String, Table, insert

from bench.figure import at_most, figure, times
from bench.house import House, card, open_house
from bench.people import CARD_NUMBER, ID_NUMBER, MOBILE, RECORD, record, wrapped
from bench.timing import seconds
from shouxin.domain.identifiers import SubjectId, new
from shouxin.operations import collect as collecting
from shouxin.operations.acting import begin
from shouxin.operations.cards import current_engine
from shouxin.operations.collect import collect, source_digest
from shouxin.operations.intake import Intake, Person, Plan, Portion
from shouxin.operations.sealing import Draft, draw_keys, write_drafts
from shouxin.storage.sqlite import engine, writing
from shouxin.vault.records import Records

PURPOSE = "loan.review"
BATCH: int = getattr(collecting, "_BATCH", 500)


def _house(folder: Path) -> House:
    return open_house(folder, [card(PURPOSE, RECORD, statutory=True)])


def _collected(folder: Path, count: int) -> float:
    """Return the seconds of collecting ``count`` records through the whole of ``operations.collect``."""
    house = _house(folder)
    intakes = [Intake(number + 1, Person(wrapped(record(number)))) for number in range(count)]
    before = house.workspace.data.read(lambda records: records.ledger.size)

    def work() -> None:
        done = collect(
            house.workspace,
            house.tokens["collector"],
            Plan("csv", (PURPOSE,)),
            intakes,
            place=source_digest("csv", b""),
        )
        assert done.taken == done.subjects == count, done.aside[:3]

    took = seconds(work)
    leaves = house.workspace.data.read(lambda records: records.ledger.size) - before
    assert leaves >= count, "fewer leaves than records"
    return took


def _batches(count: int) -> Iterator[range]:
    for start in range(0, count, BATCH):
        yield range(start, min(start + BATCH, count))


def _sealed(folder: Path, count: int) -> float:
    """Return the seconds of the same without source, policy and recognition: keys, tags, cells, rows, leaves."""
    house = _house(folder)
    workspace, token = house.workspace, house.tokens["collector"]
    batches = [
        [Draft(new(SubjectId), [Portion(PURPOSE, "file", wrapped(record(number)))], leads=True) for number in numbers]
        for numbers in _batches(count)
    ]

    def one(drafts: list[Draft]) -> None:
        drawn = draw_keys(workspace, drafts)

        def write(records: Records) -> None:
            act = begin(workspace, records, token)
            cards = {PURPOSE: current_engine(workspace, records, PURPOSE, act.now).card(PURPOSE)}
            write_drafts(workspace, records, act, cards, list(zip(drafts, drawn, strict=True)))

        workspace.data.transact(write)

    return seconds(lambda: [one(drafts) for drafts in batches])


def _plain(folder: Path, count: int) -> float:
    """Return the seconds of inserting the same records, unencrypted and indexed by the same three values."""
    schema = MetaData()
    names = [item.replace(".", "_") for item in RECORD]
    indexed = [item.replace(".", "_") for item in (ID_NUMBER, MOBILE, CARD_NUMBER)]
    people = Table(
        "people",
        schema,
        Column("subject", LargeBinary(16), primary_key=True),
        *(Column(name, String, nullable=False) for name in names),
        *(Index(f"people_by_{name}", name) for name in indexed),
    )
    folder.mkdir()
    made = engine(folder / "plain.db", schema, create=True)
    rows = [
        {"subject": new(SubjectId)} | dict(zip(names, record(number).values(), strict=True)) for number in range(count)
    ]
    statement = insert(people)

    def work() -> None:
        for numbers in _batches(count):
            with writing(made) as connection:
                connection.execute(statement, rows[numbers.start : numbers.stop])

    took = seconds(work)
    made.dispose()
    return took


def _in_turn(count: int, rounds: int) -> dict[str, Sequence[float]]:
    """Run the three in turn, ``rounds`` times, each in a fresh folder: a busy neighbour then slows all of them."""
    ways = {"collect": _collected, "seal": _sealed, "plain": _plain}
    took: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds):
        for name, way in ways.items():
            with tempfile.TemporaryDirectory(prefix="shouxin-bench-") as folder:
                took[name].append(way(Path(folder) / f"{name}-{turn}", count))
    return dict(took)


def run(*, quick: bool) -> dict[str, Any]:
    """Measure; see the module."""
    count, rounds = (2_000, 1) if quick else (20_000, 5)
    took = _in_turn(count, rounds)
    whole, sealed, plain = (median(took[name]) for name in ("collect", "seal", "plain"))
    peer = ("plain 20-column table with 3 indexes, same SQLAlchemy, pragmas and batches", plain)
    rates = ", ".join(f"{name} {count / seconds_:,.0f}/s" for name, seconds_ in (("collect", whole), ("plain", plain)))
    return {
        "title": f"Bulk seal of {count:,} records of {len(RECORD)} fields with 3 index tags, one leaf a record",
        "figures": [
            figure("bulk seal, through `collect`", whole, "s", peer=peer, goal=times(at_most(5, 3))),
            figure("bulk seal, without source, policy and recognition", sealed, "s", peer=peer),
        ],
        "notes": [
            (
                f"Batches of {BATCH}, SQLite synchronous=FULL; median of {rounds} rounds taken in turn ({rates}). "
                "Ours writes to three stores (keyring, index, data), each with a durable commit of its own a batch."
            )
        ],
        "rounds": took,
    }
