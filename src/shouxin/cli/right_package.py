"""``shouxin right package`` and ``open-package``: the copy that a person receives, sealed for them alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from shouxin.cli.asking import PassphraseFile, ask_passphrase, read_file, write_bytes
from shouxin.cli.command import command
from shouxin.cli.right import Asked, group
from shouxin.cli.showing import Shown, good
from shouxin.cli.terminal import Terminal
from shouxin.domain.identifiers import RightId, parse

__all__ = ["open_one", "package"]

_ONE: Final = "rgt_0123456789abcdef0123456789abcdef"


@command(group, "package", f"shouxin right package {_ONE} --out copy.html")
def package(
    terminal: Terminal,
    right: Asked,
    out: Annotated[Path, typer.Option("--out", help="Where the sealed file goes.")],
    passphrase_out: Annotated[
        Path | None, typer.Option("--passphrase-out", help="Write the passphrase there, not on the screen.")
    ] = None,
) -> Shown:
    """Make the copy of everything kept about a person, sealed; any browser opens it with the passphrase.

    The passphrase is shown once and kept nowhere. Tell it to the person by another way than the file.
    """
    from shouxin.operations.rights.access_package import make_package

    made = make_package(terminal.workspace(), terminal.token(), parse(RightId, right))
    write_bytes(out, made.file.encode())
    left = [{"item": one.item, "purpose": one.purpose, "why": one.why, "article": one.article} for one in made.left_out]
    data: dict[str, object] = {"right": right, "file": out.name, "leaf": made.leaf, "left_out": left}
    lines: list[str] = [f"passphrase {made.passphrase}"]
    if passphrase_out is not None:
        write_bytes(passphrase_out, f"{made.passphrase}\n".encode())
        lines = []
    else:
        data["passphrase"] = made.passphrase
    coming = f"Next: shouxin right fulfil {right} --done package"
    told = [f"  left out: {one.item} of {one.purpose}: {one.why} ({one.article})" for one in made.left_out]
    return Shown(data, [good(f"{out.name} is sealed; recorded as leaf {made.leaf}"), *lines, *told, coming])


@command(group, "open-package", "shouxin right open-package copy.html --out copy --passphrase-file passphrase.txt")
def open_one(
    terminal: Terminal,  # noqa: ARG001 - every command is given one
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The sealed file.")],
    out: Annotated[Path, typer.Option("--out", help="The folder for what is inside; it is made.")],
    passphrase_file: PassphraseFile = None,
) -> Shown:
    """Open a sealed copy without a browser. Needs no workspace and no sign-in."""
    from shouxin.operations.rights.access_package import open_package

    inside = open_package(read_file(file, most=1 << 28), ask_passphrase(passphrase_file))
    out.mkdir(parents=True, exist_ok=True)
    for name, body in inside.files.items():
        write_bytes(out / Path(name).name, body)
    names = sorted(inside.files)
    return Shown({"files": names}, [good(f"{out.name}/{name}") for name in names])
