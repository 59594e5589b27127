"""``shouxin plan``: from a need to an approved plan, its runs, and what came of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from shouxin.cli.asking import called, read_file
from shouxin.cli.command import command, new_group
from shouxin.cli.purpose import remark_told
from shouxin.cli.showing import Shown, columns, good, heading
from shouxin.cli.source import findings_of, said_of, told
from shouxin.cli.terminal import Terminal
from shouxin.domain.clock import write
from shouxin.domain.counted import counted
from shouxin.domain.identifiers import AccountId, show

if TYPE_CHECKING:
    from shouxin.operations.collecting.plan_row import StandingPlan

__all__ = ["approve", "check", "deny", "end", "group", "list_all", "propose", "report", "run", "show_one"]

group = new_group("Plans: need, design, approval, execution, analysis of a collection.")

File = Annotated[Path, typer.Argument(metavar="FILE", help="The plan, as a TOML file.")]
Code = Annotated[str, typer.Argument(metavar="PLAN", help="The plan's code.")]


@command(group, "check", "shouxin plan check applications.toml")
def check(terminal: Terminal, file: File) -> Shown:
    """Check a plan: fields that no purpose needs, source, contract, audit, consent, terms. Exit code 1: an error."""
    from shouxin.bootstrap import forbidden_pages
    from shouxin.operations.collecting.plan_file import read_plan
    from shouxin.operations.collecting.plans import review_plan
    from shouxin.policy.declared_toml import line_of
    from shouxin.policy.lint import Severity

    text = read_file(file)
    plan = read_plan(text, called(file))
    workspace, token = terminal.workspace(), terminal.token()
    remarks = review_plan(workspace, token, plan, forbidden_pages(workspace, token, plan))
    data = [remark_told(one, f"{called(file)}:{line_of(text, one.place)}") for one in remarks]
    lines: list[Text] = []
    for one in data:
        cited = f" ({one['article']})" if one["article"] else ""
        lines += [Text(f"{one['place']}: {one['severity']}: {one['detail']}{cited}"), Text(f"    {one['mend']}")]
    failed = any(one.severity is Severity.ERROR for one in remarks)
    if not failed:
        lines.append(good("the plan may be proposed"))
    return Shown({"ok": not failed, "remarks": data}, lines, 1 if failed else 0)


def _said(plan: StandingPlan) -> dict[str, Any]:
    asked = plan.request
    waiting = asked is not None and plan.state.value == "designed"
    return {
        "plan": plan.code,
        "state": plan.state.value,
        "source": plan.file().source,
        "digest": plan.digest(),
        "proposer": show(AccountId, plan.proposer),
        "asked": asked.levels[asked.level].role if asked is not None and waiting else None,
        "agreements": 0 if asked is None else len(asked.agreements),
        "approved": None if plan.approved is None else write(plan.approved),
        "runs": plan.counted().runs,
    }


def _moved(plan: StandingPlan) -> Shown:
    said = _said(plan)
    more = f"; now asked: {said['asked']}" if said["asked"] else ""
    return Shown(said, [good(f"{plan.code} is {plan.state.value}{more}")])


@command(group, "propose", "shouxin plan propose applications.toml --as collector")
def propose(terminal: Terminal, file: File) -> Shown:
    """Write down a need, or lay a designed plan before its approvers; one of the same code is designed anew."""
    from shouxin.bootstrap import forbidden_pages
    from shouxin.operations.collecting.plan_file import read_plan
    from shouxin.operations.collecting.plans import propose_plan

    workspace, token, text = terminal.workspace(), terminal.token(), read_file(file)
    forbidden = forbidden_pages(workspace, token, read_plan(text, called(file)))
    return _moved(propose_plan(workspace, token, text, called(file), forbidden))


@command(group, "approve", "shouxin plan approve applications --as zhou")
def approve(
    terminal: Terminal,
    code: Code,
    digest: Annotated[str, typer.Option("--digest", help="What was read, as 'plan show' prints it.")] = "",
) -> Shown:
    """Agree to a plan; the last agreement of its chain lets it run. Nobody approves their own."""
    from shouxin.operations.collecting.plans import approve_plan

    return _moved(approve_plan(terminal.workspace(), terminal.token(), code, digest))


@command(group, "deny", "shouxin plan deny applications --as zhou")
def deny(terminal: Terminal, code: Code) -> Shown:
    """Deny a plan."""
    from shouxin.operations.collecting.plans import deny_plan

    return _moved(deny_plan(terminal.workspace(), terminal.token(), code))


@command(group, "end", "shouxin plan end applications --as collector")
def end(terminal: Terminal, code: Code) -> Shown:
    """End a plan for good: nothing is collected under it any more."""
    from shouxin.operations.collecting.plans import end_plan

    return _moved(end_plan(terminal.workspace(), terminal.token(), code))


@command(group, "show", "shouxin plan show applications")
def show_one(terminal: Terminal, code: Code) -> Shown:
    """Show a plan: where it stands, its text and the digest that is approved."""
    from shouxin.operations.collecting.plans import get_plan

    plan = get_plan(terminal.workspace(), terminal.token(), code)
    said = _said(plan)
    lines = [heading(f"{plan.code}: {plan.state.value}"), Text(f"digest {said['digest']}"), Text("")]
    return Shown(said | {"text": plan.text}, [*lines, *(Text(line) for line in plan.text.splitlines())])


@command(group, "list", "shouxin plan list")
def list_all(terminal: Terminal) -> Shown:
    """List every plan: where it stands, who is asked now, how often it ran."""
    from shouxin.operations.collecting.plans import list_plans

    said = [_said(one) for one in list_plans(terminal.workspace(), terminal.token())]
    rows = [(one["plan"], one["state"], one["asked"] or "", one["source"], one["runs"]) for one in said]
    return Shown({"plans": said}, columns(("PLAN", "STATE", "ASKED", "SOURCE", "RUNS"), rows, "there is no plan yet"))


@command(group, "run", "shouxin plan run applications --as collector", "shouxin plan run letters --file letters.csv")
def run(
    terminal: Terminal,
    code: Code,
    file: Annotated[
        str, typer.Option("--file", help="The file, or its URL in a bucket, where the source is files.")
    ] = "",
) -> Shown:
    """Collect under an approved plan, as it says and no further. Killed, it goes on; again, it takes what is new."""
    from shouxin.bootstrap import open_intake_source
    from shouxin.operations.collecting.run_plan import ready_to_run, run_plan

    workspace, token = terminal.workspace(), terminal.token()
    _, registered = ready_to_run(workspace, token, code)
    source = open_intake_source(workspace, registered, file or None, code)
    try:
        with terminal.progress("collecting") as step:
            return told(run_plan(workspace, token, code, source, step=step, raised=terminal.raised(said_of)))
    finally:
        source.close()


@command(group, "report", "shouxin plan report applications --as dpo")
def report(terminal: Terminal, code: Code) -> Shown:
    """Analyse what a plan has brought: runs, what was dropped, planned items that never came. It is recorded."""
    from shouxin.operations.collecting.analyse_plan import analyse_plan

    found = analyse_plan(terminal.workspace(), terminal.token(), code)
    rows = [
        (
            write(one.begun),
            "" if one.ended is None else write(one.ended),
            one.outcome or "open",
            one.taken,
            one.aside,
            one.repeated,
            ", ".join(one.unplanned),
        )
        for one in found.runs
    ]
    data = {
        "plan": code,
        "state": found.state,
        "taken": found.taken,
        "aside": found.aside,
        "unplanned": list(found.unplanned),
        "never_came": list(found.never_came),
        "not_needed": dict(found.not_needed),
        "late": list(found.late),
        "runs": found.count,
        "findings": [one for ran in found.runs for one in findings_of(ran)],
    }
    lines: list[str | Text] = [
        good(f"{counted(found.taken, 'record')} taken in {counted(found.count, 'run')}, {found.aside} set aside")
    ]
    if found.never_came:
        lines.append(good(f"planned and never seen; leave them out of the plan: {', '.join(found.never_came)}"))
    lines += [good(f"milestone is past: {title}") for title in found.late]
    unusual = [(write(ran.begun), said_of(one)) for ran in found.runs for one in ran.findings]
    lines = [*lines, *(columns(("RUN BEGUN", "NOT AS USUAL"), unusual) if unusual else [])]
    heads = ("BEGUN", "ENDED", "OUTCOME", "TAKEN", "ASIDE", "AGAIN", "UNPLANNED FIELDS")
    return Shown(data, [*lines, *columns(heads, rows, "it never ran")])
