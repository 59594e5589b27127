"""What is asked for one person never reads everybody: each such query goes through an index."""

from __future__ import annotations

from pathlib import Path

import pytest

from shouxin.domain.authority import AuthorityKind
from shouxin.storage import authority_rows, cell_rows
from shouxin.storage.sqlite import engine, reading
from shouxin.storage.statement import Statement
from shouxin.storage.tables import DATA

ASKED = {
    "whoever was merged into somebody": authority_rows._FIND[True, False][AuthorityKind.SUBJECT],
    "a person's consents": authority_rows._FIND[False, True][AuthorityKind.CONSENT],
    "a purpose's consents of a person": authority_rows._FIND[True, True][AuthorityKind.CONSENT],
    "a person's erasures": authority_rows._FIND[False, True][AuthorityKind.ERASURE],
    "an account's grants": authority_rows._FIND[True, False][AuthorityKind.GRANT],
    "a person's row": authority_rows._GET[AuthorityKind.SUBJECT],
    "a person's cells": cell_rows._OF_ONE,
    "what names a person": cell_rows._TO_ONE,
    "a person's openings": cell_rows._OPENINGS,
    "whom an object depicts": cell_rows._DEPICTED,
}


@pytest.mark.parametrize("name", ASKED)
def test_one_person_is_found_by_an_index(tmp_path: Path, name: str) -> None:
    """SQLite searches and scans nothing, whatever the size of the tables."""
    statement: Statement = ASKED[name]
    with reading(engine(tmp_path / "data.db", DATA, create=True)) as connection:
        sql, order, _ = statement._on(connection)
        driver = connection.connection.dbapi_connection
        plan = [row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {sql}", [b"x"] * len(order))]
    assert plan
    assert all(step.startswith(("SEARCH", "USE TEMP B-TREE")) for step in plan), plan


MANY = {
    "people's rows": authority_rows._AMONG["identifier"][AuthorityKind.SUBJECT],
    "people's holds": authority_rows._AMONG["subject"][AuthorityKind.HOLD],
    "people's cells": cell_rows._OF_MANY,
    "what names people": cell_rows._TO_MANY,
    "people's objects": cell_rows._OBJECTS_OF,
    "objects that depict people": cell_rows._DEPICTING,
    "cells that stand": cell_rows._STANDING,
    "objects that stand": cell_rows._OBJECTS_STANDING,
    "people's openings": cell_rows._OPENINGS_AMONG,
    "whoever was merged into people": authority_rows._CALLED[AuthorityKind.SUBJECT],
}


@pytest.mark.parametrize("name", MANY)
def test_many_people_are_found_by_an_index(tmp_path: Path, name: str) -> None:
    """Only the list of those who are asked for is gone through; every table is searched."""
    statement: Statement = MANY[name]
    with reading(engine(tmp_path / "data.db", DATA, create=True)) as connection:
        sql, order, _ = statement._on(connection)
        driver = connection.connection.dbapi_connection
        plan = [row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {sql}", [2] * len(order))]
    scanned = {step for step in plan if step.startswith("SCAN") and step != "SCAN CONSTANT ROW"}
    assert len(scanned) == 1
    assert scanned <= {"SCAN numbers", "SCAN anon_1 VIRTUAL TABLE INDEX 1:"}
    assert any(step.startswith("SEARCH") for step in plan), plan
