"""A rehearsal leaves nothing behind, however it ends; one that goes on is left alone."""

from __future__ import annotations

import multiprocessing
import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from shouxin.errors import StoreUnavailable
from shouxin.storage.keyring_store import SqlKeyring
from tests import workspaces


def _rehearses(home: Path, told: Connection) -> None:
    """Begin a rehearsal and stay in it, with a copy of the keyring in the workspace, until killed."""
    copied = SqlKeyring.copy_to

    def stays(keyring: SqlKeyring, path: Path) -> None:
        copied(keyring, path)
        told.send(path.parent.name)
        signal.pause()

    SqlKeyring.copy_to = stays  # type: ignore[method-assign]  # the fault is planted here
    workspaces.reopened(home).backups.rehearse()


def test_what_a_killed_rehearsal_left_goes_when_the_workspace_opens(tmp_path: Path) -> None:
    """While it goes on, whoever opens the workspace leaves it alone and cannot rehearse; killed, its copy goes."""
    workspaces.close(workspaces.ready(tmp_path))
    home = workspaces.home_of(tmp_path)
    before = {path.name for path in home.iterdir()}
    heard, told = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_rehearses, args=(tmp_path, told))
    process.start()
    assert heard.poll(60)
    folder = home / heard.recv()
    with pytest.raises(StoreUnavailable):
        workspaces.reopened(tmp_path).backups.rehearse()
    assert (folder / "backup.db").stat().st_size > 0
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    assert folder.exists()
    opened = workspaces.reopened(tmp_path)
    assert {path.name for path in home.iterdir()} == before
    assert opened.backups.rehearse() >= 0
    assert {path.name for path in home.iterdir()} == before
