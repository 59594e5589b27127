"""How much of a person a database is asked to let go: everything, or the items that no other purpose keeps.

Laws of this file. A value, no more: ``asked_for`` says what an order means. What is not asked for is not touched.

Called by: ``plan`` (what becomes of a column), ``report`` (of which tables something is said).
**Source:** PIPL 47(1), 47(2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from shouxin.operations.downstream.dataset import Dataset, DescribedTable
from shouxin.retention.resolve import Kept
from shouxin.vault.erasure import NOT_IN_SCOPE

__all__ = ["ALL_OF_THEM", "Extent", "in_use"]


@dataclass(frozen=True, slots=True)
class Extent:
    """What goes: the items ``going`` (nothing: all of them) but for those that ``stays`` names, each with its reason.

    ``held``: a legal hold keeps everything of the person, so nothing goes and all of it is only stored and protected.
    """

    going: frozenset[str] | None = None
    stays: Mapping[str, Kept] = field(default_factory=lambda: MappingProxyType({}))
    held: Kept | None = None

    @property
    def whole(self) -> bool:
        """Say whether everything goes."""
        return self.going is None and not self.stays and self.held is None

    def asks(self, item: str | None) -> bool:
        """Say whether an item is asked for, whether or not something keeps it."""
        return self.going is None or item in self.going

    def concerns(self, table: DescribedTable) -> bool:
        """Say whether something in a table is asked for."""
        return self.going is None or any(one.item and self.asks(one.item) for one in table.columns.values())

    def reaches(self, dataset: Dataset) -> bool:
        """Say whether a database has anything that is asked for."""
        return any(map(self.concerns, dataset.tables.values()))


ALL_OF_THEM: Final = Extent()


def in_use(why: Kept) -> bool:
    """Say whether something stays because nobody asked for it, as against a law that keeps it."""
    return why.rule == NOT_IN_SCOPE
