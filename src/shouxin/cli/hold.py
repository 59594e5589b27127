"""``shouxin hold``: what a court, the police or a dispute wants kept."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from shouxin.cli.asking import called
from shouxin.cli.command import command, new_group
from shouxin.cli.showing import Shown, columns, good
from shouxin.cli.terminal import Terminal
from shouxin.domain.identifiers import HoldId, SubjectId, parse, show
from shouxin.domain.paper import check_paper
from shouxin.errors import Invalid

__all__ = ["group", "lift", "list_standing", "paper_of", "set_one"]

group = new_group("Legal holds: what must be kept until a court, the police or a dispute lets go.")

Paper = Annotated[Path, typer.Option("--paper", help="The written demand; only its SHA-256 is kept.")]


def paper_of(path: Path) -> bytes:
    """Return SHA-256 of a file.

    Raises:
        Invalid: it cannot be read, or is empty.
    """
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").digest()
    except OSError as error:
        raise Invalid(f"cannot be read ({error.strerror})", called(path)) from None
    check_paper(digest, called(path))
    return digest


@command(
    group,
    "set",
    "shouxin hold set sub_0123456789abcdef0123456789abcdef --authority court --card official.request "
    "--paper order.pdf --review-on 2027-05-01 --as chen",
)
def set_one(
    terminal: Terminal,
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="The person, as sub_…")],
    authority: Annotated[str, typer.Option("--authority", help="Who wants it kept: court, police, supervisor, …")],
    card: Annotated[str, typer.Option("--card", help="The purpose card under which holds are kept.")],
    paper: Paper,
    review_on: Annotated[
        datetime, typer.Option("--review-on", formats=["%Y-%m-%d"], help="When somebody looks at it again.")
    ],
    purpose: Annotated[
        list[str] | None, typer.Option("--purpose", help="Only what is kept for this purpose; several times.")
    ] = None,
) -> Shown:
    """Keep what is held of a person: no erasure takes it until another person lifts the hold."""
    from shouxin.operations.retaining.holds import Demand, set_hold

    demand = Demand(authority, card, paper_of(paper), review_on.date(), tuple(purpose or ()))
    made = show(HoldId, set_hold(terminal.workspace(), terminal.token(), parse(SubjectId, subject), demand))
    data = {"hold": made, "subject": subject, "authority": authority, "review_on": str(review_on.date())}
    return Shown(data, [good(f"{made} holds; lift it with: shouxin hold lift {made} --paper FILE")])


@command(group, "lift", "shouxin hold lift hld_0123456789abcdef0123456789abcdef --paper release.pdf --as sun")
def lift(
    terminal: Terminal,
    hold: Annotated[str, typer.Argument(metavar="HOLD", help="The hold, as hld_…")],
    paper: Paper,
) -> Shown:
    """End a hold; somebody other than who set it."""
    from shouxin.operations.retaining.holds import lift_hold

    lift_hold(terminal.workspace(), terminal.token(), parse(HoldId, hold), paper_of(paper))
    return Shown({"hold": hold, "state": "lifted"}, [good(f"{hold} is lifted")])


@command(group, "list", "shouxin hold list", "shouxin hold list --subject sub_0123456789abcdef0123456789abcdef")
def list_standing(
    terminal: Terminal,
    subject: Annotated[str | None, typer.Option("--subject", help="Only those of this person.")] = None,
) -> Shown:
    """List the holds that stand; those whose review date has come are first."""
    from shouxin.operations.retaining.holds import list_holds

    who = None if subject is None else parse(SubjectId, subject)
    found = list_holds(terminal.workspace(), terminal.token(), who)
    data = [
        {
            "hold": show(HoldId, one.hold_id),
            "subject": show(SubjectId, one.hold.subject),
            "authority": one.hold.authority,
            "purposes": list(one.hold.purposes),
            "article": one.hold.article,
            "review_on": one.hold.review_on.isoformat(),
            "overdue": one.overdue,
            "paper": one.hold.paper.hex(),
        }
        for one in found
    ]
    rows = [
        (
            show(HoldId, one.hold_id),
            one.hold.authority,
            ",".join(one.hold.purposes) or "everything",
            f"{one.hold.review_on}{' — look at it now' if one.overdue else ''}",
        )
        for one in found
    ]
    return Shown({"holds": data}, columns(("HOLD", "FOR", "KEEPS", "REVIEW"), rows, "nothing is held"))
