"""Proofs: that an entry is in a log, and that a later log extends an earlier one (RFC 6962 section 2.1).

Laws of this file. A proof is the list of subtrees that its path passes by; ``inclusion_ranges`` and
``consistency_ranges`` name them once, for the prover, the verifier and the reader of tiles alike. A verifier knows from
the sizes alone how many hashes a proof has: one more, one less or one of another length is tampering. A size of 0 has
nothing to include and no proof of consistency.

Called by the store and the exports (prove), by certificates, witnesses and auditors (verify).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from shouxin.errors import Invalid, Tampered
from shouxin.ledger.checkpoint import from_decimal, from_hash
from shouxin.ledger.note import from_base64, to_base64
from shouxin.ledger.tiles import locate, perfect_subtrees
from shouxin.ledger.tree import HASH_BYTES, Frontier, join_peaks, node_hash, root_of_row

__all__ = [
    "ProofFile",
    "ReadTile",
    "consistency_proof",
    "consistency_ranges",
    "frontier_at",
    "inclusion_proof",
    "inclusion_ranges",
    "parse_proof_file",
    "perfect_root",
    "range_root",
    "root_from_inclusion",
    "verify_consistency",
    "verify_inclusion",
]

ReadTile = Callable[[int, int], bytes]
"""Takes a tile's level and index, returns its hashes concatenated. A partial tile may be wider than asked for."""

_HEADER: Final = "c2sp.org/tlog-proof@v1"


def inclusion_ranges(index: int, size: int) -> tuple[tuple[int, int], ...]:
    """Return the leaf ranges (start, end) whose hashes prove leaf ``index`` of ``size``, from the leaf to the root.

    Raises:
        Invalid: no such leaf.

    **Source:** RFC 6962 section 2.1.1, ``PATH(m, D[n])``.
    """
    if not 0 <= index < size:
        raise Invalid("there is no leaf of this index in a log of this size")
    start, end = 0, size
    ranges: list[tuple[int, int]] = []
    while end - start > 1:
        middle = _split(start, end)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return tuple(reversed(ranges))


def consistency_ranges(old: int, new: int) -> tuple[tuple[int, int], ...]:
    """Return the leaf ranges (start, end) whose hashes prove that size ``new`` extends ``old``, bottom up.

    Raises:
        Invalid: sizes other than 1 <= old <= new.

    **Source:** RFC 6962 section 2.1.2, ``SUBPROOF(m, D[n], b)``.
    """
    if not 1 <= old <= new:
        raise Invalid("consistency is proved from a size of at least 1 to one not smaller")
    start, end = 0, new
    ranges: list[tuple[int, int]] = []
    while end > old:
        middle = _split(start, end)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:
        # The whole old tree is known to the verifier; a part of it (b is false) is not.
        ranges.append((start, end))
    return tuple(reversed(ranges))


def inclusion_proof(index: int, size: int, read_tile: ReadTile) -> tuple[bytes, ...]:
    """Return the hashes that prove leaf ``index`` in the log of ``size`` leaves, from the leaf's sibling upwards.

    Raises:
        Invalid: no such leaf.
        Tampered: a tile is shorter than the size demands.
    """
    return _hashes(inclusion_ranges(index, size), read_tile)


def consistency_proof(old: int, new: int, read_tile: ReadTile) -> tuple[bytes, ...]:
    """Return the hashes that prove that the log of ``new`` leaves extends that of ``old`` leaves.

    Raises:
        Invalid: sizes other than 1 <= old <= new.
        Tampered: a tile is shorter than the size demands.
    """
    return _hashes(consistency_ranges(old, new), read_tile)


def frontier_at(size: int, read_tile: ReadTile) -> Frontier:
    """Return the right edge of the log of ``size`` leaves; its ``root()`` is that log's root.

    Raises:
        Tampered: a tile is shorter than the size demands.
    """
    return Frontier(size, tuple(perfect_root(height, at, read_tile) for height, at in perfect_subtrees(0, size)))


def root_from_inclusion(leaf: bytes, index: int, size: int, hashes: Sequence[bytes]) -> bytes:
    """Return the root that a proof leads to from a leaf hash; it proves nothing until compared with a signed one.

    Raises:
        Tampered: no such leaf, a wrong number of hashes, or one that is not 32 bytes.
    """
    if not 0 <= index < size:
        raise Tampered("there is no leaf of this index in a log of this size")
    ranges = inclusion_ranges(index, size)
    _check_shape((leaf, *hashes), len(ranges) + 1)
    root = leaf
    for (start, _), sibling in zip(ranges, hashes, strict=True):
        root = node_hash(root, sibling) if index < start else node_hash(sibling, root)
    return root


