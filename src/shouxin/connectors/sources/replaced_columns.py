"""Columns of a PostgreSQL table that become tokens: one transaction, the values beside them until confirmed.

What stands beside is the value and the token that replaced it, ``shouxin_before_NAME`` and ``shouxin_token_NAME``: a
row to which a program wrote since is told from one that is as it was left. Confirming drops the values and rewrites the
table (VACUUM FULL), because a dropped column's values stay in the old pages; what backups, replicas and the write-ahead
log still hold is the operator's to let go. The tokens beside stay until that is done and recorded: as long as they
stand, somebody who was killed is known to have to do it again.

Called by: ``bootstrap.open_replaceable``. Needs the extra ``databases``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final

import sqlalchemy as sa

from shouxin.connectors.downstream.sql_faults import explained
from shouxin.connectors.sources.row_records import RowRecords, identity_of
from shouxin.connectors.sources.sql_connection import connect_to
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid, Misconfigured, NotInThisState, StoreUnavailable
from shouxin.operations.collecting.replaceable import Exchange, Replaced, Stays
from shouxin.policy.source import SqlAddress

__all__ = ["ReplacedColumns"]

_BEFORE: Final = "shouxin_before_"
_BESIDE: Final = "shouxin_token_"
_BATCH: Final = 500
_NUMBER: Final = re.compile(r"[0-9]+")
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

    def identity(self) -> bytes:
        """Return the address and the table, without user and password; as of the source that was collected."""
        return identity_of(self._engine, self._address)

    def waiting(self, columns: Sequence[str]) -> bool:
        """Say whether values or tokens stand beside one of these columns."""
        with self._explained("SELECT"), self._engine.connect() as connection:
            there = self._table(connection).c
            return any(f"{of}{name}" in there for name in columns for of in (_BEFORE, _BESIDE))

    def replace(self, columns: Sequence[str], wanted: Collection[str], exchange: Exchange) -> Replaced:
        """Exchange every row, in one transaction that keeps other writers out of the table.

        Raises:
            Invalid: a column is not there, is not text, or belongs to the key by which rows are named.
            Misconfigured: nothing is known that would tell rows apart.
            StoreUnavailable: what names the rows does not tell them apart, or the database refused.
        """
        stayed: Counter[Stays] = Counter()
        rows = values = line = 0
        with self._explained("UPDATE"), self._engine.begin() as connection:
            table = self._table(connection)
            read = RowRecords.of(table, self._address, wanted)
            self._fit(table, columns, read)
            connection.exec_driver_sql(f"LOCK TABLE {self._named(table)} IN SHARE ROW EXCLUSIVE MODE")
            beside = (f"{of}{name}" for name in columns for of in (_BEFORE, _BESIDE))
            added = ", ".join(f"ADD COLUMN {self._quoted(name)} text" for name in beside)
            connection.exec_driver_sql(f"ALTER TABLE {self._named(table)} {added}")
            update = _update(self._table(connection), columns, [str(one.name) for one in read.naming])
            # The cursor reads the rows as they stood when it was opened, not those that are exchanged meanwhile.
            with connection.execute(read.query(), execution_options={"yield_per": _BATCH}) as found:
                for part in found.partitions(_BATCH):
                    records = [read.record(at, row) for at, row in enumerate(part, line + 1)]
                    line += len(records)
                    changes = []
                    made = exchange([record for record, _ in records])
                    for (record, key), tokens in zip(records, made, strict=True):
                        if isinstance(tokens, Stays):
                            stayed[tokens] += 1
                            continue
                        fields = record.fields.reveal()
                        values += sum(bool(fields[name]) and name not in tokens for name in columns)
                        changes.append(
                            {f"key_{at}": value for at, value in enumerate(key)}
                            | {f"new_{at}": tokens.get(name) for at, name in enumerate(columns)}
                        )
                    if changes and connection.execute(update, changes).rowcount != len(changes):
                        raise StoreUnavailable("the columns of the key do not tell rows apart; nothing was replaced")
                    rows += len(changes)
        return Replaced(rows, stayed[Stays.UNKNOWN], stayed[Stays.CHANGED], stayed[Stays.ALREADY], values)

    def _fit(self, table: sa.Table, columns: Sequence[str], read: RowRecords) -> None:
        if set(columns) & {str(one.name) for one in (*read.order, *read.naming)}:
            raise Invalid("the columns by which rows are named and ordered cannot become tokens", "fields")
        for name in columns:
            if name not in table.c:
                raise Invalid(f"the table has no column {name}", "fields")
            if not isinstance(table.c[name].type, _TEXTS):
                raise Invalid(f"the column {name} is no text: leave it out of the plan", "fields")

    def confirm(self, columns: Sequence[str]) -> int:
        """Drop the values, rewrite the table, and look how many columns of them are left; each may be repeated.

        Raises:
            StoreUnavailable: somebody's transaction still sees the rows as they were, so that the database kept them.
        """
        with self._explained("ALTER"):
            with self._engine.begin() as connection:
                self._drop(connection, columns, _BEFORE)
            kept = self._rewrite()
            with self._engine.connect() as connection:
                left = self._table(connection).c
        if kept:
            raise StoreUnavailable("a transaction that began before still sees the values: end it, and confirm again")
        return sum(f"{_BEFORE}{name}" in left for name in columns)

    def _rewrite(self) -> int:
        """Write the table anew, without what was dropped; return how many dead rows the database says it had to keep.

        **Source:** PostgreSQL, VACUUM (FULL, VERBOSE): the first number of the detail of what it tells.
        """
        said: list[str] = []
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            driver: Any = connection.connection.driver_connection

            def note(told: Any) -> None:  # noqa: ANN401 - the driver's own type, which is an extra
                said.extend(_NUMBER.findall(told.message_detail or "")[:1])

            driver.add_notice_handler(note)
            try:
                connection.exec_driver_sql(f"VACUUM (FULL, VERBOSE) {self._named(self._table(connection))}")
            finally:
                driver.remove_notice_handler(note)
        return sum(map(int, said)) if said else 1  # who does not say has not shown it

    def conclude(self, columns: Sequence[str]) -> None:
        """Drop the tokens that stand beside those in the columns; with them goes what waited."""
        with self._explained("ALTER"), self._engine.begin() as connection:
            self._drop(connection, columns, _BESIDE)

    def _drop(self, connection: sa.Connection, columns: Sequence[str], *kinds: str) -> None:
        names = (f"{of}{name}" for name in columns for of in kinds)
        dropped = ", ".join(f"DROP COLUMN IF EXISTS {self._quoted(name)}" for name in names)
        connection.exec_driver_sql(f"ALTER TABLE {self._named(self._table(connection))} {dropped}")

    def roll_back(self, columns: Sequence[str]) -> int:
        """Put the values back where their token still stands, and drop what stood beside; one transaction.

        A value that a program wrote since stays; the number of such values is returned.

        Raises:
            NotInThisState: the values are gone: confirming them was begun.
        """
        changed = 0
        with self._explained("UPDATE"), self._engine.begin() as connection:
            table = self._table(connection)
            if any(f"{_BEFORE}{name}" not in table.c for name in columns):
                raise NotInThisState("the values beside the tokens are gone: confirm again")
            connection.exec_driver_sql(f"LOCK TABLE {self._named(table)} IN SHARE ROW EXCLUSIVE MODE")
            for name in columns:
                now, token, before = table.c[name], table.c[f"{_BESIDE}{name}"], table.c[f"{_BEFORE}{name}"]
                exchanged = before.is_not(None)
                other = sa.select(sa.func.count()).where(exchanged, now.is_distinct_from(token))
                changed += int(connection.execute(other.select_from(table)).scalar_one())
                back = sa.update(table).where(exchanged, now.is_not_distinct_from(token))
                connection.execute(back.values({name: before}))
            self._drop(connection, columns, _BEFORE, _BESIDE)
        return changed

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def _update(table: sa.Table, columns: Sequence[str], key: Sequence[str]) -> sa.Update:
    """Return what puts the tokens of one row in place; where there is none the column, and what is beside, stay."""
    new = [sa.bindparam(f"new_{at}", type_=sa.Text()) for at in range(len(columns))]
    values: dict[str, sa.ColumnElement[str]] = {}
    for name, token in zip(columns, new, strict=True):
        values[name] = sa.func.coalesce(token, table.c[name])
        values[f"{_BESIDE}{name}"] = token
        values[f"{_BEFORE}{name}"] = sa.case((token.is_not(None), table.c[name]))
    return (
        sa.update(table)
        .where(*(table.c[name] == sa.bindparam(f"key_{at}") for at, name in enumerate(key)))
        .values(values)
    )
