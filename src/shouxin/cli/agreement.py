"""``shouxin purpose agreement``: mark clauses of a user agreement or privacy policy that should not stand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from shouxin.cli.asking import read_file
from shouxin.cli.command import command
from shouxin.cli.purpose import group
from shouxin.cli.showing import Shown, good, printable
from shouxin.cli.terminal import Terminal
from shouxin.domain.counted import counted

if TYPE_CHECKING:
    from shouxin.policy.agreement import Marked

__all__ = ["agreement"]

_STYLES = {"error": "bold red", "warning": "yellow"}


@command(
    group, "agreement", "shouxin purpose agreement privacy-policy.md", "shouxin purpose agreement terms.txt --json"
)
def agreement(
    terminal: Terminal,  # noqa: ARG001 - every command takes it
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Plain text or Markdown; '-': standard input.")],
    language: Annotated[
        str, typer.Option("--language", help="zh or en; else each sentence is read in its own.", show_default=False)
    ] = "",
) -> Shown:
    """Mark vague, unlimited, irrevocable, bundled and onward-sharing clauses of an agreement, with article and mending.

    Needs no workspace and keeps nothing. It reads words, so a lawyer still reads the text. Exit code 1: an error.
    """
    from shouxin.domain.clock import SystemClock, local_date
    from shouxin.policy.agreement import check_agreement
    from shouxin.policy.lawpack import load_pack

    found = check_agreement(read_file(file), load_pack("cn"), local_date(SystemClock().now()), language)
    errors = sum(one.remark.severity == "error" for one in found)
    lines = [line for one in found for line in _lines(file.name, one)]
    lines.append(
        f"{counted(errors, 'error')}, {counted(len(found) - errors, 'other remark')}"
        if found
        else good("nothing found")
    )
    data = {"file": file.name, "errors": errors, "findings": [_told(file.name, one) for one in found]}
    return Shown(data, lines, exit_code=1 if errors else 0)


def _told(file: str, one: Marked) -> dict[str, object]:
    remark = one.remark
    return {
        "place": f"{file}:{one.line}",
        "line": one.line,
        "clause": one.clause,
        "start": one.start,
        "end": one.end,
        "severity": remark.severity.value,
        "code": remark.code,
        "rule": remark.rule,
        "article": remark.article,
        "excerpt": one.excerpt,
        "cues": list(one.cues),
        "detail": remark.why_en,
        "detail_zh": remark.why_zh,
        "mend": remark.mend_en,
        "mend_zh": remark.mend_zh,
    }


def _lines(file: str, one: Marked) -> list[str | Text]:
    remark = one.remark
    where = f"{file}:{one.line}" if one.end else file
    clause = f" [{printable(one.clause)}]" if one.clause else ""
    style = _STYLES.get(remark.severity, "cyan")
    lines: list[str | Text] = [
        Text.assemble(f"{where}{clause} ", (remark.severity, style), f": {remark.why_en} ({remark.article})"),
        f"    {remark.why_zh}",
    ]
    if one.excerpt:
        lines.append(Text(f"    “{printable(one.excerpt)}”"))
    if one.cues:
        lines.append(Text(f"    what weighed: {printable(', '.join(one.cues))}"))
    return [*lines, f"    to mend it: {remark.mend_en} / {remark.mend_zh}"]
