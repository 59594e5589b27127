"""The record of destroying what software cannot shred: paper, a disk, a recipient's copy; its life as one table.

::

    open ──▶ open (first witness) ──▶ destroyed           open ──▶ escalated when its date has passed ──▶ destroyed

Two different people, neither of whom is the owner, see the thing destroyed, each signs in and says so with the serial
that they read on it and with evidence; the evidence is kept as its hash, the serial as a keyed hash: it could be
somebody's contract number. Until both have, the record is a residual with an owner and a date.

**Source:** NIST SP 800-88r1 section 2.5 (clear, purge, destroy) and appendix A (what suits which medium).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import AccountId, OperationId, SubjectId
from shouxin.domain.paper import check_paper
from shouxin.domain.steps import next_state
from shouxin.errors import Invalid, Refused

__all__ = [
    "METHODS",
    "TRANSITIONS",
    "DestructionEvent",
    "DestructionRecord",
    "DestructionResidual",
    "DestructionState",
    "DestructionWitness",
    "Medium",
    "check_method",
    "escalate",
    "residual_of",
    "witness",
]

WITNESSES: Final = 2
_TWO: Final = [("two-witnesses", "PIPL 51(1)(4)")]


class Medium(StrEnum):
    """What is to be destroyed; ``recipient-copy`` is whatever somebody outside holds.

    ``database-rows`` are rows of a person who is erased here that a law kept in a database of the lender's.
    """

    PAPER = "paper"
    DISK = "disk"
    FLASH = "flash"
    TAPE = "tape"
    OPTICAL = "optical"
    RECIPIENT_COPY = "recipient-copy"
    DATABASE_ROWS = "database-rows"


_ANY_DESTROY: Final = frozenset({"destroy-disintegrate", "destroy-incinerate", "destroy-pulverize", "destroy-shred"})
_MAGNETIC: Final = _ANY_DESTROY | {"clear-overwrite", "purge-degauss", "purge-overwrite", "destroy-melt"}
# Paper and optical discs are destroyed or nothing; degaussing does nothing to flash.
METHODS: Final[dict[Medium, frozenset[str]]] = {
    Medium.PAPER: _ANY_DESTROY,
    Medium.DISK: _MAGNETIC | {"purge-cryptographic-erase"},
    Medium.FLASH: _ANY_DESTROY | {"clear-overwrite", "purge-block-erase", "purge-cryptographic-erase", "destroy-melt"},
    Medium.TAPE: _MAGNETIC,
    Medium.OPTICAL: _ANY_DESTROY,
    Medium.RECIPIENT_COPY: _MAGNETIC | {"purge-block-erase", "purge-cryptographic-erase"},
    Medium.DATABASE_ROWS: frozenset({"clear-overwrite"}),
}


# What certificates call it (docs/certificates.md); whatever stores bits is a disk there.
_RESIDUALS: Final = {
    Medium.PAPER: "paper-not-destroyed",
    Medium.RECIPIENT_COPY: "recipient-not-acknowledged",
    Medium.DATABASE_ROWS: "rows-kept-by-law-in-a-database",
}


class DestructionState(StrEnum):
    """Where a destruction stands."""

    OPEN = "open"
    ESCALATED = "escalated"
    DESTROYED = "destroyed"


class DestructionEvent(StrEnum):
    """What can happen to one."""

    WITNESS = "witness"
    COMPLETE = "complete"
    ESCALATE = "escalate"


TRANSITIONS: Final[dict[tuple[DestructionState, DestructionEvent], DestructionState]] = {
    (DestructionState.OPEN, DestructionEvent.WITNESS): DestructionState.OPEN,
    (DestructionState.OPEN, DestructionEvent.COMPLETE): DestructionState.DESTROYED,
    (DestructionState.OPEN, DestructionEvent.ESCALATE): DestructionState.ESCALATED,
    (DestructionState.ESCALATED, DestructionEvent.WITNESS): DestructionState.ESCALATED,
    (DestructionState.ESCALATED, DestructionEvent.COMPLETE): DestructionState.DESTROYED,
}


@dataclass(frozen=True, slots=True)
class DestructionWitness:
    """One person's word that they saw it, with SHA-256 of what shows it (a photograph, a certificate)."""

    account: AccountId
    at: Instant
    evidence: str


