"""An erasure as a value, and its life as one table (PIPL 47).

::

    planned ──▶ removed ──▶ live ──▶ sealed

``live``: the product can no longer open it. ``sealed``: nobody can, old copies of keyring and index included, because
the epoch under which they were wrapped is gone. Every step is safe to repeat; after a crash the erasure goes on from
the state in its row. What happened to each part is one of four outcomes, never silence.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

import msgspec

from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import SubjectId
from shouxin.domain.steps import next_state
from shouxin.vault.attestation import TableErased

__all__ = ["TRANSITIONS", "Erasure", "ErasureEvent", "ErasureState", "Outcome", "Part", "SystemReport", "follow"]


class Outcome(StrEnum):
    """What became of one part."""

    ERASED = "erased"
    NOTHING_FOUND = "nothing-found"
    RETAINED = "retained"
    FAILED = "failed"


class ErasureState(StrEnum):
    """How far an erasure has come."""

    PLANNED = "planned"
    REMOVED = "removed"
    LIVE = "live"
    SEALED = "sealed"


class ErasureEvent(StrEnum):
    """What can happen to an erasure."""

    REMOVE = "remove"
    READ_BACK = "read-back"
    SEAL = "seal"


TRANSITIONS: Final[dict[tuple[ErasureState, ErasureEvent], ErasureState]] = {
    (ErasureState.PLANNED, ErasureEvent.REMOVE): ErasureState.REMOVED,
    (ErasureState.REMOVED, ErasureEvent.READ_BACK): ErasureState.LIVE,
    (ErasureState.LIVE, ErasureEvent.SEAL): ErasureState.SEALED,
}


# The rule that stands for 'nobody asked for this'.
NOT_IN_SCOPE: Final = "not-in-scope"


@dataclass(frozen=True, slots=True)
class Part:
    """One cell, edge or object within an erasure: where it stood and what becomes of it, with rule and article.

    ``kind`` is ``cell``, ``edge``, ``named-edge`` (somebody else's statement about this person), ``object`` or
    ``depiction`` (somebody else's object that shows this person). ``other`` is the other person of an edge.
    """

    kind: str
    identifier: bytes
    purpose: str
    term: str
    items: tuple[str, ...]
    outcome: Outcome
    rule: str = ""
    article: str = ""
    until: date | None = None
    other: SubjectId | None = None


@dataclass(frozen=True, slots=True)
class SystemReport:
    """What became of a person in one of the lender's own databases: counts of rows, and nothing of what they say.

    ``description`` is the digest of what says where people stand in it; ``leaf`` the event that records this.
    ``dialect`` is what kind of database it is, ``residual_days`` how long by the lender's word its dead rows and logs
    may hold what went (nothing: nobody said). ``again``: an earlier run, in which another database failed, may have
    erased there what this one did not find any more.
    """

    system: str
    description: str
    outcome: Outcome
    erased: int
    retained: int
    failed: int
    rules: tuple[str, ...]
    until: date | None
    at: Instant
    tables: tuple[TableErased, ...] = ()
    leaf: int = -1
    dialect: str = ""
    residual_days: int | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure, as its authority row says it.

    ``generation`` is that of the subject key which is destroyed; ``epoch`` the one under which old copies of the
    keyring can still be opened. ``leaves`` are its events in the ledger, in order. ``systems`` are the lender's own
    databases, which were erased before; ``order`` is the order behind it, ``barred_until`` how long a tag keeps
    them out, under the card ``barred_by``.
    """

    subject: SubjectId
    operation: bytes
    scope: str
    parts: tuple[Part, ...]
    generation: int
    epoch: int
    planned: Instant
    state: ErasureState = ErasureState.PLANNED
    live: Instant | None = None
    sealed: Instant | None = None
    leaves: tuple[int, ...] = ()
    accountable_until: date | None = None
    was_frozen: bool = False
    systems: tuple[SystemReport, ...] = ()
    order: bytes = b""
    barred_until: date | None = None
    barred_by: str = ""

    def having(self, outcome: Outcome) -> list[Part]:
        """Return the parts with that outcome."""
        return [part for part in self.parts if part.outcome is outcome]

    @property
    def outcome(self) -> str:
        """The outcome of the whole: ``erased``, ``erased-in-part``, ``retained`` or ``nothing-found``."""
        erased = self.having(Outcome.ERASED)
        retained = [part for part in self.having(Outcome.RETAINED) if part.rule != NOT_IN_SCOPE]
        if erased:
            return "erased-in-part" if self.having(Outcome.RETAINED) else "erased"
        return "retained" if retained else "nothing-found"

    def digest(self) -> bytes:
        """Return SHA-256 over what was planned: the parts as a certificate lists them, in canonical JSON (RFC 8785)."""
        return hashlib.sha256(msgspec.json.encode(self.listed(), order="sorted")).digest()

    def listed(self) -> tuple[Part, ...]:
        """Return the parts as a certificate lists them: without whom else they name."""
        return tuple(part if part.other is None else replace(part, other=None) for part in self.parts)

    def kept(self) -> frozenset[bytes]:
        """Return the identifiers of own parts that stay."""
        own = {"cell", "edge", "object"}
        return frozenset(part.identifier for part in self.having(Outcome.RETAINED) if part.kind in own)


def follow(erasure: Erasure, event: ErasureEvent, leaf: int) -> Erasure:
    """Return ``erasure`` one step further, with the leaf that records the step.

    Raises:
        NotInThisState: the table has no such step.
    """
    after = next_state(TRANSITIONS, erasure.state, event, "an erasure")
    return replace(erasure, state=after, leaves=(*erasure.leaves, leaf))
