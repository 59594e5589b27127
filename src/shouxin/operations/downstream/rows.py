"""The port to one database of the lender: what the walk asks of it, inside one transaction.

Laws of this file. A driver says what is there, never what should be: counts are those of the database. It may raise
``Misconfigured`` (a permission is missing: the detail names the GRANT to ask for, after a semicolon) and
``StoreUnavailable`` (out of reach, switched off, busy to the end); nothing was changed then, or, if a connection broke
during the commit, nobody knows, and running again tells. Rows are values of people.

Called by: ``walk``, ``plan``, ``act``. Drivers: ``connectors.downstream``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from shouxin.operations.downstream.dataset import Dataset
from shouxin.operations.downstream.schema import LiveSchema

__all__ = ["BATCH", "Database", "Key", "Rows", "Sought", "batches"]

T = TypeVar("T")

# Values of one column, or of several together, in their order.
Key = tuple[Any, ...]
# Keys asked for in one statement: PostgreSQL takes 65,535 parameters, SQLite 32,766, in keys of up to eight columns.
BATCH = 500


def batches(keys: Sequence[Key]) -> list[Sequence[Key]]:
    """Cut ``keys`` into pieces of at most ``BATCH``."""
    return [keys[at : at + BATCH] for at in range(0, len(keys), BATCH)]


@dataclass(frozen=True, slots=True)
class Sought:
    """What is read of rows: ``fetch`` are columns by value, ``present`` columns of which only 'not null' is asked."""

    table: str
    fetch: tuple[str, ...]
    present: tuple[str, ...] = field(default=())


class Rows(Protocol):
    """Rows of one database inside one transaction. At most ``BATCH`` keys a call; a key with a null matches nothing.

    Values are compared as the column's type says: text that is no number never equals a number.
    """

    def find(self, sought: Sought, columns: Sequence[str], values: Sequence[Key]) -> list[Key]:
        """Return ``fetch`` values, then ``present`` booleans, of the rows whose ``columns`` hold one of ``values``."""
        ...

    def count(self, table: str, columns: Sequence[str], values: Sequence[Key]) -> int:
        """Return how many rows hold one of ``values`` in ``columns``."""
        ...

    def mentioning(self, table: str, column: str, text: str, fetch: Sequence[str]) -> list[Key]:
        """Return ``fetch`` of the rows whose text in ``column`` contains ``text``; at most 1,000."""
        ...

    def delete(self, table: str, columns: Sequence[str], keys: Sequence[Key]) -> int:
        """Delete the rows of these keys and return how many the database says went."""
        ...

    def update(self, table: str, columns: Sequence[str], keys: Sequence[Key], values: Mapping[str, object]) -> int:
        """Set ``values`` in the rows of these keys and return how many rows the database says it matched."""
        ...


class Database(Protocol):
    """One database of the lender."""

    def schema(self, dataset: Dataset) -> LiveSchema:
        """Return what the database says about itself."""
        ...

    def transact(self, work: Callable[[Rows], T]) -> T:
        """Run ``work`` in one serializable transaction, again if the database asks for it; durable on return.

        Whatever ``work`` raises undoes everything.
        """
        ...

    def read(self, work: Callable[[Rows], T]) -> T:
        """Run ``work`` on a connection of its own, on one snapshot, writing nothing."""
        ...
