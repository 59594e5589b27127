"""What is past its use: kept by a law or a hold alone (stored and protected only, PIPL 47(2)), or due to go (47(1)).

Asked in the transaction of every permit, so it must cost nothing where nothing is past its ceiling. When a cell was
collected stands in the log; instead of reading that for each, one place in the log is looked up for each length of
time, once a day: what stands before it is older. Only what may be over is judged in full, as the schedule judges it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date, timedelta
from typing import Final

from shouxin.domain.clock import local_date
from shouxin.domain.identifiers import SubjectId
from shouxin.ledger.entry import decode
from shouxin.operations.acting import Act
from shouxin.operations.retaining.judging import Judge, ceilings_of, relationship_of
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import PurposeCode
from shouxin.policy.engine import Engine
from shouxin.retention.outlook import Ceiling, Outlook, State
from shouxin.retention.resolve import Relationship, due_on
from shouxin.vault.records import CellRow, ObjectRow, Records

__all__ = ["out_of_use"]

_Row = CellRow | ObjectRow
_OVER: Final = frozenset({State.KEPT, State.DUE})


def out_of_use(
    workspace: Workspace,
    records: Records,
    act: Act,
    engine: Engine,
    purpose: str,
    rows: Iterable[_Row],
    kept: Collection[bytes] = (),
) -> dict[bytes, Outlook]:
    """Return which of ``rows`` are past their use today, each with its outlook: ``kept`` or ``due``.

    ``purpose`` asks for them. ``kept`` names those that an erasure was asked of and had to leave.

    Raises:
        Tampered: a row is of a purpose or term that no adopted card knows.
    """
    today = local_date(act.now)
    old = _Old(workspace, records, engine, today, purpose)
    late = [row for row in rows if _named(row) in kept or old.may_be_over(row)]
    if not late:
        return {}
    judge = Judge(workspace, records, engine, today)
    seen = {_named(row): judge.outlook(row) for row in late}
    return {one: outlook for one, outlook in seen.items() if outlook.state in _OVER}


def _named(row: _Row) -> bytes:
    return row.cell if isinstance(row, CellRow) else row.object_id


class _Old:
    """Says of a row whether it may be past its use; never no for one that is."""

    def __init__(self, workspace: Workspace, records: Records, engine: Engine, today: date, purpose: str) -> None:
        self._workspace = workspace
        self._records = records
        self._engine = engine
        self._today = today
        self._purpose = purpose
        self._places: dict[tuple[str, str], Callable[[_Row], bool]] = {}
        self._relationships: dict[SubjectId, Relationship | None] = {}

    def may_be_over(self, row: _Row) -> bool:
        place = (row.purpose, row.term)
        asks = self._places.get(place)
        if asks is None:
            asks = self._places[place] = self._asking(*place)
        return asks(row)

    def _asking(self, purpose: str, term: str) -> Callable[[_Row], bool]:
        """Return the question for one term of a purpose."""
        versions = self._engine.versions.get(PurposeCode(purpose), ())
        if purpose != self._purpose and versions and versions[-1].lawful_basis == "consent":
            return lambda _row: True  # a consent that was taken back ends it, whatever its ceiling says
        ceilings = ceilings_of(self._engine, purpose, term)
        before = max((self._leaves_before(self._today - timedelta(one.days - 1)) for one in ceilings), default=0)
        related = [one for one in ceilings if one.starts == "end_of_relationship"]
        if not related:
            return lambda row: row.leaf < before
        return lambda row: row.leaf < before or self._ended(row.subject, related)

    def _ended(self, subject: SubjectId, ceilings: list[Ceiling]) -> bool:
        if subject not in self._relationships:
            self._relationships[subject] = relationship_of(self._workspace, self._records, subject)
        relationship = self._relationships[subject]
        if relationship is None:
            return False  # then it counts from the collection, which was asked
        ends = [due_on(self._today, one.days, one.starts, relationship, self._today) for one in ceilings]
        return any(one is not None and one <= self._today for one in ends)

    def _leaves_before(self, day: date) -> int:
        """Return how many leaves were recorded before ``day``, which has begun: times in the log never go back."""
        known = self._workspace.leaves_before
        if day not in known:
            ledger = self._records.ledger
            low, high = 0, ledger.size
            while low < high:
                middle = (low + high) // 2
                if local_date(decode(ledger.entry(middle)).at) < day:
                    low = middle + 1
                else:
                    high = middle
            known[day] = low
        return known[day]
