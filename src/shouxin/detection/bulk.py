"""The fast engine: the same findings as ``plain``, from arrays, for logs and columns.

Laws. ``plain`` is right by definition; here the common bare numbers are decided by arrays (``bulk_checks``), and
everything else by the very same rules, tried only at anchors. No step keeps anything of one block for the next, but
for a bounded memory of labels (words, never digits). One finder is for one thread.

Called by: ``scan.scan_bytes`` through ``finder``; needs numpy, and is many times as fast with hyperscan.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from shouxin.detection import anchors, bulk_shapes
from shouxin.detection.bulk_checks import (
    are_cards,
    are_credit_codes,
    are_mobiles,
    are_resident_ids,
    upper,
)
from shouxin.detection.bulk_rows import Columns, LabelMemory, settled_columns, uncounted_columns, weighed_columns
from shouxin.detection.bulk_words import USUAL, UsualForm
from shouxin.detection.finding import CHECKSUM, DICTIONARY, ORDINAL, SHAPE, FindingKind, Findings, Row
from shouxin.detection.labelled import certain
from shouxin.detection.normalise import Folded, fold
from shouxin.detection.patterns import recogniser, rows_at
from shouxin.detection.plain import rules_by_word
from shouxin.detection.scan import Finder
from shouxin.detection.token_arrays import (
    AFTER,
    BEFORE,
    Bools,
    Octets,
    Places,
    TokenArrays,
    in_a_row,
    is_digit,
    is_letter,
    tokenised,
    windows,
)
from shouxin.detection.tokens import rows_of_groups, rows_of_token
from shouxin.detection.word_search import ID_BITS, Hits, WordSearch, searcher

__all__ = ["finder"]

_KEPT_MEMORY: Final = 30 << 20  # bytes; glibc learns up to 32 MiB
_CERTAIN: Final = certain(b"1")
_PROVED: Final = SHAPE | CHECKSUM | DICTIONARY
_DECIDED: Final = frozenset({ORDINAL[FindingKind.BANK_CARD], ORDINAL[FindingKind.PASSPORT]})


_Attempt: TypeAlias = tuple[Callable[[bytes, int], re.Match[bytes] | None], int, Callable[[bytes], int], int, int]


@dataclass(frozen=True, slots=True)
class _Words:
    """Every pair of a word and a rule: for the search, for the attempt, and what arrays can tell before it."""

    wanted: Sequence[tuple[bytes, str]]
    attempts: Sequence[_Attempt]
    latin: Bools
    kinds: Places
    behind: Places  # how long the word is
    usual: Mapping[UsualForm, Bools]  # the pairs that a form is for

    @classmethod
    def all(cls) -> _Words:
        pairs = [(word, rule) for word, rules in rules_by_word().items() for rule in rules]
        attempts = [
            (
                rule.attempt,
                rule.expression.groupindex["v"],
                rule.judge,
                ORDINAL[rule.kind],
                0 if rule.with_word or rule.behind else len(word),
            )
            for word, rule in pairs
        ]
        return cls(
            [(word, rule.ahead) for word, rule in pairs],
            attempts,
            np.array([word[:1].isalpha() for word, _ in pairs]),
            np.array([ORDINAL[rule.kind] for _, rule in pairs]),
            np.array([len(word) for word, _ in pairs]),
            {form: np.array([rule.usual == name for _, rule in pairs]) for name, form in USUAL.items()},
        )


def _in_decimals(tokens: TokenArrays, at: Places) -> Bools:
    """Tell which of the tokens are a part of a decimal number."""
    octets, starts = tokens.octets, tokens.starts[at]
    inside: Bools = octets[starts - 1] == 0x2E
    near = np.flatnonzero(inside)
    if len(near):
        before = starts[near] - 2
        mark = (octets[before - 2] == 0x2B) & (octets[before - 1] == 0x38) & (octets[before] == 0x36)
        inside[near] = is_digit(octets[before]) & ~mark
    near = np.flatnonzero(tokens.following[at] == 0x2E)
    if len(near):  # a nought alone is how tables write a whole number
        second = tokens.ends[at[near]] + 1
        third = octets[second + 1]
        more = is_digit(third) | is_letter(third) | ((third == 0x2E) & is_digit(octets[second + 2]))
        inside[near] |= is_digit(octets[second]) & ((octets[second] != 0x30) | more)
    return inside


def _mobiles(tokens: TokenArrays) -> Columns:
    at = tokens.long[tokens.sizes == 11]
    at = at[tokens.first[at] == 0x31]
    at = at[are_mobiles(windows(tokens.octets, tokens.starts[at], 11))]
    at = at[~_in_decimals(tokens, at)]
    return Columns.of(FindingKind.MOBILE, tokens.starts[at], tokens.ends[at], SHAPE)


def _are_cards_of_18(rows: Octets) -> Bools:
    padded = np.zeros((len(rows), 19), np.uint8)  # `np.pad` takes longer than the rule
    padded[:, 1:] = rows
    return are_cards(padded, np.full(len(rows), 18, np.uint8))


def _eighteens(tokens: TokenArrays) -> Iterator[Columns]:
    """Tokens of 18: a resident ID, else a credit code, else a card; only digits can stand in a decimal number."""
    at = tokens.long[tokens.sizes == 18]
    rows = windows(tokens.octets, tokens.starts[at], 18)
    decimal = _in_decimals(tokens, at)
    decimal[decimal] = is_digit(rows[decimal]).all(1)
    at, rows = at[~decimal], upper(rows[~decimal])
    for kind, judge in (
        (FindingKind.RESIDENT_ID, are_resident_ids),
        (FindingKind.CREDIT_CODE, are_credit_codes),
        (FindingKind.BANK_CARD, _are_cards_of_18),
    ):
        right = judge(rows)
        yield Columns.of(kind, tokens.starts[at[right]], tokens.ends[at[right]], _PROVED)
        at, rows = at[~right], rows[~right]


def _cards(tokens: TokenArrays) -> Columns:
    at = tokens.long[(tokens.sizes >= 14) & (tokens.sizes != 18)]
    at = at[tokens.first[at] - np.uint8(0x32) < 8]
    rows = windows(tokens.octets, tokens.ends[at] - 19, 19)
    at = at[are_cards(rows, tokens.lengths[at])]
    at = at[~_in_decimals(tokens, at)]
    return Columns.of(FindingKind.BANK_CARD, tokens.starts[at], tokens.ends[at], _PROVED)


def _shapes(tokens: TokenArrays, parts: list[Columns]) -> Iterator[tuple[FindingKind, Places]]:
    """Decide what arrays decide, and yield the kinds and places that they leave to the scalar rules."""
    for kind, shape in (
        (FindingKind.LICENCE_PLATE, bulk_shapes.plates),
        (FindingKind.LANDLINE, bulk_shapes.landlines),
        (FindingKind.EMAIL, bulk_shapes.emails),
        (FindingKind.COORDINATES, bulk_shapes.coordinates),
    ):
        columns, left = shape(tokens)
        parts.append(columns)
        yield kind, left
    yield FindingKind.COORDINATES, anchors.at_degrees(tokens)
    yield FindingKind.MAC, anchors.at_mac(tokens)
    yield FindingKind.IPV6, anchors.at_ipv6(tokens)


def _tried(tokens: TokenArrays, data: bytes, left: Iterable[tuple[FindingKind, Places]]) -> Iterator[Row]:
    """The scalar rules at their anchors."""
    for at in anchors.at_odd_tokens(tokens).tolist():
        start, end = int(tokens.starts[at]), int(tokens.ends[at])
        yield from (row for row in rows_of_token(data, start, end) if row[0] not in _DECIDED)
    for place in anchors.at_groups(tokens).tolist():
        yield from rows_of_groups(data, place)
    for kind, places in left:
        one = recogniser(kind)
        for place in places.tolist():
            yield from rows_at(one, data, place)


def _usual(words: _Words, numbers: Places, places: Places, octets: Octets, parts: list[Columns]) -> Bools:
    """Decide what has a usual form, and tell for which of the words nothing was decided."""
    left = np.ones(len(numbers), np.bool_)
    for form, members in words.usual.items():
        at = np.flatnonzero(members[numbers])
        starts, ends = form(octets, places[at] + words.behind[numbers[at]])
        right = starts >= 0
        at = at[right]
        left[at] = False
        parts.append(Columns(words.kinds[numbers[at]], starts[right], ends[right], np.full(len(at), _CERTAIN)))
    return left


def _worded(words: _Words, hits: Hits, tokens: TokenArrays, data: bytes, parts: list[Columns]) -> list[Row]:
    """The rules of each whole word that was found; what arrays decide goes to ``parts``."""
    found = np.array(hits, np.int64)
    numbers, places = found & ((1 << ID_BITS) - 1), found >> ID_BITS
    before, first = tokens.octets[places - 1], tokens.octets[places]
    after = tokens.octets[places + 1]
    hump = (first <= 0x5A) & ((before >= 0x61) | ((after >= 0x61) & (after <= 0x7A)))  # a capital that begins a word
    whole = ~words.latin[numbers] | ~is_letter(before) | hump
    numbers, places = numbers[whole], places[whole]
    left = _usual(words, numbers, places, tokens.octets, parts)
    rows: list[Row] = []
    keep, attempts = rows.append, words.attempts
    for number, place in zip(numbers[left].tolist(), places[left].tolist(), strict=True):
        match_at, value, judge, kind, skip = attempts[number]
        match = match_at(data, place + skip)
        if match is not None:
            start, end = match.span(value)
            if evidence := _CERTAIN if judge is certain else judge(data[start:end]):
                keep((kind, start, end, evidence))
    return rows


def _is_spread(tokens: TokenArrays) -> bool:
    """Tell whether eight single digits stand in a row, each one or two bytes from the next: ``normalise.SPREAD``."""
    single = (tokens.lengths == 1) & is_digit(tokens.first)
    at = np.flatnonzero(in_a_row(single, 8))
    return bool((tokens.starts[at + 7] - tokens.starts[at] <= 21).any()) and _are_close(tokens, at)


def _are_close(tokens: TokenArrays, at: Places) -> bool:
    """Tell whether the gaps between eight tokens from any of these are one or two bytes each."""
    gaps = [tokens.starts[at + place + 1] - tokens.ends[at + place] <= 2 for place in range(7)]
    return bool(np.logical_and.reduce(gaps).any())


def _padded(block: bytes) -> bytes:
    return b"".join((b"\0" * BEFORE, block, b"\0" * AFTER))  # one copy


def finder(*, native: bool | None = None) -> Finder:
    """Return a fast engine for ``scan_bytes``; ``native`` as in ``word_search.searcher``. One for each thread."""
    words = _Words.all()
    search: WordSearch = searcher(words.wanted, native=native)
    memory = LabelMemory.empty()
    # Freed once, a large array teaches the C library to keep memory of that size; otherwise each block pays for fresh
    # pages, a tenth of its time.
    np.empty(_KEPT_MEMORY, np.uint8)

    def find(block: bytes) -> Findings:
        padded, folded = _padded(block), Folded(block)
        hits, may_fold = search(padded)
        tokens = tokenised(padded)
        if may_fold or _is_spread(tokens):
            folded = fold(block)
            padded = _padded(folded.data)
            hits, _ = search(padded)
            tokens = tokenised(padded)
        parts = [_mobiles(tokens), *_eighteens(tokens), _cards(tokens), bulk_shapes.passports(tokens)]
        parts.append(bulk_shapes.ipv4s(tokens))
        left = list(_shapes(tokens, parts))
        rows = [*_tried(tokens, padded, left), *_worded(words, hits, tokens, padded, parts)]
        columns = Columns.joined([Columns.of_rows(rows), *parts])
        columns = uncounted_columns(weighed_columns(columns, tokens.octets, memory), tokens.octets, padded)
        return settled_columns(columns, folded, -BEFORE)

    return find
