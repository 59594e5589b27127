"""Collection through the SQL source into sealed records with events, against reading and inserting alone."""

from __future__ import annotations

import cProfile
import pstats
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, insert, select

from bench.figure import at_least, figure
from bench.house import card, open_house
from bench.people import CARD_NUMBER, ID_NUMBER, MOBILE, NAME, RECORD, record
from bench.timing import seconds
from shouxin.connectors.sources.sql_table import SqlTable
from shouxin.domain.items import ItemCode
from shouxin.operations.collecting.intake import Reached
from shouxin.operations.collecting.plans import approve_plan, propose_plan
from shouxin.operations.collecting.run_plan import run_plan
from shouxin.operations.collecting.sources import register_source
from shouxin.policy.source import SqlAddress, read_source

PURPOSE = "loan.review"
NARROW = (NAME, ID_NUMBER, MOBILE, CARD_NUMBER, ItemCode("credit.amount"))
SOURCE = """\
source = "core"
kind = "sql"
title = "Core"
audit_due = 2099-12-31
own = true
[sql]
dsn = "{dsn}"
table = "people"
order = ["id"]
"""
PLAN = """\
code = "core"
source = "core"
purposes = ["{purpose}"]
need = "To measure."
items = [{items}]
volume = 10000000
days = 30
retention_days = 30
purge_days = 30
responsible = "dpo"
design = {{ route = "SQL", milestones = [{{ title = "run", due = 2099-01-01 }}] }}
"""


def _filled(folder: Path, items: tuple[ItemCode, ...], count: int) -> str:
    """Make the lender's table and return its address."""
    dsn = f"sqlite:///{folder / 'core.db'}"
    engine = create_engine(dsn)
    meta = MetaData()
    people = Table("people", meta, Column("id", Integer, primary_key=True), *(Column(item, String) for item in items))
    meta.create_all(engine)
    with engine.begin() as connection:
        for start in range(0, count, 5000):
            rows = [{item: record(number)[item] for item in items} for number in range(start, min(start + 5000, count))]
            connection.execute(insert(people), rows)
    engine.dispose()
    return dsn


def _run(folder: Path, items: tuple[ItemCode, ...], count: int, profile: cProfile.Profile | None = None) -> float:
    """Return the seconds of one run of an approved plan over the table."""
    folder.mkdir()
    dsn = _filled(folder, items, count)
    house = open_house(folder / "house", [card(PURPOSE, items, statutory=True)])
    workspace, tokens = house.workspace, house.tokens
    register_source(workspace, tokens["dpo"], read_source(SOURCE.format(dsn=dsn)))
    listed = ", ".join(f'"{item}"' for item in items)
    propose_plan(workspace, tokens["collector"], PLAN.format(purpose=PURPOSE, items=listed))
    approve_plan(workspace, tokens["approver"], "core")
    approve_plan(workspace, tokens["dpo"], "core")
    source = SqlTable(SqlAddress(dsn, "people", ("id",)))

    def work() -> None:
        ran = run_plan(workspace, tokens["collector"], "core", source).run
        assert ran.taken == count, ran

    if profile is not None:
        profile.enable()
    took = seconds(work)
    if profile is not None:
        profile.disable()
    source.close()
    workspace.close()
    return took


def _read(folder: Path, count: int) -> float:
    """Return the seconds of reading the same rows through the source and doing nothing with them."""
    folder.mkdir()
    dsn = _filled(folder, RECORD, count)
    source = SqlTable(SqlAddress(dsn, "people", ("id",)))
    took = seconds(lambda: sum(1 for _ in source.read(Reached(), frozenset(RECORD))))
    source.close()
    return took


def _plain(folder: Path, count: int) -> float:
    """Return the seconds of copying the same rows in the clear, table to table, in batches of 500."""
    folder.mkdir()
    dsn = _filled(folder, RECORD, count)
    source, target = create_engine(dsn), create_engine(f"sqlite:///{folder / 'copy.db'}")
    meta = MetaData()
    people = Table("people", meta, Column("id", Integer, primary_key=True), *(Column(item, String) for item in RECORD))
    meta.create_all(target)

    def work() -> None:
        with source.connect() as reading:
            found = reading.execution_options(yield_per=500).execute(select(people)).mappings()
            for part in found.partitions():
                with target.begin() as connection:
                    connection.execute(insert(people), [dict(row) for row in part])

    return seconds(work)


def run(*, quick: bool) -> dict[str, Any]:
    """Measure; see the module."""
    count, rounds = (2_000, 1) if quick else (20_000, 3)
    took: dict[str, list[float]] = {"wide": [], "narrow": [], "read": [], "plain": []}
    ways = {
        "wide": lambda at: _run(at, RECORD, count),
        "narrow": lambda at: _run(at, NARROW, count),
        "read": lambda at: _read(at, count),
        "plain": lambda at: _plain(at, count),
    }
    profile = cProfile.Profile()
    with tempfile.TemporaryDirectory(prefix="shouxin-bench-") as folder:
        for turn in range(rounds):
            for name, way in ways.items():
                took[name].append(way(Path(folder) / f"{name}-{turn}"))
        _run(Path(folder) / "profile", RECORD, min(count, 5_000), profile)
    stats = pstats.Stats(profile)
    top = sorted(stats.stats.items(), key=lambda one: -one[1][2])[:6]  # type: ignore[attr-defined]
    total = sum(one[2] for one in stats.stats.values())  # type: ignore[attr-defined]
    shares = "; ".join(f"{Path(at[0]).name}:{at[2]} {100 * spent[2] / total:.0f} %" for at, spent in top)
    rate = {name: count / median(values) for name, values in took.items()}
    peer = ("the same rows copied in the clear, table to table", rate["plain"])
    return {
        "title": f"Collection of {count:,} records through the SQL source under an approved plan",
        "figures": [
            figure(
                "records of 20 fields, 3 index tags, a leaf each",
                rate["wide"],
                "records/s",
                peer=peer,
                goal=at_least(20_000),
            ),
            figure("records of 5 fields, 3 index tags, a leaf each", rate["narrow"], "records/s"),
            figure("the source alone, 20 fields", rate["read"], "records/s"),
        ],
        "notes": [
            f"Median of {rounds} rounds in turn; SQLite, synchronous=FULL. Own time of a run, by profile: {shares}."
        ],
        "rounds": took,
    }
