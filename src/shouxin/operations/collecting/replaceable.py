"""The port of a table whose columns become tokens: exchange, confirm or roll back, conclude.

Laws. An exchange is one transaction, in which nobody else writes to the table; the values it takes stand beside their
tokens until they are confirmed. A row is handed over as the record that its collection had, so that it can be held
against what arrived. Each step may be repeated: one that was killed is taken up by asking for it again.

Called by: ``operations.collecting.replace_columns``; the driver stands in ``connectors.sources.replaced_columns``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

from shouxin.operations.collecting.intake_source import SourceRecord

__all__ = ["Exchange", "Replaceable", "Replaced", "Stays"]


class Stays(StrEnum):
    """Why a row stays as it is."""

    ALREADY = "already"  # it holds tokens
    CHANGED = "changed"  # one of its name arrived, with other values: these were not sealed
    UNKNOWN = "unknown"  # it never arrived, or the vault holds nothing of it for anybody who can be found


# What becomes of each row of a batch: its tokens by column (a column without one keeps its value), or why it stays.
Exchange: TypeAlias = Callable[[Sequence[SourceRecord]], Sequence[Mapping[str, str] | Stays]]


@dataclass(frozen=True, slots=True)
class Replaced:
    """What became of the rows: how many hold tokens now, and how many stayed as they are, by ``Stays``.

    ``kept`` are those that are unknown. ``values`` counts single values that stand in rows with tokens, because the
    vault does not hold them.
    """

    rows: int
    kept: int = 0
    changed: int = 0
    already: int = 0
    values: int = 0


class Replaceable(Protocol):
    """A table whose columns can become tokens, in one transaction, with the values beside them until confirmed."""

    def identity(self) -> bytes:
        """Return what tells this table from another: the place at which a collection of it arrived."""
        ...

    def waiting(self, columns: Sequence[str]) -> bool:
        """Say whether a replacement of these columns waits to be confirmed, rolled back or concluded."""
        ...

    def replace(self, columns: Sequence[str], wanted: Collection[str], exchange: Exchange) -> Replaced:
        """Put tokens in the columns and the values beside them; committed on return.

        ``wanted`` are the fields that the collection asked for.

        Raises:
            Invalid: a column is not there, is not text, or names the rows. StoreUnavailable: what names the rows does
                not tell them apart, or the database refused; nothing was changed.
        """
        ...

    def confirm(self, columns: Sequence[str]) -> int:
        """Take the values beside the tokens away for good; return how many columns of them are left."""
        ...

    def conclude(self, columns: Sequence[str]) -> None:
        """Take away what remembers that a replacement waited: after it was confirmed, and that is recorded."""
        ...

    def roll_back(self, columns: Sequence[str]) -> int:
        """Put the values back where their token still stands; return how many rows have another value by now.

        Raises:
            NotInThisState: the values beside are gone: confirming them was begun.
        """
        ...
