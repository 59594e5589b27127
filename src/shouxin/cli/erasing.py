"""``shouxin subject erase`` and ``openings``: what will be gone, what stays and why, and who ever looked."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from shouxin.cli.certificate import issue_to
from shouxin.cli.command import command
from shouxin.cli.showing import Shown, columns, good, heading
from shouxin.cli.subject import Person, group
from shouxin.cli.terminal import Terminal
from shouxin.domain.clock import write
from shouxin.domain.identifiers import OperationId, SubjectId, parse, show

if TYPE_CHECKING:
    from shouxin.operations.account_for import Opening
    from shouxin.vault.erasure import Erasure, Part

__all__ = ["erase", "openings", "resume"]


def _parts(parts: Iterable[Part]) -> list[dict[str, object]]:
    return [
        {
            "kind": part.kind,
            "purpose": part.purpose,
            "items": list(part.items),
            "outcome": part.outcome.value,
            "rule": part.rule,
            "article": part.article,
            "until": part.until.isoformat() if part.until is not None else None,
        }
        for part in parts
    ]


def _table(parts: Iterable[Part]) -> list[str | Text]:
    rows = [
        (
            part.outcome.value,
            part.kind,
            part.purpose,
            ",".join(part.items),
            part.article,
            f"until {part.until.isoformat()}" if part.until is not None else "",
        )
        for part in parts
    ]
    return columns(("OUTCOME", "WHAT", "PURPOSE", "ITEMS", "ARTICLE", ""), rows, "nothing is kept of this person")


def _told(operation: OperationId, erasure: Erasure) -> dict[str, object]:
    return {
        "operation": show(OperationId, operation),
        "subject": show(SubjectId, erasure.subject),
        "outcome": erasure.outcome,
        "state": erasure.state.value,
        "scope": erasure.scope,
        "leaves": list(erasure.leaves),
        "parts": _parts(erasure.parts),
    }


def _confirm(terminal: Terminal, subject: str, plan: list[Part], *, sure: bool) -> None:
    """Show somebody at a terminal what will be gone and let them think once more; programs mean what they say."""
    if sure or terminal.as_json or not sys.stdin.isatty():
        return
    from shouxin.cli.showing import say

    say(*_table(plan), err=True)
    if not typer.confirm(f"Erase this of {subject}? It cannot be undone", err=True):
        raise typer.Abort


@command(
    group,
    "erase",
    "shouxin subject erase sub_0123456789abcdef0123456789abcdef --preview",
    "shouxin subject erase sub_0123456789abcdef0123456789abcdef --purpose interview --certificate deleted.json",
)
def erase(
    terminal: Terminal,
    subject: Person,
    purpose: Annotated[list[str] | None, typer.Option("--purpose", help="Only this purpose; several times.")] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Say what would happen; change nothing.")] = False,
    certificate: Annotated[Path | None, typer.Option("--certificate", help="Write the certificate here.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask once more.")] = False,
) -> Shown:
    """Erase what is kept of a person, whole or for some purposes; what a law keeps is retained, with its article."""
    from shouxin.operations import erase as erasing

    workspace, token, who = terminal.workspace(), terminal.token(), parse(SubjectId, subject)
    if preview:
        plan = erasing.preview(workspace, token, who, purpose or None)
        return Shown({"subject": subject, "preview": True, "parts": _parts(plan)}, _table(plan))
    _confirm(terminal, subject, erasing.preview(workspace, token, who, purpose or None), sure=yes)
    operation, erasure = erasing.erase(workspace, token, who, purpose or None)
    data = _told(operation, erasure)
    lines = [good(f"{erasure.outcome}: {subject}, read back"), *_table(erasure.parts)]
    if certificate is not None:
        issue_to(terminal, operation, certificate)
        data["certificate"] = str(certificate)
        lines.append(f"certificate: {certificate}")
    else:
        lines.append(f"Next: shouxin certificate issue {show(OperationId, operation)}")
    return Shown(data, lines)


@command(group, "resume-erasures", "shouxin subject resume-erasures")
def resume(terminal: Terminal) -> Shown:
    """Finish every erasure that was interrupted between its intent and its outcome."""
    from shouxin.operations.erase import resume_erasures

    done = [_told(*pair) for pair in resume_erasures(terminal.workspace(), terminal.token())]
    rows = [(one["outcome"], one["subject"], one["operation"]) for one in done]
    return Shown({"erasures": done}, columns(("OUTCOME", "SUBJECT", "OPERATION"), rows, "nothing was interrupted"))


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
    lines = [heading(f"{len(found)} openings, each proved in the log"), *columns(heads, rows, "nobody ever looked")]
    return Shown({"subject": subject, "vkey": workspace.head.vkey, "openings": found}, lines)
