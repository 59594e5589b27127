"""``shouxin recipient``: who outside receives personal information, and who was told of withdrawals."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from shouxin.cli.asking import read_bytes
from shouxin.cli.command import command, new_group
from shouxin.cli.showing import Shown, columns, good
from shouxin.cli.terminal import Terminal
from shouxin.domain.clock import write
from shouxin.domain.identifiers import ConsentId, SubjectId, parse, show
from shouxin.domain.items import ItemCode

__all__ = ["acknowledge", "add", "end", "group", "list_all", "list_notices"]

group = new_group("Recipients: who outside receives personal information, under which contract.")

Code = Annotated[str, typer.Argument(metavar="CODE", help="The recipient's code, as cards name it.")]


@command(
    group,
    "add",
    "shouxin recipient add bureau --name 'Example Bureau' --contact privacy@bureau.example --contract C-17 "
    "--until 2027-12-31 --item identity.name --as dpo",
)
def add(
    terminal: Terminal,
    code: Code,
    name: Annotated[str, typer.Option("--name", help="Their name, as people are told it.")],
    contact: Annotated[str, typer.Option("--contact", help="How people reach them: an office, no private person.")],
    contract: Annotated[str, typer.Option("--contract", help="Your reference of the contract.")],
    until: Annotated[datetime, typer.Option("--until", formats=["%Y-%m-%d"], help="The contract's last day.")],
    item: Annotated[list[str], typer.Option("--item", help="An item that the contract allows; several times.")],
    answer_days: Annotated[
        int | None, typer.Option("--answer-days", help="Within how many days they confirm a deletion, by contract.")
    ] = None,
    place: Annotated[
        str, typer.Option("--place", help="Country or region where they receive, such as SG; else: where you are.")
    ] = "",
) -> Shown:
    """Enter a recipient into the register, or change what it says of one."""
    from shouxin.operations.adopting.recipients import register_recipient
    from shouxin.policy.recipient import Recipient

    items = tuple(ItemCode(one) for one in item)
    made = Recipient(code, name, contract, until.date(), contact, items, answer_days, place)
    register_recipient(terminal.workspace(), terminal.token(), made)
    return Shown({"recipient": code, "until": str(until.date())}, [good(f"{code} is registered until {until.date()}")])


@command(group, "end", "shouxin recipient end bureau --as dpo")
def end(terminal: Terminal, code: Code) -> Shown:
    """End a recipient's contract before its day: nothing may be given to them any more."""
    from shouxin.operations.adopting.recipients import end_recipient

    end_recipient(terminal.workspace(), terminal.token(), code)
    return Shown({"recipient": code, "ended": True}, [good(f"the contract with {code} has ended")])


@command(group, "list", "shouxin recipient list")
def list_all(terminal: Terminal) -> Shown:
    """Show the register."""
    from shouxin.operations.adopting.recipients import list_recipients

    found = list_recipients(terminal.workspace(), terminal.token())
    data = [
        {
            "recipient": one.recipient.code,
            "name": one.recipient.name,
            "contact": one.recipient.contact,
            "contract": one.recipient.contract,
            "until": one.recipient.contract_ends.isoformat(),
            "items": list(one.recipient.items),
            "answer_days": one.recipient.answer_days,
            "place": one.recipient.place,
            "ended": one.ended,
        }
        for one in found
    ]
    rows = [
        (
            one.recipient.code,
            one.recipient.name,
            one.recipient.contract,
            "ended" if one.ended else f"until {one.recipient.contract_ends}",
            len(one.recipient.items),
        )
        for one in found
    ]
    heads = ("RECIPIENT", "NAME", "CONTRACT", "", "ITEMS")
    return Shown({"recipients": data}, columns(heads, rows, "nobody is registered yet"))


@command(group, "notices", "shouxin recipient notices --as dpo")
def list_notices(
    terminal: Terminal,
    every: Annotated[bool, typer.Option("--all", help="Also those that were acknowledged.")] = False,
) -> Shown:
    """Show which recipients were told of a withdrawal or an erasure and have not acknowledged it."""
    from shouxin.operations.consenting.tell_recipients import list_recipient_notices

    found = list_recipient_notices(terminal.workspace(), terminal.token(), waiting=not every)
    data = [
        {
            "notice": show(ConsentId, one.identifier),
            "recipient": one.notice.recipient,
            "purpose": one.notice.purpose,
            "subject": show(SubjectId, one.notice.subject),
            "told": write(one.notice.told),
            "due": one.notice.due.isoformat(),
            "day_set_by": one.notice.day_set_by.value,
            "acknowledged": None if one.notice.acknowledged is None else write(one.notice.acknowledged),
        }
        for one in found
    ]
    names = ("notice", "recipient", "purpose", "told", "due", "day_set_by", "acknowledged")
    rows = [[one[name] or "waits" for name in names] for one in data]
    heads = ("NOTICE", "RECIPIENT", "PURPOSE", "TOLD", "DUE", "DAY SET BY", "ACKNOWLEDGED")
    return Shown({"notices": data}, columns(heads, rows, "nobody waits"))


@command(
    group, "acknowledge", "shouxin recipient acknowledge con_0123456789abcdef0123456789abcdef --evidence letter.pdf"
)
def acknowledge(
    terminal: Terminal,
    notice: Annotated[str, typer.Argument(metavar="NOTICE", help="The notice, as con_….")],
    evidence: Annotated[Path, typer.Option("--evidence", help="What the recipient wrote; kept as its SHA-256.")],
) -> Shown:
    """Record that a recipient acknowledged a withdrawal or an erasure."""
    from shouxin.operations.consenting.tell_recipients import acknowledge_withdrawal

    digest = hashlib.sha256(read_bytes(evidence)).digest()
    acknowledge_withdrawal(terminal.workspace(), terminal.token(), parse(ConsentId, notice), digest)
    return Shown({"notice": notice, "evidence": digest.hex()}, [good("acknowledged")])
