from __future__ import annotations

from collections import Counter

import pytest

from shouxin.errors import Invalid, Tampered
from shouxin.ledger.proof import (
    ProofFile,
    consistency_proof,
    frontier_at,
    inclusion_proof,
    parse_proof_file,
    root_from_inclusion,
    verify_consistency,
    verify_inclusion,
)
from shouxin.ledger.tiles import append_tiles
from shouxin.ledger.tree import EMPTY_ROOT, leaf_hash, root_of

SIZE = 70_000
HASHES = [leaf_hash(number.to_bytes(4, "big")) for number in range(SIZE)]
TILES, _ = append_tiles({}, 0, HASHES)
CHECKPOINT = "example.com/log\n9\nroot\n\n— example.com/log AAAAAAAA\n"


def _read(level: int, index: int) -> bytes:
    return TILES[level, index]


@pytest.mark.parametrize("size", [1, 2, 3, 8, 255, 256, 257, 65_536, 65_537, SIZE])
def test_every_leaf_has_a_proof_at_every_size(size: int) -> None:
    """Leaves at both ends and on tile borders are proved in logs of many sizes, from tiles that have since grown."""
    root = root_of(HASHES[:size])
    for index in {0, size // 2, size - 1, min(255, size - 1), min(256, size - 1)}:
        verify_inclusion(HASHES[index], index, size, inclusion_proof(index, size, _read), root)


@pytest.mark.parametrize("old", [1, 2, 255, 256, 257, 300, 65_535, 65_536, 69_999, SIZE])
def test_every_size_extends_every_smaller_one(old: int) -> None:
    """Consistency holds between sizes within a tile, across tiles and across levels."""
    proof = consistency_proof(old, SIZE, _read)
    verify_consistency(old, SIZE, root_of(HASHES[:old]), root_of(HASHES), proof)


def test_the_right_edge_is_read_from_tiles() -> None:
    """The frontier of any size comes back from the tiles, and with it the root."""
    for size in (0, 1, 256, 300, 65_537, SIZE):
        assert frontier_at(size, _read).root() == root_of(HASHES[:size])


def test_a_tile_is_read_once_for_a_proof() -> None:
    """The eight siblings inside one tile cost one read."""
    reads: Counter[tuple[int, int]] = Counter()

    def read(level: int, index: int) -> bytes:
        reads[level, index] += 1
        return _read(level, index)

    inclusion_proof(12_345, SIZE, read)
    assert set(reads.values()) == {1}
    assert len(reads) <= 5


def test_a_short_tile_is_tampered() -> None:
    """A store whose tile is shorter than the log's size demands gives no proof."""
    with pytest.raises(Tampered, match="tile 0 of level 0"):
        inclusion_proof(3, 200, lambda level, index: _read(level, index)[: 100 * 32])
    with pytest.raises(Tampered):
        frontier_at(200, lambda _level, _index: b"")


def test_there_is_no_proof_of_what_does_not_exist() -> None:
    """The prover refuses an index beyond the size, a size of 0 and a log that shrinks."""
    for index, size in ((5, 5), (-1, 5), (0, 0)):
        with pytest.raises(Invalid):
            inclusion_proof(index, size, _read)
    for old, new in ((0, 5), (0, 0), (6, 5)):
        with pytest.raises(Invalid):
            consistency_proof(old, new, _read)


def test_a_leaf_is_not_elsewhere() -> None:
    """A proof fails for another index, another size, another leaf or another root."""
    proof, root = inclusion_proof(5, 8, _read), root_of(HASHES[:8])
    verify_inclusion(HASHES[5], 5, 8, proof, root)
    for leaf, index, size, claimed in (
        (HASHES[5], 4, 8, root),
        (HASHES[5], 5, 9, root),
        (HASHES[4], 5, 8, root),
        (HASHES[5], 5, 8, EMPTY_ROOT),
        (HASHES[5], 8, 8, root),
        (HASHES[5], -1, 8, root),
        (HASHES[5], 0, 0, root),
    ):
        with pytest.raises(Tampered):
            verify_inclusion(leaf, index, size, proof, claimed)


def test_a_proof_has_the_number_and_length_of_hashes_that_its_sizes_demand() -> None:
    """One hash more, one less, one short of a byte: tampered, even where the hashing would come out."""
    proof, root = inclusion_proof(5, 8, _read), root_of(HASHES[:8])
    for wrong in (proof[:-1], (*proof, proof[0]), (proof[0][:-1], *proof[1:]), ()):
        with pytest.raises(Tampered):
            verify_inclusion(HASHES[5], 5, 8, wrong, root)
    with pytest.raises(Tampered):
        verify_inclusion(b"", 0, 1, (), b"")
    steps = consistency_proof(5, 8, _read)
    for wrong in (steps[:-1], (*steps, steps[0]), (steps[0][:-1], *steps[1:]), ()):
        with pytest.raises(Tampered):
            verify_consistency(5, 8, root_of(HASHES[:5]), root, wrong)


def test_consistency_knows_no_size_zero() -> None:
    """From 0 nothing is proved, not even to 0 with equal roots."""
    for old, new in ((0, 0), (0, 8), (8, 5)):
        with pytest.raises(Tampered):
            verify_consistency(old, new, EMPTY_ROOT, EMPTY_ROOT, ())


def test_equal_sizes_need_equal_roots_and_no_hashes() -> None:
    """The same head is consistent with itself by an empty proof, and with no other head of its size."""
    root, other = root_of(HASHES[:8]), root_of(HASHES[1:9])
    verify_consistency(8, 8, root, root, ())
    for new_root, proof in ((other, ()), (root, (root,))):
        with pytest.raises(Tampered):
            verify_consistency(8, 8, root, new_root, proof)


def test_another_history_is_not_an_extension() -> None:
    """A log in which one early entry was exchanged fails against the old root."""
    other = [*HASHES[:2], leaf_hash(b"another"), *HASHES[3:8]]
    tiles, _ = append_tiles({}, 0, other)
    proof = consistency_proof(5, 8, lambda level, index: tiles[level, index])
    with pytest.raises(Tampered):
        verify_consistency(5, 8, root_of(HASHES[:5]), root_of(other), proof)


def test_the_root_of_one_leaf_is_that_leaf() -> None:
    """In a log of one entry the proof is empty."""
    assert root_from_inclusion(HASHES[0], 0, 1, ()) == HASHES[0]


@pytest.mark.parametrize("extra", [b"", b"\0salt"])
def test_a_proof_file_reads_back(extra: bytes) -> None:
    """What is written is read back, with and without extra data, and the checkpoint verbatim."""
    file = ProofFile(5, inclusion_proof(5, 8, _read), CHECKPOINT, extra)
    assert parse_proof_file(str(file)) == file
    assert str(file).startswith("c2sp.org/tlog-proof@v1\nextra " if extra else "c2sp.org/tlog-proof@v1\nindex 5\n")


@pytest.mark.parametrize(
    "head",
    [
        "c2sp.org/tlog-proof@v2\nindex 5",
        "c2sp.org/tlog-proof@v1",
        "c2sp.org/tlog-proof@v1\nextra \nindex 5",
        "c2sp.org/tlog-proof@v1\nindex 05",
        "c2sp.org/tlog-proof@v1\nindex -5",
        "c2sp.org/tlog-proof@v1\nindex 5\nAAAA",
        "c2sp.org/tlog-proof@v1\nindex 5\nextra AAAA",
        "c2sp.org/tlog-proof@v1\nextra AAA\nindex 5",
        "c2sp.org/tlog-proof@v1\r\nindex 5",
    ],
)
def test_a_malformed_proof_file_is_refused(head: str) -> None:
    """Another version, a missing or odd index, a hash of the wrong length: refused."""
    with pytest.raises(Invalid):
        parse_proof_file(f"{head}\n\n{CHECKPOINT}")


def test_a_proof_file_needs_its_empty_line() -> None:
    """Without the line that divides proof and checkpoint there is neither."""
    with pytest.raises(Invalid):
        parse_proof_file("c2sp.org/tlog-proof@v1\nindex 5\n")
