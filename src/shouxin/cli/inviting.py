"""``shouxin source invite``: what a branch or partner needs to compute planned features and seal them to us."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from shouxin.cli.asking import called
from shouxin.cli.command import command
from shouxin.cli.showing import Shown, good
from shouxin.cli.source import group
from shouxin.cli.terminal import Terminal
from shouxin.errors import StoreUnavailable

__all__ = ["invite"]


@command(group, "invite", "shouxin source invite branch-books --out invitation.json --as collector")
def invite(
    terminal: Terminal,
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="An approved plan with features of address books.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write it; it holds a secret.")],
) -> Shown:
    """Write the invitation with which 'python -m shouxin.edge' seals planned features of address books to us."""
    import msgspec

    from shouxin.operations.collecting.invite_edge import invite_edge

    made = invite_edge(terminal.workspace(), terminal.token(), plan)
    try:
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(msgspec.json.encode(made))
    except OSError as error:
        raise StoreUnavailable(f"{called(out)} cannot be written ({error.strerror})") from None
    said = {"plan": plan, "items": list(made.items), "public_key": made.public_key.hex()}
    return Shown(said, [good(f"{out.name} is for one edge; hand it over as you would a password")])
