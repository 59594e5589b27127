"""Which rules can have a part in one decision: those whose first condition holds for its facts.

Most rules of the law pack begin with one plain fact: ``context.frozen && …``, ``context.recipient != "" && …``. Cedar
evaluates ``&&`` from the left and stops at the first false, so such a rule, where its fact does not hold, neither
applies nor errs: it can be left out and the answer is the same. What begins otherwise always takes part.

**Source:** Cedar policy language, operators: ``&&`` is short-circuiting.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["Sliced"]

_FIRST: Final = re.compile(r'(?P<not>!?)context\.(?P<fact>\w+)(?: (?P<is>[!=]=) (?P<word>"[^"\\]*"))?(?= &&|$)')
_ITEMS: Final = re.compile(r"context\.items\.containsAny\((\[[^\]]*\])\)(?= &&|$)")
_NAMED: Final = re.compile(r"context(?:\.| has )(\w+)")
_PARENTHESES: Final = re.compile(r"\([^()]*\)|\"[^\"]*\"")


def _is_conjunction(when: str) -> bool:
    """Say whether the outermost operator of a condition can only be ``&&``."""
    rest, before = when, ""
    while rest != before:
        rest, before = _PARENTHESES.sub("", rest), rest
    return "||" not in rest and " if " not in f" {rest} "


@dataclass(frozen=True, slots=True)
class Sliced:
    """A rule, its condition, and what must hold for it to take part: ``fact`` equals ``word`` (or not: ``differs``).

    ``items`` are those of which one must be asked for. A rule without a first fact and items always takes part.
    """

    rule: str
    when: str
    fact: str = ""
    word: str | bool = True
    differs: bool = False
    items: frozenset[str] = frozenset()

    @classmethod
    def of(cls, rule: str, when: str) -> Sliced:
        """Read the first condition of ``when`` (Cedar)."""
        if not _is_conjunction(when):
            return cls(rule, when)
        if named := _ITEMS.match(when):
            return cls(rule, when, items=frozenset(json.loads(named[1])))
        first = _FIRST.match(when)
        if first is None or (first["not"] and first["is"]):
            return cls(rule, when)
        if first["is"]:
            return cls(rule, when, first["fact"], json.loads(first["word"]), first["is"] == "!=")
        return cls(rule, when, first["fact"], not first["not"])

    @property
    def facts(self) -> frozenset[str]:
        """The names of all facts that the condition looks at."""
        return frozenset(_NAMED.findall(self.when))

    def concerns(self, context: Mapping[str, object]) -> bool:
        """Say whether the rule can apply to, or err on, a question of these facts."""
        if self.items:
            asked = context["items"]
            return not isinstance(asked, list) or not self.items.isdisjoint(asked)
        if not self.fact or self.fact not in context:
            return True
        return (context[self.fact] == self.word) is not self.differs
