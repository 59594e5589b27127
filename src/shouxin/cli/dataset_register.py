"""``shouxin dataset register``, ``switch``, ``list``: which of the lender's own databases a deletion reaches."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from shouxin.cli.asking import called, read_file
from shouxin.cli.command import command
from shouxin.cli.dataset import group
from shouxin.cli.showing import Shown, columns, good
from shouxin.cli.terminal import Terminal

__all__ = ["group", "list_registered", "register", "switch"]


@command(group, "register", "shouxin dataset register lender.toml --variable LENDER_DSN --as chen")
def register(
    terminal: Terminal,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The description, as a TOML file.")],
    variable: Annotated[str, typer.Option("--variable", help="The environment variable that holds its address.")],
) -> Shown:
    """Register a database by its description, or replace the description: every deletion reaches it from now on."""
    from shouxin.operations.downstream.databases import register_database

    made = register_database(terminal.workspace(), terminal.token(), read_file(file), variable, called(file))
    data = {"dataset": made.name, "digest": made.digest, "tables": len(made.tables), "variable": variable}
    return Shown(data, [good(f"{made.name} is registered; its address is read from ${variable}")])


@command(group, "switch", "shouxin dataset switch lender-core --off --as chen")
def switch(
    terminal: Terminal,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The database, by the name in its description.")],
    off: Annotated[bool, typer.Option("--off", help="Off; without this, on.")] = False,
) -> Shown:
    """Switch a connector on or off; while it is off, deletions that should reach it fail and say so."""
    from shouxin.operations.downstream.databases import switch_database

    switch_database(terminal.workspace(), terminal.token(), name, on=not off)
    return Shown({"dataset": name, "on": not off}, [good(f"{name} is {'off' if off else 'on'}")])


@command(group, "list", "shouxin dataset list")
def list_registered(terminal: Terminal) -> Shown:
    """List the databases that deletions reach."""
    from shouxin.operations.downstream.databases import list_databases

    found = list_databases(terminal.workspace(), terminal.token())
    data = [{"dataset": one.name, "variable": one.variable, "on": one.on} for one in found]
    rows = [(one.name, "on" if one.on else "off", f"${one.variable}") for one in found]
    return Shown({"datasets": data}, columns(("DATABASE", "", "ADDRESS IN"), rows, "no database is registered"))
