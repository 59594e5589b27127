"""Serve the pages until somebody stops it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection

import uvicorn

from shouxin.errors import Misconfigured
from shouxin.operations.workspace import Workspace
from shouxin.web.app import make_app

__all__ = ["serve"]


def serve(
    workspace: Workspace,
    bind: str,
    port: int,
    hosts: Collection[str] = (),
    ready: Callable[[str], None] = lambda _address: None,
) -> None:
    """Listen at ``bind`` and ``port`` (0: any free one), call ``ready`` with the address, and return when stopped.

    No access log is kept: an address may hold a pass. What happens is in the ledger.

    Raises:
        Misconfigured: nothing can listen there.
    """
    try:
        family = socket.AF_INET6 if ":" in bind else socket.AF_INET
        listening = socket.create_server((bind, port), family=family)
    except OSError as error:
        raise Misconfigured(f"nothing can listen at {bind} port {port} ({error.strerror})") from None
    config = uvicorn.Config(
        make_app(workspace, hosts),
        access_log=False,
        log_level="critical",  # an exception that it would print might quote a value; see ``front``
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        h11_max_incomplete_event_size=16 * 1024,
        timeout_keep_alive=10,
        limit_concurrency=200,
    )
    with listening:
        shown = f"[{bind}]" if ":" in bind else bind
        ready(f"http://{shown}:{listening.getsockname()[1]}/")
        uvicorn.Server(config).run([listening])
