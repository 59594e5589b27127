"""``shouxin source replace``: columns of the lender's own database become tokens, until confirmed reversibly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from shouxin.cli.command import command
from shouxin.cli.showing import Shown, good
from shouxin.cli.source import group
from shouxin.cli.terminal import Terminal
from shouxin.domain.counted import counted

if TYPE_CHECKING:
    from shouxin.operations.collecting.replaceable import Replaceable

__all__ = ["confirm", "replace", "roll_back"]

Plan = Annotated[str, typer.Argument(metavar="PLAN", help="A plan in mode replace that has run to its end.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@contextmanager
def _table(terminal: Terminal, plan: str, question: str, *, yes: bool) -> Iterator[Replaceable]:
    from shouxin.bootstrap import open_replaceable
    from shouxin.operations.collecting.plans import source_of_plan

    workspace, token = terminal.workspace(), terminal.token()
    if not yes and not typer.confirm(question, err=True):
        raise typer.Abort
    table = open_replaceable(workspace, source_of_plan(workspace, token, plan))
    try:
        yield table
    finally:
        table.close()


@command(group, "replace", "shouxin source replace loan-system --as collector")
def replace(terminal: Terminal, plan: Plan, yes: Yes = False) -> Shown:
    """Turn the planned columns of a PostgreSQL table into tokens of the same shape; reversible until confirmed."""
    from shouxin.operations.collecting.replace_columns import replace_columns

    with _table(terminal, plan, "Replace the columns of this table by tokens?", yes=yes) as table:
        done = replace_columns(terminal.workspace(), terminal.token(), plan, table)
    lines = [good(f"{counted(done.rows, 'row', 'hold')} tokens now; try your programs, then confirm or roll back")]
    stayed = {
        "kept the values: the vault does not know the person": done.kept,
        "kept the values: they are others than were sealed": done.changed,
        "held tokens already": done.already,
    }
    lines += [good(f"{counted(count, 'row')} {why}") for why, count in stayed.items() if count]
    if done.values:
        lines.append(good(f"{counted(done.values, 'single value')} stayed in them: the vault does not hold it"))
    told = {"rows": done.rows, "kept": done.kept, "changed": done.changed, "already": done.already}
    return Shown({"plan": plan, **told, "values_kept": done.values, "state": "replaced"}, lines)


@command(group, "confirm", "shouxin source confirm loan-system --as collector")
def confirm(terminal: Terminal, plan: Plan, yes: Yes = False) -> Shown:
    """Take the values that stand beside the tokens away for good; the table is rewritten."""
    from shouxin.operations.collecting.replace_columns import confirm_replacement

    with _table(terminal, plan, "Take the values away from this table for good?", yes=yes) as table:
        confirm_replacement(terminal.workspace(), terminal.token(), plan, table)
    return Shown({"plan": plan, "state": "confirmed"}, [good("the values are gone from the table")])


@command(group, "roll-back", "shouxin source roll-back loan-system --as collector")
def roll_back(terminal: Terminal, plan: Plan, yes: Yes = False) -> Shown:
    """Put the values back where their tokens still stand."""
    from shouxin.operations.collecting.replace_columns import roll_back_replacement

    with _table(terminal, plan, "Put the values back into this table?", yes=yes) as table:
        changed = roll_back_replacement(terminal.workspace(), terminal.token(), plan, table)
    more = f"; {counted(changed, 'value', 'were')} written by somebody else since and kept" if changed else ""
    return Shown({"plan": plan, "state": "rolled-back", "changed": changed}, [good(f"the values are back{more}")])
