"""What a module shows is listed, documented and nothing else."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house.tree import expect_none, modules, room

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _is_public(name: str) -> bool:
    return not name.startswith("_")


def _targets(node: ast.stmt) -> list[str]:
    """The plain names that a statement assigns."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _listed(tree: ast.Module) -> list[str] | None:
    """The names in ``__all__``, or None where there is none."""
    for node in tree.body:
        if "__all__" in _targets(node) and isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            return [str(name) for name in ast.literal_eval(node.value)]
    return None


def _is_type_variable(node: ast.stmt) -> bool:
    made = node.value.func if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) else None
    return isinstance(made, ast.Name) and made.id in ("ParamSpec", "TypeVar")


def _defined(tree: ast.Module) -> set[str]:
    """Every name that the module itself defines at its top level; type variables are nobody's business."""
    defined = {node.name for node in tree.body if isinstance(node, Definition)}
    return defined.union(*(_targets(node) for node in tree.body if not _is_type_variable(node)))


def _imported(tree: ast.Module) -> set[str]:
    """Every name that the module imports at its top level."""
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    return {(alias.asname or alias.name).split(".")[0] for node in imports for alias in node.names}


def _faults(path: str, tree: ast.Module) -> Iterator[str]:
    listed = _listed(tree)
    if listed is None:
        yield f"{path}: no __all__"
        return
    lazy = {"open"} if path == "shouxin/__init__.py" else set()
    defined = _defined(tree)
    for name in sorted(set(listed) - defined - _imported(tree) - lazy):
        yield f"{path}: __all__ names {name}, which is not there"
    for name in sorted(filter(_is_public, defined - set(listed))):
        if name.isupper():  # a constant beside what it governs: readable, not promised
            continue
        yield f"{path}: {name} is neither private nor in __all__"


def test_every_module_lists_what_it_shows() -> None:
    """``__all__`` is there and true, and whatever it does not name is private or imported.

    The style check sorts it (RUF022). Commands under ``cli/`` are reached by name from the command line; a package that
    has a docstring only shows nothing.
    """
    exempt = {path for path, tree in modules().items() if path.endswith("__main__.py") or len(tree.body) <= 1}
    shown = {path: tree for path, tree in modules().items() if room(path) != "cli" and path not in exempt}
    expect_none(fault for path, tree in shown.items() for fault in _faults(path, tree))


def _undocumented(body: list[ast.stmt], inside: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, Definition) and _is_public(node.name):
            if not ast.get_docstring(node) and not _is_overload(node):
                yield f"{inside}.{node.name}"
            if isinstance(node, ast.ClassDef):
                yield from _undocumented(node.body, f"{inside}.{node.name}")


def _is_overload(node: Definition) -> bool:
    return any(isinstance(mark, ast.Name) and mark.id in ("overload", "override") for mark in node.decorator_list)


def test_everything_public_is_documented() -> None:
    """Every module and every public class, function and method has a docstring."""
    missing = [path for path, tree in modules().items() if not ast.get_docstring(tree)]
    for path, tree in modules().items():
        missing += _undocumented(tree.body, path)
    expect_none(missing)


def _is_broad(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id in _BROAD) for kind in kinds)


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


_BROAD = {"Exception", "BaseException"}
_EDGES = {"cli", "connectors", "storage", "web"}


def test_errors_are_caught_whole_at_the_edges_only() -> None:
    """Only the command line, the pages and the wrappers of drivers and connectors catch every exception.

    Elsewhere a broad handler may clean up if its last statement raises the same exception again.
    """
    expect_none(
        f"{path}:{node.lineno}"
        for path, tree in modules().items()
        if room(path) not in _EDGES
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and _is_broad(node) and not _raises_again(node)
    )
