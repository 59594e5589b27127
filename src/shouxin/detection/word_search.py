"""Find many words at once in bytes: with hyperscan where it is installed, else word by word.

Laws. A search returns every place of every word, in any case of its ASCII letters, also inside one another; and
whether the bytes hold anything that folding would change. A word is left out if what must follow it does not. A search
keeps scratch memory: one for each thread.

Called by: ``bulk``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, TypeAlias

from shouxin.detection.normalise import CHARACTERS, SEQUENCES

__all__ = ["ID_BITS", "Hits", "WordSearch", "searcher"]

Hits: TypeAlias = list[int]  # where a word begins, shifted by ID_BITS, and its number
WordSearch: TypeAlias = Callable[[bytes], tuple[Hits, bool]]

ID_BITS: Final = 16


def _by_words(words: Sequence[tuple[bytes, str]]) -> WordSearch:
    folding = [re.compile(pattern) for pattern in (CHARACTERS, *SEQUENCES)]
    rules: dict[bytes, list[tuple[int, Callable[[bytes, int], object]]]] = {}
    for number, (word, ahead) in enumerate(words):
        rules.setdefault(word, []).append((number, re.compile(ahead.encode(), re.IGNORECASE).match))

    def search(data: bytes) -> tuple[Hits, bool]:
        lower, hits = data.lower(), Hits()
        for word, each in rules.items():
            place, length = lower.find(word), len(word)
            while place >= 0:
                hits += [place << ID_BITS | number for number, follows in each if follows(data, place + length)]
                place = lower.find(word, place + 1)
        return hits, any(pattern.search(data) for pattern in folding)

    return search


def _by_hyperscan(words: Sequence[tuple[bytes, str]]) -> WordSearch:
    hyperscan: Any = import_module("hyperscan")
    folding = (CHARACTERS, *SEQUENCES)
    expressions = [re.escape(word) + ahead.encode() for word, ahead in words] + list(folding)
    of_words = hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_SOM_LEFTMOST
    flags = [of_words] * len(words) + [hyperscan.HS_FLAG_SINGLEMATCH] * len(folding)
    database = hyperscan.Database()
    database.compile(expressions=expressions, ids=list(range(len(expressions))), flags=flags)
    mask, known = (1 << ID_BITS) - 1, len(words)
    hits: list[int] = []
    keep = hits.append

    def on_match(number: int, start: int, _end: int, _flags: int, _context: object) -> None:
        keep(start << ID_BITS | number)

    def search(data: bytes) -> tuple[Hits, bool]:
        hits.clear()
        database.scan(data, match_event_handler=on_match)
        found = [hit for hit in hits if hit & mask < known]
        return found, len(found) < len(hits)

    return search


def searcher(words: Sequence[tuple[bytes, str]], *, native: bool | None = None) -> WordSearch:
    """Return a search for words (lower case, ASCII or UTF-8), each with the expression of what must follow it.

    ``native`` chooses, ``None`` takes what is there. The native one takes some 100 milliseconds to build.
    """
    if native is None:
        native = find_spec("hyperscan") is not None
    return _by_hyperscan(words) if native else _by_words(words)
