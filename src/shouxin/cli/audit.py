"""``shouxin audit``: verify everything, file a signed report, and say when the next one is due."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from shouxin.cli.asking import read_file, write_bytes
from shouxin.cli.command import command, new_group
from shouxin.cli.consent import NoticeLanguage
from shouxin.cli.showing import Shown, columns, good
from shouxin.cli.terminal import Terminal
from shouxin.domain.clock import write
from shouxin.errors import Invalid, Misconfigured, Tampered

__all__ = ["check", "due", "group", "run"]

group = new_group("Audit: the scheduled audit of integrity and its signed reports.")


@command(
    group,
    "run",
    "shouxin audit run --report reports",
    "shouxin audit run --sample 1000 --report reports --language zh --as auditor",
)
def run(
    terminal: Terminal,
    report: Annotated[Path, typer.Option("--report", metavar="DIR", help="The folder to file the report in.")],
    sample: Annotated[
        int, typer.Option("--sample", min=0, help="How many proofs, and how many objects, to draw.")
    ] = 100,
    language: Annotated[
        NoticeLanguage, typer.Option("--language", help="The language of the page.")
    ] = NoticeLanguage.EN,
) -> Shown:
    """Verify ledger, keys, index, object stores and erasures; file a signed report. Exit code 3: broken."""
    from shouxin.documents.integrity_pages import integrity_pages
    from shouxin.documents.typst_pdf import pdf
    from shouxin.operations.auditing.audit import run_audit

    workspace, token = terminal.workspace(), terminal.token()
    filed: list[Path] = []

    def file(document: dict[str, Any], content: bytes) -> None:
        name = f"integrity-{document['at'].replace(':', '')}"
        try:
            report.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Misconfigured(f"the folder of reports cannot be made ({error.strerror})") from None
        page = integrity_pages(document, "zh" if language is NoticeLanguage.ZH else "en")
        for path, body in ((f"{name}.json", content), (f"{name}.pdf", pdf(page, workspace.clock.now()))):
            write_bytes(report / path, body)
            filed.append(report / path)

    total = workspace.data.read(lambda records: records.ledger.size)
    with terminal.progress("auditing", total) as step:
        done = run_audit(workspace, token, file, sample=sample, step=step)
    findings = done.report["findings"]
    data: dict[str, object] = {
        "outcome": done.report["outcome"],
        "recorded": done.recorded,
        "files": [str(path) for path in filed],
        "findings": findings,
        "sample": done.report["sample"],
    }
    lines: list[str | Text] = [good(f"{done.report['outcome']}: {filed[0]}")]
    if not done.intact:
        worst = next(one for one in findings if one["integrity"])
        data |= {"error": worst["code"], "detail": f"{worst['place']}: {worst['detail']}"}
        stop = "Integrity failure. Stop: change nothing, keep this folder as it is, and call whoever is responsible."
        lines = [Text(f"broken: {filed[0]}", style="bold red"), Text(stop, style="bold red")]
    if not done.recorded:
        lines.append("The ledger could not be written to: no entry names this report.")
    rows = [(one["code"], one["place"], one["detail"]) for one in findings]
    return Shown(data, [*lines, *(columns(("FOUND", "PLACE", ""), rows) if rows else [])], 0 if done.intact else 3)


@command(group, "due", "shouxin audit due", "shouxin audit due --json")
def due(terminal: Terminal) -> Shown:
    """Say whether an audit is due, by ``audit_days`` of config.toml. Exit code 1: it is; needs no sign-in."""
    from shouxin.operations.auditing.audit import audit_due

    workspace = terminal.workspace()
    late, last = audit_due(workspace)
    told = None if last is None else {"at": write(last.at), "outcome": last.outcome, "report": last.report}
    data: dict[str, object] = {"due": late, "last": told, "days": workspace.audit_days}
    before = "there was none yet" if last is None else f"the last one was on {write(last.at)}: {last.outcome}"
    line = f"an audit is due; {before}" if late else good(f"no audit is due; {before}")
    return Shown(data, [line], 1 if late else 0)


@command(group, "check", "shouxin audit check reports/integrity-2026-11-22T060000Z.json --log-key log.vkey")
def check(
    terminal: Terminal,
    report: Annotated[Path, typer.Argument(metavar="REPORT", help="The JSON of a report.")],
    log_key: Annotated[
        str, typer.Option("--log-key", help="The log's key that you trust, in a file; else that of this workspace.")
    ] = "",
) -> Shown:
    """Check a report's signature against the log's key that you trust."""
    from shouxin.ledger.note import parse_verifier
    from shouxin.operations.auditing.audit import check_report

    log = parse_verifier(read_file(Path(log_key)).strip()) if log_key else terminal.workspace().head.verifier
    try:
        document = json.loads(read_file(report, most=1 << 26))
    except ValueError:
        raise Invalid("this is no JSON", report.name) from None
    if not isinstance(document, dict):
        raise Tampered("this is no report of an audit of integrity")
    outcome = check_report(document, log)
    return Shown({"outcome": outcome, "signed": True}, [good(f"signed by {log.name}: {outcome}")])
