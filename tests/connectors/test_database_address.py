"""Beyond this machine a database proves who it is, whatever its address says; on it nothing is asked."""

from __future__ import annotations

import getpass
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import sqlalchemy as sa

from shouxin.connectors.downstream.sql_database import SqlDatabase
from shouxin.connectors.readers.database import DatabaseTables
from shouxin.connectors.sources.sql_connection import connect_to
from shouxin.connectors.sources.sql_table import SqlTable
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Misconfigured, StoreUnavailable
from shouxin.policy.source import SqlAddress
from tests.certificates import certified

_PATIENCE = 60.0


def _registered(dsn: str, authority: str = "") -> sa.Engine:
    return connect_to(SqlAddress(dsn, "t", ("id",), ca=authority), None)


def _scanned(dsn: str) -> sa.Engine:
    return DatabaseTables(dsn)._engine


def _erased_in(dsn: str) -> sa.Engine:
    return SqlDatabase(dsn)._engine


# Whoever takes an address: a registered source, a scan, a database in which people are erased.
TAKERS: Final[tuple[Callable[[str], sa.Engine], ...]] = (_registered, _scanned, _erased_in)
every_taker = pytest.mark.parametrize("taken", TAKERS)


def _told(engine: sa.Engine) -> dict[str, Any]:
    """Return what the driver of an engine is told in the end; nothing is contacted."""
    told: dict[str, Any] = {}

    @sa.event.listens_for(engine, "do_connect")
    def _seen(dialect: object, record: object, args: object, params: dict[str, Any]) -> None:
        told.update(params)
        raise sa.exc.OperationalError("stopped", None, Exception("stopped"))

    with pytest.raises(sa.exc.OperationalError):
        engine.connect()
    return told


@pytest.mark.parametrize(
    "query",
    ["?hostaddr=203.0.113.9", "?host=203.0.113.9&sslmode=disable", "?host=localhost,db.example", "?service=core", ""],
)
@every_taker
def test_an_address_that_names_this_machine_and_leads_elsewhere_leads_elsewhere(
    query: str, taken: Callable[[str], sa.Engine]
) -> None:
    """Parameters of PostgreSQL that move the host are looked at, and none of them takes TLS back."""
    dsn = (
        f"postgresql://reader@localhost/core{query}" if query else "postgresql://reader@db.example/core?sslmode=disable"
    )
    told = _told(taken(dsn))
    assert (told["sslmode"], told["sslrootcert"]) == ("verify-full", "system")


