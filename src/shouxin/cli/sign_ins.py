"""The sign-ins of this machine: ``sign-ins/NAME.token`` (0600) for each account, ``sign-ins/current`` for the last.

Whoever can read such a file acts as that account until the sign-in ends, so a file that others can read is not used.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from shouxin.errors import Misconfigured, NotSignedIn

if TYPE_CHECKING:  # --help must not load what hashes passphrases
    from shouxin.actors.account import Token

__all__ = ["current", "forget", "keep", "stored"]

_FOLDER: Final = "sign-ins"
_CURRENT: Final = "current"


def _file(home: Path, name: str) -> Path:
    """Return where the token of ``name`` is kept; no name leads out of the folder."""
    safe = name.replace("%", "%25").replace("/", "%2F").replace("\0", "%00")
    return home / _FOLDER / f"{safe}.token"


def _write(path: Path, text: str) -> None:
    """Put ``text`` at ``path`` as a whole, readable by the owner only."""
    handle, draft = tempfile.mkstemp(dir=path.parent)  # made with mode 0600
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(draft).replace(path)


def keep(home: Path, name: str, token: Token) -> None:
    """Keep a token, and let its account be the one that acts from now on.

    Raises:
        Misconfigured: the folder cannot be written.
    """
    try:
        (home / _FOLDER).mkdir(mode=0o700, exist_ok=True)
        _write(_file(home, name), token)
        _write(home / _FOLDER / _CURRENT, name)
    except OSError as error:
        raise Misconfigured(f"the sign-in cannot be kept ({error.strerror})") from None


def current(home: Path) -> str:
    """Return the name of whoever signed in last, or nothing."""
    try:
        return (home / _FOLDER / _CURRENT).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def stored(home: Path, name: str = "") -> Token:
    """Return the token kept for ``name``, or for whoever signed in last.

    Raises:
        NotSignedIn: there is none. Misconfigured: others can read it.
    """
    from shouxin.actors.account import Token

    name = name or current(home)
    if not name:
        raise NotSignedIn("nobody is signed in here: shouxin account sign-in NAME")
    path = _file(home, name)
    try:
        token = path.read_text("utf-8").strip()
        mode = path.stat().st_mode
    except (OSError, UnicodeDecodeError):
        raise NotSignedIn("this account is not signed in here: shouxin account sign-in NAME") from None
    if mode & 0o077:
        raise Misconfigured("the file of this sign-in can be read by others: sign in again after chmod 600")
    return Token(token)


def forget(home: Path, name: str) -> None:
    """Remove what is kept for ``name``; nothing happens if there is nothing."""
    _file(home, name).unlink(missing_ok=True)
    if current(home) == name:
        (home / _FOLDER / _CURRENT).unlink(missing_ok=True)
