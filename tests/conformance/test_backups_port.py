"""The port of backups (``operations.copies.Backups``): one suite over every driver.

A driver's line takes a folder, makes a workspace below it, and returns what opens that workspace with its own backups.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from shouxin.errors import NotFound, StoreUnavailable, Tampered
from shouxin.operations.workspace import Workspace
from tests import workspaces
from tests.conformance.drivers import Driver, Opener, over


def _files(folder: Path) -> Opener[Workspace]:
    made = workspaces.ready(folder)
    workspaces.collected(made, range(3))
    workspaces.close(made)
    return lambda: workspaces.reopened(folder)


BACKUPS: dict[str, Driver[Workspace]] = {
    "files": _files,
}
workspace_of = over(BACKUPS)


def test_a_backup_says_what_it_holds_and_is_what_it_says(workspace_of: Opener[Workspace], tmp_path: Path) -> None:
    """Epoch, size of the log, and SHA-256 of every file; checked, the manifest comes back, also to a later opening."""
    workspace, target = workspace_of(), tmp_path / "backup"
    made = workspace.backups.make(target)
    assert made.epoch == int(workspace.custody.current)
    assert made.size == workspace.data.read(lambda records: records.ledger.size)
    assert made.files == {name: hashlib.sha256((target / name).read_bytes()).hexdigest() for name in made.files}
    assert {name.split("/")[0] for name in made.files} >= {"data", "keyring"}
    assert workspace_of().backups.check(target) == made


def test_data_and_keyring_go_to_folders_of_their_own_and_no_root_key_to_either(
    workspace_of: Opener[Workspace], tmp_path: Path
) -> None:
    """Whoever gets one of the two folders opens nothing, and nobody gets a root key."""
    workspace, target = workspace_of(), tmp_path / "backup"
    workspace.backups.make(target)
    (who,) = list(workspace.custody.keyring.all_subjects())[:1]
    wrapped = workspace.custody.keyring.get([who])[who].wrapped
    held = {path: path.read_bytes() for path in target.rglob("*") if path.is_file()}
    assert {path.relative_to(target).parts[0] for path, content in held.items() if wrapped in content} == {"keyring"}
    roots = [path.read_bytes() for path in (workspaces.home_of(tmp_path) / "root").rglob("*") if path.is_file()]
    assert roots
    assert not any(key in content for key in roots for content in held.values())


def test_a_backup_goes_into_an_empty_place(workspace_of: Opener[Workspace], tmp_path: Path) -> None:
    """What lies there already is neither overwritten nor mixed with it."""
    target = tmp_path / "backup"
    workspace_of().backups.make(target)
    with pytest.raises(StoreUnavailable):
        workspace_of().backups.make(target)
    workspace_of().backups.check(target)


@pytest.mark.parametrize("harm", ["flip", "cut", "remove", "add", "manifest"])
def test_a_backup_that_was_touched_is_no_backup(workspace_of: Opener[Workspace], tmp_path: Path, harm: str) -> None:
    """A file that was altered, cut, taken away or added, or a manifest that does not read, is tampering."""
    workspace, target = workspace_of(), tmp_path / "backup"
    made = workspace.backups.make(target)
    place = target / min(made.files)
    whole = place.read_bytes()
    if harm == "remove":
        place.unlink()
    elif harm == "add":
        (target / "data" / "more").write_bytes(b"x")
    elif harm == "manifest":
        next(one for one in target.iterdir() if one.is_file() and one.name not in made.files).write_bytes(b"{")
    else:
        middle = len(whole) // 2
        flipped = bytes([whole[middle] ^ 1]) + whole[middle + 1 :] if harm == "flip" else b""
        place.write_bytes(whole[:middle] + flipped)
    with pytest.raises(Tampered):
        workspace.backups.check(target)


def test_where_nothing_is_there_is_no_backup(workspace_of: Opener[Workspace], tmp_path: Path) -> None:
    """A mistyped place is not tampering."""
    with pytest.raises(NotFound):
        workspace_of().backups.check(tmp_path / "nothing")


def test_a_rehearsal_opens_every_chain_and_leaves_nothing_behind(
    workspace_of: Opener[Workspace], tmp_path: Path
) -> None:
    """As many come back as there are, and no file is left."""
    workspace = workspace_of()
    before = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert workspace.backups.rehearse() == workspace.custody.keyring.count() > 0
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == before
