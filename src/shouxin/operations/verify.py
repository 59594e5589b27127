"""Verify the ledger, and state against the ledger: what an auditor runs (laws 3 and 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from shouxin.domain.authority import AuthorityKind
from shouxin.domain.event import Event
from shouxin.errors import Tampered
from shouxin.ledger.checkpoint import Checkpoint
from shouxin.ledger.log import Audit, Flaw, FlawKind, audit
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records

__all__ = ["verify_ledger"]


def _heads(
    workspace: Workspace, published: Iterable[tuple[str, str]], flaws: list[Flaw]
) -> list[tuple[str, Checkpoint]]:
    """Check the signature of every checkpoint there is; one that does not verify is a finding, not an error."""
    heads: list[tuple[str, Checkpoint]] = []
    shelf = workspace.shelf.get()
    notes = [*([("apart/checkpoint", shelf)] if shelf is not None else []), *published]
    for name, note in notes:
        try:
            heads.append((name, workspace.head.open(note)))
        except Tampered as error:
            flaws.append(Flaw(FlawKind.BROKEN_SIGNATURE, name, error.detail))
    return heads


def verify_ledger(
    workspace: Workspace,
    *,
    published: Iterable[tuple[str, str]] = (),
    step: Callable[[int], None] = lambda _done: None,
) -> Audit:
    """Check every leaf, tile and checkpoint, every intent, and every row that carries authority.

    ``published`` are checkpoints found elsewhere, each with a name. Never raises for what it finds: findings are in the
    audit. Needs no sign-in: it shows nothing but the state of the record.
    """
    early: list[Flaw] = []
    heads = _heads(workspace, published, early)

    def work(records: Records) -> Audit:
        live: set[str] = set()
        superseded: dict[str, int] = {}

        def look(leaf: int, event: Event) -> None:
            row, was = event.facts.get("row"), event.facts.get("was")
            if isinstance(row, str) and isinstance(was, str):
                live.add(row)
                superseded[was] = leaf

        found = audit(records.ledger, heads, look=look, step=step)
        found.flaws[:0] = early
        found.flaws += _rows(records, live, superseded)
        return found

    return workspace.data.read(work)


def _rows(records: Records, live: set[str], superseded: dict[str, int]) -> list[Flaw]:
    """Hold every authority row against the events: it must be one that was recorded, and its latest version."""
    flaws: list[Flaw] = []
    for kind in AuthorityKind:
        for row in records.authority.find(kind):
            place = f"{kind.value}/{row.identifier.hex()[:8]}"
            mac = row.mac.hex()
            if mac not in live:
                flaws.append(Flaw(FlawKind.ALTERED_ROW, place, "no event vouches for this row"))
            elif mac in superseded:
                flaws.append(Flaw(FlawKind.ALTERED_ROW, place, f"an old version was put back; see {superseded[mac]}"))
    return flaws
