"""``shouxin backup``: copies of data and keyring, to be kept apart."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from shouxin.cli.command import command
from shouxin.cli.showing import Shown, good
from shouxin.cli.terminal import Terminal

__all__ = ["plant"]


def backup(terminal: Terminal, target: Annotated[Path, typer.Argument(help="The folder to write to.")]) -> Shown:
    """Write consistent copies of data and keyring, in two folders to be kept apart; root keys are in neither."""
    from shouxin.operations.backup import back_up

    made = back_up(terminal.workspace(), terminal.token(), target)
    data = {"target": str(target), "epoch": made.epoch, "size": made.size, "files": made.files}
    return Shown(
        {**data, "manifest": made.digest()},
        [
            good(f"{len(made.files)} files below {target}: epoch {made.epoch}, {made.size} entries"),
            f"  manifest {made.digest()}",
            "  Keep the keyring's folder apart from the data's: together they open everything.",
        ],
    )


def plant(group: typer.Typer) -> None:
    """Plant ``backup`` at the top."""
    command(group, "backup", "shouxin backup copies/today")(backup)
