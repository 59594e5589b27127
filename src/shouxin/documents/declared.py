"""What a lender has declared, and what several documents say about it in the same words.

Laws of this file. Everything is derived: from the adopted cards, the law pack, the taxonomy and the register of
recipients. A measure is listed only where the product or the card really has it. What cannot be known from these is
not guessed; the documents ask it (``document.OpenQuestion``).

Called by: the four documents of this room. ``operations.adopting.derive`` makes a ``Declared``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

import msgspec

from shouxin.documents.words import Words
from shouxin.domain.institution import Institution
from shouxin.domain.items import ItemCode, taxonomy
from shouxin.errors import NotFound
from shouxin.policy.card import Card, Term
from shouxin.policy.consent_demand import places_abroad
from shouxin.policy.lawpack import LawPack
from shouxin.policy.recipient import Recipient

__all__ = [
    "Declared",
    "FloorLine",
    "ItemLine",
    "Measure",
    "TermLine",
    "Trigger",
    "item_line",
    "measures",
    "people",
    "term_line",
    "triggers",
]

_THIRD_PEOPLE: Final = {
    "address_book": "address_book_person",
    "communication": "correspondent",
    "emergency": "emergency_contact",
}
# Reason -> the rule of the law pack that asks for an impact assessment because of it (PIPL 55(1)(1) to (4)).
_TRIGGERS: Final = {
    "sensitive": "CN-PIPL-55-1-1-PIASENSITIVE",
    "automated": "CN-PIPL-55-1-2-PIAAUTOMATED",
    "recipients": "CN-PIPL-55-1-3-PIASHARE",
    "published": "CN-PIPL-55-1-3-PIAPUBLISH",
    "abroad": "CN-PIPL-55-1-4-EXPORT",
}


@dataclass(frozen=True, slots=True)
class Declared:
    """Everything that documents are derived from; ``on`` chooses rules and standards, and contracts are held to it."""

    institution: Institution
    pack: LawPack
    cards: tuple[Card, ...]
    recipients: tuple[Recipient, ...]
    on: date

    def chosen(self, purpose: str = "") -> tuple[Card, ...]:
        """Return the cards by purpose; with a ``purpose``, its card alone.

        Raises:
            NotFound: no card was adopted, or none for this purpose.
        """
        found = [card for card in self.cards if purpose in {"", card.purpose}]
        if not found:
            raise NotFound("no card was adopted for this purpose" if purpose else "no card is adopted yet")
        return tuple(sorted(found, key=lambda card: card.purpose))

    def recipient(self, code: str) -> Recipient | None:
        """Return who the register has under this code, or nothing."""
        return next((one for one in self.recipients if one.code == code), None)

    def article(self, rule: str) -> str:
        """Return instrument and article of a rule of the pack; empty where this region's pack has no such rule."""
        found = self.pack.by_id.get(rule)
        return "" if found is None else found.cites


class ItemLine(msgspec.Struct, frozen=True):
    """An item as documents list it; ``standard`` says which standard judged its sensitivity, empty: none named it."""

    code: str
    title: str
    level: int
    klass: str
    sensitive: bool
    standard: str
    standard_verified: str


class FloorLine(msgspec.Struct, frozen=True):
    """A statutory least term; ``binds`` is false where its text was not read or it is not in force."""

    rule: str
    article: str
    n: int
    unit: str
    clock_start: str
    binds: bool


class TermLine(msgspec.Struct, frozen=True):
    """A retention term of a card: at most ``ceiling_days`` from ``starts``, at least as long as each floor."""

    name: str
    items: tuple[str, ...]
    ceiling_days: int
    starts: str
    floors: tuple[FloorLine, ...]


class Measure(msgspec.Struct, frozen=True):
    """A security measure by its stable code; ``article`` is what asks for it."""

    code: str
    article: str


class Trigger(msgspec.Struct, frozen=True):
    """A reason for which an impact assessment is needed; ``about`` are the codes that are the reason."""

    code: str
    rule: str
    article: str
    about: tuple[str, ...]


def item_line(code: ItemCode, words: Words, on: date) -> ItemLine:
    """Return an item with its grade and the standard in force on ``on`` that judged it."""
    item = taxonomy().item(code)
    verdict = item.verdict(on)
    return ItemLine(
        code=item.code,
        title=words.title(item.title_zh, item.title_en),
        level=item.level,
        klass=item.klass,
        sensitive=item.sensitive(on),
        standard="" if verdict is None else verdict.source,
        standard_verified="" if verdict is None else verdict.verified,
    )


def term_line(name: str, term: Term, declared: Declared) -> TermLine:
    """Return a retention term with the articles of its floors."""

    def floors() -> Iterator[FloorLine]:
        for code in term.floors:
            rule = declared.pack.by_id.get(code)
            if rule is None:
                yield FloorLine(code, "", 0, "", "", binds=False)
            else:
                binds = rule.may_decide and rule.in_force(declared.on) and rule.floor
                yield FloorLine(code, rule.cites, rule.n or 0, rule.unit, rule.clock_start, binds)

    return TermLine(name, tuple(term.items), term.ceiling_days, term.starts, tuple(floors()))


def people(card: Card) -> tuple[str, ...]:
    """Return whose information a card is about, as codes: the applicant, and those whom the items name beside them."""
    kinds = [taxonomy().item(code).kind for code in card.items]
    return tuple(dict.fromkeys(_THIRD_PEOPLE.get(kind, "applicant") for kind in kinds))


def measures(card: Card) -> tuple[Measure, ...]:
    """Return the measures that protect this purpose: those of the product, then those that the card declares.

    **Source:** PIPL 51(1)(2) to (4), 47, 21(1), 29.
    """
    declared = {
        "masking": ("PIPL 51(1)(3)", "masked" in card.roles),
        "pseudonyms": ("PIPL 51(1)(3)", "pseudonymous" in card.roles),
        "dual_control": ("PIPL 51(1)(4)", bool(card.approval)),
        "look_up_limit": ("PIPL 51(1)(4)", card.look_ups_an_hour > 0),
        "separate_consent": ("PIPL 29", card.separate_consent),
        "statutory_freeze": ("PIPL 47(2)", any(term.floors for term in card.retention.values())),
        "recipient_contract": ("PIPL 21(1)", bool(card.contracts)),
    }
    always = {
        "grading": "PIPL 51(1)(2)",
        "sealed_storage": "PIPL 51(1)(3)",
        "role_access": "PIPL 51(1)(4)",
        "recorded_disclosure": "",
        "erasure_by_key": "PIPL 47(1)",
    }
    own = {code: article for code, (article, has) in declared.items() if has}
    return tuple(Measure(code, article) for code, article in (always | own).items())


def triggers(card: Card, declared: Declared) -> tuple[Trigger, ...]:
    """Return why this purpose needs an impact assessment, as far as a card can tell; 55(1)(5) is for a human.

    **Source:** PIPL 55(1)(1) to (4).
    """
    graded = taxonomy().grade(card.items, declared.on) if card.items else None
    sensitive: Iterable[str] = [code for code in card.items if taxonomy().item(code).sensitive(declared.on)]
    if graded is not None and graded.sensitive and not sensitive:
        sensitive = graded.raised_by
    found = {
        "sensitive": tuple(sorted(sensitive)),
        "automated": (card.purpose,) if card.automated else (),
        "recipients": card.recipients,
        "published": (card.purpose,) if card.published else (),
        "abroad": places_abroad(card),
    }
    return tuple(
        Trigger(code, rule, declared.article(rule), tuple(map(str, found[code])))
        for code, rule in _TRIGGERS.items()
        if found[code]
    )
