"""``shouxin archive``: old objects go to the archive by the rule on their card, and come back with approval."""

from __future__ import annotations

from typing import Annotated

import typer

from shouxin.cli.access import wish_of
from shouxin.cli.command import command, new_group
from shouxin.cli.showing import Shown, columns, good
from shouxin.cli.terminal import Terminal
from shouxin.domain.counted import counted
from shouxin.domain.identifiers import ObjectId, RequestId, parse, show

__all__ = ["group", "recall", "run", "status"]

group = new_group("Archive: old objects move to another store, sealed, and come back with approval.")


@command(group, "run", "shouxin archive run", "shouxin archive run --json")
def run(terminal: Terminal) -> Shown:
    """Finish moves that were interrupted, then archive every object that its card calls old; for operators.

    Exit code 3: an object is not what was sealed; it stays where it is. Run it from a timer: it may be killed and
    repeated at any time.
    """
    from shouxin.operations.objects.archive import count_tiers, run_archive

    workspace, token = terminal.workspace(), terminal.token()
    with terminal.progress("archiving", count_tiers(workspace, token).due) as step:
        done = run_archive(workspace, token, step)
    failed = [show(ObjectId, one) for one in done.failed]
    data: dict[str, object] = {
        "archived": done.archived,
        "recalled": done.recalled,
        "bytes": done.size,
        "failed": failed,
    }
    lines = [
        good(
            f"{done.archived} archived, {done.recalled} recalled, {counted(done.size, 'byte')}, each read back by hash"
        )
    ]
    if not failed:
        return Shown(data, lines)
    data |= {"error": "tampered", "detail": f"{counted(len(failed), 'object', 'are')} not what was sealed"}
    rows = [(one,) for one in failed]
    return Shown(data, [*lines, *columns(("NOT WHAT WAS SEALED: LEFT WHERE IT IS",), rows)], exit_code=3)


@command(group, "status", "shouxin archive status")
def status(terminal: Terminal) -> Shown:
    """Count objects by where they stand, and those that the next run would move."""
    from shouxin.operations.objects.archive import count_tiers

    standing = count_tiers(terminal.workspace(), terminal.token())
    rows = [*standing.states.items(), ("old enough to go", standing.due)]
    return Shown({"states": standing.states, "due": standing.due}, columns(("STATE", "OBJECTS"), rows))


@command(
    group,
    "recall",
    "shouxin archive recall obj_0123456789abcdef0123456789abcdef --subject sub_0123456789abcdef0123456789abcdef "
    "--purpose interview --item interview.video",
)
def recall(
    terminal: Terminal,
    object_id: Annotated[str, typer.Argument(metavar="OBJECT", help="The object, as obj_…")],
    subject: Annotated[str, typer.Option("--subject", help="Whose it is, as sub_…")],
    purpose: Annotated[str, typer.Option("--purpose", help="What it is needed for, by its code.")],
    item: Annotated[str, typer.Option("--item", help="What it is, by its code.")],
) -> Shown:
    """Ask for an archived object: opens the request that its purpose demands; within the grant, brings it back."""
    from shouxin.operations.objects.recall import recall_object

    wish = wish_of(purpose, [item], [subject], "raw")
    done = recall_object(terminal.workspace(), terminal.token(), wish, parse(ObjectId, object_id))
    request = None if done.request is None else show(RequestId, done.request)
    data = {"object": object_id, "state": done.state.value, "request": request}
    if request is not None:
        return Shown(data, [f"{request} waits for approval; then recall again within the grant"])
    return Shown(data, [good(f"{object_id} is {done.state.value}")])
