"""``shouxin ledger``: the record of everything, and its proofs."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from shouxin.cli.accountability import account_to
from shouxin.cli.asking import read_file
from shouxin.cli.command import command, new_group
from shouxin.cli.showing import Shown, columns, good
from shouxin.cli.terminal import Terminal
from shouxin.domain.clock import write
from shouxin.errors import NotFound

if TYPE_CHECKING:
    from shouxin.domain.event import Event
    from shouxin.ledger.log import Audit
    from shouxin.operations.workspace import Workspace

__all__ = ["checkpoint", "group", "prove", "show_entries", "verify"]

group = new_group("The ledger: what happened, and proof of it.")

_ASKED = ("auditor", "dpo", "operator")


def _published(terminal: Terminal, given: list[Path]) -> list[tuple[str, str]]:
    """Return the checkpoints to hold the log against: those given, and the one that is published."""
    own = terminal.workspace().publication.checkpoint()
    published = [] if own is None else [("public/checkpoint", own)]
    return [*((path.name, read_file(path)) for path in given), *published]


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
    checked = f"{found.entries} entries, {found.tiles} tiles, {found.checkpoints} checkpoints"
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
    from shouxin.operations.verify import verify_ledger

    workspace = terminal.workspace()
    published = _published(terminal, checkpoint or [])
    total = workspace.data.read(lambda records: records.ledger.size)
    with terminal.progress("checking entries", total) as step:
        return _verdict(verify_ledger(workspace, published=published, step=step))


def _as_reader(terminal: Terminal) -> Workspace:
    """Open the workspace for somebody who may read the log.

    Raises:
        Refused, NotSignedIn: they may not.
    """
    from shouxin.operations.acting import begin

    workspace, token = terminal.workspace(), terminal.token()
    workspace.data.read(lambda records: begin(workspace, records, token).need(*_ASKED))
    return workspace


def _facts(event: Event) -> str:
    """Return the codes and counts of an event; commitments and digests are left to --json."""
    hidden = {"actor", "row", "subject", "was"}
    told = {name: fact for name, fact in event.facts.items() if name not in hidden and len(str(fact)) != 64}
    return " ".join(
        f"{name}={','.join(fact) if isinstance(fact, list) else fact}" for name, fact in sorted(told.items())
    )


@command(group, "show", "shouxin ledger show --last 20", "shouxin ledger show --leaf 42 --json")
def show_entries(
    terminal: Terminal,
    leaf: Annotated[int | None, typer.Option("--leaf", min=0, help="Only this entry.")] = None,
    last: Annotated[int, typer.Option("--last", min=1, max=100_000, help="How many entries, from the newest.")] = 20,
) -> Shown:
    """Show entries of the log; for auditors, operators and the data-protection officer. They name nobody."""
    from shouxin.ledger.entry import decode
    from shouxin.vault.records import Records

    def work(records: Records) -> list[tuple[int, bytes]]:
        size = records.ledger.size
        start, end = (max(0, size - last), size) if leaf is None else (leaf, leaf + 1)
        return list(records.ledger.entries(start, min(end, size)))

    found = [(number, decode(body)) for number, body in _as_reader(terminal).data.read(work)]
    if leaf is not None and not found:
        raise NotFound("the log has no such entry")
    entries = [
        {"leaf": number, "at": write(event.at), "event": event.kind.value, "operation": event.operation.hex()}
        | {"facts": dict(event.facts)}
        for number, event in found
    ]
    rows = [(number, write(event.at), event.kind.value, _facts(event)) for number, event in found]
    return Shown({"entries": entries}, columns(("LEAF", "AT", "EVENT", "FACTS"), rows))


def _sign_head(workspace: Workspace) -> str:
    """Return a signed checkpoint that covers the whole log."""
    workspace.data.transact(lambda _records: None, covered=True)
    note = workspace.shelf.get()
    if note is None:
        raise NotFound("nothing was signed yet")
    return note


@command(group, "checkpoint", "shouxin ledger checkpoint > checkpoint.txt")
def checkpoint(terminal: Terminal) -> Shown:
    """Sign the head of the log, publish log and checkpoint, and print it, for whoever wants to hold us to it."""
    from shouxin.operations.publish import publish

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
    if subject:
        return account_to(terminal, subject)
    if leaf is None:
        raise typer.BadParameter("which entry, or whose?", param_hint="LEAF, --subject")
    return _prove_leaf(terminal, leaf)


def _prove_leaf(terminal: Terminal, leaf: int) -> Shown:
    """Return the proof of one entry, complete with a signed checkpoint that covers it."""
    from shouxin.ledger.proof import ProofFile, inclusion_proof
    from shouxin.vault.records import Records

    workspace = _as_reader(terminal)
    note = _sign_head(workspace)
    size = workspace.head.open(note).size
    if leaf >= size:
        raise NotFound("the log has no such entry")

    def work(records: Records) -> tuple[str, str]:
        proof = ProofFile(leaf, inclusion_proof(leaf, size, records.ledger.tile), note)
        return str(proof), records.ledger.entry(leaf).decode()

    proof, entry = workspace.data.read(work)
    data = {"leaf": leaf, "size": size, "entry": entry, "proof": proof, "vkey": workspace.head.vkey}
    return Shown(data, [proof.rstrip("\n")])
