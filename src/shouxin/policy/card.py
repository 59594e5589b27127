"""The purpose card: one declaration a purpose, from which notice, consent, access, retention and record are derived.

A lender writes it as TOML; ``read_card`` checks its shape and its words and says where a mistake stands. What a card
*means* in law is not decided here: the law pack's rules are held against it by ``policy.engine`` at every decision,
and by ``policy.lint`` before it is adopted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final, NewType

import msgspec

from shouxin.domain.items import ItemCode, taxonomy
from shouxin.errors import Invalid
from shouxin.policy.chain_rules import (
    PURPOSE,
    ROLE,
    ApprovalChain,
    DeletionRules,
    PurposeCode,
    chain_mistakes,
    deletion_mistakes,
)
from shouxin.policy.declared_toml import from_toml, line_of, line_too_many

__all__ = ["FORMS", "Card", "Form", "PurposeCode", "Term", "read_card"]

Form = NewType("Form", str)

FORMS: Final = frozenset({"raw", "masked", "pseudonymous", "aggregate", "relayed", "sealed"})
_BASES: Final = frozenset(
    {"consent", "contract", "statutory_duty", "emergency", "public_interest", "public", "other_law"}
)
_LARGEST: Final = 64 * 1024
# No count of a card is larger: whatever is added to a time, or stored, stays in range.
MOST_DAYS: Final = 36_525  # a hundred years
_MOST_WAIT: Final = 3_653
_MOST_LOOK_UPS: Final = 1_000_000
_MOST_VERSIONS: Final = 1_000_000
_STARTS: Final = frozenset({"collection", "end_of_relationship"})


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long some items are kept: ``floors`` are rules of the law pack, the ceiling counts days from ``starts``.

    ``starts`` is ``collection`` or ``end_of_relationship``. Objects move to the archive ``archive_after_days`` after
    they were sealed (or recalled); 0 keeps them in the hot store.
    """

    items: tuple[ItemCode, ...]
    ceiling_days: int
    starts: str = "collection"
    floors: tuple[str, ...] = ()
    archive_after_days: int = 0


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A purpose card as written. ``roles`` names, for each form, who may ask for it; ``approval`` who must agree.

    ``draws_on`` names other purposes whose cells this one may read; the notice says so. ``statutory`` marks a purpose
    that a law imposes, which may read what is frozen. ``look_ups_an_hour`` is how often one account may search.
    ``contracts`` names, for each recipient, the contract under which they receive. ``ask_again_days`` is how long
    whoever said no is left in peace: the regulation (网络数据安全管理条例 22(1)(5)) forbids asking frequently and gives
    no number, so this is the institution's own policy, and 90 is no more than this product's default.
    ``delivers_notice`` marks the purpose that brings people the notice of PIPL 17(1): it alone may use the number of
    somebody who was not told yet.
    ``wording_only`` is the officer's word that this version says the same as the one before in other words: nobody is
    asked again for the words (PIPL 14(2) asks for it when the purpose changes).
    ``published`` says that the purpose makes what it processes public (PIPL 25); ``public_place_images`` that it uses
    images or features from devices in public places otherwise than for public safety (PIPL 26).
    ``human_review`` is the role that decides instead when a person refuses a program's decision (PIPL 24(3)).
    """

    purpose: PurposeCode
    version: int
    title_zh: str
    title_en: str
    explanation_zh: str
    explanation_en: str
    lawful_basis: str
    basis_article: str
    items: tuple[ItemCode, ...]
    roles: dict[Form, tuple[str, ...]]
    retention: dict[str, Term] = {}
    separate_consent: bool = False
    published: bool = False
    public_place_images: bool = False
    automated: bool = False
    automated_explanation_zh: str = ""
    automated_explanation_en: str = ""
    human_review: str = ""
    assessment: str = ""
    wording_only: bool = False
    statutory: bool = False
    delivers_notice: bool = False
    draws_on: tuple[PurposeCode, ...] = ()
    look_ups_an_hour: int = 0
    ask_again_days: int = 90
    products: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    contracts: dict[str, str] = {}
    locations: tuple[str, ...] = ("CN",)
    approval: dict[Form, ApprovalChain] = {}
    deletion: DeletionRules | None = None

    def term_of(self, code: ItemCode) -> str:
        """Return the name of the retention term under which ``code`` is kept for this purpose."""
        for name, term in self.retention.items():
            if code in term.items:
                return name
        raise Invalid(f"purpose {self.purpose} keeps no {code}")


def _line_of_item(text: str, code: str) -> int:
    """Return the line on which the card asks for ``code``: the whole code, in quotes, from its list of items on."""
    begins = line_of(text, "items")
    lines = enumerate(text.splitlines()[begins - 1 :], begins)
    return next((number for number, line in lines if f'"{code}"' in line or f"'{code}'" in line), begins)


def _misnamed(card: Card) -> Iterator[tuple[str, str]]:
    """Yield what the ledger, a reason or an account could not name: what is wrong, and the field to point at."""
    if not PURPOSE.fullmatch(card.purpose):
        yield "a purpose is a code: at most 62 of a-z, 0-9 (no more than six), dot, hyphen and underscore", "purpose"
    if not all(map(PURPOSE.fullmatch, card.draws_on)):
        yield "a purpose to draw on is a code like any other", "draws_on"
    if card.deletion is not None:
        yield from deletion_mistakes(card.deletion)
    chosen = [(f"roles.{form}", roles) for form, roles in card.roles.items()]
    chosen += [(f"approval.{form}.levels", tuple(one.role for one in of.levels)) for form, of in card.approval.items()]
    chosen += [("human_review", (card.human_review,))] if card.human_review else []
    for place, roles in chosen:
        if not all(map(ROLE.fullmatch, roles)):
            yield "a role is a code: a-z, 0-9 and underscore", place


def _uncountable(card: Card) -> Iterator[tuple[str, str]]:
    """Yield the counts that are out of range."""
    if not 1 <= card.version <= _MOST_VERSIONS:
        yield f"versions count from 1 to {_MOST_VERSIONS}", "version"
    if not 1 <= card.ask_again_days <= _MOST_WAIT:
        yield f"after a refusal 1 to {_MOST_WAIT} days pass before asking again", "ask_again_days"
    if not 0 <= card.look_ups_an_hour <= _MOST_LOOK_UPS:
        yield f"an account searches 0 to {_MOST_LOOK_UPS} times an hour", "look_ups_an_hour"
    for name, term in card.retention.items():
        if "@" in name:
            yield "a term's name has no @: what is behind one is how a plan shortened it", f"retention.{name}"
        if not 0 <= term.ceiling_days <= MOST_DAYS or term.starts not in _STARTS:
            yield f"a term has a ceiling outside 0 to {MOST_DAYS} days or an unknown start", f"retention.{name}"
        if not 0 <= term.archive_after_days <= MOST_DAYS:
            yield (
                f"objects move to the archive after 1 to {MOST_DAYS} days, or never (0)",
                f"retention.{name}.archive_after_days",
            )


def _unknown_item(code: str) -> str:
    """Return what to say of a code that the taxonomy does not have: with the codes of its kind that read like it."""
    kind = [one for one in taxonomy().items if one.partition(".")[0] == code.partition(".")[0]]
    near = get_close_matches(code, kind, 1, 0) or get_close_matches(code, taxonomy().items, 1)
    return f"unknown item (near it: {near[0]}; all: shouxin item list)" if near else "unknown item"


def _mistakes(card: Card) -> Iterator[tuple[str, str]]:
    """Yield every word of the card that no part of the product knows: what is wrong, and the field to point at."""
    yield from _misnamed(card)
    yield from (("unknown form", f"roles.{form}") for form in card.roles if form not in FORMS)
    yield from (("unknown form", f"approval.{form}") for form in card.approval if form not in FORMS)
    if card.lawful_basis not in _BASES:
        yield "this is none of the seven bases of PIPL 13", "lawful_basis"
    kept = [code for term in card.retention.values() for code in term.items]
    # A purpose that only reads what other purposes keep has no retention of its own.
    if sorted(kept) != sorted(set(card.items)) and not (card.draws_on and not card.retention):
        yield "every item stands in exactly one retention term", "retention"
    yield from _uncountable(card)
    for name, chain in card.approval.items():
        yield from chain_mistakes(chain, f"approval.{name}")


def read_card(text: str, file: str = "card") -> tuple[Card, bytes]:
    """Read a card and return it with its digest (SHA-256 of the text as written).

    Raises:
        Invalid: too large, not TOML, an unknown or missing field or word; ``place`` is file and line.
    """
    if len(text) > _LARGEST:
        raise Invalid(f"a card has at most {_LARGEST} characters", f"{file}:{line_too_many(text, _LARGEST)}")
    card = from_toml(text, Card, file)
    for code in card.items:
        if code not in taxonomy().items:
            raise Invalid(f"{_unknown_item(code)}: {code:.60}", f"{file}:{_line_of_item(text, code)}")
    for detail, field in _mistakes(card):
        raise Invalid(f"{detail}: {field:.60}", f"{file}:{line_of(text, field)}")
    return card, hashlib.sha256(text.encode()).digest()
