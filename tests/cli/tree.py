"""The tree of the commands of ``shouxin`` as typer has it; its leaves by their words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import typer.main

from shouxin.cli.app import app

SHARED: Final = ("--home", "--json", "--as")


def _leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    below = getattr(command, "commands", None)
    if below is None:
        yield path, command
    for name, inner in (below or {}).items():
        yield from _leaves(inner, (*path, name))


ROOT_COMMAND: Final = typer.main.get_command(app)
LEAVES: Final[dict[tuple[str, ...], Any]] = dict(_leaves(ROOT_COMMAND))


def is_argument(parameter: Any) -> bool:
    """Say whether a parameter has a place and no name."""
    return not parameter.opts[0].startswith("-")
