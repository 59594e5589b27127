"""What a law keeps of people in the lender's own databases after they were erased: until when, of which erasure.

Laws of this file. Once the person's key is gone nobody here knows by what to look for them: what stays there by law is
erased there by hand, on its day, and until then it stands in the schedule and on the certificate with that day. It is
over once a later answer of the same database about the same person keeps nothing, or once the destruction record of
these rows (medium ``database-rows``, of this erasure, at this database) has its two witnesses.

Names of databases and tables, counts and dates: no value of a person. **Source:** PIPL 47(1)(2), 47(2).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.identifiers import OperationId, SubjectId
from shouxin.operations.acting import begin
from shouxin.operations.retaining.scope import NOT_ASKED
from shouxin.operations.retaining.standing import WATCHING
from shouxin.operations.workspace import Workspace
from shouxin.retention.outlook import State
from shouxin.vault.destruction import DestructionRecord, DestructionState, Medium
from shouxin.vault.erasure import Erasure, Outcome
from shouxin.vault.records import Records

__all__ = ["KeptElsewhere", "kept_elsewhere", "kept_in_databases"]

_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class KeptElsewhere:
    """Rows of one table of a database that a law keeps, of whom and of which erasure; ``until`` nothing: no clock runs.

    ``frozen``: of how many of them the lender's own flag was up when they were read back.
    """

    subject: SubjectId
    operation: OperationId
    database: str
    table: str
    rows: int
    frozen: int
    article: str
    until: date | None

    def state(self, today: date) -> State:
        """Say where it stands on a day: kept, due, or undated because its clock has not started."""
        if self.until is None:
            return State.UNDATED
        return State.DUE if self.until <= today else State.KEPT


def kept_elsewhere(workspace: Workspace, records: Records, erasures: Collection[Erasure]) -> list[KeptElsewhere]:
    """Return what a law still keeps in databases of whom these erasures, which are carried out, took from here."""
    keeping = [one for one in erasures if one.live is not None and any(_by_law(one))]
    if not keeping:
        return []
    rows = records.authority.about(AuthorityKind.ERASURE, {one.subject for one in keeping})
    later: dict[tuple[SubjectId, str], int] = {}
    for every in workspace.notary.read_all(rows, Erasure):
        for report in every.systems:
            if report.outcome is not Outcome.FAILED:
                place = (every.subject, report.system)
                later[place] = max(later.get(place, 0), report.at)
    gone = _destroyed(workspace, records)
    return [
        one
        for erasure in keeping
        for at, one in _by_law(erasure)
        if later.get((one.subject, one.database), 0) <= at and (one.operation, one.database) not in gone
    ]


def _by_law(erasure: Erasure) -> Iterator[tuple[int, KeptElsewhere]]:
    """Yield what the databases answered that a law keeps, with when; what nobody asked for is no matter of a law."""
    operation = OperationId(erasure.operation)
    for report in erasure.systems:
        for one in report.tables:
            if one.outcome == Outcome.RETAINED and one.article != NOT_ASKED.article:
                kept = (report.system, one.table, one.after, one.frozen, one.article, one.until)
                yield report.at, KeptElsewhere(erasure.subject, operation, *kept)


def _destroyed(workspace: Workspace, records: Records) -> set[tuple[OperationId | None, str]]:
    """Return of which erasures rows are known to be gone from which databases, by destruction records."""
    rows = records.authority.find(AuthorityKind.DESTRUCTION, name=DestructionState.DESTROYED.value)
    found = workspace.notary.read_all(rows, DestructionRecord)
    return {(one.operation, one.where) for one in found if one.medium is Medium.DATABASE_ROWS}


def kept_in_databases(workspace: Workspace, token: Token) -> Iterator[KeptElsewhere]:
    """Yield, page by page, what a law keeps in databases of everybody who was erased here, whole or in part.

    Raises:
        Refused, NotSignedIn: the caller may not. Tampered: a row is not what was written.
    """
    page, after = workspace.data.read(partial(_page, workspace, token, b""))
    yield from page
    while after:
        page, after = workspace.data.read(partial(_page, workspace, token, after))
        yield from page


def _page(workspace: Workspace, token: Token, after: bytes, records: Records) -> tuple[list[KeptElsewhere], bytes]:
    begin(workspace, records, token).need(*WATCHING)
    rows = records.authority.page(AuthorityKind.ERASURE, after, _PAGE)
    found = kept_elsewhere(workspace, records, workspace.notary.read_all(rows, Erasure))
    return found, rows[-1].identifier if len(rows) == _PAGE else b""
