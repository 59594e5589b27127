"""A glance: what many works ask is read at once, and before they get their turn where other processes write too.

Whoever decides reads much and writes little. Where one process writes it is all done in its turn, which costs least.
Where several do, each would wait for the others' reading as well. So works look on a snapshot first, and in their turn
only what has been recorded since is looked at: disclosures change nothing that anybody decides by, and after anything
else the works look again (``domain.transaction.Ahead``).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final

from shouxin.errors import StoreUnavailable, Tampered
from shouxin.storage.ledger_rows import LedgerRows, LedgerWriter
from shouxin.storage.records import SqlRecords
from shouxin.storage.sqlite import guarded
from shouxin.storage.ticket import Ticket, together

__all__ = ["LONG_ALONE", "Glance", "expecting", "look_ahead"]

LONG_ALONE: Final = 64  # commits after which no other process seems to write here
# Whatever ends by the clock, of which no entry tells, is seen again. A clock can jump, so whoever must know asks it.
_SOON_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Glance:
    """A look before the transaction: how long the log was, its last leaf, and when, by the clock that only counts."""

    size: int
    last: bytes
    at: float

    def stands(self, writer: LedgerWriter) -> bool:
        """Say whether nothing that was seen can be otherwise by now, in a log that goes on from the one that it saw."""
        return (
            time.monotonic() - self.at < _SOON_SECONDS
            and _last_of(writer, self.size) == self.last
            and not writer.changed_since(self.size)
        )


def _last_of(ledger: LedgerRows, size: int) -> bytes:
    """Return the last of a log's first ``size`` leaves, nothing where it is missing."""
    return b"".join(body for _, body in ledger.entries(max(0, size - 1), size))


def look_ahead(tickets: Sequence[Ticket[object]], records: SqlRecords) -> Glance:
    """Let ``tickets`` look at ``records``, a snapshot."""
    size = records.ledger.size
    glance = Glance(size, _last_of(records.ledger, size), time.monotonic())
    with expecting(tickets, records):
        for ticket in tickets:
            ticket.look(records)
    return glance


def expecting(tickets: Sequence[Ticket[object]], records: SqlRecords) -> AbstractContextManager[object]:
    """Read for all works at once what they say that they will ask. What is wrong with a row its reader finds.

    What they ask elsewhere is read at once too, unless one of them comes without a look: it might change it.
    """
    unseen = [ticket for ticket in tickets if ticket.ahead is not None and not ticket.has_seen]
    people = {subject for ticket in unseen if ticket.ahead is not None for subject in ticket.ahead.people}
    if len(people) > 1:
        try:
            with guarded():
                records.authority.expect(people)
                records.cells.expect(people)
        except (Tampered, StoreUnavailable):
            records.shared.forget()
    return together(unseen if all(ticket.ahead is not None for ticket in tickets) else [])
