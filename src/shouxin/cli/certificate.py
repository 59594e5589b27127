"""``shouxin certificate``: issue the proof of a deletion, and check one without asking whoever issued it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.text import Text

from shouxin.cli.asking import read_file
from shouxin.cli.command import command, new_group
from shouxin.cli.showing import Shown, good
from shouxin.cli.terminal import Terminal
from shouxin.domain.identifiers import OperationId, parse
from shouxin.errors import Invalid, Misconfigured

if TYPE_CHECKING:
    from shouxin.ledger.note import Verifier

__all__ = ["group", "issue", "issue_to", "verify"]

group = new_group("Certificates of deletion.")

_LARGEST: Final = 1 << 28
Key = Annotated[
    str,
    typer.Option("--log-key", help="The log's key that you trust: a file, or the key; else that of this workspace."),
]
Witnesses = Annotated[
    list[str] | None,
    typer.Option("--witness-key", help="A witness's key that you trust: a file, or the key; several times."),
]


def issue_to(terminal: Terminal, operation: OperationId, path: Path) -> dict[str, Any]:
    """Write the certificate of an erasure to ``path`` and return it.

    Raises:
        Misconfigured: the file cannot be written; the erasure stands.
    """
    from shouxin.operations.certify import certificate

    document = certificate(terminal.workspace(), terminal.token(), operation)
    try:
        path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise Misconfigured(f"the certificate cannot be written ({error.strerror})") from None
    return document


@command(
    group,
    "issue",
    "shouxin certificate issue opn_0123456789abcdef0123456789abcdef --out deleted.json",
)
def issue(
    terminal: Terminal,
    operation: Annotated[str, typer.Argument(metavar="OPERATION", help="The erasure, as opn_…")],
    out: Annotated[Path, typer.Option("--out", help="The file to write.")] = Path("certificate.json"),
) -> Shown:
    """Issue the certificate of an erasure; after the epoch has advanced, issue it again: it then says sealed."""
    document = issue_to(terminal, parse(OperationId, operation), out)
    data = {"file": str(out), "outcome": document["outcome"], "sealed": document["sealed"], "certificate": document}
    return Shown(data, [good(f"{out}: {document['outcome']}"), f"Check it: shouxin certificate verify {out}"])


def _verifier(given: str) -> Verifier:
    """Return the key that was given, or that stands in the file that was given."""
    from shouxin.ledger.note import parse_verifier

    path = Path(given)
    text = given if "+" in given and not path.exists() else read_file(path, most=4096)
    return parse_verifier(text.strip())


@command(
    group,
    "verify",
    "shouxin certificate verify deleted.json --log-key bank.vkey --witness-key affiliate.vkey",
)
def verify(
    terminal: Terminal,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The certificate.")],
    log_key: Key = "",
    witness_key: Witnesses = None,
) -> Shown:
    """Check a certificate by the keys that you trust; needs no workspace and no sign-in. Exit code 3: not genuine."""
    from shouxin.vault.certificate import check

    try:
        document = json.loads(read_file(file, most=_LARGEST))
    except ValueError:
        raise Invalid("is no JSON document", file.name) from None
    log = _verifier(log_key or str(terminal.home / "public" / "log.vkey"))
    verdict = check(document, log, [_verifier(one) for one in witness_key or ()])
    data = {
        "outcome": verdict.outcome,
        "erased": verdict.erased,
        "retained": verdict.retained,
        "openings": verdict.openings,
        "entries": verdict.entries,
        "witnesses": verdict.witnesses,
        "sealed": verdict.sealed,
        "origin": log.name,
        "proved": document.get("proved", []),
        "attested": document.get("attested", []),
        "residuals": document.get("residuals", []),
    }
    state = "sealed: nobody can open it" if verdict.sealed else "live: the product can no longer open it"
    lines: list[str | Text] = [
        good(f"{verdict.outcome} ({state})"),
        f"  {verdict.erased} parts erased, {verdict.retained} retained, {verdict.openings} openings listed",
        f"  proved by {verdict.entries} entries of {log.name}; cosigned by at least {verdict.witnesses} witnesses",
        "  attested, not proved: " + ", ".join(document.get("attested", [])),
    ]
    return Shown(data, lines)
