"""``shouxin account``: who may act here, and signing in and out."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from shouxin.cli import sign_ins
from shouxin.cli.asking import PassphraseFile, ask_passphrase
from shouxin.cli.command import command, new_group
from shouxin.cli.showing import Shown, columns, good
from shouxin.cli.terminal import Terminal
from shouxin.domain.clock import write
from shouxin.domain.identifiers import AccountId, show
from shouxin.errors import NotSignedIn

__all__ = ["add", "close", "group", "list_all", "sign_in", "sign_out"]

group = new_group("Accounts of people and programs, and their sign-ins.")

Name = Annotated[str, typer.Argument(help="The account's name.")]
Roles = Annotated[list[str], typer.Option("--role", help="What the account does; may be given several times.")]


class AccountSort(StrEnum):
    """Whose account it is, as the command line writes it."""

    PERSON = "person"
    SERVICE = "service"


@command(
    group,
    "add",
    "shouxin account add mei --role analyst",
    "shouxin account add scoring --role model --kind service --passphrase-file scoring.secret",
)
def add(
    terminal: Terminal,
    name: Name,
    role: Roles,
    kind: Annotated[AccountSort, typer.Option(help="A person, or a program.")] = AccountSort.PERSON,
    passphrase_file: PassphraseFile = None,
) -> Shown:
    """Add an account; only an operator does this. The first account of a workspace needs nobody's leave."""
    from shouxin.actors.account import AccountKind
    from shouxin.operations.accounts import add_account

    workspace = terminal.workspace()
    somebody = terminal.acting or sign_ins.current(terminal.home)
    token = terminal.token() if somebody else None
    secret = ask_passphrase(passphrase_file, twice=True, label=f"Passphrase for {name}")
    identifier = show(AccountId, add_account(workspace, token, name, role, secret, AccountKind(kind)))
    data = {"account": identifier, "name": name, "kind": kind.value, "roles": sorted(set(role))}
    return Shown(data, [good(f"{name} can sign in: shouxin account sign-in {name}")])


@command(group, "list", "shouxin account list --json")
def list_all(terminal: Terminal) -> Shown:
    """List all accounts; for operators, auditors and the data-protection officer."""
    from shouxin.operations.accounts import list_accounts

    found = list_accounts(terminal.workspace(), terminal.token())
    accounts = [
        {
            "account": show(AccountId, identifier),
            "name": account.name,
            "kind": account.kind.value,
            "roles": list(account.roles),
            "closed": account.closed,
        }
        for identifier, account in found
    ]
    rows = [
        (
            account.name,
            account.kind.value,
            " ".join(account.roles),
            "closed" if account.closed else "",
            show(AccountId, identifier),
        )
        for identifier, account in found
    ]
    return Shown({"accounts": accounts}, columns(("NAME", "KIND", "ROLES", "", "ACCOUNT"), rows))


@command(group, "close", "shouxin account close mei")
def close(terminal: Terminal, name: Name) -> Shown:
    """Close an account: its sign-ins stop working with the next operation."""
    from shouxin.operations.accounts import close_account

    close_account(terminal.workspace(), terminal.token(), name)
    sign_ins.forget(terminal.home, name)
    return Shown({"name": name}, [good(f"{name} is closed")])


@command(
    group,
    "sign-in",
    "shouxin account sign-in mei",
    "shouxin account sign-in scoring --passphrase-file scoring.secret --json",
)
def sign_in(
    terminal: Terminal,
    name: Name,
    hours: Annotated[int, typer.Option(min=1, max=24, help="How long the sign-in lasts.")] = 8,
    passphrase_file: PassphraseFile = None,
) -> Shown:
    """Sign in from this machine; later commands act by this account unless --as names another."""
    from shouxin.operations import accounts

    workspace = terminal.workspace()
    secret = ask_passphrase(passphrase_file, label=f"Passphrase of {name}")
    token, until = accounts.sign_in(workspace, name, secret, hours)
    sign_ins.keep(terminal.home, name, token)
    return Shown({"name": name, "until": write(until)}, [good(f"signed in as {name} until {write(until)}")])


@command(group, "sign-out", "shouxin account sign-out", "shouxin account sign-out --as mei")
def sign_out(terminal: Terminal) -> Shown:
    """End the sign-in that is kept here (that of --as, else the last) and forget it."""
    from shouxin.operations import accounts

    name = terminal.acting or sign_ins.current(terminal.home)
    token = terminal.token()
    try:
        accounts.sign_out(terminal.workspace(), token)
        ended = True
    except NotSignedIn:  # it had ended by itself: forgetting it is all that is left
        ended = False
    sign_ins.forget(terminal.home, name)
    return Shown({"name": name, "ended": ended}, [good(f"{name} is signed out")])
