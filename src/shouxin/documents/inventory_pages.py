"""The pages of the inventory of personal information."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from shouxin.documents.document import Block, Document, Fields, Heading, Table
from shouxin.documents.inventory import Inventory, InventoryEntry, ItemUse
from shouxin.documents.phrases import ceiling_of, document, floors_of, items_table, label, named, yes_no
from shouxin.documents.words import Words

__all__ = ["inventory_pages"]


def inventory_pages(found: Inventory) -> Document:
    """Return the inventory, laid out: a summary, then the items by kind."""
    words = Words(found.language)
    blocks: list[Block] = [Heading(words.say("heading", "summary")), _summary(found, words)]
    if found.raised:
        blocks += [Heading(words.say("heading", "combinations"), 2), _raised(found, words)]
    blocks.append(Heading(words.say("heading", "items")))
    for kind, entries in groupby(found.entries, key=lambda one: one.kind):
        blocks += _kind(kind, list(entries), words)
    status = words.say("status", "inventory")
    return document(words, found.kind, found.institution, found.on, found.pack, status, blocks)


def _summary(found: Inventory, words: Words) -> Fields:
    entries = found.entries
    levels = sorted({one.item.level for one in entries}, reverse=True)
    klasses = sorted({one.item.klass for one in entries}, reverse=True)
    by_level = words.joined(f"L{level}: {sum(one.item.level == level for one in entries)}" for level in levels)
    by_klass = words.joined(f"{klass}: {sum(one.item.klass == klass for one in entries)}" for klass in klasses)
    return Fields(
        (
            (words.say("label", "count_items"), str(len(entries))),
            (words.say("label", "count_sensitive"), str(sum(one.item.sensitive for one in entries))),
            (words.say("label", "level"), by_level),
            (words.say("label", "klass"), by_klass),
            (words.say("label", "count_purposes"), str(len({use.purpose for one in entries for use in one.uses}))),
        )
    )


def _raised(found: Inventory, words: Words) -> Table:
    titles = {one.item.code: one.item.title for one in found.entries}
    rows = (
        (
            one.combination,
            one.purpose,
            words.joined(titles.get(code, code) for code in one.items),
            f"L{one.level} {one.klass}",
            yes_no(words, value=one.sensitive),
            words.say("verified", "policy") if one.verified == "policy" else one.source,
        )
        for one in found.raised
    )
    return Table(
        label(words, "combination", "purpose", "kept_items", "grade", "sensitive", "source"),
        tuple(rows),
        (4, 4, 6, 2, 2, 4),
    )


def _kind(kind: str, entries: list[InventoryEntry], words: Words) -> Iterator[Block]:
    yield Heading(words.say("kind", kind), 2, kind)
    yield items_table(words, (one.item for one in entries))
    yield Heading(words.say("heading", "uses"), 3)
    uses = ((one.item.title, *_use(use, words)) for one in entries for use in one.uses)
    yield Table(label(words, "item", "purposes", "form", "ceiling", "floor"), tuple(uses), (3, 4, 3, 4, 5))
    yield Heading(words.say("heading", "terms"), 3)
    yield Table(
        label(words, "item", "mask", "record_class", "dpv", "fides"),
        tuple(_terms(one, words) for one in entries),
        (3, 3, 3, 3, 7),
    )


def _use(use: ItemUse, words: Words) -> tuple[str, str, str, str]:
    purpose = words.aside(use.title, words.joined(use.recipients) if use.recipients else "")
    kept = words.say("say", "only_reads")
    if use.ceiling_days is not None:
        kept = ceiling_of(words, use.ceiling_days, use.starts)
    return purpose, named(words, "form", use.forms), kept, floors_of(words, use.floors)


def _terms(one: InventoryEntry, words: Words) -> tuple[str, ...]:
    record = words.say("record_class", one.record_class) if one.record_class else "—"
    return one.item.title, words.say("mask", one.mask), record, one.dpv.rpartition("#")[2], one.fides
