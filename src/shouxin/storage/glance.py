"""A glance: what many works ask is read at once, and before they get their turn where other processes write too.

Whoever decides reads much and writes little. Where one process writes it is all done in its turn, which costs least.
Where several do, each would wait for the others' reading as well. So works look on a snapshot first, and in their turn
only what has been recorded since is looked at: disclosures change nothing that anybody decides by, and after anything
else the works look again (``domain.transaction.Ahead``).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shouxin.errors import StoreUnavailable, Tampered
from shouxin.storage.ledger_rows import LedgerRows, LedgerWriter
from shouxin.storage.records import SqlRecords
from shouxin.storage.sqlite import guarded
from shouxin.storage.ticket import Ticket

__all__ = ["LONG_ALONE", "Glance", "expect", "look_ahead"]

LONG_ALONE: Final = 64  # commits after which no other process seems to write here
# Whatever ends by the clock, of which no entry tells, is seen again. A clock can jump, so whoever must know asks it.
_SOON_SECONDS: Final = 0.1
_MANY: Final = 2  # people: one alone is read as fast by whoever asks


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
    expect(tickets, records)
    for ticket in tickets:
        ticket.look(records)
    return glance


def expect(tickets: Sequence[Ticket[object]], records: SqlRecords) -> None:
    """Read for all works at once what they say that they will ask. What is wrong with a row its reader finds.

    What they ask elsewhere is read at once too, unless one of them comes without a look: it might change it.
    """
    unseen = [ticket.ahead for ticket in tickets if ticket.ahead is not None and not ticket.has_seen]
    people = {subject for ahead in unseen for subject in ahead.people}
    if len(people) < _MANY:
        return
    try:
        with guarded():
            records.authority.expect(people)
            records.cells.expect(people)
        if any(ticket.ahead is None for ticket in tickets):
            return
        for look in {ahead.together for ahead in unseen if ahead.together is not None}:
            theirs = list({one for ahead in unseen if ahead.together == look for one in ahead.people})
            found = look(theirs)
            records.shared.derived.update(((look, one), found.get(one)) for one in theirs)
    except (Tampered, StoreUnavailable):
        records.shared.forget()
