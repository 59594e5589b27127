"""The facts of one case, as somebody states them: what the rules ask for, each of the kind in which they ask for it.

Laws of this file. Only what a rule compares can be stated, and only as a value that a rule could meet: a grade that no
rule names would make every rule on grades not apply, without anybody being told.

Called by: ``shouxin law deadlines``. **Source:** ``packs/facts.toml`` and the ``applies_when`` of every rule.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Final

from shouxin.errors import Invalid
from shouxin.policy.lawpack import LawPack

__all__ = ["case_facts"]

_TRUTHS: Final = {"true": True, "false": False}
_LONGEST: Final = 15  # digits: more than any count of people or money


def case_facts(said: Mapping[str, str], packs: Iterable[LawPack]) -> dict[str, bool | int | str]:
    """Return what was ``said`` as values by the names of ``facts.toml``: true or false, a whole number, or a word.

    Raises:
        Invalid: no rule asks for such a fact, or none could meet this value; ``place`` is the fact.
    """
    kinds: dict[str, set[bool | int | str]] = {}
    for pack in packs:
        for rule in pack.rules:
            for fact, met in _asked(rule.applies_when):
                kinds.setdefault(fact, set()).update(met)
    return {name: _value(name, text, kinds.get(name)) for name, text in said.items()}


def _value(name: str, text: str, met: set[bool | int | str] | None) -> bool | int | str:
    if met is None:
        raise Invalid("no rule asks for such a fact; those that a clock asks for stand under 'applies when'", name)
    kinds = {type(one) for one in met}
    if bool in kinds and text in _TRUTHS:
        return _TRUTHS[text]
    if int in kinds and text.isdecimal() and len(text) <= _LONGEST:
        return int(text)
    if text in met:
        return text
    words = sorted(one for one in met if isinstance(one, str))
    wanted = ["true or false"] * (bool in kinds) + ["a whole number"] * (int in kinds) + words
    raise Invalid(f"this fact is {', '.join(wanted)}", name)


@cache
def _asked(expression: str) -> tuple[tuple[str, tuple[bool | int | str, ...]], ...]:
    return tuple(_uses(ast.parse(expression, mode="eval").body))


def _uses(node: ast.expr) -> Iterator[tuple[str, tuple[bool | int | str, ...]]]:
    """Yield each fact of an expression with the values that it is compared with; standing alone, it is a truth."""
    if isinstance(node, ast.Compare):
        found = ast.literal_eval(node.comparators[0])
        yield ast.unparse(node.left), tuple(found) if isinstance(found, list) else (found,)
    elif isinstance(node, ast.Attribute):
        yield ast.unparse(node), (True, False)
    elif isinstance(node, ast.BoolOp):
        for one in node.values:
            yield from _uses(one)
    elif isinstance(node, ast.UnaryOp):
        yield from _uses(node.operand)
