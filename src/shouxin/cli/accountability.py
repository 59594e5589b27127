"""``shouxin subject openings``: who ever used a person's data, each use with its proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shouxin.cli.command import command
from shouxin.cli.showing import Shown, columns, heading
from shouxin.cli.subject import Person, group
from shouxin.cli.terminal import Terminal
from shouxin.domain.clock import write
from shouxin.domain.counted import counted
from shouxin.domain.identifiers import SubjectId, parse

if TYPE_CHECKING:
    from shouxin.operations.account_for import Opening

__all__ = ["account_to", "openings"]


def _opening(one: Opening) -> dict[str, object]:
    member = one.member
    return {
        "leaf": one.leaf,
        "at": write(one.at),
        "event": one.event.kind.value,
        "purpose": one.event.facts.get("purpose"),
        "form": one.event.facts.get("form"),
        "role": one.event.facts.get("role"),
        "items": one.event.facts.get("items", one.event.facts.get("item")),
        "entry": one.entry.decode(),
        "blinding": one.blinding.hex(),
        "member": None
        if member is None
        else {"position": member.position, "count": member.count, "hashes": [part.hex() for part in member.hashes]},
        "proof": one.proof,
    }


@command(group, "openings", "shouxin subject openings sub_0123456789abcdef0123456789abcdef --json")
def openings(terminal: Terminal, subject: Person) -> Shown:
    """Show every use and look-up of a person's data, oldest first; --json has the proof of each."""
    return account_to(terminal, subject)


def account_to(terminal: Terminal, subject: str) -> Shown:
    """Return every opening of a person's data with all that a stranger needs to check it."""
    from shouxin.operations.account_for import account_for

    workspace = terminal.workspace()
    found = [_opening(one) for one in account_for(workspace, terminal.token(), parse(SubjectId, subject))]
    rows = [
        (
            one["leaf"],
            one["at"],
            one["purpose"],
            one["form"] or "looked up",
            one["role"],
            ",".join(one["items"]) if isinstance(one["items"], list) else one["items"],
        )
        for one in found
    ]
    heads = ("LEAF", "AT", "PURPOSE", "FORM", "ROLE", "ITEMS")
    lines = [
        heading(f"{counted(len(found), 'opening')}, each proved in the log"),
        *columns(heads, rows, "nobody ever looked"),
    ]
    if rows:
        lines.append("Listed are the items that were permitted each time; what was not held was not shown.")
    return Shown({"subject": subject, "vkey": workspace.head.vkey, "openings": found}, lines)
