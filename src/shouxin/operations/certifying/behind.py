"""What a deletion leaves behind in software that is not ours: versions in a bucket, what is left in a database.

Nobody here can look there, so it stands on the certificate as a residual until its day. The day is the institution's
own: ``archive_residual_days`` of its settings, ``residual_days`` in the description of its database. Where it set none,
it is the day until which it accounts for the deletion (PIPL 56(2)), because until then somebody must have an answer;
``day_set_by`` says which of the two it is. Rows that a law keeps in a database have the day on which its term is over.

**Source:** PostgreSQL, *Routine Vacuuming* (a deleted row stays until it is vacuumed) and *Write-Ahead Logging*; MySQL,
*InnoDB Purge Configuration* and *The Binary Log*; Amazon S3, *Retaining multiple versions of objects*.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from shouxin.consent.recipient_notice import DaySetBy
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import Instant, local_date
from shouxin.keys.root import Residual
from shouxin.operations.retaining.elsewhere import kept_elsewhere
from shouxin.operations.workspace import Workspace
from shouxin.vault.attestation import ListedResidual, ResidualState
from shouxin.vault.destruction import DestructionRecord, Medium
from shouxin.vault.erasure import Erasure, Outcome
from shouxin.vault.records import Records

__all__ = ["ARCHIVE_VERSIONS", "DATABASE_RESIDUALS", "KEPT_ROWS", "by_law", "in_archive", "in_databases"]

ARCHIVE_VERSIONS: Final = "versions-in-the-archive-bucket"
KEPT_ROWS: Final = "rows-kept-by-law-in-a-database"
_OFFICER: Final = "data-protection-officer"
_LOGS: Final = "undo-and-binlog-of-a-database"
# What a database keeps of a deleted row, by the name of its dialect. SQLite is told to overwrite (``secure_delete``).
DATABASE_RESIDUALS: Final = {"postgresql": "dead-rows-and-wal-of-a-database", "mysql": _LOGS, "mariadb": _LOGS}


def in_archive(workspace: Workspace, records: Records, erasure: Erasure) -> list[ListedResidual]:
    """Return what the archive's bucket may keep of objects that this erasure removed and that ever stood there."""
    residual = workspace.archive_residual
    gone = [part.identifier for part in erasure.having(Outcome.ERASED) if part.kind == "object"]
    if residual is None or not records.authority.among(AuthorityKind.TIER, gone):
        return []
    since = erasure.planned if erasure.live is None else erasure.live
    return [_listed(erasure, residual, "archive", since)]


def in_databases(erasure: Erasure) -> list[ListedResidual]:
    """Return what each database from which rows went, in this run or may be in an earlier one, may keep of them."""
    return [
        _listed(erasure, Residual(DATABASE_RESIDUALS[one.dialect], one.residual_days), one.system, one.at)
        for one in erasure.systems
        if (one.erased or one.again) and one.dialect in DATABASE_RESIDUALS and one.residual_days != 0
    ]


def by_law(
    workspace: Workspace, records: Records, erasure: Erasure, destructions: Iterable[DestructionRecord]
) -> list[ListedResidual]:
    """Return the rows that a law keeps in databases, by their days: nobody can look for the person there any more.

    Where a destruction record of these rows was opened, that stands on the certificate in their place.
    """
    of_rows = [one for one in destructions if one.medium is Medium.DATABASE_ROWS]
    recorded = {one.where for one in of_rows if one.operation == erasure.operation}
    kept = {
        (one.database, one.until)
        for one in kept_elsewhere(workspace, records, [erasure])
        if one.database not in recorded
    }
    return [
        ListedResidual(
            KEPT_ROWS,
            where,
            _OFFICER,
            erasure.accountable_until if until is None else until,
            day_set_by=DaySetBy.TERM if until is None else "",
        )
        for where, until in sorted(kept, key=lambda one: (one[0], one[1] or date.max))
    ]


def _listed(erasure: Erasure, residual: Residual, where: str, since: Instant) -> ListedResidual:
    due: date | None
    if residual.days is None:
        due, rule = erasure.accountable_until, DaySetBy.TERM
    else:
        due, rule = local_date(since) + timedelta(residual.days), DaySetBy.SETTINGS
    return ListedResidual(residual.code, where, _OFFICER, due, ResidualState.OPEN, rule)
