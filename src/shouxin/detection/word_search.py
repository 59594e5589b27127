"""Find many words at once in bytes: with hyperscan where it is installed, else word by word.

Laws. A search returns every place of every word, in any case of its ASCII letters, also inside one another; and
whether the bytes hold anything that folding would change. Both ways return the same places. A search keeps scratch
memory: one for each thread.

Called by: ``bulk``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, TypeAlias

from shouxin.detection.normalise import CHARACTERS, SEQUENCES

__all__ = ["Hits", "WordSearch", "searcher"]

Hits: TypeAlias = list[tuple[int, int, int]]  # number of the word, where it begins, where it ends
WordSearch: TypeAlias = Callable[[bytes], tuple[Hits, bool]]

_ID_BITS: Final = 16


def _by_words(words: Sequence[bytes]) -> WordSearch:
    folding = [re.compile(pattern) for pattern in (CHARACTERS, *SEQUENCES)]

    def search(data: bytes) -> tuple[Hits, bool]:
        lower, hits = data.lower(), Hits()
        for number, word in enumerate(words):
            place = lower.find(word)
            while place >= 0:
                hits.append((number, place, place + len(word)))
                place = lower.find(word, place + 1)
        return hits, any(pattern.search(data) for pattern in folding)

    return search


def _by_hyperscan(words: Sequence[bytes]) -> WordSearch:
    hyperscan: Any = import_module("hyperscan")
    expressions = [re.escape(word) for word in words] + [CHARACTERS, *SEQUENCES]
    folding = len(expressions) - len(words)
    flags = [hyperscan.HS_FLAG_CASELESS] * len(words) + [hyperscan.HS_FLAG_SINGLEMATCH] * folding
    database = hyperscan.Database()
    database.compile(expressions=expressions, ids=list(range(len(expressions))), flags=flags)
    sizes = [len(word) for word in words]
    hits: list[int] = []
    keep = hits.append

    def on_match(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
        keep(end << _ID_BITS | number)

    def search(data: bytes) -> tuple[Hits, bool]:
        hits.clear()
        database.scan(data, match_event_handler=on_match)
        mask, known = (1 << _ID_BITS) - 1, len(words)
        found = Hits()
        for hit in hits:
            number, end = hit & mask, hit >> _ID_BITS
            if number < known:
                found.append((number, end - sizes[number], end))
        return found, len(found) < len(hits)

    return search


def searcher(words: Sequence[bytes], *, native: bool | None = None) -> WordSearch:
    """Return a search for words (lower case, ASCII or UTF-8); ``native`` chooses, ``None`` takes what is there.

    The native one takes some 50 milliseconds to build, and about three for a megabyte.
    """
    if native is None:
        native = find_spec("hyperscan") is not None
    return _by_hyperscan(words) if native else _by_words(words)
