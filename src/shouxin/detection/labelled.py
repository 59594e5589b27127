"""The form of rules for values that only a word before them makes recognisable.

Laws. Every match begins with one of the rule's ``words`` (any case; an English one not inside another word), so that
an engine may look for the words first and try the expression only there. Between word and value stand a few bytes and
no digit; every repeat is bounded.

Called by: ``labelled_values`` and ``credentials``, which hold the rules; ``plain`` and ``bulk``, which try them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from shouxin.detection.finding import CONTEXT, ORDINAL, SHAPE, FindingKind, Row

__all__ = ["LOOSE", "RIGHT", "TIGHT", "Labelled", "certain", "make", "rows_at_word"]

RIGHT: Final = r"(?![0-9A-Za-z])"
LOOSE: Final = r"[^0-9\n]{0,15}?"  # bytes: ' number is: ', 号码为：
_IS: Final = r"(?:[:=]|：|是|为)"
TIGHT: Final = rf"(?:号码|号|_?id|_?no|number)?[ \t\"'(\[]{{0,3}}{_IS}?[ \t\"'(\[]{{0,3}}"


@dataclass(frozen=True, slots=True)
class Labelled:
    """Words, the expression from a word to the end of its value (group ``v``), and the judge of the value."""

    kind: FindingKind
    words: tuple[str, ...]
    expression: re.Pattern[bytes]
    judge: Callable[[bytes], int]


def certain(value: bytes) -> int:
    """Evidence of a value that word and expression have decided."""
    return SHAPE | CONTEXT if value else 0


def make(kind: FindingKind, words: str, rest: str, judge: Callable[[bytes], int] = certain) -> Labelled:
    """Build a rule. ``words`` are parted by spaces, a ``~`` in one is a space; ``rest`` follows the word."""
    named = tuple(word.replace("~", " ") for word in words.split())
    chosen = "|".join(
        ("(?<![A-Za-z])" if word[0].isascii() and word[0].isalpha() else "") + re.escape(word)
        for word in sorted(named, key=len, reverse=True)
    )
    return Labelled(kind, named, re.compile(f"(?:(?i:{chosen})){rest}".encode()), judge)


def rows_at_word(rule: Labelled, data: bytes, place: int) -> Iterator[Row]:
    """Yield the row of the word that begins exactly at ``place``, if a value follows it."""
    match = rule.expression.match(data, place)
    if match and (evidence := rule.judge(match["v"])):
        yield ORDINAL[rule.kind], *match.span("v"), evidence
