"""The tokens of a block as arrays, and the windows of bytes that array rules read.

Laws. A token is what ``tokens`` says: a maximal run of ASCII letters and digits. The block is padded with NUL on both
sides, so that a window beside any token exists; every place here is one in the padded bytes.

Called by: ``bulk`` and ``bulk_checks``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "AFTER",
    "BEFORE",
    "Bools",
    "Octets",
    "Places",
    "TokenArrays",
    "among",
    "bits",
    "classes",
    "distinct",
    "hashed",
    "highest",
    "in_a_row",
    "is_digit",
    "is_letter",
    "is_one_of",
    "run_length",
    "tokenised",
    "windows",
]

Octets: TypeAlias = NDArray[np.uint8]
Places: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]

BEFORE: Final = 96  # NUL bytes before the block and behind it
AFTER: Final = 128
_FEW: Final = 6  # members of a group: so many comparisons take less than to look up, if the bytes are many
_MANY: Final = 4096
_LONG: Final = range(9, 20)
_MIXERS: Final = bytes(n * (157 * n + 31) % 256 | (n % 8 == 0) for n in range(64))  # eight odd numbers of 64 bits


@dataclass(frozen=True, slots=True)
class TokenArrays:
    """``octets`` is the padded block; token ``i`` is ``octets[starts[i]:ends[i]]``, followed by ``following[i]``.

    ``lengths`` are those of the tokens up to 255, which stands for that and more: no rule knows a longer one, and
    arrays of bytes are compared eight times as fast. ``joined[i]`` tells whether exactly one byte stands
    between tokens ``i`` and ``i + 1``; it is false for the last. ``long`` are the indices of the tokens of 9 to 19
    bytes, which may be an identifier in one piece, and ``sizes`` their lengths.
    """

    octets: Octets
    starts: Places
    ends: Places
    lengths: Octets
    first: Octets
    following: Octets
    joined: Bools
    long: Places
    sizes: Octets


@cache
def _table(groups: tuple[bytes, ...]) -> bytes:
    return bytes(sum((byte in members) << bit for bit, members in enumerate(groups)) for byte in range(256))


def among(octets: Octets, members: bytes) -> Bools:
    """Tell for each byte whether it is a member. ``bytes.translate``, because numpy would widen every index."""
    if len(members) <= _FEW and octets.size > _MANY:
        found: Bools = octets == members[0]
        for member in members[1:]:
            found |= octets == member
        return found
    return classes(octets, (members,)).view(np.bool_)


def classes(octets: Octets, groups: tuple[bytes, ...]) -> Octets:
    """Return for each byte in which of up to eight groups it is, the first as the lowest bit."""
    looked_up = bytearray(np.ascontiguousarray(octets)).translate(_table(groups))  # writable
    return np.frombuffer(looked_up, np.uint8).reshape(octets.shape)


def is_digit(octets: Octets) -> Bools:
    """Tell for each byte whether it is 0-9."""
    return (octets - np.uint8(0x30)) < 10


def is_letter(octets: Octets) -> Bools:
    """Tell for each byte whether it is A-Z or a-z."""
    return ((octets | np.uint8(0x20)) - np.uint8(0x61)) < 26


def is_one_of(numbers: Places, members: Places) -> Bools:
    """Tell for each number whether it is one of the members, which are in order and not none; ``np.isin`` is slow."""
    found: Bools = members.take(np.searchsorted(members, numbers), mode="clip") == numbers
    return found


def windows(octets: Octets, starts: Places, width: int) -> Octets:
    """Return the ``width`` bytes from each start, one row each (a copy)."""
    # gathered as one item a row, in half the time that rows of bytes take; `sliding_window_view` takes 30 us
    every = np.ndarray((len(octets) - width + 1,), f"V{width}", octets.data, 0, (1,))
    rows: Octets = every[starts].view(np.uint8).reshape(len(starts), width)
    return rows


def bits(flags: Bools | Octets) -> NDArray[np.uint64]:
    """Return each row of 8, 16, 32 or 64 flags as one number, the first flag as its lowest bit."""
    return np.packbits(flags, bitorder="little").view(f"<u{flags.shape[1] // 8}").astype(np.uint64)


def run_length(flags: Bools, width: int) -> Places:
    """Return how many flags of each row of 32 are true from the first on; 0 also where ``width`` or more are."""
    ended = ~bits(flags) & np.uint64((1 << width) - 1)
    run: Places = highest(np.maximum(ended & -ended, np.uint64(1)))
    return run


def highest(numbers: NDArray[np.uint64]) -> Places:
    """Return the place of the highest bit of each number (not nought, below 2 ** 53): the exponent of a float."""
    places: Places = (numbers.astype(np.float64).view(np.int64) >> 52) - 1023
    return places


def tokenised(padded: bytes) -> TokenArrays:
    """Find the tokens of a padded block; its first and last byte are NUL."""
    octets = np.frombuffer(padded, np.uint8)
    octet = octets | np.uint8(0x20)  # one array for every step: it stays in the cache
    octet -= np.uint8(0x61)
    inside = octet < 26
    np.subtract(octets, np.uint8(0x30), out=octet)
    inside |= octet < 10
    changes = octet.view(np.bool_)
    changes[:1] = False
    np.not_equal(inside[1:], inside[:-1], out=changes[1:])
    edges = np.flatnonzero(changes)
    narrow = edges.astype(np.uint32)  # half as much to read; a block has no four gigabytes
    sizes = np.minimum(narrow[1:] - narrow[:-1], np.uint32(255)).astype(np.uint8)  # of tokens and gaps in turn
    joined = np.zeros(len(edges) // 2, np.bool_)
    joined[:-1] = sizes[1::2] == 1
    beside = octets.take(edges)
    first, following, lengths = beside[0::2].copy(), beside[1::2].copy(), sizes[0::2].copy()
    long = np.flatnonzero(lengths - np.uint8(_LONG[0]) < len(_LONG))
    return TokenArrays(octets, edges[0::2], edges[1::2], lengths, first, following, joined, long, lengths[long])


def in_a_row(flags: Bools, count: int) -> Bools:
    """Tell for each place whether it and the next ``count - 1`` are true; shorter than ``flags`` by ``count - 1``."""
    size = max(0, len(flags) - count + 1)
    found = flags[:size].copy()
    for place in range(1, count):
        found &= flags[place : place + size]
    return found


def hashed(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return a hash of each row of words; equal rows have equal hashes, and others nearly always different ones."""
    mixers = np.frombuffer(_MIXERS, np.uint64)[: words.shape[1]]
    mixed: NDArray[np.uint64] = words[:, 0] * mixers[0]
    for column in range(1, words.shape[1]):  # rows are short: a sum over each costs more
        mixed += words[:, column] * mixers[column]
    mixed ^= mixed >> np.uint64(29)
    mixed *= mixers[0]
    return mixed


def distinct(rows: Octets) -> tuple[Places, Places]:
    """Return the indices of one row of each value, and for each row which of these it equals.

    Rows have a multiple of eight bytes. Hashes are compared byte by byte before they are believed.
    """
    words = np.ascontiguousarray(rows).view(np.uint64)
    _, chosen, which = np.unique(hashed(words), return_index=True, return_inverse=True)
    if not np.array_equal(words[chosen][which], words):
        chosen = which = np.arange(len(rows))  # two values with one hash: every row stands for itself
    return chosen, which
