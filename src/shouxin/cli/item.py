"""``shouxin item``: the kinds of personal information that cards, plans and recipients name by code."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

from shouxin.cli.command import command, new_group
from shouxin.cli.showing import Shown, columns
from shouxin.cli.terminal import Terminal
from shouxin.errors import NotFound

__all__ = ["export", "group", "list_all"]


class Vocabulary(StrEnum):
    """Whose words the taxonomy is written in."""

    DPV = "dpv"
    FIDES = "fides"


group = new_group("Items: the kinds of personal information, by code.")


@command(group, "list", "shouxin item list", "shouxin item list emergency --json")
def list_all(
    _terminal: Terminal,
    containing: Annotated[str, typer.Argument(help="Only codes and titles that contain this.")] = "",
) -> Shown:
    """List item codes, with title, level (JR/T 0197), class (JR/T 0171) and mask; needs no workspace.

    With '!' after the class: sensitive by itself today (PIPL 28), so that a card on consent asks separately, any card
    needs an assessment, and raw wants approval. Items can be sensitive together that are not alone.
    """
    from shouxin.domain.clock import SystemClock, local_date
    from shouxin.domain.items import taxonomy

    today = local_date(SystemClock().now())
    wanted = containing.lower()
    found = [
        one
        for one in taxonomy().items.values()
        if wanted in one.code or wanted in one.title_zh or wanted in one.title_en.lower()
    ]
    if not found:
        raise NotFound("no item has this in its code or title")
    data = [
        {
            "item": one.code,
            "title_zh": one.title_zh,
            "title_en": one.title_en,
            "level": one.level,
            "class": one.klass,
            "sensitive": one.sensitive(today),
            "mask": one.default_mask,
        }
        for one in found
    ]
    rows = [
        (one.code, f"{one.level} {one.klass}{'!' if one.sensitive(today) else ''}", one.title_zh, one.title_en)
        for one in found
    ]
    return Shown({"items": data}, columns(("ITEM", "LEVEL", "TITLE", ""), rows))


@command(group, "export", "shouxin item export --to dpv", "shouxin item export --to fides")
def export(
    _terminal: Terminal,
    to: Annotated[Vocabulary, typer.Option("--to", help="Whose words: dpv (JSON-LD) or fides (data categories).")],
) -> Shown:
    """Write the taxonomy in other people's words, for their tools; needs no workspace. Kinds only, never values.

    dpv: W3C Data Privacy Vocabulary 2.3, extension pd, as JSON-LD. fides: categories below those of fideslang 3.1, as
    JSON, which is YAML too. Send it to a file: shouxin item export --to fides > categories.yml
    """
    from shouxin.domain.clock import SystemClock, local_date
    from shouxin.domain.item_export import dpv_jsonld, fides_categories
    from shouxin.domain.items import taxonomy

    items = taxonomy().items.values()
    today = local_date(SystemClock().now())
    document = dpv_jsonld(items, today) if to is Vocabulary.DPV else fides_categories(items)
    return Shown(document, json.dumps(document, ensure_ascii=False, indent=1).splitlines())