def verify_inclusion(leaf: bytes, index: int, size: int, hashes: Sequence[bytes], root: bytes) -> None:
    """Return only if the leaf hash stands at ``index`` in the log of ``size`` leaves and this ``root``.

    Raises:
        Tampered: it does not.

    **Source:** RFC 9162 section 2.1.3.2.
    """
    if root_from_inclusion(leaf, index, size, hashes) != root:
        raise Tampered("the inclusion proof does not lead to the root")


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, hashes: Sequence[bytes]) -> None:
    """Return only if the log with ``new_root`` extends the log with ``old_root``. Equal sizes need equal roots.

    Raises:
        Tampered: it does not, or the sizes are not 1 <= old <= new.

    **Source:** RFC 9162 section 2.1.4.2; an old size of 0, which it leaves open, is refused.
    """
    if not 1 <= old <= new:
        raise Tampered("consistency is proved from a size of at least 1 to one not smaller")
    ranges = consistency_ranges(old, new)
    _check_shape((old_root, new_root, *hashes), len(ranges) + 2)
    steps = list(zip(ranges, hashes, strict=True))
    # Where the path begins within the old tree its first hash is given; otherwise the old tree itself is the seed.
    seed = steps.pop(0)[1] if ranges and ranges[0][1] == old else old_root
    was = now = seed
    for (start, _), sibling in steps:
        if start < old:
            was, now = node_hash(sibling, was), node_hash(sibling, now)
        else:
            now = node_hash(now, sibling)
    if (was, now) != (old_root, new_root):
        raise Tampered("the consistency proof does not lead to both roots")


@dataclass(frozen=True, slots=True)
class ProofFile:
    """A proof to hand out, complete with the signed checkpoint it leads to; usually a ``.tlog-proof`` file.

    ``index`` counts leaves from 0; ``checkpoint`` is the signed note, verbatim; ``extra`` is for the application and
    is *not* covered by any signature. Nothing in here is verified.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes = b""

    def __str__(self) -> str:
        extra = [f"extra {to_base64(self.extra)}"] if self.extra else []
        lines = [_HEADER, *extra, f"index {self.index}", *map(to_base64, self.hashes)]
        return "\n".join(lines) + "\n\n" + self.checkpoint


def parse_proof_file(text: str) -> ProofFile:
    """Read what ``str(ProofFile(...))`` wrote.

    Raises:
        Invalid: malformed; the checkpoint is not looked into.

    **Source:** c2sp.org/tlog-proof, "Format".
    """
    head, divider, checkpoint = text.partition("\n\n")
    header, *lines = head.split("\n")
    if header != _HEADER or not divider:
        raise Invalid("not a proof file of version 1")
    extra = b""
    if lines and lines[0].startswith("extra "):
        extra = from_base64(lines.pop(0).removeprefix("extra "))
        if not extra:
            raise Invalid("a proof file without extra data has no line for it")
    if not lines or not lines[0].startswith("index "):
        raise Invalid("a proof file needs an index")
    index = from_decimal(lines.pop(0).removeprefix("index "))
    return ProofFile(index, tuple(map(from_hash, lines)), checkpoint, extra)


def _split(start: int, end: int) -> int:
    """Where RFC 6962 splits a range of two leaves or more: after the largest power of two smaller than it."""
    return start + (1 << (end - start - 1).bit_length() - 1)


def _hashes(ranges: Sequence[tuple[int, int]], read_tile: ReadTile) -> tuple[bytes, ...]:
    # Eight siblings in a row lie in one tile: each is fetched once.
    read = cache(read_tile)
    return tuple(range_root(start, end, read) for start, end in ranges)


def range_root(start: int, end: int, read_tile: ReadTile) -> bytes:
    """Return the hash of the leaves [start, end), one of the ranges that a proof names.

    Raises:
        Tampered: a tile is shorter than the size demands.
    """
    return join_peaks([perfect_root(height, at, read_tile) for height, at in perfect_subtrees(start, end)])


def perfect_root(height: int, position: int, read_tile: ReadTile) -> bytes:
    """Return the hash of the perfect subtree of ``2**height`` leaves that is the ``position``-th of its size.

    Raises:
        Tampered: a tile is shorter than that demands.
    """
    level, index, first, count = locate(height, position)
    row = read_tile(level, index)[first * HASH_BYTES : (first + count) * HASH_BYTES]
    if len(row) != count * HASH_BYTES:
        raise Tampered(f"tile {index} of level {level} is shorter than the size of the log demands")
    return _root(row)


@lru_cache(maxsize=8192)
def _root(row: bytes) -> bytes:
    """Return ``root_of_row``, remembered: neighbouring proofs share almost all of their subtrees."""
    return root_of_row(row)


def _check_shape(hashes: Sequence[bytes], count: int) -> None:
    if len(hashes) != count or any(len(each) != HASH_BYTES for each in hashes):
        raise Tampered("a proof has a wrong number of hashes, or one of a wrong length")
