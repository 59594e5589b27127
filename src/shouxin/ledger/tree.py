"""The Merkle tree of RFC 6962 over SHA-256: how leaves and nodes hash, and the right edge that an append needs.

Laws of this file. A leaf and an inner node hash under different prefixes, so neither can pose as the other. The tree
over n leaves splits at the largest power of two below n; pairing neighbours row by row, with an odd last hash carried
up as it is, builds that same tree, and this is how everything here computes it. A hash is 32 bytes, always.

Called by ``tiles`` and ``proof``, which say where hashes are kept and which of them prove what; by ``commitment``; by
the store, which keeps a ``Frontier`` beside its log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from shouxin.errors import Invalid, Tampered

__all__ = [
    "EMPTY_ROOT",
    "HASH_BYTES",
    "Frontier",
    "concatenated",
    "join_peaks",
    "leaf_hash",
    "node_hash",
    "root_of",
    "root_of_row",
]

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")


def leaf_hash(entry: bytes) -> bytes:
    """Return the 32-byte hash of a log entry. **Source:** RFC 6962 section 2.1, ``MTH({d(0)})``."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the 32-byte hash over two neighbouring subtrees. **Source:** RFC 6962 section 2.1, ``MTH(D[n])``."""
    return sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the root of the tree whose leaf *hashes* these are; of no leaves, SHA-256 of nothing.

    Raises:
        Invalid: a hash is not 32 bytes.

    **Source:** RFC 6962 section 2.1.
    """
    return root_of_row(concatenated(hashes))


def root_of_row(row: bytes) -> bytes:
    """Return the root over neighbouring subtrees of one size, the last of which may be smaller.

    ``row`` is their hashes, concatenated: 32 bytes each, as a tile holds them. n hashes cost n - 1 hashings.
    """
    if not row:
        return EMPTY_ROOT
    digest = sha256
    while len(row) > HASH_BYTES:
        pairs = [digest(b"\x01" + row[at : at + 64]).digest() for at in range(0, len(row) - HASH_BYTES, 64)]
        if len(row) % 64:
            pairs.append(row[-HASH_BYTES:])
        row = b"".join(pairs)
    return row


def join_peaks(peaks: Sequence[bytes]) -> bytes:
    """Return the root over perfect subtrees of falling size, at least one, from left to right.

    **Source:** RFC 6962 section 2.1: the left side of every split is perfect, so the splits unwind from the right.
    """
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


def concatenated(hashes: Sequence[bytes]) -> bytes:
    """Return the hashes as one row.

    Raises:
        Invalid: a hash is not 32 bytes (a shorter and a longer one would otherwise hide each other).
    """
    if not set(map(len, hashes)) <= {HASH_BYTES}:
        raise Invalid(f"a hash of the tree has {HASH_BYTES} bytes")
    return b"".join(hashes)


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that must be remembered of a log to append to it and to know its root: at most 63 hashes.

    ``peaks`` are the roots of the perfect subtrees that make up ``size`` leaves, largest (left) first: one for each
    bit set in ``size``.

    Raises:
        Tampered: the peaks do not fit the size (a frontier comes from a store).
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.peaks) != self.size.bit_count() or any(len(p) != HASH_BYTES for p in self.peaks):
            raise Tampered("the frontier's peaks do not fit its size")

    def root(self) -> bytes:
        """Return the 32-byte root of the whole tree; of an empty one, SHA-256 of nothing."""
        return join_peaks(self.peaks) if self.peaks else EMPTY_ROOT

    def extend(self, leaf_hashes: Sequence[bytes]) -> Frontier:
        """Return the frontier after these leaf hashes, in order; n of them cost at most n + 63 hashings.

        Raises:
            Invalid: a hash is not 32 bytes.
        """
        digest = sha256
        row = concatenated(leaf_hashes)
        waiting = list(self.peaks)
        kept: list[bytes] = []
        bits = self.size
        while row or bits:
            # The old peak of this height is the left neighbour of the first new node; an odd last node waits here.
            if bits & 1:
                row = waiting.pop() + row
            if len(row) % 64:
                kept.append(row[-HASH_BYTES:])
            whole = len(row) - len(row) % 64
            row = b"".join([digest(b"\x01" + row[at : at + 64]).digest() for at in range(0, whole, 64)])
            bits >>= 1
        return Frontier(self.size + len(leaf_hashes), tuple(reversed(kept)))
