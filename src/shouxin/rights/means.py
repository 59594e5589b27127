"""By what it is seen who asks: a closed list, each means with the most that it can show.

A means is a code, because it stands in evidence that outlives the person. No law ranks them; the levels are this
product's, in proportion to what a wrong answer would do (``rights.kinds``). What lets somebody ask for another (a
relative, an agent, a guardian) shows nothing of who they are: that is seen by another means.

**Source:** 网络数据安全管理条例 25(1)(1) (the true identity is verified), 23 (no unreasonable conditions).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from shouxin.errors import Invalid
from shouxin.rights.kinds import Assurance, Capacity, RightKind, shown_for

__all__ = ["MEANS", "SHOWING", "most_shown"]

# The means themselves, what shows more first; the codes that orders to delete know too mean the same there.
SHOWING: Final[dict[str, Assurance]] = {
    "id-document": Assurance.PROVEN,
    "in-person": Assurance.PROVEN,
    "video-call": Assurance.PROVEN,
    "signed-in": Assurance.PROVEN,
    "electronic-signature": Assurance.PROVEN,
    "certified-copy": Assurance.PROVEN,
    "court-paper": Assurance.PROVEN,
    # What somebody knows, or a number that answers, others may have as well.
    "two-identifiers": Assurance.MATCHED,
    "call-back": Assurance.MATCHED,
    "stated": Assurance.SAID,
}
MEANS: Final[dict[str, Assurance]] = SHOWING | {
    paper: Assurance.NONE
    for capacity in (Capacity.GUARDIAN, Capacity.AGENT, Capacity.RELATIVE)
    for paper in sorted(shown_for(RightKind.ACCESS, capacity))
}


def most_shown(means: Iterable[str]) -> Assurance:
    """Return how sure ``means`` make one of who asks, at most.

    Raises:
        Invalid: one of them is not in the list.
    """
    named = list(means)
    if any(one not in MEANS for one in named):
        raise Invalid(f"who asks is seen by one of {', '.join(MEANS)}", "means")
    return max((MEANS[one] for one in named), default=Assurance.NONE)
