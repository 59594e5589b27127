"""``shouxin certificate``: issue the proof of a deletion, and check one without asking whoever issued it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.text import Text

from shouxin.cli.asking import called, read_bytes, read_file
from shouxin.cli.command import command, new_group
from shouxin.cli.consent import NoticeLanguage
from shouxin.cli.showing import Shown, good, heading, printable
from shouxin.cli.terminal import Terminal
from shouxin.domain.counted import counted
from shouxin.domain.identifiers import OperationId, parse
from shouxin.errors import Invalid, Misconfigured, Refused

if TYPE_CHECKING:
    from shouxin.ledger.note import SignatureKind, Verifier
    from shouxin.vault.certificate import Verdict

__all__ = ["group", "issue", "issue_to", "verify"]

group = new_group("Certificates of deletion.")

_LARGEST: Final = 1 << 28
_QUORUM: Final = ("too-few-witnesses", "c2sp.org/tlog-cosignature")
Keys = Annotated[
    list[str] | None,
    typer.Option("--log-key", help="The log's key that you trust: a file, or the key; else that of this workspace."),
]
Witnesses = Annotated[
    list[str] | None,
    typer.Option("--witness-key", help="A witness's key that you trust: a file, or the key; several times."),
]
Quorum = Annotated[
    int | None,
    typer.Option("--quorum", min=0, help="How many of these witnesses must have cosigned; else all of them."),
]


def _write(path: Path, content: bytes, what: str) -> None:
    """Write a file that the caller named.

    Raises:
        Misconfigured: it cannot be written; the erasure stands.
    """
    try:
        path.write_bytes(content)
    except OSError as error:
        raise Misconfigured(f"the {what} cannot be written ({error.strerror})") from None


def issue_to(terminal: Terminal, operation: OperationId, path: Path) -> dict[str, Any]:
    """Write the certificate of an erasure to ``path``, as canonical JSON, and return it.

    Raises:
        Misconfigured: the file cannot be written; the erasure stands.
    """
    from shouxin.operations.certifying.certify import certificate, certificate_bytes

    document = certificate(terminal.workspace(), terminal.token(), operation)
    _write(path, certificate_bytes(document), "certificate")
    return document


def _page(terminal: Terminal, document: dict[str, Any], language: NoticeLanguage, fonts: list[Path]) -> bytes:
    """Return the certificate's page as PDF, with the titles of purposes as their cards give them."""
    from shouxin.documents.certificate_page import certificate_pdf
    from shouxin.operations.adopting.cards import list_cards

    workspace = terminal.workspace()
    zh = language is NoticeLanguage.ZH
    cards = list_cards(workspace, terminal.token())
    titles = {str(one.purpose): one.title_zh if zh else one.title_en for one in cards}
    return certificate_pdf(document, "zh" if zh else "en", titles, workspace.clock.now(), fonts)


@command(
    group,
    "issue",
    "shouxin certificate issue opn_0123456789abcdef0123456789abcdef --out deleted.json",
    "shouxin certificate issue opn_0123456789abcdef0123456789abcdef --pdf deleted.pdf --verifier verify_certificate.py",
)
def issue(
    terminal: Terminal,
    operation: Annotated[str, typer.Argument(metavar="OPERATION", help="The erasure, as opn_…")],
    out: Annotated[Path, typer.Option("--out", help="The file to write.")] = Path("certificate.json"),
    pdf: Annotated[Path | None, typer.Option("--pdf", metavar="FILE", help="Write its one page as PDF too.")] = None,
    language: Annotated[NoticeLanguage, typer.Option("--language", help="Of the page.")] = NoticeLanguage.ZH,
    fonts: Annotated[
        list[Path] | None,
        typer.Option("--fonts", metavar="DIR", help="Look for glyphs in this folder too; several times."),
    ] = None,
    verifier: Annotated[
        Path | None,
        typer.Option("--verifier", metavar="FILE", help="Write the stand-alone program that checks it, too."),
    ] = None,
) -> Shown:
    """Issue the certificate of an erasure; after the epoch has advanced, issue it again: it then says sealed."""
    from shouxin.bootstrap import verifier_script

    document = issue_to(terminal, parse(OperationId, operation), out)
    data: dict[str, object] = {"file": str(out), "outcome": document["outcome"], "sealed": document["sealed"]}
    lines: list[str | Text] = [good(f"{out}: {document['outcome']}")]
    if pdf is not None:
        _write(pdf, _page(terminal, document, language, fonts or []), "page")
        data["page"] = str(pdf)
        lines.append(good(f"{pdf}: the same on one page"))
    if verifier is not None:
        _write(verifier, verifier_script(), "verifier")
        data["verifier"] = str(verifier)
        lines.append(good(f"{verifier}: checks it without us"))
    return Shown({**data, "certificate": document}, [*lines, f"Check it: shouxin certificate verify {out}"])


