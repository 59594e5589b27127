"""How an answer looks: lines for people, or one JSON object for programs.

Whatever came from outside is shown with its control characters spelled out, so that a name in a loan application
cannot move the cursor of whoever reads it. Lines are never cut: an identifier can always be copied.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from shouxin.errors import NotFound

__all__ = ["Shown", "columns", "good", "heading", "nobody", "printable", "say", "show", "show_json"]

_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Shown:
    """What a command answers: ``data`` for programs, ``lines`` for people, and the exit code.

    ``aside`` is for people too and goes to the error stream: a variable that takes the answer takes nothing else.
    """

    data: Mapping[str, object]
    lines: Sequence[str | Text] = field(default=())
    exit_code: int = 0
    aside: Sequence[str | Text] = field(default=())


class _Screen(Console):
    """A console that leaves it to ``exits`` what a reader's departure means."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def printable(text: str) -> str:
    """Return ``text`` with every character that would not be seen written as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(f"\\u{ord(letter):04x}" if unicodedata.category(letter) in _UNSEEN else letter for letter in text)


def heading(text: str) -> Text:
    """Return a line that stands out."""
    return Text(text, style="bold")


def good(text: str) -> Text:
    """Return a line that says that something was done."""
    return Text.assemble(("✓ ", "green"), text)


def nobody(key: str) -> Shown:
    """Return the answer of a search that found nobody: an empty list under ``key``; it ends as ``NotFound`` does."""
    detail = "nobody is found"
    said = Text.assemble((f"{NotFound.code}: ", "bold red"), detail)
    error = {"error": NotFound.code, "detail": detail, "reasons": [], "who_must_act": "caller"}
    return Shown({**error, key: []}, exit_code=1, aside=[said])


def columns(heads: Sequence[str], rows: Iterable[Sequence[object]], nothing: str = "none") -> list[str | Text]:
    """Return a table as lines: wide characters count twice, nothing is cut or wrapped."""
    cells = [[printable(str(cell)) for cell in row] for row in rows]
    if not cells:
        return [nothing]
    widths = [max(cell_len(line[at]) for line in [list(heads), *cells]) for at in range(len(heads))]

    def joined(line: Sequence[str]) -> str:
        padded = (cell + " " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True))
        return "  ".join(padded).rstrip()

    return [heading(joined(heads)), *map(joined, cells)]


def say(*lines: str | Text, err: bool = False) -> None:
    """Print lines for people; colour only where it is wanted (``NO_COLOR``)."""
    console = _Screen(stderr=err, highlight=False)
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)


def show_json(data: Mapping[str, object]) -> None:
    """Print one object on one line."""
    wide = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    sys.stdout.write(json.dumps(data, ensure_ascii=not wide) + "\n")


def show(answer: Shown, *, as_json: bool) -> None:
    """Print an answer. An ``ok`` that the command did not set says whether the exit code is 0."""
    if as_json:
        show_json({"ok": answer.exit_code == 0, **answer.data})
    else:
        say(*answer.lines)
        say(*answer.aside, err=True)
    sys.stdout.flush()
