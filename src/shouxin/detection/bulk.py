"""The fast engine: the same findings as ``plain``, from arrays, for logs and columns.

Laws. ``plain`` is right by definition; here the common bare numbers are decided by arrays (``bulk_checks``), and
everything else by the very same rules, tried only at anchors. No step keeps anything of one block for the next, but
for a bounded memory of labels (words, never digits). One finder is for one thread.

Called by: ``scan.scan_bytes`` through ``finder``; needs numpy, and is about twice as fast with hyperscan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

import numpy as np

from shouxin.detection import anchors
from shouxin.detection.bulk_checks import (
    are_cards,
    are_credit_codes,
    are_mobiles,
    are_resident_ids,
    octet_values,
    upper,
)
from shouxin.detection.bulk_rows import Columns, settled_columns, weighed_columns
from shouxin.detection.finding import CHECKSUM, DICTIONARY, ORDINAL, SHAPE, FindingKind, Findings, Row
from shouxin.detection.labelled import Labelled, rows_at_word
from shouxin.detection.normalise import Folded, fold
from shouxin.detection.patterns import recogniser, rows_at
from shouxin.detection.plain import rules_by_word
from shouxin.detection.scan import Finder
from shouxin.detection.token_arrays import AFTER, BEFORE, Places, TokenArrays, is_digit, tokenised, windows
from shouxin.detection.tokens import rows_of_groups, rows_of_token
from shouxin.detection.word_search import WordSearch, searcher

__all__ = ["finder"]

_PROVED: Final = SHAPE | CHECKSUM | DICTIONARY
_CARD_LENGTHS: Final = (14, 15, 16, 17, 19)


def _outside_decimals(tokens: TokenArrays, at: Places) -> Places:
    """Those tokens that are no part of a decimal number."""
    octets, starts, ends = tokens.octets, tokens.starts[at], tokens.ends[at]
    before = (octets[starts - 1] == 0x2E) & is_digit(octets[starts - 2])
    after = (octets[ends] == 0x2E) & is_digit(octets[ends + 1])
    return at[~(before | after)]


def _mobiles(tokens: TokenArrays) -> Columns:
    at = np.flatnonzero((tokens.lengths == 11) & (tokens.first == 0x31))
    at = at[are_mobiles(windows(tokens.octets, tokens.starts[at], 11))]
    at = _outside_decimals(tokens, at)
    return Columns.of(FindingKind.MOBILE, tokens.starts[at], tokens.ends[at], SHAPE)


def _eighteens(tokens: TokenArrays) -> Iterator[Columns]:
    """Tokens of 18: a resident ID, else a credit code, else a card; only digits can stand in a decimal number."""
    at = np.flatnonzero(tokens.lengths == 18)
    rows = windows(tokens.octets, tokens.starts[at], 18)
    plain = is_digit(rows).all(1)
    decimal = np.isin(at, _outside_decimals(tokens, at), invert=True)
    at, rows = at[~(plain & decimal)], upper(rows[~(plain & decimal)])
    for kind, judge in (
        (FindingKind.RESIDENT_ID, are_resident_ids),
        (FindingKind.CREDIT_CODE, are_credit_codes),
        (FindingKind.BANK_CARD, are_cards),
    ):
        right = judge(rows)
        yield Columns.of(kind, tokens.starts[at[right]], tokens.ends[at[right]], _PROVED)
        at, rows = at[~right], rows[~right]


def _cards(tokens: TokenArrays) -> Iterator[Columns]:
    digits = is_digit(tokens.first)
    for length in _CARD_LENGTHS:
        at = np.flatnonzero((tokens.lengths == length) & digits)
        at = _outside_decimals(tokens, at[are_cards(windows(tokens.octets, tokens.starts[at], length))])
        yield Columns.of(FindingKind.BANK_CARD, tokens.starts[at], tokens.ends[at], _PROVED)


def _ipv4s(tokens: TokenArrays) -> Columns:
    octets, lengths = tokens.octets, tokens.lengths
    dotted = tokens.joined & (tokens.following == 0x2E) & (lengths <= 3)
    if len(dotted) < 4:
        return Columns.of(FindingKind.IPV4, tokens.starts[:0], tokens.ends[:0], SHAPE)
    at = np.flatnonzero(dotted[:-3] & dotted[1:-2] & dotted[2:-1] & (lengths[3:] <= 3))
    at = at[octets[tokens.starts[at] - 1] != 0x2E]
    last = tokens.ends[at + 3]
    at = at[~((octets[last] == 0x2E) & is_digit(octets[last + 1]))]
    parts = [octet_values(windows(octets, tokens.starts[at + n], 3), lengths[at + n]) for n in range(4)]
    a, b, c, d = parts
    right = (np.minimum(np.minimum(a, b), np.minimum(c, d)) >= 0) & (a != 0) & (a != 127) & (a + b + c + d != 4 * 255)
    at = at[right]
    return Columns.of(FindingKind.IPV4, tokens.starts[at], tokens.ends[at + 3], SHAPE)


def _tried(tokens: TokenArrays, data: bytes) -> Iterator[Row]:
    """The scalar rules at their anchors."""
    for at in anchors.at_odd_tokens(tokens).tolist():
        start, end = int(tokens.starts[at]), int(tokens.ends[at])
        yield from (row for row in rows_of_token(data, start, end) if row[0] != ORDINAL[FindingKind.BANK_CARD])
    for place in anchors.at_groups(tokens).tolist():
        yield from rows_of_groups(data, place)
    for kind, places in (
        (FindingKind.LANDLINE, anchors.at_landline(tokens)),
        (FindingKind.EMAIL, anchors.at_email(tokens)),
        (FindingKind.LICENCE_PLATE, anchors.at_plate(tokens)),
        (FindingKind.COORDINATES, anchors.at_coordinates(tokens)),
        (FindingKind.MAC, anchors.at_mac(tokens)),
        (FindingKind.IPV6, anchors.at_ipv6(tokens)),
    ):
        one = recogniser(kind)
        for place in places.tolist():
            yield from rows_at(one, data, place)


def _worded(rules: Sequence[Sequence[Labelled]], hits: Iterable[tuple[int, int]], data: bytes) -> Iterator[Row]:
    for number, place in hits:
        for rule in rules[number]:
            yield from rows_at_word(rule, data, place)


def _padded(block: bytes) -> bytes:
    return b"\0" * BEFORE + block + b"\0" * AFTER


def finder(*, native: bool | None = None) -> Finder:
    """Return a fast engine for ``scan_bytes``; ``native`` as in ``word_search.searcher``. One for each thread."""
    words = rules_by_word()
    rules: Sequence[Sequence[Labelled]] = list(words.values())
    search: WordSearch = searcher(list(words), native=native)
    remembered: dict[bytes, int] = {}

    def find(block: bytes) -> Findings:
        padded, folded = _padded(block), Folded(block)
        hits, may_fold = search(padded)
        if may_fold:
            folded = fold(block)
            padded = _padded(folded.data)
            hits, _ = search(padded)
        tokens = tokenised(padded)
        rows = chain(_tried(tokens, padded), _worded(rules, hits, padded))
        parts = [Columns.of_rows(rows), _mobiles(tokens), _ipv4s(tokens), *_eighteens(tokens), *_cards(tokens)]
        columns = weighed_columns(Columns.joined(parts), tokens.octets, remembered)
        return settled_columns(columns, folded, -BEFORE)

    return find