def _verifier(given: str, kind: SignatureKind) -> Verifier:
    """Return the key that was given, or that stands in the file that was given.

    Raises:
        Invalid: it is none, or of another kind: a log's key is no witness's.
    """
    from shouxin.ledger.note import parse_verifier

    path = Path(given)
    text = given if "+" in given and not path.exists() else read_file(path, most=4096)
    verifier = parse_verifier(text.strip())
    if verifier.kind is not kind:
        raise Invalid(f"is no verifier key of the kind {kind.name.lower()}", called(path))
    return verifier


def _shown(residual: dict[str, Any]) -> list[str]:
    """Return where a residual is, who answers for it, by when and by whose rule, and whether it is open."""
    due = [f"by {residual['due']}"] if residual["due"] else []
    rule = [str(residual["day_set_by"])] if residual.get("day_set_by") else []
    return [residual["where"], residual["owner"], *due, *rule, residual["state"]]


def _told(verdict: Verdict, document: dict[str, Any], origin: str) -> list[str | Text]:
    state = "sealed: nobody can open it" if verdict.sealed else "live: the product can no longer open it"
    short = bool(verdict.erased and not verdict.removed)
    but = [f"but erasing failed in these databases: {printable(', '.join(verdict.failed))}"] if verdict.failed else []
    but += ["but the log counts nothing as removed"] if short else []
    lines: list[str | Text] = [
        heading(f"{verdict.outcome} ({state}), {'; '.join(but)}") if but else good(f"{verdict.outcome} ({state})"),
        (
            f"  {counted(verdict.erased, 'part')} erased, {verdict.retained} retained,"
            f" {counted(verdict.openings, 'opening')} listed"
        ),
        f"  the log counts {verdict.removed} of {verdict.erased} as removed by this erasure",
        (
            f"  proved by {counted(verdict.entries, 'entry')} of {origin};"
            f" cosigned by {counted(verdict.witnesses, 'witness')} that you trust"
        ),
        "  attested, not proved: " + printable(", ".join(document["attested"])),
    ]
    lines += [
        printable(f"  residual, attested: {one['what']} ({', '.join(_shown(one))})") for one in document["residuals"]
    ]
    lines += [
        printable(
            f"  database, {'proved' if one['database'] in verdict.answered else 'attested'}: "
            f"{one['database']} {one['outcome']}"
        )
        for one in document["downstream"]
    ]
    tags = [document["suppression"]] if document["suppression"] else []
    lines += [
        printable(f"  kept, attested: {one['what']} ({one['card']}, {one['article']}, {one['until']})")
        for one in (*document["evidence_retained"], *({**tag, "what": "suppression tag"} for tag in tags))
    ]
    if verdict.unknown:
        lines.append("  fields unknown to this version: " + printable(", ".join(verdict.unknown)))
    return lines


@command(
    group,
    "verify",
    "shouxin certificate verify deleted.json --log-key bank.vkey --witness-key affiliate.vkey",
)
def verify(
    terminal: Terminal,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The certificate.")],
    log_key: Keys = None,
    witness_key: Witnesses = None,
    quorum: Quorum = None,
) -> Shown:
    """Check a certificate by the keys that you trust; needs no workspace and no sign-in. Exit code 3: not genuine."""
    from shouxin.ledger.note import SignatureKind
    from shouxin.vault.certificate import ANSWERED, PROVED, check, read_certificate

    own = log_key or [str(terminal.home / "public" / "log.vkey")]
    logs = [_verifier(one, SignatureKind.ED25519) for one in own]
    witnesses = [_verifier(one, SignatureKind.COSIGNATURE) for one in witness_key or ()]
    document = read_certificate(read_bytes(file, most=_LARGEST))
    verdict = check(document, logs, witnesses)
    least = len({one.name for one in witnesses}) if quorum is None else quorum
    if verdict.witnesses < least:
        raise Refused(f"{verdict.witnesses} of the witnesses that you trust cosigned, {least} must have", [_QUORUM])
    data = {
        "outcome": verdict.outcome,
        "erased": verdict.erased,
        "retained": verdict.retained,
        "openings": verdict.openings,
        "entries": verdict.entries,
        "witnesses": verdict.witnesses,
        "sealed": verdict.sealed,
        "origin": document["institution"]["origin"],
        "removed": verdict.removed,
        "databases": [
            {**{key: one[key] for key in ("database", "outcome")}, "proved": one["database"] in verdict.answered}
            for one in document["downstream"]
        ],
        "failed": list(verdict.failed),
        "evidence_retained": document["evidence_retained"],
        "suppression": document["suppression"],
        "proved": [code for code in document["proved"] if code in {*PROVED, ANSWERED}],
        "attested": document["attested"],
        "residuals": document["residuals"],
        "unknown": list(verdict.unknown),
    }
    return Shown(data, _told(verdict, document, printable(document["institution"]["origin"])))
