"""``shouxin purpose``: check a purpose card, adopt it, and show what is adopted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from shouxin.cli.asking import read_file
from shouxin.cli.command import command, new_group
from shouxin.cli.showing import Shown, columns, good, heading, printable
from shouxin.cli.terminal import Terminal
from shouxin.errors import Invalid, NotFound

if TYPE_CHECKING:
    from shouxin.policy.card import Card, Form

__all__ = ["adopt", "adopted_cards", "group", "lint", "show_adopted"]

group = new_group("Purpose cards: everything is derived from them.")

Files = Annotated[list[Path], typer.Argument(metavar="CARD", help="Cards as TOML files.")]


def adopted_cards(terminal: Terminal) -> list[Card]:
    """Return the cards that are adopted now, by purpose, each checked against what the institution signed."""
    from shouxin.operations.acting import begin
    from shouxin.operations.cards import current_engine
    from shouxin.vault.records import Records

    workspace, token = terminal.workspace(), terminal.token()

    def work(records: Records) -> list[Card]:
        act = begin(workspace, records, token)
        cards = current_engine(workspace, records, "", act.now).cards
        return sorted(cards.values(), key=lambda card: card.purpose)

    return workspace.data.read(work)


@command(group, "lint", "shouxin purpose lint cards/credit-review.toml")
def lint(_terminal: Terminal, files: Files) -> Shown:
    """Check cards without adopting them: what is missing or unknown, and where. Needs no workspace."""
    from shouxin.policy.card import read_card

    found: list[dict[str, str]] = []
    for path in files:
        try:
            read_card(read_file(path), path.name)
        except Invalid as error:
            found.append({"file": path.name, "place": error.place, "detail": error.detail})
    lines: list[str | Text] = [printable(one["detail"]) for one in found]
    lines = lines or [good(f"{len(files)} read, nothing found")]
    return Shown({"files": len(files), "findings": found}, lines, exit_code=1 if found else 0)


@command(group, "adopt", "shouxin purpose adopt cards/credit-review.toml --as dpo")
def adopt(terminal: Terminal, files: Files) -> Shown:
    """Adopt cards: from now on decisions quote them. Only the data-protection officer does this."""
    from shouxin.operations.cards import adopt_card

    workspace, token = terminal.workspace(), terminal.token()
    texts = [(path.name, read_file(path)) for path in files]
    cards = [adopt_card(workspace, token, text, name) for name, text in texts]
    data = {"adopted": [{"purpose": card.purpose, "version": card.version} for card in cards]}
    return Shown(data, [good(f"{card.purpose}, version {card.version}: {card.title_zh}") for card in cards])


@command(group, "show", "shouxin purpose show", "shouxin purpose show credit-review --json")
def show_adopted(
    terminal: Terminal,
    purpose: Annotated[str, typer.Argument(help="One purpose, by its code; else a list of all.")] = "",
) -> Shown:
    """Show the cards that are adopted now."""
    cards = adopted_cards(terminal)
    if purpose:
        card = next((card for card in cards if card.purpose == purpose), None)
        if card is None:
            raise NotFound("no card was adopted for this purpose")
        return Shown({"card": _told(card)}, _lines(card))
    rows = [
        (card.purpose, card.version, card.title_zh, card.title_en, card.lawful_basis, len(card.items)) for card in cards
    ]
    heads = ("PURPOSE", "VERSION", "TITLE", "", "BASIS", "ITEMS")
    return Shown({"cards": [_told(card) for card in cards]}, columns(heads, rows, "no card is adopted yet"))


def _told(card: Card) -> dict[str, object]:
    import msgspec

    told: dict[str, object] = msgspec.to_builtins(card)
    return told


def _lines(card: Card) -> list[str | Text]:
    """Return a card as people read it."""
    basis = f"{card.lawful_basis} ({card.basis_article})"
    lines: list[str | Text] = [
        heading(f"{card.purpose}, version {card.version}: {card.title_zh} / {card.title_en}"),
        card.explanation_zh,
        card.explanation_en,
        f"basis      {basis}{', with separate consent' if card.separate_consent else ''}",
        f"items      {', '.join(card.items)}",
    ]
    lines += [f"{form:10} {', '.join(roles)}{_chain(card, form)}" for form, roles in card.roles.items()]
    for name, term in card.retention.items():
        floors = f", at least as {', '.join(term.floors)} says" if term.floors else ""
        starts = term.starts.replace("_", " ")
        lines.append(f"kept       {name}: at most {term.ceiling_days} days from {starts}{floors}")
    return lines


def _chain(card: Card, form: Form) -> str:
    chain = card.approval.get(form)
    if chain is None:
        return ""
    levels = ", then ".join(f"{level.quorum} x {level.role}" for level in chain.levels)
    return f"; needs {levels}; the grant runs for {chain.grant_minutes} minutes"
