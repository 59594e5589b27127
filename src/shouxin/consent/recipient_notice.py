"""A withdrawal notice to a recipient: told, then acknowledged.

Whoever received data on a consent must learn that it was taken back, or they go on. The lender can prove that it told
them and when; that they stopped is theirs to say, with what they wrote as evidence. By which day they say it, their
contract may set; where it does not, this product does, because no law names a day.
**Source:** PIPL 15(1), 23, 47(1)(3).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from shouxin.domain.clock import Instant, local_date
from shouxin.domain.identifiers import SubjectId
from shouxin.domain.paper import check_paper
from shouxin.errors import NotInThisState

__all__ = ["OWN_DAYS", "DaySetBy", "RecipientNotice", "acknowledge"]

OWN_DAYS: Final = 30


class DaySetBy(StrEnum):
    """Whose rule a day is: a recipient's contract, this product's own, the lender's settings.

    ``TERM``: nobody set one; it is the day until which the lender accounts for the deletion (PIPL 56(2)).
    """

    CONTRACT = "recipient-contract"
    OWN = "own-rule"
    SETTINGS = "own-settings"
    TERM = "accountable-until"


@dataclass(frozen=True, slots=True)
class RecipientNotice:
    """One notice: about whom, for which purpose, to which recipient (a code), when; ``evidence`` is a SHA-256.

    ``answer_days`` are those of the recipient's contract at that moment; nothing where it names none.
    """

    subject: SubjectId
    purpose: str
    recipient: str
    told: Instant
    acknowledged: Instant | None = None
    evidence: bytes = b""
    answer_days: int | None = None

    @property
    def due(self) -> date:
        """The day by which the recipient has to confirm: their contract's, else ``OWN_DAYS`` after they were told."""
        return local_date(self.told) + timedelta(OWN_DAYS if self.answer_days is None else self.answer_days)

    @property
    def day_set_by(self) -> DaySetBy:
        """Whose rule that day is."""
        return DaySetBy.OWN if self.answer_days is None else DaySetBy.CONTRACT


def acknowledge(notice: RecipientNotice, now: Instant, evidence: bytes) -> RecipientNotice:
    """Return ``notice`` acknowledged at ``now``; ``evidence`` is SHA-256 of what the recipient wrote.

    Raises:
        NotInThisState: it was acknowledged already. Invalid: the evidence is no SHA-256, or that of an empty file.
    """
    if notice.acknowledged is not None:
        raise NotInThisState("this notice was acknowledged already")
    check_paper(evidence, "evidence")
    return replace(notice, acknowledged=now, evidence=evidence)
