"""``shouxin right extend``, ``pause``, ``resume``, ``meet``: a clock of the law, and what moves or ends it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Final

import typer

from shouxin.cli.asking import read_bytes
from shouxin.cli.command import command
from shouxin.cli.right import Asked, group, stands
from shouxin.cli.showing import Shown
from shouxin.cli.terminal import Terminal
from shouxin.domain.identifiers import RightId, parse

__all__ = ["extend", "meet", "pause", "resume"]

_ONE: Final = "rgt_0123456789abcdef0123456789abcdef"
Clock = Annotated[str, typer.Argument(metavar="RULE", help="The rule whose clock it is, by its id.")]


@command(group, "extend", f"shouxin right extend {_ONE} CN-COMPL-COMPLEX")
def extend(terminal: Terminal, right: Asked, rule: Clock) -> Shown:
    """Lengthen a clock, once, by the rule of the law pack that lengthens it; a data-protection officer does."""
    from shouxin.operations.rights.handle import extend_clock

    named = parse(RightId, right)
    return stands(named, extend_clock(terminal.workspace(), terminal.token(), named, rule))


@command(group, "pause", f"shouxin right pause {_ONE} CN-COMPL-COMPLEX --ground CN-COMPL-MATERIAL")
def pause(
    terminal: Terminal,
    right: Asked,
    rule: Clock,
    ground: Annotated[str, typer.Option("--ground", metavar="RULE", help="The rule that stops it.")],
) -> Shown:
    """Stop a clock by a rule; one that only advises stops no clock that decides."""
    from shouxin.operations.rights.handle import pause_clock

    named = parse(RightId, right)
    return stands(named, pause_clock(terminal.workspace(), terminal.token(), named, rule, ground))


@command(group, "resume", f"shouxin right resume {_ONE} CN-COMPL-COMPLEX")
def resume(terminal: Terminal, right: Asked, rule: Clock) -> Shown:
    """Let a clock run on; the time in which it stood is added."""
    from shouxin.operations.rights.handle import resume_clock

    named = parse(RightId, right)
    return stands(named, resume_clock(terminal.workspace(), terminal.token(), named, rule))


@command(group, "meet", f"shouxin right meet {_ONE} CN-INC-4-PROVINCE --evidence receipt.pdf")
def meet(
    terminal: Terminal,
    right: Asked,
    rule: Clock,
    evidence: Annotated[Path, typer.Option("--evidence", help="What shows it; kept as its SHA-256.")],
    not_owed: Annotated[
        bool, typer.Option("--not-owed", help="The rule does not apply, as a data-protection officer found.")
    ] = False,
) -> Shown:
    """End a clock before the answer: what its rule asks for was done, such as telling an authority of an incident."""
    from shouxin.operations.rights.handle import end_clock
    from shouxin.rights.request import ClockEnd

    named = parse(RightId, right)
    shown = hashlib.sha256(read_bytes(evidence)).digest()
    end = ClockEnd.NOT_OWED if not_owed else ClockEnd.DONE
    return stands(named, end_clock(terminal.workspace(), terminal.token(), named, rule, end, shown))
