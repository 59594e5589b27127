"""The lender's own database, with a row in each table for everybody whom the lender of the portfolio has taken in."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from shouxin.connectors.downstream.sql_database import SqlDatabase
from shouxin.operations.downstream.databases import register_database
from tests.operations.portfolio import ID_NUMBER, JOB, MOBILE, Lender, values_of

CORE: Final = "lender-core"
_CUSTOMER: Final = """\
dataset = "{name}"
version = 1
[identities]
id_number = {{ item = "identity.id_number", one = true }}
[table.customer]
key = ["id"]
strategy = "delete_row"
freeze = {{ column = "frozen", value = 1, free = 0 }}
[table.customer.columns]
id = {{ not_personal = "number of the row" }}
id_number = {{ item = "identity.id_number", identity = "id_number" }}
mobile = {{ item = "contact.mobile" }}
frozen = {{ not_personal = "flag" }}
"""
_MORE: Final = """\
[table.{table}]
key = ["id"]
strategy = "delete_row"
frozen_with = "customer"
[table.{table}.columns]
id = {{ not_personal = "number of the row" }}
customer_id = {{ not_personal = "key of customer", references = "customer.id", of = "person" }}
{column} = {{ item = "{item}" }}
"""
# table -> its column, and the item that it holds
_TABLES: Final = {
    "call": ("words", "communication.content"),
    "work": ("job", "employment.job"),
    "film": ("frames", "interview.video"),
}


def described(*tables: str, name: str = CORE) -> str:
    """Return the description of a database of customers and, of ``call``, ``work`` and ``film``, the ``tables``."""
    more = (_MORE.format(table=table, column=_TABLES[table][0], item=_TABLES[table][1]) for table in tables)
    return _CUSTOMER.format(name=name) + "".join(more)


class Core:
    """A registered database at ``where``: an address, or a folder for an SQLite file."""

    def __init__(self, where: str | Path, bank: Lender, *tables: str) -> None:
        self.address = where if isinstance(where, str) else f"sqlite:///{where / 'core.db'}"
        self.tables = ("customer", *tables)
        self._engine = sa.create_engine(self.address, poolclass=sa.NullPool)
        with self._engine.begin() as connection:
            connection.exec_driver_sql(
                "CREATE TABLE customer (id integer PRIMARY KEY NOT NULL, id_number text, mobile text, "
                "frozen integer NOT NULL DEFAULT 0)"
            )
            for table in tables:
                connection.exec_driver_sql(
                    f"CREATE TABLE {table} (id integer PRIMARY KEY NOT NULL, "
                    f"customer_id integer NOT NULL REFERENCES customer(id), {_TABLES[table][0]} text)"
                )
            for number in bank.people:
                said = values_of(number)
                row = {"n": number, "i": said[ID_NUMBER].text(), "m": said[MOBILE].text(), "t": said[JOB].text()}
                connection.execute(sa.text("INSERT INTO customer VALUES (:n, :i, :m, 0)"), row)
                for table in tables:
                    connection.execute(sa.text(f"INSERT INTO {table} VALUES (:n, :n, :t)"), row)
        register_database(bank.workspace, bank.tokens["dpo"], described(*tables), "LENDER_DSN")

    def open(self, _variable: str) -> SqlDatabase:
        """Open it as the program does."""
        return SqlDatabase(self.address)

    def left(self) -> dict[str, set[int]]:
        """Return whose rows stand in each table."""
        return {table: {key for (key,) in self._rows(f"SELECT id FROM {table}")} for table in self.tables}

    def frozen(self) -> set[int]:
        """Return whose rows are marked as frozen."""
        return {key for (key,) in self._rows("SELECT id FROM customer WHERE frozen = 1")}

    def flag(self, number: int) -> None:
        """Mark somebody's row as frozen, as a program of the lender's own would."""
        with self._engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE customer SET frozen = 1 WHERE id = {number:d}")

    def mobiles(self) -> dict[int, str]:
        """Return the mobile that stands there of each customer."""
        return dict(self._rows("SELECT id, mobile FROM customer"))

    def _rows(self, statement: str) -> list[Any]:
        with self._engine.connect() as connection:
            return list(connection.exec_driver_sql(statement))
