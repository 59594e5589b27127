"""The transaction port: state and event commit together, or neither does (laws 3 and 4).

A store's ``transact`` runs one piece of work inside one atomic change of the data store. The driver counts what the
work wrote: work that changed something and recorded no event is undone and refused. Several callers' works may share
one commit to disk (each within its own savepoint); that is the driver's affair and changes no promise made here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from shouxin.domain.event import Event
from shouxin.domain.identifiers import SubjectId

__all__ = ["Ahead", "Committed", "Transaction", "Transactor"]

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")
U = TypeVar("U")
S = TypeVar("S")
S_co = TypeVar("S_co", covariant=True)
R_contra = TypeVar("R_contra", contravariant=True)
R_co = TypeVar("R_co", covariant=True)


class Transaction(Protocol):
    """What every piece of work can do, whatever else its store offers."""

    def record(self, event: Event) -> int:
        """Append ``event`` to the ledger in this transaction; return its leaf index (from 0)."""
        ...


@dataclass(frozen=True, slots=True)
class Committed(Generic[T_co]):
    """What ``transact`` returns: the work's value, now durable.

    ``size`` is the number of leaves after the commit; ``covered`` is the size of the newest checkpoint that was
    signed and put away before the return (0 when none was asked for).
    """

    value: T_co
    size: int
    covered: int


@dataclass(frozen=True, slots=True)
class Ahead(Generic[R_contra, S_co]):
    """What a work asks before it records: ``look`` reads it, of ``people``, and writes nothing.

    It may be run before the transaction, on a snapshot, and is run again inside where anything but disclosures was
    recorded meanwhile: the rows that it saw stand in the transaction that records. What the clock ends, of which no
    entry tells, the work asks for itself. ``together`` looks elsewhere at once for what works ask of many people, while
    they look; like ``people``, it changes only what it costs. Whoever is asked for ``(together, person)`` by
    ``Records.once`` has it already.
    """

    look: Callable[[R_contra], S_co]
    people: Collection[SubjectId] = ()
    together: Callable[[Sequence[SubjectId]], Mapping[SubjectId, object]] | None = None


class Transactor(Protocol[R_co]):
    """A store of state and ledger with one writer at a time."""

    def transact(self, work: Callable[[R_co], T], *, covered: bool = False) -> Committed[T]:
        """Run ``work`` atomically.

        On return its changes and events are durable (fsync); with ``covered`` a signed checkpoint covers them too,
        its copy kept apart. On an error nothing of this work remains, but for ``Uncovered``. Never retried here.

        Raises:
            Unrecorded: the work changed state and recorded no event.
            StoreUnavailable: disk full, locked or unreachable.
            Uncovered: the work is durable, the checkpoint that was to cover it is not.
            ReadOnly: the store is older than its signed checkpoint.
        """
        ...

    def transact_then(
        self,
        ahead: Ahead[R_co, S],
        work: Callable[[R_co, S], T],
        then: Callable[[Committed[T]], U],
        *,
        covered: bool = False,
    ) -> U:
        """Run ``work`` on what was seen as ``transact`` does, then ``then`` on what was committed; return its value.

        It is run once, after the commit (and the checkpoint) is durable, and perhaps in another caller's thread: many
        works that were committed together are followed up one after the other. So it is short, and calls no
        ``transact``. What it raises, its caller gets; the work stands nevertheless.
        """
        ...

    def read(self, work: Callable[[R_co], T]) -> T:
        """Run ``work`` on one consistent snapshot; writing there is an error."""
        ...
