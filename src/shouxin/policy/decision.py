"""A decision is a value: permit or deny, with the rules that made it and what it obliges to. It never raises."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from shouxin.domain.items import ItemCode
from shouxin.errors import Refused
from shouxin.policy.card import Form, PurposeCode

__all__ = ["DEFAULT_DENY", "UNKNOWN_PURPOSE", "Decision", "Question", "Reason", "unknown_purpose"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that had a part in the decision: its identifier, and instrument and article."""

    rule: str
    article: str


# Nothing forbade it, but nothing permits it either.
DEFAULT_DENY: Final = Reason("no-card-permits", "PIPL 13")
# A purpose was named, and no adopted card has this code: mistyped, or not adopted yet.
UNKNOWN_PURPOSE: Final = Reason("purpose-unknown", "PIPL 6(1)")


def unknown_purpose(reasons: Iterable[Reason]) -> Refused:
    """Return the error that says first of all that no card has the purpose; what was typed is not repeated."""
    said = [(reason.rule, reason.article) for reason in (UNKNOWN_PURPOSE, *reasons)]
    return Refused("no adopted card has this purpose: 'shouxin purpose show' lists their codes", said)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the policy: who (by role), for what, which items, in which form, and the facts that rules use.

    ``purpose`` is empty when none was stated. ``agreed`` are the matters (values of ``About``) to which the person gave
    a separate consent of its own: to provide, to export, to publish, public places. Facts are of this moment: the
    transaction that records what follows reads them again.
    """

    roles: frozenset[str]
    purpose: str
    items: frozenset[ItemCode]
    form: Form
    consented: bool = False
    separate_consent: bool = False
    notified: bool = False
    frozen: bool = False
    automation_refused: bool = False
    minor_under_14: bool = False
    guardian_consent: bool = False
    approved: bool = False
    recipient: str = ""
    recipient_contract: bool = False
    agreed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Decision:
    """Permit or deny. ``reasons`` has at least one; for a deny, everything that forbade it.

    ``purpose``, ``version``, ``items`` and ``form`` say exactly what is permitted; ``card`` and ``pack`` are digests of
    what was decided by.
    """

    permitted: bool
    reasons: tuple[Reason, ...]
    purpose: PurposeCode
    version: int
    items: frozenset[ItemCode]
    form: Form
    pack: str = ""
    obligations: tuple[str, ...] = field(default=())

    def enforce(self) -> None:
        """Return quietly for a permit.

        Raises:
            Refused: this decision denies; carries its reasons.
        """
        if not self.permitted:
            raise self.refusal()

    def refusal(self) -> Refused:
        """Return the error that says this decision's reasons."""
        first = self.reasons[0]
        if first == UNKNOWN_PURPOSE:
            return unknown_purpose(self.reasons[1:])
        reasons = [(reason.rule, reason.article) for reason in self.reasons]
        return Refused(f"not permitted: {first.rule} ({first.article})", reasons)
