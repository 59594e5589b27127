"""``shouxin dataset``: describe a lender's own database, hold the description against it, see what it would erase."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shouxin.cli.asking import called, read_file
from shouxin.cli.command import command, new_group
from shouxin.cli.showing import Shown, columns, good
from shouxin.cli.terminal import Terminal
from shouxin.domain.counted import counted
from shouxin.errors import Invalid
from shouxin.policy.declared_toml import toml_tables

if TYPE_CHECKING:
    from shouxin.operations.downstream.report import Report

__all__ = ["check", "group", "import_fides", "preview"]

group = new_group("Datasets: what a lender's own databases hold about people.")

_FAILED = 1
Description = Annotated[Path, typer.Argument(metavar="FILE", help="The description, as a TOML file.")]
Address = Annotated[
    str,
    typer.Option(
        "--dsn",
        help="Where the database is, without a password; or the name of a variable that says so, as $LENDER_DSN.",
    ),
]


def _address(said: str) -> str:
    """Return the address; a password never comes as an argument."""
    if said.startswith("$"):
        return os.environ.get(said[1:], "")
    if "@" in said and ":" in said.partition("://")[2].rpartition("@")[0]:
        raise Invalid("a password is seen by whoever lists processes: put the address into a variable", "--dsn")
    return said


@command(group, "check", "shouxin dataset check lender.toml --dsn postgresql://reader@db.example/core")
def check(
    terminal: Terminal,
    file: Description,
    dsn: Annotated[str | None, typer.Option("--dsn", help="Also hold it against this database; see preview.")] = None,
) -> Shown:
    """Read a description, and hold it against the database: whatever differs is said, with what to do."""
    del terminal
    from shouxin.bootstrap import SqlDatabase
    from shouxin.operations.downstream.reading import read_dataset
    from shouxin.operations.downstream.schema import compare

    made = read_dataset(read_file(file), called(file))
    found = [] if dsn is None else compare(made, SqlDatabase(_address(dsn)).schema(made))
    listed = [
        {"code": one.code, "table": one.table, "column": one.column, "to_do": one.to_do, "blocks": one.blocks}
        for one in found
    ]
    blocking = sum(one.blocks for one in found)
    data = {"dataset": made.name, "digest": made.digest, "tables": len(made.tables), "findings": listed}
    rows = [
        ("blocks" if one.blocks else "note", one.code, f"{one.table}.{one.column}".rstrip("."), one.to_do)
        for one in found
    ]
    told = f"{made.name}: {counted(len(made.tables), 'table')} described"
    told += f", {counted(blocking, 'difference')} that would block an erasure"
    lines = columns(("", "FINDING", "WHERE", "WHAT TO DO"), rows) if rows else []
    return Shown(data, [good(told) if not blocking else told, *lines], _FAILED if blocking else 0)


@command(group, "preview", "shouxin dataset preview lender.toml --dsn '$LENDER_DSN' --identities who.toml")
def preview(
    terminal: Terminal,
    file: Description,
    dsn: Address,
    identities: Annotated[
        Path,
        typer.Option("--identities", help="A TOML file: kind = [values], one line a kind; '-' is standard input."),
    ],
) -> Shown:
    """Count the rows that an erasure would touch, table by table; nothing is changed.

    The person is taken to have no business relationship that keeps anything: what is kept by a date in its own row is
    still kept.
    """
    del terminal
    from shouxin.bootstrap import SqlDatabase
    from shouxin.domain.clock import SystemClock, local_date
    from shouxin.operations.downstream.across import statutory_terms
    from shouxin.operations.downstream.act import preview_downstream
    from shouxin.operations.downstream.reading import read_dataset
    from shouxin.operations.downstream.walk import Trail
    from shouxin.policy.lawpack import load_pack

    made = read_dataset(read_file(file), called(file))
    trail = Trail.of(_identities(read_file(identities), identities.name, set(made.identities)))
    terms = statutory_terms([made], load_pack("cn"), None, local_date(SystemClock().now()), lambda _item, _value: "")
    return _told(preview_downstream(SqlDatabase(_address(dsn)), made, trail, terms))


def _identities(text: str, file: str, known: set[str]) -> dict[str, list[str]]:
    said = toml_tables(text, file)
    if not said or not set(said) <= known:
        raise Invalid(f"the description knows these kinds: {', '.join(sorted(known))}", file)
    listed = {kind: values if isinstance(values, list) else [values] for kind, values in said.items()}
    if not all(isinstance(one, str) for values in listed.values() for one in values):
        raise Invalid("an identity is text, in quotation marks", file)
    return listed


def _told(report: Report) -> Shown:
    parts = [
        {
            "table": part.table,
            "outcome": str(part.outcome),
            "rows": part.rows,
            "rule": part.rule,
            "article": part.article,
            "until": part.until.isoformat() if part.until else None,
            "reason": part.reason,
            "to_do": part.to_do,
        }
        for part in report.parts
    ]
    data = {"dataset": report.dataset, "digest": report.digest, "outcome": str(report.outcome), "parts": parts}
    rows = [
        (part.table or "(database)", str(part.outcome), part.rows, part.article or part.reason, part.to_do)
        for part in report.parts
        if part.rows or part.reason
    ]
    held = f"{counted(sum(report.before.values()), 'row')} in {counted(len(report.before), 'table')}"
    head = f"{report.dataset}: {held}; nothing was changed"
    failed = any(part.reason for part in report.parts)
    shown = columns(("TABLE", "WOULD BE", "ROWS", "WHY", "WHAT TO DO"), rows, "nothing found")
    return Shown(data, [head, *shown], _FAILED if failed else 0)


@command(group, "import-fides", "shouxin dataset import-fides fides.yml --out lender.toml")
def import_fides(
    terminal: Terminal,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A Fides dataset, as a YAML file.")],
    out: Annotated[Path, typer.Option("--out", help="Where to write the description; must not exist.")],
) -> Shown:
    """Write a description from a Fides dataset, and list what must be looked at by hand.

    Fides does not say of whom a reference is. Each is written without, and the description reads once you have said so.
    """
    del terminal
    from shouxin.bootstrap import read_fides
    from shouxin.operations.downstream.fides import UNDECIDED, from_fides

    text, unmapped = from_fides(read_fides(read_file(file), called(file)))
    try:
        with out.open("x", encoding="utf-8") as handle:
            handle.write(text)
    except OSError as error:
        raise Invalid(f"cannot be written ({error.strerror})", out.name) from None
    undecided = [one.place for one in unmapped if one.why == UNDECIDED]
    listed = [{"place": one.place, "why": one.why} for one in unmapped]
    data = {"out": out.name, "unmapped": listed, "undecided": undecided}
    lines = columns(("LOOK AT", "BECAUSE"), [(one.place, one.why) for one in unmapped]) if unmapped else []
    first = f"say first of whom {counted(len(undecided), 'reference')} are, then " if undecided else ""
    return Shown(data, [good(f"{out.name} is written; {first}check it with: shouxin dataset check {out.name}"), *lines])
