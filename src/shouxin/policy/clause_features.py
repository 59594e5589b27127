"""What a sentence says, as a set of features that a scorer can weigh: short runs of words, families, families in order.

Laws of this file. A feature is readable, as ``永久`` or ``keep>forever``, so that a mark can say what weighed. Words
that mean much the same make one family (``保存``, ``留存``, ``在库``), and two families in their order make a frame:
who does what, and what is not done. The time is linear in the text: at most ``_REACH`` families are paired with one.

Called by: ``policy.clause_scores``, and the script that learns the weights.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final

__all__ = ["Families", "features", "length"]

_REACH: Final = 9  # families that follow, with which one is paired
_STEADY: Final = 40  # features that every sentence is taken to have besides, lest a short one score high by chance
_REMEMBERED: Final = 1 << 14  # words whose families are remembered
_LABEL: Final = re.compile(
    r"\s*(?:第[一二三四五六七八九十百\d]{1,6}[章节条]|[(]?[一二三四五六七八九十]{1,4}[)、.])"
)  # of a clause
_WORD: Final = re.compile(r"[a-z]+(?:'[a-z]+)?")
_LETTER: Final = re.compile(r"[\u3400-\u9fff]+|[a-z]+")
_ENDINGS: Final = re.compile(r"(?<=[a-z]{3})(?:ations?|ing|ed|es|s|ly|ment|ments|al)$")


class Families:
    """Which families a word or a run of words belongs to; a word that ends in ``*`` stands for all that begins so."""

    def __init__(self, members: Mapping[str, tuple[str, ...]]) -> None:
        self._members = members
        self._begins: dict[str, int] = {}  # first letter, or first word -> the most letters, or words, that follow
        for one in members:
            parts = one.split(" ") if one.isascii() else list(one)
            self._begins[parts[0]] = max(len(parts), self._begins.get(parts[0], 0))
        self._words: dict[str, tuple[str, ...]] = {}

    def _of_word(self, word: str) -> tuple[str, ...]:
        """Return the families of a word by itself or by how it begins; a word is looked up once."""
        found = self._words.get(word)
        if found is None:
            begins = (word[:length] + "*" for length in range(len(word), 2, -1))
            found = next((self._members[one] for one in (word, *begins) if one in self._members), ())
            if len(self._words) < _REMEMBERED:
                self._words[word] = found
        return found

    def hits(self, parts: Sequence[str], gap: str) -> Iterator[tuple[str, ...]]:
        """Yield the families of members in their order, the longest first; ``gap`` joins parts."""
        at, size = 0, len(parts)
        while at < size:
            step = 1
            found: tuple[str, ...] | None = None
            for length in range(self._begins.get(parts[at], 0), 1, -1):
                if found := self._members.get(gap.join(parts[at : at + length])):
                    step = length
                    break
            if found := found or self._of_word(parts[at]):
                yield found
            at += step


def length(count: int) -> float:
    """Return by what the sum of the weights of ``count`` features is divided, in learning and in scoring alike."""
    return math.sqrt(count + _STEADY)


@lru_cache(maxsize=1 << 14)
def _stem(word: str) -> str:
    return _ENDINGS.sub("", word)


def features(text: str, language: str, families: Families) -> set[str]:
    """Return the features of a text in lower case: runs, families (``keep``) and frames (``keep>end``)."""
    made: set[str] = set()
    if language == "zh":
        label = _LABEL.match(text)
        for run in _LETTER.findall(text, label.end() if label else 0):
            made.update(run[at : at + 2] for at in range(len(run) - 1))
            made.update(run[at : at + 3] for at in range(len(run) - 2))
        hits = list(families.hits(text, ""))
    else:
        words = _WORD.findall(text)
        stems = [_stem(one) for one in words]
        made.update("'" + one for one in stems)
        made.update(f"{one} {two}" for one, two in pairwise(stems))
        hits = list(families.hits(words, " "))
    for at, first in enumerate(hits):
        made.update(["#" + one for one in first])
        after = {two for second in hits[at + 1 : at + 1 + _REACH] for two in second}
        made.update([f"{one}>{two}" for one in first for two in after])
    return made
