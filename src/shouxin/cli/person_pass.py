"""``shouxin subject pass``: let a person see their own page, once and for a short time."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from shouxin.cli.command import command
from shouxin.cli.showing import Shown, good
from shouxin.cli.subject import Person, group
from shouxin.cli.terminal import Terminal
from shouxin.domain.clock import write
from shouxin.domain.identifiers import SubjectId, parse

__all__ = ["issue"]


@command(group, "pass", "shouxin subject pass sub_0123456789abcdef0123456789abcdef --minutes 30")
def issue(
    terminal: Terminal,
    subject: Person,
    minutes: Annotated[int, typer.Option(min=1, max=1440, help="How long it runs.")] = 30,
) -> Shown:
    """Issue a pass to a person's own page ('shouxin serve'); the code is shown once and entered once."""
    from shouxin.operations.person_page import issue_pass

    code, until = issue_pass(terminal.workspace(), terminal.token(), parse(SubjectId, subject), minutes)
    data = {"subject": subject, "code": code, "path": f"/person/enter?code={code}", "until": write(until)}
    lines: list[str | Text] = [
        good(f"a pass until {write(until)}; hand it to the person, it is not shown again"),
        f"  {code}",
    ]
    return Shown(data, lines)
