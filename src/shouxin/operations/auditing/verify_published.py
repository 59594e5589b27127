"""Hold what was published against the log: whoever checks us from outside reads these files and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from shouxin.errors import IntegrityError, Invalid, Tampered
from shouxin.ledger.log import Flaw, FlawKind
from shouxin.ledger.store import LedgerReader
from shouxin.ledger.tiles import ENTRIES, TILE_WIDTH, Tile, changed_tiles, encode_bundle, parse_path, path
from shouxin.operations.copies import VERIFIER
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records

__all__ = ["altered_publication", "published_bytes"]


def published_bytes(ledger: LedgerReader, tile: Tile) -> bytes:
    """Return what is published of a tile or bundle of the width that it names."""
    if tile.level != ENTRIES:
        return ledger.tile(tile.level, tile.index)[: tile.width * 32]
    start = tile.index * TILE_WIDTH
    return encode_bundle(body for _, body in ledger.entries(start, start + tile.width))


def altered_publication(workspace: Workspace, records: Records) -> Iterator[Flaw]:
    """Yield every published file that is not what the log says, and every one that a reader needs and is missing.

    Looked at: the log's key, the verifier of certificates, hash tiles, entry bundles, also those that were published
    when the log was smaller. The checkpoint is held against the log with the other signed heads. Files of other names
    are nobody's promise.

    Raises:
        Misconfigured: this installation lacks the verifier that ships.
    """
    publication, ledger = workspace.publication, records.ledger
    yield from _altered_beside(workspace)
    note = publication.checkpoint()
    try:
        size = 0 if note is None else workspace.head.open(note).size
    except (Invalid, IntegrityError):
        return  # named with the signed heads
    needed: set[str] = set()
    for tile in changed_tiles(0, min(size, ledger.size)):
        needed.add(path(tile))
        if not tile.level:
            needed.add(path(Tile(ENTRIES, tile.index, tile.width)))
    for name in sorted(needed | set(publication.names("tile"))):
        content = publication.read(name)
        try:
            expected = published_bytes(ledger, parse_path(name))
        except Invalid:
            continue
        except Tampered:
            expected = None
        if content is None:
            yield _flaw(name, "this file was published and is missing")
        elif content != expected:
            yield _flaw(name, "this file is not what the log says")


def _altered_beside(workspace: Workspace) -> Iterator[Flaw]:
    """Yield what a reader needs beside the log and is not as it should be: the log's key, the verifier."""
    publication = workspace.publication
    if publication.read("log.vkey") != f"{workspace.head.vkey}\n".encode():
        yield _flaw("log.vkey", "this is not the key under which the log is signed")
    if publication.read(VERIFIER) != publication.verifier():
        yield _flaw(VERIFIER, "this is not the verifier that ships; right after an update, publish again")


def _flaw(name: str, detail: str) -> Flaw:
    return Flaw(FlawKind.ALTERED_PUBLICATION, f"public/{name}", detail)
