"""Tiles: how a log of any size is cut into small immutable files (c2sp.org/tlog-tiles).

Laws of this file. A tile of level L holds up to 256 neighbouring hashes of perfect subtrees of 256**L leaves. A full
tile never changes again and becomes one hash of the level above; a partial one only grows, and is never hashed
upwards. An empty tile does not exist. A bundle of entries is addressed like a tile, at level ``ENTRIES``.

Called by the store, which keeps one row per tile; by ``proof``, which reads tiles; by whoever exports a log as files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from shouxin.errors import Invalid, Tampered
from shouxin.ledger.tree import HASH_BYTES, concatenated, root_of_row

__all__ = [
    "ENTRIES",
    "MAX_ENTRY_BYTES",
    "TILE_BYTES",
    "TILE_HEIGHT",
    "TILE_WIDTH",
    "Tile",
    "append_tiles",
    "changed_tiles",
    "decode_bundle",
    "encode_bundle",
    "locate",
    "parse_path",
    "partial_width",
    "path",
    "perfect_subtrees",
    "tiles_for_proof",
]

ENTRIES: Final = -1
TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 1 << TILE_HEIGHT
TILE_BYTES: Final = TILE_WIDTH * HASH_BYTES
_MAX_LEVEL: Final = 63
MAX_ENTRY_BYTES: Final = 65_535

_PATH: Final = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([0-9]{1,3}))?", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """The address of a tile: level (0-63, or ``ENTRIES``), index within the level (from 0), width (1-256).

    Raises:
        Invalid: a number outside its range.
    """

    level: int
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        if not (ENTRIES <= self.level <= _MAX_LEVEL and self.index >= 0 and 1 <= self.width <= TILE_WIDTH):
            raise Invalid("a tile has a level of 0 to 63, an index from 0 and a width of 1 to 256")


def path(tile: Tile) -> str:
    """Return where the tile is served, below the log's prefix: ``tile/0/x001/x234/067.p/5``.

    **Source:** c2sp.org/tlog-tiles, "Merkle Tree" and "Log entries".
    """
    level = "entries" if tile.level == ENTRIES else str(tile.level)
    groups = [f"{tile.index % 1000:03}"]
    rest = tile.index // 1000
    while rest:
        groups.insert(0, f"x{rest % 1000:03}")
        rest //= 1000
    partial = "" if tile.width == TILE_WIDTH else f".p/{tile.width}"
    return f"tile/{level}/{'/'.join(groups)}{partial}"


def parse_path(text: str) -> Tile:
    """Read what ``path`` wrote, and nothing that it would have written otherwise.

    Raises:
        Invalid: not a tile path, or not its one canonical form (leading zeroes, a partial of 256).
    """
    found = _PATH.fullmatch(text)
    if found is None:
        raise Invalid("not a tile path")
    level, groups, width = found.groups()
    tile = Tile(
        ENTRIES if level == "entries" else int(level),
        int(groups.replace("x", "").replace("/", "")),
        int(width) if width else TILE_WIDTH,
    )
    if path(tile) != text:
        raise Invalid("a tile path is not in its canonical form")
    return tile


def partial_width(level: int, size: int) -> int:
    """Return the width (0-255) of the partial tile at ``level`` of a log of ``size`` leaves; 0 means none.

    **Source:** c2sp.org/tlog-tiles, "Partial Tiles".
    """
    return (size >> (TILE_HEIGHT * level)) % TILE_WIDTH


def changed_tiles(old_size: int, new_size: int) -> tuple[Tile, ...]:
    """Return the hash tiles that an append from ``old_size`` to ``new_size`` leaves makes or widens.

    From 0 these are all tiles of the log. Level by level, left to right. The entry bundles are those of level 0.

    Raises:
        Invalid: a log does not shrink.
    """
    if not 0 <= old_size <= new_size:
        raise Invalid("a log only grows")
    changed: list[Tile] = []
    level = 0
    before, after = old_size, new_size
    while before < after:
        changed += [
            Tile(level, index, min(TILE_WIDTH, after - index * TILE_WIDTH))
            for index in range(before // TILE_WIDTH, -(-after // TILE_WIDTH))
        ]
        level, before, after = level + 1, before // TILE_WIDTH, after // TILE_WIDTH
    return tuple(changed)


def perfect_subtrees(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the perfect subtrees over leaves ``start`` to ``end`` (exclusive), largest first, as (height, position).

    Position counts subtrees of that height from the left of the log. ``start`` is a multiple of the largest power of
    two within the range, as in every subtree that RFC 6962 names.
    """
    while start < end:
        height = (end - start).bit_length() - 1
        yield height, start >> height
        start += 1 << height


