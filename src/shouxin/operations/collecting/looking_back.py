"""Look back into a source that was read before: at what was set aside, and at whose records were erased since.

What was set aside has not come: the source is asked for it anew each time, so that it is named each time, and comes in
once its reason is gone: its person was let in again, a freeze has ended, a row was mended. What had come before its
person was erased is not taken in twice; it is counted, so that nobody is told that it is still here.

Called by: ``operations.collecting.run_plan``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import islice, takewhile
from typing import Final

from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import Instant
from shouxin.errors import Invalid
from shouxin.operations.collecting.asides import SetAside
from shouxin.operations.collecting.intake import Aside, Intake, Portion, Reached
from shouxin.operations.collecting.intake_source import IntakeSource, SourceNote, SourceRecord, Unfit
from shouxin.operations.collecting.said_before import IDENTIFYING
from shouxin.operations.collecting.sealing import tags_of
from shouxin.operations.erasing.suppression import EVERYTHING, Place, suppressed
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records

__all__ = ["ask_again", "come_from", "erased_since"]

_PIECE: Final = 500


def ask_again(
    source: IntakeSource, asides: Iterable[SetAside], wanted: Collection[str]
) -> Iterator[SourceRecord | Unfit]:
    """Yield what stands now where ``asides`` stood, under their lines and without a place to go on from.

    Raises:
        StoreUnavailable: see ``IntakeSource.again``.
    """
    places = [Reached(one.line, one.cursor) for one in sorted(asides, key=lambda one: one.line)]
    for one in source.again(places, wanted) if places else ():
        yield replace(one, cursor=())


def come_from(
    source: IntakeSource, at: Reached, aside: Collection[int], wanted: Collection[str]
) -> Iterator[list[SourceRecord | Unfit]]:
    """Yield, piece by piece, what stands up to ``at`` on other lines than those that are set ``aside``.

    Raises:
        StoreUnavailable: see ``IntakeSource.read``.
    """
    every = (one for one in source.read(Reached(), wanted) if not isinstance(one, SourceNote))
    come = (one for one in takewhile(lambda one: one.line <= at.line, every) if one.line not in aside)
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
    if IDENTIFYING in tags:
        return workspace.tagger.every_inner(IDENTIFYING, record.person.values[IDENTIFYING].text())
    return list(tags.values())
