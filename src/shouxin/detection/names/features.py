"""What the model looks at: for each candidate the places in its table that one feature after another points to.

Laws. A feature is a hash of a few characters or word classes together with the length of the span; it points into a
table of ``1 << BITS`` weights. Every family has its own list. The lists and the hash belong to the version of the
model: changing either without training anew makes noise of it.

Called by: ``model`` for inference, the training tools for learning; both must see the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from shouxin.detection.names.candidates import Family, Spans, hashed
from shouxin.detection.names.characters import PAD, Characters, Codes, Spots

__all__ = ["BITS", "LEXICON_BITS", "Lexicon", "features", "usual"]

Lexicon = npt.NDArray[np.uint8]

BITS: Final = 18
LEXICON_BITS: Final = 20
_SHIFT: Final = np.uint32(32 - BITS)
_WORD_SHIFT: Final = np.uint32(32 - LEXICON_BITS)
_GOLD: Final = np.uint32(0x9E3779B1)
_SALT: Final = 0x85EBCA6B
_USUAL: Final = 2  # classes of words: see ``_View.word``
_FOUR: Final = np.uint32(4)


def usual(text: Characters, starts: Spots, ends: Spots, lexicon: Lexicon) -> npt.NDArray[np.bool_]:
    """Tell which spans are, as a whole, words that are used often."""
    lengths = ends - starts
    made = np.zeros(len(starts), np.bool_)
    for length in range(2, 5):
        those = np.flatnonzero(lengths == length)
        made[those] = lexicon[hashed(text.classes, starts[those], length) >> _WORD_SHIFT] >= _USUAL
    return made


class _View:
    """A text seen from the candidates of one family."""

    def __init__(self, text: Characters, spans: Spans, lexicon: Lexicon) -> None:
        self._codes, self._lexicon = text.classes, lexicon
        self.starts, self.ends = spans.starts, spans.ends
        self.lengths = (spans.ends - spans.starts).astype(np.uint32)
        self._number = 0

    def at_start(self, step: int) -> Codes:
        return self._codes[self.starts + (PAD + step)]

    def at_end(self, step: int) -> Codes:
        """``0`` is the first character after the span, ``-1`` its last."""
        return self._codes[self.ends + (PAD + step)]

    def word(self, from_: Spots, step: int, length: int) -> Codes:
        """The class of the word of ``length`` characters there: 0 none, 1 rare, 2 usual, 3 frequent."""
        places = hashed(self._codes, from_ + step, length) >> _WORD_SHIFT
        classes: Codes = self._lexicon[places].astype(np.uint32)
        return classes

    def whole(self) -> Codes:
        """A hash of the span."""
        made = self.lengths.copy()
        for step in range(int(self.lengths.max(initial=0))):
            inside = self._codes[np.minimum(self.starts + step, self.ends) + PAD]
            made ^= np.where(self.lengths > step, inside, 0).astype(np.uint32)
            made *= _GOLD
            made ^= made >> np.uint32(15)
        return made

    def point(self, *parts: Codes) -> Codes:
        """Where the next feature, made of ``parts``, points."""
        self._number += 1
        made = np.full(len(self.starts), self._number * _SALT & 0xFFFFFFFF, np.uint32)
        for part in parts:
            made ^= part
            made *= _GOLD
            made ^= made >> np.uint32(15)
        return made >> _SHIFT


def _packed(*classes: Codes) -> Codes:
    made = np.zeros_like(classes[0])
    for one in classes:
        made = made * _FOUR + one
    return made


def _of_name(view: _View) -> Iterator[Codes]:
    length, point, word = view.lengths, view.point, view.word
    starts, ends = view.starts, view.ends
    surname, given = view.at_start(0), view.at_start(1)
    last = view.at_end(-1)
    l1, l2 = view.at_start(-1), view.at_start(-2)
    r1, r2 = view.at_end(0), view.at_end(1)
    yield point(length)
    yield point(surname, length)
    yield point(given, length)
    yield point(last, length)
    yield point(surname, given, length)
    yield point(given, last, length)
    yield point(l1, length)
    yield point(l2, l1)
    yield point(r1, length)
    yield point(r1, r2)
    yield point(l1, r1, length)
    yield point(l1, surname)
    yield point(l2, l1, surname)
    yield point(last, r1, length)
    yield point(last, r1, r2)
    begin = _packed(word(starts, 0, 2), word(starts, 0, 3), word(starts, 0, 4))
    yield point(begin, length)
    yield point(begin, surname, length)
    before = _packed(word(starts, -1, 2), word(starts, -2, 3), word(starts, -1, 3), word(starts, -3, 4))
    yield point(before, length)
    after = _packed(word(ends, -1, 2), word(ends, -1, 3), word(ends, -2, 3), word(ends, -2, 4))
    yield point(after, length)
    yield point(_packed(word(starts, -2, 2), word(ends, 0, 2)), length)
    yield point(_packed(word(starts, 1, 2), word(starts, 0, 2), word(ends, -1, 2)), length)


def _of_listed(view: _View, levels: Codes) -> Iterator[Codes]:
    point, word, starts, ends = view.point, view.word, view.starts, view.ends
    whole = view.whole()
    kind = levels * np.uint32(16) + np.minimum(view.lengths, 15)
    l1, l2 = view.at_start(-1), view.at_start(-2)
    r1, r2, r3 = view.at_end(0), view.at_end(1), view.at_end(2)
    yield point(kind)
    yield point(whole)
    yield point(whole, r1)
    yield point(whole, l1)
    yield point(levels, r1)
    yield point(levels, r1, r2)
    yield point(r1, r2)
    yield point(r1, r2, r3)
    yield point(levels, l1)
    yield point(l2, l1)
    yield point(levels, l1, r1)
    yield point(_packed(word(starts, -1, 2), word(starts, -1, 3), word(starts, -2, 3)), levels)
    yield point(_packed(word(ends, -1, 2), word(ends, -1, 3), word(ends, -2, 3)), levels)
    yield point(_packed(word(starts, 0, 2), word(starts, 0, 3), word(starts, 0, 4)), kind)
    yield point(_packed(word(ends, 0, 2), word(starts, -2, 2)), levels)
    yield point(_packed(word(starts, 0, 2)), whole)


def _of_suffixed(view: _View) -> Iterator[Codes]:
    length, point, word, starts, ends = view.lengths, view.point, view.word, view.starts, view.ends
    suffix, before_suffix = view.at_end(-1), view.at_end(-2)
    first, second = view.at_start(0), view.at_start(1)
    l1, l2 = view.at_start(-1), view.at_start(-2)
    r1, r2 = view.at_end(0), view.at_end(1)
    yield point(length)
    yield point(length, suffix)
    yield point(length, first)
    yield point(first, second)
    yield point(view.whole())
    yield point(before_suffix, suffix)
    yield point(view.at_end(-3), before_suffix, suffix)
    yield point(l1, length)
    yield point(l1, suffix)
    yield point(l1, first)
    yield point(l2, l1)
    yield point(l2, l1, first)
    yield point(r1, suffix)
    yield point(r1, r2)
    yield point(suffix, r1, r2)
    yield point(_packed(word(starts, 0, 2), word(starts, 0, 3), word(starts, 0, 4)), length)
    yield point(_packed(word(starts, -1, 2), word(starts, -2, 3), word(starts, -1, 3)), length)
    yield point(_packed(word(ends, -2, 2), word(ends, -3, 3), word(ends, -4, 4)), length)
    yield point(_packed(word(ends, -1, 2), word(ends, -1, 3)), suffix)
    yield point(_packed(word(starts, -2, 2), word(ends, 0, 2)), length)


def features(text: Characters, spans: Spans, lexicon: Lexicon) -> Iterator[Codes]:
    """Yield, feature by feature, where each candidate points in the table of its family."""
    view = _View(text, spans, lexicon)
    if spans.family in {Family.NAME, Family.FOREIGN}:
        return _of_name(view)
    if spans.family is Family.LISTED:
        return _of_listed(view, spans.levels.astype(np.uint32))
    return _of_suffixed(view)
