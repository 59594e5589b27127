"""How a database is reached by its address: encrypted and proven beyond this machine, whatever the address says.

Laws of this file. Whether a server is on this machine is decided on what its driver will be told in the end, address,
parameters and environment together: an address that names ``localhost`` and leads elsewhere by a parameter leads
elsewhere. Beyond this machine the connection is TLS, the certificate is checked, and so is the server's name; no
parameter of an address takes that back. An address may name the authority that signed the certificate, where it is not
one that everybody knows: ``sslrootcert=FILE`` for PostgreSQL, ``ssl_ca=FILE`` for MySQL and MariaDB.

Called by: whatever reads, scans or erases in a lender's own database. Needs the extra ``databases`` for anything but
SQLite.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from shouxin.config import how_to_install
from shouxin.errors import Misconfigured

__all__ = ["Address", "engine_at", "read_address"]

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_DRIVERS: Final = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "sqlite": "sqlite",
}
_AUTHORITY: Final = {"postgresql": "sslrootcert", "mysql": "ssl_ca", "mariadb": "ssl_ca"}
# What an address may say beside host and name; the drivers know others that undo what is demanded here.
_OF_POSTGRESQL: Final = frozenset(
    {"host", "hostaddr", "port", "service", "sslmode", "user", "dbname", "options", "application_name"}
    | {"connect_timeout", "target_session_attrs", "client_encoding", "passfile", "sslcert", "sslkey", "sslpassword"}
)
_HARMLESS: Final = {
    "postgresql": _OF_POSTGRESQL,
    "mysql": frozenset({"charset", "unix_socket", "read_timeout", "write_timeout"}),
    "mariadb": frozenset({"charset", "unix_socket", "read_timeout", "write_timeout"}),
}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is: ``url`` with its driver, ``kind``, and what the driver is told beside; that wins."""

    url: sa.URL
    kind: str
    arguments: Mapping[str, Any]


def read_address(dsn: str, *, seconds: int, password: str | None = None, authority: str = "") -> Address:
    """Read an address; nothing is contacted. ``seconds`` is how long connecting may take.

    ``password`` takes the place of the address's own. With an ``authority`` (a file) TLS is asked on this machine too.

    Raises:
        Misconfigured: it does not read, its driver is not installed, or it has a parameter that is not known to be
            harmless.
    """
    try:
        url = sa.make_url(dsn)
        named = url.drivername.partition("+")[0]
        if named not in _DRIVERS:
            raise Misconfigured("a database is postgresql, mysql, mariadb or sqlite; check the address")
        kind = _DRIVERS[named].partition("+")[0]
        url = url.set(drivername=_DRIVERS[named])
        if password is not None:
            url = url.set(password=password)
        own = _AUTHORITY.get(kind, "")
        authority = authority or str(url.query.get(own, ""))
        url = url.difference_update_query([own])
        _, told = url.get_dialect()().create_connect_args(url)
        return Address(url, kind, _arguments(kind, url, told, authority, seconds))
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ValueError):
        raise Misconfigured("the address does not read; write postgresql://user@host/name") from None


def engine_at(address: Address, **more: Any) -> sa.Engine:  # noqa: ANN401 - what ``create_engine`` takes
    """Return an engine that shows no values; nothing is contacted yet. ``connect_args`` in ``more`` are added.

    Raises:
        Misconfigured: the driver is not installed.
    """
    arguments = {**more.pop("connect_args", {}), **address.arguments}
    make: Callable[..., sa.Engine] = sa.create_engine
    try:
        return make(address.url, hide_parameters=True, connect_args=arguments, **more)
    except ModuleNotFoundError:
        raise Misconfigured(f"the driver is not installed: {how_to_install('databases')}") from None


def _arguments(kind: str, url: sa.URL, told: Mapping[str, Any], authority: str, seconds: int) -> dict[str, Any]:
    """Return what the driver is told beside the address; it wins over the address."""
    if kind == "sqlite":
        return {"timeout": seconds}
    if strange := sorted(set(url.query) - _HARMLESS[kind]):
        raise Misconfigured(f"an address does not say {', '.join(strange)}; beyond this machine TLS is a must")
    wait: dict[str, Any] = {"connect_timeout": seconds}
    if kind == "postgresql":
        if authority or not _is_local(told):
            wait |= {"sslmode": "verify-full", "sslrootcert": authority or "system"}
        return wait
    if authority or not (url.query.get("unix_socket") or str(told.get("host") or "localhost") in _LOOPBACK):
        wait |= {"ssl": _proving(authority)}
    return wait


def _is_local(told: Mapping[str, Any]) -> bool:
    """Say whether libpq will go to this machine only: every address of a list, and no service file in between."""
    if told.get("service") or os.environ.get("PGSERVICE"):
        return False
    addresses = str(told.get("hostaddr") or os.environ.get("PGHOSTADDR", ""))
    hosts = addresses or str(told.get("host") or os.environ.get("PGHOST", ""))
    return all(not one or one[0] in "/@" or one in _LOOPBACK for one in hosts.split(","))


def _proving(authority: str) -> ssl.SSLContext:
    """Return a context that takes a server only by its certificate and its name.

    PyMySQL's own checks no name where no authority is given, whatever it was told, so it is not asked to make one.

    Raises:
        Misconfigured: the file of the authority does not read.
    """
    try:
        made = ssl.create_default_context(cafile=authority or None)
    except (OSError, ssl.SSLError):
        raise Misconfigured("the file with the authority of the server's certificate does not read") from None
    made.check_hostname = True
    made.verify_mode = ssl.CERT_REQUIRED
    return made
