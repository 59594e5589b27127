"""``shouxin grade``: a steward corrects what a scan got wrong, and the next scan honours it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shouxin.cli.asking import read_bytes
from shouxin.cli.command import command, new_group
from shouxin.cli.showing import Shown, columns, good
from shouxin.cli.terminal import Terminal
from shouxin.domain.clock import write
from shouxin.domain.counted import counted

if TYPE_CHECKING:
    from shouxin.detection.survey.correction import GradeCorrection

__all__ = ["correct", "export", "group", "list_all", "replayed", "withdraw"]

group = new_group("Grades: what a steward corrects in the findings of scans.")

Report = Annotated[Path, typer.Argument(metavar="REPORT", help="The report of the scan, as --report wrote it.")]
Place = Annotated[str, typer.Option("--place", help="The place, as the report shows it.")]
Column = Annotated[str, typer.Option("--column", help="The column.")]
Kind = Annotated[str, typer.Option("--kind", help="A kind of finding in a text, picture or video, which is none.")]


def _said(report: Path, place: str, items: list[str], reason: str, column: str, kind: str) -> GradeCorrection:
    from shouxin.detection.survey.correction import correction
    from shouxin.operations.scanning.scan_source import read_report

    return correction(read_report(read_bytes(report)), place, items, reason, column=column, kind=kind)


def _target(said: GradeCorrection) -> str:
    return said.column or said.kind or "(the place)"


@command(
    group,
    "correct",
    "shouxin grade correct scan.json --place people.csv --column serial --reason not-personal --as wang",
    "shouxin grade correct scan.json --place a.csv --column c7 --item contact.mobile --reason overlooked --as wang",
    "shouxin grade correct scan.json --place app.log --kind bank_card --reason not-personal --as wang",
)
def correct(
    terminal: Terminal,
    report: Report,
    place: Place,
    reason: Annotated[str, typer.Option("--reason", help="not-personal, other-item or overlooked.")],
    column: Column = "",
    kind: Kind = "",
    item: Annotated[
        list[str] | None, typer.Option("--item", help="What it holds; several times; none: nothing of a person.")
    ] = None,
) -> Shown:
    """Correct the grade of a column, a kind in a text, or a place; recorded, and honoured by every later scan."""
    from shouxin.operations.scanning.correct_grade import correct_grade

    said = _said(report, place, item or [], reason, column, kind)
    correct_grade(terminal.workspace(), terminal.token(), said)
    data = {"place": said.place, "target": _target(said), "items": list(said.items), "was": list(said.was)}
    holds = ", ".join(said.items) or "nothing of a person"
    return Shown(data, [good(f"{said.place}, {_target(said)}: {holds}")])


@command(
    group,
    "withdraw",
    "shouxin grade withdraw scan.json --place people.csv --column serial --as wang",
)
def withdraw(terminal: Terminal, report: Report, place: Place, column: Column = "", kind: Kind = "") -> Shown:
    """Take a correction back: the rules decide again."""
    from shouxin.detection.survey.correction import CorrectionReason, GradeCorrection
    from shouxin.operations.scanning.correct_grade import withdraw_correction
    from shouxin.operations.scanning.scan_source import read_report

    of = read_report(read_bytes(report))
    said = GradeCorrection(of.source, place, (), CorrectionReason.OTHER_ITEM, column, kind, identity=of.identity)
    withdraw_correction(terminal.workspace(), terminal.token(), said)
    return Shown({"place": place, "target": _target(said)}, [good("the rules decide again")])


@command(group, "list", "shouxin grade list --as wang")
def list_all(
    terminal: Terminal, every: Annotated[bool, typer.Option("--all", help="Also those that were withdrawn.")] = False
) -> Shown:
    """Show the corrections that stand, and whether the rules of today would need them."""
    from shouxin.detection.survey.correction import replay
    from shouxin.operations.scanning.correct_grade import list_corrections

    kept = list_corrections(terminal.workspace(), terminal.token(), every=every)
    holds = {case.said.key: case.holds for case in replay(one.said for one in kept)}
    data = [
        {
            "source": one.said.source,
            "place": one.said.place,
            "target": _target(one.said),
            "items": list(one.said.items),
            "was": list(one.said.was),
            "reason": one.said.reason.value,
            "at": write(one.at),
            "ended": one.ended,
            "rules_agree": holds.get(one.said.key),
        }
        for one in kept
    ]
    rows = [
        (
            one["at"],
            one["place"],
            one["target"],
            ", ".join(kept[at].said.items) or "nothing",
            one["reason"],
            "withdrawn" if one["ended"] else "no longer needed" if one["rules_agree"] else "",
        )
        for at, one in enumerate(data)
    ]
    heads = ("AT", "PLACE", "WHAT", "HOLDS", "REASON", "")
    return Shown({"corrections": data}, columns(heads, rows, "nothing was corrected yet"))


@command(group, "export", "shouxin grade export cases.json --as wang")
def export(terminal: Terminal, file: Annotated[Path, typer.Argument(help="Where to write the cases.")]) -> Shown:
    """Write the corrections as a case file: for scans elsewhere (--corrections) and as tests of the rules."""
    from shouxin.cli.scanning import put
    from shouxin.detection.survey.correction import read_cases
    from shouxin.operations.scanning.correct_grade import export_corrections

    made = export_corrections(terminal.workspace(), terminal.token())
    put(file, made)
    count = len(read_cases(made))
    return Shown(
        {"cases": count}, [good(f"{counted(count, 'case')} in {file.name}: counts and names of columns, no value")]
    )


@command(group, "replay", "shouxin grade replay cases.json")
def replayed(_terminal: Terminal, file: Annotated[Path, typer.Argument(help="A case file.")]) -> Shown:
    """Judge the cases by the rules of today, without the corrections; exit code 1 if any is still wrong."""
    from shouxin.detection.survey.correction import read_cases, replay

    cases = replay(read_cases(read_bytes(file)))
    wrong = [one for one in cases if not one.holds]
    data = [
        {"place": one.said.place, "column": one.said.column, "wanted": list(one.said.items), "now": list(one.now)}
        for one in wrong
    ]
    rows = [(one.said.place, one.said.column, ", ".join(one.said.items), ", ".join(one.now)) for one in wrong]
    lines = columns(("PLACE", "COLUMN", "WANTED", "THE RULES SAY"), rows) if rows else [good("the rules agree")]
    return Shown({"cases": len(cases), "wrong": data}, lines, exit_code=1 if wrong else 0)
