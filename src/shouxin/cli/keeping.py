"""``shouxin subject correct`` and ``keep``: put a value right, and keep a video, image or document."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from shouxin.cli.asking import ValueFile, ask_value, called
from shouxin.cli.command import command
from shouxin.cli.showing import Shown, columns, good
from shouxin.cli.subject import Databases, Person, group, with_databases
from shouxin.cli.terminal import Terminal
from shouxin.domain.clock import write
from shouxin.domain.identifiers import ObjectId, SubjectId, parse, show
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid

if TYPE_CHECKING:
    from shouxin.operations.downstream.report import Report

__all__ = ["correct", "end", "keep", "tags"]

_PART: Final = 1 << 20


@command(
    group,
    "correct",
    "shouxin subject correct sub_0123456789abcdef0123456789abcdef --item contact.mobile",
    "shouxin subject correct sub_0123456789abcdef0123456789abcdef --item contact.mobile --value-file - < new.txt",
)
def correct(
    terminal: Terminal,
    subject: Person,
    item: Annotated[str, typer.Option("--item", help="The item that was wrong, by its code.")],
    value_file: ValueFile = None,
    databases: Databases = None,
) -> Shown:
    """Replace a value; the wrong one is erased, not overwritten. The new one is asked for, never an argument."""
    from shouxin.domain.items import item as known
    from shouxin.operations import correct as correcting

    workspace, token, code = terminal.workspace(), terminal.token(), known(item).code
    value = Plaintext.of(ask_value(value_file, f"New {item}"))
    reports: list[Report] = []
    if databases is not None:  # first: the wrong value may be what finds the person there
        from shouxin.bootstrap import open_database
        from shouxin.operations.downstream.amend_systems import correct_in_systems

        who = parse(SubjectId, subject)
        reports = correct_in_systems(workspace, token, who, {code: value}, databases, open_database)
    done = correcting.correct_person(workspace, token, parse(SubjectId, subject), {code: value})
    shown = Shown({"subject": subject, "corrected": list(done)}, [good(f"corrected: {', '.join(done)}")])
    return with_databases(shown, reports)


def _parts(path: Path) -> Iterator[bytes]:
    """Yield a file's bytes, a mebibyte at a time.

    Raises:
        Invalid: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            while part := file.read(_PART):
                yield part
    except OSError as error:
        raise Invalid(f"cannot be read ({error.strerror})", called(path)) from None


@command(
    group,
    "keep",
    "shouxin subject keep sub_0123456789abcdef0123456789abcdef talk.mp4 --purpose interview --item media.video",
)
def keep(
    terminal: Terminal,
    subject: Person,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A video, image or document.")],
    purpose: Annotated[str, typer.Option("--purpose", help="The purpose, by its code.")],
    item: Annotated[str, typer.Option("--item", help="What it is, by its code.")],
    source: Annotated[str, typer.Option("--source", help="The code of where it came from, for its tags.")] = "",
    depicts: Annotated[
        list[str] | None, typer.Option("--depicts", metavar="SUBJECT", help="Who else is in it; several times.")
    ] = None,
) -> Shown:
    """Seal a file as an object of a person, in chunks under a key of its own."""
    from shouxin.domain.items import item as known
    from shouxin.operations.objects.keep import keep_object

    shown = [parse(SubjectId, one) for one in depicts or ()]
    made = keep_object(
        terminal.workspace(),
        terminal.token(),
        parse(SubjectId, subject),
        purpose,
        known(item).code,
        _parts(file),
        depicts=shown,
        source=source,
    )
    name = show(ObjectId, made)
    return Shown({"object": name, "subject": subject, "purpose": purpose, "item": item}, [good(f"sealed as {name}")])


@command(group, "tags", "shouxin subject tags sub_0123456789abcdef0123456789abcdef --as meng")
def tags(terminal: Terminal, subject: Person) -> Shown:
    """Show the tags of a person's objects: created, source, whom they show, kind, level, hash, retention."""
    from shouxin.operations.objects.object_tags import tags_of_objects

    found = tags_of_objects(terminal.workspace(), terminal.token(), parse(SubjectId, subject))
    data = [
        {
            "object": show(ObjectId, one.object_id),
            "created": write(one.created),
            "source": one.origin.source,
            "format": one.origin.format,
            "subjects": [show(SubjectId, who) for who in one.subjects],
            "purpose": one.purpose,
            "item": one.item,
            "level": one.grade.level,
            "class": one.grade.klass,
            "sensitive": one.grade.sensitive,
            "size": one.size,
            "sha256": one.digest.hex(),
            "term": one.term,
            "retention": one.retention,
            "until": one.until or None,
        }
        for one in found
    ]
    names = ("object", "created", "format", "item", "level", "retention", "until")
    rows = [[one[name] or "" for name in names] for one in data]
    heads = ("OBJECT", "SEALED", "FORMAT", "ITEM", "LEVEL", "RETENTION", "UNTIL")
    return Shown({"subject": subject, "objects": data}, columns(heads, rows, "no object is kept"))


@command(
    group,
    "end-relationship",
    "shouxin subject end-relationship sub_0123456789abcdef0123456789abcdef --on 2026-11-20 --as meng",
)
def end(
    terminal: Terminal,
    subject: Person,
    on: Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], help="The day on which it ended.")],
) -> Shown:
    """Record that the business relationship with a person ended: statutory terms count from here."""
    from shouxin.operations.retaining.relationship import end_relationship

    end_relationship(terminal.workspace(), terminal.token(), parse(SubjectId, subject), on.date())
    return Shown({"subject": subject, "ended": str(on.date())}, [good(f"the relationship ended on {on.date()}")])
