"""A proof verifies if and only if what it says is so."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from shouxin.errors import Invalid, ShouxinError, Tampered
from shouxin.ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from shouxin.ledger.commitment import absence_proof, member_proof, member_root, verify_absence, verify_member
from shouxin.ledger.note import KeySigner, SignatureKind, Verifier
from shouxin.ledger.proof import (
    ProofFile,
    consistency_proof,
    consistency_ranges,
    frontier_at,
    inclusion_proof,
    inclusion_ranges,
    parse_proof_file,
    root_from_inclusion,
    verify_consistency,
    verify_inclusion,
)
from shouxin.ledger.tiles import (
    ENTRIES,
    Tile,
    append_tiles,
    changed_tiles,
    decode_bundle,
    encode_bundle,
    parse_path,
    path,
    tiles_for_proof,
)
from shouxin.ledger.tree import Frontier, leaf_hash, root_of

MOST = 70_000
HASHES = [leaf_hash(number.to_bytes(4, "big")) for number in range(MOST)]
TILES, _ = append_tiles({}, 0, HASHES)
KEY = Ed25519PrivateKey.from_private_bytes(b"\1" * 32)
LOG = KeySigner(Verifier("log.example", SignatureKind.ED25519, KEY.public_key().public_bytes_raw()), KEY.sign)

# Small sizes, where every shape occurs, and sizes around tiles and beyond, where whole tiles stand in for leaves.
SIZES = st.one_of(st.integers(1, 40), st.integers(250, 1030), st.integers(65_000, MOST))
HASH = st.binary(min_size=32, max_size=32)


def _read(level: int, index: int) -> bytes:
    return TILES[level, index]


def _flip(data: bytes, at: int, by: int) -> bytes:
    at %= len(data)
    return data[:at] + bytes([data[at] ^ by]) + data[at + 1 :]


def _flip_one(hashes: tuple[bytes, ...], at: int, by: int) -> tuple[bytes, ...]:
    whole = _flip(b"".join(hashes), at, by)
    return tuple(whole[start : start + 32] for start in range(0, len(whole), 32))


@st.composite
def _places(draw: st.DrawFn) -> tuple[int, int]:
    size = draw(SIZES)
    return draw(st.integers(0, size - 1)), size


@st.composite
def _growths(draw: st.DrawFn) -> tuple[int, int]:
    new = draw(SIZES)
    return draw(st.integers(1, new)), new


@given(_places(), st.integers(0, MOST - 1))
def test_a_proof_verifies_if_and_only_if_the_leaf_is_there(place: tuple[int, int], other: int) -> None:
    """The leaf at the index verifies; any other leaf, and the leaf at any other index, does not."""
    index, size = place
    proof, root = inclusion_proof(index, size, _read), frontier_at(size, _read).root()
    verify_inclusion(HASHES[index], index, size, proof, root)
    if other != index:
        with pytest.raises(Tampered):
            verify_inclusion(HASHES[other], index, size, proof, root)
        with pytest.raises(Tampered):
            verify_inclusion(HASHES[index], other, size, proof, root)


@given(_places(), st.integers(0), st.integers(1, 255))
def test_a_flipped_byte_breaks_an_inclusion_proof(place: tuple[int, int], at: int, by: int) -> None:
    """Whichever byte of the leaf, the proof or the root is changed, the proof fails."""
    index, size = place
    proof = inclusion_proof(index, size, _read)
    root = root_from_inclusion(HASHES[index], index, size, proof)
    leaf, *hashes, claimed = _flip_one((HASHES[index], *proof, root), at, by)
    with pytest.raises(Tampered):
        verify_inclusion(leaf, index, size, hashes, claimed)


@given(_growths())
def test_any_size_is_consistent_with_any_later_one(growth: tuple[int, int]) -> None:
    """Between any two sizes of one log there is a proof, and it holds for these two sizes and roots alone."""
    old, new = growth
    proof = consistency_proof(old, new, _read)
    old_root, new_root = frontier_at(old, _read).root(), frontier_at(new, _read).root()
    verify_consistency(old, new, old_root, new_root, proof)
    if old < new:
        with pytest.raises(Tampered):
            verify_consistency(old, new, new_root, old_root, proof)
        with pytest.raises(Tampered):
            verify_consistency(old, new, old_root, old_root, proof)


@given(_growths(), st.integers(0), st.integers(1, 255))
def test_a_flipped_byte_breaks_a_consistency_proof(growth: tuple[int, int], at: int, by: int) -> None:
    """Whichever byte of the roots or the proof is changed, the proof fails."""
    old, new = growth
    parts = (frontier_at(old, _read).root(), frontier_at(new, _read).root(), *consistency_proof(old, new, _read))
    old_root, new_root, *proof = _flip_one(parts, at, by)
    with pytest.raises(Tampered):
        verify_consistency(old, new, old_root, new_root, proof)


@given(st.integers(2, 40), st.data())
def test_a_rewritten_history_is_never_consistent(new: int, data: st.DataObject) -> None:
    """If one leaf below the old size differs, the honest proof of the other log fails against the old root."""
    old = data.draw(st.integers(1, new - 1))
    at = data.draw(st.integers(0, old - 1))
    other = [*HASHES[:at], leaf_hash(b"rewritten"), *HASHES[at + 1 : new]]
    tiles, _ = append_tiles({}, 0, other)
    proof = consistency_proof(old, new, lambda level, index: tiles[level, index])
    with pytest.raises(Tampered):
        verify_consistency(old, new, root_of(HASHES[:old]), root_of(other), proof)


class _Announced:
    """A client's cache: the announced tiles at the widths announced, and which of them were used."""

    def __init__(self, ranges: tuple[tuple[int, int], ...], size: int) -> None:
        self.tiles = {(tile.level, tile.index): tile.width for tile in tiles_for_proof(ranges, size)}
        self.used: set[tuple[int, int]] = set()

    def read(self, level: int, index: int) -> bytes:
        self.used.add((level, index))
        return TILES[level, index][: 32 * self.tiles[level, index]]


