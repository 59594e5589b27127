"""``shouxin backup``, ``restore`` and ``upgrade``: copies, a way back that brings nobody back, and a newer version."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated, TypedDict

import typer

from shouxin.cli import sign_ins
from shouxin.cli.asking import PassphraseFile, ask, ask_passphrase
from shouxin.cli.command import command
from shouxin.cli.showing import Shown, good
from shouxin.cli.terminal import Terminal
from shouxin.domain.counted import counted
from shouxin.domain.identifiers import SubjectId, show
from shouxin.errors import NotSignedIn, Refused

__all__ = ["plant"]


class _Lost(TypedDict):
    """Whose values were corrected since the backup, and which."""

    subject: str
    items: list[str]


def backup(
    terminal: Terminal, target: Annotated[Path, typer.Argument(metavar="TARGET", help="An empty folder to write to.")]
) -> Shown:
    """Write consistent copies of data and keyring, in two folders to be kept apart; root keys are in neither."""
    from shouxin.operations.recovery.backup import back_up

    made = back_up(terminal.workspace(), terminal.token(), target)
    data = {"target": str(target), "epoch": made.epoch, "size": made.size, "files": made.files}
    return Shown(
        {**data, "manifest": made.digest()},
        [
            good(
                f"{counted(len(made.files), 'file')} below {target}: epoch {made.epoch}, {counted(made.size, 'entry')}"
            ),
            f"  manifest {made.digest()}",
            "  Keep 'keyring' apart from 'data'; neither opens anything without the root key.",
        ],
    )


def restore(
    terminal: Terminal,
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="The folder that 'backup' wrote.")],
    passphrase_file: PassphraseFile = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask once more.")] = False,
) -> Shown:
    """Put a backup back. Whoever was erased since stays erased, and rights that ended since stay ended.

    The operator (--as, else who signed in last) signs in anew: the backup may not know their sign-in.
    """
    from shouxin.bootstrap import restore_workspace, unrecorded_upgrade, upgrade_recorded
    from shouxin.operations.recovery.backup import reconcile
    from shouxin.operations.recovery.upgrade import record_upgrade
    from shouxin.operations.staff.accounts import sign_in

    name = terminal.acting or sign_ins.current(terminal.home) or ask("Name of an operator", "--as")
    secret = ask_passphrase(passphrase_file, label=f"Passphrase of {name}")
    if sys.stdin.isatty() and not (yes or terminal.as_json):
        typer.confirm(f"Replace the data and keyring of {terminal.home}?", abort=True, err=True)
    terminal.opened, leaves = restore_workspace(terminal.home, source)
    token, _ = sign_in(terminal.opened, name, secret, restoring=True)
    sign_ins.keep(terminal.home, name, token)
    done = reconcile(terminal.opened, token)
    upgraded = unrecorded_upgrade(terminal.home)
    if upgraded is not None:  # an older version made the backup
        record_upgrade(terminal.opened, token, *upgraded)
        upgrade_recorded(terminal.home)
    lost: list[_Lost] = [{"subject": show(SubjectId, who), "items": list(items)} for who, items in done.lost.items()]
    data = {"leaves": leaves, "chains": done.chains, "cells": done.cells, "ended": done.ended, "enter_again": lost}
    data |= {"plans_ended": list(done.plans)}
    data |= {"published": list(done.published), "was_schema": upgraded[0] if upgraded else None}
    lost_of = Counter(item for items in done.lost.values() for item in items)
    return Shown(
        data,
        [
            good(f"restored from {source}, with {counted(leaves, 'entry')} signed since"),
            (
                f"  {counted(done.chains, 'key')} and {counted(done.cells, 'cell')} destroyed again,"
                f" {counted(done.ended, 'right')} ended again"
            ),
            *([f"  {_from_to(*upgraded)}"] if upgraded else []),
            *(
                f"! corrected since the backup: {item} of {counted(many, 'person')} must be entered again"
                for item, many in sorted(lost_of.items())
            ),
            *(f"  shouxin subject correct {one['subject']} --item {item}" for one in lost for item in one["items"]),
            *(
                f"! plan {code} ended: its later version is lost; propose it again under a new code"
                for code in done.plans
            ),
            *(f"! {name} is not what the log says: nobody would believe it" for name in done.published),
            "  all deletion is paused until a data-protection officer has looked: shouxin deletion go-on",
            "Next: shouxin ledger verify",
        ],
    )


def _from_to(was: int, schema: int) -> str:
    return f"from schema {was} to {schema}"


def upgrade(terminal: Terminal) -> Shown:
    """Bring a workspace that an older version made to what this one knows. Back it up with that version first."""
    from shouxin.bootstrap import take_back_upgrade, upgrade_recorded, upgrade_workspace
    from shouxin.operations.recovery.upgrade import record_upgrade

    if (terminal.home / "config.toml").exists():
        sign_ins.stored(
            terminal.home, terminal.acting
        )  # whose role is seen once the stores open; who is not there, now
    was, schema = upgrade_workspace(terminal.home)
    try:
        record_upgrade(terminal.workspace(), terminal.token(), was, schema)
    except (Refused, NotSignedIn):
        take_back_upgrade(terminal.home, was)
        raise
    upgrade_recorded(terminal.home)
    said = f"schema {schema} already; nothing was lacking" if was == schema else _from_to(was, schema)
    return Shown(
        {"was": was, "schema": schema},
        [good(said), "Next: shouxin doctor, which says what else this version wants; shouxin ledger verify"],
    )


def plant(group: typer.Typer) -> None:
    """Plant ``backup``, ``restore`` and ``upgrade`` at the top."""
    command(group, "backup", "shouxin backup copies/today")(backup)
    command(group, "restore", "shouxin restore copies/today --as wang")(restore)
    command(group, "upgrade", "shouxin upgrade --as wang")(upgrade)
