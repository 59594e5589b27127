"""``shouxin demo``: a lender with invented people, from collection to deletion, on this machine."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Annotated

import typer

from shouxin.cli import sign_ins
from shouxin.cli.command import command
from shouxin.cli.showing import Shown, say
from shouxin.cli.terminal import Terminal
from shouxin.errors import Misconfigured

__all__ = ["plant"]


def demo(
    terminal: Terminal,
    rows: Annotated[int, typer.Option("--rows", min=1, help="How many loan applications.")] = 1000,
) -> Shown:
    """Tell the whole story in a workspace of its own; --home DIR keeps it."""
    from shouxin.demo.story import run

    def tell(*lines: object) -> None:
        if not terminal.as_json:
            say(*map(str, lines))

    if find_spec("cv2") is None or find_spec("numpy") is None:
        raise Misconfigured("the demo needs the extra 'demo': pip install '.[demo]' in the checkout, or dev.py demo")
    told = run(terminal.given_home, rows, tell, keep=sign_ins.keep)
    return Shown(told, (), exit_code=0 if told.get("ok") is True else 1)


def plant(group: typer.Typer) -> None:
    """Plant ``demo`` at the top."""
    command(group, "demo", "shouxin demo", "shouxin demo --rows 5000 --home story --json")(demo)
