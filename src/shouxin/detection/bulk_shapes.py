"""The commonest values with a shape of their own, over arrays: plates, landlines, e-mail, coordinates, IPv4, passports.

Laws. Each function returns the rows that it has decided, and the places that it leaves to the scalar rule because
something rarer stands there; together they are what the rule finds. It never decides what the rule would decide
otherwise (a property test compares them).

Called by: ``bulk``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import cache

import numpy as np

from shouxin.detection import anchors
from shouxin.detection.bulk_checks import octet_values
from shouxin.detection.bulk_rows import Columns
from shouxin.detection.contact import email, landline
from shouxin.detection.device import FIRST_GROUP, LATITUDES, LONGITUDES
from shouxin.detection.finding import DICTIONARY, SHAPE, FindingKind
from shouxin.detection.patterns import PLATE_SUFFIXES, PROVINCE_ENDS, SECTION_ENDS
from shouxin.detection.token_arrays import (
    Bools,
    Octets,
    Places,
    TokenArrays,
    among,
    distinct,
    is_digit,
    is_one_of,
    windows,
)

__all__ = ["coordinates", "emails", "ipv4s", "landlines", "passports", "plates"]

_NONE = np.empty(0, np.int64)
_LONGEST_DOMAIN = 32
_USUAL_LOCAL = 24
_DIGITS, _LETTERS = b"0123456789", b"ABCDEFGHJKLMNPQRSTUVWXYZ"


def _columns(kind: FindingKind, starts: Places, ends: Places, evidence: int = SHAPE) -> Columns:
    return Columns.of(kind, starts, ends, evidence)


def _han(octets: Octets, at: Places) -> Places:
    """The three bytes from each place as one number."""
    return octets[at].astype(np.int64) << 16 | octets[at + 1].astype(np.int64) << 8 | octets[at + 2]


def _codes(characters: str) -> Places:
    return np.array(sorted({int.from_bytes(character.encode()) for character in characters}))


@cache
def _beside_plates() -> tuple[Places, Places]:
    """Characters before and behind a plate that leave it to the scalar rule."""
    return _codes("北南东西天" + "".join(word[-2] for word in PROVINCE_ENDS)), _codes(PLATE_SUFFIXES + "型")


def passports(tokens: TokenArrays) -> Columns:
    """Passport numbers, all of them."""
    at = tokens.long[tokens.sizes == 9]
    at = at[among(tokens.first[at], b"EGDSP")]
    rows = windows(tokens.octets, tokens.starts[at], 9)
    first, second = rows[:, 0], rows[:, 1]
    ordinary = ((first == 0x45) & among(second, _DIGITS + b"ABCDEFGHJKLMNPQRSTUVWXYZ")) | (
        (first == 0x47) & is_digit(second)
    )
    at = at[is_digit(rows[:, 2:]).all(1) & (ordinary | (among(first, b"DSP") & (second == 0x45)))]
    return _columns(FindingKind.PASSPORT, tokens.starts[at], tokens.ends[at])


def plates(tokens: TokenArrays) -> tuple[Columns, Places]:
    """Plates in one piece; those with a separator, a suffix or an ambiguous province are left."""
    token, octets = anchors.at_plate(tokens), tokens.octets
    if not len(token):
        return _columns(FindingKind.LICENCE_PLATE, _NONE, _NONE), _NONE
    places = tokens.starts[token] - 3
    length, end = tokens.lengths[token], tokens.ends[token]
    before, behind = _beside_plates()
    simple = ((length == 6) | (length == 7)) & ~is_one_of(_han(octets, places - 3), before)
    simple &= ~is_one_of(_han(octets, end), behind)
    starts, ends, long = places[simple], end[simple], length[simple] == 7
    rows = windows(octets, starts + 3, 7) & np.uint8(0xDF | 0x20)
    lower = (rows >= 0x61) & (rows <= 0x7A)
    rows = rows - lower * np.uint8(0x20)
    serial = is_digit(rows[:, 1:]) | among(rows[:, 1:], _LETTERS)
    digits = is_digit(rows[:, 1:])
    count = digits[:, :5].sum(1)
    ordinary = ~long & serial[:, :5].all(1) & (count >= 3)
    six = count + digits[:, 5]
    new = long & serial.all(1)
    new &= (among(rows[:, 1], b"ABCDEFGHJK") & (six >= 4)) | (among(rows[:, 6], b"ABCDEFGHJK") & (six == 5))
    right = among(rows[:, 0], _LETTERS) & (ordinary | new)
    return _columns(FindingKind.LICENCE_PLATE, starts[right], ends[right]), places[~simple]


@cache
def _areas() -> Bools:
    """Which numbers are area codes; those of four digits stand 10,000 further on."""
    table = np.zeros(20_000, np.bool_)
    for length in (3, 4):
        for number in range(10 ** (length - 1)):
            subscriber = b"23456789" if length == 3 else b"2345678"
            table[number + 10_000 * (length == 4)] = landline(b"%0*d" % (length, number), subscriber, marked=True) > 0
    return table


def landlines(tokens: TokenArrays) -> tuple[Columns, Places]:
    """An area code, a hyphen, seven or eight digits, and nothing that might belong to it; the rest is left."""
    token, octets = anchors.at_landline(tokens), tokens.octets
    places = tokens.starts[token]
    after = np.minimum(token + 1, len(tokens.starts) - 1)
    size, length, end = tokens.lengths[token], tokens.lengths[after], tokens.ends[after]
    simple = tokens.joined[token] & (tokens.following[token] == 0x2D) & (tokens.first[token] == 0x30)
    simple &= ((size == 3) | (size == 4)) & ((length == 7) | (length == 8)) & (octets[places - 1] != 0x2E)
    behind = np.where(octets[end] == 0x20, octets[end + 1], octets[end])
    simple &= ~among(behind, b"-.eExX\xe5\xe8") & (
        octets[end] != 0x2D
    )  # an extension (-1, ext 1, x1, 转1, 分机1), a fraction
    starts, ends, three, eight = places[simple], end[simple], size[simple] == 3, length[simple] == 8
    area = windows(octets, starts, 4)
    rows = windows(octets, ends - 8, 8)
    digits = is_digit(rows)
    right = is_digit(area[:, 1:3]).all(1) & digits[:, 1:].all(1) & (eight | ~three) & (digits[:, 0] | ~eight)
    right &= is_digit(area[:, 3]) | three
    values = np.where(is_digit(area), area - np.uint8(0x30), 0).astype(np.int64)
    number = np.where(three, values[:, 1] * 10 + values[:, 2], (values[:, 1] * 10 + values[:, 2]) * 10 + values[:, 3])
    right &= _areas()[number + 10_000 * ~three]
    first = np.where(eight, rows[:, 0], rows[:, 1])
    right &= first != 0x30
    return _columns(FindingKind.LANDLINE, starts[right], ends[right], SHAPE | DICTIONARY), places[~simple]


@cache
def _domain() -> Callable[[bytes], re.Match[bytes] | None]:
    label = rb"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    return re.compile(rb"(?:" + label + rb"\.){1,8}[A-Za-z]{2,24}(?![0-9A-Za-z])").match


def _domain_length(run: bytes) -> int:
    match = _domain()(run)
    return match.end() if match and email(b"a@" + match.group()) else 0


def emails(tokens: TokenArrays) -> tuple[Columns, Places]:
    """Addresses whose local part begins with a letter or digit, and whose domain is short; the rest is left."""
    (places, signs), octets = anchors.at_email(tokens), tokens.octets
    if not len(places):
        return _columns(FindingKind.EMAIL, _NONE, _NONE), _NONE
    rows = windows(octets, signs + 1, _LONGEST_DOMAIN)
    outside = ~among(rows, _DIGITS + b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-")
    run = np.argmax(outside, 1)
    tail = octets[signs - 1]
    simple = (run > 0) & (signs - places <= _USUAL_LOCAL) & ~among(octets[places], b".-") & (tail != 0x2E)
    git = windows(octets, places, 4).view(np.uint32)[:, 0] == int.from_bytes(b"git@", sys.byteorder)
    simple &= ~git & ~among(octets[places - 1], b"*\xa2\xa6\x8f")  # the account of a repository; a masked address
    starts, signs, run, rows = places[simple], signs[simple], run[simple], rows[simple]
    rows = rows * (np.arange(_LONGEST_DOMAIN) < run[:, None])
    chosen, which = distinct(rows)
    lengths = np.array([_domain_length(row.tobytes().rstrip(b"\0")) for row in rows[chosen]], np.int64)[which]
    right = lengths > 0
    dots = windows(octets, signs - _USUAL_LOCAL, _USUAL_LOCAL) == 0x2E
    dotted = np.flatnonzero(dots.view(np.uint64).any(1))
    dots, before = dots[dotted], (starts - signs)[dotted, None]
    right[dotted] &= ~(dots[:, :-1] & dots[:, 1:] & (np.arange(1 - _USUAL_LOCAL, 0) > before)).any(1)
    return _columns(FindingKind.EMAIL, starts[right], (signs + 1 + lengths)[right]), places[~simple]


def coordinates(tokens: TokenArrays) -> tuple[Columns, Places]:
    """Pairs parted by a comma; those with other separators are left."""
    token, octets = anchors.at_coordinates(tokens), tokens.octets
    token = token[token + 3 < len(tokens.starts)]
    places = tokens.starts[token]
    simple = (tokens.following[token + 1] == 0x2C) & tokens.joined[token + 1]
    simple &= is_digit(octets[tokens.ends[token + 1] - 1])  # else a hemisphere stands there
    left, token = places[~simple], token[simple]
    starts, ends = tokens.starts[token], tokens.ends[token + 3]
    lengths = [tokens.lengths[token + n] for n in range(4)]
    right = tokens.joined[token + 2] & (tokens.following[token + 2] == 0x2E) & (lengths[2] <= 3)
    for part in (1, 3):
        inside = np.arange(16) < lengths[part][:, None]
        rows = windows(octets, tokens.starts[token + part], 16)
        right &= (lengths[part] >= 4) & (lengths[part] <= 16) & (is_digit(rows) | ~inside).all(1)
    right &= ~among(octets[starts - 1], b".-") & ~((octets[ends] == 0x2E) & is_digit(octets[ends + 1]))
    one, two = (_whole(tokens, token + n) for n in (0, 2))
    low, high = np.minimum(one, two), np.maximum(one, two)
    right &= (low >= LATITUDES[0]) & (low <= LATITUDES[-1]) & (high >= LONGITUDES[0]) & (high <= LONGITUDES[-1])
    return _columns(FindingKind.COORDINATES, starts[right], ends[right], SHAPE | DICTIONARY), left


def _whole(tokens: TokenArrays, at: Places) -> Places:
    """The number that a token of one to three digits is, leading zeros allowed; -1 for others."""
    rows = windows(tokens.octets, tokens.ends[at] - 3, 3)
    used = np.arange(3) >= 3 - tokens.lengths[at][:, None]
    values = np.where(used & is_digit(rows), rows - np.uint8(0x30), 0).astype(np.int64)
    number = values[:, 0] * 100 + values[:, 1] * 10 + values[:, 2]
    return np.where((is_digit(rows) | ~used).all(1) & (tokens.lengths[at] <= 3), number, -1)


def ipv4s(tokens: TokenArrays) -> Columns:
    """Addresses of IPv4, all of them."""
    octets, lengths = tokens.octets, tokens.lengths
    dotted = tokens.joined & (tokens.following == 0x2E) & (lengths <= 3)
    at = np.flatnonzero(dotted[:-3] & dotted[1:-2] & dotted[2:-1] & (lengths[3:] <= 3)) if len(dotted) > 3 else _NONE
    at = at[octets[tokens.starts[at] - 1] != 0x2E]
    last = tokens.ends[at + 3]
    second, third = octets[last + 1], octets[last + 2]
    more = is_digit(second) | ((second - np.uint8(0x61) < 26) & (third - np.uint8(0x61) < 26))  # or a file's name
    at = at[~((octets[last] == 0x2E) & more) & ~is_one_of(_han(octets, last), _codes(SECTION_ENDS))]
    four = (at + np.arange(4)[:, None]).ravel()
    a, b, c, d = octet_values(windows(octets, tokens.starts[four], 3), lengths[four]).reshape(4, -1)
    right = (np.minimum(np.minimum(a, b), np.minimum(c, d)) >= 0) & (a != 0) & (a != 127) & (a < FIRST_GROUP)
    right &= (c != 0) | (d != 0)
    end = tokens.ends[at + 3]
    right &= (d != 0) | (octets[end] != 0x2F) | ~is_digit(octets[end + 1])  # a network, not one of its addresses
    at = at[right]
    return _columns(FindingKind.IPV4, tokens.starts[at], tokens.ends[at + 3])
