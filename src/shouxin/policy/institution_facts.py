"""What an institution may say of itself, and which rules ask for it.

Laws of this file. A fact that was not said is not known, and what is not known binds (``applies``). Only facts of the
vocabulary can be said, each of its kind: a count, or yes or no. Nothing here decides what follows.

Called by: ``bootstrap`` (checks the settings by it), ``operations.adopting`` (says by digest what was adopted) and
``shouxin law applies``. **Source:** ``packs/facts.toml``.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final

from shouxin.errors import Invalid
from shouxin.policy.applies import applies
from shouxin.policy.lawpack import LawPack
from shouxin.policy.rule import Rule
from shouxin.policy.rule_reading import Facts, read_facts

__all__ = ["AskedFact", "answers", "asked_facts", "checked_facts", "facts_digest"]

_OWN: Final = "institution."
_MOST: Final = 10**12


@dataclass(frozen=True, slots=True)
class AskedFact:
    """One fact: its short ``name``, what it means, whether it is a count, what was said of it (nothing: not said).

    ``rules`` are those in force that ask for it; ``binding`` those among them that decide or keep.
    """

    name: str
    meaning: str
    counted: bool
    said: bool | int | None
    rules: tuple[Rule, ...]
    binding: tuple[Rule, ...]


@cache
def _vocabulary() -> Facts:
    text = (files("shouxin.policy") / "packs" / "facts.toml").read_text("utf-8")
    return read_facts("facts.toml", text)


def checked_facts(said: Mapping[str, object]) -> dict[str, bool | int]:
    """Return what was ``said`` by the full names of the vocabulary (``aml_obliged`` is ``institution.aml_obliged``).

    Raises:
        Invalid: there is no such fact of an institution, or the value is not of its kind; ``place`` is its name.
    """
    vocabulary = _vocabulary()
    found: dict[str, bool | int] = {}
    for name, value in sorted(said.items()):
        full = f"{_OWN}{name}"
        if full not in vocabulary.names:
            raise Invalid("the law asks for no such fact of an institution (see 'shouxin law applies')", name)
        if full in vocabulary.numbers:
            if type(value) is not int or not 0 <= value <= _MOST:
                raise Invalid("this fact is a count: a whole number from 0 to 10^12", name)
        elif not isinstance(value, bool):
            raise Invalid("this fact is true or false", name)
        found[full] = value
    return found


def facts_digest(facts: Mapping[str, object]) -> str:
    """Return the SHA-256, as hex, of the canonical JSON of ``facts``: keys sorted, no blanks."""
    canonical = json.dumps(dict(facts), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


@cache
def _own_facts(expression: str) -> frozenset[str]:
    """Return the facts of the institution for which ``expression`` (an ``applies_when``) asks, by their full names."""
    names = (ast.unparse(node) for node in ast.walk(ast.parse(expression)) if isinstance(node, ast.Attribute))
    return frozenset(name for name in names if name.startswith(_OWN))


def asked_facts(pack: LawPack, on: date, facts: Mapping[str, object]) -> list[AskedFact]:
    """Return every fact of an institution for which a rule in force on ``on`` asks, those that bind first."""
    found = []
    vocabulary = _vocabulary()
    for full in sorted(name for name in vocabulary.names if name.startswith(_OWN)):
        rules = tuple(rule for rule in pack.in_force(on) if full in _own_facts(rule.applies_when))
        if rules:
            said = facts.get(full)
            found.append(
                AskedFact(
                    full.removeprefix(_OWN),
                    vocabulary.meanings[full],
                    full in vocabulary.numbers,
                    said if isinstance(said, int) else None,
                    rules,
                    tuple(_binding(rules)),
                )
            )
    return sorted(found, key=lambda one: (not one.binding, -len(one.rules), one.name))


def _binding(rules: Iterable[Rule]) -> Iterable[Rule]:
    return (rule for rule in rules if rule.decides or (rule.retention is not None and rule.may_decide))


def answers(pack: LawPack, on: date, facts: Mapping[str, object]) -> list[tuple[Rule, bool | None]]:
    """Return each rule in force on ``on`` that asks for a fact of the institution, and what ``facts`` say of it."""
    return [(rule, applies(rule.applies_when, facts)) for rule in pack.in_force(on) if _own_facts(rule.applies_when)]
