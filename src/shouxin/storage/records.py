"""The one view of the data store that operations work on (``vault.records.Records``), on one connection of SQL."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import TypeVar, cast

from sqlalchemy import Connection, select

from shouxin.domain.event import Event
from shouxin.domain.identifiers import CellId, InstitutionId, ObjectId, SubjectId
from shouxin.storage.aside_rows import AsideRows
from shouxin.storage.authority_rows import AuthorityRows
from shouxin.storage.cell_rows import CellRows
from shouxin.storage.ledger_rows import LedgerRows, LedgerWriter
from shouxin.storage.shared import Shared
from shouxin.storage.tables import NOBODY, cells, objects

__all__ = ["SqlRecords"]

T = TypeVar("T")


class SqlRecords:
    """``vault.records.Records`` on one connection."""

    def __init__(
        self, connection: Connection, institution: InstitutionId, ledger: LedgerRows, shared: Shared | None = None
    ) -> None:
        shared = shared or Shared()
        self._connection = connection
        self.ledger = ledger
        self.authority = AuthorityRows(connection, institution, shared)
        self.cells = CellRows(connection, institution, shared)
        self.asides = AsideRows(connection, shared)
        self.shared = shared

    def record(self, event: Event) -> int:
        """Append ``event``; only inside ``transact``."""
        return cast(LedgerWriter, self.ledger).append(event)

    def once(self, what: Hashable, derive: Callable[[], T]) -> T:
        """Return what ``derive`` returns; run once while the rows that were read stand."""
        self.authority.settle()
        if what not in self.shared.derived:
            self.shared.derived[what] = derive()
        return cast(T, self.shared.derived[what])

    def all_cells(self) -> Iterator[tuple[CellId, SubjectId, SubjectId | None]]:
        """Yield every cell, its person and, of an edge, the other."""
        query = select(cells.c.cell, cells.c.subject, cells.c.other).where(cells.c.subject != NOBODY)
        for row in self._connection.execution_options(yield_per=1000).execute(query):
            yield CellId(row.cell), SubjectId(row.subject), None if row.other is None else SubjectId(row.other)

    def all_objects(self) -> Iterator[tuple[ObjectId, SubjectId]]:
        """Yield every object and its person."""
        for row in self._connection.execute(select(objects.c.object_id, objects.c.subject)):
            yield ObjectId(row.object_id), SubjectId(row.subject)
