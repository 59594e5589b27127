"""``shouxin purpose impact``: what a card would change before it is adopted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from shouxin.cli.asking import read_file
from shouxin.cli.command import command
from shouxin.cli.purpose import group
from shouxin.cli.showing import Shown, good, heading
from shouxin.cli.terminal import Terminal

if TYPE_CHECKING:
    from shouxin.operations.adopting.impact import Impact, TermChange
    from shouxin.policy.card import Term

__all__ = ["impact"]


@command(group, "impact", "shouxin purpose impact cards/credit-review.toml --as dpo")
def impact(
    terminal: Terminal,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The card that would be adopted.")],
) -> Shown:
    """Show which consents, grants and retention terms a card would change; nothing is adopted."""
    import msgspec

    from shouxin.operations.adopting.impact import impact_of

    found = impact_of(terminal.workspace(), terminal.token(), read_file(file), file.name)
    return Shown(msgspec.to_builtins(found), list(_lines(found)))


def _lines(found: Impact) -> list[str | Text]:
    """Return an impact as people read it."""
    lines: list[str | Text] = [heading(f"{found.purpose}, version {found.version}{': a new purpose' * found.new}")]
    for one in found.changed:
        lines += [f"  {one.name:10} gains {', '.join(one.gains)}"] if one.gains else []
        lines += [f"  {one.name:10} loses {', '.join(one.loses)}"] if one.loses else []
    why = f": {', '.join(found.because)} changed" if found.because else ""
    again = f"{found.asked_again} people must be asked again (PIPL 14(2)){why}"
    lines.append(f"  consents   {found.consents} stand; {again}")
    lines.append(f"  grants     {found.grants} run; {found.void} of them would cover nothing")
    lines += [_term(one) for one in found.terms]
    lines.append(good("nothing was adopted"))
    return lines


def _term(one: TermChange) -> str:
    held = f"; {one.cells} cells and objects are kept under it"
    floors = f"; {', '.join(one.keeps_floors)} goes on holding for them" if one.keeps_floors and one.cells else ""
    return f"  retention  {one.name}: {_said(one.before)} -> {_said(one.after)}{held}{floors}"


def _said(term: Term | None) -> str:
    if term is None:
        return "not there"
    floors = f", at least {', '.join(term.floors)}" if term.floors else ""
    return f"at most {term.ceiling_days} days from {term.starts}{floors}"
