"""Find many words at once in bytes: with hyperscan where it is installed, else word by word.

Laws. A search returns every place of every word, in any case of its ASCII letters, also inside one another; and
whether the bytes hold anything that folding would change. A word is left out if what must follow it does not. Of
matches of one expression that end together hyperscan tells the leftmost only: whether the word stands again before
that end is looked up where there is room for it. A search keeps scratch memory: one for each thread.

What must follow is dear to compile (a second and more) and cheap to search for, so a search begins with the bare words
and compiles the rest once so many of them were found that it is worth the while.

Called by: ``bulk``.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, TypeAlias

import numpy as np

from shouxin.detection.normalise import CHARACTERS, SEQUENCES
from shouxin.detection.token_arrays import Bools, Octets, Places, windows

__all__ = ["ID_BITS", "Hits", "WordSearch", "searcher"]

Hits: TypeAlias = Sequence[int]  # where a word begins, shifted by ID_BITS, and its number
WordSearch: TypeAlias = Callable[[bytes], tuple[Hits, bool]]

ID_BITS: Final = 16
_WORTH: Final = 1_500_000  # bare words, to look at which takes as long as to compile the rest
_NUMBER: Final = (1 << ID_BITS) - 1
_SEEN: Final = (16, 48)  # bytes of a match that arrays look at: of a usual one, and at most
_FOLDING: Final = (CHARACTERS, *SEQUENCES)

_Follows: TypeAlias = Callable[[bytes, int], object]
_Rules: TypeAlias = list[tuple[int, _Follows]]  # number, and what tells that it follows


def _rules_by_word(words: Sequence[tuple[bytes, str]]) -> dict[bytes, _Rules]:
    rules: dict[bytes, _Rules] = {}
    for number, (word, ahead) in enumerate(words):
        rules.setdefault(word, []).append((number, re.compile(ahead.encode(), re.IGNORECASE).match))
    return rules


def _hits_at(place: int, rules: _Rules, data: bytes, end: int) -> Iterator[int]:
    return (place << ID_BITS | number for number, follows in rules if follows(data, end))


def _places(word: bytes, lower: bytes) -> Iterator[int]:
    place = lower.find(word)
    while place >= 0:
        yield place
        place = lower.find(word, place + 1)


def _by_words(words: Sequence[tuple[bytes, str]]) -> WordSearch:
    folding = [re.compile(pattern) for pattern in _FOLDING]
    rules = _rules_by_word(words)

    def search(data: bytes) -> tuple[Hits, bool]:
        lower = data.lower()
        hits = [
            hit
            for word, each in rules.items()
            for place in _places(word, lower)
            for hit in _hits_at(place, each, data, place + len(word))
        ]
        return hits, any(pattern.search(data) for pattern in folding)

    return search


def _database(words: Sequence[bytes], flags: int) -> Any:  # noqa: ANN401 - hyperscan has no types
    """Compile expressions of words, numbered from 0, and of what folding would change, numbered behind them."""
    hyperscan: Any = import_module("hyperscan")
    database = hyperscan.Database()
    expressions = [*words, *_FOLDING]
    each = [flags] * len(words) + [hyperscan.HS_FLAG_SINGLEMATCH] * len(_FOLDING)
    database.compile(expressions=expressions, ids=list(range(len(expressions))), flags=each)
    return database


def _by_bare_words(words: Sequence[tuple[bytes, str]], most: int) -> Callable[[bytes], tuple[Hits, bool] | None]:
    """Return a search that says nothing more once ``most`` words were found, in this call or since the first."""
    hyperscan: Any = import_module("hyperscan")
    rules = _rules_by_word(words)
    database = _database([re.escape(word) for word in rules], hyperscan.HS_FLAG_CASELESS)
    lengths, every = list(map(len, rules)), list(rules.values())
    known, left = len(rules), most
    found = array("q")
    keep = found.append

    def on_match(number: int, _start: int, end: int, _flags: int, _context: object) -> bool:
        keep(end << ID_BITS | number)
        return len(found) > left

    def search(data: bytes) -> tuple[Hits, bool] | None:
        nonlocal left
        del found[:]
        try:
            database.scan(data, match_event_handler=on_match)
        except hyperscan.ScanTerminated:
            left = 0
            return None
        left -= len(found)
        hits, folds = array("q"), False
        for hit in found:
            number, end = hit & _NUMBER, hit >> ID_BITS
            if number < known:
                length = lengths[number]
                hits.extend([end - length << ID_BITS | rule for rule, follows in every[number] if follows(data, end)])
            else:
                folds = True
        return hits, folds

    return search


@dataclass(frozen=True, slots=True)
class _Repeats:
    """Which of the matches may hold their word a second time: what only then has to be looked up."""

    room: Places  # the least bytes behind the first one of a word that hold it again, and something behind it
    tails: Octets  # the last two bytes of each word
    short: Bools  # words of one byte

    @classmethod
    def of(cls, words: Sequence[tuple[bytes, str]]) -> _Repeats:
        return cls(
            np.array([_period(word) + len(word) - 1 + bool(ahead) for word, ahead in words]),
            np.array([list(word[-2:].rjust(2)) for word, _ in words], np.uint8),
            np.array([len(word) < 2 for word, _ in words]),
        )

    def among(self, data: bytes, numbers: Places, begins: Places, ends: Places) -> Places:
        """Return the indices of those matches, which reach from the second byte of their word to ``ends``."""
        space, room = ends - begins, self.room[numbers]
        left = np.flatnonzero(space >= room)
        octets, found = np.frombuffer(data, np.uint8), [left[:0]]
        for width in _SEEN:
            seen = (space[left] <= width) & (begins[left] <= len(data) - width) & ~self.short[numbers[left]]
            near, left = left[seen], left[~seen]
            if not len(near):
                continue
            rows = np.frombuffer(windows(octets, begins[near], width).tobytes().lower(), np.uint8).reshape(-1, width)
            tails, column = self.tails[numbers[near]], np.arange(1, width, dtype=np.int8)
            again = rows[:, :-1] == tails[:, :1]
            again &= rows[:, 1:] == tails[:, 1:]
            at = np.flatnonzero(np.logical_or.reduce(again, 1))  # few: where in the match is asked of these only
            least, most = room[near[at], None] - 2, space[near[at], None]
            found.append(near[at[(again[at] & (column >= least) & (column < most)).any(1)]])
        return np.concatenate((left, *found))


def _period(word: bytes) -> int:
    """Return how far from its place a word can stand again at the nearest."""
    return next(size for size in range(1, len(word) + 1) if word.startswith(word[size:]))


def _by_expressions(words: Sequence[tuple[bytes, str]]) -> WordSearch:
    hyperscan: Any = import_module("hyperscan")
    expressions = [re.escape(word) + ahead.encode() for word, ahead in words]
    database = _database(expressions, hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_SOM_LEFTMOST)
    known = len(words)
    rules = [(number, re.compile(ahead.encode(), re.IGNORECASE).match) for number, (_, ahead) in enumerate(words)]
    repeats = _Repeats.of(words)
    told = array("q"), array("q"), array("q")
    tell, begin, end = (column.append for column in told)

    def on_match(number: int, first: int, last: int, _flags: int, _context: object) -> None:
        tell(number)
        begin(first)
        end(last)

    def again(data: bytes, numbers: Places, starts: Places, ends: Places) -> Iterator[int]:
        """The hits of words behind one of their own, in matches of which only the first was told."""
        for at in repeats.among(data, numbers, starts + 1, ends).tolist():
            number, behind = int(numbers[at]), int(starts[at]) + 1
            word = words[number][0]
            for place in _places(word, data[behind : int(ends[at])].lower()):
                yield from _hits_at(behind + place, [rules[number]], data, behind + place + len(word))

    def search(data: bytes) -> tuple[Hits, bool]:
        for column in told:
            del column[:]
        database.scan(data, match_event_handler=on_match)
        numbers, starts, ends = (np.array(column, np.int64) for column in told)
        word = numbers < known
        folds = not word.all()
        if folds:
            numbers, starts, ends = numbers[word], starts[word], ends[word]
        hits = array("q", (starts << ID_BITS | numbers).tobytes())
        if more := set(again(data, numbers, starts, ends)):
            hits.extend(more.difference(hits))
        return hits, folds

    return search


def _in_turn(words: Sequence[tuple[bytes, str]]) -> WordSearch:
    first, then = _by_bare_words(words, _WORTH), list[WordSearch]()

    def search(data: bytes) -> tuple[Hits, bool]:
        found = None if then else first(data)
        if found is None:
            if not then:
                then.append(_by_expressions(words))
            return then[0](data)
        return found

    return search


def searcher(words: Sequence[tuple[bytes, str]], *, native: bool | None = None) -> WordSearch:
    """Return a search for words (lower case, ASCII or UTF-8), each with the expression of what must follow it.

    ``None`` takes what is there, ready at once and at full speed once it has found many words. ``True`` takes the
    native one at full speed, which takes a second and more to build; ``False`` takes the one without hyperscan.
    """
    if native is None:
        return (_in_turn if find_spec("hyperscan") else _by_words)(words)
    return (_by_expressions if native else _by_words)(words)
