"""``shouxin deletion``: submit, decide, confirm, carry out, pause."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from shouxin.cli.asking import ask_value
from shouxin.cli.command import command
from shouxin.cli.deletion import OrderName, group, told
from shouxin.cli.showing import Shown, good, printable, say
from shouxin.cli.terminal import Terminal
from shouxin.domain.clock import write
from shouxin.domain.counted import counted
from shouxin.domain.identifiers import OperationId, OrderId, SubjectId, parse, show

if TYPE_CHECKING:
    from shouxin.actors.account import Token
    from shouxin.approvals.order import Order
    from shouxin.operations.workspace import Workspace

__all__ = ["execute", "group", "submit"]

_FAILED = 1


def _stepped(terminal: Terminal, order: str, step: Callable[[Workspace, Token, OrderId], Order]) -> Shown:
    """Take one step of an order and say where it stands then."""
    order_id = parse(OrderId, order)
    done = step(terminal.workspace(), terminal.token(), order_id)
    more = ""
    if done.state.value == "confirming":
        more = f"; next: shouxin deletion confirm {order} --people N"
    elif done.cool_until is not None and done.state.value == "cooling":
        more = f"; it may be carried out from {write(done.cool_until)}: shouxin deletion execute {order}"
    elif done.state.value == "approving":
        more = f"; now asked: {done.levels[done.level].role}"
    return Shown(told(order_id, done), [good(f"{order} is {done.state.value}{more}")])


@command(group, "submit", "shouxin deletion submit ord_0123456789abcdef0123456789abcdef")
def submit(terminal: Terminal, order: OrderName) -> Shown:
    """Put an order before those who must agree."""
    from shouxin.operations.deletion.decide import submit_order

    return _stepped(terminal, order, submit_order)


@command(group, "approve", "shouxin deletion approve ord_0123456789abcdef0123456789abcdef --as zhao")
def approve(terminal: Terminal, order: OrderName) -> Shown:
    """Agree to an order, at the level that is asked now."""
    from shouxin.operations.deletion.decide import agree_order

    return _stepped(terminal, order, agree_order)


@command(group, "deny", "shouxin deletion deny ord_0123456789abcdef0123456789abcdef --as zhao")
def deny(terminal: Terminal, order: OrderName) -> Shown:
    """Refuse an order."""
    from shouxin.operations.deletion.decide import refuse_order

    return _stepped(terminal, order, refuse_order)


@command(group, "cancel", "shouxin deletion cancel ord_0123456789abcdef0123456789abcdef")
def cancel(terminal: Terminal, order: OrderName) -> Shown:
    """Cancel an order; possible until it is carried out."""
    from shouxin.operations.deletion.decide import cancel_order

    return _stepped(terminal, order, cancel_order)


@command(group, "confirm", "shouxin deletion confirm ord_0123456789abcdef0123456789abcdef --people 1200 --as sun")
def confirm(
    terminal: Terminal,
    order: OrderName,
    people: Annotated[int, typer.Option("--people", help="How many people it deletes, as the order shows it.")],
    code_file: Annotated[
        Path | None, typer.Option("--code-file", help="Where the code is; '-' is standard input; else it is asked.")
    ] = None,
) -> Shown:
    """Confirm a bulk order: see a masked sample of whom it deletes, type how many, and a fresh code of your telephone.

    The sample is a disclosure under the card of rights.answer, and on record.
    """
    from shouxin.operations.deletion.decide import confirm_order
    from shouxin.operations.deletion.sample import recognisable_sample

    count, sample = recognisable_sample(terminal.workspace(), terminal.token(), parse(OrderId, order))
    rows = [f"  {show(SubjectId, one)}  {'  '.join(texts.values())}" for one, texts in sample.items()]
    say(f"{order} deletes {counted(count, 'person')}; among them:", *map(printable, rows), err=True)
    code = ask_value(code_file, "Code").strip()
    return _stepped(
        terminal, order, lambda workspace, token, order_id: confirm_order(workspace, token, order_id, people, code)
    )


@command(
    group,
    "leave",
    "shouxin deletion leave ord_0123456789abcdef0123456789abcdef --system old-crm --due 2026-12-31 --as chen",
)
def leave(
    terminal: Terminal,
    order: OrderName,
    system: Annotated[str, typer.Option("--system", help="The database that failed.")],
    due: Annotated[datetime, typer.Option("--due", formats=["%Y-%m-%d"], help="By when you have it erased.")],
) -> Shown:
    """Answer for a database that failed: it stands on the certificate as a residual with its date."""
    from shouxin.operations.deletion.decide import leave_system

    return _stepped(
        terminal,
        order,
        lambda workspace, token, order_id: leave_system(workspace, token, order_id, system, due.date()),
    )


@command(group, "execute", "shouxin deletion execute ord_0123456789abcdef0123456789abcdef --certificates deleted/")
def execute(
    terminal: Terminal,
    order: OrderName,
    certificates: Annotated[
        Path | None, typer.Option("--certificates", help="Write each certificate into this folder.")
    ] = None,
) -> Shown:
    """Carry an order out, or go on with one that stopped: batch by batch, everything read back."""
    from shouxin.bootstrap import open_database
    from shouxin.cli.certificate import issue_to
    from shouxin.operations.deletion.execute import execute_order
    from shouxin.operations.deletion.progress import progress_of

    workspace, token, order_id = terminal.workspace(), terminal.token(), parse(OrderId, order)
    people = 0
    with terminal.progress("deleting") as bar:

        def step(done: int) -> None:
            nonlocal people
            people += done
            bar(people)

        after = execute_order(workspace, token, order_id, open_database, step=step)
    done = progress_of(workspace, token, order_id)
    if certificates is not None:
        certificates.mkdir(parents=True, exist_ok=True)
        for operation in done.operations:
            name = show(OperationId, operation)
            issue_to(terminal, operation, certificates / f"{name}.json")
    data = told(order_id, after) | {"progress": done.told()}
    counts = f"{done.retained} retained, {done.nothing} nothing found, {done.failed} failed"
    counts = f"of people {done.erased} erased whole or in part, {counts}"
    lines: list[str | Text] = [good(f"{order} is {after.state.value}: {counts}")]
    lines += [f"  failed: {system}; mend it and execute again, or: shouxin deletion leave" for system in done.systems]
    return Shown(data, lines, _FAILED if done.failed else 0)


@command(group, "pause", "shouxin deletion pause --as meng")
def pause(terminal: Terminal) -> Shown:
    """Stop all deletion at once, everywhere; what is being carried out stops before its next batch."""
    from shouxin.operations.pause import pause_deletions

    pause_deletions(terminal.workspace(), terminal.token())
    return Shown(
        {"paused": True}, [good("all deletion is paused; another officer lets it go on: shouxin deletion go-on")]
    )


@command(group, "go-on", "shouxin deletion go-on --as chen")
def go_on(terminal: Terminal) -> Shown:
    """Let deletions go on; a data-protection officer who did not pause them."""
    from shouxin.operations.pause import resume_deletions

    resume_deletions(terminal.workspace(), terminal.token())
    return Shown({"paused": False}, [good("deletions may go on")])
