"""Prove many leaves of one log under one signed root, and hold each proof against that root once.

Neighbouring leaves share almost all of their paths. A ``Prover`` remembers the hash of every subtree that it computed
from tiles, and which of them were seen to lead to the root: the next proof is computed and checked only as far up as
nobody has been yet. What it hands out is what ``proof.inclusion_proof`` would, checked as ``proof.verify_inclusion``
would; a test holds them against each other.

Called by whoever proves entries to people: certificates, receipts, accounts of openings.
"""

from __future__ import annotations

from shouxin.errors import Invalid, Tampered
from shouxin.ledger.proof import ReadTile, perfect_root, range_root
from shouxin.ledger.tree import node_hash

__all__ = ["Prover"]

_Range = tuple[int, int]


class Prover:
    """Proofs of leaves in the log of ``size`` leaves and ``root``; tiles may be wider than that log.

    It holds up to two hashes a level for each leaf that it proved: use one for a transaction, then let it go.
    """

    def __init__(self, size: int, root: bytes, read_tile: ReadTile) -> None:
        self._size = size
        self._read = read_tile
        self._hashes: dict[_Range, bytes] = {}
        self._led_to_root: dict[_Range, bytes] = {(0, size): root}

    def prove(self, index: int, leaf: bytes) -> tuple[bytes, ...]:
        """Return the hashes that prove that the leaf hash stands at ``index``, from its sibling upwards.

        Raises:
            Invalid: no such leaf. Tampered: leaf or tiles do not lead to the root.

        **Source:** RFC 6962 section 2.1.1, ``PATH(m, D[n])``.
        """
        if not 0 <= index < self._size:
            raise Invalid("there is no leaf of this index in a log of this size")
        path = self._path(index)
        siblings = [self._hash(sibling) for _, sibling in path]
        self._check(index, leaf, path, siblings)
        return tuple(siblings)

    def _path(self, index: int) -> list[tuple[_Range, _Range]]:
        """Return each subtree on the way from the leaf to the root, and the sibling that joins into it."""
        start, end = 0, self._size
        path: list[tuple[_Range, _Range]] = []
        while end - start > 1:
            middle = start + (1 << (end - start - 1).bit_length() - 1)
            if index < middle:
                path.append(((start, end), (middle, end)))
                end = middle
            else:
                path.append(((start, end), (start, middle)))
                start = middle
        path.reverse()
        return path

    def _hash(self, span: _Range) -> bytes:
        found = self._hashes.get(span)
        if found is None:
            found = self._hashes[span] = self._computed(*span)
        return found

    def _computed(self, start: int, end: int) -> bytes:
        """Return the hash of a subtree from its halves, which proving its neighbours has mostly made, or from tiles."""
        count = end - start
        if count & (count - 1):
            return range_root(start, end, self._read)
        height, middle = count.bit_length() - 1, start + count // 2
        left, right = self._hashes.get((start, middle)), self._hashes.get((middle, end))
        if left is None or right is None:
            return perfect_root(height, start >> height, self._read)
        return node_hash(left, right)

    def _check(self, index: int, leaf: bytes, path: list[tuple[_Range, _Range]], siblings: list[bytes]) -> None:
        """Climb to the first subtree that is known to lead to the root; all below it then does, too.

        A sibling further up is one that an earlier proof was checked with: it comes from the same memory.
        """
        node, span, climbed = leaf, (index, index + 1), []
        for (above, sibling), other in zip(path, siblings, strict=True):
            known = self._led_to_root.get(span)
            if known is not None:
                break
            climbed += [(span, node), (sibling, other)]
            node = node_hash(node, other) if sibling[0] > index else node_hash(other, node)
            span = above
        if self._led_to_root.get(span) != node:
            raise Tampered("the inclusion proof does not lead to the root")
        self._led_to_root.update(climbed)
