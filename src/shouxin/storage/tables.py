"""The tables of the three SQL stores: data, keyring, index. Names are the words of the glossary.

Every row that could ever be shared between institutions carries the institution. Identifiers are 16 random bytes.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    text,
)

from shouxin.domain.authority import AuthorityKind

__all__ = [
    "AUTHORITY",
    "DATA",
    "INDEX",
    "KEYRING",
    "NOBODY",
    "ages",
    "arrivals",
    "asides",
    "cells",
    "chains",
    "depictions",
    "entries",
    "epochs",
    "generations",
    "log",
    "look_ups",
    "marks",
    "members",
    "objects",
    "openings",
    "origins",
    "pending_keys",
    "service_keys",
    "tags",
    "tiles",
]

# Counts up whenever a table, a key of the institution or a file kept apart is added; see storage.schema.
SCHEMA_VERSION: Final = 5
DATA: Final = MetaData()
KEYRING: Final = MetaData()
INDEX: Final = MetaData()


# The look-up columns by which rows of a kind are really found; an index that nobody asks only costs.
_BY_NAME: Final = frozenset(
    {
        AuthorityKind.ACCOUNT,
        AuthorityKind.BATCH,
        AuthorityKind.CARD,
        AuthorityKind.DESTRUCTION,
        AuthorityKind.GRANT,
        AuthorityKind.REQUEST,
        AuthorityKind.RIGHT,
        AuthorityKind.SIGN_IN,
        AuthorityKind.TIER,
    }
)
_BY_SUBJECT: Final = frozenset(
    {
        AuthorityKind.CONSENT,
        AuthorityKind.DESTRUCTION,
        AuthorityKind.ERASURE,
        AuthorityKind.HOLD,
        AuthorityKind.RIGHT,
    }
)


def _authority(kind: AuthorityKind) -> Table:
    indexes = [
        *([Index(f"{kind.value}_by_name", "name")] if kind in _BY_NAME else []),
        *([Index(f"{kind.value}_by_subject", "subject")] if kind in _BY_SUBJECT else []),
    ]
    if kind is AuthorityKind.SUBJECT:  # only whoever was merged into somebody is looked for by name
        indexes.append(Index("subjects_by_name", "name", sqlite_where=text("name <> ''")))
    return Table(
        kind.value,
        DATA,
        Column("identifier", LargeBinary(16), primary_key=True),
        Column("institution", LargeBinary(16), nullable=False),
        Column("version", Integer, nullable=False),
        Column("name", String, nullable=False),
        Column("subject", LargeBinary(16)),
        Column("body", LargeBinary, nullable=False),
        Column("mac", LargeBinary(32), nullable=False),
        *indexes,
        # Erasures come by the thousand, each is written three times, and their identifiers are in no order: in the
        # order in which they come, the three writes of a batch fall on few pages.
        sqlite_with_rowid=kind is AuthorityKind.ERASURE,
    )


AUTHORITY: Final = {kind: _authority(kind) for kind in AuthorityKind}

# To whom a cell belongs that was removed. Deleting a row makes SQLite move its neighbours between pages now and then,
# and it leaves copies of them behind, which only rewriting the whole file takes away: at a million people, writers
# would wait for half a minute. So the row of a removed cell stays, every byte that told anything overwritten in place,
# and no row ever moves. Rewriting the file (``DataStore.compact``) takes such rows away.
NOBODY: Final = bytes(16)

cells: Final = Table(
    "cells",
    DATA,
    Column("cell", LargeBinary(16), nullable=False),
    Column("institution", LargeBinary(16), nullable=False),
    Column("subject", LargeBinary(16), nullable=False),
    Column("purpose", String, nullable=False),
    Column("term", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("other", LargeBinary(16)),
    Column("leaf", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("cells_by_cell", "cell", unique=True),
    Index("cells_by_subject", "subject"),
    Index("cells_by_other", "other", sqlite_where=text("other IS NOT NULL")),
)

objects: Final = Table(
    "objects",
    DATA,
    Column("object_id", LargeBinary(16), primary_key=True),
    Column("institution", LargeBinary(16), nullable=False),
    Column("subject", LargeBinary(16), nullable=False, index=True),
    Column("purpose", String, nullable=False),
    Column("term", String, nullable=False),
    Column("item", String, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("leaf", BigInteger, nullable=False),
)

depictions: Final = Table(
    "depictions",
    DATA,
    Column("object_id", LargeBinary(16), nullable=False),
    Column("subject", LargeBinary(16), nullable=False, index=True),
    PrimaryKeyConstraint("object_id", "subject"),
)

origins: Final = Table(
    "origins",
    DATA,
    Column("object_id", LargeBinary(16), primary_key=True),
    Column("source", String, nullable=False),
    Column("format", String, nullable=False),
)

openings: Final = Table(
    "openings",
    DATA,
    Column("subject", LargeBinary(16), nullable=False),
    Column("leaf", BigInteger, nullable=False),
    PrimaryKeyConstraint("subject", "leaf"),
    sqlite_with_rowid=False,
)

members: Final = Table(
    "members",
    DATA,
    Column("leaf", BigInteger, primary_key=True, autoincrement=False),
    Column("commitments", LargeBinary, nullable=False),
)

look_ups: Final = Table(
    "look_ups",
    DATA,
    Column("account", LargeBinary(16), nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("look_ups_by_account", "account", "at"),
)

arrivals: Final = Table(
    "arrivals",
    DATA,
    Column("place", LargeBinary(16), nullable=False),
    Column("arrival", LargeBinary(16), nullable=False),
    PrimaryKeyConstraint("place", "arrival"),
    sqlite_with_rowid=False,
)

# What is set aside of a place now, as keyed digests; what is sealed says where it stands in its source, and why.
asides: Final = Table(
    "asides",
    DATA,
    Column("place", LargeBinary(16), nullable=False),
    Column("digest", LargeBinary(16), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("place", "digest"),
    sqlite_with_rowid=False,
)

# How often each generation of the index must have been changed at least; vouched for by the institution.
generations: Final = Table(
    "generations",
    DATA,
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("age", BigInteger, nullable=False),
    Column("mac", LargeBinary(32), nullable=False),
)

entries: Final = Table(
    "entries",
    DATA,
    Column("leaf", Integer().with_variant(BigInteger, "postgresql"), primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
)

tiles: Final = Table(
    "tiles",
    DATA,
    Column("level", SmallInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
    PrimaryKeyConstraint("level", "number"),
)

log: Final = Table(
    "log",
    DATA,
    Column("one", Integer, primary_key=True),
    Column("schema", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
)

epochs: Final = Table(
    "epochs",
    KEYRING,
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("step", String, nullable=False),
)

service_keys: Final = Table(
    "service_keys",
    KEYRING,
    Column("name", String, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    PrimaryKeyConstraint("name", "epoch"),
)

chains: Final = Table(
    "chains",
    KEYRING,
    Column("subject", LargeBinary(16), nullable=False, unique=True),
    Column("generation", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("links", LargeBinary, nullable=False),
)

pending_keys: Final = Table(
    "pending", KEYRING, Column("subject", LargeBinary(16), primary_key=True), sqlite_with_rowid=False
)

marks: Final = Table("marks", KEYRING, Column("done", Integer, primary_key=True, autoincrement=False))

tags: Final = Table(
    "tags",
    INDEX,
    # The key's columns come first: SQLite 3.40 finds faults that are none in a table of another order.
    Column("tag", LargeBinary(16), nullable=False),
    Column("cell", LargeBinary(16), nullable=False),
    Column("subject", LargeBinary(16), nullable=False),
    PrimaryKeyConstraint("tag", "cell"),
    Index("tags_by_cell", "cell"),
    sqlite_with_rowid=False,
)

# How often the rows of this generation were changed; written with each change, no row before the first.
ages: Final = Table(
    "ages",
    INDEX,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("changes", BigInteger, nullable=False),
)
