"""``shouxin right``: do what was asked, and answer: fulfilled, in part, or refused with reasons and articles."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from shouxin.cli.asking import ask_value, read_file
from shouxin.cli.command import command
from shouxin.cli.right import Asked, group, stands
from shouxin.cli.showing import Shown, columns
from shouxin.cli.terminal import Terminal
from shouxin.domain.clock import write
from shouxin.domain.identifiers import RightId, parse
from shouxin.domain.plaintext import Plaintext

if TYPE_CHECKING:
    from shouxin.operations.rights.answer import Said

__all__ = ["correct", "explain", "fulfil", "refuse", "restrict", "review", "settle"]

_ONE: Final = "rgt_0123456789abcdef0123456789abcdef"
Done = Annotated[list[str] | None, typer.Option("--done", metavar="CODE", help="What was done; several times.")]
Left = Annotated[list[str] | None, typer.Option("--left", metavar="CODE", help="What was not; several times.")]
Because = Annotated[
    list[str] | None, typer.Option("--because", metavar="RULE", help="Why not: a rule of the law pack; several times.")
]
ReplyFile = Annotated[Path | None, typer.Option("--reply-file", help="What they are told in writing ('-': input).")]


class _Found(StrEnum):
    """What a check of disputed information came to."""

    WRONG = "wrong"
    RIGHT = "right"
    OPEN = "open"


def said_of(done: list[str] | None, left: list[str] | None, because: list[str] | None, reply: Path | None) -> Said:
    """Return an answer from options."""
    from shouxin.operations.rights.answer import Said

    written = None if reply is None else Plaintext.of(read_file(reply).rstrip("\r\n"))
    return Said(tuple(done or ()), tuple(left or ()), tuple(because or ()), written)


@command(
    group,
    "fulfil",
    f"shouxin right fulfil {_ONE} --done package",
    f"shouxin right fulfil {_ONE} --done employment.job --left account.card_number --because CN-AML-34-3-TRANSACTION",
)
def fulfil(
    terminal: Terminal,
    right: Asked,
    done: Done = None,
    left: Left = None,
    because: Because = None,
    reply_file: ReplyFile = None,
) -> Shown:
    """Say that it was done; with --left and --because, in part, and why not all."""
    from shouxin.operations.rights import answer

    named = parse(RightId, right)
    said = said_of(done, left, because, reply_file)
    return stands(named, answer.fulfil(terminal.workspace(), terminal.token(), named, said))


@command(group, "refuse", f"shouxin right refuse {_ONE} --because CN-PIPL-49 --reply-file letter.txt")
def refuse(terminal: Terminal, right: Asked, because: Because = None, reply_file: ReplyFile = None) -> Shown:
    """Refuse, with at least one reason and its article (PIPL 50(1))."""
    from shouxin.operations.rights import answer

    named = parse(RightId, right)
    said = said_of(None, None, because, reply_file)
    return stands(named, answer.refuse(terminal.workspace(), terminal.token(), named, said))


@command(group, "restrict", f"shouxin right restrict {_ONE}")
def restrict(terminal: Terminal, right: Asked, reply_file: ReplyFile = None) -> Shown:
    """Freeze whoever asked for it, and answer them, in one step."""
    from shouxin.operations.rights.act import restrict_for

    named = parse(RightId, right)
    said = said_of(None, None, None, reply_file)
    return stands(named, restrict_for(terminal.workspace(), terminal.token(), named, said))


@command(group, "correct", f"shouxin right correct {_ONE} --item employment.job")
def correct(
    terminal: Terminal,
    right: Asked,
    item: Annotated[list[str], typer.Option("--item", help="Which item, by its code; several times.")],
    reply_file: ReplyFile = None,
) -> Shown:
    """Correct what a person says is wrong, and answer them. Each value is asked for in turn, never an argument."""
    from shouxin.domain.items import item as known
    from shouxin.operations.rights.act import correct_for

    codes = [known(one).code for one in item]
    values = {code: Plaintext.of(ask_value(None, code)) for code in codes}
    named = parse(RightId, right)
    said = said_of(None, None, None, reply_file)
    return stands(named, correct_for(terminal.workspace(), terminal.token(), named, values, said))


@command(group, "settle", f"shouxin right settle {_ONE} --found right --reply-file letter.txt")
def settle(
    terminal: Terminal,
    right: Asked,
    found: Annotated[_Found, typer.Option("--found", help="What the check came to.")],
    reply_file: ReplyFile = None,
) -> Shown:
    """Answer an objection to credit information in writing; the mark ends unless it cannot be confirmed."""
    from shouxin.operations.rights.act import ObjectionFinding, settle_objection

    named = parse(RightId, right)
    said = said_of(None, None, None, reply_file)
    finding = ObjectionFinding(found.value)
    return stands(named, settle_objection(terminal.workspace(), terminal.token(), named, finding, said))


@command(group, "review", f"shouxin right review {_ONE} --done upheld")
def review(terminal: Terminal, right: Asked, done: Done = None, reply_file: ReplyFile = None) -> Shown:
    """Record that you, a person, reviewed what a program decided; only the role that the card names for it."""
    from shouxin.operations.rights.act import review_decision

    named = parse(RightId, right)
    said = said_of(done, None, None, reply_file)
    return stands(named, review_decision(terminal.workspace(), terminal.token(), named, said))


@command(group, "explain", f"shouxin right explain {_ONE}")
def explain(terminal: Terminal, right: Asked) -> Shown:
    """Show which programs decided about a person, when, on which items, and how each says that it decides."""
    from shouxin.operations.rights.explain import explain_decisions

    found = explain_decisions(terminal.workspace(), terminal.token(), parse(RightId, right))
    data = [
        {
            "leaf": one.leaf,
            "at": write(one.at),
            "purpose": one.purpose,
            "version": one.version,
            "items": list(one.items),
            "form": one.form,
            "explanation_zh": one.says_zh,
            "explanation_en": one.says_en,
            "human_review": one.review,
        }
        for one in found
    ]
    rows = [
        (one.leaf, write(one.at), f"{one.purpose} {one.version}", ",".join(one.items), one.says_zh) for one in found
    ]
    heads = ("LEAF", "AT", "PURPOSE", "ITEMS", "EXPLANATION")
    return Shown({"decisions": data}, columns(heads, rows, "no program decided about this person"))
