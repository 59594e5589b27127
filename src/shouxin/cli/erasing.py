"""``shouxin subject erase``: what will be gone, what stays and why."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from shouxin.cli.certificate import issue_to
from shouxin.cli.command import command
from shouxin.cli.showing import Shown, columns, good, say
from shouxin.cli.subject import Person, group
from shouxin.cli.terminal import Terminal
from shouxin.domain.identifiers import OperationId, SubjectId, parse, show
from shouxin.errors import Misconfigured

if TYPE_CHECKING:
    from shouxin.vault.erasure import Erasure, Part

__all__ = ["erase", "resume"]


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
    from shouxin.operations.erasing import erase as erasing

    workspace, token, who = terminal.workspace(), terminal.token(), parse(SubjectId, subject)
    if preview:
        plan = erasing.preview(workspace, token, who, purpose or None)
        return Shown({"subject": subject, "preview": True, "parts": _parts(plan)}, _table(plan))
    _confirm(terminal, subject, erasing.preview(workspace, token, who, purpose or None), sure=yes)
    operation, erasure = erasing.erase(workspace, token, who, purpose or None)
    data = _told(operation, erasure)
    lines = [good(f"{erasure.outcome}: {subject}, read back"), *_table(erasure.parts)]
    if certificate is not None:
        try:
            issue_to(terminal, operation, certificate)
        except Misconfigured as error:  # what was erased stays erased: say so, and how to get the certificate
            again = f"shouxin certificate issue {show(OperationId, operation)} --out FILE"
            raise Misconfigured(f"erased; but {error.detail}: {again}") from None
        data["certificate"] = str(certificate)
        lines.append(f"certificate: {certificate}")
    else:
        lines.append(f"Next: shouxin certificate issue {show(OperationId, operation)}")
    return Shown(data, lines)


@command(group, "resume-erasures", "shouxin subject resume-erasures")
def resume(terminal: Terminal) -> Shown:
    """Finish every erasure that was interrupted between its intent and its outcome."""
    from shouxin.operations.erasing.erase import resume_erasures

    done = [_told(*pair) for pair in resume_erasures(terminal.workspace(), terminal.token())]
    rows = [(one["outcome"], one["subject"], one["operation"]) for one in done]
    return Shown({"erasures": done}, columns(("OUTCOME", "SUBJECT", "OPERATION"), rows, "nothing was interrupted"))
