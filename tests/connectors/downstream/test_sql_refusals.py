"""What a lender's database refuses, breaks or undoes: it is said, and nothing is half done."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from shouxin.connectors.downstream.sql_database import SqlDatabase
from shouxin.errors import Misconfigured, StoreUnavailable
from shouxin.operations.downstream.act import erase_downstream, preview_downstream
from shouxin.operations.downstream.rows import Rows, Sought
from shouxin.operations.downstream.walk import Trail
from shouxin.vault.erasure import Outcome
from tests.connectors.downstream.lender import (
    DATA,
    build,
    contents,
    dataset,
    terms,
    trail,
)
from tests.connectors.downstream.people import portfolio, reasons, somebody_with_contract
from tests.databases import Fresh


def test_a_missing_permission_names_the_grant(postgresql: Fresh) -> None:
    """A user who may not delete from one table changes nothing at all, and learns what to ask for."""
    address = postgresql()
    made = portfolio(12)
    who = somebody_with_contract(made)
    engine = build(address, made)
    role = f"eraser_{random.Random().randrange(1 << 30)}"
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN")
        connection.exec_driver_sql(f"GRANT SELECT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
        connection.exec_driver_sql(f"REVOKE DELETE ON marketing FROM {role}")
    theirs = sa.make_url(address).set(username=role).render_as_string(hide_password=False)
    described = dataset()
    report = erase_downstream(SqlDatabase(theirs), described, trail(who), terms(described))
    (part,) = report.parts
    assert part.outcome is Outcome.FAILED
    assert part.to_do == f"ask for: GRANT DELETE ON marketing TO {role}"
    assert contents(engine) == made.contents()
    with engine.begin() as connection:
        connection.exec_driver_sql(f"GRANT DELETE ON marketing TO {role}")
        connection.exec_driver_sql("ALTER TABLE lead ENABLE ROW LEVEL SECURITY")
    blind = erase_downstream(SqlDatabase(theirs), described, trail(who), terms(described))
    assert reasons(blind) == {"lead": "rows-hidden"}
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE lead DISABLE ROW LEVEL SECURITY")
    assert erase_downstream(SqlDatabase(theirs), described, trail(who), terms(described)).outcome is Outcome.ERASED
    assert contents(engine) == made.without(who.number)


def test_mariadb_too_names_the_grant(mariadb: Fresh) -> None:
    """A user who may only read learns which permission the first refused statement needed."""
    address = mariadb()
    made = portfolio(12)
    who = somebody_with_contract(made)
    engine = build(address, made)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP USER IF EXISTS reader@localhost")
        connection.exec_driver_sql("CREATE USER reader@localhost")
        connection.exec_driver_sql(f"GRANT SELECT ON {engine.url.database}.* TO reader@localhost")
    theirs = sa.make_url(address).set(username="reader").render_as_string(hide_password=False)
    described = dataset()
    assert preview_downstream(SqlDatabase(theirs), described, trail(who), terms(described)).outcome is Outcome.ERASED
    (part,) = erase_downstream(SqlDatabase(theirs), described, trail(who), terms(described)).parts
    assert part.outcome is Outcome.FAILED
    assert part.to_do.startswith("ask for: GRANT ")
    assert part.to_do.endswith(" TO reader")
    assert contents(engine) == made.contents()


def test_a_transaction_that_the_database_undoes_is_tried_again(postgresql: Fresh) -> None:
    """Somebody changes a row between our reading and our deleting it: it is refused, and the second try sees that."""
    address = postgresql()
    engine = build(address, portfolio(3))
    database = SqlDatabase(address)
    database.schema(dataset())
    seen: list[str] = []

    def work(rows: Rows) -> int:
        ((name,),) = rows.find(Sought("lead", ("name",)), ("id",), [(1,)])
        seen.append(name)
        if len(seen) == 1:
            with engine.begin() as connection:
                connection.exec_driver_sql("UPDATE lead SET name = 'other' WHERE id = 1")
        return rows.delete("lead", ("id",), [(1,)])

    assert database.transact(work) == 1
    assert seen[1:] == ["other"]
    assert 1 not in {row[0] for row in contents(engine)["lead"]}


def test_a_trigger_that_nobody_described_stops_everything(address: str) -> None:
    """What a trigger writes is not seen by the walk, so it is described first."""
    made = portfolio(3)
    engine = build(address, made)
    copy = "INSERT INTO branch VALUES (OLD.id + 9, 'x')"
    body = {
        "sqlite": f"CREATE TRIGGER copies AFTER DELETE ON lead BEGIN {copy}; END",
        "mariadb": f"CREATE TRIGGER copies AFTER DELETE ON `lead` FOR EACH ROW {copy}",
        "mysql": f"CREATE TRIGGER copies AFTER DELETE ON `lead` FOR EACH ROW {copy}",
        "postgresql": f"CREATE RULE copies AS ON DELETE TO lead DO ALSO {copy}",
    }
    with engine.begin() as connection:
        connection.exec_driver_sql(body[engine.dialect.name])
    described = dataset()
    report = erase_downstream(SqlDatabase(address), described, trail(made.people[0]), terms(described))
    assert reasons(report) == {"lead": "trigger-not-described copies"}
    assert contents(engine) == made.contents()
    seen = dataset(lambda text: text.replace("[table.lead]", '[table.lead]\ntriggers = ["copies"]'))
    who = next(row.owner for row in made.rows if row.table.name == "lead" and row.owner)
    report = erase_downstream(SqlDatabase(address), seen, trail(made.people[who - 1]), terms(seen))
    assert report.outcome is Outcome.ERASED
    assert len(contents(engine)["branch"]) > 2


@pytest.mark.parametrize("kind", ["postgresql", "mariadb", "sqlite"])
def test_a_database_out_of_reach_is_failed(kind: str, request: pytest.FixtureRequest) -> None:
    """A database that is not there is one failure with what to do, not a crash."""
    fresh: Fresh = request.getfixturevalue(kind)
    gone = sa.make_url(fresh()).set(database="/nowhere/at/all" if kind == "sqlite" else "nowhere")
    described = dataset()
    database = SqlDatabase(gone.render_as_string(hide_password=False), seconds=2)
    who = Trail.of({"id_number": ["99999919700000001X"]})
    (part,) = erase_downstream(database, described, who, terms(described)).parts
    assert part.outcome is Outcome.FAILED
    assert part.to_do


def test_a_database_that_is_none_is_refused() -> None:
    """An address of another kind is refused before anything is contacted."""
    for address in ("oracle://x/y", "not an address"):
        with pytest.raises(Misconfigured):
            SqlDatabase(address)


def test_two_at_the_same_row_do_not_lose_one(address: str) -> None:
    """A row of the same person that another transaction commits meanwhile is seen by the next round."""
    made = portfolio(12)
    who = next(one for one in made.people if not made.shared(one.mobile))
    engine = build(address, made)
    described = dataset()
    database = SqlDatabase(address)
    calls: list[int] = []
    original = database.transact

    def meanwhile(work: Callable[..., object]) -> object:
        done = original(work)  # type: ignore[arg-type]
        calls.append(1)
        if len(calls) == 1:
            with engine.begin() as connection:
                connection.execute(DATA.tables["call_log"].insert(), [{"id": 777, "customer_id": who.number}])
        return done

    database.transact = meanwhile  # type: ignore[method-assign,assignment]
    report = erase_downstream(database, described, trail(who), terms(described))
    assert report.rounds == 2
    assert report.outcome is Outcome.ERASED
    assert contents(engine) == made.without(who.number)


def test_a_busy_database_is_said_to_be(sqlite: Fresh) -> None:
    """Somebody who never lets go of the lock makes an erasure fail, with nothing changed."""
    address = sqlite()
    made = portfolio(3)
    engine = build(address, made)
    described = dataset()
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        report = erase_downstream(SqlDatabase(address, seconds=0), described, trail(made.people[0]), terms(described))
    (part,) = report.parts
    assert part.reason.startswith("the database was busy")
    assert contents(engine) == made.contents()


def test_a_constraint_that_refuses_undoes_everything(address: str) -> None:
    """A CHECK that a strategy breaks leaves the database as it was; the error quotes no value."""
    made = portfolio(3)
    engine = build(address, made)
    described = dataset(lambda text: text.replace(
        'customer_no = { item = "account.login_name", identity = "customer_no", strategy = "token" }',
        'customer_no = { item = "account.login_name", identity = "customer_no", strategy = { replace = "x" } }',
    ))  # fmt: skip
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE audit_entry")
        connection.exec_driver_sql(
            "CREATE TABLE audit_entry (id INTEGER NOT NULL PRIMARY KEY, customer_no VARCHAR(40), action VARCHAR(20), "
            + ('"by"' if engine.dialect.name not in {"mysql", "mariadb"} else "`by`")
            + " VARCHAR(10), CHECK (customer_no <> 'x'))"
        )
        connection.execute(DATA.tables["audit_entry"].insert(), [{"id": 1, "customer_no": made.people[0].customer_no}])
    before = contents(engine)
    report = erase_downstream(SqlDatabase(address), described, trail(made.people[0]), terms(described))
    (part,) = report.parts
    assert part.reason.startswith("a constraint refused UPDATE ON audit_entry")
    assert made.people[0].customer_no not in repr(report)
    assert contents(engine) == before


def test_the_driver_says_unreachable_as_one_error(sqlite: Fresh) -> None:
    """Whatever a driver raises is one of ours."""
    database = SqlDatabase(sqlite())

    def broken(_rows: object) -> None:
        raise ZeroDivisionError("1990000")

    with pytest.raises(StoreUnavailable) as caught:
        database.transact(broken)
    assert "1990000" not in str(caught.value)
