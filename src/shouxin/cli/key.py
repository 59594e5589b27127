"""``shouxin key``: the epochs of the institution's keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shouxin.cli.command import command, new_group
from shouxin.cli.showing import Shown, columns, good, say
from shouxin.cli.terminal import Terminal
from shouxin.domain.counted import counted

if TYPE_CHECKING:
    from shouxin.keys.epoch import EpochStep

__all__ = ["advance", "group", "status"]

group = new_group("Keys: the epochs that wrap them, and advancing to a new one.")


@command(group, "status", "shouxin key status")
def status(terminal: Terminal) -> Shown:
    """Show every epoch that still opens something, how far its opening has come, and the people under it."""
    from shouxin.operations.advance import key_status

    found = key_status(terminal.workspace(), terminal.token())
    current = max(epoch for epoch, _, _ in found)
    epochs = [{"epoch": epoch, "step": step, "subjects": subjects} for epoch, step, subjects in found]
    rows = [(epoch, step, subjects, "current" if epoch == current else "") for epoch, step, subjects in found]
    return Shown({"current": current, "epochs": epochs}, columns(("EPOCH", "STEP", "PEOPLE", ""), rows))


@command(group, "advance", "shouxin key advance")
def advance(terminal: Terminal) -> Shown:
    """Open a new epoch, carry everybody over, prove a backup, destroy the old root key; resumes if interrupted.

    Readers are served throughout. What was erased before is sealed at the end: nobody can open it, old copies of the
    keyring included. The key chains that are carried over are also those of erased people, as long as the record of
    who opened their data is kept: nothing else is left in them.
    """
    from shouxin.operations import advance as advancing

    steps: list[str] = []

    def told(step: EpochStep) -> None:
        steps.append(step.value)
        if terminal.is_live:
            say(f"  {step.value}", err=True)

    workspace, token = terminal.workspace(), terminal.token()
    done = advancing.advance(workspace, token, told)
    data = {"epoch": done.epoch, "subjects": done.subjects, "read_back": done.read_back, "sealed": done.sealed}
    carried = f"epoch {done.epoch}: {counted(done.subjects, 'key chain')} carried over"
    carried += f", {done.read_back} read back from a fresh backup"
    return Shown({**data, "steps": steps}, [good(carried), f"  {counted(done.sealed, 'erasure', 'are')} sealed now"])
