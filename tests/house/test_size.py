"""Small files, small functions, one home for a name."""

from __future__ import annotations

import ast
import warnings
from collections import defaultdict

from tests.house.tree import PACKAGE, SRC, expect_none, modules

MOST_LINES = 500
WARN_LINES = 400
MOST_FUNCTION_LINES = 60

# path below src -> why it may be longer than MOST_LINES
LONG_FOR_A_REASON: dict[str, str] = {}

NAMES_THAT_SAY_NOTHING = {"base", "common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}


def test_no_module_is_over_500_lines() -> None:
    """A module has at most 500 lines; from 400 on the run names it."""
    lines = {path: (SRC / path).read_text(encoding="utf-8").count("\n") for path in modules()}
    near = {path: n for path, n in lines.items() if n > WARN_LINES}
    expect_none(f"{path}: {n}" for path, n in near.items() if n > MOST_LINES and path not in LONG_FOR_A_REASON)
    if near:
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            warnings.warn(f"over {WARN_LINES} lines, and {MOST_LINES} is the end: {near}", stacklevel=1)


def test_no_function_is_over_60_lines() -> None:
    """A function, with its docstring, has at most 60 lines."""
    expect_none(
        f"{path}:{node.lineno} {node.name}: {size}"
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (size := (node.end_lineno or 0) - node.lineno + 1) > MOST_FUNCTION_LINES
    )


def test_a_class_name_is_defined_once() -> None:
    """Two classes never share a name: a second home for a concept costs a red build."""
    homes = defaultdict(list)
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                homes[node.name].append(path)
    expect_none(f"{name}: {', '.join(where)}" for name, where in homes.items() if len(where) > 1)


def test_names_say_what_is_inside() -> None:
    """No file or folder is named for its kind or for not knowing what it is."""
    expect_none(
        path.relative_to(SRC).as_posix()
        for path in PACKAGE.rglob("*")
        if set(path.stem.strip("_").split("_")) & NAMES_THAT_SAY_NOTHING
    )
