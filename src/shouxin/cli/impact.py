"""``shouxin purpose preview`` and ``impact``: what a card means, and would change, before it is adopted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.text import Text

from shouxin.cli.asking import called, read_file
from shouxin.cli.command import command
from shouxin.cli.purpose import group
from shouxin.cli.showing import Shown, good, heading
from shouxin.cli.terminal import Terminal
from shouxin.domain.counted import counted

if TYPE_CHECKING:
    from shouxin.operations.adopting.impact import Impact, TermChange
    from shouxin.operations.consenting.preview_card import CardPreview
    from shouxin.policy.card import Term

__all__ = ["impact", "preview"]

_ASSESSED: Final = {
    "assessment-sensitive": "PIPL 55(1)(1), sensitive items",
    "assessment-automated": "PIPL 55(1)(2), a program decides",
    "assessment-share": "PIPL 55(1)(3), given to",
    "assessment-publish": "PIPL 55(1)(3), made public",
    "assessment-export": "PIPL 55(1)(4), places",
}


@command(
    group, "preview", "shouxin purpose preview cards/credit-review.toml", "shouxin purpose preview card.toml --json"
)
def preview(
    terminal: Terminal,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The card that would be adopted.")],
    language: Annotated[str, typer.Option("--language", help="Of the notice: zh or en.")] = "zh",
) -> Shown:
    """Show what a card means before it is adopted: notice, consents due, who must agree, what is assessed first.

    Nothing is changed. What it would change of what stands: 'purpose impact'.
    """
    from shouxin.operations.consenting.preview_card import preview_card

    found = preview_card(terminal.workspace(), terminal.token(), read_file(file), file.name, language)
    card = found.card
    consents = [
        {"about": one.about.value, "rule": one.rule, "article": one.article, "separate": one.separate}
        for one in found.consents
    ]
    approvals = {form: [[level.role, level.quorum] for level in chain.levels] for form, chain in card.approval.items()}
    due = [{"code": code, "about": about} for code, about in found.assessments]
    data = {
        "purpose": card.purpose,
        "version": card.version,
        "notice": found.notice,
        "lacking": found.lacking,
        "unread": list(found.unread),
        "consents": consents,
        "approvals": approvals,
        "assessments": due,
        "assessment": card.assessment,
    }
    return Shown(data, [*_meaning(found), "", good("nothing was adopted")])


def _meaning(found: CardPreview) -> Iterator[str | Text]:
    """Yield a preview as people read it."""
    card = found.card
    yield heading(f"{card.purpose}, version {card.version}")
    if not found.consents:
        yield f"  consents   none is asked: the basis is {card.lawful_basis}; people are told"
    for one in found.consents:
        yield f"  consents   {one.about.value}, {'separate' if one.separate else 'plain'} ({one.article})"
    for form, chain in card.approval.items():
        yield f"  approval   {form}: {', then '.join(f'{level.quorum} x {level.role}' for level in chain.levels)}"
    for form in sorted(set(card.roles) - set(card.approval)):
        yield f"  approval   {form}: nobody is asked"
    for code, about in found.assessments:
        yield f"  assessment {_ASSESSED[code]}{f': {about}' if about else ''} -> {card.assessment or 'MISSING'}"
    if not found.assessments:
        yield "  assessment no duty that a card can show; PIPL 55(1)(5) is yours to judge"
    if found.unread:
        unread = counted(len(found.unread), "article of the notice", "were")
        yield f"  unread     {unread} not read in a held text; for counsel:"
        yield f"             {', '.join(found.unread)}"
    yield ""
    yield from found.notice.splitlines() if found.notice else [f"no notice can be written: {found.lacking}"]


@command(group, "impact", "shouxin purpose impact cards/credit-review.toml --as dpo")
def impact(
    terminal: Terminal,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The card that would be adopted.")],
) -> Shown:
    """Show which consents, grants and retention terms a card would change; nothing is adopted."""
    import msgspec

    from shouxin.operations.adopting.impact import impact_of

    found = impact_of(terminal.workspace(), terminal.token(), read_file(file), called(file))
    return Shown(msgspec.to_builtins(found), list(_lines(found)))


def _lines(found: Impact) -> list[str | Text]:
    """Return an impact as people read it."""
    lines: list[str | Text] = [heading(f"{found.purpose}, version {found.version}{': a new purpose' * found.new}")]
    for one in found.changed:
        lines += [f"  {one.name:10} gains {', '.join(one.gains)}"] if one.gains else []
        lines += [f"  {one.name:10} loses {', '.join(one.loses)}"] if one.loses else []
    why = f": {', '.join(found.because)} changed" if found.because else ""
    again = f"{counted(found.asked_again, 'person')} must be asked again (PIPL 14(2)){why}"
    lines.append(f"  consents   {counted(found.consents, '', 'stand')}; {again}")
    lines.append(f"  grants     {counted(found.grants, '', 'run')}; {found.void} of them would cover nothing")
    lines += [_term(one) for one in found.terms]
    lines.append(good("nothing was adopted"))
    return lines


def _term(one: TermChange) -> str:
    held = f"; cells and objects kept under it: {one.cells:,}"
    floors = f"; {', '.join(one.keeps_floors)} goes on holding for them" if one.keeps_floors and one.cells else ""
    return f"  retention  {one.name}: {_said(one.before)} -> {_said(one.after)}{held}{floors}"


def _said(term: Term | None) -> str:
    if term is None:
        return "not there"
    floors = f", at least {', '.join(term.floors)}" if term.floors else ""
    return f"at most {term.ceiling_days} days from {term.starts}{floors}"
