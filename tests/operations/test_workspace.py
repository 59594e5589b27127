from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from shouxin.errors import StoreUnavailable
from shouxin.operations.workspace import Workspace
from tests.workspaces import collected, home_of, ready


class Stuck:
    def close(self) -> None:
        raise StoreUnavailable


def _logs(tmp_path: Path) -> list[str]:
    """Return the write-ahead logs that stand beside the stores."""
    return sorted(path.name for path in home_of(tmp_path).rglob("*-wal"))


def test_after_closing_everything_stands_in_the_files(tmp_path: Path) -> None:
    """Every store is closed: nothing is left beside a file, and closing twice is no error."""
    workspace = ready(tmp_path)
    collected(workspace, range(3))
    assert _logs(tmp_path)
    workspace.close()
    assert _logs(tmp_path) == []
    workspace.close()
    with sqlite3.connect(home_of(tmp_path) / "data" / "data.db") as rows:
        assert rows.execute("SELECT count(*) FROM cells").fetchone()[0] >= 3
    rows.close()


def test_one_store_that_does_not_close_leaves_no_other_open(tmp_path: Path) -> None:
    """The error is told, and the rest is closed."""
    workspace: Workspace = ready(tmp_path)
    workspace.stores = (Stuck(), *workspace.stores, Stuck())
    with pytest.raises(StoreUnavailable):
        workspace.close()
    assert _logs(tmp_path) == []
