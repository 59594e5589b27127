"""A figure: one line of the table, measured, with its peer, its goal and the verdict that follows from them.

What ``run`` of a benchmark returns::

    {"title": "…", "figures": [figure(...), ...], "notes": ["…", ...], "machine": {"part": "version"}}

All keys are optional; any other key is printed as it is below the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

__all__ = ["AIM_MET", "CONTEXT", "MISSED", "MUST_MET", "Goal", "at_least", "at_most", "figure", "times", "verdict"]

AIM_MET: Final = "aim met"
MUST_MET: Final = "must met"
MISSED: Final = "MISSED"
CONTEXT: Final = ""


@dataclass(frozen=True, slots=True)
class Goal:
    """What issue 2 asks: the measured value, or with ``of_ratio`` its ratio to the peer, on this side of a bound."""

    most: bool
    must: float
    aim: float | None
    of_ratio: bool = False

    def text(self, bound: float | None, unit: str) -> str:
        """Return a bound as the table shows it."""
        if bound is None:
            return ""
        sign = "≤" if self.most else "≥"
        return f"{sign} {bound:,g}{'×' if self.of_ratio else _joined(unit)}"

    def meets(self, value: float, bound: float | None) -> bool:
        """Say whether ``value`` is on the right side of ``bound``; without a bound it is not."""
        return bound is not None and (value <= bound if self.most else value >= bound)


def at_most(must: float, aim: float | None = None) -> Goal:
    """A measured value of at most ``must``, better ``aim``."""
    return Goal(most=True, must=must, aim=aim)


def at_least(must: float, aim: float | None = None) -> Goal:
    """A measured value of at least ``must``, better ``aim``."""
    return Goal(most=False, must=must, aim=aim)


def times(goal: Goal) -> Goal:
    """The same goal, asked of the ratio to the peer."""
    return Goal(most=goal.most, must=goal.must, aim=goal.aim, of_ratio=True)


def verdict(goal: Goal, value: float) -> str:
    """Return which of must and aim ``value`` meets; where no aim was set, the must is both."""
    if not goal.meets(value, goal.must):
        return MISSED
    return AIM_MET if goal.aim is None or goal.meets(value, goal.aim) else MUST_MET


def _joined(unit: str) -> str:
    return unit if unit.startswith("/") else f" {unit}"


def amount(value: float, unit: str) -> str:
    """Write a measured value with three significant digits."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 0.1 else 4
    return f"{value:,.{digits}f}{_joined(unit)}"


def figure(
    work: str, ours: float, unit: str, *, peer: tuple[str, float] | None = None, goal: Goal | None = None
) -> dict[str, Any]:
    """Return one line of the table. ``peer`` is whom it was measured against and the same value of theirs.

    The ratio is always ours to theirs: of times, smaller is better; of rates, larger.
    """
    ratio = ours / peer[1] if peer is not None and peer[1] else None
    judged = ratio if goal is not None and goal.of_ratio else ours
    return {
        "work": work,
        "ours": ours,
        "unit": unit,
        "ours_text": amount(ours, unit),
        "peer": None if peer is None else peer[1],
        "peer_text": "" if peer is None else f"{amount(peer[1], unit)} · {peer[0]}",
        "ratio": ratio,
        "ratio_text": "" if ratio is None else f"{ratio:,.2f}×",
        "must": "" if goal is None else goal.text(goal.must, unit),
        "aim": "" if goal is None else goal.text(goal.aim, unit),
        "verdict": CONTEXT if goal is None or judged is None else verdict(goal, judged),
    }
