"""``shouxin consent code`` and ``confirm``: consent by typing the purpose's title and a one-time code."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from shouxin.cli.asking import ask_value, write_bytes
from shouxin.cli.command import command
from shouxin.cli.consent import Age, By, Question, group
from shouxin.cli.showing import Shown, good
from shouxin.cli.terminal import Terminal
from shouxin.domain.clock import write
from shouxin.domain.identifiers import ConsentId, SubjectId, parse
from shouxin.domain.plaintext import Plaintext

__all__ = ["code", "confirm"]


@command(
    group,
    "code",
    "shouxin consent code con_0123456789abcdef0123456789abcdef --output code.txt --as sms.service",
)
def code(
    terminal: Terminal,
    consent: Question,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the code here, for a program.")] = None,
) -> Shown:
    """Make the one-time code of a question, to be delivered to the person: six digits, five minutes, five attempts.

    Nothing is sent: deliver it by the channel that you have for this person. Another account confirms with it.
    """
    from shouxin.operations.consenting.confirm_choice import send_code

    made = send_code(terminal.workspace(), terminal.token(), parse(ConsentId, consent))
    data = {"consent": consent, "title": made.title, "expires": write(made.expires)}
    said = f"until {write(made.expires)}, typed beside it: {made.title}"
    if output is not None:
        write_bytes(output, made.code.reveal())
        return Shown({**data, "file": str(output)}, [good(f"the code is in {output}, {said}")])
    return Shown({**data, "code": made.code.text()}, [good(f"code {made.code.text()}, {said}")])


@command(
    group,
    "confirm",
    'shouxin consent confirm con_0123456789abcdef0123456789abcdef --title "Marketing offers"',
)
def confirm(
    terminal: Terminal,
    consent: Question,
    title: Annotated[str, typer.Option("--title", help="The purpose's title, as the person typed it.")],
    code_file: Annotated[
        Path | None, typer.Option("--code-file", help="Read the code from a file ('-': standard input); else ask.")
    ] = None,
    age: Age = None,
    guardian: By = "",
) -> Shown:
    """Record a yes that the person confirmed with the code; never by the account that was shown the code."""
    from shouxin.operations.consenting.confirm_choice import answer_with_code

    typed = Plaintext.of(ask_value(code_file, "Code", option="--code-file"))
    done = answer_with_code(
        terminal.workspace(),
        terminal.token(),
        parse(ConsentId, consent),
        title,
        typed,
        age=age,
        guardian=parse(SubjectId, guardian) if guardian else None,
    )
    data = {"consent": consent, "purpose": done.purpose, "seal": done.seal.hex(), "stands": done.stands}
    return Shown(data, [good(f"recorded: agreed with a code for {done.purpose}")])
