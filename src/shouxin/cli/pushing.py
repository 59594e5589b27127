"""``shouxin source listen``: let a partner push records under an approved plan."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from shouxin.cli.command import command
from shouxin.cli.showing import Shown, good
from shouxin.cli.source import group
from shouxin.cli.terminal import Terminal
from shouxin.domain.counted import counted

__all__ = ["listen"]


@command(group, "listen", "shouxin source listen partner-leads --port 8765 --as intake")
def listen(
    terminal: Terminal,
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="The approved plan, by its code.")],
    port: Annotated[int, typer.Option("--port", help="The port on this machine; your proxy has the TLS.")] = 8765,
    deliveries: Annotated[int, typer.Option("--deliveries", help="Stop after so many requests; 0: never.")] = 0,
) -> Shown:
    """Let a partner push records, signed with the key that the register has; until it is interrupted."""
    from shouxin.bootstrap import open_push
    from shouxin.operations.collecting.run_plan import ready_to_run

    workspace, token = terminal.workspace(), terminal.token()
    ready_to_run(workspace, token, plan)
    server = open_push(workspace, token, plan, port)
    served = 0
    try:
        Console(stderr=True).print(f"listening on 127.0.0.1:{server.server_address[1]}", highlight=False)
        while not deliveries or served < deliveries:
            server.handle_request()
            served += 1
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
    return Shown({"plan": plan, "requests": served}, [good(f"{counted(served, 'request')} served")])
