"""``shouxin item``: the kinds of personal information that cards, plans and recipients name by code."""

from __future__ import annotations

from typing import Annotated

import typer

from shouxin.cli.command import command, new_group
from shouxin.cli.showing import Shown, columns
from shouxin.cli.terminal import Terminal
from shouxin.errors import NotFound

__all__ = ["group", "list_all"]

group = new_group("Items: the kinds of personal information, by code.")


@command(group, "list", "shouxin item list", "shouxin item list emergency --json")
def list_all(
    _terminal: Terminal,
    containing: Annotated[str, typer.Argument(help="Only codes and titles that contain this.")] = "",
) -> Shown:
    """List item codes, with title, level (JR/T 0197), class (JR/T 0171) and mask; needs no workspace.

    With '!': sensitive by itself today. Items can be sensitive together that are not alone.
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
