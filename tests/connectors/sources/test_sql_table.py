from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from shouxin.connectors.sources.sql_connection import connect_to
from shouxin.connectors.sources.sql_table import SqlTable, refuse_writes
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid, Misconfigured, StoreUnavailable
from shouxin.operations.collecting.intake import Reached
from shouxin.operations.collecting.intake_source import SourceRecord
from shouxin.operations.collecting.purge import look_again
from shouxin.operations.collecting.run_plan import run_plan
from shouxin.operations.workspace import Workspace
from shouxin.policy.source import SqlAddress
from tests import workspaces
from tests.databases import Fresh, mariadb, postgresql
from tests.plans import PLAN, approved, files_hold, person_line

__all__ = ["mariadb", "postgresql"]

FIELDS = """
[fields]
full_name = "identity.name"
id_no = "identity.id_number"
phone = "contact.mobile"
amount = "credit.amount"

[design]"""
SQL_PLAN = PLAN.replace("\n[design]", FIELDS)
ORDER = ("updated", "id")


def source_of(dsn: str, order: tuple[str, ...] = ORDER) -> str:
    """Return the register's words for a table ``applicant``."""
    columns = ", ".join(f'"{one}"' for one in order)
    return f"""\
source = "branch"
kind = "sql"
title = "The loan system"
audit_due = 2099-12-31
own = true
[sql]
dsn = "{dsn}"
table = "applicant"
order = [{columns}]
"""


