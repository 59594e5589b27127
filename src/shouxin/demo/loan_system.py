"""The demo lender's own loan system: a database beside the vault, with the same people in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import Final

from shouxin.demo.applications import Application

__all__ = ["VARIABLE", "description", "make_loan_system", "rows_about"]

# The environment variable that holds its address, as everywhere: no address stands in the workspace.
VARIABLE: Final = "DEMO_LOAN_SYSTEM"
_SCHEMA: Final = """
CREATE TABLE branch (id INTEGER NOT NULL PRIMARY KEY, city TEXT);
CREATE TABLE customer (
  id INTEGER NOT NULL PRIMARY KEY, id_number TEXT NOT NULL UNIQUE, mobile TEXT,
  branch_id INTEGER NOT NULL REFERENCES branch(id), frozen INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE message (id INTEGER NOT NULL PRIMARY KEY, mobile TEXT, body TEXT);
INSERT INTO branch VALUES (1, '杭州');
"""


def description() -> str:
    """Return what says where people stand in it."""
    return (files("shouxin.demo") / "databases" / "loan-system.toml").read_text("utf-8")


def make_loan_system(path: Path, applications: Iterable[Application]) -> None:
    """Write the database with a customer row and two messages for each application."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(_SCHEMA)
        for one in applications:
            number, mobile = one.values["identity.id_number"], one.values["contact.mobile"]
            connection.execute("INSERT INTO customer VALUES (?, ?, ?, 1, 0)", (one.line, number, mobile))
            connection.executemany(
                "INSERT INTO message VALUES (?, ?, ?)",
                [(2 * one.line, mobile, "您的申请已受理"), (2 * one.line + 1, mobile, "您的申请已审结")],
            )


def rows_about(path: Path, application: Application) -> int:
    """Return in how many rows of the database the applicant's number or mobile stands."""
    number, mobile = application.values["identity.id_number"], application.values["contact.mobile"]
    with closing(sqlite3.connect(path)) as connection:
        (customers,) = connection.execute(
            "SELECT count(*) FROM customer WHERE id_number = ? OR mobile = ?", (number, mobile)
        ).fetchone()
        (messages,) = connection.execute("SELECT count(*) FROM message WHERE mobile = ?", (mobile,)).fetchone()
    return int(customers) + int(messages)
