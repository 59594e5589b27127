"""The port of whatever people's data is collected from: describe, read, go on, ask again, erase, verify.

Laws. A driver yields bounded records one after another and holds no more than a page. Each record says where the
source goes on after it, so that its place is committed with its data. A driver may raise anything inside; what leaves
it is one ``OperatorError`` without content. What does not read as a record is an ``Unfit`` with its reason, never lost.
A look at what was copied holds each record against what arrived: only one that arrived as it stands may be deleted.

Called by: ``operations.collecting.run_plan`` and ``operations.collecting.purge``; the drivers stand in
``connectors.sources`` and ``connectors.csv_file``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Final, Protocol, TypeAlias

from shouxin.domain.plaintext import PlainFields
from shouxin.operations.collecting.intake import Cursor, Reached
from shouxin.policy.source import SourceKind

__all__ = [
    "GONE",
    "NO_TEXT",
    "IntakeSource",
    "Looked",
    "Met",
    "Recall",
    "SourceNote",
    "SourceRecord",
    "SourceSignal",
    "Unfit",
    "Yielded",
    "looked_at",
    "standing_at",
]

_PIECE: Final = 500


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One record, its fields by name as text. ``line`` counts from 1 over the whole life of the stream.

    ``key`` names the record where the source knows one from another (empty: it does not); with its fields it is one
    arrival, so that a record that changed arrives again. ``mark`` is what else tells two arrivals of a key apart. A
    record shows its line only: sources name records, and say where they go on, by whatever they like.
    """

    line: int
    fields: PlainFields
    cursor: Cursor = field(default=(), repr=False)
    key: str = field(default="", repr=False)
    mark: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Unfit:
    """Something in the place of a record that does not read as one; ``reason`` is a code."""

    line: int
    reason: str
    cursor: Cursor = field(default=(), repr=False)


# The reason why a record is unfit that UTF-8 cannot write.
NO_TEXT: Final = "no-text"


class SourceSignal(StrEnum):
    """What a driver, or the end of a run, may say about a source beside its records."""

    PAGE_FAILED = "page-failed"  # asked for, and not read
    PAGE_FORBIDDEN = "page-forbidden"  # the robots file forbids it
    PAGE_ELSEWHERE = "page-elsewhere"  # on a host that is not named
    PAGE_LIMIT = "page-limit"  # not asked for: as many as are allowed were read
    PAGE_EMPTY = "page-empty"  # read, and nothing on it is a record
    PAGE_UNLIKE = "page-unlike"  # read, and it has no list where its records stand; ``about`` is where
    FUTURE_CHANGE = "future-change"  # a time of change that lies ahead of the time of asking
    NEVER_CAME = "never-came"  # planned, and in no record
    NOT_ASKED_AGAIN = "not-asked-again"  # set aside before, and the source hands it out again to nobody who asks


@dataclass(frozen=True, slots=True)
class SourceNote:
    """What is not a record and not as it should be: a code, a field's name or an error's, and how often."""

    signal: SourceSignal
    about: str = ""
    count: int = 1


Yielded: TypeAlias = SourceRecord | Unfit | SourceNote


class Met(StrEnum):
    """How a record that stands in a source was met before."""

    SAME = "same"  # it arrived as it stands
    CHANGED = "changed"  # one of its key arrived, with other fields
    NEW = "new"  # none of its key ever arrived


# Says, of a place that was asked for again, that nothing stands there any more; ``line`` as in the place.
GONE: Final = "gone-from-source"

# Says of each of some records how it was met before.
Recall: TypeAlias = Callable[[Sequence[SourceRecord]], Sequence[Met]]


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at a source found: ``left`` of what was copied, ``changed`` of which have other fields by now.

    ``unknown`` are records that stand where all were taken, and never arrived.
    """

    left: int
    changed: int = 0
    unknown: int = 0


def standing_at(read: Iterable[Yielded], places: Sequence[Reached]) -> Iterator[SourceRecord | Unfit]:
    """Yield what stands at the lines of ``places`` in a content that is ``read`` from its beginning."""
    lines = {one.line for one in places}
    last = max(lines, default=0)
    for one in read if lines else ():
        if not isinstance(one, SourceNote):
            if one.line > last:
                return
            if one.line in lines:
                yield one


def looked_at(read: Iterable[Yielded], recall: Recall) -> Looked:
    """Return what of ``read`` had arrived; what does not read as a record never did."""
    found = dict.fromkeys(Met, 0)
    every = (one for one in read if not isinstance(one, SourceNote))
    while piece := list(islice(every, _PIECE)):
        records = [one for one in piece if isinstance(one, SourceRecord)]
        found[Met.NEW] += len(piece) - len(records)
        for met in recall(records):
            found[met] += 1
    return Looked(found[Met.SAME] + found[Met.CHANGED], found[Met.CHANGED], found[Met.NEW])


class IntakeSource(Protocol):
    """A source, as a collection sees it."""

    @property
    def kind(self) -> SourceKind:
        """The kind that the register must have for it."""
        ...

    @property
    def lines_stand(self) -> bool:
        """Whether a line is the same record whenever it is read: a content that is read from its beginning."""
        ...

    def identity(self) -> bytes:
        """Return what tells this content or stream from another: a digest of a file, an address and table."""
        ...

    def locator(self) -> bytes:
        """Return where it lies, whatever it holds now: the path of a file, an address."""
        ...

    def describe(self) -> tuple[str, ...]:
        """Return the names of the fields that it has now; empty where that is known only by reading.

        Raises:
            StoreUnavailable, Misconfigured: it cannot be asked.
        """
        ...

    def read(self, reached: Reached, wanted: Collection[str]) -> Iterator[Yielded]:
        """Yield every record after ``reached``, lines counting on from there.

        ``wanted`` are the fields that the plan looks at: a driver that can ask for no more, asks for no more.

        Raises:
            StoreUnavailable: it died half-way, or says what is no answer; what was yielded is good.
        """
        ...

    def again(self, places: Sequence[Reached], wanted: Collection[str]) -> Iterator[SourceRecord | Unfit]:
        """Yield what stands now at ``places`` (a line, and the cursor of that record), under those lines.

        Where nothing stands any more, ``Unfit`` with ``GONE``. A place that is not yielded could not be asked for: a
        source that hands out what it likes yields nothing.

        Raises:
            StoreUnavailable: it died half-way; what was yielded is good.
        """
        ...

    def erase(self, reached: Reached, wanted: Collection[str], recall: Recall) -> int:
        """Delete every record up to ``reached`` that ``recall`` says is the same as arrived; return how many.

        ``wanted`` are the fields that were asked for when it was copied. What changed or never came stays.

        Raises:
            NotInThisState: this kind of source cannot be erased from here.
        """
        ...

    def verify(self, reached: Reached, wanted: Collection[str], recall: Recall) -> Looked:
        """Return how many of the records up to ``reached`` the source still has.

        Raises:
            StoreUnavailable: it cannot be looked at; that says nothing about what is there.
        """
        ...

    def close(self) -> None:
        """Let go of connections; may be repeated."""
        ...
