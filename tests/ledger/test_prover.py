from __future__ import annotations

from random import Random

import pytest

from shouxin.errors import Invalid, Tampered
from shouxin.ledger.proof import inclusion_proof, verify_inclusion
from shouxin.ledger.prover import Prover
from shouxin.ledger.tiles import append_tiles
from shouxin.ledger.tree import leaf_hash, root_of

SIZE = 70_000
HASHES = [leaf_hash(number.to_bytes(4, "big")) for number in range(SIZE)]
TILES, _ = append_tiles({}, 0, HASHES)


def _read(level: int, index: int) -> bytes:
    return TILES[level, index]


@pytest.mark.parametrize("size", [1, 2, 3, 255, 256, 257, 65_536, 65_537, SIZE])
def test_what_it_hands_out_is_the_plain_proof(size: int) -> None:
    """Whatever was proved before, in whatever order, each proof is the one that a single caller would get."""
    root = root_of(HASHES[:size])
    prover = Prover(size, root, _read)
    order = [0, size - 1, *(Random(size).randrange(size) for _ in range(60)), *range(max(0, size - 40), size)]
    for index in order:
        hashes = prover.prove(index, HASHES[index])
        assert hashes == inclusion_proof(index, size, _read)
        verify_inclusion(HASHES[index], index, size, hashes, root)


@pytest.mark.parametrize("before", [(), (1000,), (1001,), range(990, 1010)])
def test_a_wrong_leaf_is_found_however_much_is_known(before: range) -> None:
    """A leaf that is not the one of the tree is refused at once, and also when all around it was proved before."""
    prover = Prover(SIZE, root_of(HASHES), _read)
    for index in before:
        prover.prove(index, HASHES[index])
    for wrong in (HASHES[1001], HASHES[999], bytes(32)):
        with pytest.raises(Tampered, match="does not lead to the root"):
            prover.prove(1000, wrong)
    prover.prove(1000, HASHES[1000])


@pytest.mark.parametrize("at", [1000, 1001, 1002, 1020, 0])
def test_a_changed_tile_is_found_before_anything_of_it_is_handed_out(at: int) -> None:
    """A hash changed in a tile fails the proof of every leaf of that tile, its neighbours proved before or not."""
    tile, offset = divmod(at, 256)
    changed = bytearray(TILES[0, tile])
    changed[offset * 32] ^= 1

    def read(level: int, index: int) -> bytes:
        return bytes(changed) if (level, index) == (0, tile) else TILES[level, index]

    prover = Prover(SIZE, root_of(HASHES), read)
    for index in range(tile * 256, tile * 256 + 256):
        leaf = bytes(changed[32 * (index % 256) :][:32])
        with pytest.raises(Tampered, match="does not lead to the root"):
            prover.prove(index, leaf)
    prover.prove(5000, HASHES[5000])


def test_a_root_of_another_log_proves_nothing() -> None:
    """Under a wrong root, or with a leaf that is not there, nothing is proved."""
    prover = Prover(300, root_of(HASHES[:301]), _read)
    with pytest.raises(Tampered):
        prover.prove(7, HASHES[7])
    for index in (-1, 300):
        with pytest.raises(Invalid):
            Prover(300, root_of(HASHES[:300]), _read).prove(index, HASHES[7])
