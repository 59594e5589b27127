"""The port of whatever can be scanned: describe the spots of a source, read one, go on where a read was stopped.

Laws. A reader opens nothing for writing and yields bounded pieces, whatever the input. What it does not look into it
names, with a reason: nothing is left out in silence, because no finding in what was never read is no finding at all.
Readers raise nothing for a spot: a spot that fails yields ``Unread``. A source that cannot be described at all raises
an ``OperatorError``.

Called by: ``operations.scanning.scan_source``; the drivers stand in ``connectors.readers``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

from shouxin.detection.column_evidence import LONGEST
from shouxin.detection.media.media_finding import MediaFinding, MediaForm

__all__ = [
    "Basis",
    "MediaWindow",
    "Piece",
    "RowWindow",
    "Sampling",
    "Scannable",
    "Spot",
    "TextWindow",
    "Unread",
    "UnreadReason",
]


class Basis(StrEnum):
    """Which rows of a table were looked at; the bounds of a share are honest for the first two."""

    ALL = "all"
    RANDOM = "random"
    RANGES = "ranges"  # random ranges of a key, or random pages: honest if neighbours are not alike
    FIRST = "first"  # the source has no key to draw by: rows as they came


class UnreadReason(StrEnum):
    """Why something was not looked into."""

    BINARY = "binary"  # of a known or unknown format that no reader understands; the detail names it
    BROKEN = "broken"  # does not read as what it claims to be
    ENCRYPTED = "encrypted"
    TOO_LARGE = "too-large"  # would need more memory than a scan may take
    TOO_DEEP = "too-deep"  # an archive in an archive in an archive
    BOMB = "bomb"  # unpacks to far more than it holds
    TOO_SLOW = "too-slow"  # reading it was stopped
    DENIED = "denied"  # by the operating system, the bucket or the database
    SPECIAL = "special"  # a link, a socket, a device
    NO_READER = "no-reader"  # an optional package is not installed; the detail is what to type


@dataclass(frozen=True, slots=True)
class Sampling:
    """How much of a table is read: a random sample of ``rows``, or ``everything``.

    ``names`` is for readers that look themselves, at pages and pictures: whether they look for names and places too.
    """

    rows: int = 10_000
    everything: bool = False
    names: bool = False


@dataclass(frozen=True, slots=True)
class TextWindow:
    """The next bytes of a text, UTF-8 as far as they could be read so.

    ``exact`` says that all bytes so far are those of the source, so that an offset in them is one in the source.
    """

    place: str
    data: bytes
    encoding: str
    exact: bool


@dataclass(frozen=True, slots=True)
class RowWindow:
    """Rows of a table, by column; ``None`` and empty values count as absent.

    ``rows`` is how many rows these stand for and ``read`` how many of them they are. Several windows of one place add
    up. ``aside`` counts rows that do not fit the table. A column of nested values may have more values than rows.
    A value with more than ``longest`` characters was cut.
    """

    place: str
    form: str
    columns: Mapping[str, Sequence[str | None]]
    rows: int
    read: int
    basis: Basis
    aside: int = 0
    longest: int = LONGEST


@dataclass(frozen=True, slots=True)
class MediaWindow:
    """What was found in a picture, a document of pages, a video or a recording; several windows of one place add up.

    ``looked`` of ``whole`` were looked at: pages of a document, seconds of a video or recording, 1 of 1 for a picture.
    """

    place: str
    form: MediaForm
    findings: Sequence[MediaFinding]
    looked: float
    whole: float


@dataclass(frozen=True, slots=True)
class Unread:
    """A place that was not looked into. ``detail`` is a code or the name of a format, never content."""

    place: str
    reason: UnreadReason
    detail: str = ""
    size: int = 0


Piece: TypeAlias = TextWindow | RowWindow | MediaWindow | Unread


class Spot(Protocol):
    """One file, object or table. ``size`` is in bytes, 0 if unknown.

    ``stamp`` changes whenever its content does; it is empty where a source has no cheap one, as tables have none: then
    a scan that goes on does not see what changed in a spot that it had finished.
    """

    @property
    def place(self) -> str:
        """Where it is, within the source."""

    @property
    def size(self) -> int:
        """How large it is, in bytes; 0 if that is not known."""

    @property
    def stamp(self) -> str:
        """What identifies this content: size and time of change, an entity tag; empty: nothing does."""

    def read(self, sampling: Sampling, at: int) -> Iterator[Piece]:
        """Yield what is in it. ``at`` is 0, or an offset that ``TextWindow.exact`` allowed to be kept."""


class Scannable(Protocol):
    """A source, as a scan sees it."""

    @property
    def name(self) -> str:
        """How a report calls it: without passwords."""

    @property
    def identity(self) -> str:
        """What tells it from every other source of the same name; says nothing else."""

    def describe(self) -> Iterator[Spot | Unread]:
        """Yield every spot, always in the same order.

        Raises:
            StoreUnavailable: the source itself cannot be reached. Invalid: there is no such source.
        """

    def close(self) -> None:
        """Let go of connections and processes; may be called twice."""
