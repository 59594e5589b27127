"""Look back into a content that was read before: at the lines that wait, and at whose records were erased since.

A file has no names for its records, only lines. The line of somebody whom an erasure keeps out has not come: it is read
anew each time, so that it is named each time, and comes in once its person is let in again. What had come before its
person was erased is not taken in twice; it is counted, so that nobody is told that it is still here.

Called by: ``operations.collecting.run_plan``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Final

from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import Instant
from shouxin.errors import Invalid
from shouxin.operations.collecting.intake import Aside, Intake, Portion, Reached
from shouxin.operations.collecting.intake_source import IntakeSource, SourceNote, SourceRecord, Unfit, Yielded
from shouxin.operations.collecting.said_before import IDENTIFYING
from shouxin.operations.collecting.sealing import tags_of
from shouxin.operations.erasing.suppression import EVERYTHING, Place, suppressed
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records

__all__ = ["come_from", "erased_since", "read_on"]

_PIECE: Final = 500


def read_on(source: IntakeSource, at: Reached, wanted: Collection[str]) -> Iterator[Yielded]:
    """Yield the lines that wait, then every record after ``at``; of what was read otherwise, nothing.

    Raises:
        StoreUnavailable: see ``IntakeSource.read``.
    """
    if at.waiting:
        waiting = frozenset(at.waiting)
        yield from (one for one in _until(source, at.waiting[-1], wanted) if one.line in waiting)
    yield from source.read(at, wanted)


def _until(source: IntakeSource, line: int, wanted: Collection[str]) -> Iterator[SourceRecord | Unfit]:
    for one in source.read(Reached(), wanted):
        if not isinstance(one, SourceNote):
            if one.line > line:
                return
            yield one


def come_from(source: IntakeSource, at: Reached, wanted: Collection[str]) -> Iterator[list[SourceRecord | Unfit]]:
    """Yield, piece by piece, what stands up to ``at`` and does not wait.

    Raises:
        StoreUnavailable: see ``IntakeSource.read``.
    """
    waiting = frozenset(at.waiting)
    come = (one for one in _until(source, at.line, wanted) if one.line not in waiting)
    while piece := list(islice(come, _PIECE)):
        yield piece


def erased_since(workspace: Workspace, pieces: Iterable[Iterable[Intake | Aside]]) -> int:
    """Return how many of these records are of people who are kept out whole now; reads nothing if nobody is."""
    if not workspace.data.read(lambda seen: seen.authority.page(AuthorityKind.SUPPRESSION, b"", 1)):
        return 0
    now = workspace.clock.now()
    count = 0
    for piece in pieces:
        known = [_known_by(workspace, one) for one in piece if isinstance(one, Intake)]
        inner = {tag for tags in known for tag in tags}
        barred = workspace.data.read(partial(_barred, workspace, now, inner))
        out = {tag for tag, place in barred if place == EVERYTHING}
        count += sum(not out.isdisjoint(tags) for tags in known)
    return count


def _barred(workspace: Workspace, now: Instant, inner: Collection[bytes], seen: Records) -> set[tuple[bytes, Place]]:
    return suppressed(workspace, seen, now, inner)


def _known_by(workspace: Workspace, record: Intake) -> list[bytes]:
    """Return the blind tags by which the person of a record is known: an identity number's alone, or all."""
    try:
        tags = tags_of(workspace, Portion("", "", record.person.values))
    except Invalid:  # it was set aside then, and is now
        return []
    return [tags[IDENTIFYING]] if IDENTIFYING in tags else list(tags.values())
