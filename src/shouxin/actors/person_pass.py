"""A pass: how a person, who has no account here, is let in to see their own page, once and for a short time.

The rights desk issues it for one person and hands the code over; whoever enters it first sees that person's page until
it ends, and can change nothing. As with sign-ins, the code names a row and carries a MAC, so that guessing identifiers
opens nothing; what is believed is the row.

**Source:** PIPL 45(1), 50(1): a convenient way to exercise one's rights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NewType

from shouxin.actors.bearer import name_of, words_for
from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import AccountId, PassId, SubjectId

__all__ = ["Pass", "PassCode", "issue_code", "read_code"]

PassCode = NewType("PassCode", str)
_USE: Final = b"shouxin/pass/v1"


@dataclass(frozen=True, slots=True)
class Pass:
    """A pass as its authority row says it: whose page, who issued it, when it ends, and when it was entered."""

    subject: SubjectId
    issuer: AccountId
    until: Instant
    used: Instant | None = None
    ended: bool = False

    def runs(self, now: Instant) -> bool:
        """Say whether it has not ended."""
        return not self.ended and now < self.until


def issue_code(key: bytes, pass_id: PassId) -> PassCode:
    """Return the code that stands for a pass."""
    return PassCode(words_for(key, _USE, PassId, pass_id))


def read_code(key: bytes, code: PassCode) -> PassId:
    """Return the pass that ``code`` names.

    Raises:
        NotSignedIn: not a code of this institution.
    """
    return name_of(key, _USE, PassId, code)
