"""``shouxin purpose``: check a purpose card, adopt it, and show what is adopted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from shouxin.cli.asking import called, read_file
from shouxin.cli.command import command, new_group
from shouxin.cli.showing import Shown, columns, good, heading, printable
from shouxin.cli.terminal import Terminal
from shouxin.domain.counted import counted
from shouxin.errors import Invalid, NotFound, NotSignedIn

if TYPE_CHECKING:
    from shouxin.policy.card import Card, Form, PurposeCode
    from shouxin.policy.lawpack import LawPack
    from shouxin.policy.lint import Remark
    from shouxin.policy.recipient import Recipient

__all__ = ["adopt", "group", "lint", "remark_told", "show_adopted"]

group = new_group("Purpose cards: everything is derived from them.")

Files = Annotated[list[Path], typer.Argument(metavar="CARD", help="Cards as TOML files.")]


@dataclass(frozen=True, slots=True)
class _Beside:
    """What a card is held against: the law pack, the cards beside it, and the register where there is one.

    ``adopted`` are the cards of the workspace; nothing where nobody is signed in to one.
    """

    pack: LawPack
    cards: dict[PurposeCode, Card]
    register: dict[str, Recipient | None] | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    adopted: Mapping[PurposeCode, Card] | None = None


def _known(terminal: Terminal) -> _Beside:
    """Return what the workspace has; where nobody is signed in to one, the law pack alone."""
    from shouxin.operations.adopting.cards import list_cards
    from shouxin.operations.adopting.recipients import list_recipients
    from shouxin.policy.lawpack import load_pack

    if not (terminal.home / "config.toml").exists():
        return _Beside(load_pack("cn"), {})
    workspace = terminal.workspace()
    try:
        token = terminal.token()
        cards = {card.purpose: card for card in list_cards(workspace, token)}
        known = list_recipients(workspace, token)
    except NotSignedIn:
        return _Beside(workspace.pack, {}, facts=workspace.institution.facts)
    register = {one.recipient.code: None if one.ended else one.recipient for one in known}
    return _Beside(workspace.pack, {**cards}, register, workspace.institution.facts, cards)


def remark_told(remark: Remark, place: str) -> dict[str, str]:
    """Return one remark of a review as programs are told; ``place`` is file and line."""
    return {
        "place": place,
        "severity": remark.severity.value,
        "code": remark.code,
        "rule": remark.rule,
        "article": remark.article,
        "detail": remark.why_en,
        "detail_zh": remark.why_zh,
        "mend": remark.mend_en,
        "mend_zh": remark.mend_zh,
    }


def _remarks(text: str, file: str, card: Card, beside: _Beside) -> list[dict[str, str]]:
    from shouxin.actors.account import ROLES
    from shouxin.domain.clock import SystemClock, local_date
    from shouxin.policy.declared_toml import line_of
    from shouxin.policy.lint import lint

    today = local_date(SystemClock().now())
    return [
        {"file": file, **remark_told(one, f"{file}:{line_of(text, one.place)}")}
        for one in lint(card, beside.pack, beside.cards, today, ROLES, beside.register, beside.facts, beside.adopted)
    ]


@command(group, "lint", "shouxin purpose lint cards/credit-review.toml")
def lint(terminal: Terminal, files: Files) -> Shown:
    """Check cards without adopting them: what is missing, too broad or unlawful, with place, article and what mends it.

    Needs no workspace. Cards that are given together, or adopted in the workspace, may draw on one another; for whoever
    is signed in to one, its register of recipients counts too, and a changed card must be the next version. Exit code
    1: an error, with which no card is adopted.
    """
    from shouxin.policy.card import read_card

    found: list[dict[str, str]] = []
    read: list[tuple[str, str, Card]] = []
    for number, path in enumerate(files, 1):
        name = called(path, number)
        try:
            text = read_file(path)
            read.append((text, name, read_card(text, name)[0]))
        except Invalid as error:
            detail = error.detail.removeprefix(f"{error.place}: ")
            found.append({"file": name, "place": error.place, "severity": "error", "detail": detail})
    beside = _known(terminal)
    beside.cards.update({card.purpose: card for _, _, card in read})
    for text, name, card in read:
        found += _remarks(text, name, card, beside)
    errors = sum(one["severity"] == "error" for one in found)
    lines = [line for one in found for line in _said(one)]
    more = counted(len(found) - errors, "remark") if len(found) > errors else "nothing found"
    lines += [] if errors else [good(f"{len(files)} read, {more}")]
    return Shown({"files": len(files), "findings": found}, lines, exit_code=1 if errors else 0)


def _said(one: dict[str, str]) -> list[str | Text]:
    """Return what was found as people read it: where and what, the same in Chinese, what mends it."""
    article = f" ({one['article']})" if one.get("article") else ""
    style = {"error": "bold red", "warning": "yellow"}.get(one["severity"], "cyan")
    head = Text.assemble(f"{one['place']} ", (one["severity"], style), f": {printable(one['detail'])}{article}")
    if "mend" not in one:
        return [head]
    return [head, f"    {one['detail_zh']}", f"    to mend it: {one['mend']} / {one['mend_zh']}"]


@command(group, "adopt", "shouxin purpose adopt cards/credit-review.toml --as dpo")
def adopt(terminal: Terminal, files: Files) -> Shown:
    """Adopt cards, all or none: from now on decisions quote them. Only the data-protection officer does this."""
    from shouxin.operations.adopting.cards import adopt_cards

    workspace, token = terminal.workspace(), terminal.token()
    cards = adopt_cards(workspace, token, [(read_file(path), called(path)) for path in files])
    data = {"adopted": [{"purpose": card.purpose, "version": card.version} for card in cards]}
    return Shown(data, [good(f"{card.purpose}, version {card.version}: {card.title_zh}") for card in cards])


@command(group, "show", "shouxin purpose show", "shouxin purpose show credit.review --json")
def show_adopted(
    terminal: Terminal,
    purpose: Annotated[str, typer.Argument(help="One purpose, by its code; else a list of all.")] = "",
) -> Shown:
    """Show the cards that are adopted now."""
    from shouxin.operations.adopting.cards import list_cards

    cards = list_cards(terminal.workspace(), terminal.token())
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
        kept = f"at most {term.ceiling_days} days from {starts}{floors}: {', '.join(term.items)}"
        lines.append(f"kept       {name}: {kept}")
    lines += [f"{name:10} {said}" for name, said in _further(card) if said]
    return lines


def _further(card: Card) -> list[tuple[str, str]]:
    """Return the fields of a card that have no line of their own above; empty where the card says nothing."""
    to = [f"{code} ({card.contracts.get(code) or 'no contract named'})" for code in card.recipients]
    return [
        ("draws on", ", ".join(card.draws_on)),
        ("given to", ", ".join(to)),
        ("places", ", ".join(card.locations)),
        ("products", ", ".join(card.products)),
        ("assessed", card.assessment),
        ("look-ups", f"{card.look_ups_an_hour} an hour for one account" if card.look_ups_an_hour else ""),
        ("asked", f"again {card.ask_again_days} days after a no at the earliest"),
        ("wording", "the same as the version before, in other words" if card.wording_only else ""),
        ("statutory", "a law imposes it: it may read what is frozen" if card.statutory else ""),
        ("public", "what it processes is made public, with each person's separate consent" if card.published else ""),
        ("images", "from public places, for another use than public safety" if card.public_place_images else ""),
        ("delivers", "the notice, to people who were not told yet" if card.delivers_notice else ""),
        ("automated", card.automated_explanation_zh if card.automated else ""),
        ("", card.automated_explanation_en if card.automated else ""),
        ("review by", card.human_review),
    ]


def _chain(card: Card, form: Form) -> str:
    chain = card.approval.get(form)
    if chain is None:
        return ""
    levels = ", then ".join(f"{level.quorum} x {level.role}" for level in chain.levels)
    within = f"within {chain.request_hours} hours"
    return f"; needs {levels} {within}; the grant runs for {chain.grant_minutes} minutes"
