"""Consent: what a person was shown and chose, for one question about one purpose; and that they took it back.

Consent is never bundled: one row a question (网络数据安全管理条例 62(7): 单独同意 is given for one processing alone).
A withdrawal ends it for the next decision; what was done before stays lawful (PIPL 15(2)). Where a choice may stand and
what may follow is the table in ``transitions``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import SubjectId
from shouxin.errors import NotInThisState

__all__ = ["Consent", "Served", "withdraw"]


@dataclass(frozen=True, slots=True)
class Served:
    """That a notice was shown: to whom, which one by its digest, when, by which of the channels.

    ``kind`` is the notice's; ``about`` its question, empty where it only tells. ``by_person``: they came by themselves.
    Recorded before any choice, as ``leaf`` of the log.
    """

    subject: SubjectId
    purpose: str
    version: int
    language: str
    kind: str
    about: str
    notice: bytes
    at: Instant
    channel: str
    by_person: bool = False
    leaf: int | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """One choice. ``notice`` is SHA-256 of the notice as it was shown, ``notified`` when; ``version`` is the card's.

    ``given`` is nothing when the person was told but asked for no consent (another lawful basis), has not chosen yet,
    or ``refused``. ``kind``, ``about`` and ``channel`` are those of what was served; ``guardian`` is who chose for a
    child under 14; ``seal`` the digest of what the choice was confirmed with (a confirmation, a signed document).
    ``leaves`` are the log's entries of serving and of each step after it. ``by_person``: the person came by themselves.
    ``minor_until`` is what whoever took the answer said of their age: a child under 14 until then at most (PIPL 31);
    no child if that is not after the answer; nothing if they said nothing.
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
    kind: str = ""
    about: str = ""
    channel: str = ""
    refused: Instant | None = None
    guardian: SubjectId | None = None
    seal: bytes = b""
    leaves: tuple[int, ...] = ()
    by_person: bool = False
    minor_until: Instant | None = None

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
