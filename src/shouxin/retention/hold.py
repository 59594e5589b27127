"""Legal holds: a court, the police or a dispute wants something kept, so nothing of it is erased until they let go.

A hold keeps; it opens nothing. Whoever set it cannot lift it (two people), and one whose review date has passed still
holds: it stands in the review queue until somebody decides. What is held and past its term is stored and protected
only (PIPL 47(2)).

The basis is a card of its own: its article is what the person is told. **Source:** PIPL 13(1)(3), 47(2).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import AccountId, SubjectId
from shouxin.errors import NotInThisState, Refused
from shouxin.retention.resolve import Kept

__all__ = ["AUTHORITIES", "Hold", "held", "lift"]

# Who may want something kept; a code, because it stands in the public log.
AUTHORITIES: Final = frozenset({"court", "procuratorate", "police", "supervisor", "tax", "arbitration", "dispute"})
HELD: Final = "legal-hold"


@dataclass(frozen=True, slots=True)
class Hold:
    """What is kept, for whom and on which paper.

    ``purpose`` is the card under which holds are kept, ``article`` its basis as it was then; ``purposes`` limits the
    hold to what is kept for these (empty: everything of the person). ``paper`` is SHA-256 of the written demand;
    ``review_on`` the day on which somebody looks whether it is still wanted.
    """

    subject: SubjectId
    authority: str
    purpose: str
    article: str
    purposes: tuple[str, ...]
    paper: bytes
    set_by: AccountId
    since: Instant
    review_on: date
    lifted: Instant | None = None
    lifted_by: AccountId | None = None
    lifted_on: bytes = b""

    def holds(self, purpose: str) -> bool:
        """Say whether what is kept for ``purpose`` is held now."""
        return self.lifted is None and (not self.purposes or purpose in self.purposes)

    def keeping(self) -> Kept:
        """Return why what is held may not go; a hold names no day on which it ends."""
        return Kept(f"{HELD}.{self.authority}", self.article, None)


def held(holds: Iterable[Hold], purpose: str) -> Kept | None:
    """Return why what is kept for ``purpose`` may not go, or nothing; a hold names no day on which it ends."""
    for hold in holds:
        if hold.holds(purpose):
            return hold.keeping()
    return None


def lift(hold: Hold, account: AccountId, paper: bytes, now: Instant) -> Hold:
    """Return ``hold`` lifted by ``account`` on the paper of that digest.

    Raises:
        Refused: whoever set it. NotInThisState: it was lifted already.
    """
    if hold.lifted is not None:
        raise NotInThisState("this hold was lifted already")
    if account == hold.set_by:
        raise Refused("nobody lifts a hold that they set: somebody else looks at it", [("maker-checker", "PIPL 51(1)")])
    return replace(hold, lifted=now, lifted_by=account, lifted_on=paper)
