"""The port of whatever people's data is collected from: describe, read, go on, erase, verify.

Laws. A driver yields bounded records one after another and holds no more than a page. Each record says where the
source goes on after it, so that its place is committed with its data. A driver may raise anything inside; what leaves
it is one ``OperatorError`` without content. What does not read as a record is an ``Unfit`` with its reason, never lost.

Called by: ``operations.collecting.run_plan`` and ``operations.collecting.purge``; the drivers stand in
``connectors.sources`` and ``connectors.csv_file``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from shouxin.operations.collecting.intake import Cursor, Reached

__all__ = ["IntakeSource", "SourceRecord", "Unfit", "Yielded"]


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One record, its fields by name as text. ``line`` counts from 1 over the whole life of the stream.

    ``key`` names the record where the source may hand it out twice (empty: it cannot); with its fields it is one
    arrival, so that a record that changed arrives again.
    """

    line: int
    fields: Mapping[str, str]
    cursor: Cursor = ()
    key: str = ""


@dataclass(frozen=True, slots=True)
class Unfit:
    """Something in the place of a record that does not read as one; ``reason`` is a code."""

    line: int
    reason: str
    cursor: Cursor = ()


Yielded: TypeAlias = SourceRecord | Unfit


class IntakeSource(Protocol):
    """A source, as a collection sees it."""

    def identity(self) -> bytes:
        """Return what tells this content or stream from another: a digest of a file, an address and table."""
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

    def erase(self, reached: Reached) -> int:
        """Delete from the source every record up to ``reached``; return how many there were.

        Raises:
            NotInThisState: this kind of source cannot be erased from here.
        """
        ...

    def verify(self, reached: Reached) -> int:
        """Return how many of the records up to ``reached`` the source still has."""
        ...

    def close(self) -> None:
        """Let go of connections; may be repeated."""
        ...