def locate(height: int, position: int) -> tuple[int, int, int, int]:
    """Return where a perfect subtree lies: tile level, tile index, first hash within the tile, number of hashes.

    It is always within one tile, because 256 is a power of two.
    """
    level, above = divmod(height, TILE_HEIGHT)
    index, first = divmod(position << above, TILE_WIDTH)
    return level, index, first, 1 << above


def tiles_for_proof(ranges: Iterable[tuple[int, int]], size: int) -> tuple[Tile, ...]:
    """Return the tiles that a proof over these leaf ranges reads, as a log of ``size`` leaves serves them.

    ``ranges`` come from ``proof.inclusion_ranges`` or ``proof.consistency_ranges``. A client fetches these in
    parallel, then computes.
    """
    tiles: set[Tile] = set()
    for start, end in ranges:
        for height, position in perfect_subtrees(start, end):
            level, index, _, _ = locate(height, position)
            width = (size >> (TILE_HEIGHT * level)) - index * TILE_WIDTH
            tiles.add(Tile(level, index, min(TILE_WIDTH, width)))
    return tuple(sorted(tiles))


def append_tiles(
    partials: Mapping[int, bytes], old_size: int, leaf_hashes: Sequence[bytes]
) -> tuple[dict[tuple[int, int], bytes], dict[int, bytes]]:
    """Return what appending ``leaf_hashes`` to a log of ``old_size`` leaves writes.

    ``partials`` are the contents of the partial tiles of the old log, by level; a level whose width is 0 is absent.
    The first result maps (level, index) to the contents of every tile made or widened: a full tile has 8,192 bytes.
    The second is ``partials`` of the new log. One hashing per leaf, done when its tile fills.

    Raises:
        Tampered: the partial tiles do not fit the old size.
        Invalid: a leaf hash is not 32 bytes.
    """
    edge = dict(partials)
    levels = range(-(-old_size.bit_length() // TILE_HEIGHT))
    expected = {
        level: partial_width(level, old_size) * HASH_BYTES for level in levels if partial_width(level, old_size)
    }
    if {level: len(row) for level, row in edge.items()} != expected:
        raise Tampered("the partial tiles do not fit the size of the log")
    written: dict[tuple[int, int], bytes] = {}
    row = concatenated(leaf_hashes)
    level = 0
    while row:
        row = edge.pop(level, b"") + row
        index = old_size >> (TILE_HEIGHT * (level + 1))
        full: list[bytes] = []
        for at in range(0, len(row), TILE_BYTES):
            tile = row[at : at + TILE_BYTES]
            written[level, index] = tile
            index += 1
            if len(tile) == TILE_BYTES:
                full.append(root_of_row(tile))
            else:
                edge[level] = tile
        row = b"".join(full)
        level += 1
    return written, edge


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """Return entries as a bundle: each after its length in two bytes, big-endian. Bundles join by concatenation.

    Raises:
        Invalid: an entry of more than 65,535 bytes.

    **Source:** c2sp.org/tlog-tiles, "Log entries".
    """
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > MAX_ENTRY_BYTES:
            raise Invalid(f"a log entry has at most {MAX_ENTRY_BYTES} bytes")
        parts += (len(entry).to_bytes(2, "big"), entry)
    return b"".join(parts)


def decode_bundle(bundle: bytes) -> tuple[bytes, ...]:
    """Return the entries of a bundle, in order.

    Raises:
        Tampered: it ends within an entry, or holds more than 256.
    """
    entries: list[bytes] = []
    at = 0
    while at < len(bundle):
        start = at + 2
        at = start + int.from_bytes(bundle[at:start], "big")
        entries.append(bundle[start:at])
    if at != len(bundle) or len(entries) > TILE_WIDTH:
        raise Tampered("an entry bundle is cut short or holds too many entries")
    return tuple(entries)
