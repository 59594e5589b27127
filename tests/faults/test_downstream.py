"""A driver that lies, a row that comes back, a process that dies: the read-back says so, and nothing is half done."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa

from shouxin.connectors.downstream.sql_database import SqlDatabase
from shouxin.errors import StoreUnavailable
from shouxin.operations.downstream.across import Downstream, erase_everywhere
from shouxin.operations.downstream.act import erase_downstream
from shouxin.operations.downstream.dataset import Dataset
from shouxin.operations.downstream.report import Report
from shouxin.operations.downstream.rows import Key, Rows, Sought
from shouxin.operations.downstream.schema import LiveSchema
from shouxin.operations.downstream.walk import Trail
from shouxin.vault.erasure import Outcome
from tests.connectors.downstream.lender import DATA, Person, Portfolio, build, contents, dataset, terms, trail
from tests.databases import Fresh

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]


class Lying:
    """Rows of a driver with one fault."""

    def __init__(self, rows: Rows, fault: str) -> None:
        self.rows, self.fault = rows, fault

    def find(self, sought: Sought, columns: Sequence[str], values: Sequence[Key]) -> list[Key]:
        if self.fault == "a table skipped" and sought.table == "call_log":
            return []
        return self.rows.find(sought, columns, values)

    def count(self, table: str, columns: Sequence[str], values: Sequence[Key]) -> int:
        return self.rows.count(table, columns, values)

    def mentioning(self, table: str, column: str, text: str, fetch: Sequence[str]) -> list[Key]:
        return self.rows.mentioning(table, column, text, fetch)

    def delete(self, table: str, columns: Sequence[str], keys: Sequence[Key]) -> int:
        if self.fault == "a row stays" and table == "call_log":
            return len(keys)
        if self.fault == "too few" and table == "call_log":
            return self.rows.delete(table, columns, keys[1:])
        return self.rows.delete(table, columns, keys)

    def update(self, table: str, columns: Sequence[str], keys: Sequence[Key], values: Mapping[str, object]) -> int:
        if self.fault == "a value stays" and table == "audit_entry":
            return len(keys)
        return self.rows.update(table, columns, keys, values)


class Faulty:
    """A database whose driver has one fault."""

    def __init__(self, address: str, fault: str, *, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.inner, self.fault, self.meanwhile = SqlDatabase(address), fault, meanwhile

    def schema(self, described: Dataset) -> LiveSchema:
        return self.inner.schema(described)

    def transact(self, work: Callable[[Rows], T]) -> T:
        done = self.inner.transact(lambda rows: work(Lying(rows, self.fault)))
        self.meanwhile()
        return done

    def read(self, work: Callable[[Rows], T]) -> T:
        return self.inner.read(lambda rows: work(Lying(rows, self.fault)))


@pytest.fixture
def lender(sqlite: Fresh) -> tuple[str, sa.Engine, Portfolio, Person]:
    """A small lender and somebody whose mobile is theirs alone, with calls, audit entries and a contract."""
    made = Portfolio(20, random.Random(5))
    wanted = {"call_log", "audit_entry", "contract", "sms_log"}
    who = next(
        one
        for one in made.people
        if not made.shared(one.mobile) and wanted <= {row.table.name for row in made.rows if row.owner == one.number}
    )
    address = sqlite()
    return address, build(address, made), made, who


def failed(report: Report) -> dict[str, str]:
    """What failed, and why, by table."""
    assert report.outcome is Outcome.FAILED
    return {part.table: part.reason for part in report.having(Outcome.FAILED)}


@pytest.mark.parametrize(
    ("fault", "table", "reason"),
    [
        ("a row stays", "call_log", "read-back: rows are there that should be gone or changed"),
        ("a value stays", "audit_entry", "read-back: rows are there that should be gone or changed"),
        ("a table skipped", "call_log", "read-back: rows are counted that the walk was not shown"),
    ],
)
def test_what_a_driver_pretends_is_seen_by_the_read_back(
    lender: tuple[str, sa.Engine, Portfolio, Person], fault: str, table: str, reason: str
) -> None:
    """Success that the database does not bear out is ``failed``, for that table and as a whole."""
    address, _, _, who = lender
    described = dataset()
    report = erase_downstream(Faulty(address, fault), described, trail(who), terms(described))
    assert failed(report) == {table: reason}
    assert report.rounds == 3
    assert erase_downstream(SqlDatabase(address), described, report.trail, terms(described)).outcome is Outcome.ERASED


def test_a_count_that_differs_from_the_plan_undoes_everything(
    lender: tuple[str, sa.Engine, Portfolio, Person],
) -> None:
    """Fewer rows changed than planned, before the commit: nothing is changed at all."""
    address, engine, made, who = lender
    described = dataset()
    report = erase_downstream(Faulty(address, "too few"), described, trail(who), terms(described))
    assert "call_log: the database changed" in failed(report)[""]
    assert contents(engine) == made.contents()


def test_rows_that_keep_coming_back_are_failed(lender: tuple[str, sa.Engine, Portfolio, Person]) -> None:
    """A sync that writes the person again after every round is found by keys that were remembered, three times."""
    address, engine, _, who = lender
    numbers = iter(range(9000, 9100))

    def sync() -> None:
        with engine.begin() as connection:
            row = {"id": next(numbers), "customer_id": who.number, "called": "", "note": ""}
            connection.execute(DATA.tables["call_log"].insert(), [row])

    described = dataset()
    report = erase_downstream(Faulty(address, "", meanwhile=sync), described, trail(who), terms(described))
    assert failed(report) == {"call_log": "read-back: rows are there that should be gone or changed"}
    assert report.rounds == 3
    assert "sync" in report.having(Outcome.FAILED)[0].to_do


class Dying:
    """Rows of a process that is killed at its ``at``-th change."""

    def __init__(self, rows: Rows, at: list[int]) -> None:
        self._rows, self._at = rows, at

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rows, name)

    def _tick(self) -> None:
        self._at[0] -= 1
        if self._at[0] == 0:
            import os

            os.kill(os.getpid(), signal.SIGKILL)

    def delete(self, table: str, columns: Sequence[str], keys: Sequence[Key]) -> int:
        self._tick()
        return self._rows.delete(table, columns, keys)

    def update(self, table: str, columns: Sequence[str], keys: Sequence[Key], values: Mapping[str, object]) -> int:
        self._tick()
        return self._rows.update(table, columns, keys, values)


def erase_and_die(address: str, id_number: str, at: int) -> None:
    """Erase somebody in this process, which is killed at its ``at``-th change, or (0) right after the commit."""
    database = SqlDatabase(address)
    original = database.transact
    left = [at or 1 << 30]

    def transact(work: Callable[[Rows], T]) -> T:
        done = original(lambda rows: work(Dying(rows, left)))
        if at == 0:
            import os

            os.kill(os.getpid(), signal.SIGKILL)
        return done

    database.transact = transact  # type: ignore[method-assign]
    described = dataset()
    erase_downstream(database, described, Trail.of({"id_number": [id_number]}), terms(described))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_killed_in_the_middle_is_all_or_nothing(kind: str, request: pytest.FixtureRequest) -> None:
    """Killed at a change, nothing has happened; killed after the commit, all has, and running again says the truth."""
    fresh: Fresh = request.getfixturevalue(kind)
    address = fresh()
    made = Portfolio(12, random.Random(3))
    who = next(one for one in made.people if not made.shared(one.mobile))
    engine = build(address, made)
    described = dataset()
    for at in (6, 0):
        code = f"from tests.faults.test_downstream import erase_and_die as e; e({address!r}, {who.id_number!r}, {at})"
        ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=_path(), check=False)
        assert ended.returncode == -signal.SIGKILL
        assert contents(engine) == (made.contents() if at else made.without(who.number))
    again = erase_downstream(SqlDatabase(address), described, trail(who), terms(described))
    assert again.outcome is Outcome.NOTHING_FOUND
    assert again.rounds == 1


def _path() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}


def test_one_connector_switched_off_keeps_no_other_from_erasing(
    lender: tuple[str, sa.Engine, Portfolio, Person], sqlite: Fresh
) -> None:
    """What one database knows of the person leads on in the next; one that is off is ``failed``, and says so alone."""
    address, engine, made, who = lender
    other = sqlite()
    with sa.create_engine(other, poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE visit (id INTEGER NOT NULL PRIMARY KEY, customer_no TEXT)")
        connection.execute(sa.text("INSERT INTO visit VALUES (1, :n), (2, 'KH-other')"), {"n": who.customer_no})
    from shouxin.operations.downstream.reading import read_dataset

    visits = read_dataset(
        'dataset = "visits"\nversion = 1\n[identities]\ncustomer_no = {}\n[table.visit]\nkey = ["id"]\n'
        'strategy = "delete_row"\n[table.visit.columns]\nid = { not_personal = "number" }\n'
        'customer_no = { item = "account.login_name", identity = "customer_no" }\n'
    )
    described = dataset()
    connectors = [
        Downstream(visits, SqlDatabase(other)),
        Downstream(described, None),
        Downstream(described, SqlDatabase(address)),
    ]
    first, off, last = erase_everywhere(connectors, trail(who), terms(described))
    assert first.outcome is Outcome.ERASED
    assert first.before == {"visit": 1}
    assert failed(off) == {"": "the connector is switched off"}
    assert off.parts[0].to_do == "switch it on, then run again"
    assert last.outcome is Outcome.ERASED
    assert contents(engine) == made.without(who.number)


def test_an_error_inside_the_work_undoes_it(lender: tuple[str, sa.Engine, Portfolio, Person]) -> None:
    """Whatever the work raises, the database is as it was."""
    address, engine, made, _ = lender
    database = SqlDatabase(address)
    database.schema(dataset())

    def work(rows: Rows) -> None:
        assert rows.delete("lead", ("id",), [(1,)]) == 1
        raise StoreUnavailable("stop")

    with pytest.raises(StoreUnavailable, match="stop"):
        database.transact(work)
    assert contents(engine) == made.contents()
