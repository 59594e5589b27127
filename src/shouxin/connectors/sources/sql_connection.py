"""A database of the register: reached as every database is (``connectors.database_address``), its password sealed.

Called by: ``sql_table``, ``observed_table`` and ``replaced_columns``.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from shouxin.connectors.database_address import engine_at, read_address
from shouxin.domain.plaintext import Plaintext
from shouxin.policy.source import SqlAddress

__all__ = ["connect_to"]

_SECONDS: Final = 60


def connect_to(address: SqlAddress, secret: Plaintext | None) -> sa.Engine:
    """Return an engine that shows no values; nothing is contacted yet.

    Raises:
        Misconfigured: the address does not read, its driver is not installed, or it has a parameter that is not known
            to be harmless.
    """
    password = None if secret is None else secret.text()
    read = read_address(address.dsn, seconds=_SECONDS, password=password, authority=address.ca)
    return engine_at(read, pool_size=1, max_overflow=1)
