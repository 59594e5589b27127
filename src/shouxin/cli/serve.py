"""``shouxin serve``: the pages for approvers and for the people whose data it is."""

from __future__ import annotations

from typing import Annotated

import typer

from shouxin.cli.command import command
from shouxin.cli.showing import Shown, good, say
from shouxin.cli.terminal import Terminal
from shouxin.errors import Invalid

__all__ = ["plant"]


def serve(
    terminal: Terminal,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen; 0 is any free port.")] = 8470,
    bind: Annotated[str, typer.Option("--bind", metavar="ADDRESS", help="Listen at this address.")] = "127.0.0.1",
    host: Annotated[
        list[str] | None,
        typer.Option("--host", metavar="NAME", help="Answer for this name too, behind TLS; several times."),
    ] = None,
) -> Shown:
    """Serve the approver's inbox and the person's page, on this machine only unless told otherwise."""
    from shouxin.web import serving
    from shouxin.web.guard import is_loopback

    if not is_loopback(bind) and not host:
        raise Invalid("beyond this machine a name is needed, with TLS in front of it: --host NAME", "--bind")
    workspace = terminal.workspace()
    serving.serve(workspace, bind, port, host or (), lambda at: say(good(f"listening at {at}; Ctrl-C stops"), err=True))
    return Shown({"stopped": True}, [good("stopped")])


def plant(group: typer.Typer) -> None:
    """Plant ``serve`` at the top."""
    command(group, "serve", "shouxin serve", "shouxin serve --port 8470 --bind 127.0.0.1")(serve)
