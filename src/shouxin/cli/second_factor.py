"""``shouxin account second-factor``: enrol a telephone for what a passphrase alone is too little for."""

from __future__ import annotations

import io
from typing import Annotated

import typer
from rich.text import Text

from shouxin.cli.account import group
from shouxin.cli.asking import PassphraseFile, ask_passphrase
from shouxin.cli.command import command
from shouxin.cli.showing import Shown, good
from shouxin.cli.terminal import Terminal
from shouxin.errors import NotFound

__all__ = ["enrol", "group", "reset"]


@command(group, "second-factor", "shouxin account second-factor --as sun")
def enrol(
    terminal: Terminal,
    passphrase_file: PassphraseFile = None,
) -> Shown:
    """Enrol your telephone: scan the code with any authenticator application. It is shown this once."""
    import segno

    from shouxin.operations.staff.second_factor import enrol_second_factor

    passphrase = ask_passphrase(passphrase_file)
    address = enrol_second_factor(terminal.workspace(), terminal.token(), passphrase)
    drawn = io.StringIO()
    segno.make(address, error="l").terminal(drawn, compact=True)
    lines: list[str | Text] = [
        *drawn.getvalue().splitlines(),
        address,
        good("enrolled; a deletion in bulk asks for its code"),
    ]
    return Shown({"address": address}, lines)


@command(group, "reset-second-factor", "shouxin account reset-second-factor sun --as wei")
def reset(
    terminal: Terminal, name: Annotated[str, typer.Argument(metavar="NAME", help="Whose telephone is lost.")]
) -> Shown:
    """End somebody's telephone, so that they can enrol another; never one's own."""
    from shouxin.operations.staff.accounts import list_accounts
    from shouxin.operations.staff.second_factor import reset_second_factor

    workspace, token = terminal.workspace(), terminal.token()
    found = [identifier for identifier, account in list_accounts(workspace, token) if account.name == name]
    if not found:
        raise NotFound("there is no account of this name")
    reset_second_factor(workspace, token, found[0])
    return Shown({"account": name, "reset": True}, [good(f"{name} may enrol another telephone")])
