"""A plan as its authority row says it: the words that were approved, where it stands, and what its runs did.

Values only. ``operations.collecting.plans`` leads a plan through its life, ``operations.collecting.run_plan`` carries
it out.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from shouxin.approvals.request import Request
from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import AccountId
from shouxin.operations.collecting.plan_file import PlanFile, read_plan
from shouxin.policy.plan_transitions import PlanState

__all__ = ["PlanRun", "RunFinding", "StandingPlan", "plan_identifier"]


def plan_identifier(code: str) -> bytes:
    """Return the identifier of the row of the plan ``code``: 16 bytes."""
    return hashlib.sha256(b"shouxin/plan\0" + code.encode()).digest()[:16]


@dataclass(frozen=True, slots=True)
class RunFinding:
    """What was not as it was while records flowed: a name and a count, never a value.

    ``signal`` is one of ``detection.stream.monitor.StreamSignal``, ``field`` the field's name as it may be told,
    ``record`` how many records had come by then in this call, ``kind`` the new kind of identifier where that is it.
    """

    signal: str
    field: str
    record: int
    kind: str = ""


@dataclass(frozen=True, slots=True)
class PlanRun:
    """One run. ``place`` is the source's content or stream, ``first`` the line from which its volume counts.

    ``outcome`` is empty while it runs (or after a kill: the same run goes on), then ``finished`` or ``over-volume``.
    ``unplanned`` are the names of fields that no plan names; they were dropped before anything was stored.
    ``seen`` are the items that came at all, ``findings`` what was not as usual while they came (``watch_run``).
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


@dataclass(frozen=True, slots=True)
class StandingPlan:
    """A plan. ``text`` is the file as it was proposed; ``request`` the approval that it was laid before, if any.

    ``approved`` is when its chain was complete; ``runs`` are the last hundred, oldest first.
    """

    code: str
    state: PlanState
    text: str
    proposer: AccountId
    since: Instant
    request: Request | None = None
    approved: Instant | None = None
    runs: tuple[PlanRun, ...] = ()

    def file(self) -> PlanFile:
        """Return what the text declares."""
        return read_plan(self.text, self.code)

    def digest(self) -> str:
        """Return the SHA-256 of the text, hexadecimal: what an approval is for."""
        return hashlib.sha256(self.text.encode()).hexdigest()
