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
from shouxin.cli.subject import Databases, with_databases
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


@command(
    group, "restrict", f"shouxin right restrict {_ONE}", f"shouxin right restrict {_ONE} --databases recipients.relay"
)
def restrict(terminal: Terminal, right: Asked, reply_file: ReplyFile = None, databases: Databases = None) -> Shown:
    """Freeze whoever asked for it, also in the lender's own databases, and answer them once that is so."""
    from shouxin.operations.rights.act import restrict_everywhere_for, restrict_for

    workspace, token, named = terminal.workspace(), terminal.token(), parse(RightId, right)
    said = said_of(None, None, None, reply_file)
    if databases is None:
        return stands(named, restrict_for(workspace, token, named, said))
    from shouxin.bootstrap import open_database

    done, reports = restrict_everywhere_for(workspace, token, named, said, (databases, open_database))
    return with_databases(stands(named, done), reports)


@command(
    group,
    "correct",
    f"shouxin right correct {_ONE} --item employment.job",
    f"shouxin right correct {_ONE} --item contact.email --under loan.file",
    f"shouxin right correct {_ONE} --item contact.mobile --databases recipients.relay",
)
def correct(
    terminal: Terminal,
    right: Asked,
    item: Annotated[list[str], typer.Option("--item", help="Which item, by its code; several times.")],
    under: Annotated[
        str, typer.Option("--under", metavar="PURPOSE", help="Supplement: keep what is missing for this purpose.")
    ] = "",
    because: Because = None,
    reply_file: ReplyFile = None,
    databases: Databases = None,
) -> Shown:
    """Correct what a person says is wrong, or add what is missing, and answer them. Each value is asked for in turn.

    With --databases, the lender's own databases are corrected first; where one fails, nothing is answered yet. What was
    found to be right is left out; --because says by which rule.
    """
    from shouxin.domain.items import item as known
    from shouxin.operations.rights.correcting import correct_everywhere_for, correct_for

    codes = [known(one).code for one in item]
    values = {code: Plaintext.of(ask_value(None, code)) for code in codes}
    workspace, token, named = terminal.workspace(), terminal.token(), parse(RightId, right)
    said = said_of(None, None, because, reply_file)
    if databases is None:
        return stands(named, correct_for(workspace, token, named, values, said, under=under))
    from shouxin.bootstrap import open_database

    place = (databases, open_database)
    done, reports = correct_everywhere_for(workspace, token, named, values, said, place, under=under)
    return with_databases(stands(named, done), reports)


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


@command(group, "explain", f"shouxin right explain {_ONE}", f"shouxin right explain {_ONE} --answer")
def explain(
    terminal: Terminal,
    right: Asked,
    answer: Annotated[
        bool, typer.Option("--answer", help="Also answer the request with it; kept as the written answer.")
    ] = False,
    reply_file: ReplyFile = None,
) -> Shown:
    """Show which programs decided about a person: when, on which items, by which rules, and how each decides."""
    from shouxin.operations.rights.explain import explain_decisions, explain_for

    named = parse(RightId, right)
    found = explain_decisions(terminal.workspace(), terminal.token(), named)
    data = [
        {
            "leaf": one.leaf,
            "at": write(one.at),
            "purpose": one.purpose,
            "version": one.version,
            "items": list(one.items),
            "form": one.form,
            "outcome": one.outcome,
            "rules": [{"rule": rule, "cites": cites} for rule, cites in one.rules],
            "explanation_zh": one.says_zh,
            "explanation_en": one.says_en,
            "human_review": one.review,
        }
        for one in found
    ]
    rows = [
        (
            one.leaf,
            write(one.at),
            f"{one.purpose} {one.version}",
            ",".join(one.items),
            f"{one.outcome}: {', '.join(cites or rule for rule, cites in one.rules)}",
            one.says_zh,
        )
        for one in found
    ]
    heads = ("LEAF", "AT", "PURPOSE", "ITEMS", "DECIDED", "EXPLANATION")
    lines = columns(heads, rows, "no program decided about this person")
    if not answer:
        return Shown({"decisions": data}, lines)
    said = said_of(None, None, None, reply_file)
    done = stands(named, explain_for(terminal.workspace(), terminal.token(), named, said))
    return Shown({**done.data, "decisions": data}, [*lines, *done.lines], done.exit_code)
