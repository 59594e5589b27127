"""Reading a whole log: its root at any size, and the audit that names what is wrong (law 3).

``audit`` trusts nothing that the store says about itself: it hashes every leaf anew, builds every tile from the
leaves, and holds the result against the tiles stored, the head stored, and every signed checkpoint it is given. It
says which of these it found, and where:

======================  ===============================================================================
``altered-entry``       a leaf is not what its tile says (or does not read as an event)
``altered-tile``        the leaves are right, a stored tile is not
``altered-publication`` a published file is not what the log says, or is missing
``gap``                 a leaf is missing
``truncation``          the log ends before its head says
``rollback``            the log is shorter than a checkpoint that was signed for it
``fork``                a signed checkpoint has another root for a size that the log has
``broken-signature``    a checkpoint does not verify under the keys that the caller trusts
``altered-row``         a row that carries authority is not the latest that an event vouches for
``orphan-key``          a key whose cell, object or person is missing
``missing-key``         a cell or object whose key is missing: it can never be opened
``loose-tag``           the index leads to a cell that does not stand
``missing-object``      an object is not in the store where its row says it stands
``loose-object``        a store has an object that should not be there
``altered-object``      an object is not what was sealed
``readable-again``      what a finished erasure says is gone has a key, a row or an object
``unreachable``         a store could not be asked (no tampering; the audit is incomplete)
``unfinished-intent``   an operation began and neither finished nor was taken up again (no tampering)
======================  ===============================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from shouxin.domain.event import Event
from shouxin.domain.event_kind import EventStage
from shouxin.domain.vocabulary import VOCABULARY
from shouxin.errors import Tampered
from shouxin.ledger.checkpoint import Checkpoint
from shouxin.ledger.entry import decode
from shouxin.ledger.store import LedgerReader
from shouxin.ledger.tree import Frontier, leaf_hash
from shouxin.ledger.weigh import Weighed, weigh

__all__ = ["Audit", "Flaw", "FlawKind", "audit"]

PAGE: Final = 4096


class FlawKind(StrEnum):
    """What an audit can find; see the module."""

    ALTERED_ENTRY = "altered-entry"
    ALTERED_TILE = "altered-tile"
    ALTERED_PUBLICATION = "altered-publication"
    GAP = "gap"
    TRUNCATION = "truncation"
    ROLLBACK = "rollback"
    FORK = "fork"
    BROKEN_SIGNATURE = "broken-signature"
    ALTERED_ROW = "altered-row"
    ORPHAN_KEY = "orphan-key"
    MISSING_KEY = "missing-key"
    LOOSE_TAG = "loose-tag"
    MISSING_OBJECT = "missing-object"
    LOOSE_OBJECT = "loose-object"
    ALTERED_OBJECT = "altered-object"
    READABLE_AGAIN = "readable-again"
    UNREACHABLE = "unreachable"
    UNFINISHED_INTENT = "unfinished-intent"


@dataclass(frozen=True, slots=True)
class Flaw:
    """One finding: ``place`` is a leaf, a ``tile/…`` path or the name of a checkpoint."""

    kind: FlawKind
    place: str
    detail: str

    @property
    def is_integrity(self) -> bool:
        """Say whether this is tampering; an unfinished intent waits to be resumed, a store to be asked again."""
        return self.kind not in {FlawKind.UNFINISHED_INTENT, FlawKind.UNREACHABLE}


@dataclass(slots=True)
class Audit:
    """What was really checked, and what was found. ``unknown`` are leaves that are missing or not what they were."""

    entries: int = 0
    tiles: int = 0
    checkpoints: int = 0
    size: int = 0
    root: bytes = b""
    flaws: list[Flaw] = field(default_factory=list)
    unknown: set[int] = field(default_factory=set)

    @property
    def intact(self) -> bool:
        """Say whether no flaw of integrity was found."""
        return not any(flaw.is_integrity for flaw in self.flaws)


def _scan(
    ledger: LedgerReader, found: Audit, look: Callable[[int, Event], None], step: Callable[[int], None]
) -> list[bytes | None]:
    """Read every leaf; return its hash, or nothing where it is missing."""
    hashes: list[bytes | None] = []
    for start in range(0, ledger.size, PAGE):
        for leaf, body in ledger.entries(start, min(start + PAGE, ledger.size)):
            while len(hashes) < leaf:
                found.unknown.add(len(hashes))
                found.flaws.append(Flaw(FlawKind.GAP, str(len(hashes)), "this leaf is missing"))
                hashes.append(None)
            hashes.append(leaf_hash(body))
            found.entries += 1
            try:
                look(leaf, decode(body))
            except Tampered as error:
                found.unknown.add(leaf)
                found.flaws.append(Flaw(FlawKind.ALTERED_ENTRY, str(leaf), error.detail))
        step(len(hashes))
    if len(hashes) < ledger.size:
        detail = f"the head says {ledger.size} leaves, the last one found is {len(hashes) - 1}"
        found.flaws.append(Flaw(FlawKind.TRUNCATION, str(len(hashes)), detail))
        found.unknown.update(range(len(hashes), ledger.size))
        hashes += [None] * (ledger.size - len(hashes))
    return hashes


def _check_heads(weighed: Weighed, heads: Iterable[tuple[str, Checkpoint]], found: Audit) -> None:
    """Hold every signed checkpoint against the leaves; what a truncation explains is not also a rollback."""
    for name, head in heads:
        found.checkpoints += 1
        if head.size > found.size:
            detail = f"{head.size} leaves were signed, the log has {found.size}"
            found.flaws.append(Flaw(FlawKind.ROLLBACK, name, detail))
        elif not weighed.fits(head):
            detail = f"another history was signed for the first {head.size} leaves"
            found.flaws.append(Flaw(FlawKind.FORK, name, detail))


def audit(
    ledger: LedgerReader,
    heads: Iterable[tuple[str, Checkpoint]],
    *,
    look: Callable[[int, Event], None] = lambda _leaf, _event: None,
    step: Callable[[int], None] = lambda _done: None,
) -> Audit:
    """Check the whole log and return what was checked and found; a consequence of a finding is no second finding.

    ``heads`` are checkpoints whose signatures the caller has verified, each with a name; ``look`` sees every event on
    the way (for audits of state against log); ``step`` is told how many leaves are done. Memory: 32 bytes a leaf.
    """
    found = Audit(size=ledger.size)
    named = list(heads)
    open_intents: dict[bytes, int] = {}

    def follow(leaf: int, event: Event) -> None:
        stage = VOCABULARY[event.kind][0]
        if stage is EventStage.INTENT:
            open_intents[event.operation] = leaf
        elif stage is EventStage.OUTCOME:
            open_intents.pop(event.operation, None)
        look(leaf, event)

    leaves = _scan(ledger, found, follow, step)
    weighed = weigh(ledger, leaves, [head for _, head in named])
    found.tiles = weighed.looked_at
    for leaf in weighed.entries:
        if leaf not in found.unknown:  # or it was named already: it does not read
            found.unknown.add(leaf)
            found.flaws.append(Flaw(FlawKind.ALTERED_ENTRY, str(leaf), "this leaf is not what its tile hashes"))
    found.flaws += [Flaw(FlawKind.ALTERED_TILE, place, detail) for place, detail in weighed.tiles.items()]
    found.root = Frontier().extend(weighed.hashes).root()
    _check_heads(weighed, named, found)
    for leaf in open_intents.values():
        if max(found.unknown, default=-1) < leaf:  # else its outcome may be among what is lost
            detail = "an operation began here and has no outcome yet: run it again"
            found.flaws.append(Flaw(FlawKind.UNFINISHED_INTENT, str(leaf), detail))
    return found
