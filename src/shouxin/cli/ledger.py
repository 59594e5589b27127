"""``shouxin ledger``: the record of everything, and its proofs."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from shouxin.cli.accountability import account_to
from shouxin.cli.asking import called, read_file
from shouxin.cli.command import command, new_group
from shouxin.cli.showing import Shown, columns, good
from shouxin.cli.terminal import Terminal
from shouxin.domain.clock import Instant, write
from shouxin.domain.counted import counted
from shouxin.errors import Invalid

if TYPE_CHECKING:
    from shouxin.domain.event import Event, Fact
    from shouxin.ledger.log import Audit

__all__ = ["checkpoint", "group", "prove", "show_entries", "verify"]

group = new_group("The ledger: what happened, and proof of it.")


def _verdict(found: Audit) -> Shown:
    """Say what was checked and what was found; the exit code is 3 for anything but unfinished intents."""
    flaws = [
        {"kind": flaw.kind.value, "place": flaw.place, "detail": flaw.detail, "integrity": flaw.is_integrity}
        for flaw in found.flaws
    ]
    data: dict[str, object] = {
        "size": found.size,
        "root": base64.b64encode(found.root).decode(),
        "entries": found.entries,
        "tiles": found.tiles,
        "checkpoints": found.checkpoints,
        "flaws": flaws,
    }
    checked = (
        f"{counted(found.entries, 'entry')}, {counted(found.tiles, 'tile')}, {counted(found.checkpoints, 'checkpoint')}"
    )
    lines: list[str | Text] = [good(f"intact: {checked}")]
    if not found.intact:
        worst = next(flaw for flaw in found.flaws if flaw.is_integrity)
        data |= {"error": worst.kind.value, "detail": f"{worst.place}: {worst.detail}"}
        stop = "Integrity failure. Stop: change nothing, keep this folder as it is, and call whoever is responsible."
        lines = [Text(f"not intact: {checked}", style="bold red"), Text(stop, style="bold red")]
    rows = [(flaw.kind.value, flaw.place, flaw.detail) for flaw in found.flaws]
    return Shown(data, [*lines, *(columns(("FOUND", "PLACE", ""), rows) if rows else [])], 0 if found.intact else 3)


@command(group, "verify", "shouxin ledger verify", "shouxin ledger verify --checkpoint seen-in-march.txt --json")
def verify(
    terminal: Terminal,
    checkpoint: Annotated[
        list[Path] | None, typer.Option("--checkpoint", help="A checkpoint that you kept; several times.")
    ] = None,
) -> Shown:
    """Check every leaf, tile, checkpoint and row that carries authority; needs no sign-in. Exit code 3: tampering."""
    from shouxin.operations.auditing.verify import verify_ledger

    workspace = terminal.workspace()
    published = [(called(path), read_file(path)) for path in checkpoint or []]
    total = workspace.data.read(lambda records: records.ledger.size)
    with terminal.progress("checking entries", total) as step:
        return _verdict(verify_ledger(workspace, published=published, step=step))


def _facts(event: Event) -> str:
    """Return the codes, counts and times of an event; commitments and digests are left to --json."""
    from shouxin.domain.vocabulary import VOCABULARY, instant

    hidden = {"actor", "row", "subject", "was"}
    fits = VOCABULARY[event.kind][1]

    def said(name: str, fact: Fact) -> str:
        if isinstance(fact, list):
            return ",".join(fact)
        return write(Instant(int(fact))) if fits[name] is instant and instant(fact) else str(fact)

    told = {name: fact for name, fact in event.facts.items() if name not in hidden and len(str(fact)) != 64}
    return " ".join(f"{name}={said(name, fact)}" for name, fact in sorted(told.items()))


@command(
    group,
    "show",
    "shouxin ledger show --last 20",
    "shouxin ledger show --event epoch.advanced",
    "shouxin ledger show --leaf 42 --json",
)
def show_entries(
    terminal: Terminal,
    leaf: Annotated[int | None, typer.Option("--leaf", min=0, help="Only this entry.")] = None,
    last: Annotated[int, typer.Option("--last", min=1, max=100_000, help="How many entries, from the newest.")] = 20,
    event: Annotated[str, typer.Option("--event", help="Only events of this kind, by its code.")] = "",
) -> Shown:
    """Show entries of the log; for auditors, operators and the data-protection officer. They name nobody."""
    from shouxin.domain.event_kind import EventKind
    from shouxin.operations.auditing.read_log import read_ledger

    if event and event not in {kind.value for kind in EventKind}:
        raise Invalid("there are no events of this kind", "event")
    kind = EventKind(event) if event else None
    first, end = (leaf, leaf) if leaf is not None else (0, -1) if kind else (-last, -1)
    found = read_ledger(terminal.workspace(), terminal.token(), first, end, kind=kind).entries[-last:]
    entries = [
        {"leaf": number, "at": write(one.at), "event": one.kind.value, "operation": one.operation.hex()}
        | {"facts": dict(one.facts)}
        for number, one in found
    ]
    rows = [(number, write(one.at), one.kind.value, _facts(one)) for number, one in found]
    return Shown({"entries": entries}, columns(("LEAF", "AT", "EVENT", "FACTS"), rows))


@command(group, "checkpoint", "shouxin ledger checkpoint > checkpoint.txt")
def checkpoint(terminal: Terminal) -> Shown:
    """Sign the head of the log, publish log and checkpoint, and print it, for whoever wants to hold us to it."""
    from shouxin.operations.auditing.publish import publish

    workspace = terminal.workspace()
    note = publish(workspace, terminal.token())
    head = workspace.head.open(note)
    root = base64.b64encode(head.root).decode()
    data = {"origin": head.origin, "size": head.size, "root": root, "checkpoint": note, "vkey": workspace.head.vkey}
    return Shown(data, [note.rstrip("\n")])


@command(
    group,
    "prove",
    "shouxin ledger prove 42 > 42.tlog-proof",
    "shouxin ledger prove --subject sub_0123456789abcdef0123456789abcdef --json",
)
def prove(
    terminal: Terminal,
    leaf: Annotated[int | None, typer.Argument(min=0, help="The entry's number.")] = None,
    subject: Annotated[str, typer.Option("--subject", help="Instead: every use of this person's data.")] = "",
) -> Shown:
    """Prove that an entry is in the log (C2SP tlog-proof), or every entry about the use of a person's data."""
    from shouxin.operations.auditing.read_log import prove_leaf

    if subject:
        return account_to(terminal, subject)
    if leaf is None:
        raise typer.BadParameter("which entry, or whose?", param_hint="LEAF, --subject")
    workspace = terminal.workspace()
    found = prove_leaf(workspace, terminal.token(), leaf)
    data = {"leaf": leaf, "size": found.size, "entry": found.entry, "proof": found.proof, "vkey": workspace.head.vkey}
    return Shown(data, [found.proof.rstrip("\n")])
