"""The reference engine: every rule, tried everywhere, with nothing but the standard library.

Laws. What this engine answers is right by definition; ``bulk`` must answer the same (a property test compares them).
A block is looked at as a whole: the caller cuts blocks so that no finding is cut (``scan``). Time is linear in the
block but for rows that overlap. Memory is that of the rows.

Called by: ``scan`` for short texts, and for long ones where numpy is not installed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from shouxin.detection.broken import broken_numbers
from shouxin.detection.credentials import credentials
from shouxin.detection.finding import CONTEXT, FindingKind, Findings, Row
from shouxin.detection.labelled import Labelled, is_whole_word, rows_at_word
from shouxin.detection.labelled_contacts import labelled_contacts
from shouxin.detection.labelled_dates import labelled_dates
from shouxin.detection.labelled_documents import labelled_documents
from shouxin.detection.labelled_places import labelled_places
from shouxin.detection.labelled_values import labelled_values
from shouxin.detection.labels import COUNTABLE, DOUBTFUL, is_counted, label_of, says, weighed
from shouxin.detection.misread import misread
from shouxin.detection.normalise import fold
from shouxin.detection.odd_plates import odd_plates
from shouxin.detection.overlap import settled
from shouxin.detection.patterns import AT_TOKEN, recogniser, rows_of
from shouxin.detection.tokens import SEPARATORS, TOKEN_LENGTHS, rows_of_groups, rows_of_token

__all__ = ["ANYWHERE", "find", "rules_by_word", "weigh_rows"]

ANYWHERE: Final = (FindingKind.EMAIL, FindingKind.LICENCE_PLATE)


@cache
def rules_by_word() -> dict[bytes, tuple[Labelled, ...]]:
    """Lower-case word -> the rules whose matches begin with it."""
    rules: dict[bytes, tuple[Labelled, ...]] = {}
    announced = (*labelled_contacts(), *labelled_dates(), *labelled_values(), *labelled_documents(), *labelled_places())
    for rule in (*announced, *broken_numbers(), *misread(), *odd_plates(), *credentials()):
        for word in rule.words:
            key = word.lower().encode()
            rules[key] = (*rules.get(key, ()), rule)
    return rules


@cache
def _tokens() -> re.Pattern[bytes]:
    return re.compile(rb"[0-9A-Za-z]+")


def _rows_of_tokens(data: bytes) -> Iterator[Row]:
    for match in _tokens().finditer(data):
        start, end = match.span()
        if end - start in TOKEN_LENGTHS:
            yield from rows_of_token(data, start, end)
        if end - start < 18 and data[end : end + 1] in SEPARATORS and data[start : start + 1].isdigit():
            yield from rows_of_groups(data, start)


def _rows_of_words(data: bytes) -> Iterator[Row]:
    # A search for each word beats one expression for all: `find` is fast, an alternation without case is not.
    lower = data.lower()
    for word, rules in rules_by_word().items():
        place = lower.find(word)
        while place >= 0:
            if is_whole_word(word, data, place):
                for rule in rules:
                    yield from rows_at_word(rule, data, place, place + len(word))
            place = lower.find(word, place + 1)


def _all_rows(data: bytes) -> Iterator[Row]:
    yield from _rows_of_tokens(data)
    for kind in (*AT_TOKEN, *ANYWHERE):
        yield from rows_of(recogniser(kind), data)
    yield from _rows_of_words(data)


def weigh_rows(rows: Iterator[Row], data: bytes) -> Iterator[Row]:
    """Let the label of each doubtful value speak; see ``labels``."""
    for row in rows:
        if row[0] not in DOUBTFUL:
            yield row
        elif weighed_row := weighed(row, says(label_of(data, row[1]))):
            counted = row[0] in COUNTABLE and not weighed_row[3] & CONTEXT and is_counted(data, row[2])
            if not counted:
                yield weighed_row


def find(block: bytes) -> Findings:
    """Return the findings of a block of UTF-8 bytes, with spans in the block as it was given."""
    folded = fold(block)
    rows = settled(weigh_rows(_all_rows(folded.data), folded.data))
    return Findings.of((kind, *folded.origin(start, end), evidence) for kind, start, end, evidence in rows)