@dataclass(frozen=True, slots=True)
class DestructionRecord:
    """One thing to be destroyed, as its authority row says it.

    ``serial`` is a keyed hash (64 hexadecimal digits); ``where`` a code of the place or recipient; ``owner`` answers
    for it until ``due``, in ``role``. ``subject`` and ``operation`` say whose and of which erasure, where it is known.
    """

    medium: Medium
    method: str
    serial: str
    where: str
    owner: AccountId
    role: str
    opened: Instant
    due: date
    subject: SubjectId | None = None
    operation: OperationId | None = None
    state: DestructionState = DestructionState.OPEN
    witnesses: tuple[DestructionWitness, ...] = ()

    def overdue(self, today: date) -> bool:
        """Say whether its day has passed and nobody has escalated it yet."""
        return self.state is DestructionState.OPEN and self.due < today


@dataclass(frozen=True, slots=True)
class DestructionResidual:
    """What a certificate says of one: a code, where, the role that answers, by when, ``open`` or ``closed``."""

    what: str
    where: str
    owner: str
    due: date
    state: str


def check_method(medium: Medium, method: str) -> None:
    """Raise ``Invalid`` unless ``method`` is one that makes ``medium`` unreadable."""
    if method not in METHODS[medium]:
        raise Invalid(f"{medium} is destroyed by one of: {', '.join(sorted(METHODS[medium]))}", "method")


def _follow(one: DestructionRecord, event: DestructionEvent) -> DestructionState:
    return next_state(TRANSITIONS, one.state, event, "a destruction")


def _check_evidence(evidence: str) -> None:
    """Raise ``Invalid`` for what names no paper, or an empty one."""
    try:
        digest = bytes.fromhex(evidence)
    except ValueError:
        raise Invalid("a paper is named by its SHA-256", "evidence") from None
    check_paper(digest, "evidence")


def witness(one: DestructionRecord, account: AccountId, serial: str, evidence: str, now: Instant) -> DestructionRecord:
    """Return ``one`` with one more witness; destroyed with the second.

    Raises:
        Refused: the owner, somebody who has witnessed it already, or what another witness has shown. Invalid: another
            serial than that of the record, evidence that is no SHA-256 or that of an empty file.
        NotInThisState: it is destroyed.
    """
    if account == one.owner:
        raise Refused("whoever answers for it does not witness its destruction", _TWO)
    if any(account == seen.account for seen in one.witnesses):
        raise Refused("two different people witness a destruction", _TWO)
    complete = len(one.witnesses) + 1 >= WITNESSES
    state = _follow(one, DestructionEvent.COMPLETE if complete else DestructionEvent.WITNESS)
    if serial != one.serial:
        raise Invalid("this is not the serial of the record: look which thing was destroyed", "serial")
    _check_evidence(evidence)
    if any(evidence.lower() == seen.evidence.lower() for seen in one.witnesses):
        raise Refused("each witness shows what they have themselves: this was shown by the other one", _TWO)
    return replace(one, state=state, witnesses=(*one.witnesses, DestructionWitness(account, now, evidence)))


def escalate(one: DestructionRecord) -> DestructionRecord:
    """Return ``one`` escalated: its day has passed. Raises ``NotInThisState`` when it is over, or escalated."""
    return replace(one, state=_follow(one, DestructionEvent.ESCALATE))


def residual_of(one: DestructionRecord) -> DestructionResidual:
    """Return what a certificate says of ``one``; what is destroyed stays listed, as closed."""
    over = one.state is DestructionState.DESTROYED
    what = _RESIDUALS.get(one.medium, "disk-not-destroyed")
    return DestructionResidual(what, one.where, one.role, one.due, "closed" if over else "open")
