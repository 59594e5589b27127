"""``shouxin ledger witness``: have somebody outside cosign the head of the log, so that it cannot be forked unseen."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from shouxin.cli.command import command
from shouxin.cli.ledger import group
from shouxin.cli.showing import Shown, good
from shouxin.cli.terminal import Terminal
from shouxin.domain.counted import counted
from shouxin.errors import Forked, NotInThisState

__all__ = ["witness"]


@command(
    group,
    "witness",
    "shouxin ledger witness --folder witness --name affiliate.example.com/witness",
)
def witness(
    terminal: Terminal,
    folder: Annotated[Path, typer.Option("--folder", help="The witness's own folder: its key, and what it saw.")],
    name: Annotated[str, typer.Option("--name", help="The witness's name; its key bears it.")],
) -> Shown:
    """Publish the log and let a witness with a key of its own cosign the checkpoint. Exit code 3: it saw another log.

    The witness remembers the last head that it cosigned and cosigns only what extends it. Keep its folder with somebody
    else: a witness whose key the lender holds proves nothing to others.
    """
    from shouxin.bootstrap import WitnessFolder
    from shouxin.ledger.witness import WitnessOutcome
    from shouxin.operations.auditing.publish import accept_cosignature, publish, witness_request

    workspace = terminal.workspace()
    publish(workspace, terminal.token())
    seen = WitnessFolder(folder, name)
    log = workspace.head.verifier
    request = witness_request(workspace, seen.known(log.name))
    answer = seen.add_checkpoint(log, request, workspace.clock.now() // 1000)
    if answer.outcome is WitnessOutcome.INCONSISTENT:
        raise Forked("the witness saw a history of this log that the present one does not continue")
    if answer.outcome is not WitnessOutcome.COSIGNED:
        raise NotInThisState(f"the witness did not cosign: {answer.outcome.name.lower().replace('_', '-')}")
    note = accept_cosignature(workspace, answer.body, seen.verifier)
    head = workspace.head.open(note)
    data = {"origin": head.origin, "size": head.size, "checkpoint": note, "witness_key": seen.verifier.vkey}
    lines: list[str | Text] = [
        good(f"{name} cosigned {counted(head.size, 'entry')} of {head.origin}"),
        f"  its key: {seen.verifier.vkey}",
    ]
    return Shown(data, lines)
