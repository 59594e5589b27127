"""May it go? Floors, ceilings and what they rest on, resolved to one outcome with its article (PIPL 19, 47).

A floor that still runs wins over every wish to erase; what it keeps is frozen: stored and protected only (PIPL 47(2)).
A floor counts from an event. Where that event cannot come (a declined applicant never became a customer, so no
relationship will end), the floor never runs. Where it is still to come, the date is the one it is expected on. Where it
was expected and did not come (a loan in arrears), no clock has started: the floor keeps, and names no date.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from shouxin.domain.clock import add_months
from shouxin.errors import Invalid

__all__ = ["COMPLETION", "Floor", "Kept", "Relationship", "due_on", "longer", "resolve"]

# Starts that never come for somebody who never became a customer.
_FROM_RELATIONSHIP: Final = frozenset({"end_of_relationship", "end_of_transaction"})
# A record starts its own clock on the day on which it was made; every other clock is not kept here.
COMPLETION: Final = "completion"
_MONTHS: Final = {"m": 1, "y": 12}


@dataclass(frozen=True, slots=True)
class Relationship:
    """The business relationship with a person: ``ended`` is a fact, ``expected_end`` what the contract says."""

    began: date
    expected_end: date | None
    ended: date | None = None

    @property
    def end(self) -> date | None:
        """The end, as far as it is known."""
        return self.ended or self.expected_end

    def end_seen_on(self, today: date) -> date | None:
        """Return the end that is a fact or still lies ahead; one that was expected and did not come is none."""
        overdue = self.ended is None and self.expected_end is not None and self.expected_end <= today
        return None if overdue else self.end


def longer(one: Relationship | None, other: Relationship | None) -> Relationship | None:
    """Return the relationship that ends later; one whose end is not known ends last."""
    known = [each for each in (one, other) if each is not None]
    return max(known, key=lambda each: (each.end or date.max, each.began), default=None)


@dataclass(frozen=True, slots=True)
class Floor:
    """A statutory least term: rule, article, ``n`` of ``unit`` (``d``, ``m``, ``y``) counted from ``clock_start``."""

    rule: str
    article: str
    n: int
    unit: str
    clock_start: str


@dataclass(frozen=True, slots=True)
class Kept:
    """Why something stays: rule, article, and until when; ``until`` is nothing while its clock has not started."""

    rule: str
    article: str
    until: date | None


def _add(start: date, n: int, unit: str) -> date:
    if unit == "d":
        return start + timedelta(days=n)
    if unit in _MONTHS:
        return add_months(start, n * _MONTHS[unit])
    raise Invalid(f"a term cannot be counted in {unit}")


def resolve(
    floors: Iterable[Floor], relationship: Relationship | None, today: date, made: date | None = None
) -> Kept | None:
    """Return the floor that keeps something longest today, or nothing: it may be erased.

    ``made`` is the day on which it was sealed, where that is known: a record is complete on that day.

    **Source:** PIPL 47(2), 56(2); 反洗钱法 34(3).
    """
    end = None if relationship is None else relationship.end_seen_on(today)
    keeping: list[Kept] = []
    for floor in floors:
        related = floor.clock_start in _FROM_RELATIONSHIP
        if related and relationship is None:
            continue
        # A clock that is not kept here, or that has not started, has not run out.
        start = end if related else made if floor.clock_start == COMPLETION else None
        until = None if start is None else _add(start, floor.n, floor.unit)
        if until is None or today < until:
            keeping.append(Kept(floor.rule, floor.article, until))
    return max(keeping, key=lambda kept: kept.until or date.max, default=None)


def due_on(
    collected: date, ceiling_days: int, starts: str, relationship: Relationship | None, today: date
) -> date | None:
    """Return the day from which something must be gone (PIPL 19), or nothing while its clock has not started.

    An end of the relationship that was expected and did not come starts no clock.
    """
    start: date | None = collected
    if starts == "end_of_relationship" and relationship is not None:
        start = relationship.end_seen_on(today)
    return None if start is None else start + timedelta(days=ceiling_days)