@pytest.mark.parametrize("dsn", ["postgresql://r@127.0.0.1/c", "postgresql://r@/c?host=/run/pg", "postgresql:///c"])
@every_taker
def test_on_this_machine_nothing_is_demanded(
    dsn: str, taken: Callable[[str], sa.Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By loopback or a socket, unless the environment leads elsewhere."""
    for name in ("PGHOST", "PGHOSTADDR", "PGSERVICE"):
        monkeypatch.delenv(name, raising=False)
    assert "sslmode" not in _told(taken(dsn))
    monkeypatch.setenv("PGHOSTADDR", "203.0.113.9")
    assert _told(taken(dsn))["sslmode"] == "verify-full"


@every_taker
def test_an_address_names_its_own_authority(tmp_path: Path, taken: Callable[[str], sa.Engine]) -> None:
    """Where no public authority signed the certificate: it is proven all the same, on this machine too."""
    told = _told(taken("postgresql://r@127.0.0.1/c?sslrootcert=/etc/core-ca.pem&sslmode=disable"))
    assert (told["sslmode"], told["sslrootcert"]) == ("verify-full", "/etc/core-ca.pem")
    file, _ = certified(tmp_path, "db.example")
    told = _told(taken(f"mysql://r@db.example/core?ssl_ca={file}"))
    assert (told["ssl"].check_hostname, told["ssl"].verify_mode) == (True, ssl.CERT_REQUIRED)
    assert [dict(one["subject"][0]) for one in told["ssl"].get_ca_certs()] == [{"commonName": "db.example"}]


@every_taker
def test_mysql_beyond_this_machine_has_its_name_checked(taken: Callable[[str], sa.Engine]) -> None:
    """With an authority of one's own and without: the context takes no server by another name."""
    for kind in ("mysql", "mariadb"):
        context = _told(taken(f"{kind}://r@db.example/core"))["ssl"]
        assert isinstance(context, ssl.SSLContext)
        assert (context.check_hostname, context.verify_mode) == (True, ssl.CERT_REQUIRED)
    assert "ssl" not in _told(taken("mysql://r@127.0.0.1/core?charset=utf8mb4"))
    for query in ("ssl_disabled=true", "ssl_verify_cert=false", "read_default_file=/tmp/my.cnf", "host=db.example"):
        with pytest.raises(Misconfigured, match=query.partition("=")[0]):
            taken(f"mysql://r@localhost/core?{query}")
    for query in ("conninfo=hostaddr%3D203.0.113.9%20sslmode%3Ddisable", "require_auth=none"):
        with pytest.raises(Misconfigured, match=query.partition("=")[0]):
            taken(f"postgresql://r@localhost/core?{query}")
    with pytest.raises(Misconfigured, match="does not read"):
        taken("postgresql://r:p@ss:word@db.example:port/core")
    with pytest.raises(Misconfigured, match="authority"):
        taken("mysql://r@db.example/core?ssl_ca=/nowhere/ca.pem")


def test_the_register_names_an_authority_too() -> None:
    """What the register says wins over what the address says."""
    told = _told(_registered("postgresql://r@127.0.0.1/c?sslrootcert=/etc/other.pem", "/etc/core-ca.pem"))
    assert (told["sslmode"], told["sslrootcert"]) == ("verify-full", "/etc/core-ca.pem")


def _free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.fixture
def mariadb_over_tls(tmp_path: Path, short: Path) -> Iterator[tuple[int, Path]]:
    """A MariaDB server with TLS on loopback, whose certificate is for ``localhost``: its port and the certificate."""
    install, serve = shutil.which("mariadb-install-db"), shutil.which("mariadbd") or shutil.which("/usr/sbin/mariadbd")
    if install is None or serve is None:
        pytest.skip("MariaDB is not installed")
    file, _ = certified(tmp_path, "localhost")
    user, data, door, port = f"--user={getpass.getuser()}", short / "data", short / "s", _free()
    quick = ["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M", "--innodb-log-file-size=8M"]
    quick += [f"--tmpdir={short}", "--innodb-use-native-aio=0"]
    made = [install, "--no-defaults", user, f"--datadir={data}", "--auth-root-authentication-method=normal", *quick]
    done = subprocess.run([*made, "--skip-test-db"], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    command = [serve, "--no-defaults", user, f"--datadir={data}", f"--socket={door}", f"--port={port}", *quick]
    command += ["--bind-address=127.0.0.1", f"--ssl-cert={file}", f"--ssl-key={file}", f"--pid-file={short / 'pid'}"]
    with (short / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            until = time.monotonic() + _PATIENCE
            while not door.exists():
                assert server.poll() is None, (short / "log").read_text()
                assert time.monotonic() < until, "MariaDB does not answer"
                time.sleep(0.02)
            admin = sa.create_engine(f"mariadb+pymysql://root@/?unix_socket={door}", poolclass=sa.NullPool)
            with admin.begin() as connection:
                connection.exec_driver_sql("CREATE DATABASE core")
                connection.exec_driver_sql("CREATE TABLE core.t (id INT PRIMARY KEY)")
                connection.exec_driver_sql("CREATE USER reader@'%%' IDENTIFIED BY 'pw' REQUIRE SSL")
                connection.exec_driver_sql("GRANT SELECT, DELETE ON core.* TO reader@'%%'")
                connection.exec_driver_sql("CREATE USER reader@localhost IDENTIFIED BY 'pw' REQUIRE SSL")
                connection.exec_driver_sql("GRANT SELECT, DELETE ON core.* TO reader@localhost")
            yield port, file
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(_PATIENCE)


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder with a path short enough for a socket."""
    from tests.databases import _folder

    folder = _folder()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.slow
def test_a_server_whose_name_is_another_is_not_spoken_to(mariadb_over_tls: tuple[int, Path]) -> None:
    """A real MariaDB: by the name of its certificate it is read; by another name, or without its authority, not."""
    port, file = mariadb_over_tls

    def columns(host: str, authority: str) -> tuple[str, ...]:
        address = SqlAddress(f"mariadb://reader@{host}:{port}/core", "t", ("id",), ca=authority)
        source = SqlTable(address, Plaintext.of("pw"))
        try:
            return source.describe()
        finally:
            source.close()

    assert columns("localhost", str(file)) == ("id",)
    with pytest.raises(StoreUnavailable, match="cannot be used now"):
        columns("127.0.0.1", str(file))
    other, _ = certified(file.parent / "..", "other.example")
    with pytest.raises(StoreUnavailable, match="cannot be used now"):
        columns("localhost", str(other))
