"""``shouxin init``: make a workspace and its first operator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.text import Text

from shouxin.cli import sign_ins
from shouxin.cli.asking import PassphraseFile, ask, ask_passphrase
from shouxin.cli.command import command
from shouxin.cli.showing import Shown, good
from shouxin.cli.terminal import Terminal
from shouxin.domain.clock import write
from shouxin.domain.identifiers import AccountId, InstitutionId, show
from shouxin.domain.institution import Handler
from shouxin.errors import Misconfigured, NotSignedIn

if TYPE_CHECKING:
    from shouxin.domain.clock import Instant
    from shouxin.operations.workspace import Workspace

__all__ = ["plant"]

_MOST_DIGITS: Final = 12


def init(
    terminal: Terminal,
    name: Annotated[str, typer.Option("--name", help="The institution's name.")] = "",
    origin: Annotated[str, typer.Option("--origin", help="The name of its log: a domain of yours and a path.")] = "",
    operator: Annotated[str, typer.Option("--operator", help="The name of the first account.")] = "",
    contact: Annotated[str, typer.Option("--contact", help="How people reach you, as notices tell them.")] = "",
    dpo_contact: Annotated[str, typer.Option("--dpo-contact", help="How they reach who protects their data.")] = "",
    complaint: Annotated[str, typer.Option("--complaint", help="Where they complain.")] = "",
    region: Annotated[str, typer.Option("--region", help="Where it is: cn or eu.")] = "cn",
    people: Annotated[
        list[str] | None, typer.Option("--people-in", metavar="REGION", help="Where else its people live; several.")
    ] = None,
    aml_obliged: Annotated[
        bool | None,
        typer.Option("--aml-obliged/--not-aml-obliged", help="Whether the Anti-Money Laundering Law (63) binds it."),
    ] = None,
    fact: Annotated[
        list[str] | None,
        typer.Option("--fact", metavar="NAME=VALUE", help="What else holds of it: true, false or a count; several."),
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> Shown:
    """Make a workspace with its first account, an operator, and sign the operator in."""
    from shouxin.bootstrap import create_workspace
    from shouxin.operations.staff.accounts import add_account, sign_in

    name = name or ask("Name of the institution", "--name")
    origin = origin or ask("Name of its log, such as log.example.com/shouxin", "--origin")
    operator = operator or ask("Name of the first operator", "--operator")
    facts = dict(_said(one) for one in fact or ()) | ({} if aml_obliged is None else {"aml_obliged": aml_obliged})
    secret = ask_passphrase(passphrase_file, twice=True, label=f"Passphrase for {operator}")
    if (terminal.home / "config.toml").exists():
        _only_unfinished(terminal, name, origin)
    else:
        handler = Handler(name, contact, dpo_contact or contact, complaint or contact)
        terminal.opened = create_workspace(
            terminal.home, name, origin, handler=handler, region=region, people=people or (), facts=facts
        )
    workspace = terminal.workspace()
    try:
        account = add_account(workspace, None, operator, ["operator"], secret)
    except NotSignedIn:
        raise Misconfigured("there is a workspace in this folder already") from None
    token, until = sign_in(workspace, operator, secret)
    sign_ins.keep(terminal.home, operator, token)
    return _shown(terminal, workspace, account, operator, contact=bool(contact), until=until)


def _shown(
    terminal: Terminal, workspace: Workspace, account: AccountId, operator: str, *, contact: bool, until: Instant
) -> Shown:
    """Return what was made, and what comes next."""
    data = {
        "home": str(terminal.home),
        "institution": show(InstitutionId, workspace.institution.institution_id),
        "origin": workspace.institution.origin,
        "vkey": workspace.head.vkey,
        "operator": show(AccountId, account),
        "until": write(until),
    }
    return Shown(
        data,
        [
            good(f"a workspace for {workspace.institution.name} stands in {terminal.home}"),
            f"  {operator} is signed in until {write(until)}",
            f"  the log's key, for whoever checks it: {workspace.head.vkey}",
            *(() if contact else _without_contact(terminal)),
            "Next: shouxin account add NAME --role dpo; this second manager stands at once and confirms later ones",
            "Then: shouxin account sign-in NAME, and shouxin purpose adopt CARD.toml --as NAME",
        ],
    )


def _said(given: str) -> tuple[str, bool | int]:
    """Read ``NAME=VALUE``; whether the law asks for it is checked where the workspace is made."""
    name, _, value = given.partition("=")
    if value in {"true", "false"}:
        return name, value == "true"
    if not (value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS):
        raise typer.BadParameter("expected NAME=true, NAME=false or NAME=COUNT, such as persons=1200000")
    return name, int(value)


def _without_contact(terminal: Terminal) -> list[str | Text]:
    """Return what follows from an institution that nobody can reach, and how that is mended."""
    first = "  Nobody can be told how to reach you. So no notice can be served (PIPL 17(1)(1)): nobody is asked or"
    return [
        Text(first, style="yellow"),
        Text("  told of a purpose, and no record is collected. To set it later, write in", style="yellow"),
        f"    {terminal.home / 'config.toml'}",
        '    contact = "https://…", complaint = "https://…" and dpo_contact = "…": the next command reads them',
    ]


def _only_unfinished(terminal: Terminal, name: str, origin: str) -> None:
    """Let ``init`` go on where it was interrupted before there was an account, and nowhere else."""
    institution = terminal.workspace().institution
    if (institution.name, institution.origin) != (name, origin):
        raise Misconfigured("there is a workspace of another name in this folder already")


def plant(group: typer.Typer) -> None:
    """Plant ``init`` at the top."""
    command(
        group,
        "init",
        'shouxin init --name "Example Bank" --origin log.example.com/shouxin --operator wang --contact https://bank.example',
    )(init)
