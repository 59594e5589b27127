"""``shouxin source scan``: where personal data lies in a folder, a bucket or a database, and what to do about it."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.text import Text

from shouxin.cli.asking import called
from shouxin.cli.command import command
from shouxin.cli.showing import Shown, columns, good, heading, printable
from shouxin.cli.source import group
from shouxin.cli.terminal import Terminal
from shouxin.config import how_to_install
from shouxin.domain.counted import counted
from shouxin.errors import Invalid, NotSignedIn, StoreUnavailable

if TYPE_CHECKING:
    from shouxin.detection.survey.correction import GradeCorrection
    from shouxin.detection.survey.evidence import ScanReport
    from shouxin.detection.survey.grading import SurveyVerdict
    from shouxin.detection.survey.reading import Scannable
    from shouxin.operations.scanning.scan_advice import ScanStep

__all__ = ["put", "scan"]

_REGION: Final = "cn"
_SHOWN: Final = 40  # places on the terminal; the reports have all
_COLOURS: Final = {5: "bold red", 4: "red", 3: "yellow", 2: "cyan", 1: "green"}


class ReportLanguage(StrEnum):
    """The languages of page and paper."""

    ZH = "zh"
    EN = "en"


def put(path: Path, content: bytes) -> None:
    """Write a file whole: the old one stays until the new one is there."""
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        raise StoreUnavailable(f"{called(path)} cannot be written ({error.strerror})") from None


def _where(source: str) -> str:
    """The source as given; for ``-`` the first line of standard input, so that no password stands in a command."""
    return sys.stdin.readline().strip() if source == "-" else source


def _scanned(
    terminal: Terminal,
    source: str,
    plan: str,
    sample: int,
    report: Path | None,
    *,
    everything: bool,
    resume: bool,
    examples: bool,
    names: bool,
    english: bool,
) -> ScanReport:
    from shouxin.bootstrap import NotesFile, english_recognisers, open_observed, open_source
    from shouxin.detection.survey.reading import Sampling
    from shouxin.domain.clock import SystemClock
    from shouxin.operations.collecting.observe_plan import observe_plan, ready_to_observe
    from shouxin.operations.scanning.scan_source import scan_source

    notes = None if report is None else NotesFile(report.with_name(f"{report.name}.part"))
    with ExitStack() as stack:
        if notes is not None:
            stack.callback(notes.close)

        def begin(total: int) -> Callable[[int], None]:
            return stack.enter_context(terminal.progress("scanning", total or None))

        def look(what: Scannable) -> ScanReport:
            return scan_source(
                what,
                SystemClock(),
                Sampling(sample, everything),
                notes=notes,
                resume=resume,
                examples=examples,
                names=names,
                beside=english_recognisers() if english else None,
                begin=begin,
            )

        if not plan:
            return look(open_source(_where(source)))
        workspace, token = terminal.workspace(), terminal.token()
        registered = ready_to_observe(workspace, token, plan)
        return observe_plan(workspace, token, plan, lambda: look(open_observed(workspace, registered, source)))[1]


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Invalid(f"cannot be read ({error.strerror})", called(path)) from None


def _honoured(verdict: SurveyVerdict) -> int:
    """How many corrections hold in a verdict."""
    columns = sum("corrected" in column.reasons for one in verdict.places for column in one.columns)
    return columns + sum(kind.refused for one in verdict.places for kind in one.kinds)


def _corrections(terminal: Terminal, file: Path | None) -> tuple[list[GradeCorrection], str]:
    """The corrections of a file, else of the workspace if there is one; and what to say where they cannot be read."""
    from shouxin.detection.survey.correction import read_cases

    if file is not None:
        return read_cases(_bytes_of(file)), ""
    if not (terminal.home / "config.toml").exists():
        return [], ""
    from shouxin.operations.scanning.correct_grade import list_corrections

    try:
        kept = list_corrections(terminal.workspace(), terminal.token())
    except NotSignedIn:
        return [], "corrections of the workspace were not read: nobody is signed in"
    return [one.said for one in kept], ""


def _paper(
    terminal: Terminal,
    report: ScanReport,
    verdict: SurveyVerdict,
    steps: tuple[ScanStep, ...],
    language: ReportLanguage,
) -> bytes:
    """The report as PDF; a workspace, where there is one, says whose it is."""
    from shouxin.cli.scan_paper import scan_paper
    from shouxin.config import read_settings
    from shouxin.documents.typst_pdf import pdf
    from shouxin.domain.clock import SystemClock

    institution = read_settings(terminal.home).name if (terminal.home / "config.toml").exists() else ""
    return pdf(scan_paper(report, verdict, steps, language.value, institution), SystemClock().now())


def _graded(verdict: SurveyVerdict, steps: tuple[ScanStep, ...]) -> dict[str, Any]:
    """The judgement as data, apart from the counts it rests on."""
    places = [
        {
            "place": one.place,
            "level": one.grade.level if one.grade else 0,
            "class": one.grade.klass if one.grade else "",
            "sensitive": one.grade.sensitive if one.grade else False,
            "raised_by": list(one.grade.raised_by) if one.grade else [],
            "items": list(one.items),
            "columns": [
                {
                    "name": column.name,
                    "items": list(column.items),
                    "certainty": column.certainty.value,
                    "reasons": list(column.reasons),
                    "shares": [
                        {
                            "kind": share.kind.value,
                            "values": share.values,
                            "of": share.sampled,
                            "low": round(share.low, 6),
                            "high": round(share.high, 6),
                            "whole": share.whole,
                        }
                        for share in column.shares
                    ],
                }
                for column in one.columns
            ],
            "kinds": {kind.kind.value: kind.strong for kind in one.kinds if kind.counts},
        }
        for one in verdict.places
    ]
    told = [
        {"code": one.code, "places": one.places, "rules": [rule.id for rule in one.rules], "do": one.title_en}
        for one in steps
    ]
    bounds = {"confidence": 0.95, "interval": "Wilson score"}
    top = {"level": verdict.level, "class": verdict.klass, "sensitive": verdict.sensitive}
    return {**top, "bounds": bounds, "places": places, "next": told}


def _where_to_look(report: ScanReport) -> list[str | Text]:
    """What is seen and heard, with page, time and box."""
    from shouxin.detection.survey.media_words import explain_media

    seen = [(one.place, found) for one in report.places if one.media for found in one.media.findings]
    if not seen:
        return []
    told = [(place, explain_media(found, "en")) for place, found in seen[:_SHOWN]]
    more = [f"… and {len(seen) - _SHOWN} more: write a report with --report or --html"] if len(seen) > _SHOWN else []
    return [
        "",
        heading("SEEN AND HEARD"),
        *columns(("PLACE", "WHAT · PAGE · TIME · BOX · SCORE"), told),
        *more,
    ]


def _names_not(*, wanted: bool) -> str:
    """The line that says that names were not looked for; where they were wanted, what is missing."""
    missing = f"; they need the extra 'detection': {how_to_install('detection')}" if wanted else ""
    return f"  names and addresses inside texts and values were not looked for{missing}"


def _lines(
    report: ScanReport, verdict: SurveyVerdict, steps: tuple[ScanStep, ...], *, wanted: bool
) -> list[str | Text]:
    from shouxin.detection.survey.words import title

    rows = sum(one.rows for one in report.places)
    read = sum(one.read for one in report.places)
    text = sum(one.text.size for one in report.places if one.text)
    looked = f"{counted(len(report.places), 'place')} looked at"
    looked += f": {read:,} of {counted(rows, 'row')}, {counted(text, 'byte of text')}"
    lines: list[str | Text] = [good(looked) if report.places else Text(f"✗ {looked}", style="red")]
    if not report.names:
        lines.append(_names_not(wanted=wanted))
    held = [one for one in verdict.places if one.grade]
    if held:
        most = f"highest: level {verdict.level}, {verdict.klass}{', sensitive' if verdict.sensitive else ''}"
        lines.append(Text(f"  personal information in {len(held)} of them; {most}", style=_COLOURS[verdict.level]))
    else:
        lines.append(Text("  no personal information recognised in what was looked at", style="yellow"))
    table = [
        (
            f"{one.grade.level} {one.grade.klass}{'!' if one.grade.sensitive else ''}",
            one.place,
            ", ".join(title(code, "en") for code in one.items),
        )
        for one in held[:_SHOWN]
        if one.grade
    ]
    lines += ["", *columns(("LEVEL", "PLACE", "HOLDS"), table)] if table else []
    if len(held) > _SHOWN:
        lines.append(f"… and {len(held) - _SHOWN} more: write a report with --report or --html")
    lines += _where_to_look(report)
    if report.unread:
        lines += ["", heading(f"NOT LOOKED INTO: {len(report.unread)}")]
        reasons = Counter((one.reason.value, one.detail) for one in report.unread)
        example = {(one.reason.value, one.detail): one.place for one in reversed(report.unread)}
        told = [(count, *why, example[why]) for why, count in reasons.most_common(_SHOWN)]
        lines += columns(("HOW MANY", "REASON", "DETAIL", "FOR EXAMPLE"), told)
    for place, kept in list(report.examples.items())[:_SHOWN]:
        lines += [f"  {printable(place)} {printable(name)}: {', '.join(some)}" for name, some in kept.items()]
    if steps:
        lines += ["", heading("WHAT TO DO NEXT")]
        for number, one in enumerate(steps, 1):
            cited = ", ".join(rule.cites for rule in one.rules)
            lines.append(f"{number}. {one.title_en} ({one.places}){f'  [{cited}]' if cited else ''}")
    return lines


def _check(source: str, regrade: Path | None, report: Path | None, *, resume: bool) -> None:
    """Refuse what does not go together."""
    if bool(source) == bool(regrade):
        raise typer.BadParameter("give a source, or a report to grade anew", param_hint="SOURCE")
    if resume and report is None:
        raise typer.BadParameter("is for a scan with --report", param_hint="--resume")


@command(
    group,
    "scan",
    "shouxin source scan exports --report scan.json --html scan.html --language zh",
    "shouxin source scan s3://bucket/loans --report scan.json --resume",
    "shouxin source scan exports --pdf scan.pdf --language en",
    "shouxin source scan - --json < dsn.txt",
    "shouxin source scan /var/log/app --no-names",
    "shouxin source scan --regrade scan.json --html scan.html",
    "shouxin source scan exports --plan inventory --report scan.json --as collector",
)
def scan(
    terminal: Terminal,
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="A path, a bucket's URL, a DSN, or '-': one from standard input.")
    ] = "",
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write counts and grades as JSON.")
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a page to show and print.")] = None,
    pdf: Annotated[Path | None, typer.Option("--pdf", metavar="FILE", help="Write a paper to file (PDF/A-2a).")] = None,
    language: Annotated[ReportLanguage, typer.Option(help="The language of page and paper.")] = ReportLanguage.ZH,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the scan that --report was begun for.")] = False,
    examples: Annotated[bool, typer.Option("--examples", help="Show up to three masked values of each kind.")] = False,
    sample: Annotated[int, typer.Option(min=100, help="Rows of a table to look at, drawn at random.")] = 10_000,
    everything: Annotated[bool, typer.Option("--everything", help="Look at every row.")] = False,
    names: Annotated[
        bool, typer.Option("--names/--no-names", help="Look for names and addresses in text too; 15 times as slow.")
    ] = True,
    english: Annotated[
        bool, typer.Option("--english", help="English identifiers by Presidio's recognisers too; slow.")
    ] = False,
    corrections: Annotated[
        Path | None,
        typer.Option("--corrections", metavar="FILE", help="Cases of 'grade export'; else those of the workspace."),
    ] = None,
    plan: Annotated[
        str, typer.Option("--plan", metavar="PLAN", help="Under this plan in mode observe; noted with it.")
    ] = "",
    regrade: Annotated[
        Path | None, typer.Option("--regrade", metavar="FILE", help="Grade an earlier report anew; reads no source.")
    ] = None,
) -> Shown:
    """Find and grade personal data in a folder, a bucket or a database; needs no workspace and writes no value."""
    from shouxin.cli.scan_page import scan_page
    from shouxin.detection.survey.grading import judge_report
    from shouxin.operations.scanning.scan_advice import next_steps
    from shouxin.operations.scanning.scan_source import read_report, written
    from shouxin.policy.lawpack import load_pack

    _check(source or plan, regrade, report, resume=resume)
    if regrade is not None:
        seen = read_report(_bytes_of(regrade))
    else:
        flags = {"everything": everything, "resume": resume, "examples": examples, "names": names, "english": english}
        seen = _scanned(terminal, source, plan, sample, report, **flags)
    said, told = _corrections(terminal, corrections)
    verdict = judge_report(seen, corrections=said)
    steps = next_steps(verdict, seen, load_pack(_REGION))
    honoured = _honoured(verdict)
    data = {"scan": json.loads(written(seen)), "grading": {**_graded(verdict, steps), "corrected": honoured}}
    if report is not None:
        put(report, (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode())
        report.with_name(f"{report.name}.part").unlink(missing_ok=True)
    if html is not None:
        put(html, scan_page(seen, verdict, steps, language.value).encode())
    if pdf is not None:
        put(pdf, _paper(terminal, seen, verdict, steps, language))
    held = counted(honoured, "correction of stewards", "hold") if honoured else ""
    lines = [*_lines(seen, verdict, steps, wanted=names and regrade is None), *filter(None, (told, held))]
    return Shown(data, lines, exit_code=0 if seen.places else 1)
