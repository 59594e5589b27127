"""``shouxin law impact`` and ``law adopt``: another law pack is adopted by a person who saw what it changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from rich.text import Text

from shouxin.cli.command import command
from shouxin.cli.law import group
from shouxin.cli.showing import Shown, good, heading
from shouxin.cli.terminal import Terminal
from shouxin.domain.counted import counted

if TYPE_CHECKING:
    from shouxin.operations.adopting.change_law import CardConcerned, FloorChange, LawImpact
    from shouxin.policy.adopted_law import KnownRule, RuleChange

__all__ = ["adopt", "impact"]

_MOST: Final = 40


@command(group, "impact", "shouxin law impact --as dpo")
def impact(terminal: Terminal) -> Shown:
    """Show what adopting this program's law pack changes: rules, and the cards, consents, grants and terms on them.

    Exit code 1: it cannot be adopted, because adopted cards name floors that it does not have.
    """
    from shouxin.operations.adopting.change_law import law_impact

    found = law_impact(terminal.workspace(), terminal.token())
    last = good("nothing was adopted; to adopt it: shouxin law adopt") if found.waits else good("it is adopted")
    lines = [*_lines(found), last]
    return Shown(_told(found), lines, exit_code=1 if found.missing else 0)


@command(group, "adopt", "shouxin law adopt --as dpo")
def adopt(terminal: Terminal) -> Shown:
    """Adopt the law pack of this program: from now on decisions are made by it. Only the data-protection officer does.

    See 'shouxin law impact' first. Until then nothing is decided: reading, verifying, withdrawing a consent and
    finishing an erasure go on.
    """
    from shouxin.operations.adopting.change_law import adopt_law

    found = adopt_law(terminal.workspace(), terminal.token())
    return Shown(_told(found), [good(f"the law pack {found.region}, version {found.version}, is adopted")])


def _told(found: LawImpact) -> dict[str, object]:
    import msgspec

    told: dict[str, object] = msgspec.to_builtins(found)
    return {**told, "missing": list(found.missing)}


def _lines(found: LawImpact) -> Iterator[str | Text]:
    """Yield an impact as people read it."""
    yield heading(f"law pack {found.region}, version {found.version} ({found.digest[:16]})")
    yield f"  in force   {found.before[:16] or 'none was ever adopted here'}"
    if not found.before:
        yield f"  rules      {len(found.rules)} in it"
    else:
        yield f"  rules      {len(found.rules)} change"
        yield from (_rule(one) for one in found.rules[:_MOST])
        if len(found.rules) > _MOST:
            yield f"    and {len(found.rules) - _MOST} more: --json lists all"
    if found.before and found.facts != found.facts_before:
        change = f"{_facts(found.facts_before)} -> {_facts(found.facts)}"
        yield f"  said       {change}: floors that do not apply keep nothing"
    for card in found.cards:
        yield from _card(card)
    if not found.cards:
        yield "  cards      none is concerned"


def _facts(said: dict[str, bool | int]) -> str:
    return ", ".join(f"{name} = {str(value).lower()}" for name, value in said.items()) or "nothing"


def _rule(one: RuleChange) -> str:
    weight = ", takes part in decisions" if one.decides else ""
    return f"    {one.fate.value:8} {one.rule}: {_said(one.before)} -> {_said(one.after)}{weight}"


def _said(known: KnownRule | None) -> str:
    if known is None:
        return "not there"
    return f"{known.cites}, {known.n} {known.unit}" if known.n is not None else known.cites


def _card(card: CardConcerned) -> Iterator[str]:
    yield f"  card       {card.purpose}, version {card.version}"
    if card.deciding:
        grants = counted(card.grants, "grant", "run")
        yield f"    decided by {counted(len(card.deciding), 'changed rule')} from now on: {grants} on"
    if card.consent:
        yield f"    consents   {counted(card.consents, 'person')} agreed; {', '.join(card.consent)} changed"
    yield from (_floor(one) for one in card.floors)
    yield from (f"    missing    the pack has no {name}: it cannot be adopted" for name in card.missing)
    for one in card.faults:
        cited = f" ({one.article})" if one.article else ""
        yield f"    at fault   {one.place}: {one.why_en}{cited}"


def _floor(one: FloorChange) -> str:
    kept = f"cells and objects kept under it: {one.cells:,}"
    return f"    retention  {one.term}: {one.rule}: {_said(one.before)} -> {_said(one.after)}; {kept}"
