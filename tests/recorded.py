"""What a workspace's log holds, and what an audit of it finds, for tests to look at."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from shouxin.domain.event import Event
from shouxin.domain.event_kind import EventKind
from shouxin.ledger.entry import decode
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.workspace import Workspace


def size(workspace: Workspace) -> int:
    """Return how many leaves the log has."""
    return workspace.data.read(lambda records: records.ledger.size)


def bodies(workspace: Workspace, since: int = 0) -> list[bytes]:
    """Return what stands at each leaf from ``since`` on, oldest first."""
    return workspace.data.read(lambda seen: [body for _, body in seen.ledger.entries(since, seen.ledger.size)])


def events(workspace: Workspace, kind: EventKind | None = None, since: int = 0) -> list[Event]:
    """Return every event, or those of one kind, from a leaf on, oldest first."""
    return [event for event in map(decode, bodies(workspace, since)) if kind in (None, event.kind)]


def flaws(workspace: Workspace) -> list[str]:
    """Return what an auditor finds in the workspace."""
    return [f"{one.kind} {one.place}: {one.detail}" for one in verify_ledger(workspace).flaws]


def forge(store: Path, statement: str, *values: Any) -> int:
    """Change a closed SQLite store behind everybody's back; return how many rows."""
    with sqlite3.connect(store) as rows:
        changed = rows.execute(statement, values).rowcount
    rows.close()
    assert changed > 0, "the forgery itself must happen, or the test shows nothing"
    return changed
