"""``shouxin subject``: find a person, show what is kept in safe forms, and change where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from shouxin.cli.access import wish_of
from shouxin.cli.asking import ValueFile, ask_value
from shouxin.cli.command import command, new_group
from shouxin.cli.opening import shown_values
from shouxin.cli.showing import Shown, good, nobody
from shouxin.cli.terminal import Terminal
from shouxin.domain.counted import counted
from shouxin.domain.identifiers import SubjectId, parse, show
from shouxin.domain.plaintext import Plaintext

if TYPE_CHECKING:
    from shouxin.operations.downstream.report import Report

__all__ = ["find", "freeze", "group", "merge", "release", "show_masked", "split", "with_databases"]

group = new_group("Subjects: the people whose information is kept.")

Person = Annotated[str, typer.Argument(metavar="SUBJECT", help="The person, as sub_…")]
Databases = Annotated[
    str | None,
    typer.Option("--databases", metavar="PURPOSE", help="Also in the registered databases, under this purpose."),
]
Why = Annotated[str, typer.Option("--purpose", help="The purpose, by its code.")]


@command(
    group,
    "find",
    "shouxin subject find --purpose credit.review --item identity.id_number",
    "shouxin subject find --purpose credit.review --item identity.id_number --value-file - < number.txt",
)
def find(
    terminal: Terminal,
    purpose: Why = "",
    item: Annotated[str, typer.Option("--item", help="Which identifier it is, by its code.")] = "identity.id_number",
    value_file: ValueFile = None,
) -> Shown:
    """Find people by an identifier; exit code 1 if nobody is found. The value is asked for, never an argument.

    Each look-up is recorded, whether it finds somebody or not.
    """
    from shouxin.domain.items import item as known
    from shouxin.operations.opening.look_up import look_up

    workspace, token, code = terminal.workspace(), terminal.token(), known(item).code
    value = Plaintext.of(ask_value(value_file, item))
    found = [show(SubjectId, one) for one in look_up(workspace, token, purpose, code, value)]
    return Shown({"subjects": found}, found) if found else nobody("subjects")


@command(group, "show", "shouxin subject show sub_0123456789abcdef0123456789abcdef --purpose credit.review")
def show_masked(
    terminal: Terminal,
    subject: Person,
    purpose: Why = "",
    item: Annotated[list[str] | None, typer.Option("--item", help="Only this item; several times.")] = None,
) -> Shown:
    """Show what is kept of a person for a purpose, masked; a disclosure like any other."""
    from shouxin.operations.opening.disclose import disclose

    wish = wish_of(purpose, item or _items_of(terminal, purpose), [subject], "masked")
    return shown_values(wish, disclose(terminal.workspace(), terminal.token(), wish))


def _items_of(terminal: Terminal, purpose: str) -> Sequence[str]:
    """Return the items of a purpose's card; where there is none, one item to be refused for."""
    from shouxin.operations.adopting.cards import list_cards

    cards = list_cards(terminal.workspace(), terminal.token())
    return next((card.items for card in cards if card.purpose == purpose), ("identity.name",))


def with_databases(shown: Shown, reports: Sequence[Report]) -> Shown:
    """Add to an answer what each of the lender's own databases answered; one that failed makes the exit code 1."""
    if not reports:
        return shown
    told = [{"database": one.dataset, "outcome": str(one.outcome), "disputed": list(one.disputed)} for one in reports]
    lines = [f"  {one.dataset}: {one.outcome}" for one in reports]
    lines += [f"    {one.doubt}" for one in reports if one.doubt]
    lines += [f"    {part.reason}; {part.to_do}" for one in reports for part in one.parts if part.reason]
    lines += [
        f"    {part.table}: {counted(part.rows, 'row')} {part.outcome}; {part.to_do}"
        for one in reports
        for part in one.parts
        if part.to_do and not part.reason
    ]
    failed = any(part.reason for one in reports for part in one.parts)
    return Shown({**shown.data, "databases": told}, [*shown.lines, *lines], 1 if failed else shown.exit_code)


def _stands(subject: str, word: str) -> Shown:
    return Shown({"subject": subject, "state": word}, [good(f"{subject} is {word}")])


@command(group, "freeze", "shouxin subject freeze sub_0123456789abcdef0123456789abcdef")
def freeze(terminal: Terminal, subject: Person, databases: Databases = None) -> Shown:
    """Freeze: from the next decision on, only storing and statutory reads go on."""
    from shouxin.operations import subjects

    subjects.freeze(terminal.workspace(), terminal.token(), parse(SubjectId, subject))
    return with_databases(_stands(subject, "frozen"), _flagged(terminal, subject, databases, frozen=True))


@command(group, "release", "shouxin subject release sub_0123456789abcdef0123456789abcdef")
def release(terminal: Terminal, subject: Person, databases: Databases = None) -> Shown:
    """End a freeze."""
    from shouxin.operations import subjects

    subjects.release(terminal.workspace(), terminal.token(), parse(SubjectId, subject))
    return with_databases(_stands(subject, "active"), _flagged(terminal, subject, databases, frozen=False))


def _flagged(terminal: Terminal, subject: str, purpose: str | None, *, frozen: bool) -> list[Report]:
    if purpose is None:
        return []
    from shouxin.bootstrap import open_database
    from shouxin.operations.downstream.amend_systems import freeze_in_systems

    who = parse(SubjectId, subject)
    return freeze_in_systems(terminal.workspace(), terminal.token(), who, purpose, open_database, frozen=frozen)


@command(
    group,
    "merge",
    "shouxin subject merge sub_0123456789abcdef0123456789abcdef --into sub_fedcba9876543210fedcba9876543210",
)
def merge(
    terminal: Terminal,
    subject: Person,
    into: Annotated[str, typer.Option("--into", metavar="SUBJECT", help="Whom they turned out to be, as sub_…")],
) -> Shown:
    """Say that two subjects are one person; 'split' undoes it."""
    from shouxin.operations import subjects

    people = parse(SubjectId, subject), parse(SubjectId, into)
    subjects.merge(terminal.workspace(), terminal.token(), *people)
    return _stands(subject, "merged")


@command(group, "split", "shouxin subject split sub_0123456789abcdef0123456789abcdef")
def split(terminal: Terminal, subject: Person) -> Shown:
    """Undo a merge."""
    from shouxin.operations import subjects

    subjects.split(terminal.workspace(), terminal.token(), parse(SubjectId, subject))
    return _stands(subject, "active")
