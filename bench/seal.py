"""Bulk seal: records of 20 fields with 3 index tags, one committed leaf a record, against plain inserts."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Column, Index, LargeBinary, MetaData, String, Table, insert

from bench.bare_seal import bare_seal
from bench.figure import at_most, figure, times
from bench.house import House, card, open_house
from bench.people import CARD_NUMBER, ID_NUMBER, MOBILE, RECORD, record, wrapped
from bench.timing import seconds
from shouxin.domain.identifiers import SubjectId, new
from shouxin.operations.acting import begin
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.collecting import collect as collecting
from shouxin.operations.collecting.collect import collect, source_digest
from shouxin.operations.collecting.intake import Intake, Person, Plan, Portion
from shouxin.operations.collecting.sealing import Draft, draw_keys, write_drafts
from shouxin.storage.sqlite import engine, writing
from shouxin.vault.records import Records

PURPOSE = "loan.review"
BATCH: int = getattr(collecting, "_BATCH", 500)


def _house(folder: Path) -> House:
    return open_house(folder, [card(PURPOSE, RECORD, statutory=True)])


def _collected(folder: Path, count: int) -> float:
    """Return the seconds of collecting ``count`` records through the whole of ``operations.collecting.collect``."""
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
        [Draft(new(SubjectId), [Portion(PURPOSE, "file", wrapped(record(number)))], leads=1) for number in numbers]
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


def _timed(
    folder: Path, tables: MetaData, batches: Sequence[Sequence[tuple[Table, Sequence[dict[str, Any]]]]]
) -> float:
    """Return the seconds of inserting each batch in a transaction of its own."""
    folder.mkdir()
    made = engine(folder / "plain.db", tables, create=True)

    def work() -> None:
        for batch in batches:
            with writing(made) as connection:
                for table, rows in batch:
                    connection.execute(insert(table), rows)

    took = seconds(work)
    made.dispose()
    return took


def _plain(folder: Path, count: int) -> float:
    """Return the seconds of inserting the records as rows of 20 columns, unencrypted, indexed by the same 3 values."""
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
    rows = [
        {"subject": new(SubjectId)} | dict(zip(names, record(number).values(), strict=True)) for number in range(count)
    ]
    return _timed(folder, schema, [[(people, rows[numbers.start : numbers.stop])] for numbers in _batches(count)])


def _plain_fields(folder: Path, count: int) -> float:
    """Return the seconds of inserting a row for each of the 20 fields, unencrypted, with 3 rows of an index."""
    schema = MetaData()
    fields = Table(
        "fields",
        schema,
        Column("subject", LargeBinary(16), nullable=False),
        Column("item", String, nullable=False),
        Column("value", String, nullable=False),
        Index("fields_by_subject", "subject"),
    )
    found_by = Table(
        "found_by",
        schema,
        Column("value", String, nullable=False),
        Column("subject", LargeBinary(16)),
        Index("by", "value"),
    )
    batches = []
    for numbers in _batches(count):
        people = [(new(SubjectId), record(number)) for number in numbers]
        rows = [{"subject": who, "item": item, "value": value} for who, of in people for item, value in of.items()]
        tags = [{"value": of[item], "subject": who} for who, of in people for item in (ID_NUMBER, MOBILE, CARD_NUMBER)]
        batches.append([(fields, rows), (found_by, tags)])
    return _timed(folder, schema, batches)


def _bare(folder: Path, count: int) -> float:
    return bare_seal(folder, count, BATCH)


def _in_turn(count: int, rounds: int) -> dict[str, Sequence[float]]:
    """Run all of them in turn, ``rounds`` times, each in a fresh folder: a busy neighbour then slows all of them."""
    ways = {"collect": _collected, "seal": _sealed, "bare": _bare, "plain": _plain, "fields": _plain_fields}
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
    whole, sealed, bare, plain, fields = (median(took[name]) for name in took)
    peer = ("a plain row of 20 columns with 3 indexes", plain)
    rates = ", ".join(f"{name} {count / seconds_:,.0f}/s" for name, seconds_ in (("collect", whole), ("plain", plain)))
    return {
        "title": f"Bulk seal of {count:,} records of {len(RECORD)} fields with 3 index tags, one leaf a record",
        "figures": [
            figure("bulk seal, through `collect`", whole, "s", peer=peer, goal=times(at_most(5, 3))),
            figure("bulk seal, without source, policy and recognition", sealed, "s", peer=peer),
            figure("only its cryptography and its rows, nothing around them", bare, "s", peer=peer),
            figure(
                "bulk seal, against a row a field", whole, "s", peer=("20 plain rows and 3 rows of an index", fields)
            ),
        ],
        "notes": [
            (
                f"Batches of {BATCH}, SQLite synchronous=FULL; median of {rounds} rounds taken in turn ({rates}). "
                "Ours writes to three stores (keyring, index, data), each with a durable commit of its own a batch."
            ),
            (
                "Only its cryptography and its rows (`bench/bare_seal.py`): the floor under any bulk seal in Python "
                "that writes these rows with synchronous=FULL and lets each value be opened alone. While it is above "
                "the goal, no saving in the code around it reaches the goal."
            ),
        ],
        "rounds": took,
    }
