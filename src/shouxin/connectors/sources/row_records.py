"""A row of a table as a record: one home for how it is named, placed and written, so that it is known again as it came.

Called by: ``sql_table``, which reads and deletes rows, and ``replaced_columns``, which exchanges their values.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa

from shouxin.domain.plaintext import PlainFields
from shouxin.errors import Misconfigured
from shouxin.operations.collecting.intake_source import SourceRecord
from shouxin.policy.source import SqlAddress

__all__ = ["RowRecords", "identity_of"]


def identity_of(engine: sa.Engine, address: SqlAddress) -> bytes:
    """Return the address and the table, without user and password: the place at which rows arrive."""
    url = engine.url
    return f"{url.host or ''}/{url.port or ''}/{url.database or ''}/{address.table}/{','.join(address.order)}".encode()


def _text(value: object) -> str:
    """Return a value as text; dates as ISO 8601 writes them."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else str(value)


def _mark(value: object) -> str | int:
    """Return a value of the order as it is kept in a cursor."""
    return value if isinstance(value, int) and not isinstance(value, bool) else _text(value)


def _unique_order(table: sa.Table, address: SqlAddress) -> tuple[str, ...]:
    """Return the register's order, with a key of the table behind it unless it holds one.

    Raises:
        Misconfigured: the table has no key whose columns are never empty, and the register names none.
    """
    unique = [[one.name for one in said.columns] for said in table.constraints if isinstance(said, sa.UniqueConstraint)]
    # One with a condition tells only some of the rows apart, one over expressions has fewer columns than it says.
    unique += [
        [one.name for one in index.columns]
        for index in table.indexes
        if index.unique
        and len(index.columns) == len(index.expressions)
        and not any(of.get("where") is not None for of in index.dialect_options.values())
    ]
    keys = [[one.name for one in table.primary_key]] if len(table.primary_key) else []
    keys += [names for names in unique if names and not any(table.c[name].nullable for name in names)]
    keys += [list(address.key)] if address.key and not {*address.key} - {*table.c.keys()} else []
    if not keys:
        raise Misconfigured(
            "nothing tells rows of an equal place in the order apart: the table has no primary key and no unique one of"
            " columns that are never empty; name such columns under key"
        )
    if any({*names} <= {*address.order} for names in keys):
        return address.order
    return (*address.order, *(str(name) for name in keys[0] if name not in address.order))


@dataclass(frozen=True, slots=True)
class RowRecords:
    """Which columns of a table are fields (with their ``names``), how its rows are ordered, and what names a row.

    The first ``registered`` columns of the order are the register's; a key that tells rows apart stands behind them.
    """

    names: tuple[str, ...]
    fields: tuple[sa.Column[Any], ...]
    order: tuple[sa.Column[Any], ...]
    naming: tuple[sa.Column[Any], ...]
    registered: int

    @classmethod
    def of(cls, table: sa.Table, address: SqlAddress, wanted: Collection[str]) -> RowRecords:
        """Return those of ``table``: all its columns, or the ``wanted`` ones.

        What names a row are the columns of the register, the primary key, or the order.

        Raises:
            Misconfigured: the table lacks a column of its key or order, or nothing tells rows of one place apart.
        """
        names = address.key or tuple(str(one.name) for one in table.primary_key) or address.order
        if lacking := [name for name in (*names, *address.order) if name not in table.c]:
            raise Misconfigured(f"the table lacks columns of its key or order: {', '.join(lacking)}")
        fields = tuple(column for column in table.c if not wanted or column.name in wanted)
        return cls(
            tuple(str(column.name) for column in fields),  # SQLAlchemy has a kind of text of its own for some
            fields,
            tuple(table.c[name] for name in _unique_order(table, address)),
            tuple(table.c[name] for name in names),
            len(address.order),
        )

    def query(self) -> sa.Select[Any]:
        """Return the question for every row, in which fields, order and name follow one another."""
        beside = (*self.order, *self.naming)
        return sa.select(*self.fields, *(column.label(f"place_{at}") for at, column in enumerate(beside)))

    def record(self, line: int, row: sa.Row[Any]) -> tuple[SourceRecord, tuple[Any, ...]]:
        """Return an answer to ``query`` as a record, and the values that name it."""
        size = len(self.fields)
        named = size + len(self.order)
        cursor = tuple(map(_mark, row[size:named]))
        key, mark = "\0".join(map(_text, row[named:])), "\0".join(map(str, cursor[: self.registered]))
        held = dict(zip(self.names, map(_text, row[:size]), strict=True))
        return SourceRecord(line, PlainFields(held), cursor, key, mark), tuple(row[named:])
