"""``shouxin doctor``: whether this installation is in order."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import typer
from rich.text import Text

from shouxin import __version__
from shouxin.cli.command import command
from shouxin.cli.showing import Shown
from shouxin.cli.terminal import Terminal
from shouxin.domain.clock import write
from shouxin.domain.counted import counted
from shouxin.errors import IntegrityError, ShouxinError

__all__ = ["plant"]

_ROOM: Final = 256 << 20
_PRIVATE: Final = ("root", "keyring", "sign-ins")


@dataclass(frozen=True, slots=True)
class _Look:
    """One thing that was looked at. ``advice`` may be wanting without anything being broken."""

    name: str
    ok: bool
    detail: str
    advice: bool = False


def _machine(home: Path) -> Iterator[_Look]:
    version = platform.python_version()
    yield _Look("python", sys.version_info >= (3, 11), f"Python {version}, Shouxin {__version__}")
    place = next(folder for folder in (home, *home.absolute().parents) if folder.exists())
    free = shutil.disk_usage(place).free
    yield _Look("disk", free >= _ROOM, f"{free >> 20} MiB free")


def _folders(home: Path) -> Iterator[_Look]:
    """Look whether keys and sign-ins are closed to others, and whether what should be apart is apart."""
    for name in _PRIVATE:
        paths = [home / name, *(home / name).glob("*")]
        open_to_others = [path.name for path in paths if path.exists() and path.stat().st_mode & 0o077]
        detail = f"open to others: {', '.join(open_to_others)}" if open_to_others else "closed to others"
        # the keyring's rows are wrapped; what opens something by itself is the root key and the sign-ins
        yield _Look(name, not open_to_others, detail, advice=name == "keyring")
    places = {name: (home / name).stat().st_dev for name in ("data", "keyring", "apart") if (home / name).exists()}
    one_disk = len(set(places.values())) == 1
    detail = "data, keyring and checkpoint lie on one disk" if one_disk else "data, keyring and checkpoint lie apart"
    yield _Look("apart", not one_disk, detail, advice=True)


def _stores(terminal: Terminal) -> Iterator[_Look]:
    """Open everything: root key, keyring, data store, index, and the checkpoint kept apart."""
    from shouxin.operations.adopting.standing_law import law_in_force
    from shouxin.operations.index_age import lagging

    workspace = terminal.workspace()
    yield _Look("root key", ok=True, detail="opens the keyring")
    size, last = workspace.data.read(lambda records: (records.ledger.size, records.ledger.last_at))
    note = workspace.shelf.get()
    signed = workspace.head.open(note).size if note is not None else 0
    detail = f"{counted(size, 'entry')}, {signed:,} signed"
    yield _Look("ledger", size >= signed, detail if size >= signed else f"rolled back: {detail}")
    late = workspace.data.read(lambda records: lagging(workspace, records))
    old = f"{late}.db is missing or older than the data store: put today's back, or restore a backup"
    yield _Look("index", late is None, old if late is not None else "is as old as the data store")
    behind = workspace.clock.now() < last
    yield _Look("clock", not behind, f"the last entry is of {write(last)}", advice=True)
    adopted = workspace.data.read(lambda records: law_in_force(workspace, records))
    waits = adopted is None or not adopted.is_of(workspace.pack, workspace.institution.facts)
    more = "is not adopted, nothing is decided: run shouxin law impact" if waits else "is adopted"
    yield _Look("law", not waits, f"the pack {workspace.pack.region}, version {workspace.pack.version}, {more}")
    epochs = workspace.custody.keyring.epochs()
    steps = {row.epoch: row.step for row in epochs}
    current = max(steps)
    waits = steps[current] != "settled"
    more = f" stopped at {steps[current]}: run shouxin key advance" if waits else " is settled"
    yield _Look("keys", not waits, f"epoch {current}{more}", advice=True)


def _looks(terminal: Terminal) -> Iterator[_Look]:
    yield from _machine(terminal.home)
    if not (terminal.home / "config.toml").exists():
        yield _Look("workspace", ok=False, detail="there is no workspace here: make one with 'shouxin init'")
        return
    yield from _folders(terminal.home)
    try:
        yield from _stores(terminal)
    except IntegrityError:
        raise
    except ShouxinError as error:
        yield _Look(error.code, ok=False, detail=error.detail)


def doctor(terminal: Terminal) -> Shown:
    """Look at this installation: machine, folders, keys, stores, clock. 'ledger verify' looks at every entry."""
    looks = list(_looks(terminal))
    broken = [look for look in looks if not (look.ok or look.advice)]
    lines = [
        Text.assemble(
            ("✓ ", "green") if look.ok else ("• ", "yellow") if look.advice else ("✗ ", "red"),
            f"{look.name:10} {look.detail}",
        )
        for look in looks
    ]
    checks = [{"name": one.name, "ok": one.ok, "advice": one.advice, "detail": one.detail} for one in looks]
    return Shown({"checks": checks}, lines, exit_code=1 if broken else 0)


def plant(group: typer.Typer) -> None:
    """Plant ``doctor`` at the top."""
    command(group, "doctor", "shouxin doctor")(doctor)
