"""What a sealed record cannot do without, and nothing around it: the floor under bulk sealing in Python.

Twenty values under a key of their own, three wrapped keys, nine keyed hashes, one leaf as JSON with its hash, and nine
rows in the tables of the product, in as many durable commits a batch as ``collect`` makes. No check, no decision, no
tree, no object of ours: what this takes, no better Python around it can save.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, MetaData, Table, bindparam, delete, insert

from bench.people import record
from bench.timing import seconds
from shouxin.domain.authority import AuthorityKind
from shouxin.keys.suite import INTL, KEY_SIZE, NONCE_SIZE
from shouxin.storage.sqlite import engine, writing
from shouxin.storage.statement import Statement
from shouxin.storage.tables import AUTHORITY, DATA, INDEX, KEYRING, cells, chains, entries, pending_keys, tags

__all__ = ["bare_seal"]

_ASSOCIATED, _BODY = bytes(130), bytes(300)
_LEAF = {f"fact-{number}": "x" * 20 for number in range(12)}
_SUBJECTS = AUTHORITY[AuthorityKind.SUBJECT]
_INTO = {table: Statement(insert(table)) for table in (cells, chains, entries, pending_keys, tags, _SUBJECTS)}
_SETTLE = Statement(delete(pending_keys).where(pending_keys.c.subject == bindparam("at")))


def bare_seal(folder: Path, count: int, batch: int) -> float:
    """Return the seconds of doing only that for ``count`` records, in batches."""
    folder.mkdir()
    stores = {
        schema: engine(folder / f"{number}.db", schema, create=True)
        for number, schema in enumerate((KEYRING, INDEX, DATA))
    }
    records = [[value.encode() for value in record(number).values()] for number in range(count)]
    took = seconds(lambda: [_batch(stores, records[at : at + batch], at) for at in range(0, count, batch)])
    for made in stores.values():
        made.dispose()
    return took


def _batch(stores: Mapping[MetaData, Engine], records: Sequence[Sequence[bytes]], first: int) -> None:
    """Compute one batch, then write it: keys, tags, cells with rows and leaves, and that nothing is pending."""
    made = [_one(values, first + number) for number, values in enumerate(records)]
    with writing(stores[KEYRING]) as connection:
        _INTO[chains].run_many(connection, [one[chains] for one in made])
        _INTO[pending_keys].run_many(connection, [one[pending_keys] for one in made])
    with writing(stores[INDEX]) as connection:
        _INTO[tags].run_many(connection, sorted(row for one in made for row in one[tags]))
    with writing(stores[DATA]) as connection:
        for table in (cells, _SUBJECTS, entries):
            _INTO[table].run_many(connection, [one[table] for one in made])
    with writing(stores[KEYRING]) as connection:
        _SETTLE.run_many(connection, [one[pending_keys] for one in made])


def _one(values: Sequence[bytes], leaf: int) -> dict[Table, Any]:
    """Return the rows of one record, with the cryptography that fills them."""
    subject, cell, pepper, salt, operation = (os.urandom(16) for _ in range(5))
    key = os.urandom(KEY_SIZE)
    wrapped = [INTL.wrap(key, key) for _ in range(3)]
    macs = [INTL.prf(key, bytes((number,)) + _ASSOCIATED) for number in range(9)]
    nonces = os.urandom(NONCE_SIZE * len(values))
    encrypt, at, parts = INTL.aead(key).encrypt, 0, []
    for value in values:
        nonce = nonces[at : at + NONCE_SIZE]
        at += NONCE_SIZE
        parts += (nonce, encrypt(nonce, value, _ASSOCIATED))
    sealed = b"".join(parts)
    body = json.dumps(_LEAF | {"sealed": hashlib.sha256(sealed).hexdigest()}, sort_keys=True).encode()
    hashlib.sha256(body).digest()
    links = b"".join((macs[0], pepper, wrapped[1], cell, wrapped[2]))
    return {
        chains: (subject, 1, 1, wrapped[0], links),
        pending_keys: (subject,),
        tags: [(mac[:16], cell, subject) for mac in macs[1:4]],
        cells: (cell, operation, subject, "loan.review", "file", "own", None, leaf, sealed),
        _SUBJECTS: (salt, operation, 1, "", subject, _BODY, macs[4]),
        entries: (leaf, body),
    }
