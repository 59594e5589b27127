"""Find many words at once in bytes: with hyperscan where it is installed, else word by word.

Laws. A search returns every place of every word, in any case of its ASCII letters, also inside one another; and
whether the bytes hold anything that folding would change. A word is left out if what must follow it does not. Of
matches of one expression that end together hyperscan tells the leftmost only: a word that stands again in what follows
it is told by an expression of its own, and tried where that one ends. A search keeps scratch memory: one for each
thread.

Called by: ``bulk``.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from itertools import chain
from typing import Any, Final, TypeAlias

from shouxin.detection.normalise import CHARACTERS, SEQUENCES

__all__ = ["ID_BITS", "Hits", "WordSearch", "searcher"]

Hits: TypeAlias = Sequence[int]  # where a word begins, shifted by ID_BITS, and its number
WordSearch: TypeAlias = Callable[[bytes], tuple[Hits, bool]]

ID_BITS: Final = 16


def _again(word: bytes, ahead: str) -> bytes:
    """Return what matches where a word stands again in what follows it; empty if that cannot hold the word."""
    if ahead.startswith("[^0-9A-Za-z]"):
        between = rb"[^0-9A-Za-z]{0,16}[0-9A-Za-z._-]{0,48}"
    elif ahead.startswith("[^0-9"):
        between = rb"[^0-9]{0,64}"
    elif ahead.startswith("[^"):
        between = rb"[^\n]{0,64}"
    elif "[^" in ahead:
        between = rb"[^\n]{0,24}"
    elif "[A-Za-z" in ahead:
        between = rb"[^\n\"@]{0,48}"
    else:
        return b""
    borders = [word[size:] for size in range(1, len(word)) if word.endswith(word[:size])]
    tails = [between + re.escape(word), *map(re.escape, borders)]
    return re.escape(word) + rb"(?:" + rb"|".join(tails) + rb")"


_Rules: TypeAlias = list[tuple[int, Callable[[bytes, int], object]]]  # number, and what tells that it follows


def _rules_by_word(words: Sequence[tuple[bytes, str]]) -> dict[bytes, _Rules]:
    rules: dict[bytes, _Rules] = {}
    for number, (word, ahead) in enumerate(words):
        rules.setdefault(word, []).append((number, re.compile(ahead.encode(), re.IGNORECASE).match))
    return rules


def _hits_at(place: int, rules: _Rules, data: bytes, end: int) -> Iterator[int]:
    return (place << ID_BITS | number for number, follows in rules if follows(data, end))


def _hits_of(word: bytes, rules: _Rules, data: bytes, lower: bytes) -> Iterator[int]:
    place, length = lower.find(word), len(word)
    while place >= 0:
        yield from _hits_at(place, rules, data, place + length)
        place = lower.find(word, place + 1)


def _by_words(words: Sequence[tuple[bytes, str]]) -> WordSearch:
    folding = [re.compile(pattern) for pattern in (CHARACTERS, *SEQUENCES)]
    rules = _rules_by_word(words)

    def search(data: bytes) -> tuple[Hits, bool]:
        lower = data.lower()
        hits = [hit for word, each in rules.items() for hit in _hits_of(word, each, data, lower)]
        return hits, any(pattern.search(data) for pattern in folding)

    return search


def _by_hyperscan(words: Sequence[tuple[bytes, str]]) -> WordSearch:
    hyperscan: Any = import_module("hyperscan")
    folding = (CHARACTERS, *SEQUENCES)
    twice = sorted({(_again(word, ahead), word) for word, ahead in words} - {(b"", word) for word, _ in words})
    expressions = [re.escape(word) + ahead.encode() for word, ahead in words] + list(folding)
    expressions += [expression for expression, _ in twice]
    of_words = hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_SOM_LEFTMOST
    single, again = hyperscan.HS_FLAG_SINGLEMATCH, hyperscan.HS_FLAG_CASELESS
    flags = [of_words] * len(words) + [single] * len(folding) + [again] * len(twice)
    database = hyperscan.Database()
    database.compile(expressions=expressions, ids=list(range(len(expressions))), flags=flags)
    known, folds = len(words), len(words) + len(folding)
    hits = array("q")
    others: list[tuple[int, int]] = []
    keep = hits.append
    every = _rules_by_word(words)

    def on_match(number: int, start: int, end: int, _flags: int, _context: object) -> None:
        if number < known:
            keep(start << ID_BITS | number)
        else:
            others.append((number - folds, end))

    def search(data: bytes) -> tuple[Hits, bool]:
        del hits[:]
        others.clear()
        database.scan(data, match_event_handler=on_match)
        found, again = hits[:], {(twice[which][1], end) for which, end in others if which >= 0}
        if again:  # of matches that end together only the leftmost was told
            more = (_hits_at(end - len(word), every[word], data, end) for word, end in again)
            found.extend(set(chain.from_iterable(more)).difference(found))
        return found, any(which < 0 for which, _ in others)

    return search


def searcher(words: Sequence[tuple[bytes, str]], *, native: bool | None = None) -> WordSearch:
    """Return a search for words (lower case, ASCII or UTF-8), each with the expression of what must follow it.

    ``native`` chooses, ``None`` takes what is there. The native one takes some 100 milliseconds to build.
    """
    if native is None:
        native = find_spec("hyperscan") is not None
    return _by_hyperscan(words) if native else _by_words(words)
