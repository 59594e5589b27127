"""Drawings in docstrings equal what they draw."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import shouxin
from shouxin import errors
from tests.house.tree import PACKAGE, expect_none, modules


def _drawn_tree(drawing: str) -> dict[str, str]:
    """Class -> parent, from lines such as ``│   ├── Refused   because``; four columns a level."""
    parents: dict[str, str] = {}
    above: list[str] = []
    for indent, name in re.findall(r"^ {4}((?:[│├└ ][ ─]{3})*)([A-Z]\w+)", drawing, re.MULTILINE):
        depth = len(indent) // 4
        above[depth:] = [name]
        parents[name] = above[depth - 1] if depth else "Exception"
    return parents


def test_the_drawn_error_tree_is_the_class_tree() -> None:
    """The tree in the docstring of ``errors.py`` names every error under its parent, and no other."""
    assert _drawn_tree(errors.__doc__ or "") == {
        name: kind.__bases__[0].__name__
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if kind.__module__ == errors.__name__
    }


def test_errors_are_defined_in_one_file() -> None:
    """No class outside ``errors.py`` derives from an exception."""
    names = {"Exception", "BaseException", "ValueError", "RuntimeError", *errors.__all__}
    expect_none(
        f"{path}:{node.lineno} {node.name}"
        for path, tree in modules().items()
        if path != "shouxin/errors.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and any(isinstance(b, ast.Name) and b.id in names for b in node.bases)
    )


def _rooms(package: Path) -> set[str]:
    folders = {path.parent.name + "/" for path in package.glob("*/__init__.py")}
    return folders | {path.name for path in package.glob("*.py") if not path.name.startswith("__")}


def test_the_folder_list_is_the_architecture() -> None:
    """The list in the docstring of the package has one line for each folder and file beside it, and no other."""
    drawn = re.findall(r"^ {4}(\w+(?:/|\.py))  ", shouxin.__doc__ or "", re.MULTILINE)
    there = _rooms(PACKAGE)
    expect_none(
        [f"{name} is drawn, not there" for name in {*drawn} - there]
        + [f"{name} is not drawn" for name in there - {*drawn}]
    )
    assert len(drawn) == len(there)
