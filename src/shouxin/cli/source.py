"""``shouxin source``: take people's data in from outside, under a plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shouxin.cli.asking import read_file
from shouxin.cli.command import command, new_group
from shouxin.cli.showing import Shown, columns, good
from shouxin.cli.terminal import Terminal

if TYPE_CHECKING:
    from shouxin.operations.intake import Collected

__all__ = ["collect", "group"]

group = new_group("Sources: where people's data comes from.")


def _told(done: Collected, unused: set[str]) -> Shown:
    aside = [{"line": one.line, "reason": one.reason} for one in done.aside]
    data = {
        "taken": done.taken,
        "subjects": done.subjects,
        "aside": aside,
        "dropped": dict(sorted(done.dropped.items())),
        "unused_columns": sorted(unused),
    }
    lines = [good(f"{done.taken} records taken, {done.subjects} people new, {len(aside)} set aside")]
    if unused:
        lines.append(good(f"columns that are no item, not looked at: {', '.join(sorted(unused))}"))
    if done.dropped:
        kinds = ", ".join(f"{item} ({count})" for item, count in sorted(done.dropped.items()))
        lines.append(good(f"not stored, since no purpose of the plan needs them: {kinds}"))
    rows = [(one["line"], one["reason"]) for one in aside]
    return Shown(data, [*lines, *(columns(("LINE", "SET ASIDE BECAUSE"), rows) if rows else [])])


@command(group, "collect", "shouxin source collect applications.csv --plan plan.toml --as collector")
def collect(
    terminal: Terminal,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file whose columns are named by item codes.")],
    plan: Annotated[Path, typer.Option("--plan", help="The plan, as a TOML file.")],
) -> Shown:
    """Take in a CSV file, a line for each person; bad lines are set aside with their number. Killed, it goes on."""
    from shouxin.bootstrap import CsvSource
    from shouxin.domain.clock import local_date
    from shouxin.operations import collect as collecting
    from shouxin.operations.plan_file import IntakeBuilder, read_plan

    wanted = read_plan(read_file(plan), plan.name)
    workspace, token = terminal.workspace(), terminal.token()
    build = IntakeBuilder(wanted, workspace.tagger, local_date(workspace.clock.now()))
    source = CsvSource(file, build)
    content = source.content()
    place = collecting.source_digest(wanted.source, content)
    with terminal.progress("collecting", content.count(b"\n")) as step:
        done = collecting.collect(workspace, token, wanted.plan(), source.records(), place=place, step=step)
    return _told(done, build.unused)
