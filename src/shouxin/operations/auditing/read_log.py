"""Read the log, and prove that an entry is in it: for whoever watches over this institution from within.

Entries name nobody (law 3), yet who worked when is nobody else's business; so reading asks for a role. Whoever is
outside gets the published log and checks it without us.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.event import Event
from shouxin.domain.event_kind import EventKind
from shouxin.errors import Invalid, NotFound
from shouxin.ledger.entry import decode
from shouxin.ledger.proof import ProofFile, inclusion_proof
from shouxin.operations.acting import begin
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records

__all__ = ["Extract", "LeafProof", "prove_leaf", "read_ledger"]

READERS: Final = ("auditor", "dpo", "operator")
MOST: Final = 100_000


@dataclass(frozen=True, slots=True)
class Extract:
    """A part of the log: how many entries there are in all, and those that were asked for, by leaf."""

    size: int
    entries: tuple[tuple[int, Event], ...]


@dataclass(frozen=True, slots=True)
class LeafProof:
    """One entry with a C2SP tlog-proof file that is complete with a signed checkpoint over ``size`` entries."""

    leaf: int
    size: int
    entry: str
    proof: str


def read_ledger(workspace: Workspace, token: Token, first: int, last: int, *, kind: EventKind | None = None) -> Extract:
    """Return the entries from ``first`` to ``last``, both included; of one ``kind`` if that is given.

    Negative numbers count from the end: -1 is the newest. At most ``MOST`` entries; a ``kind`` is looked for in as many
    as there are, and the newest ``MOST`` are returned.

    Raises:
        NotFound: the log ends before ``first``. Invalid: more than ``MOST``.
        Refused, NotSignedIn: the caller may not.
    """

    def work(records: Records) -> Extract:
        begin(workspace, records, token).need(*READERS)
        size = records.ledger.size
        start = max(0, size + first) if first < 0 else first
        end = min(size, (size + last if last < 0 else last) + 1)
        if start >= size:
            raise NotFound("the log has no such entry")
        if kind is None and end - start > MOST:
            raise Invalid(f"at most {MOST} entries at a time", "last")
        found = [(leaf, decode(body)) for leaf, body in _of_kind(records, start, end, kind)]
        return Extract(size, tuple(found[-MOST:]))

    return workspace.data.read(work)


def _of_kind(records: Records, start: int, end: int, kind: EventKind | None) -> Iterator[tuple[int, bytes]]:
    """Yield the entries of a stretch; those of other kinds are left out by their bytes, before anything is decoded."""
    mark = b"" if kind is None else f'"event":"{kind.value}"'.encode()
    yield from ((leaf, body) for leaf, body in records.ledger.entries(start, end) if mark in body)


def prove_leaf(workspace: Workspace, token: Token, leaf: int) -> LeafProof:
    """Return the proof of one entry under a checkpoint that is signed and on the shelf on return.

    Raises:
        NotFound: the log has no such entry. Refused, NotSignedIn: the caller may not.
    """
    workspace.data.transact(lambda records: begin(workspace, records, token).need(*READERS), covered=True)
    note = workspace.shelf.get()
    size = 0 if note is None else workspace.head.open(note).size
    if note is None or not 0 <= leaf < size:
        raise NotFound("the log has no such entry")

    def work(records: Records) -> LeafProof:
        proof = ProofFile(leaf, inclusion_proof(leaf, size, records.ledger.tile), note)
        return LeafProof(leaf, size, records.ledger.entry(leaf).decode(), str(proof))

    return workspace.data.read(work)
