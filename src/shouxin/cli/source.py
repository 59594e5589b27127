"""``shouxin source``: take people's data in from outside, under a plan."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from shouxin.cli.asking import read_file
from shouxin.cli.command import command, new_group
from shouxin.cli.showing import Shown, columns, good
from shouxin.cli.terminal import Terminal
from shouxin.errors import Invalid

if TYPE_CHECKING:
    from shouxin.operations.intake import Collected, Intake

__all__ = ["PlanFile", "collect", "group"]

group = new_group("Sources: where people's data comes from.")

_YES: Final = frozenset({"1", "true", "yes", "y", "是", "同意"})
_NO: Final = frozenset({"", "0", "false", "no", "n", "否", "不同意"})


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A plan as written. Columns named by an item's code are values of that item.

    ``agreed`` names, for a purpose that rests on consent, the column that says what the person chose; ``began`` and
    ``expected_end`` the columns of the business relationship's dates. Everybody in the file was shown, in ``language``,
    the notices of all ``purposes``.
    """

    source: str
    purposes: tuple[str, ...]
    language: str = "zh"
    agreed: dict[str, str] = field(default_factory=dict)
    began: str = ""
    expected_end: str = ""


def _read_plan(path: Path) -> PlanFile:
    """Read a plan.

    Raises:
        Invalid: not TOML, an unknown or missing field, no purpose.
    """
    import msgspec

    try:
        body = tomllib.loads(read_file(path))
        plan = msgspec.convert(body, PlanFile, strict=True)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"not TOML: {error}", path.name) from None
    except msgspec.ValidationError as error:
        raise Invalid(str(error), path.name) from None
    if odd := sorted(body.keys() - {one.name for one in fields(PlanFile)}):
        raise Invalid(f"a plan has no field {odd[0]:.40}", path.name)
    if not plan.purposes or not set(plan.agreed) <= set(plan.purposes) or plan.language not in {"zh", "en"}:
        raise Invalid("a plan has purposes, choices for these only, and a language zh or en", path.name)
    return plan


def _chose(line: Mapping[str, str], column: str) -> bool:
    """Return what a column says; a word that is neither yes nor no sets the line aside."""
    said = line.get(column, "").strip().lower()
    if said not in _YES | _NO:
        raise Invalid("neither yes nor no", column)
    return said in _YES


def _day(line: Mapping[str, str], column: str) -> date | None:
    """Return the date in a column, or nothing when it is empty or there is no such column."""
    said = line.get(column, "").strip() if column else ""
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        raise Invalid("no date as 2026-01-31", column) from None


def _builder(plan: PlanFile, unused: set[str]) -> Callable[[int, Mapping[str, str]], Intake]:
    """Return what makes an intake of a line's fields; columns that nothing takes are noted in ``unused``."""
    from shouxin.bootstrap import items_of
    from shouxin.domain.items import taxonomy
    from shouxin.operations.choose import Choice
    from shouxin.operations.intake import Intake, Person

    used = {*plan.agreed.values(), plan.began, plan.expected_end, *taxonomy().items}

    def build(number: int, line: Mapping[str, str]) -> Intake:
        unused.update(line.keys() - used)
        choices = tuple(
            Choice(purpose, plan.language, agreed=purpose in plan.agreed and _chose(line, plan.agreed[purpose]))
            for purpose in plan.purposes
        )
        person = Person(items_of(line), choices)
        return Intake(number, person, (), _day(line, plan.began), _day(line, plan.expected_end))

    return build


def _told(done: Collected, unused: set[str]) -> Shown:
    aside = [{"line": one.line, "reason": one.reason} for one in done.aside]
    data = {
        "taken": done.taken,
        "subjects": done.subjects,
        "aside": aside,
        "dropped": dict(sorted(done.dropped.items())),
        "unused_columns": sorted(unused),
    }
    lines = [good(f"{done.taken} records taken, {done.subjects} people new, {len(aside)} set aside")]
    if unused:
        lines.append(good(f"columns that are no item, not looked at: {', '.join(sorted(unused))}"))
    if done.dropped:
        kinds = ", ".join(f"{item} ({count})" for item, count in sorted(done.dropped.items()))
        lines.append(good(f"not stored, since no purpose of the plan needs them: {kinds}"))
    rows = [(one["line"], one["reason"]) for one in aside]
    return Shown(data, [*lines, *(columns(("LINE", "SET ASIDE BECAUSE"), rows) if rows else [])])


@command(group, "collect", "shouxin source collect applications.csv --plan plan.toml --as collector")
def collect(
    terminal: Terminal,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file whose columns are named by item codes.")],
    plan: Annotated[Path, typer.Option("--plan", help="The plan, as a TOML file.")],
) -> Shown:
    """Take in a CSV file, one person a line; bad lines are set aside with their number. Killed, it goes on."""
    from shouxin.bootstrap import CsvSource
    from shouxin.operations import collect as collecting
    from shouxin.operations.intake import Plan

    wanted, unused = _read_plan(plan), set[str]()
    workspace, token = terminal.workspace(), terminal.token()
    source = CsvSource(file, _builder(wanted, unused))
    content = source.content()
    place = collecting.source_digest(wanted.source, content)
    with terminal.progress("collecting", content.count(b"\n")) as step:
        under = Plan(wanted.source, wanted.purposes)
        done = collecting.collect(workspace, token, under, source.records(), place=place, step=step)
    return _told(done, unused)
