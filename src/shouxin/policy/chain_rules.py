"""What a card says of people who must agree: to a form of disclosure, and to a deletion."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NewType

import msgspec

__all__ = ["PURPOSE", "ROLE", "ApprovalChain", "ApprovalLevel", "DeletionRules", "PurposeCode", "deletion_mistakes"]

PurposeCode = NewType("PurposeCode", str)

# A reason is written ``card:purpose:form`` and stands in events: with the longest form that is a rule of 80 characters.
PURPOSE: Final = re.compile(r"(?!(?:[^0-9]*[0-9]){7})[a-z0-9][a-z0-9_.-]{0,61}")
ROLE: Final = re.compile(r"[a-z][a-z0-9_]{0,79}")
_FEWEST_FOR_BULK: Final = 2


class ApprovalLevel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One level of a chain: ``quorum`` different people with ``role`` must agree before the next level is asked."""

    role: str
    quorum: int = 1


class ApprovalChain(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who must agree to one form of disclosure, in order; the grant that results ends after ``grant_minutes``."""

    levels: tuple[ApprovalLevel, ...]
    grant_minutes: int = 60
    request_hours: int = 72


class DeletionRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who must agree to a deletion, and how long it cools off; stands on one card of the institution.

    Orders about ``bulk_from`` people or more go through ``bulk`` and a second confirmation. ``filing`` names the
    grounds (of ``approvals.order``) for which a filing with an authority must be attached. ``suppression`` is the
    purpose under which a tag keeps erased people from coming back (empty: nothing does).
    """

    levels: tuple[ApprovalLevel, ...]
    bulk: tuple[ApprovalLevel, ...]
    bulk_from: int = 10
    cool_off_minutes: int = 24 * 60
    bulk_cool_off_minutes: int = 3 * 24 * 60
    request_hours: int = 72
    filing: tuple[str, ...] = ()
    suppression: PurposeCode = PurposeCode("")


def deletion_mistakes(rules: DeletionRules) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the rules for deleting: what, and the word to point at."""
    everybody = (*rules.levels, *rules.bulk)
    if not rules.levels or any(level.quorum < 1 or not ROLE.fullmatch(level.role) for level in everybody):
        yield "a chain has a level, a role and a quorum of at least 1", "[deletion"
    if sum(level.quorum for level in rules.bulk) < _FEWEST_FOR_BULK:
        yield "at least two people agree to a deletion in bulk", "bulk"
    if rules.bulk_from < _FEWEST_FOR_BULK or rules.request_hours < 1:
        yield "a bulk begins with two people or more, and a request waits an hour at least", "[deletion"
    if min(rules.cool_off_minutes, rules.bulk_cool_off_minutes) < 0:
        yield "nothing cools off for less than no time", "[deletion"
    if rules.suppression and not PURPOSE.fullmatch(rules.suppression):
        yield "the purpose of a suppression is a code like any other", "suppression"
