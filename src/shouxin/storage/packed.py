"""Many rows in one step of the driver: bound as one value and cut up in SQL, or joined in SQL and cut up here.

The driver lets go of Python's lock at every row and has to win it back from whoever works beside it; with one busy
reader, that costs more than the row. Whatever moves a million rows therefore moves some thousands in one step, which
runs on a core of its own. Binary values are joined as hexadecimal text, which any build of SQLite joins as it should.
"""

from __future__ import annotations

from functools import reduce
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Select, bindparam, func, literal_column, select
from sqlalchemy.sql.selectable import CTE

__all__ = ["NUMBERS", "among", "cut", "joined", "pieces"]


def _numbers() -> CTE:
    first = select(literal_column("0").label("number")).cte("numbers", recursive=True)
    following = first.c.number + literal_column("1")
    return first.union_all(select(following).where(following < bindparam("count")))


# The numbers from 0 to ``count`` - 1, ``count`` being at least 1.
NUMBERS: Final = _numbers()


def pieces(rows: bytes, width: int) -> list[bytes]:
    """Return joined rows one by one."""
    return [rows[at : at + width] for at in range(0, len(rows), width)]


def cut(number: ColumnElement[Any], width: int, at: int, size: int) -> ColumnElement[bytes]:
    """Return ``size`` bytes from ``at`` in that one of the rows, each ``width`` bytes, which ``rows`` has joined."""
    return func.substr(bindparam("rows"), number * literal_column(f"{width}") + literal_column(f"{at + 1}"), size)


def among(column: Column[bytes], *wanted: ColumnElement[Any]) -> Select[Any]:
    """Return the query for those rows whose ``column`` (16 bytes) is one of the ``count`` that ``rows`` has joined."""
    table = column.table
    return select(*wanted).select_from(NUMBERS.join(table, column == cut(NUMBERS.c.number, 16, 0, 16)))


def joined(*columns: ColumnElement[Any]) -> ColumnElement[str]:
    """Return these binary columns of all rows, row by row, as one hexadecimal text; nothing when there is no row."""
    return func.group_concat(func.hex(reduce(lambda one, other: one.op("||")(other), columns)), "")
