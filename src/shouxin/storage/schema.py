"""Which schema a workspace's stores have, and how stores of an older version get the one that this program knows.

Tables are only ever added, and columns never change: what an older version wrote is read as it stands. So an upgrade
makes the tables that are lacking and, last of all, writes the number; killed on its way, it is simply begun again. The
number of before is noted beside the data store until the ledger has it, so that no kill loses it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Engine, MetaData, inspect, select, update

from shouxin.errors import Misconfigured
from shouxin.storage.files import write_whole
from shouxin.storage.sqlite import engine, guarded, reading, writing
from shouxin.storage.tables import DATA, KEYRING, SCHEMA_VERSION, log

__all__ = ["add_tables", "forget_upgrade", "schema_before", "schema_of", "write_schema"]

_UPGRADING: Final = "upgrading"  # beside the data store: the number of before an upgrade that was not recorded yet


def schema_of(data: Path) -> int:
    """Return the number of the schema that the data store at ``data`` has.

    Raises:
        Misconfigured: there is no data store, or it was never initialised.
    """
    made = engine(data, DATA)
    try:
        with reading(made) as connection:
            found = connection.execute(select(log.c.schema)).scalar_one_or_none()
    finally:
        made.dispose()
    if found is None:
        raise Misconfigured("the data store has no log: it was never initialised")
    return int(found)


def schema_before(data: Path, now: int) -> int:
    """Return which schema the data store had before an upgrade that was not recorded; note ``now`` if there is none.

    ``now`` is the schema that the store has; of that of this program nothing is noted. Durable on return.

    Raises:
        Misconfigured: the note does not read.
    """
    note = data.with_name(_UPGRADING)
    if not note.exists():
        if now != SCHEMA_VERSION:
            with guarded():
                write_whole(note, str(now).encode())
        return now
    text = note.read_bytes()
    if not (text.isdigit() and int(text) <= SCHEMA_VERSION):
        raise Misconfigured(f"{_UPGRADING} beside the data store does not say a schema: no version of ours wrote it")
    return int(text)


def forget_upgrade(data: Path) -> None:
    """Forget the number of before: the ledger has it, or another store was put in place. May be repeated."""
    data.with_name(_UPGRADING).unlink(missing_ok=True)


def add_tables(data: Path, keyring: Path) -> int:
    """Make what tables and indexes the two stores lack; return how many tables. Durable on return.

    Raises:
        Misconfigured: a table has not the columns that this program knows; nothing was made in that store.
    """
    return _add(data, DATA) + _add(keyring, KEYRING)


def _add(path: Path, schema: MetaData) -> int:
    made = engine(path, schema)
    try:
        with guarded():
            lacking = _lacking(made, schema, path)
            schema.create_all(made)
            for index in (index for table in schema.sorted_tables for index in table.indexes):
                index.create(made, checkfirst=True)
    finally:
        made.dispose()
    return lacking


def _lacking(made: Engine, schema: MetaData, path: Path) -> int:
    """Return how many tables are not there, after holding the columns of the others against ours."""
    seen = inspect(made)
    there = set(seen.get_table_names())
    for table in schema.sorted_tables:
        known = {column.name for column in table.columns}
        if table.name in there and {column["name"] for column in seen.get_columns(table.name)} != known:
            raise Misconfigured(f"{path.name} has a table {table.name} of another shape: no version of ours wrote it")
    return len(schema.tables.keys() - there)


def write_schema(data: Path, schema: int = SCHEMA_VERSION) -> None:
    """Write into the data store at ``data`` that it has ``schema``, else that of this program; durable on return."""
    made = engine(data, DATA)
    try:
        with writing(made) as connection:
            connection.execute(update(log).values(schema=schema))
    finally:
        made.dispose()
