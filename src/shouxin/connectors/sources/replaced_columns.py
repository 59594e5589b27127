"""Columns of a PostgreSQL table that become tokens: one transaction, the values beside them until confirmed.

What stands beside is the value and the token that replaced it, ``shouxin_before_NAME`` and ``shouxin_token_NAME``: a
row to which a program wrote since is told from one that is as it was left. Confirming drops both and rewrites the table
(VACUUM FULL), because a dropped column's values stay in the old pages; what backups, replicas and the write-ahead log
still hold is the operator's to let go.

Called by: ``bootstrap.open_replaceable``. Needs the extra ``databases``.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Final

import sqlalchemy as sa

from shouxin.connectors.downstream.sql_faults import explained
from shouxin.connectors.sources.sql_connection import connect_to
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid, Misconfigured
from shouxin.operations.collecting.replace_columns import Exchange, Replaced
from shouxin.policy.source import SqlAddress

__all__ = ["ReplacedColumns"]

_BEFORE: Final = "shouxin_before_"
_BESIDE: Final = "shouxin_token_"
_BATCH: Final = 500
_TEXTS: Final = (sa.String,)


class ReplacedColumns:
    """The table at ``address``.

    Raises:
        Misconfigured: it is no PostgreSQL, or its driver is not installed.
    """

    def __init__(self, address: SqlAddress, secret: Plaintext | None = None) -> None:
        self._address = address
        self._engine = connect_to(address, secret)
        if self._engine.dialect.name != "postgresql":
            raise Misconfigured("columns become tokens in PostgreSQL only")

    def _explained(self, doing: str) -> AbstractContextManager[None]:
        return explained((doing, self._address.table), self._engine.url.username or "")

    def _table(self, connection: sa.Connection) -> sa.Table:
        schema, _, name = self._address.table.rpartition(".")
        return sa.Table(name, sa.MetaData(), schema=schema or None, autoload_with=connection)

    def _quoted(self, name: str) -> str:
        return self._engine.dialect.identifier_preparer.quote(name)

    def _named(self, table: sa.Table) -> str:
        return self._engine.dialect.identifier_preparer.format_table(table)

    def _key(self, table: sa.Table) -> list[sa.Column[Any]]:
        return [table.c[name] for name in self._address.key or self._address.order]

    def waiting(self, columns: Sequence[str]) -> bool:
        """Say whether values stand beside the tokens of one of these columns."""
        with self._explained("SELECT"), self._engine.connect() as connection:
            there = self._table(connection).c
            return any(f"{_BEFORE}{name}" in there for name in columns)

    def replace(self, columns: Sequence[str], exchange: Exchange) -> Replaced:
        """Exchange every row, in one transaction that keeps other writers out of the table.

        Raises:
            Invalid: a column is not there, is not text, or belongs to the key by which rows are named.
        """
        rows = kept = 0
        with self._explained("UPDATE"), self._engine.begin() as connection:
            table = self._table(connection)
            self._fit(table, columns)
            connection.exec_driver_sql(f"LOCK TABLE {self._named(table)} IN SHARE ROW EXCLUSIVE MODE")
            beside = (f"{of}{name}" for name in columns for of in (_BEFORE, _BESIDE))
            added = ", ".join(f"ADD COLUMN {self._quoted(name)} text" for name in beside)
            connection.exec_driver_sql(f"ALTER TABLE {self._named(table)} {added}")
            table = self._table(connection)
            key = self._key(table)
            query = sa.select(*key, *(table.c[name] for name in columns))
            update = sa.update(table).where(*(column == sa.bindparam(f"key_{at}") for at, column in enumerate(key)))
            update = update.values(
                {name: sa.bindparam(f"new_{at}") for at, name in enumerate(columns)}
                | {f"{_BESIDE}{name}": sa.bindparam(f"new_{at}") for at, name in enumerate(columns)}
                | {f"{_BEFORE}{name}": table.c[name] for name in columns}
            )
            # The cursor reads the rows as they stood when it was opened, not those that are exchanged meanwhile.
            with connection.execute(query, execution_options={"yield_per": _BATCH}) as found:
                for part in found.partitions(_BATCH):
                    values = [dict(zip(columns, (one or "" for one in row[len(key) :]), strict=True)) for row in part]
                    changes = []
                    for row, was, tokens in zip(part, values, exchange(values), strict=True):
                        if tokens is None:
                            kept += 1
                            continue
                        new = {f"new_{at}": tokens.get(name, was[name]) or None for at, name in enumerate(columns)}
                        changes.append({f"key_{at}": value for at, value in enumerate(row[: len(key)])} | new)
                    if changes:
                        connection.execute(update, changes)
                    rows += len(changes)
        return Replaced(rows, kept)

    def _fit(self, table: sa.Table, columns: Sequence[str]) -> None:
        if set(columns) & {*self._address.key, *self._address.order}:
            raise Invalid("the columns by which rows are named and ordered cannot become tokens", "fields")
        for name in columns:
            if name not in table.c:
                raise Invalid(f"the table has no column {name}", "fields")
            if not isinstance(table.c[name].type, _TEXTS):
                raise Invalid(f"the column {name} is no text: leave it out of the plan", "fields")

    def confirm(self, columns: Sequence[str]) -> int:
        """Drop the values, rewrite the table, and look how many of the columns are left."""
        with self._explained("ALTER"):
            with self._engine.begin() as connection:
                table = self._table(connection)
                self._drop(connection, table, columns)
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql(f"VACUUM FULL {self._named(table)}")
                left = self._table(connection).c
        return sum(f"{of}{name}" in left for name in columns for of in (_BEFORE, _BESIDE))

    def _drop(self, connection: sa.Connection, table: sa.Table, columns: Sequence[str]) -> None:
        names = (f"{of}{name}" for name in columns for of in (_BEFORE, _BESIDE))
        dropped = ", ".join(f"DROP COLUMN IF EXISTS {self._quoted(name)}" for name in names)
        connection.exec_driver_sql(f"ALTER TABLE {self._named(table)} {dropped}")

    def roll_back(self, columns: Sequence[str]) -> int:
        """Put the values back where their token still stands, and drop what stood beside; one transaction.

        A value that a program wrote since stays; the number of such values is returned.
        """
        changed = 0
        with self._explained("UPDATE"), self._engine.begin() as connection:
            table = self._table(connection)
            connection.exec_driver_sql(f"LOCK TABLE {self._named(table)} IN SHARE ROW EXCLUSIVE MODE")
            for name in columns:
                now, token, before = table.c[name], table.c[f"{_BESIDE}{name}"], table.c[f"{_BEFORE}{name}"]
                exchanged = before.is_not(None)
                other = sa.select(sa.func.count()).where(exchanged, now.is_distinct_from(token))
                changed += int(connection.execute(other.select_from(table)).scalar_one())
                back = sa.update(table).where(exchanged, now.is_not_distinct_from(token))
                connection.execute(back.values({name: before}))
            self._drop(connection, table, columns)
        return changed

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()
