"""What becomes of something today, and when next: ceilings, floors, holds and consent in one answer (PIPL 19, 47).

::

    in use ──ceiling passed, consent gone or erasure asked for──▶ due ──▶ erased
       │                                                           ▲
    undated (its clock has not started: people look at it)       kept (a floor or hold runs: stored and protected only)

A wish to erase never shortens a floor, and a floor never lengthens a use: what is past its ceiling and kept by law is
``kept``, and read by statutory purposes only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from shouxin.retention.resolve import Kept, Relationship, due_on

__all__ = ["ASKED", "EXPIRED", "WITHDRAWN", "Cause", "Ceiling", "Outlook", "State", "judge"]


class State(StrEnum):
    """Where something stands between being collected and being gone."""

    IN_USE = "in-use"
    UNDATED = "undated"
    KEPT = "kept"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something must go: rule of the law pack and article."""

    rule: str
    article: str


EXPIRED: Final = Cause("CN-PIPL-47-1-2-EXPIRED", "PIPL 47(1)(2)")
WITHDRAWN: Final = Cause("CN-PIPL-47-1-3-WITHDRAWN", "PIPL 47(1)(3)")
ASKED: Final = Cause("CN-PIPL-47-1-DELETE", "PIPL 47(1)")


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The longest time of a term: ``days`` from ``starts`` (``collection`` or ``end_of_relationship``)."""

    days: int
    starts: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """What becomes of something, why, and ``on`` which day that changes next (nothing: no clock says)."""

    state: State
    cause: Cause
    on: date | None
    kept: Kept | None = None


def judge(
    collected: date,
    ceilings: Iterable[Ceiling],
    kept: Kept | None,
    relationship: Relationship | None,
    today: date,
    wanted: Cause | None = None,
) -> Outlook:
    """Return the outlook of ``today`` for something ``collected`` that day.

    Of several ``ceilings`` (each version of a card had one) the earliest counts: people were told each of them, and a
    later version cannot lengthen what was promised before. ``kept`` is the floor or hold that runs, ``wanted`` why it
    must go whatever the ceiling says: consent was taken back, or an erasure was asked for.

    **Source:** PIPL 19, 47(1)(2), 47(1)(3), 47(2); 网络数据安全管理条例 22(1)(4).
    """
    dates = [due_on(collected, one.days, one.starts, relationship, today) for one in ceilings]
    ends = min((one for one in dates if one is not None), default=None)
    cause = wanted or EXPIRED
    if wanted is None and (ends is None or today < ends):
        return Outlook(State.UNDATED if ends is None else State.IN_USE, cause, ends, kept)
    if kept is not None:
        return Outlook(State.KEPT, cause, kept.until, kept)
    return Outlook(State.DUE, cause, today if wanted or ends is None else ends)
