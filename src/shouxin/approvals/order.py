"""An order to delete: what it is about, who wants it and why, and how far it has come. Values only.

Every step is a function from one order to the next; ``operations.deletion`` stores them. The order never holds a name
or a value of a person: whom it is about stands in its batches, by random identifier.

**Source:** PIPL 47(1) (grounds), 51(1)(4) (authorisation), 69(1) (the lender must be able to show that it did right).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from shouxin.approvals.chain import Agreement, Level, may_decide, with_agreement
from shouxin.approvals.order_transitions import OrderEvent, OrderState, follow_order
from shouxin.domain.clock import DAY, Instant
from shouxin.domain.identifiers import AccountId
from shouxin.domain.paper import check_paper
from shouxin.errors import ApprovalMissing, Invalid, NotInThisState, Refused

__all__ = [
    "CITED",
    "FILED_WITH",
    "PROOFS",
    "SAMPLE_FIRST",
    "VALID_DAYS",
    "VAULT",
    "Filing",
    "Ground",
    "Identity",
    "Left",
    "Order",
    "Preview",
    "PreviewLine",
    "attach",
    "cancel",
    "confirm",
    "deny_order",
    "expire_order",
    "identify",
    "leave",
    "order_agreed",
    "sample_shown",
    "scoped",
    "start",
    "submit",
    "taken",
]


class Ground(StrEnum):
    """Why something is deleted (PIPL 47(1))."""

    ASKED = "asked"
    MET = "purpose-met"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    UNLAWFUL = "unlawful"


CITED: Final[Mapping[Ground, tuple[str, str]]] = {
    Ground.ASKED: ("CN-PIPL-47-1-DELETE", "PIPL 47(1)"),
    Ground.MET: ("CN-PIPL-47-1-1-MET", "PIPL 47(1)(1)"),
    Ground.EXPIRED: ("CN-PIPL-47-1-2-EXPIRED", "PIPL 47(1)(2)"),
    Ground.WITHDRAWN: ("CN-PIPL-47-1-3-WITHDRAWN", "PIPL 47(1)(3)"),
    Ground.UNLAWFUL: ("CN-PIPL-47-1-4-UNLAWFUL", "PIPL 47(1)(4)"),
}
# How it was seen that whoever asks is the person: codes, because they stand in evidence that outlives the person.
PROOFS: Final = frozenset({"in-person", "video-call", "signed-in", "certified-copy", "court-paper", "rights-request"})


# What is kept here, as against a database of the lender's own.
VAULT: Final = "vault"
# With whom something is filed, or who approves it: whoever may allow or order a deletion. A dispute approves nothing.
FILED_WITH: Final = frozenset({"court", "procuratorate", "police", "supervisor", "tax"})
# Nobody confirms by a number alone.
SAMPLE_FIRST: Final = [("sample-first", "PIPL 51(1)(4)")]
# So long after cooling off an order may be carried out: who agreed agreed to what stood then.
VALID_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Identity:
    """That whoever asks is the person: how it was seen, SHA-256 of the evidence, by whom and when.

    ``kept`` is the cell in which the evidence is sealed, ``under`` whose key opens it; empty where it lies elsewhere.
    """

    proof: str
    evidence: bytes
    by: AccountId
    at: Instant
    kept: bytes = b""
    under: bytes = b""


@dataclass(frozen=True, slots=True)
class Filing:
    """What was filed with an authority, or approved by one: its code, SHA-256 of the paper, by whom and when.

    ``kept`` is the cell in which the paper is sealed, ``under`` whose key opens it: its own, and nobody's.
    """

    authority: str
    paper: bytes
    by: AccountId
    at: Instant
    kept: bytes = b""
    under: bytes = b""


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """What would become of one thing in one place: ``where`` is ``VAULT`` or a database, ``what`` an item or a table.

    ``outcome`` as in an erasure, ``count`` parts or rows, by which ``article``, ``until`` when (nothing: no date).
    """

    where: str
    what: str
    outcome: str
    count: int
    article: str
    until: date | None
    to_do: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What the order would do: counts by item, by article and date, by system; no identifier.

    ``reach`` counts other people whose statements or objects concern these; ``until`` is the last day of a floor that
    has one. ``systems`` are the lender's own databases that hold any of it, ``recipients`` who was given something.
    ``lines`` say it place by place; the databases were asked about the first ``asked`` people.
    """

    at: Instant
    erased: Mapping[str, int]
    retained: Mapping[str, int]
    until: date | None
    reach: int
    systems: tuple[str, ...]
    recipients: tuple[str, ...]
    lines: tuple[PreviewLine, ...] = ()
    asked: int = 0


