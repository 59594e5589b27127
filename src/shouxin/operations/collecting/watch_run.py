"""Watch the records of a run as they flow, and say at once what is not as it was; it decides and stores nothing itself.

Laws. What is told are names, codes and counts, never a value; a name that looks like somebody's number is not told.
The watch holds no more than a piece of records and a bounded profile a field. It looks at every record at first, then
at one of sixteen, so that watching stays cheaper than sealing: a change that lasts is seen, a single odd record may not
be.

Called by: ``operations.collecting.run_plan``, which keeps the findings with the run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final, TypeVar

from shouxin.detection.stream.monitor import Monitor, StreamSignal
from shouxin.operations.collecting.intake_source import SourceRecord, Yielded
from shouxin.operations.collecting.plan_row import PlanRun, RunFinding
from shouxin.operations.scanning.scan_source import fastest_finder

__all__ = ["MOST_FINDINGS", "RunWatch", "shown_name"]

MOST_FINDINGS: Final = 200  # of one run; a source that goes mad tells no more
_PIECE: Final = 500
_BASELINE: Final = 1_000  # records that say what is usual
_WINDOW: Final = 500  # records that are held against it
_ALL: Final = 2_000  # records of which every one is looked at
_EVERY: Final = 16  # of those after
_LONGEST_NAME: Final = 80
_DIGITS: Final = 6

_Arrival = TypeVar("_Arrival")


def shown_name(name: str) -> str:
    """Return the name of a field as it may be told: cut, and not at all where it holds a run of digits.

    A source that puts values where names belong (a header that is a data line) must not have them told.
    """
    return "(a name with digits)" if sum(c.isdigit() for c in name) > _DIGITS else name[:_LONGEST_NAME]


class RunWatch:
    """Watches one call of a run. ``earlier`` is the last run that was finished; ``raised`` is told each finding."""

    def __init__(self, raised: Callable[[RunFinding], None], earlier: PlanRun | None = None) -> None:
        self._raised = raised
        self._earlier = earlier
        self._monitor = Monitor(_BASELINE, _WINDOW, fastest_finder(names=False))
        self._count = 0
        self.findings: list[RunFinding] = []

    def over(self, read: Iterator[tuple[Yielded, _Arrival]]) -> Iterator[tuple[Yielded, _Arrival]]:
        """Yield what comes, looked at first: a finding is raised before the piece that shows it is sealed."""
        held: list[tuple[Yielded, _Arrival]] = []
        for one in read:
            held.append(one)
            if len(held) == _PIECE:
                self._look([record for record, _ in held])
                yield from held
                held.clear()
        self._look([record for record, _ in held])
        yield from held

    def _look(self, piece: list[Yielded]) -> None:
        batch: list[Mapping[str, str]] = []
        for one in piece:
            if isinstance(one, SourceRecord):
                if self._count < _ALL or self._count % _EVERY == 0:
                    batch.append(one.fields)
                self._count += 1
        for found in self._monitor.observe(batch):
            self._tell(found.signal, found.field, found.kind or "")

    def ended(self, seen: Collection[str]) -> None:
        """Say which items an earlier run brought and this one, which has ended, did not."""
        if self._earlier is not None:
            for item in sorted({*self._earlier.seen} - {*seen}):
                self._tell(StreamSignal.MISSING, item)

    def _tell(self, signal: StreamSignal, field: str, kind: str = "") -> None:
        finding = RunFinding(signal.value, shown_name(field), self._count, str(kind))
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(finding)
            self._raised(finding)
