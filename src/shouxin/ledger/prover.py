"""Prove many leaves of one log under one signed root, and hold each proof against that root.

Neighbouring leaves share almost all of their paths. Every hash of a full tile of leaves is computed once, and the
tile's own path to the root is made and checked once: a proof of one of its leaves is then read off. What a ``Prover``
hands out is what ``proof.inclusion_proof`` would, checked as ``proof.verify_inclusion`` would; a test holds them
against each other.

Called by whoever proves entries to people: certificates, receipts, accounts of openings.
"""

from __future__ import annotations

from functools import cache

from shouxin.errors import Invalid, Tampered
from shouxin.ledger.proof import (
    ReadTile,
    inclusion_proof,
    inclusion_ranges,
    range_root,
    root_from_inclusion,
    verify_inclusion,
)
from shouxin.ledger.tiles import TILE_HEIGHT, TILE_WIDTH
from shouxin.ledger.tree import HASH_BYTES, node_hash

__all__ = ["Prover"]

# The hashes within a full tile, from its leaves upwards without its root, and those that prove the tile itself.
_Tile = tuple[list[list[bytes]], tuple[bytes, ...]]


class Prover:
    """Proofs of leaves in the log of ``size`` leaves and ``root``; tiles may be wider than that log.

    It holds two hashes for each leaf of the tiles in which it proved one: use it for a transaction, then let it go.
    """

    def __init__(self, size: int, root: bytes, read_tile: ReadTile) -> None:
        self._size = size
        self._root = root
        self._read = cache(read_tile)
        self._tiles: dict[int, _Tile] = {}

    def prove(self, index: int, leaf: bytes) -> tuple[bytes, ...]:
        """Return the hashes that prove that the leaf hash stands at ``index``, from its sibling upwards.

        Raises:
            Invalid: no such leaf. Tampered: leaf or tiles do not lead to the root.

        **Source:** RFC 6962 section 2.1.1, ``PATH(m, D[n])``.
        """
        if not 0 <= index < self._size:
            raise Invalid("there is no leaf of this index in a log of this size")
        number, place = divmod(index, TILE_WIDTH)
        if (number + 1) * TILE_WIDTH > self._size:  # at the right edge of the log a tile is no subtree
            hashes = inclusion_proof(index, self._size, self._read)
            verify_inclusion(leaf, index, self._size, hashes, self._root)
            return hashes
        if number not in self._tiles:
            self._tiles[number] = self._led_to_root(number)
        rows, above = self._tiles[number]
        if rows[0][place] != leaf:
            raise Tampered("the inclusion proof does not lead to the root")
        return (*[row[place >> height ^ 1] for height, row in enumerate(rows)], *above)

    def _led_to_root(self, number: int) -> _Tile:
        """Return a full tile, seen to lead to the root by its first leaf: every other leads to the same tile's root.

        Raises:
            Tampered: it does not.
        """
        joined = self._read(0, number)
        row = [joined[at : at + HASH_BYTES] for at in range(0, TILE_WIDTH * HASH_BYTES, HASH_BYTES)]
        rows: list[list[bytes]] = []
        while len(row) > 1:
            rows.append(row)
            row = [node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=True)]
        index = number * TILE_WIDTH
        ranges = inclusion_ranges(index, self._size)[TILE_HEIGHT:]
        above = tuple(range_root(start, end, self._read) for start, end in ranges)
        siblings = (*[row[1] for row in rows], *above)
        if root_from_inclusion(rows[0][0], index, self._size, siblings) != self._root:
            raise Tampered("the inclusion proof does not lead to the root")
        return rows, above