@dataclass(frozen=True, slots=True)
class Left:
    """A database that a deletion could not reach and that somebody answers for, by a day: it stands as a residual."""

    system: str
    owner: AccountId
    due: date


@dataclass(frozen=True, slots=True)
class Order:
    """One order. ``scope`` is the digest of whom and what it is about, ``purposes`` empty for everything.

    ``due`` limits it to what is past its term. ``bulk`` orders need a second confirmation; ``filing_due`` ones a paper.
    ``cool_minutes`` pass between the last yes and the earliest ``execute``. ``right`` is the person's request that it
    answers, if it answers one. ``forgotten``: the evidence in it was kept for its term, and is gone. ``shown`` are the
    accounts that were shown a sample of whom a bulk order deletes, once all the others had agreed.
    """

    requester: AccountId
    ground: Ground
    purpose: str
    version: int
    people: int
    purposes: tuple[str, ...]
    due: bool
    scope: bytes
    levels: tuple[Level, ...]
    bulk: bool
    filing_due: bool
    cool_minutes: int
    request_minutes: int
    opened: Instant
    state: OrderState = OrderState.DRAFTED
    identity: Identity | None = None
    filings: tuple[Filing, ...] = ()
    preview: Preview | None = None
    until: Instant | None = None
    level: int = 0
    agreements: tuple[Agreement, ...] = ()
    confirmed: AccountId | None = None
    cool_until: Instant | None = None
    residuals: tuple[Left, ...] = ()
    right: bytes = b""
    forgotten: bool = False
    shown: tuple[AccountId, ...] = ()

    @property
    def left(self) -> frozenset[str]:
        """The databases that are left to somebody."""
        return frozenset(one.system for one in self.residuals)


def taken(order: Order, event: OrderEvent) -> Order:
    """Return ``order`` one step further; the table says whether there is such a step."""
    return replace(order, state=follow_order(order.state, event))


def identify(order: Order, identity: Identity | None) -> Order:
    """Return ``order`` once it is known that the person themselves asks; nobody asks where the lender itself deletes.

    Raises:
        Invalid: a person asked and no proof is given, an unknown or empty proof, or one where nobody asked.
    """
    if (order.ground is Ground.ASKED) is (identity is None):
        what = "whoever asks for a deletion proves who they are; where nobody asked there is nothing to prove"
        raise Invalid(what, "proof")
    if identity is not None:
        check_paper(identity.evidence, "evidence")
    if identity is not None and identity.proof not in PROOFS:
        raise Invalid(f"who somebody is, is seen by one of {', '.join(sorted(PROOFS))}", "proof")
    return replace(taken(order, OrderEvent.IDENTIFY), identity=identity)


def scoped(order: Order, preview: Preview) -> Order:
    """Return ``order`` with what it would do, for those who decide."""
    return replace(taken(order, OrderEvent.PREVIEW), preview=preview)


def attach(order: Order, filing: Filing) -> Order:
    """Return ``order`` with the paper of a filing or of an authority's approval."""
    return replace(taken(order, OrderEvent.FILE), filings=(*order.filings, filing))


def submit(order: Order, account: AccountId, now: Instant) -> Order:
    """Return ``order`` as it is put before those who agree.

    Raises:
        Refused: somebody else's order. ApprovalMissing: a filing that its ground asks for is not attached.
    """
    if account != order.requester:
        raise Refused("whoever drafted an order submits it", [("maker-checker", "PIPL 51(1)(4)")])
    if order.filing_due and not order.filings:
        raise ApprovalMissing("this ground asks for a filing with an authority: attach its paper first")
    return replace(taken(order, OrderEvent.SUBMIT), until=Instant(now + order.request_minutes * 60_000))


def _level(order: Order) -> Level | None:
    return order.levels[order.level] if order.state is OrderState.APPROVING else None


