"""``shouxin account``: who may act here, and signing in and out."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from shouxin.cli import sign_ins
from shouxin.cli.asking import (
    NewPassphraseFile,
    PassphraseFile,
    ask_new_passphrase,
    ask_passphrase,
    ask_value,
)
from shouxin.cli.command import command, new_group
from shouxin.cli.showing import Shown, columns, good
from shouxin.cli.terminal import Terminal
from shouxin.domain.clock import write
from shouxin.domain.identifiers import AccountId, show
from shouxin.errors import NotSignedIn

__all__ = ["add", "close", "confirm", "enrol", "group", "list_all", "passphrase", "sign_in", "sign_out"]

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
    """Add an account; only an operator does this. It can act once another manager confirmed it and its person enrolled.

    The passphrase is for the first time only. The first account of a workspace needs nobody's leave, and the first
    manager (operator or dpo) whom it adds stands at once: there is nobody else who could confirm.
    """
    from shouxin.actors.account import AccountKind
    from shouxin.actors.transitions import state_of
    from shouxin.operations.staff.accounts import add_account, list_accounts

    workspace = terminal.workspace()
    somebody = terminal.acting or sign_ins.current(terminal.home)
    token = terminal.token() if somebody else None
    secret = ask_passphrase(passphrase_file, twice=True, label=f"Passphrase for {name}")
    made = add_account(workspace, token, name, role, secret, AccountKind(kind))
    found = dict(list_accounts(workspace, token)) if token else {}
    state = state_of(found[made]).value if found else "active"
    identifier = show(AccountId, made)
    data = {"account": identifier, "name": name, "kind": kind.value, "roles": sorted(set(role)), "state": state}
    if state == "active":
        return Shown(data, [good(f"{name} can sign in: shouxin account sign-in {name}")])
    return Shown(
        data, [good(f"{name} is added; another manager confirms it: shouxin account confirm {name} --as OTHER")]
    )


@command(group, "confirm", "shouxin account confirm mei --as chen")
def confirm(terminal: Terminal, name: Name) -> Shown:
    """Confirm an account that another manager added, and print the code by which its person takes it over.

    For operators and the data-protection officer (an auditor where no other manager is left); never for who added it.
    Give the code to the person yourself, once you know that it is they: it is shown once and ends after 72 hours.
    Confirm again for a new one.
    """
    from shouxin.operations.staff.accounts import confirm_account

    code = confirm_account(terminal.workspace(), terminal.token(), name)
    lines: list[str | Text] = [
        good(f"{name} is confirmed; the code for them: {code}"),
        f"They go on with: shouxin account enrol {name}",
    ]
    return Shown({"name": name, "code": code}, lines)


@command(
    group,
    "enrol",
    "shouxin account enrol mei",
    "shouxin account enrol scoring --passphrase-file first.secret --code-file code --new-passphrase-file own.secret",
)
def enrol(
    terminal: Terminal,
    name: Name,
    passphrase_file: PassphraseFile = None,
    code_file: Annotated[
        Path | None, typer.Option("--code-file", help="Read the code from a file ('-': standard input); else ask.")
    ] = None,
    new_passphrase_file: NewPassphraseFile = None,
) -> Shown:
    """Take a confirmed account over: the first passphrase, the code, and a passphrase that only you know."""
    from shouxin.operations.staff.enrol import enrol as take_over

    workspace = terminal.workspace()
    first = ask_passphrase(passphrase_file, label=f"First passphrase of {name}")
    code = ask_value(code_file, f"Code for {name}", option="--code-file")
    chosen = ask_new_passphrase(new_passphrase_file, f"New passphrase for {name}")
    take_over(workspace, name, first, code, chosen)
    return Shown({"name": name, "state": "active"}, [good(f"{name} can sign in: shouxin account sign-in {name}")])


@command(group, "passphrase", "shouxin account passphrase --as mei")
def passphrase(
    terminal: Terminal, passphrase_file: PassphraseFile = None, new_passphrase_file: NewPassphraseFile = None
) -> Shown:
    """Change your own passphrase."""
    from shouxin.operations.staff.enrol import change_passphrase

    workspace, token = terminal.workspace(), terminal.token()
    present = ask_passphrase(passphrase_file, label="Present passphrase")
    chosen = ask_new_passphrase(new_passphrase_file, "New passphrase")
    change_passphrase(workspace, token, present, chosen)
    return Shown({"changed": True}, [good("the passphrase is changed")])


@command(group, "list", "shouxin account list --json")
def list_all(terminal: Terminal) -> Shown:
    """List all accounts; for operators, auditors and the data-protection officer."""
    from shouxin.actors.transitions import state_of
    from shouxin.operations.staff.accounts import list_accounts

    found = list_accounts(terminal.workspace(), terminal.token())
    accounts = [
        {
            "account": show(AccountId, identifier),
            "name": account.name,
            "kind": account.kind.value,
            "roles": list(account.roles),
            "state": state_of(account).value,
            "closed": account.closed,
        }
        for identifier, account in found
    ]
    rows = [
        (
            account.name,
            account.kind.value,
            " ".join(account.roles),
            state_of(account).value,
            show(AccountId, identifier),
        )
        for identifier, account in found
    ]
    return Shown({"accounts": accounts}, columns(("NAME", "KIND", "ROLES", "STATE", "ACCOUNT"), rows))


@command(group, "close", "shouxin account close mei")
def close(terminal: Terminal, name: Name) -> Shown:
    """Close an account: its sign-ins stop working with the next operation."""
    from shouxin.operations.staff.accounts import close_account

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
    from shouxin.operations.staff import accounts

    workspace = terminal.workspace()
    secret = ask_passphrase(passphrase_file, label=f"Passphrase of {name}")
    token, until = accounts.sign_in(workspace, name, secret, hours)
    sign_ins.keep(terminal.home, name, token)
    return Shown({"name": name, "until": write(until)}, [good(f"signed in as {name} until {write(until)}")])


@command(group, "sign-out", "shouxin account sign-out", "shouxin account sign-out --as mei")
def sign_out(terminal: Terminal) -> Shown:
    """End the sign-in that is kept here (that of --as, else the last) and forget it."""
    from shouxin.operations.staff import accounts

    name = terminal.acting or sign_ins.current(terminal.home)
    token = terminal.token()
    try:
        accounts.sign_out(terminal.workspace(), token)
        ended = True
    except NotSignedIn:  # it had ended by itself: forgetting it is all that is left
        ended = False
    sign_ins.forget(terminal.home, name)
    return Shown({"name": name, "ended": ended}, [good(f"{name} is signed out")])
