"""What a database says about itself, read from its catalogues.

What is *not* seen: triggers of MySQL and MariaDB that the user has no TRIGGER privilege for; tables of other schemas
that no foreign key joins to ours (name a schema in the description to have it looked through).

Called by: ``sql_database``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, LiteralString

import sqlalchemy as sa
from sqlalchemy.engine.reflection import Inspector, ObjectKind

from shouxin.operations.downstream.schema import LiveColumn, LiveKey, LiveSchema, LiveTable

__all__ = ["read_live"]

_PG_TABLES: Final[LiteralString] = """
    SELECT n.nspname, c.relname, c.relispartition, row_security_active(c.oid),
      ARRAY(SELECT t.tgname::text FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal)
      || ARRAY(SELECT r.rulename::text FROM pg_rewrite r WHERE r.ev_class = c.oid AND r.rulename <> '_RETURN')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p')
      AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
"""
_PG_REFERRING: Final[LiteralString] = """
    SELECT DISTINCT n.nspname FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_class t ON t.oid = f.confrelid
      JOIN pg_namespace m ON m.oid = t.relnamespace WHERE f.contype = 'f' AND m.nspname = ANY(:schemas)
"""
_MY_TRIGGERS: Final[LiteralString] = (
    "SELECT event_object_schema, event_object_table, trigger_name FROM information_schema.triggers"
)
_MY_ENGINES: Final[LiteralString] = "SELECT table_schema, table_name, engine FROM information_schema.tables"
_LITE_TRIGGERS: Final[LiteralString] = "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'"
_UNDOING: Final = frozenset({"INNODB", "NDBCLUSTER", "ROCKSDB", "TOKUDB"})

_Place = tuple[str | None, str]


@dataclass(slots=True)
class _Catalogue:
    """What one dialect alone knows, by schema and table."""

    partitions: set[_Place]
    triggers: dict[_Place, set[str]]
    hidden: set[_Place]
    unsafe: set[_Place]


def _catalogue(connection: sa.Connection, default: str | None) -> _Catalogue:
    found = _Catalogue(set(), {}, set(), set())

    def place(schema: str, table: str) -> _Place:
        return (None if schema == default else schema, table)

    if connection.dialect.name == "postgresql":
        rows = [(place(row[0], row[1]), *row[2:]) for row in connection.execute(sa.text(_PG_TABLES))]
        found.partitions |= {at for at, partition, _, _ in rows if partition}
        found.hidden |= {at for at, _, hides, _ in rows if hides}
        found.triggers |= {at: set(triggers) for at, _, _, triggers in rows}
    elif connection.dialect.name != "sqlite":
        for schema, table, name in connection.execute(sa.text(_MY_TRIGGERS)):
            found.triggers.setdefault(place(schema, table), set()).add(name)
        engines = connection.execute(sa.text(_MY_ENGINES))
        found.unsafe |= {place(row[0], row[1]) for row in engines if row[2] and row[2].upper() not in _UNDOING}
    else:
        for table, name in connection.execute(sa.text(_LITE_TRIGGERS)):
            found.triggers.setdefault((None, table), set()).add(name)
    return found


def _schemas(connection: sa.Connection, inspector: Inspector, named: Iterable[str]) -> list[str | None]:
    """Return the schemas to look through: the default one, those that tables are named by, those that refer to them."""
    default = inspector.default_schema_name
    wanted = {name.rpartition(".")[0] for name in named if "." in name}
    if connection.dialect.name == "postgresql":
        rows = connection.execute(sa.text(_PG_REFERRING), {"schemas": [*wanted, default]})
        wanted |= {row[0] for row in rows}
    return [None, *sorted(wanted - {default or ""})]


def _kind(column_type: sa.types.TypeEngine[Any]) -> str:
    if isinstance(column_type, sa.Enum):
        return "other"
    if isinstance(column_type, sa.String):
        return "text"
    if isinstance(column_type, sa.Numeric | sa.Integer):
        return "number"
    return "time" if isinstance(column_type, sa.Date | sa.DateTime | sa.Time) else "other"


def _column(one: Mapping[str, Any]) -> LiveColumn:
    kind = one["type"]
    return LiveColumn(
        one["name"],
        bool(one.get("nullable", True)),
        _kind(kind),
        getattr(kind, "length", None),
        one.get("computed") is not None,
    )


def _name(schema: str | None, table: str) -> str:
    return table if schema is None else f"{schema}.{table}"


@dataclass(slots=True)
class _Reflected:
    """What SQLAlchemy reads of one schema, a query each for all tables where the dialect can; by schema and table."""

    columns: Mapping[Any, Any]
    keys: Mapping[Any, Any]
    uniques: Mapping[Any, Any]
    indexes: Mapping[Any, Any]
    foreign: Mapping[Any, Any]

    @classmethod
    def of(cls, inspector: Inspector, schema: str | None) -> _Reflected:
        """Read one schema."""
        return cls(
            inspector.get_multi_columns(schema, kind=ObjectKind.TABLE | ObjectKind.MATERIALIZED_VIEW),
            inspector.get_multi_pk_constraint(schema),
            inspector.get_multi_unique_constraints(schema),
            inspector.get_multi_indexes(schema),
            inspector.get_multi_foreign_keys(schema),
        )

    def unique(self, at: _Place) -> frozenset[frozenset[str]]:
        """Return every set of columns that is unique in all rows of a table."""
        found = [(self.keys.get(at) or {}).get("constrained_columns") or []]
        found += [one["column_names"] for one in self.uniques.get(at) or ()]
        for index in self.indexes.get(at) or ():
            options = index.get("dialect_options") or {}
            partial = any(name.endswith("_where") for name in options if options[name])
            if index.get("unique") and not partial and None not in index["column_names"]:
                found.append([name for name in index["column_names"] if name])
        return frozenset(frozenset(columns) for columns in found if columns)

    def references(self, at: _Place, default: str | None) -> tuple[LiveKey, ...]:
        """Return the foreign keys of a table."""
        found: list[LiveKey] = []
        for one in self.foreign.get(at) or ():
            referred = one.get("referred_schema")
            to: _Place = (None if referred == default else referred, one["referred_table"])
            action = str((one.get("options") or {}).get("ondelete") or "").upper()
            action = action if action in {"CASCADE", "SET NULL", "SET DEFAULT"} else ""
            # SQLite: where no columns are named, the primary key is meant
            columns = one["referred_columns"] or (self.keys.get(to) or {}).get("constrained_columns") or []
            found.append(LiveKey(tuple(one["constrained_columns"]), _name(*to), tuple(columns), action))
        return tuple(found)


def read_live(connection: sa.Connection, named: Iterable[str], user: str) -> tuple[LiveSchema, dict[str, sa.Table]]:
    """Return what the database says about itself, and its tables to speak with, by the names of the description."""
    inspector = sa.inspect(connection)
    default = inspector.default_schema_name
    catalogue = _catalogue(connection, default)
    metadata = sa.MetaData()
    tables: dict[str, LiveTable] = {}
    spoken: dict[str, sa.Table] = {}
    for schema in _schemas(connection, inspector, named):
        views = set(inspector.get_materialized_view_names(schema)) if connection.dialect.name == "postgresql" else set()
        reflected = _Reflected.of(inspector, schema)
        for at, columns in sorted(reflected.columns.items(), key=lambda one: str(one[0][1])):
            if at in catalogue.partitions:
                continue  # rows of a partition are those of its parent
            name = _name(*at)
            tables[name] = LiveTable(
                {one["name"]: _column(one) for one in columns},
                reflected.unique(at),
                reflected.references(at, default),
                frozenset(catalogue.triggers.get(at, ())),
                hides_rows=at in catalogue.hidden,
                transactional=at not in catalogue.unsafe,
                copy=at[1] in views,
            )
            made = [sa.Column(one["name"], one["type"]) for one in columns]
            spoken[name] = sa.Table(at[1], metadata, *made, schema=at[0])
    return LiveSchema(tables, user, connection.dialect.name), spoken
