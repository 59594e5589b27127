"""Publish the log: tiles, entries and a signed checkpoint, as other people's tools read them; and have it cosigned."""

from __future__ import annotations

from collections.abc import Iterator

from shouxin.actors.account import Token
from shouxin.errors import RolledBack, Tampered
from shouxin.ledger.checkpoint import open_checkpoint
from shouxin.ledger.note import Verifier
from shouxin.ledger.proof import consistency_proof
from shouxin.ledger.store import LedgerReader
from shouxin.ledger.tiles import ENTRIES, Tile, changed_tiles, path
from shouxin.ledger.witness import format_request
from shouxin.operations.acting import begin
from shouxin.operations.auditing.verify_published import published_bytes
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records

__all__ = ["accept_cosignature", "publish", "witness_request"]


def _files(ledger: LedgerReader, old: int, size: int) -> Iterator[tuple[str, bytes]]:
    """Yield what became of the log between two sizes: hash tiles and entry bundles, by path."""
    for tile in changed_tiles(old, size):
        yield path(tile), published_bytes(ledger, tile)
        if tile.level == 0:
            bundle = Tile(ENTRIES, tile.index, tile.width)
            yield path(bundle), published_bytes(ledger, bundle)


def publish(workspace: Workspace, token: Token) -> str:
    """Sign the log as it stands, publish tiles, entries, checkpoint and verifier, and return the checkpoint.

    Raises:
        RolledBack: a larger checkpoint was published before. Refused, NotSignedIn: the caller may not.
    """
    workspace.data.transact(
        lambda records: begin(workspace, records, token).need("operator", "dpo", "auditor"), covered=True
    )
    note = workspace.shelf.get() or ""
    size = workspace.head.open(note).size
    before = workspace.publication.checkpoint()
    old = 0 if before is None else workspace.head.open(before).size
    if old > size:
        raise RolledBack("a larger checkpoint was published before")

    def work(records: Records) -> None:
        workspace.publication.put_tiles(_files(records.ledger, old, size))

    workspace.data.read(work)
    if old < size or before is None:
        workspace.publication.put_checkpoint(note)
    workspace.publication.put_verifier()
    return workspace.publication.checkpoint() or note


def witness_request(workspace: Workspace, known: int) -> str:
    """Return the request that asks a witness who knows ``known`` leaves to cosign the published checkpoint.

    **Source:** c2sp.org/tlog-witness, add-checkpoint.
    """
    note = workspace.publication.checkpoint()
    if note is None:
        raise RolledBack("nothing is published yet")
    size = workspace.head.open(note).size
    if known > size:
        raise RolledBack("the witness has seen a longer log than is published")
    proof = workspace.data.read(lambda records: consistency_proof(known, size, records.ledger.tile)) if known else ()
    return format_request(known, proof, note)


def accept_cosignature(workspace: Workspace, line: str, witness: Verifier) -> str:
    """Check a witness's cosignature over the published checkpoint, add it and publish; return the checkpoint.

    Raises:
        Tampered: the cosignature does not verify under ``witness``.
    """
    note = workspace.publication.checkpoint() or ""
    lines = [one for one in line.strip().split("\n") if one]
    known = [one for one in lines if one not in note.split("\n")]
    cosigned = note + "".join(f"{one}\n" for one in known)
    seen = open_checkpoint(cosigned, [workspace.head.verifier, witness])
    if all(one.verifier != witness for one in seen.cosignatures):  # lines of unknown keys are passed over
        raise Tampered("this is no cosignature of that witness over the published checkpoint")
    workspace.publication.put_checkpoint(cosigned)
    return cosigned
