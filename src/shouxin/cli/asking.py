"""What a command asks for beside its options.

Secrets and people's values never come as arguments: those are seen by whoever lists processes, and kept by the shell's
history.
"""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from shouxin.errors import Invalid

__all__ = [
    "PassphraseFile",
    "ValueFile",
    "ask",
    "ask_passphrase",
    "ask_value",
    "read_bytes",
    "read_file",
    "write_bytes",
]

_FROM: Final = "SHOUXIN_PASSPHRASE"  # the variable from which programs give it

PassphraseFile = Annotated[
    Path | None,
    typer.Option("--passphrase-file", help=f"Read the passphrase from a file; else from ${_FROM}; else ask."),
]
ValueFile = Annotated[
    Path | None,
    typer.Option("--value-file", help="Read the value from a file ('-': standard input); else ask for it, unseen."),
]


def read_file(path: Path, *, most: int = 1 << 20) -> str:
    """Return the text of a file, or of standard input for ``-``.

    Raises:
        Invalid: it cannot be read, is no UTF-8, or is longer than ``most`` characters.
    """
    try:
        if str(path) == "-":
            text = sys.stdin.read(most + 1)
        else:
            with path.open(encoding="utf-8") as file:
                text = file.read(most + 1)
    except OSError as error:
        raise Invalid(f"cannot be read ({error.strerror})", path.name) from None
    except UnicodeDecodeError:
        raise Invalid("is not UTF-8 text", path.name) from None
    if len(text) > most:
        raise Invalid("is too long", path.name)
    return text


def read_bytes(path: Path, *, most: int = 1 << 26) -> bytes:
    """Return the bytes of a file, or of standard input for ``-``.

    Raises:
        Invalid: it cannot be read, or is longer than ``most`` bytes.
    """
    try:
        if str(path) == "-":
            content = sys.stdin.buffer.read(most + 1)
        else:
            with path.open("rb") as file:
                content = file.read(most + 1)
    except OSError as error:
        raise Invalid(f"cannot be read ({error.strerror})", path.name) from None
    if len(content) > most:
        raise Invalid("is too long", path.name)
    return content


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file that the caller named.

    Raises:
        Invalid: it cannot be written.
    """
    try:
        path.write_bytes(content)
    except OSError as error:
        raise Invalid(f"cannot be written ({error.strerror})", path.name) from None


def ask(label: str, option: str) -> str:
    """Ask whoever sits at the terminal.

    Raises:
        typer.BadParameter: nobody sits there; names the option that was needed.
    """
    if not sys.stdin.isatty():
        raise typer.BadParameter(f"{label.lower()} is needed", param_hint=option)
    return str(typer.prompt(label, err=True))


def _ask_unseen(label: str, option: str) -> str:
    """Ask without an echo, or read one line where standard input is no terminal."""
    if sys.stdin.isatty():
        return getpass.getpass(f"{label}: ", stream=sys.stderr)
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise typer.BadParameter(
            f"{label.lower()} is needed: from a file, standard input or a terminal", None, None, option
        )
    return line


def ask_passphrase(file: Path | None, *, twice: bool = False, label: str = "Passphrase") -> str:
    """Return a passphrase: from ``file``, the environment, a terminal (``twice`` for a new one), or standard input.

    Raises:
        typer.BadParameter: there is none, or the two differ.
    """
    if file is not None:
        return read_file(file, most=4096).rstrip("\r\n")
    if given := os.environ.get(_FROM):
        return given
    first = _ask_unseen(label, "--passphrase-file")
    if twice and sys.stdin.isatty() and first != _ask_unseen(f"{label}, once more", "--passphrase-file"):
        raise typer.BadParameter("the two passphrases differ", param_hint="--passphrase-file")
    return first


def ask_value(file: Path | None, label: str) -> str:
    """Return a value about a person: from ``file``, a terminal without echo, or standard input."""
    if file is not None:
        return read_file(file).rstrip("\r\n")
    return _ask_unseen(label, "--value-file")