def order_agreed(order: Order, account: AccountId, roles: frozenset[str], now: Instant) -> Order:
    """Return ``order`` with one more yes; the last one begins the cooling-off, or asks for the confirmation of a bulk.

    Raises:
        Refused: one's own order, a second yes, another role. NotInThisState: it waits for no yes, or expired.
    """
    if order.until is not None and now >= order.until:
        raise NotInThisState("the order expired")
    may_decide(order.requester, _level(order), account, roles)
    after = with_agreement(order.levels, order.level, order.agreements, account, now)
    passed = OrderEvent.COMPLETE_BULK if order.bulk else OrderEvent.COMPLETE
    order = taken(order, passed if after.complete else OrderEvent.AGREE)
    order = replace(order, level=after.level, agreements=after.agreements)
    return _cooling(order, now) if order.state is OrderState.COOLING else order


def _cooling(order: Order, now: Instant) -> Order:
    return replace(order, cool_until=Instant(now + order.cool_minutes * 60_000))


def deny_order(order: Order, account: AccountId, roles: frozenset[str]) -> Order:
    """Return ``order`` refused by somebody who could have agreed. Raises as ``order_agreed``."""
    may_decide(order.requester, _level(order), account, roles)
    return taken(order, OrderEvent.DENY)


def sample_shown(order: Order, account: AccountId) -> Order:
    """Return a bulk ``order`` once ``account`` was shown a sample of whom it deletes, through the door.

    Raises:
        NotInThisState: nothing is to be confirmed.
    """
    return replace(taken(order, OrderEvent.SHOW), shown=tuple(dict.fromkeys((*order.shown, account))))


def confirm(order: Order, account: AccountId, typed: int, now: Instant) -> Order:
    """Return a bulk ``order`` confirmed by somebody who typed how many people it deletes, with a fresh second factor.

    Whether the factor was right is asked by whoever calls.

    Raises:
        Refused: the sample of whom it deletes was not shown to this account. Invalid: another number.
        NotInThisState: nothing is to be confirmed, or it expired.
    """
    if order.until is not None and now >= order.until:
        raise NotInThisState("the order expired")
    after = replace(taken(order, OrderEvent.CONFIRM), confirmed=account)
    if account not in order.shown:
        raise Refused("whoever confirms a bulk is shown a sample of whom it deletes first", SAMPLE_FIRST)
    if typed != order.people:
        raise Invalid("the number of people that was typed is not the order's", "people")
    return _cooling(after, now)


def start(order: Order, now: Instant) -> Order:
    """Return ``order`` as it is carried out: the point of no return.

    Raises:
        NotInThisState: it still cools off, is not there yet, or was agreed too long ago.
    """
    after = taken(order, OrderEvent.EXECUTE)
    if order.cool_until is None or now < order.cool_until:
        raise NotInThisState("the order still cools off")
    if _stale(order, now):
        raise NotInThisState(f"the order was agreed more than {VALID_DAYS} days ago: draft it anew")
    return after


def leave(order: Order, left: Left, today: date) -> Order:
    """Return an unfinished ``order`` without one database, which ``left.owner`` answers for by a day to come.

    Raises:
        NotInThisState: the order is not unfinished. Invalid: the day is past, or the database is left already.
    """
    if order.state is not OrderState.UNFINISHED:
        raise NotInThisState("a database is left to somebody once it has failed")
    if left.due <= today or left.system in order.left:
        raise Invalid("a database is left once, to somebody who answers for it by a day to come", "due")
    return replace(order, residuals=(*order.residuals, left))


def cancel(order: Order, account: AccountId, roles: frozenset[str]) -> Order:
    """Return ``order`` cancelled, by who drafted it, by whoever its chain asks, or by a data-protection officer.

    Raises:
        Refused: somebody else. NotInThisState: it is being carried out or has ended.
    """
    asked = {level.role for level in order.levels} | {"dpo"}
    if account != order.requester and roles.isdisjoint(asked):
        raise Refused("an order is cancelled by who drafted it or who decides about it", [("role", "PIPL 51(1)(4)")])
    return taken(order, OrderEvent.CANCEL)


def expire_order(order: Order, now: Instant) -> Order:
    """Return ``order`` expired when nobody decided in time, or nobody carried it out in time; else as it is."""
    waits = order.state in {OrderState.APPROVING, OrderState.CONFIRMING}
    late = waits and order.until is not None and now >= order.until
    return taken(order, OrderEvent.EXPIRE) if late or _stale(order, now) else order


def _stale(order: Order, now: Instant) -> bool:
    """Say whether an order was agreed to so long ago that it is not carried out any more."""
    cooled = order.cool_until if order.state is OrderState.COOLING else None
    return cooled is not None and now >= cooled + VALID_DAYS * DAY
