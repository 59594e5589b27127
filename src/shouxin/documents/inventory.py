"""The inventory of personal information: every item that a card names, its grades, its uses and its retention.

Called by: ``operations.adopting.derive``. **Source:** PIPL 51(1)(2) (classified management); DPV 2.3, fideslang 3.1 for
the words of others (``domain.item_export``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import msgspec

from shouxin.documents.declared import Declared, FloorLine, ItemLine, item_line, term_line
from shouxin.documents.words import Language, Words
from shouxin.domain.item_export import CONTEXT
from shouxin.domain.items import ItemCode, taxonomy
from shouxin.policy.card import Card

__all__ = ["Inventory", "InventoryEntry", "ItemUse", "Raised", "inventory"]


class ItemUse(msgspec.Struct, frozen=True):
    """How one purpose uses an item. ``term`` is empty where the purpose only reads what others keep."""

    purpose: str
    title: str
    forms: tuple[str, ...]
    recipients: tuple[str, ...]
    term: str
    ceiling_days: int | None
    starts: str
    floors: tuple[FloorLine, ...]


class InventoryEntry(msgspec.Struct, frozen=True):
    """One item: its line, how it is masked, its class of record, the nearest terms of others, and its uses."""

    item: ItemLine
    kind: str
    mask: str
    record_class: str
    dpv: str
    fides: str
    uses: tuple[ItemUse, ...]


class Raised(msgspec.Struct, frozen=True):
    """A combination that is complete within one purpose; how it is graded, by what, and how that was checked."""

    combination: str
    purpose: str
    items: tuple[str, ...]
    level: int
    klass: str
    sensitive: bool
    source: str
    verified: str


class Inventory(msgspec.Struct, frozen=True):
    """The inventory of one institution on a day; entries are in the order of the taxonomy."""

    language: Language
    institution: str
    on: date
    pack: str
    entries: tuple[InventoryEntry, ...]
    raised: tuple[Raised, ...]
    kind: str = "inventory"


def inventory(declared: Declared, language: Language, purpose: str = "") -> Inventory:
    """Return the inventory of all adopted purposes, or of one.

    Raises:
        NotFound: no card was adopted, or none for this purpose.
    """
    words, cards = Words(language), declared.chosen(purpose)
    used = {code for card in cards for code in card.items}
    return Inventory(
        language=language,
        institution=declared.institution.name,
        on=declared.on,
        pack=declared.pack.digest,
        entries=tuple(_entry(code, cards, declared, words) for code in taxonomy().items if code in used),
        raised=tuple(_raised(cards)),
    )


def _entry(code: ItemCode, cards: Iterable[Card], declared: Declared, words: Words) -> InventoryEntry:
    item = taxonomy().item(code)
    return InventoryEntry(
        item=item_line(code, words, declared.on),
        kind=item.kind,
        mask=item.default_mask,
        record_class=item.record_class,
        dpv=CONTEXT["pd"] + item.dpv,
        fides=item.fides,
        uses=tuple(_use(code, card, declared, words) for card in cards if code in card.items),
    )


def _use(code: ItemCode, card: Card, declared: Declared, words: Words) -> ItemUse:
    kept = next((name for name, term in card.retention.items() if code in term.items), "")
    line = term_line(kept, card.retention[kept], declared) if kept else None
    registered = (declared.recipient(one) for one in card.recipients)
    return ItemUse(
        purpose=card.purpose,
        title=words.title(card.title_zh, card.title_en),
        forms=tuple(sorted(card.roles)),
        recipients=tuple(one.code for one in registered if one is not None and code in one.items),
        term=kept,
        ceiling_days=None if line is None else line.ceiling_days,
        starts="" if line is None else line.starts,
        floors=() if line is None else line.floors,
    )


def _raised(cards: Iterable[Card]) -> Iterator[Raised]:
    for card in cards:
        for one in taxonomy().combinations:
            if one.codes <= set(card.items):
                items = tuple(sorted(one.codes))
                yield Raised(one.id, card.purpose, items, one.level, one.klass, one.sensitive, one.source, one.verified)
