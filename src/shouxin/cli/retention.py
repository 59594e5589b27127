"""``shouxin retention``: what must be gone by when, what a law keeps, what no clock decides."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from shouxin.cli.command import command, new_group
from shouxin.cli.showing import Shown, columns, good
from shouxin.cli.terminal import Terminal
from shouxin.domain.clock import local_date, write
from shouxin.domain.counted import counted
from shouxin.domain.identifiers import OperationId, SubjectId, show
from shouxin.retention.outlook import State

if TYPE_CHECKING:
    from rich.text import Text

    from shouxin.operations.retaining.schedule import Scheduled

__all__ = ["due", "expire", "group", "next_review", "review"]

group = new_group("Retention: the schedule of what goes when, and what a law keeps.")

_Line = tuple[str, str, str, str, str]


def _line(one: Scheduled) -> _Line:
    outlook = one.outlook
    article = outlook.kept.article if outlook.kept is not None else outlook.cause.article
    return (outlook.state.value, one.purpose, one.term, article, outlook.on.isoformat() if outlook.on else "")


@command(
    group,
    "due",
    "shouxin retention due",
    "shouxin retention due --on 2027-01-01 --people --json",
    "shouxin retention due --people --state undated",
)
def due(
    terminal: Terminal,
    on: Annotated[
        datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="As of this day, not today.")
    ] = None,
    people: Annotated[bool, typer.Option("--people", help="Name everybody of whom something is due.")] = False,
    state: Annotated[
        State, typer.Option("--state", help="With --people: of whom something is in use, undated, kept or due.")
    ] = State.DUE,
) -> Shown:
    """Say of everything that is kept: in use until when, due, kept by which article until when, or undated.

    Also of what a law keeps in your own databases of people who are erased here: on its day it is erased by hand.
    """
    from shouxin.operations.retaining.schedule import schedule

    counts: dict[_Line, int] = defaultdict(int)
    first: dict[_Line, date] = {}
    named: dict[SubjectId, None] = {}
    for one in schedule(terminal.workspace(), terminal.token(), None if on is None else on.date()):
        stands, purpose, term, article, day = _line(one)
        line = (stands, purpose, term, article, "")
        counts[line] += 1
        if day:
            first[line] = min(first.get(line, date.max), date.fromisoformat(day))
        if people and one.outlook.state is state:
            named[one.subject] = None
    ordered = sorted(counts, key=lambda line: ([*State].index(State(line[0])), line), reverse=True)
    data: dict[str, object] = {
        "parts": [
            {
                "state": line[0],
                "purpose": line[1],
                "term": line[2],
                "article": line[3],
                "first": str(first[line]) if line in first else None,
                "parts": counts[line],
            }
            for line in ordered
        ],
    }
    rows = [(line[0], counts[line], line[1], line[2], line[3], str(first.get(line, ""))) for line in ordered]
    lines = columns(("STATE", "PARTS", "PURPOSE", "TERM", "ARTICLE", "FIRST ON"), rows, "nothing is kept")
    if people:
        data[state.value] = [show(SubjectId, one) for one in named]
        lines += [show(SubjectId, one) for one in named] or [f"nothing is {state.value}"]
    more, told = _elsewhere(terminal, None if on is None else on.date(), state if people else None)
    return Shown({**data, **more}, [*lines, *told])


def _elsewhere(terminal: Terminal, on: date | None, listed: State | None) -> tuple[dict[str, object], list[str | Text]]:
    """Return what a law keeps in databases of people who are erased here, by table and day, and what is ``listed``."""
    from shouxin.operations.retaining.elsewhere import kept_in_databases

    workspace, token = terminal.workspace(), terminal.token()
    today = on or local_date(workspace.clock.now())
    counts: dict[tuple[str, ...], int] = defaultdict(int)
    named: list[tuple[str, ...]] = []
    for one in kept_in_databases(workspace, token):
        state, until = one.state(today), one.until.isoformat() if one.until else ""
        counts[state.value, one.database, one.table, one.article, until] += one.rows
        if state is listed:
            named.append((show(OperationId, one.operation), one.database, one.table, until))
    order = [*State]
    ordered = sorted(counts.items(), key=lambda line: (-order.index(State(line[0][0])), line[0]))
    keys = ("state", "database", "table", "article", "until")
    data: dict[str, object] = {
        "databases": [{**dict(zip(keys, line, strict=True)), "rows": rows} for line, rows in ordered],
    }
    lines: list[str | Text] = ["of people who are erased here, a law keeps in your databases:"]
    lines += columns(
        ("STATE", "ROWS", "DATABASE", "TABLE", "ARTICLE", "UNTIL"), [(x[0], n, *x[1:]) for x, n in ordered]
    )
    if listed is not None:
        named_by = ("erasure", "database", "table", "until")
        data[f"{listed.value}_in_databases"] = [dict(zip(named_by, one, strict=True)) for one in named]
    if listed is not None and named:
        lines += columns((f"{listed.value.upper()} OF ERASURE", "DATABASE", "TABLE", "UNTIL"), named)
    return data, lines if ordered else []


@command(group, "run", "shouxin retention run --as sun", "shouxin retention run --most 5000 --as sun")
def run(
    terminal: Terminal,
    most: Annotated[int, typer.Option("--most", help="At most so many people in one order.", min=1)] = 100_000,
) -> Shown:
    """Draft an order to delete what is due today; it goes through the same chain as every deletion."""
    from shouxin.approvals.order import Ground
    from shouxin.cli.deletion import preview_of
    from shouxin.operations.deletion.draft import Wanted, draft_order
    from shouxin.operations.retaining.schedule import schedule

    workspace, token = terminal.workspace(), terminal.token()
    named: dict[SubjectId, None] = {}
    for one in schedule(workspace, token):
        if one.outlook.state is State.DUE:
            named[one.subject] = None
    if not named:
        return Shown({"order": None, "people": 0}, [good("nothing is due")])
    wanted = Wanted(tuple(named)[:most], Ground.EXPIRED, due=True)
    shown = preview_of(terminal, draft_order(workspace, token, wanted))
    return Shown({**shown.data, "waiting": max(0, len(named) - most)}, shown.lines)


@command(group, "expire", "shouxin retention expire --as sun")
def expire(terminal: Terminal) -> Shown:
    """End what accounted for erasures and is past its own term: tags, evidence of orders, whose entries were whose."""
    from shouxin.operations.deletion.expire import expire as end

    done = end(terminal.workspace(), terminal.token())
    told = f"entries of {counted(done.people, 'person')} are nobody's now, {counted(done.tags, 'tag')}"
    told += f" and the evidence of {counted(done.orders, 'order')}"
    data = {"people": done.people, "tags": done.tags, "orders": done.orders, "waiting": done.waiting}
    waiting = [f"{counted(done.waiting, 'order', 'wait')} for papers to go first: shouxin retention run"] * bool(
        done.waiting
    )
    return Shown(data, [good(f"{told} are gone; old copies of the keyring, once the epoch has advanced"), *waiting])


@command(group, "review", "shouxin retention review --as chen")
def review(terminal: Terminal) -> Shown:
    """Look at what has no date and at holds to be reviewed, and record that somebody looked."""
    from shouxin.operations.retaining.holds import list_holds
    from shouxin.operations.retaining.schedule import record_review

    workspace, token = terminal.workspace(), terminal.token()
    seen = record_review(workspace, token)
    waiting = [one for one in list_holds(workspace, token) if one.overdue]
    told = f"{seen.undated} parts without a date, {seen.kept} kept by law past their use, {seen.due} due"
    data = {"undated": seen.undated, "kept": seen.kept, "due": seen.due, "holds": seen.holds}
    rows = [(one.hold.authority, show(SubjectId, one.hold.subject), one.hold.review_on) for one in waiting]
    return Shown(data, [good(f"recorded: {told}"), *columns(("HOLD FOR", "PERSON", "REVIEW"), rows, "no hold waits")])


@command(group, "next-review", "shouxin retention next-review", "shouxin retention next-review --json")
def next_review(terminal: Terminal) -> Shown:
    """Say when the next review is due, by ``review_days`` of config.toml or a hold. Exit code 1: now. No sign-in."""
    from shouxin.operations.retaining.schedule import next_review as following

    workspace = terminal.workspace()
    seen = following(workspace)
    days = workspace.review_days
    data: dict[str, object] = {
        "due": seen.due,
        "on": seen.on.isoformat(),
        "last": None if seen.last is None else write(seen.last),
        "days": days,
    }
    before = f"there was none within {days} days" if seen.last is None else f"the last one was on {write(seen.last)}"
    line = f"a review is due; {before}" if seen.due else good(f"the next review is due on {seen.on}; {before}")
    return Shown(data, [line], 1 if seen.due else 0)
