"""How a database of the register is reached: encrypted and proven beyond this machine, whatever its address says.

Laws of this file. Whether a server is on this machine is decided on what its driver will be told in the end, address,
parameters and environment together: an address that names ``localhost`` and leads elsewhere by a parameter leads
elsewhere. Beyond this machine the connection is TLS, the certificate is checked, and so is the server's name; no
parameter of an address takes that back. The password comes sealed from the register.

Called by: ``sql_table`` and ``replaced_columns``. Needs the extra ``databases`` for anything but SQLite.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Misconfigured
from shouxin.policy.source import SqlAddress

__all__ = ["connect_to"]

_SECONDS: Final = 60
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_DRIVERS: Final = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "sqlite": "sqlite",
}
# What an address of MySQL may say beside host and name; the driver knows others that undo what is demanded here.
_HARMLESS: Final = frozenset({"charset", "unix_socket", "read_timeout", "write_timeout"})


def connect_to(address: SqlAddress, secret: Plaintext | None) -> sa.Engine:
    """Return an engine that shows no values; nothing is contacted yet.

    Raises:
        Misconfigured: the address does not read, its driver is not installed, or it has a parameter that is not known
            to be harmless.
    """
    try:
        url = sa.make_url(address.dsn)
        kind = url.drivername.partition("+")[0]
        if kind not in _DRIVERS:
            raise Misconfigured("a database is postgresql, mysql, mariadb or sqlite; check the address")
        url = url.set(drivername=_DRIVERS[kind], password=None if secret is None else secret.text())
        _, told = url.get_dialect()().create_connect_args(url)
        arguments = _arguments(kind, url, told, address.ca)
        return sa.create_engine(url, hide_parameters=True, connect_args=arguments, pool_size=1, max_overflow=1)
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError):
        raise Misconfigured("the address does not read; write postgresql://user@host/name") from None
    except ModuleNotFoundError:
        raise Misconfigured("the driver is not installed; pip install 'shouxin[databases]'") from None


def _arguments(kind: str, url: sa.URL, told: Mapping[str, Any], authority: str) -> dict[str, Any]:
    """Return what the driver is told beside the address; it wins over the address."""
    if kind == "sqlite":
        return {"timeout": _SECONDS}
    wait: dict[str, Any] = {"connect_timeout": _SECONDS}
    if kind in {"postgresql", "postgres"}:
        if authority or not _is_local(told):
            wait |= {"sslmode": "verify-full", "sslrootcert": authority or "system"}
        return wait
    if strange := sorted(set(url.query) - _HARMLESS):
        raise Misconfigured(f"an address of MySQL does not say {', '.join(strange)}; TLS is the register's affair")
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
