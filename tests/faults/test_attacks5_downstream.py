"""Attacks on erasing downstream: what leads from one database to the next must not be erased before it was followed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import sqlalchemy as sa

from shouxin.approvals.order_transitions import OrderState
from shouxin.connectors.downstream.sql_database import SqlDatabase
from shouxin.operations.downstream.across import Downstream, erase_everywhere
from shouxin.operations.downstream.dataset import Dataset
from shouxin.operations.downstream.reading import read_dataset
from shouxin.operations.subjects import merge
from shouxin.vault.erasure import Outcome
from tests.connectors.downstream.lender import Person, Portfolio, build, dataset, terms, trail
from tests.databases import Fresh
from tests.operations.deletion.house import house


def visits_of(address: str, who: Person) -> Dataset:
    """A database that knows people by their customer number only, which the vault never had."""
    with sa.create_engine(address, poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE visit (id INTEGER NOT NULL PRIMARY KEY, customer_no TEXT)")
        connection.execute(sa.text("INSERT INTO visit VALUES (1, :n), (2, 'KH-other')"), {"n": who.customer_no})
    return read_dataset(
        'dataset = "visits"\nversion = 1\n[identities]\ncustomer_no = {}\n[table.visit]\nkey = ["id"]\n'
        'strategy = "delete_row"\n[table.visit.columns]\nid = { not_personal = "number" }\n'
        'customer_no = { item = "account.login_name", identity = "customer_no" }\n'
    )


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_database_that_was_off_is_still_reached_once_it_is_on(sqlite: Fresh, order: tuple[int, int]) -> None:
    """Off at first, on at the second run: its rows are erased, and never called 'nothing found' while they stand."""
    made = Portfolio(20, random.Random(5))
    who = next(one for one in made.people if not made.shared(one.mobile))
    core, other = sqlite(), sqlite()
    build(core, made)
    visits, described = visits_of(other, who), dataset()
    first = [Downstream(described, SqlDatabase(core)), Downstream(visits, None)]
    erase_everywhere([first[at] for at in order], trail(who), terms(described))
    again = [Downstream(described, SqlDatabase(core)), Downstream(visits, SqlDatabase(other))]
    reports = erase_everywhere([again[at] for at in order], trail(who), terms(described))
    told = {report.dataset: report.outcome for report in reports}
    with sa.create_engine(other, poolclass=sa.NullPool).begin() as connection:
        left = connection.execute(sa.text("SELECT count(*) FROM visit WHERE customer_no = :n"), {"n": who.customer_no})
        assert left.scalar_one() == 0, f"rows stand, and the database is said to have {told['visits']}"
    assert told["visits"] is Outcome.ERASED


@pytest.mark.parametrize(("one", "into"), [(2, 1), (1, 2)])
def test_who_was_merged_after_the_agreement_loses_nothing(tmp_path: Path, one: int, into: int) -> None:
    """Nobody agreed to erase the joined person: the order is unfinished, and has touched nothing, here or there."""
    home = house(tmp_path)
    home.bank.take([1, 2], customer=False)
    core = home.with_core(tmp_path, "work")
    before = core.left()
    order_id = home.cooled(home.wanted(home.bank.people[1]))
    merge(home.bank.workspace, home.bank.tokens["dpo"], home.bank.people[one], home.bank.people[into])
    assert home.executed(order_id).state is OrderState.UNFINISHED
    assert core.left() == before
    assert not home.bank.is_gone(home.bank.people[1])