@given(_growths())
def test_a_proof_reads_exactly_the_tiles_that_it_announces(growth: tuple[int, int]) -> None:
    """A client that fetched the announced tiles, at the widths announced, can compute the proof."""
    old, new = growth
    inclusion = _Announced(inclusion_ranges(old - 1, new), new)
    assert inclusion_proof(old - 1, new, inclusion.read) == inclusion_proof(old - 1, new, _read)
    consistency = _Announced(consistency_ranges(old, new), new)
    assert consistency_proof(old, new, consistency.read) == consistency_proof(old, new, _read)
    assert inclusion.used == inclusion.tiles.keys()
    assert consistency.used == consistency.tiles.keys()


@given(st.lists(st.integers(0, 600), max_size=6))
def test_a_frontier_equals_the_root_of_all_leaves(steps: list[int]) -> None:
    """Growing in any steps, the frontier, the tiles and the whole list have one root."""
    frontier = Frontier()
    tiles: dict[tuple[int, int], bytes] = {}
    partials: dict[int, bytes] = {}
    for step in steps:
        batch = HASHES[frontier.size : frontier.size + step]
        written, partials = append_tiles(partials, frontier.size, batch)
        widths = {place: len(row) // 32 for place, row in written.items()}
        changed = changed_tiles(frontier.size, frontier.size + step)
        assert {(tile.level, tile.index): tile.width for tile in changed} == widths
        tiles.update(written)
        frontier = frontier.extend(batch)
        assert frontier.root() == root_of(HASHES[: frontier.size])
    assert frontier == frontier_at(frontier.size, lambda level, index: tiles[level, index])


@given(st.integers(ENTRIES, 63), st.integers(0, (1 << 64) - 1), st.integers(1, 256))
def test_a_tile_path_reads_back(level: int, index: int, width: int) -> None:
    """Every address has a path, and the path that address."""
    tile = Tile(level, index, width)
    assert parse_path(path(tile)) == tile


@given(st.from_regex(r"\Atile/([0-9]{1,2}|entries)/(x[0-9]{3}/){0,3}[0-9]{3}(\.p/[0-9]{1,3})?\Z"))
def test_a_path_that_reads_is_the_one_that_is_written(text: str) -> None:
    """No two paths lead to one tile."""
    try:
        tile = parse_path(text)
    except Invalid:
        return
    assert path(tile) == text


@given(st.lists(st.binary(max_size=300), max_size=256))
def test_a_bundle_reads_back(entries: list[bytes]) -> None:
    """Any entries survive, and their bundle without its last byte is refused."""
    bundle = encode_bundle(entries)
    assert decode_bundle(bundle) == tuple(entries)
    if bundle:
        with pytest.raises(Tampered):
            decode_bundle(bundle[:-1])


@given(_places(), st.binary(max_size=40), st.integers(0), st.integers(1, 127))
def test_a_flipped_byte_breaks_a_proof_file(place: tuple[int, int], extra: bytes, at: int, by: int) -> None:
    """Whichever byte of a proof file is changed, reading or checking it fails; only the extra data is not covered."""
    index, size = place
    proof, root = inclusion_proof(index, size, _read), frontier_at(size, _read).root()
    signed = sign_checkpoint(Checkpoint(LOG.name, size, root), [LOG])
    file = ProofFile(index, proof, signed, extra)

    def check(read: ProofFile) -> None:
        opened = open_checkpoint(read.checkpoint, [LOG.verifier]).checkpoint
        verify_inclusion(HASHES[index], read.index, opened.size, read.hashes, opened.root)

    assert parse_proof_file(str(file)) == file
    check(file)
    changed = _flip(str(file).encode(), at, by)
    try:
        read = parse_proof_file(changed.decode())
        check(read)
    except (ShouxinError, UnicodeDecodeError):
        return
    assert replace(read, extra=extra) == file


@given(st.sets(HASH, min_size=1, max_size=40), HASH)
def test_membership_and_absence_exclude_each_other(commitments: set[bytes], other: bytes) -> None:
    """Every commitment is provably a member or provably absent, and never both."""
    members = sorted(commitments)
    root, count = member_root(commitments)
    for commitment in (*members[:3], other):
        if commitment in commitments:
            verify_member(commitment, member_proof(members, commitment), root, count)
            with pytest.raises(Invalid):
                absence_proof(members, commitment)
        else:
            verify_absence(commitment, absence_proof(members, commitment), root, count)
            with pytest.raises(Invalid):
                member_proof(members, commitment)
