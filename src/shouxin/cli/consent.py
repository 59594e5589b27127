"""``shouxin consent``: what a person was told and chose."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from shouxin.cli.command import command, new_group
from shouxin.cli.showing import Shown, columns, good
from shouxin.cli.terminal import Terminal
from shouxin.domain.clock import write
from shouxin.domain.identifiers import ConsentId, SubjectId, parse, show

__all__ = ["give", "group", "show_all", "withdraw"]

group = new_group("Consent: what people were told and chose, and taking it back.")

Person = Annotated[str, typer.Argument(metavar="SUBJECT", help="The person, as sub_…")]
For = Annotated[str, typer.Option("--purpose", help="The purpose, by its code.")]


class NoticeLanguage(StrEnum):
    """The languages of notices."""

    ZH = "zh"
    EN = "en"


@command(group, "show", "shouxin consent show sub_0123456789abcdef0123456789abcdef")
def show_all(terminal: Terminal, subject: Person) -> Shown:
    """Show what a person was told and chose, by time."""
    from shouxin.operations.choose import consents_of

    found = consents_of(terminal.workspace(), terminal.token(), parse(SubjectId, subject))
    consents = [
        {
            "purpose": one.purpose,
            "version": one.version,
            "language": one.language,
            "notice": one.notice.hex(),
            "notified": write(one.notified),
            "given": write(one.given) if one.given is not None else None,
            "separate": one.separate,
            "withdrawn": write(one.withdrawn) if one.withdrawn is not None else None,
            "stands": one.stands,
        }
        for one in found
    ]
    rows = [
        (
            one.purpose,
            one.version,
            write(one.notified),
            write(one.given) if one.given is not None else "told only",
            "separate" if one.separate else "",
            f"withdrawn {write(one.withdrawn)}" if one.withdrawn is not None else "",
        )
        for one in found
    ]
    heads = ("PURPOSE", "VERSION", "TOLD", "AGREED", "", "")
    return Shown({"subject": subject, "consents": consents}, columns(heads, rows))


@command(
    group,
    "give",
    "shouxin consent give sub_0123456789abcdef0123456789abcdef --purpose marketing --language zh",
)
def give(
    terminal: Terminal,
    subject: Person,
    purpose: For,
    language: Annotated[
        NoticeLanguage, typer.Option(help="The language of the notice that was shown.")
    ] = NoticeLanguage.ZH,
    told_only: Annotated[bool, typer.Option("--told-only", help="The person was told, not asked.")] = False,
) -> Shown:
    """Record that a person was shown the notice of a purpose and what they chose."""
    from shouxin.operations.choose import Choice, give_consent

    choice = Choice(purpose, language.value, agreed=not told_only)
    made = give_consent(terminal.workspace(), terminal.token(), parse(SubjectId, subject), choice)
    data = {"consent": show(ConsentId, made), "subject": subject, "purpose": purpose, "agreed": not told_only}
    return Shown(data, [good(f"recorded: {'told' if told_only else 'agreed'} for {purpose}")])


@command(group, "withdraw", "shouxin consent withdraw sub_0123456789abcdef0123456789abcdef --purpose marketing")
def withdraw(terminal: Terminal, subject: Person, purpose: For) -> Shown:
    """Take back a person's consent for one purpose; the very next decision sees it."""
    from shouxin.operations.choose import withdraw_consent

    when = withdraw_consent(terminal.workspace(), terminal.token(), parse(SubjectId, subject), purpose)
    data = {"subject": subject, "purpose": purpose, "withdrawn": write(when)}
    return Shown(data, [good(f"withdrawn for {purpose} at {write(when)}")])