def filled(dsn: str, numbers: range) -> sa.Engine:
    """Make the table ``applicant`` at ``dsn`` with invented people, and return an engine."""
    engine = sa.create_engine(dsn, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE applicant (id INTEGER NOT NULL PRIMARY KEY, updated TIMESTAMP NOT NULL, full_name TEXT,"
            " id_no TEXT, phone TEXT, amount NUMERIC(12,2), religion TEXT)"
        )
    add(engine, numbers)
    return engine


def add(engine: sa.Engine, numbers: range) -> None:
    """Add invented people; three of them share each time."""
    rows = []
    for number in numbers:
        name, id_no, phone, amount = person_line(number).split(",")
        at = f"2026-01-01 00:{number // 180 % 60:02}:{number // 3 % 60:02}"
        rows.append({"i": number, "u": at, "n": name, "d": id_no, "p": phone, "a": amount, "r": "信仰甲"})
    with engine.begin() as connection:
        words = "INSERT INTO applicant VALUES (:i, CAST(:u AS TIMESTAMP), :n, :d, :p, :a, :r)"
        if engine.dialect.name in {"mysql", "mariadb"}:
            words = words.replace("TIMESTAMP", "DATETIME")
        if engine.dialect.name == "sqlite":
            words = words.replace("CAST(:u AS TIMESTAMP)", ":u || '.000000'")
        connection.execute(sa.text(words), rows)


def people(bank: Workspace) -> int:
    """Return how many people there are."""
    return len(bank.data.read(lambda seen: seen.authority.find(AuthorityKind.SUBJECT)))


@pytest.fixture(params=["sqlite", "postgresql"])
def dsn(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, of both kinds in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'core.db'}"
    fresh: Fresh = request.getfixturevalue("postgresql")
    return fresh()


def test_a_table_comes_in_once_and_then_what_is_new(tmp_path: Path, dsn: str) -> None:
    """Rows of the same time on both sides of a page are all read; a second run takes what was added since."""
    engine = filled(dsn, range(1, 62))
    bank = workspaces.ready(tmp_path)
    collector, plan = approved(bank, SQL_PLAN, source_of(dsn))
    source = SqlTable(SqlAddress(dsn, "applicant", ORDER), page=10)
    run = run_plan(bank, collector, plan.code, source).run
    assert (run.taken, run.outcome, people(bank)) == (61, "finished", 61)
    assert run.unplanned == ("id", "religion", "updated")
    add(engine, range(62, 70))
    run = run_plan(bank, collector, plan.code, source).run
    assert (run.taken, people(bank)) == (8, 69)
    source.close()
    bank.close()
    assert files_hold(workspaces.home_of(tmp_path), "信仰甲", "applicant") == ["applicant"]


def test_only_planned_columns_are_asked_for(tmp_path: Path, dsn: str) -> None:
    """A column that no plan names does not even come over the wire."""
    filled(dsn, range(1, 3))
    source = SqlTable(SqlAddress(dsn, "applicant", ORDER))
    (first, _) = list(source.read(Reached(), frozenset({"full_name"})))
    assert isinstance(first, SourceRecord)
    assert (first.fields.reveal(), len(first.cursor)) == ({"full_name": "张三001"}, 2)
    source.close()


def test_a_table_that_lost_a_planned_column_is_refused_whole(tmp_path: Path, dsn: str) -> None:
    """A schema that changed under the plan takes nothing and names the column; the run stays open."""
    engine = filled(dsn, range(1, 5))
    bank = workspaces.ready(tmp_path)
    collector, plan = approved(bank, SQL_PLAN, source_of(dsn))
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE applicant RENAME COLUMN phone TO telephone")
    source = SqlTable(SqlAddress(dsn, "applicant", ORDER))
    with pytest.raises(Invalid, match="phone"):
        run_plan(bank, collector, plan.code, source)
    assert people(bank) == 0
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE applicant RENAME COLUMN telephone TO phone")
    assert run_plan(bank, collector, plan.code, source).run.taken == 4
    source.close()


def test_columns_named_by_item_codes_need_no_fields(tmp_path: Path) -> None:
    """A name with a dot in it is a name like any other."""
    dsn = f"sqlite:///{tmp_path / 'core.db'}"
    engine = sa.create_engine(dsn, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql('CREATE TABLE applicant (id INTEGER PRIMARY KEY, "contact.mobile" TEXT, "a.b" TEXT)')
        connection.exec_driver_sql("INSERT INTO applicant VALUES (1, '13800001111', 'x')")
    bank = workspaces.ready(tmp_path)
    collector, plan = approved(bank, PLAN, source_of(dsn, ("id",)))
    source = SqlTable(SqlAddress(dsn, "applicant", ("id",)))
    run = run_plan(bank, collector, plan.code, source).run
    assert (run.taken, run.seen, run.unplanned) == (1, ("contact.mobile",), ("a.b", "id"))
    source.close()


def test_a_row_without_a_place_in_the_order_is_not_passed_over(tmp_path: Path) -> None:
    """An order with an empty value would lose rows in silence: it is refused."""
    dsn = f"sqlite:///{tmp_path / 'core.db'}"
    engine = sa.create_engine(dsn)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE applicant (at INTEGER UNIQUE, full_name TEXT)")
        connection.exec_driver_sql("INSERT INTO applicant VALUES (1, 'a'), (NULL, 'b')")
    source = SqlTable(SqlAddress(dsn, "applicant", ("at",), ("at",)))
    with pytest.raises(StoreUnavailable, match="no place"):
        list(source.read(Reached()))
    with pytest.raises(Misconfigured, match="lacks columns of its order"):
        SqlTable(SqlAddress(dsn, "applicant", ("gone",))).describe()
    source.close()


def test_what_was_copied_is_deleted_in_the_source_and_looked_for(tmp_path: Path, dsn: str) -> None:
    """Only rows up to where the copy reached go; a row that came later stays."""
    engine = filled(dsn, range(1, 20))
    bank = workspaces.ready(tmp_path)
    collector, plan = approved(bank, SQL_PLAN, source_of(dsn))
    source = SqlTable(SqlAddress(dsn, "applicant", ORDER))
    run_plan(bank, collector, plan.code, source)
    add(engine, range(20, 22))
    assert look_again(bank, collector, plan.code, source).left == 19
    assert look_again(bank, collector, plan.code, source, erase=True).is_gone()
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM applicant").scalar_one() == 2
    source.close()


def test_rows_of_one_time_are_all_read_and_those_that_were_lost_come_in(tmp_path: Path, dsn: str) -> None:
    """An order by a time that 61 rows share takes its key behind it; from a place without it is read anew."""
    engine = filled(dsn, range(1, 62))
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE applicant SET updated = (SELECT min(updated) FROM applicant)")
    bank = workspaces.ready(tmp_path)
    collector, plan = approved(bank, SQL_PLAN, source_of(dsn, ("updated",)))
    source = SqlTable(SqlAddress(dsn, "applicant", ("updated",)), page=10)
    run = run_plan(bank, collector, plan.code, source).run
    assert (run.taken, run.outcome, people(bank)) == (61, "finished", 61)
    rows = [one for one in source.read(Reached()) if isinstance(one, SourceRecord)]
    kept = Reached(10, rows[9].cursor[:1])
    assert [one.key for one in source.read(kept) if isinstance(one, SourceRecord)] == [one.key for one in rows]
    (again,) = source.again([kept], ())
    assert (again.line, again.cursor[:1]) == (10, kept.cursor)
    source.close()


def test_an_order_that_nothing_makes_unique_is_refused(tmp_path: Path) -> None:
    """Without a key it is said so; a key of the register that does not tell rows apart stops the run."""
    dsn = f"sqlite:///{tmp_path / 'core.db'}"
    engine = sa.create_engine(dsn)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE applicant (at INTEGER NOT NULL, n INTEGER, full_name TEXT)")
        connection.exec_driver_sql("CREATE UNIQUE INDEX some ON applicant (n) WHERE n > 1")
        connection.exec_driver_sql("INSERT INTO applicant VALUES (1, 1, 'a'), (1, 1, 'b'), (1, 2, 'c')")
    with pytest.raises(Misconfigured, match="tells rows"):
        SqlTable(SqlAddress(dsn, "applicant", ("at",))).describe()
    for page in (1, 2):
        source = SqlTable(SqlAddress(dsn, "applicant", ("at",), ("n",)), page=page)
        with pytest.raises(StoreUnavailable, match="share a place"):
            list(source.read(Reached()))
        source.close()


@pytest.mark.slow
def test_what_was_copied_is_deleted_in_a_mariadb_too(tmp_path: Path, mariadb: Fresh) -> None:
    """On the connection that had been told to refuse writes; a row that changed since stays."""
    address = mariadb()
    engine = filled(address, range(1, 6))
    bank = workspaces.ready(tmp_path)
    collector, plan = approved(bank, SQL_PLAN, source_of(address))
    source = SqlTable(SqlAddress(address, "applicant", ORDER), page=2)
    assert run_plan(bank, collector, plan.code, source).run.taken == 5
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE applicant SET amount = 1, updated = updated WHERE id = 3")
    seen = look_again(bank, collector, plan.code, source, erase=True)
    assert (seen.left, seen.changed) == (1, 1)
    source.close()


def test_reading_cannot_write(dsn: str) -> None:
    """The session of a PostgreSQL source refuses writes by itself."""
    if dsn.startswith("sqlite"):
        return
    filled(dsn, range(1, 2))
    source = SqlTable(SqlAddress(dsn, "applicant", ORDER))
    with source._engine.connect() as connection:
        refuse_writes(connection)
        with pytest.raises(sa.exc.DBAPIError, match="read-only"):
            connection.exec_driver_sql("DELETE FROM applicant")
    source.close()


def test_beyond_this_machine_the_server_must_prove_itself() -> None:
    """TLS with the name checked for PostgreSQL and MySQL; a password comes from the register only."""
    far = SqlAddress("postgresql://reader@db.example/core", "t", ("id",))
    engine = connect_to(far, Plaintext.of("secret-pw"))
    _, given = engine.dialect.create_connect_args(engine.url)
    assert given["password"] == "secret-pw"
    assert "secret-pw" not in repr(engine)
    told: dict[str, object] = {}

    @sa.event.listens_for(engine, "do_connect")
    def _seen(dialect: object, record: object, args: object, params: dict[str, object]) -> None:
        told.update(params)
        raise sa.exc.OperationalError("stopped", None, Exception("stopped"))

    with pytest.raises(sa.exc.OperationalError):
        engine.connect()
    assert (told["sslmode"], told["sslrootcert"]) == ("verify-full", "system")
    with pytest.raises(Misconfigured):
        connect_to(SqlAddress("oracle://x/y", "t", ("id",)), None)


@pytest.mark.slow
@pytest.mark.parametrize("kill_at", [1, 3])
def test_a_process_that_is_killed_at_a_commit_goes_on_and_takes_nobody_twice(tmp_path: Path, kill_at: int) -> None:
    """SIGKILL before the commit of a batch and of a later one; the next process ends with everybody once."""
    dsn = f"sqlite:///{tmp_path / 'core.db'}"
    filled(dsn, range(1, 1801))
    bank = workspaces.ready(tmp_path)
    collector, plan = approved(bank, SQL_PLAN.replace("volume = 1000", "volume = 1800"), source_of(dsn))
    bank.close()
    script = f"""
import os, signal, sys
from pathlib import Path
from shouxin.bootstrap import open_workspace
from shouxin.connectors.sources.sql_table import SqlTable, refuse_writes
from shouxin.operations.collecting import collect
from shouxin.operations.collecting.run_plan import run_plan
from shouxin.policy.source import SqlAddress
bank = open_workspace(Path({str(workspaces.home_of(tmp_path))!r}))
count = 0
write = collect.write_drafts
def killed(*words):
    global count
    write(*words)
    count += 1
    if count == {kill_at}:
        os.kill(os.getpid(), signal.SIGKILL)
collect.write_drafts, collect._BATCH = killed, 500
run_plan(bank, {str(collector)!r}, {plan.code!r}, SqlTable(SqlAddress({dsn!r}, "applicant", {ORDER!r})))
"""
    process = subprocess.run([sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": "src"}, check=False)
    assert process.returncode == -signal.SIGKILL
    bank = workspaces.reopened(tmp_path)
    assert people(bank) == (kill_at - 1) * 500
    source = SqlTable(SqlAddress(dsn, "applicant", ORDER))
    run = run_plan(bank, collector, plan.code, source).run
    assert (run.outcome, people(bank)) == ("finished", 1800)
    assert len(list(bank.custody.keyring.all_subjects())) == 1800
    source.close()
