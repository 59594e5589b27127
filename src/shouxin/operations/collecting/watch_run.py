"""Watch the records of a run as they flow, and say at once what is not as it was; it decides and stores nothing itself.

Laws. What is told are names, codes and counts, never a value; a name that looks like somebody's number is not told.
The watch holds no more than a piece of records, and none for long, and a bounded profile a field. It looks at every
record at first, then at one of sixteen, so that watching stays cheaper than sealing: a change that lasts is seen, a
single odd record may not be. What is usual is kept from run to run, so that small files and deliveries are judged too.

Called by: ``operations.collecting.run_plan``, which keeps the findings with the run, and what is usual with the plan.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Final, TypeAlias, TypeVar

from shouxin.detection.scan import scan
from shouxin.detection.stream.monitor import LEAST, KeptField, Monitor, StreamFinding, StreamSignal
from shouxin.domain.clock import Clock
from shouxin.operations.collecting.intake_source import SourceNote, SourceRecord, SourceSignal, Unfit, Yielded
from shouxin.operations.collecting.pieces import in_pieces
from shouxin.operations.collecting.plan_row import PlanRun, RunFinding
from shouxin.operations.scanning.scan_source import fastest_finder

__all__ = ["MOST_FINDINGS", "RunWatch", "names_shown", "shown_name"]

MOST_FINDINGS: Final = 200  # of one run; a source that goes mad tells no more
_PIECE: Final = 500
_FIRST_PIECES: Final = LEAST  # until the baseline is full
_MOST_KEPT: Final = 100  # fields of which it is kept what is usual
_BASELINE: Final = 1_000  # records that say what is usual
_WINDOW: Final = 500  # records that are held against it
_ALL: Final = 2_000  # records of which every one is looked at
_EVERY: Final = 16  # of those after
_LONGEST_NAME: Final = 80
_DIGITS: Final = 6
_HIDDEN: Final = "(a name that may be a value)"
_NUMBER: Final = re.compile(r"[-+]?[0-9][0-9.,:/ T-]*")

_Arrival = TypeVar("_Arrival")
_Record: TypeAlias = SourceRecord | Unfit


def shown_name(name: str) -> str:
    """Return the name of a field as it may be told: cut, and not at all where it looks like a value.

    A source that puts values where names belong (a header that is a data line) must not have them told.
    """
    if _with_digits(name):
        return "(a name with digits)"
    return _HIDDEN if _is_value(name) else name[:_LONGEST_NAME]


def _is_value(name: str) -> bool:
    """Say whether a name is a number, a date, or something that a detector knows."""
    return bool(_NUMBER.fullmatch(name.strip())) or bool(scan(name[:_LONGEST_NAME]))


def names_shown(there: Collection[str], planned: Collection[str]) -> Callable[[str], str]:
    """Return how names of fields are told: none but planned ones where ``there`` is no header but a line of data.

    It is one if none of its names is planned, or if one of the others looks like a value: its neighbours then are the
    name and address of the same person, which nothing tells from names of columns.
    """
    others = [name for name in there if name not in planned]
    if there and (len(others) == len(there) or any(map(_is_value, others))):
        return lambda name: name if name in planned else shown_name(name) if _with_digits(name) else _HIDDEN
    return shown_name


def _with_digits(name: str) -> bool:
    return sum(c.isdigit() for c in name) > _DIGITS


class RunWatch:
    """Watches one call of a run. ``earlier`` is the last run that was finished; ``raised`` is told each finding.

    ``show`` says how the name of a field is told, ``usual`` what earlier runs kept. By ``clock`` records of a slow
    source are looked at before a piece is full.
    """

    def __init__(
        self,
        raised: Callable[[RunFinding], None],
        earlier: PlanRun | None = None,
        show: Callable[[str], str] = shown_name,
        usual: Mapping[str, KeptField] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._raised = raised
        self.show = show
        self._earlier = earlier
        self._monitor = Monitor(_BASELINE, _WINDOW, fastest_finder(names=False))
        self._monitor.resume(usual or {})
        self._usual, self._clock = frozenset(usual or {}), clock
        self._count = 0
        self.findings: list[RunFinding] = []

    def over(self, read: Iterator[tuple[_Record, _Arrival]]) -> Iterator[tuple[_Record, _Arrival]]:
        """Yield what comes, looked at first: a finding is raised before the piece that shows it is sealed."""
        for held in in_pieces(read, self._most, self._clock):
            self._look([record for record, _ in held])
            yield from held
        self._tell_all(self._monitor.end())

    def _most(self) -> int:
        return _FIRST_PIECES if self._count < _BASELINE else _PIECE

    def usual(self) -> dict[str, KeptField]:
        """Return what the next run is held against, of a bounded number of fields whose names may be told."""
        kept = self._monitor.kept().items()
        return dict([(name, one) for name, one in kept if self.show(name) == name][:_MOST_KEPT])

    def _look(self, piece: list[_Record]) -> None:
        batch: list[Mapping[str, str]] = []
        early = self._count < _PIECE
        for one in piece:
            if isinstance(one, SourceRecord):
                if self._count < _ALL or self._count % _EVERY == 0:
                    batch.append(one.fields.reveal())
                self._count += 1
        self._tell_all(one for one in self._monitor.observe(batch) if not (early and self._is_no_news(one)))

    def _is_no_news(self, found: StreamFinding) -> bool:
        """Say whether a field at the beginning of a run may be one of those that are not kept."""
        if found.signal is not StreamSignal.NEW_FIELD:
            return False
        return not 0 < len(self._usual) < _MOST_KEPT or self.show(found.field) != found.field

    def _tell_all(self, every: Iterable[StreamFinding]) -> None:
        for found in every:
            self._tell(found.signal, found.field, found.kind or "")

    def over_whole(self, read: Iterator[Yielded]) -> Iterator[SourceRecord | Unfit]:
        """Yield what is a record, or stands in the place of one; what the source says beside them is told."""
        for one in read:
            if isinstance(one, SourceNote):
                self._tell(one.signal, one.about, count=one.count)
            else:
                yield one

    def ended(self, seen: Collection[str], planned: Collection[str], ever: Collection[str]) -> None:
        """Say what did not come with a run that has ended: what the run before brought, what no run ever brought.

        ``seen`` are the items of this run, ``ever`` those of all before it. Where no record came, nothing is said.
        """
        if not self._count:
            return
        before = {*self._earlier.seen} if self._earlier is not None else set[str]()
        for item in sorted(before - {*seen}):
            self._tell(StreamSignal.MISSING, item)
        for item in sorted({*planned} - {*seen} - before - {*ever}):
            self._tell(SourceSignal.NEVER_CAME, item)

    def not_asked_again(self, count: int) -> None:
        """Say that ``count`` records that were set aside wait, and that their source did not hand them out again."""
        if count:
            self._tell(SourceSignal.NOT_ASKED_AGAIN, "", count=count)

    def _tell(self, signal: StreamSignal | SourceSignal, field: str, kind: str = "", count: int = 0) -> None:
        finding = RunFinding(signal.value, self.show(field), self._count, str(kind), count)
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(finding)
            self._raised(finding)
