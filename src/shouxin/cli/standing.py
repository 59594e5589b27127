"""``shouxin subject standing`` and ``objects``: what is kept of a person, without what it says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.text import Text

from shouxin.cli.command import command
from shouxin.cli.showing import Shown, columns, good
from shouxin.cli.subject import Person, group
from shouxin.cli.terminal import Terminal
from shouxin.domain.clock import write
from shouxin.domain.counted import counted
from shouxin.domain.identifiers import ObjectId, SubjectId, parse, show

if TYPE_CHECKING:
    from shouxin.operations.retaining.standing import HeldObject
    from shouxin.retention.resolve import Kept

__all__ = ["objects", "stand"]


def _floor(kept: Kept | None) -> dict[str, str | None] | None:
    if kept is None:
        return None
    return {"rule": kept.rule, "article": kept.article, "until": kept.until.isoformat() if kept.until else None}


def _until(kept: Kept | None) -> str:
    if kept is None:
        return ""
    return f"{kept.article} until {kept.until.isoformat() if kept.until else 'its term has begun and ended'}"


def _objects(found: Iterable[HeldObject]) -> list[dict[str, object]]:
    return [
        {
            "object": show(ObjectId, one.object_id),
            "purpose": one.purpose,
            "term": one.term,
            "item": one.item,
            "bytes": one.size,
            "kept": _floor(one.kept),
        }
        for one in found
    ]


def _table(found: Iterable[HeldObject]) -> list[str | Text]:
    rows = [(show(ObjectId, one.object_id), one.purpose, one.item, one.size, _until(one.kept)) for one in found]
    return columns(("OBJECT", "PURPOSE", "ITEM", "BYTES", "KEPT BY"), rows, "no objects")


@command(group, "standing", "shouxin subject standing sub_0123456789abcdef0123456789abcdef")
def stand(terminal: Terminal, subject: Person) -> Shown:
    """Show where a person stands: state, what is kept for which purpose, which floors keep it. No values."""
    from shouxin.operations.retaining.standing import standing

    found = standing(terminal.workspace(), terminal.token(), parse(SubjectId, subject))
    into = show(SubjectId, found.merged_into) if found.merged_into is not None else None
    data = {
        "subject": subject,
        "state": found.state.value,
        "since": write(found.since),
        "merged_into": into,
        "cells": [
            {
                "kind": one.kind,
                "purpose": one.purpose,
                "term": one.term,
                "items": list(one.items),
                "cells": one.cells,
                "kept": _floor(one.kept),
            }
            for one in found.holdings
        ],
        "objects": _objects(found.objects),
        "depicted": found.depicted,
        "told": found.told,
        "consents": found.consents,
        "floors": [_floor(kept) for kept in found.floors],
    }
    rows = [
        (one.purpose, one.term, one.kind, one.cells, ",".join(one.items), _until(one.kept)) for one in found.holdings
    ]
    heads = ("PURPOSE", "TERM", "WHAT", "CELLS", "ITEMS", "KEPT BY")
    told = f"told of {counted(found.told, 'purpose')}, {counted(found.consents, 'agreement', 'stand')}"
    lines: list[str | Text] = [
        good(f"{subject} is {found.state.value} since {write(found.since)}{f', merged into {into}' if into else ''}"),
        f"  {told}; shown in {counted(found.depicted, 'object')} of others",
        *columns(heads, rows, "nothing is kept of this person"),
        *(_table(found.objects) if found.objects else []),
    ]
    return Shown(data, lines)


@command(group, "objects", "shouxin subject objects sub_0123456789abcdef0123456789abcdef --as credit-officer")
def objects(terminal: Terminal, subject: Person) -> Shown:
    """List a person's videos, images and documents of the purposes that the caller's role works for."""
    from shouxin.operations.retaining.standing import list_objects

    found = list_objects(terminal.workspace(), terminal.token(), parse(SubjectId, subject))
    return Shown({"subject": subject, "objects": _objects(found)}, _table(found))
