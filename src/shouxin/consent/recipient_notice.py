"""A withdrawal notice to a recipient: told, then acknowledged.

Whoever received data on a consent must learn that it was taken back, or they go on. The lender can prove that it told
them and when; that they stopped is theirs to say, with what they wrote as evidence.
**Source:** PIPL 15(1), 23, 47(1)(3).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import SubjectId
from shouxin.errors import Invalid, NotInThisState

__all__ = ["RecipientNotice", "acknowledge"]

_DIGEST: Final = 32


@dataclass(frozen=True, slots=True)
class RecipientNotice:
    """One notice: about whom, for which purpose, to which recipient (a code), when; ``evidence`` is a SHA-256."""

    subject: SubjectId
    purpose: str
    recipient: str
    told: Instant
    acknowledged: Instant | None = None
    evidence: bytes = b""


def acknowledge(notice: RecipientNotice, now: Instant, evidence: bytes) -> RecipientNotice:
    """Return ``notice`` acknowledged at ``now``; ``evidence`` is SHA-256 of what the recipient wrote.

    Raises:
        NotInThisState: it was acknowledged already. Invalid: the evidence has not 32 bytes.
    """
    if notice.acknowledged is not None:
        raise NotInThisState("this notice was acknowledged already")
    if len(evidence) != _DIGEST:
        raise Invalid("evidence is named by its SHA-256", "evidence")
    return replace(notice, acknowledged=now, evidence=evidence)
