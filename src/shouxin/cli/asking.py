"""What a command asks for beside its options.

Secrets and people's values never come as arguments: those are seen by whoever lists processes, and kept by the shell's
history.
"""

from __future__ import annotations

import codecs
import getpass
import os
import re
import select
import stat
import sys
from io import RawIOBase
from pathlib import Path
from typing import Annotated, Final

import typer

from shouxin.errors import Invalid

__all__ = [
    "NewPassphraseFile",
    "PassphraseFile",
    "ValueFile",
    "ask",
    "ask_new_passphrase",
    "ask_passphrase",
    "ask_value",
    "called",
    "read_bytes",
    "read_file",
    "write_bytes",
]

_FROM: Final = "SHOUXIN_PASSPHRASE"  # the variable from which programs give it

_NEW_FROM: Final = "SHOUXIN_NEW_PASSPHRASE"
_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}")  # no name of a person, as these are written here
_NUMBER: Final = re.compile(r"[0-9]{6}")  # and no number of one
_UTF_8: Final = codecs.getincrementaldecoder("utf-8-sig")
_DOCUMENTS: Final = {
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "a Word file or an archive",
    b"\xd0\xcf\x11\xe0": "an Office file",
}
_PATIENCE: Final = 10.0  # seconds that a pipe may say nothing

PassphraseFile = Annotated[
    Path | None,
    typer.Option("--passphrase-file", help=f"Read the passphrase from a file; else from ${_FROM}; else ask."),
]
NewPassphraseFile = Annotated[
    Path | None,
    typer.Option("--new-passphrase-file", help=f"Read the new one from a file; else from ${_NEW_FROM}; else ask."),
]
ValueFile = Annotated[
    Path | None,
    typer.Option("--value-file", help="Read the value from a file ('-': standard input); else ask for it, unseen."),
]


def called(path: Path, number: int = 0) -> str:
    """Return what an error calls a file: its name where that is plain, else only that it is the file, or which one.

    Files are often named after the people in them; an error is copied into tickets and kept in logs.
    """
    if _PLAIN.fullmatch(path.name) and not _NUMBER.search(path.name):
        return path.name
    return f"file {number}" if number else "the file"


def read_file(path: Path, *, most: int = 1 << 20) -> str:
    """Return the text of a file, or of standard input for ``-``.

    Raises:
        Invalid: it cannot be read, is no UTF-8, or is longer than ``most`` characters (``place`` is file and line); a
            pipe into which nobody wrote.
    """
    if str(path) == "-":
        text = sys.stdin.read(most + 1)
    else:
        try:
            # Line ends as text files have them, and no mark at the head; a character has at most four bytes. Where
            # reading stopped, the last character may be cut: it is one too many anyway.
            content = _bytes(path, 4 * most)
            _refuse_document(content, path)
            text = _UTF_8().decode(content, final=len(content) <= 4 * most)
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            raise Invalid("is not UTF-8 text: save it as UTF-8", f"{called(path)}:{line}") from None
    if len(text) > most:
        line = text.count("\n", 0, most) + 1
        raise Invalid(f"is too long: it has more than {most:,} characters", f"{called(path)}:{line}")
    return text


def _refuse_document(content: bytes, path: Path) -> None:
    """Say of a document of an office that it is one: that its bytes are no UTF-8 helps nobody.

    Raises:
        Invalid: it is one.
    """
    for begins, name in _DOCUMENTS.items():
        if content.startswith(begins):
            raise Invalid(
                f"is {name}, and only plain text is read: save it as text in the program that shows it, "
                "or copy its text into a .txt file",
                called(path),
            )


def read_bytes(path: Path, *, most: int = 1 << 26) -> bytes:
    """Return the bytes of a file, of standard input for ``-``, or of a pipe that a shell made for ``<(…)``.

    Raises:
        Invalid: it cannot be read, or is longer than ``most`` bytes; a pipe into which nobody wrote for ten seconds.
    """
    content = _bytes(path, most)
    if len(content) > most:
        raise Invalid("is too long", called(path))
    return content


def _bytes(path: Path, most: int) -> bytes:
    """Return ``most`` + 1 bytes at most, of whatever ``read_bytes`` reads."""
    try:
        content = sys.stdin.buffer.read(most + 1) if str(path) == "-" else _read(path, most)
    except OSError as error:
        raise Invalid(f"cannot be read ({error.strerror})", called(path)) from None
    if content is None:
        raise Invalid("cannot be read", called(path))
    return content


def _read(path: Path, most: int) -> bytes | None:
    """Return ``most`` + 1 bytes of a file at most."""
    # Without O_NONBLOCK the opening of a pipe waits for whoever writes, and that may be nobody, for ever.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb", buffering=0) as file:
        about = os.fstat(file.fileno())
        if stat.S_ISFIFO(about.st_mode):
            return _pour(file, path, most)
        # What is read is set aside first: no more than the file can need.
        return file.read(min(most, about.st_size) + 1 if about.st_size else most + 1)


def _pour(pipe: RawIOBase, path: Path, most: int) -> bytes:
    """Return what comes out of a pipe until its writer closes it, ``most`` + 1 bytes at most."""
    found = bytearray()
    while len(found) <= most:
        if not select.select([pipe], [], [], _PATIENCE)[0]:
            raise Invalid("is a pipe into which nobody writes", called(path))
        part = pipe.read(most + 1 - len(found))
        if part is None:
            continue
        if not part:
            break
        found += part
    if not found:  # nobody had it open for writing
        raise Invalid("is a pipe into which nobody writes", called(path))
    return bytes(found)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file that the caller named.

    Raises:
        Invalid: it cannot be written.
    """
    try:
        path.write_bytes(content)
    except OSError as error:
        raise Invalid(f"cannot be written ({error.strerror})", called(path)) from None


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


def ask_new_passphrase(file: Path | None, label: str) -> str:
    """Return the passphrase that somebody chooses: from ``file``, the environment, or typed twice.

    Raises:
        typer.BadParameter: there is none, or the two differ.
    """
    if file is not None:
        return read_file(file, most=4096).rstrip("\r\n")
    if given := os.environ.get(_NEW_FROM):
        return given
    first = _ask_unseen(label, "--new-passphrase-file")
    if sys.stdin.isatty() and first != _ask_unseen(f"{label}, once more", "--new-passphrase-file"):
        raise typer.BadParameter("the two passphrases differ", param_hint="--new-passphrase-file")
    return first


def ask_value(file: Path | None, label: str, *, option: str = "--value-file") -> str:
    """Return a value that nobody else may read: from ``file``, a terminal without echo, or standard input."""
    if file is not None:
        return read_file(file).rstrip("\r\n")
    return _ask_unseen(label, option)
