"""Whether a rule applies, as far as the facts that are known say: yes, no, or nobody knows.

``applies_when`` speaks of many things that no program here knows. What is false on the facts at hand makes a rule not
apply; what cannot be told leaves it standing, because a rule that is left out by mistake protects nobody.

**Source:** ``packs/README.md`` (the language), Kleene's three values (and, or, not over what is unknown).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import cache
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Final

__all__ = ["applies"]

_COMPARED: Final[Mapping[type, Callable[[Any, Any], bool]]] = {
    ast.Eq: eq,
    ast.NotEq: ne,
    ast.Lt: lt,
    ast.LtE: le,
    ast.Gt: gt,
    ast.GtE: ge,
    ast.In: lambda one, many: one in many,
    ast.NotIn: lambda one, many: one not in many,
}


@cache
def _parsed(expression: str) -> ast.expr:
    return ast.parse(expression, mode="eval").body


def applies(expression: str, facts: Mapping[str, object]) -> bool | None:
    """Return whether ``expression`` holds on ``facts`` (named as in ``facts.toml``); nothing: it cannot be told."""
    found = _value(_parsed(expression), facts)
    return None if found is None else bool(found)


def _value(node: ast.expr, facts: Mapping[str, object]) -> object:
    if isinstance(node, ast.BoolOp):
        parts = [_value(one, facts) for one in node.values]
        decisive = isinstance(node.op, ast.Or)
        if any(one is not None and bool(one) is decisive for one in parts):
            return decisive
        return None if None in parts else not decisive
    if isinstance(node, ast.UnaryOp):
        inside = _value(node.operand, facts)
        return None if inside is None else not inside
    if isinstance(node, ast.Compare):
        left, right = _value(node.left, facts), _value(node.comparators[0], facts)
        if left is None or right is None:
            return None
        return _COMPARED[type(node.ops[0])](left, right)
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.List):
        return [_value(one, facts) for one in node.elts]
    return facts.get(ast.unparse(node))
