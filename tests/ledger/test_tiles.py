from __future__ import annotations

import pytest

from shouxin.errors import Invalid, Tampered
from shouxin.ledger.proof import consistency_ranges, inclusion_ranges
from shouxin.ledger.tiles import (
    ENTRIES,
    TILE_BYTES,
    Tile,
    append_tiles,
    changed_tiles,
    decode_bundle,
    encode_bundle,
    locate,
    parse_path,
    partial_width,
    path,
    perfect_subtrees,
    tiles_for_proof,
)
from shouxin.ledger.tree import leaf_hash, root_of

HASHES = [leaf_hash(number.to_bytes(4, "big")) for number in range(70_000)]


def _row(hashes: list[bytes]) -> bytes:
    return b"".join(hashes)


@pytest.mark.parametrize(
    "text",
    [
        "tile/0/67",
        "tile/0/x000/067",
        "tile/00/067",
        "tile/64/067",
        "tile/0/001/067",
        "tile/0/x067",
        "tile/0/067.p/0",
        "tile/0/067.p/256",
        "tile/0/067.p/05",
        "tile/0/067/",
        "/tile/0/067",
        "tile/0/067\n",
        "tile/-1/067",
        "tile/0/٠٠٠",
        "tile/entries/x1/067",
        "",
    ],
)
def test_a_path_has_one_spelling(text: str) -> None:
    """A path that is not the canonical one is refused, however plausible."""
    with pytest.raises(Invalid):
        parse_path(text)


@pytest.mark.parametrize(("level", "index", "width"), [(64, 0, 1), (-2, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)])
def test_a_tile_outside_its_ranges_does_not_exist(level: int, index: int, width: int) -> None:
    """Level, index and width are checked when the address is made."""
    with pytest.raises(Invalid):
        Tile(level, index, width)


def test_an_append_changes_the_last_tile_and_what_follows() -> None:
    """From 255 to 513 leaves: three tiles of leaves, and the first of the level above."""
    assert changed_tiles(255, 513) == (Tile(0, 0), Tile(0, 1), Tile(0, 2, 1), Tile(1, 0, 2))
    assert changed_tiles(5, 6) == (Tile(0, 0, 6),)
    assert changed_tiles(256, 257) == (Tile(0, 1, 1),)
    assert changed_tiles(7, 7) == ()
    with pytest.raises(Invalid):
        changed_tiles(8, 7)


@pytest.mark.parametrize("sizes", [(0, 70_000), (0, 256), (255, 256), (255, 513), (65_535, 65_537), (300, 300)])
def test_what_is_written_is_what_changes(sizes: tuple[int, int]) -> None:
    """An append writes exactly the tiles that the geometry names, at exactly their widths."""
    old, new = sizes
    _, partials = append_tiles({}, 0, HASHES[:old])
    written, after = append_tiles(partials, old, HASHES[old:new])
    assert {Tile(level, index, len(row) // 32) for (level, index), row in written.items()} == set(
        changed_tiles(old, new)
    )
    assert {level: len(row) // 32 for level, row in after.items()} == {
        level: partial_width(level, new) for level in range(3) if partial_width(level, new)
    }


def test_each_hash_of_a_tile_is_the_root_of_its_leaves() -> None:
    """At every level the hashes in a tile are the Merkle tree hashes that the specification lists."""
    written, _ = append_tiles({}, 0, HASHES)
    assert written[0, 0] == _row(HASHES[:256])
    assert written[1, 0] == _row([root_of(HASHES[at : at + 256]) for at in range(0, 65_536, 256)])
    assert written[2, 0] == root_of(HASHES[:65_536])
    assert len(written[1, 0]) == TILE_BYTES


def test_batches_of_any_size_write_the_same_tiles() -> None:
    """Appending one by one, by tens or at once leaves the same last contents of every tile."""
    once, edge = append_tiles({}, 0, HASHES[:1000])
    for step in (1, 10, 333):
        tiles: dict[tuple[int, int], bytes] = {}
        partials: dict[int, bytes] = {}
        for start in range(0, 1000, step):
            written, partials = append_tiles(partials, start, HASHES[start : min(start + step, 1000)])
            tiles |= written
        assert (tiles, partials) == (once, edge)


def test_partial_tiles_of_another_size_are_tampered() -> None:
    """A store that lost, gained or cut a partial tile is found before anything is appended."""
    _, partials = append_tiles({}, 0, HASHES[:300])
    for wrong in ({}, partials | {2: HASHES[0]}, partials | {0: partials[0][:-32]}, partials | {0: partials[0][:-1]}):
        with pytest.raises(Tampered):
            append_tiles(wrong, 300, HASHES[300:310])


def test_a_range_falls_into_perfect_subtrees_that_each_lie_in_one_tile() -> None:
    """The right edge of 1,000 leaves is 512, 256, 128, 64, 32 and 8; whole tiles are read one level up."""
    assert [1 << height for height, _ in perfect_subtrees(0, 1000)] == [512, 256, 128, 64, 32, 8]
    assert locate(7, 3) == (0, 1, 128, 128)
    assert locate(8, 3) == (1, 0, 3, 1)
    assert locate(9, 1) == (1, 0, 2, 2)


def test_a_proof_reads_few_tiles() -> None:
    """An inclusion proof in a million entries reads three tiles, with the widths that a log of this size serves."""
    assert tiles_for_proof(inclusion_ranges(0, 1 << 20), 1 << 20) == (Tile(0, 0), Tile(1, 0), Tile(2, 0, 16))
    assert tiles_for_proof(consistency_ranges(300, 1000), 1000) == (Tile(0, 1), Tile(0, 3, 232), Tile(1, 0, 3))


def test_entries_come_out_of_a_bundle_as_they_went_in() -> None:
    """Empty entries, the longest entries and joined bundles survive."""
    entries = (b"", b"a", b"\0" * 65_535)
    assert encode_bundle([b"", b"ab"]) == b"\0\0\0\2ab"
    assert decode_bundle(encode_bundle(entries[:1]) + encode_bundle(entries[1:])) == entries


def test_an_entry_too_long_for_its_length_is_refused() -> None:
    """65,536 bytes do not fit the two-byte length."""
    with pytest.raises(Invalid):
        encode_bundle([b"\0" * 65_536])


@pytest.mark.parametrize("bundle", [b"\0", b"\0\1", b"\0\2a", b"\0\1aa", b"\0\0" * 257])
def test_a_bundle_cut_short_or_overfull_is_tampered(bundle: bytes) -> None:
    """A bundle ends where an entry ends, and holds at most 256."""
    with pytest.raises(Tampered):
        decode_bundle(bundle)


def test_a_bundle_is_addressed_like_a_tile() -> None:
    """Level ``ENTRIES`` is written as a word."""
    assert path(Tile(ENTRIES, 1_234_067, 3)) == "tile/entries/x001/x234/067.p/3"
    assert parse_path("tile/entries/000") == Tile(ENTRIES, 0)
