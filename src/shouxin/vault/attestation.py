"""What a certificate says on the lender's word, beside what the log proves: residuals, other databases, what is kept.

Laws of this file. Whoever issues a certificate gives these as values; nothing here is looked up. None of it is proved:
a certificate lists it under ``attested``. Texts name systems, roles, articles and dates, never a person. Fields are
only ever added: a reader passes over what it does not know.

Called by ``operations.certifying.certify``, and by whoever knows: the deletion tool, the downstream connectors, the
rights desk.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import msgspec

__all__ = [
    "Attestation",
    "DatabaseErased",
    "EvidenceKept",
    "ListedResidual",
    "ResidualState",
    "SuppressionKept",
    "TableErased",
]


class ResidualState(StrEnum):
    """Whether something that destruction did not reach is still there."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ListedResidual:
    """One residual: a code, the place or system, the role or organisation that answers for it, and by when.

    ``what`` is a code of ``docs/certificates.md``: what a root provider cannot reach, ``recipient-not-told``,
    ``recipient-not-acknowledged``, ``paper-not-destroyed``, ``disk-not-destroyed``, ``downstream-failed``,
    ``depicted-with-another``, ``versions-in-the-archive-bucket``, ``dead-rows-and-wal-of-a-database``,
    ``undo-and-binlog-of-a-database``, ``rows-kept-by-law-in-a-database``. ``due`` is nothing when no date is known;
    ``closed``: it is over, and stays listed.
    ``day_set_by`` says whose rule the day is: ``recipient-contract``, ``own-rule`` (of a recipient or depiction),
    ``own-settings`` or ``accountable-until`` (of what stays in a bucket or database); else it is empty.
    """

    what: str
    where: str
    owner: str
    due: date | None = None
    state: ResidualState = ResidualState.OPEN
    day_set_by: str = ""


@dataclass(frozen=True, slots=True)
class TableErased:
    """What became of the person's rows in one table, counted before the first change and when read back.

    ``frozen``: of how many rows that stay by law the lender's own flag is up, read back (PIPL 47(2)).
    """

    table: str
    outcome: str
    before: int = 0
    after: int = 0
    article: str = ""
    until: date | None = None
    frozen: int = 0


@dataclass(frozen=True, slots=True)
class DatabaseErased:
    """What became of a person in one of the lender's own databases (``operations.downstream.report.Report``).

    ``outcome`` is ``erased``, ``nothing-found``, ``retained`` or ``failed``; one that failed is a residual too.
    """

    database: str
    outcome: str
    tables: tuple[TableErased, ...] = ()


@dataclass(frozen=True, slots=True)
class EvidenceKept:
    """What the lender keeps to show that it did right (PIPL 69): a request, an identity check, an approval.

    ``what`` is a code: ``request``, ``identity-check``, ``filing``, ``approvals``. ``card`` is the purpose under which
    it is kept, ``sha256`` that of the paper where there is one; of a piece of a request, of its sealed bytes.
    """

    what: str
    card: str
    article: str
    until: date | None
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class SuppressionKept:
    """The keyed tag that keeps an erased person from coming back: its purpose card, term, article and end."""

    card: str
    term: str
    article: str
    until: date | None


@dataclass(frozen=True, slots=True)
class Attestation:
    """Everything that a certificate says on the lender's word. Empty: nothing beyond what is known today."""

    residuals: tuple[ListedResidual, ...] = ()
    downstream: tuple[DatabaseErased, ...] = ()
    evidence_retained: tuple[EvidenceKept, ...] = ()
    suppression: SuppressionKept | None = None

    def with_more(self, more: Attestation) -> Attestation:
        """Return this with what somebody else knows beside it; of two tags, theirs."""
        return Attestation(
            (*self.residuals, *more.residuals),
            (*self.downstream, *more.downstream),
            (*self.evidence_retained, *more.evidence_retained),
            more.suppression or self.suppression,
        )

    def fields(self) -> dict[str, Any]:
        """Return it as fields of a certificate: plain JSON values, dates as RFC 3339 writes them."""
        made: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return made
