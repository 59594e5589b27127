"""A plan as its authority row says it: the words that were approved, where it stands, and what its runs did.

Values only. ``operations.collecting.plans`` leads a plan through its life, ``operations.collecting.run_plan`` carries
it out.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import Final

from shouxin.approvals.request import Request
from shouxin.detection.stream.monitor import KeptField
from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import AccountId
from shouxin.operations.collecting.plan_file import PlanFile, read_plan
from shouxin.policy.plan_transitions import PlanState

__all__ = [
    "OBSERVED",
    "ItemTotal",
    "PlanRun",
    "PlanTotals",
    "RunFinding",
    "StandingPlan",
    "UsualRecords",
    "plan_identifier",
]

OBSERVED: Final = "observed"
_NAMES: Final = 200  # of unplanned fields; a source that invents names without end tells no more


def plan_identifier(code: str) -> bytes:
    """Return the identifier of the row of the plan ``code``: 16 bytes."""
    return hashlib.sha256(b"shouxin/plan\0" + code.encode()).digest()[:16]


@dataclass(frozen=True, slots=True)
class RunFinding:
    """What was not as it was while records flowed: a name and a count, never a value.

    ``signal`` is one of ``detection.stream.monitor.StreamSignal`` or ``intake_source.SourceSignal``, ``field`` the
    field's name as it may be told (of a page: why), ``record`` how many records had come by then in this call, ``kind``
    the new kind of identifier where that is it, ``count`` how often where that is counted.
    """

    signal: str
    field: str
    record: int
    kind: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True)
class PlanRun:
    """One run. ``place`` is the source's content or stream, ``first`` how many records of it were done before.

    ``number`` counts the runs of the plan from 1 (0: begun before they were numbered).
    ``outcome`` is empty while it runs (or after a kill: the same run goes on), then ``finished``, ``over-volume``, or
    ``over-waiting`` (as many records of the place are set aside as the volume);
    ``observed`` where the source was only looked at: then ``seen`` are the planned items that were found and
    ``unplanned`` the others.
    ``unplanned`` are the names of fields that no plan names; they were dropped before anything was stored.
    ``seen`` are the items that came at all, ``findings`` what was not as usual while they came (``watch_run``).
    ``locator`` is a keyed digest of where the source lay (``purge``). ``suppressed`` of what was set aside was so
    because an erasure keeps its person out.
    """

    begun: Instant
    place: bytes
    first: int
    ended: Instant | None = None
    outcome: str = ""
    taken: int = 0
    subjects: int = 0
    aside: int = 0
    repeated: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    unplanned: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    findings: tuple[RunFinding, ...] = ()
    locator: bytes = b""
    suppressed: int = 0
    number: int = 0


@dataclass(frozen=True, slots=True)
class ItemTotal:
    """One item over all runs: when the first that brought it began, and the records of all that did."""

    first: Instant
    records: int = 0


@dataclass(frozen=True, slots=True)
class PlanTotals:
    """What all runs of a plan did, also those that are not kept one by one any more."""

    runs: int = 0
    taken: int = 0
    aside: int = 0
    repeated: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    unplanned: tuple[str, ...] = ()
    items: dict[str, ItemTotal] = field(default_factory=dict)

    def plus(self, before: PlanRun | None, after: PlanRun) -> PlanTotals:
        """Return the totals with what a run did since it stood as ``before`` (nothing: since it began)."""
        was = before or PlanRun(after.begun, after.place, after.first)
        dropped = dict(self.dropped)
        for item, count in after.dropped.items():
            dropped[item] = dropped.get(item, 0) + count - was.dropped.get(item, 0)
        items = dict(self.items)
        taken = after.taken - was.taken
        for item in after.seen if taken or after.outcome == OBSERVED else ():
            known = items.get(item, ItemTotal(after.begun))
            items[item] = replace(known, records=known.records + taken)
        return PlanTotals(
            self.runs + (before is None),
            self.taken + taken,
            self.aside + after.aside - was.aside,
            self.repeated + after.repeated - was.repeated,
            dropped,
            tuple(sorted({*self.unplanned, *after.unplanned})[:_NAMES]),
            items,
        )


@dataclass(frozen=True, slots=True)
class UsualRecords:
    """What records under a plan usually look like: counts and sketches by field, nothing of a value.

    ``plan`` is the digest of the text under which it was learned: another text begins anew.
    """

    plan: str
    fields: dict[str, KeptField] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StandingPlan:
    """A plan. ``text`` is the file as it was proposed; ``request`` the approval that it was laid before, if any.

    ``approved`` is when its chain was complete; ``runs`` are the last hundred, oldest first, ``totals`` what all did.
    ``usual`` is what the next run is held against (``watch_run``).
    """

    code: str
    state: PlanState
    text: str
    proposer: AccountId
    since: Instant
    request: Request | None = None
    approved: Instant | None = None
    runs: tuple[PlanRun, ...] = ()
    totals: PlanTotals = field(default_factory=PlanTotals)
    usual: UsualRecords | None = None

    def counted(self) -> PlanTotals:
        """Return the totals; of a row that was written before there were any, those of the runs that it has."""
        if self.totals.runs:
            return self.totals
        found = PlanTotals()
        for run in self.runs:
            found = found.plus(None, run)
        return found

    def usual_fields(self) -> dict[str, KeptField]:
        """Return what is usual under the text as it stands, by field; nothing where it was learned under another."""
        return self.usual.fields if self.usual is not None and self.usual.plan == self.digest() else {}

    def file(self) -> PlanFile:
        """Return what the text declares."""
        return read_plan(self.text, self.code)

    def digest(self) -> str:
        """Return the SHA-256 of the text, hexadecimal: what an approval is for."""
        return hashlib.sha256(self.text.encode()).hexdigest()
