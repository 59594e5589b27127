"""``shouxin destruction``: paper, disks and copies that others hold, destroyed before two witnesses."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shouxin.cli.asking import ValueFile, ask_value, read_bytes
from shouxin.cli.command import command, new_group
from shouxin.cli.showing import Shown, columns, good
from shouxin.cli.terminal import Terminal
from shouxin.domain.clock import write
from shouxin.domain.identifiers import AccountId, DestructionId, OperationId, SubjectId, parse, show
from shouxin.vault.destruction import Medium

if TYPE_CHECKING:
    from shouxin.vault.destruction import DestructionRecord

__all__ = ["escalate", "group", "list_open", "open_record", "show_one", "witness"]

group = new_group("Destruction: what software cannot shred, with owner, date and two witnesses.")

Record = Annotated[str, typer.Argument(metavar="RECORD", help="The record, as des_…")]


@command(
    group,
    "open",
    "shouxin destruction open disk --method destroy-shred --where branch-7 --owner wang --due 2026-12-31",
    "shouxin destruction open paper --method destroy-shred --where archive-room --owner wang --due 2026-12-31 "
    "--subject sub_0123456789abcdef0123456789abcdef --value-file serial.txt",
)
def open_record(
    terminal: Terminal,
    medium: Annotated[
        Medium, typer.Argument(metavar="MEDIUM", help="paper, disk, flash, tape, optical, database-rows, …")
    ],
    method: Annotated[str, typer.Option("--method", help="How, by NIST SP 800-88r1: destroy-shred, purge-degauss, …")],
    where: Annotated[str, typer.Option("--where", help="Where it is: a code of a place or recipient.")],
    owner: Annotated[str, typer.Option("--owner", help="Whose account answers for it.")],
    due: Annotated[datetime, typer.Option("--due", formats=["%Y-%m-%d"], help="The last day.")],
    subject: Annotated[
        str, typer.Option("--subject", help="Whose data is on it, as sub_…, if it is one person's.")
    ] = "",
    erasure: Annotated[str, typer.Option("--erasure", help="The erasure that it belongs to, as opn_…")] = "",
    value_file: ValueFile = None,
) -> Shown:
    """Record that a thing must be destroyed. Its serial is asked for, never an argument, and kept as a keyed hash."""
    from shouxin.operations.certifying.destructions import Thing, open_destruction

    thing = Thing(
        medium=medium,
        method=method,
        serial=ask_value(value_file, "Serial on the thing"),
        where=where,
        owner=owner,
        due=due.date(),
        subject=parse(SubjectId, subject) if subject else None,
        operation=parse(OperationId, erasure) if erasure else None,
    )
    made = show(DestructionId, open_destruction(terminal.workspace(), terminal.token(), thing))
    data = {"record": made, "medium": medium.value, "due": thing.due.isoformat(), "state": "open"}
    return Shown(data, [good(f"{made}: {medium.value} at {where}, to be destroyed by {thing.due}")])


@command(
    group, "witness", "shouxin destruction witness des_0123456789abcdef0123456789abcdef --evidence photo.jpg --as li"
)
def witness(
    terminal: Terminal,
    record: Record,
    evidence: Annotated[Path, typer.Option("--evidence", help="A photograph or certificate; only its hash is kept.")],
    value_file: ValueFile = None,
) -> Shown:
    """Say that one saw it destroyed; the serial is asked for. The second of two different people makes it destroyed."""
    from shouxin.operations.certifying.destructions import witness_destruction

    digest = hashlib.sha256(read_bytes(evidence)).hexdigest()
    serial = ask_value(value_file, "Serial on the thing")
    identifier = parse(DestructionId, record)
    done = witness_destruction(terminal.workspace(), terminal.token(), identifier, serial, digest)
    data = {"record": record, "state": done.state.value, "witnesses": len(done.witnesses), "evidence": digest}
    return Shown(data, [good(f"{record} is {done.state.value}, with {len(done.witnesses)} of 2 witnesses")])


def _told(identifier: DestructionId, one: DestructionRecord) -> dict[str, object]:
    return {
        "record": show(DestructionId, identifier),
        "medium": one.medium.value,
        "method": one.method,
        "where": one.where,
        "owner": show(AccountId, one.owner),
        "role": one.role,
        "opened": write(one.opened),
        "due": one.due.isoformat(),
        "state": one.state.value,
        "subject": None if one.subject is None else show(SubjectId, one.subject),
        "erasure": None if one.operation is None else show(OperationId, one.operation),
        "witnesses": [
            {"account": show(AccountId, seen.account), "at": write(seen.at), "evidence": seen.evidence}
            for seen in one.witnesses
        ],
    }


@command(group, "list", "shouxin destruction list", "shouxin destruction list --all --json")
def list_open(
    terminal: Terminal,
    every: Annotated[bool, typer.Option("--all", help="Also what is destroyed.")] = False,
) -> Shown:
    """List what is still to be destroyed, the nearest day first."""
    from shouxin.operations.certifying.destructions import list_destructions

    found = list_destructions(terminal.workspace(), terminal.token(), all_states=every)
    rows = [
        (show(DestructionId, name), one.state.value, one.medium.value, one.where, one.role, one.due, len(one.witnesses))
        for name, one in found
    ]
    heads = ("RECORD", "STATE", "MEDIUM", "WHERE", "OWNER", "DUE", "WITNESSES")
    return Shown({"records": [_told(*pair) for pair in found]}, columns(heads, rows, "nothing is left to destroy"))


@command(group, "show", "shouxin destruction show des_0123456789abcdef0123456789abcdef")
def show_one(terminal: Terminal, record: Record) -> Shown:
    """Show one record with its witnesses."""
    from shouxin.errors import NotFound
    from shouxin.operations.certifying.destructions import list_destructions

    wanted = parse(DestructionId, record)
    for name, one in list_destructions(terminal.workspace(), terminal.token(), all_states=True):
        if name == wanted:
            told = _told(name, one)
            rows = [(key, value) for key, value in told.items() if key != "witnesses"]
            seen = [(show(AccountId, by.account), write(by.at), by.evidence) for by in one.witnesses]
            heads = ("WITNESS", "AT", "EVIDENCE")
            return Shown(told, [*columns(("", ""), rows)[1:], *columns(heads, seen, "nobody has witnessed it yet")])
    raise NotFound("there is no record of this identifier")


@command(group, "escalate", "shouxin destruction escalate")
def escalate(terminal: Terminal) -> Shown:
    """Escalate every record whose day has passed; run it from a timer."""
    from shouxin.operations.certifying.destructions import escalate_overdue

    late = [show(DestructionId, one) for one in escalate_overdue(terminal.workspace(), terminal.token())]
    return Shown({"escalated": late}, columns(("ESCALATED",), [(one,) for one in late], "nothing is late"))
