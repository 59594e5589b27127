"""Weigh leaves against tiles: which of the two is wrong where they differ, and what follows only from that.

Two things are stored of every leaf, its bytes and its hash in a tile, and above both stand hashes that others vouch
for: the tile of the next level, and the signed heads. Where they differ, the side that those agree with is right. A
leaf that is missing counts as what its tile says, so that a gap is a gap and not also a fork; if the heads do not agree
with that either, they say so themselves. Where nobody vouches for either side (behind the last signed head, in a tile
that is not full), one leaf that differs is held for altered, a whole tile that differs for an altered tile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from shouxin.errors import Tampered
from shouxin.ledger.checkpoint import Checkpoint
from shouxin.ledger.store import LedgerReader
from shouxin.ledger.tiles import TILE_WIDTH, Tile, append_tiles, changed_tiles
from shouxin.ledger.tree import HASH_BYTES, Frontier, root_of

__all__ = ["Weighed", "weigh"]

_UNKNOWN: Final = bytes(HASH_BYTES)
_Rows = dict[int, list[bytes]]


@dataclass(slots=True)
class Weighed:
    """``hashes`` of the leaves as far as they can be known; which ``entries`` and ``tiles`` are not what they were.

    ``tiles`` maps a place to what is wrong there. ``known`` counts the leaves from the first on whose hash is known.
    """

    hashes: list[bytes]
    known: int
    entries: list[int] = field(default_factory=list)
    tiles: dict[str, str] = field(default_factory=dict)
    looked_at: int = 0

    def fits(self, head: Checkpoint) -> bool:
        """Say whether a signed head agrees with the leaves; one that reaches behind what is known does."""
        return head.size > self.known or Frontier().extend(self.hashes[: head.size]).root() == head.root


def weigh(ledger: LedgerReader, leaves: Sequence[bytes | None], heads: Sequence[Checkpoint]) -> Weighed:
    """Hold ``leaves`` (hashes; nothing where one is missing) against every stored tile, and both against the heads."""
    found = Weighed([leaf or _UNKNOWN for leaf in leaves], len(leaves))
    stored = _level_0(ledger, len(leaves), found)
    lost = (place for place, leaf in enumerate(leaves) if leaf is None and place // TILE_WIDTH not in stored)
    found.known = next(lost, len(leaves))
    differing: list[int] = []
    for index, row in stored.items():
        at = index * TILE_WIDTH
        for place, (leaf, hashed) in enumerate(zip(leaves[at : at + TILE_WIDTH], row, strict=True), at):
            if leaf is None:
                found.hashes[place] = hashed
            elif leaf != hashed and index not in differing:
                differing.append(index)
    for index in differing:
        _judge(ledger, index, stored[index], heads, found)
    _above(ledger, found)
    return found


def _level_0(ledger: LedgerReader, size: int, found: Weighed) -> _Rows:
    """Return the hashes of every tile of leaves that reads as one."""
    rows: _Rows = {}
    for tile in changed_tiles(0, size):
        if tile.level:
            break
        found.looked_at += 1
        try:
            content = ledger.tile(0, tile.index)
        except Tampered as error:
            found.tiles[_place(tile)] = error.detail
            continue
        if len(content) == tile.width * HASH_BYTES:
            rows[tile.index] = [content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES)]
        else:
            found.tiles[_place(tile)] = "this tile has more or fewer hashes than the log has leaves for it"
    return rows


def _judge(
    ledger: LedgerReader,
    index: int,
    row: list[bytes],
    heads: Sequence[Checkpoint],
    found: Weighed,
) -> None:
    """Decide for one tile that differs from its leaves, and take the side that is right into ``found``."""
    at = index * TILE_WIDTH
    mine = found.hashes[at : at + len(row)]  # of leaves; a missing one is as the tile says
    wrong = [at + place for place, (leaf, hashed) in enumerate(zip(mine, row, strict=True)) if leaf != hashed]
    sides = {"entries": row, "tile": mine}
    vouched = [name for name, side in sides.items() if _vouched(ledger, index, side)] or [
        name for name, side in sides.items() if _signed(found, at, side, heads)
    ]
    whole = len(wrong) == len(row) > 1
    verdict = vouched[0] if len(vouched) == 1 else ("tile" if whole else "entries")
    if verdict == "tile":
        found.tiles[_place(Tile(0, index, len(row)))] = "this tile is not what its leaves hash to"
    else:
        found.entries += wrong
        found.hashes[at : at + len(row)] = row


def _vouched(ledger: LedgerReader, index: int, side: list[bytes]) -> bool:
    """Say whether the tile above, which exists once a tile is full, has the root of these hashes."""
    if len(side) < TILE_WIDTH:
        return False
    above, place = divmod(index, TILE_WIDTH)
    try:
        return ledger.tile(1, above)[place * HASH_BYTES : (place + 1) * HASH_BYTES] == root_of(side)
    except Tampered:
        return False


def _signed(found: Weighed, at: int, side: list[bytes], heads: Sequence[Checkpoint]) -> bool:
    """Say whether every signed head that reaches into this tile agrees with these hashes."""
    tried = Weighed([*found.hashes[:at], *side, *found.hashes[at + len(side) :]], found.known)
    return all(tried.fits(head) for head in heads if at < head.size)


def _above(ledger: LedgerReader, found: Weighed) -> None:
    """Hold every tile of hashes of tiles against what follows from the leaves, as far as these are known."""
    built, _ = append_tiles({}, 0, found.hashes)
    for tile in changed_tiles(0, len(found.hashes)):
        if not tile.level:
            continue
        found.looked_at += 1
        end = (tile.index * TILE_WIDTH + tile.width) * TILE_WIDTH**tile.level
        try:
            stored = ledger.tile(tile.level, tile.index)
        except Tampered as error:
            found.tiles[_place(tile)] = error.detail
            continue
        if stored != built[tile.level, tile.index] and end <= found.known:
            found.tiles[_place(tile)] = "this tile does not follow from the leaves below it"


def _place(tile: Tile) -> str:
    return f"tile/{tile.level}/{tile.index}"
