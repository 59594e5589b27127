"""Which consents a purpose needs from one person: each a question of its own, with the rule that demands it.

Laws of this file. Consents are never bundled: 单独同意 is given for one specific processing (网络数据安全管理条例
62(7)), so each demand is asked alone. Where another basis than consent holds, no consent is demanded but those that the
law demands under every basis: publishing (PIPL 25), images from public places for another use (26), and a guardian's
for a child under 14 (31). What is demanded here is what the engine denies without: a property test holds them together.

Called by: operations that ask; ``notice`` (which words each demand).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from shouxin.domain.items import ItemCode, taxonomy
from shouxin.policy.card import Card
from shouxin.policy.lawpack import LawPack
from shouxin.policy.rule import RuleId

__all__ = [
    "OWN_MATTERS",
    "SEPARATELY",
    "About",
    "ConsentDemand",
    "consent_needed",
    "is_abroad",
    "places_abroad",
    "sensitive_items",
]

_HOME: Final = "CN"
_GUARDIAN: Final = "CN-PIPL-31-1-GUARDIAN"
_BY_GUARDIAN: Final = "CN-NDSR-22-1-3-GUARDIAN"


class About(StrEnum):
    """What one question is about."""

    PROCESSING = "processing"
    SENSITIVE = "sensitive"
    PROVIDE = "provide"
    EXPORT = "export"
    PUBLISH = "publish"
    PUBLIC_PLACE = "public-place"
    GUARDIAN = "guardian"


# What is asked about the purpose itself, plainly or separately.
OWN_MATTERS: Final = frozenset({About.PROCESSING, About.SENSITIVE})
# What a person agrees to beside the purpose itself, each by a separate consent of its own (PIPL 23, 25, 26, 39).
SEPARATELY: Final = (About.PROVIDE, About.EXPORT, About.PUBLISH, About.PUBLIC_PLACE)

_RULES: Final[dict[About, str]] = {
    About.PROCESSING: "CN-PIPL-13-1-1-CONSENT",
    About.SENSITIVE: "CN-PIPL-29-SEPARATE",
    About.PROVIDE: "CN-PIPL-23-SEPARATE",
    About.EXPORT: "CN-PIPL-39-SEPARATE",
    About.PUBLISH: "CN-PIPL-25-PUBLISH",
    About.PUBLIC_PLACE: "CN-PIPL-26-PUBLICPLACE",
    About.GUARDIAN: _GUARDIAN,
}


@dataclass(frozen=True, slots=True)
class ConsentDemand:
    """One consent that is needed: about what, by which rule and article.

    ``separate`` is 单独同意; ``by_guardian`` says that a parent or other guardian answers; ``binding`` that the rule
    was read in its text and may decide. ``recipients`` are the codes of those to whom it is about providing.
    """

    about: About
    rule: RuleId
    article: str
    separate: bool
    by_guardian: bool
    binding: bool
    recipients: tuple[str, ...] = ()


def sensitive_items(card: Card, on: date) -> tuple[ItemCode, ...]:
    """Return the card's sensitive items; all of them where only their combination is sensitive; else none.

    **Source:** PIPL 28(1); ``domain/items.toml`` for the verdict of each standard and date.
    """
    single = tuple(code for code in card.items if taxonomy().item(code).sensitive(on))
    if single or not card.items or not taxonomy().grade(card.items, on).sensitive:
        return single
    return card.items


def is_abroad(card: Card) -> bool:
    """Say whether the card's locations leave the mainland (PIPL 38, 39)."""
    return bool(places_abroad(card))


def places_abroad(card: Card) -> tuple[str, ...]:
    """Return the card's locations outside the mainland: 境外 counts Hong Kong, Macau and Taiwan too."""
    return tuple(place for place in card.locations if place != _HOME)


def consent_needed(
    card: Card,
    pack: LawPack,
    on: date,
    *,
    minor: bool = False,
    entrusted: Collection[str] = (),
) -> tuple[ConsentDemand, ...]:
    """Return every consent that ``card`` needs from somebody under the rules of the day ``on``.

    ``minor``: they are a child under 14, whose guardian answers each. ``entrusted`` are recipients who
    only act for the lender (PIPL 21): they need none. A sensitive purpose on consent has one question, the separate one
    (29), and no plain one beside it; about a child every purpose on consent is sensitive.

    **Source:** PIPL 13, 23, 25, 26, 29, 31(1), 39; 网络数据安全管理条例 22(1)(2)(3).
    """
    receiving = tuple(code for code in card.recipients if code not in entrusted)
    asked = [*_asked(card, on, receiving, minor=minor)]
    asked += [About.PUBLISH] if card.published else []
    asked += [About.PUBLIC_PLACE] if card.public_place_images else []
    asked += [About.GUARDIAN] if minor and (card.lawful_basis == "consent" or not _is_excepted(card)) else []
    demands: list[ConsentDemand] = []
    for about in asked:
        rule = pack.by_id.get(_BY_GUARDIAN if about is About.GUARDIAN and _is_excepted(card) else _RULES[about])
        if rule is None or not rule.in_force(on):
            continue
        demands.append(
            ConsentDemand(
                about=about,
                rule=rule.id,
                article=rule.cites,
                separate=about not in {About.PROCESSING, About.GUARDIAN},
                by_guardian=minor,
                binding=rule.may_decide,
                recipients=receiving if about in {About.PROVIDE, About.EXPORT} else (),
            )
        )
    return tuple(demands)


def _is_excepted(card: Card) -> bool:
    """Say whether the law pack's rule on PIPL 31(1) leaves the card out; the regulation's, on consent, does not."""
    return card.statutory or card.lawful_basis == "emergency"


def _asked(card: Card, on: date, receiving: tuple[str, ...], *, minor: bool) -> Iterator[About]:
    """Yield what a card asks for because consent is its basis."""
    if card.lawful_basis != "consent":
        return
    # What is known of a child under 14 is sensitive, whatever it is (PIPL 28(1)).
    yield About.SENSITIVE if minor or sensitive_items(card, on) else About.PROCESSING
    if receiving:
        yield About.PROVIDE
    if is_abroad(card):
        yield About.EXPORT
