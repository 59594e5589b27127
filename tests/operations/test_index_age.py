"""The age of the index: what is noted and when; and that nobody asks or changes the index without looking at it."""

from __future__ import annotations

import ast
from pathlib import Path

from shouxin.operations.advance import advance
from shouxin.operations.correct import correct
from shouxin.operations.erasing.erase import erase
from shouxin.operations.index_age import lagging
from shouxin.operations.workspace import Workspace
from tests.house.tree import modules
from tests.operations.portfolio import MOBILE, Lender, lender, values_of
from tests.workspaces import close, fresh

# Who touches the index without asking, and why that is right.
WITHOUT = {
    "operations/rekeying.py": "tidies up after a crash, when the workspace is opened and the index is today's",
    "operations/recovery/backup.py": "within a restore, whose index is of one moment with its data store",
    "operations/recovery/carry_over.py": "within a restore, after the index was asked by who sealed anew",
}
TOUCHES = {"add", "build", "find", "find_all", "remove"}
NAMES = {"index", "workspace.index", "self._workspace.index"}


def _touches(tree: ast.Module) -> bool:
    """Say whether a module asks or changes the index of its workspace."""
    calls = (
        node.func for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    )
    return any(one.attr in TOUCHES and ast.unparse(one.value) in NAMES for one in calls)


def test_whoever_touches_the_index_looks_at_its_age() -> None:
    """Each module of the operations that asks or changes the index checks it, or stands on the list with its reason."""
    touching = {path for path, tree in _operations() if _touches(tree)}
    asking = {path for path, tree in _operations() if "index_age" in ast.unparse(tree)}
    assert touching - asking == WITHOUT.keys()
    assert len(touching & asking) > 5


def _operations() -> list[tuple[str, ast.Module]]:
    below = {path.removeprefix("shouxin/"): tree for path, tree in modules().items()}
    return [(path, tree) for path, tree in below.items() if path.startswith("operations/")]


def _noted(workspace: Workspace) -> dict[int, int]:
    return {epoch: age for epoch, age, _ in workspace.data.read(lambda records: records.cells.index_ages())}


def _ages(workspace: Workspace) -> dict[int, int]:
    return {int(epoch): workspace.index.age(epoch) for epoch in workspace.index.generations()}


def _late(bank: Lender) -> object:
    return bank.workspace.data.read(lambda records: lagging(bank.workspace, records))


def test_each_change_is_noted_with_its_event(tmp_path: Path) -> None:
    """After people came, were corrected and erased, what is noted is what the index has; and no cell moved it."""
    bank = lender(tmp_path)
    bank.take([1, 2])
    assert _noted(bank.workspace) == _ages(bank.workspace) != {}
    first = _noted(bank.workspace)[1]
    correct(bank.workspace, bank.tokens["dpo"], bank.people[1], {MOBILE: values_of(8)[MOBILE]})
    assert first < _noted(bank.workspace)[1] <= _ages(bank.workspace)[1]
    second = _noted(bank.workspace)[1]
    erase(bank.workspace, bank.tokens["dpo"], bank.people[2])
    assert second < _noted(bank.workspace)[1] == _ages(bank.workspace)[1]
    bank.masked(bank.people[1])
    assert _noted(bank.workspace) == _ages(bank.workspace)
    close(bank.workspace)


def test_an_epoch_that_was_left_is_forgotten_with_the_next_note(tmp_path: Path) -> None:
    """The new generation counts from nothing; once it was changed, only it is noted."""
    bank = lender(tmp_path)
    bank.take([1])
    advance(bank.workspace, bank.tokens["operator"])
    assert _ages(bank.workspace) == {2: 0}
    assert _late(bank) is None
    bank.take([2])
    assert _noted(bank.workspace) == _ages(bank.workspace) == {2: 1}
    close(bank.workspace)


def test_a_new_workspace_has_no_note_and_is_not_late(tmp_path: Path) -> None:
    """Nothing was written into its index yet."""
    workspace = fresh(tmp_path)
    assert _noted(workspace) == {}
    assert workspace.data.read(lambda records: lagging(workspace, records)) is None
    close(workspace)
