"""Consent: what a person chose, for one purpose, after which notice; and that they took it back.

Consent is never bundled: one row a purpose (网络数据安全管理条例 62(7): 单独同意 is given for one specific processing).
A withdrawal ends it for the next decision; what was done before stays lawful (PIPL 15(2)).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import SubjectId
from shouxin.errors import NotInThisState

__all__ = ["Consent", "withdraw"]


@dataclass(frozen=True, slots=True)
class Consent:
    """One choice. ``notice`` is SHA-256 of the notice as it was shown, ``notified`` when; ``version`` is the card's.

    ``given`` is nothing when the person was told but asked for no consent (another lawful basis).
    """

    subject: SubjectId
    purpose: str
    version: int
    notice: bytes
    notified: Instant
    language: str
    given: Instant | None = None
    separate: bool = False
    withdrawn: Instant | None = None

    @property
    def stands(self) -> bool:
        """Say whether this consent carries processing now."""
        return self.given is not None and self.withdrawn is None


def withdraw(consent: Consent, now: Instant) -> Consent:
    """Return ``consent`` taken back.

    Raises:
        NotInThisState: it was never given, or taken back already.

    **Source:** PIPL 15(1).
    """
    if not consent.stands:
        raise NotInThisState("there is no consent that could be withdrawn")
    return replace(consent, withdrawn=now)
