"""What a card says of people who must agree: to a form of disclosure, and to a deletion."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NewType

import msgspec

__all__ = [
    "PURPOSE",
    "ROLE",
    "ApprovalChain",
    "ApprovalLevel",
    "DeletionRules",
    "PurposeCode",
    "chain_mistakes",
    "deletion_mistakes",
]

PurposeCode = NewType("PurposeCode", str)

# A reason is written ``card:purpose:form`` and stands in events: with the longest form that is a rule of 80 characters.
PURPOSE: Final = re.compile(r"(?!(?:[^0-9]*[0-9]){7})[a-z0-9][a-z0-9_.-]{0,61}")
ROLE: Final = re.compile(r"[a-z][a-z0-9_]{0,79}")
_FEWEST_FOR_BULK: Final = 2
# No wait is longer than a year, no chain asks more than a room of people: what is added to a time stays in range.
_MOST_PEOPLE: Final = 20
_MOST_LEVELS: Final = 10
_MOST_HOURS: Final = 366 * 24
_MOST_DAYS: Final = 365
_MOST_MINUTES: Final = 60 * _MOST_HOURS
_MOST_IN_BULK: Final = 1_000_000


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

    Orders about ``bulk_from`` people or more go through ``bulk`` and a second confirmation; so does one that reaches
    this number together with the smaller ones that the same person drafted in the last ``bulk_days``. ``filing``
    names the grounds (of ``approvals.order``) for which a filing with an authority must be attached.
    ``suppression`` is the purpose under which a tag keeps erased people from coming back (empty: nothing does).
    """

    levels: tuple[ApprovalLevel, ...]
    bulk: tuple[ApprovalLevel, ...]
    bulk_from: int = 10
    bulk_days: int = 7
    cool_off_minutes: int = 24 * 60
    bulk_cool_off_minutes: int = 3 * 24 * 60
    request_hours: int = 72
    filing: tuple[str, ...] = ()
    suppression: PurposeCode = PurposeCode("")


def _is_chain(levels: tuple[ApprovalLevel, ...]) -> bool:
    return 0 < len(levels) <= _MOST_LEVELS and all(1 <= level.quorum <= _MOST_PEOPLE for level in levels)


def chain_mistakes(chain: ApprovalChain, place: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the counts of a chain: what, and ``place``."""
    if not _is_chain(chain.levels):
        yield f"a chain has 1 to {_MOST_LEVELS} levels, each with a quorum of 1 to {_MOST_PEOPLE}", place
    if not 1 <= chain.grant_minutes <= _MOST_MINUTES or not 1 <= chain.request_hours <= _MOST_HOURS:
        yield "a grant lasts at least a minute, a request an hour, and neither more than a year", place


def deletion_mistakes(rules: DeletionRules) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the rules for deleting: what, and the field to point at."""
    everybody = (*rules.levels, *rules.bulk)
    if not _is_chain(rules.levels) or not all(ROLE.fullmatch(level.role) for level in everybody):
        yield f"1 to {_MOST_LEVELS} levels, each with a role and a quorum of 1 to {_MOST_PEOPLE}", "deletion"
    if not _is_chain(rules.bulk) or sum(level.quorum for level in rules.bulk) < _FEWEST_FOR_BULK:
        yield f"{_FEWEST_FOR_BULK} to {_MOST_PEOPLE} people a level agree to a deletion in bulk", "deletion.bulk"
    if not _FEWEST_FOR_BULK <= rules.bulk_from <= _MOST_IN_BULK or not 1 <= rules.request_hours <= _MOST_HOURS:
        yield "a bulk begins with 2 to a million people, and a request waits an hour to a year", "deletion"
    if not all(0 <= one <= _MOST_MINUTES for one in (rules.cool_off_minutes, rules.bulk_cool_off_minutes)):
        yield "nothing cools off for less than no time, or for more than a year", "deletion"
    if not 0 <= rules.bulk_days <= _MOST_DAYS:
        yield "smaller deletions count together for no longer than a year", "deletion.bulk_days"
    if rules.suppression and not PURPOSE.fullmatch(rules.suppression):
        yield "the purpose of a suppression is a code like any other", "deletion.suppression"
