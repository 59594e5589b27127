"""``shouxin source``: the register of sources, what copies left in them, and collecting a file under its plan."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.text import Text

from shouxin.cli.asking import ValueFile, ask_value, called, read_bytes, read_file
from shouxin.cli.command import command, new_group
from shouxin.cli.showing import Shown, columns, good
from shouxin.cli.terminal import Terminal
from shouxin.domain.clock import write
from shouxin.domain.counted import counted

if TYPE_CHECKING:
    from shouxin.domain.clock import Instant
    from shouxin.operations.collecting.plan_row import PlanRun, RunFinding
    from shouxin.operations.collecting.purge import Purge
    from shouxin.operations.collecting.run_plan import Ran

__all__ = [
    "add",
    "collect",
    "end",
    "findings_of",
    "group",
    "list_all",
    "purge",
    "purges",
    "said_of",
    "secret",
    "told",
    "unused",
]

# By the values of ``StreamSignal`` and of ``SourceSignal``, which are not loaded for --help.
_SIGNALS: Final = {
    "new-kind": "{field} now holds {kind}, which it did not before",
    "new-field": "{field} is a field that no earlier record had",
    "missing": "{field} is missing far more often than before",
    "range": "{field} has numbers far beyond what was usual",
    "drift": "{field} is distributed otherwise than before",
    "too-many-fields": "more fields came than are watched",
    "page-failed": "{count} pages were not read: {field}",
    "page-forbidden": "{count} pages that are linked are forbidden by robots.txt and were not read",
    "page-elsewhere": "{count} links lead to hosts that are not named and were not followed",
    "page-limit": "{count} pages were not read: the limit of pages was reached",
    "page-empty": "{count} pages have nothing that the register calls a record",
    "page-unlike": "a page had no list of records at {field}: an error of the source, or it was made anew",
    "future-change": "{count} records say in {field} that they changed later than now",
    "never-came": "{field} is planned and in no record",
    "not-asked-again": "{count} records set aside before were not handed out again: have their source send them anew",
}

group = new_group("Sources: where people's data comes from.")

Code = Annotated[str, typer.Argument(metavar="CODE", help="The source's code.")]


def findings_of(run: PlanRun) -> list[dict[str, object]]:
    """Return what was not as usual in a run, as data."""
    return [
        {"signal": one.signal, "field": one.field, "record": one.record, "kind": one.kind, "count": one.count}
        for one in run.findings
    ]


def said_of(one: RunFinding) -> str:
    """Return in a line what was not as usual while records flowed: names and counts."""
    return f"{_SIGNALS[one.signal].format(field=one.field, kind=one.kind, count=one.count)} (at record {one.record:,})"


def _told_already(ran: Ran) -> str:
    """Say how many records of a content had been taken in, and apart from them those of people erased since."""
    left = ran.already - ran.erased
    here = f"; {counted(left, '', 'were')} taken in before" if left else ""
    return f"{here}; {counted(ran.erased, '', 'were')} erased since, kept out" if ran.erased else here


def told(ran: Ran) -> Shown:
    """Show what a run did: counts, lines and names; never a value."""
    run = ran.run
    aside = [{"line": one.line, "reason": one.reason} for one in ran.aside]
    data = {
        "outcome": run.outcome,
        "taken": run.taken,
        "subjects": run.subjects,
        "already": ran.already,
        "erased_since": ran.erased,
        "repeated": run.repeated,
        "aside": aside,
        "dropped": dict(sorted(run.dropped.items())),
        "unplanned": list(run.unplanned),
        "findings": findings_of(run),
    }
    here = _told_already(ran) if ran.already and not run.taken else ""
    lines = [
        good(
            f"{counted(run.taken, 'record')} taken, {counted(run.subjects, 'person')} new, {run.aside} set aside{here}"
        )
    ]
    if run.outcome == "over-volume":
        lines.append(good("stopped: the source has more records than the plan allows"))
    if run.outcome == "over-waiting":
        lines.append(
            good(
                "stopped: more records would be set aside than the plan's volume: mend them in the source, or propose"
                " the plan with a larger volume"
            )
        )
    if run.repeated:
        lines.append(good(f"{counted(run.repeated, 'record')} had arrived before: not taken again"))
    if run.unplanned:
        lines.append(good(f"fields that no plan names, dropped before storage: {', '.join(run.unplanned)}"))
    if run.dropped:
        kinds = ", ".join(f"{item} ({count})" for item, count in sorted(run.dropped.items()))
        lines.append(good(f"not stored, since no purpose of the plan needs them: {kinds}"))
    lines += [Text(f"! {said_of(one)}", style="yellow") for one in run.findings]
    rows = [(one["line"], one["reason"]) for one in aside]
    return Shown(data, [*lines, *(columns(("LINE", "SET ASIDE BECAUSE"), rows) if rows else [])])


@command(group, "collect", "shouxin source collect applications.csv --plan plan.toml --as collector")
def collect(
    terminal: Terminal,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV, Excel, Parquet, JSON lines, or sealed by an edge.")
    ],
    plan: Annotated[Path, typer.Option("--plan", help="The plan, as a TOML file; exactly this text was approved.")],
) -> Shown:
    """Take in a file under its approved plan; bad lines are set aside with their number. Killed, it goes on."""
    from shouxin.bootstrap import CsvSource, open_file
    from shouxin.errors import NotInThisState
    from shouxin.operations.collecting.plan_file import read_plan
    from shouxin.operations.collecting.plans import get_plan
    from shouxin.operations.collecting.run_plan import run_plan

    text = read_file(plan)
    wanted = read_plan(text, plan.name)
    workspace, token = terminal.workspace(), terminal.token()
    if get_plan(workspace, token, wanted.code).text != text:
        raise NotInThisState("this text is not what was proposed: propose it, and have it approved")
    source = open_file(workspace, file, wanted.code)
    source.describe()
    total = source.count() if isinstance(source, CsvSource) else None
    try:
        with terminal.progress("collecting", total) as step:
            return told(run_plan(workspace, token, wanted.code, source, step=step, raised=terminal.raised(said_of)))
    finally:
        source.close()


@command(group, "add", "shouxin source add branch-office.toml --as dpo")
def add(
    terminal: Terminal, file: Annotated[Path, typer.Argument(metavar="FILE", help="The source, as a TOML file.")]
) -> Shown:
    """Enter a source into the register, or change what it says of one."""
    from shouxin.operations.collecting.sources import register_source
    from shouxin.policy.source import read_source

    source = read_source(read_file(file), called(file))
    register_source(terminal.workspace(), terminal.token(), source)
    return Shown({"source": source.source, "kind": source.kind.value}, [good(f"{source.source} is registered")])


@command(group, "secret", "shouxin source secret core-banking --value-file - --as operator")
def secret(terminal: Terminal, code: Code, value_file: ValueFile = None) -> Shown:
    """Seal the password or token by which a source lets us in; nothing shows it again."""
    from shouxin.domain.plaintext import Plaintext
    from shouxin.operations.collecting.sources import seal_secret

    given = Plaintext.of(ask_value(value_file, "Secret"))
    seal_secret(terminal.workspace(), terminal.token(), code, given)
    return Shown({"source": code, "sealed": True}, [good(f"the secret of {code} is sealed")])


@command(group, "end", "shouxin source end branch-office --as dpo")
def end(terminal: Terminal, code: Code) -> Shown:
    """End a source: nothing is collected from it any more, and its secret is forgotten."""
    from shouxin.operations.collecting.sources import end_source

    end_source(terminal.workspace(), terminal.token(), code)
    return Shown({"source": code, "ended": True}, [good(f"{code} has ended")])


@command(group, "list", "shouxin source list")
def list_all(terminal: Terminal) -> Shown:
    """Show the register: kind, contract, audit date, and whether a secret is sealed."""
    from shouxin.operations.collecting.sources import list_sources

    found = list_sources(terminal.workspace(), terminal.token())
    data = [
        {
            "source": one.source.source,
            "kind": one.source.kind.value,
            "title": one.source.title,
            "own": one.source.own,
            "contract": one.source.contract,
            "contract_ends": None if one.source.contract_ends is None else one.source.contract_ends.isoformat(),
            "audit_due": one.source.audit_due.isoformat(),
            "secret": bool(one.sealed),
            "ended": one.ended,
        }
        for one in found
    ]
    rows = [
        (
            one.source.source,
            one.source.kind.value,
            "own system" if one.source.own else one.source.contract or "none",
            "" if one.source.contract_ends is None else one.source.contract_ends.isoformat(),
            one.source.audit_due.isoformat(),
            "ended" if one.ended else "",
        )
        for one in found
    ]
    heads = ("SOURCE", "KIND", "CONTRACT", "UNTIL", "AUDIT DUE", "")
    return Shown({"sources": data}, columns(heads, rows, "no source is registered yet"))


@command(
    group,
    "purge",
    "shouxin source purge applications --file applications.csv",
    "shouxin source purge core --erase",
    "shouxin source purge partner-push --attested letter.pdf --as dpo",
)
def purge(
    terminal: Terminal,
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="The plan under which it was copied.")],
    file: Annotated[
        str, typer.Option("--file", help="The file, or its URL in a bucket, where the source is files.")
    ] = "",
    erase: Annotated[bool, typer.Option("--erase", help="First delete in the source what was copied.")] = False,
    attested: Annotated[
        Path | None,
        typer.Option("--attested", help="A partner that pushes says in this file that it is deleted; kept by digest."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before deleting.")] = False,
) -> Shown:
    """Look whether the source still has what was copied; with --erase delete it there first. Exit code 1: it has."""
    from shouxin.bootstrap import open_intake_source
    from shouxin.operations.collecting.plans import source_of_plan
    from shouxin.operations.collecting.purge import attest_purge, look_again

    workspace, token = terminal.workspace(), terminal.token()
    if attested is not None:
        digest = hashlib.sha256(read_bytes(attested)).digest()
        told = attest_purge(workspace, token, plan, digest)
        return Shown(
            {"plan": plan, "source": told.source, "state": "attested", "evidence": digest.hex()},
            [good("recorded: the partner says that it is deleted; nobody has looked")],
        )
    if erase and not yes and not typer.confirm("Delete in the source what was copied from it?", err=True):
        raise typer.Abort
    source = open_intake_source(workspace, source_of_plan(workspace, token, plan), file or None, plan)
    try:
        found = look_again(workspace, token, plan, source, erase=erase)
    finally:
        source.close()
    data = {
        "plan": plan,
        "source": found.source,
        "left": found.left,
        "changed": found.changed,
        "never_came": found.unknown,
        "due": write(found.due),
    }
    lines: list[str | Text] = []
    if found.unknown:
        lines.append(
            f"{counted(found.unknown, 'record', 'stand')} among those that were copied and never came: nobody has them"
        )
    if found.is_gone():
        return Shown(data, [good("looked: nothing of it is left in the source"), *lines])
    if found.changed:
        lines.append(f"{found.changed:,} of them changed since the copy: not deleted from here")
    left = "records are" if found.left is None else counted(found.left, "record", "are")
    return Shown(data, [f"{left} still there; due {write(found.due)}", *lines], 1)


def _told_left(left: object) -> object:
    """Say how many are left; before anybody looked, nobody knows."""
    return "not known yet" if left is None else left


def _purge_state(purge: Purge, now: Instant) -> str:
    if purge.has_ended():
        return "gone" if purge.is_gone() else "attested"
    return "late" if purge.is_late(now) else "waits"


@command(group, "purges", "shouxin source purges")
def purges(terminal: Terminal) -> Shown:
    """Show which copies still have their plaintext in the source, and until when it may stay there."""
    from shouxin.operations.collecting.purge import list_purges

    workspace = terminal.workspace()
    now = workspace.clock.now()
    found = list_purges(workspace, terminal.token())
    data = [
        {
            "source": one.source,
            "plan": one.plan,
            "due": write(one.due),
            "looked": None if one.looked is None else write(one.looked),
            "left": one.left,
            "state": _purge_state(one, now),
        }
        for one in found
    ]
    rows = [
        (one["source"], one["plan"], one["due"], one["looked"] or "never", _told_left(one["left"]), one["state"])
        for one in data
    ]
    heads = ("SOURCE", "PLAN", "DUE", "LOOKED", "LEFT", "STATE")
    return Shown({"purges": data}, columns(heads, rows, "no copy has left anything behind"))


@command(group, "unused", "shouxin source unused --days 90 --as dpo")
def unused(
    terminal: Terminal,
    days: Annotated[int, typer.Option("--days", help="Without a use for its purpose in so many days.")] = 90,
) -> Shown:
    """Report what was collected and never used for its purpose, per source and item, with what to do about it."""
    from shouxin.operations.collecting.unused import unused_items

    found = unused_items(terminal.workspace(), terminal.token(), days)
    data = [
        {
            "source": one.source,
            "plan": one.plan,
            "purpose": one.purpose,
            "item": one.item,
            "records": one.records,
            "collected": write(one.collected),
            "last_used": None if one.last_used is None else write(one.last_used),
            "rules": list(one.rules),
            "stop": f"leave {one.item} out of the plan {one.plan} and propose it again",
            "erase": f"erase {one.item} as kept for {one.purpose}",
        }
        for one in found
    ]
    rows = [
        (*(one[name] for name in ("source", "purpose", "item", "records")), one["last_used"] or "never") for one in data
    ]
    lines = columns(("SOURCE", "PURPOSE", "ITEM", "RECORDS", "LAST USED"), rows, f"everything was used in {days} days")
    if data:
        lines = [
            *lines,
            good("stop collecting these (propose the plan without them) and erase them: PIPL 6(2), 47(1)(1)"),
        ]
    return Shown({"days": days, "unused": data}, lines)
