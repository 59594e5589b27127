"""What a sentence says, as a set of features that a scorer can weigh: short runs of words, families, families in order.

Laws of this file. A feature is readable: ``保存|永久`` or ``keep>forever``, so that a mark can say what weighed. Words that
mean much the same make one family (``保存``, ``留存``, ``在库``), and two families in their order make a frame: who does
what, and what is not done. The time is linear in the text: no more than ``_REACH`` families are paired with one.

Called by: ``policy.clause_scores``, and the script that learns the weights.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

__all__ = ["Families", "features"]

# A word, or its beginning with * after it, -> the families it belongs to.
Families = Mapping[str, tuple[str, ...]]

_REACH: Final = 9  # families that follow, with which one is paired
_LONGEST: Final = {"zh": 6, "en": 4}  # letters, or words, of a member of a family
_WORD: Final = re.compile(r"[a-z]+(?:'[a-z]+)?")
_LETTER: Final = re.compile(r"[\u3400-\u9fff]+|[a-z]+")
_ENDINGS: Final = re.compile(r"(?<=[a-z]{3})(?:ations?|ing|ed|es|s|ly|ment|ments|al)$")


@lru_cache(maxsize=1 << 14)
def _stem(word: str) -> str:
    return _ENDINGS.sub("", word)


def _families_of(word: str, families: Families) -> tuple[str, ...]:
    if found := families.get(word):
        return found
    for length in range(len(word), 2, -1):
        if found := families.get(word[:length] + "*"):
            return found
    return ()


def _chinese_hits(text: str, families: Families) -> Iterator[tuple[str, ...]]:
    at, size = 0, len(text)
    while at < size:
        for length in range(_LONGEST["zh"], 0, -1):
            if found := families.get(text[at : at + length]):
                yield found
                at += length
                break
        else:
            at += 1


def _english_hits(words: list[str], families: Families) -> Iterator[tuple[str, ...]]:
    at, size = 0, len(words)
    while at < size:
        for length in range(_LONGEST["en"], 0, -1):
            said = " ".join(words[at : at + length])
            found = families.get(said) if length > 1 else _families_of(said, families)
            if found:
                yield found
                at += length
                break
        else:
            at += 1


def features(text: str, language: str, families: Families) -> set[str]:
    """Return the features of a text in lower case: runs, families (``keep``) and frames (``keep>end``)."""
    made: set[str] = set()
    if language == "zh":
        for run in _LETTER.findall(text):
            made.update(run[at : at + 2] for at in range(len(run) - 1))
            made.update(run[at : at + 3] for at in range(len(run) - 2))
        hits = list(_chinese_hits(text, families))
    else:
        words = _WORD.findall(text)
        stems = [_stem(one) for one in words]
        made.update("'" + one for one in stems)
        made.update(f"{one} {two}" for one, two in zip(stems, stems[1:], strict=False))
        hits = list(_english_hits(words, families))
    for at, first in enumerate(hits):
        made.update("#" + one for one in first)
        for second in hits[at + 1 : at + 1 + _REACH]:
            made.update(f"{one}>{two}" for one in first for two in second)
    return made
