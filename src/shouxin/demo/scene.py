"""What a scene of the demo is given, and what it gives back."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from shouxin.demo.applications import Application
from shouxin.demo.cast import Cast
from shouxin.domain.identifiers import ObjectId, SubjectId
from shouxin.domain.plaintext import Plaintext
from shouxin.operations.workspace import Workspace

__all__ = ["DemoStage", "Scene", "program"]


_NOBODY: Final = SubjectId(b"")
_NOTHING: Final = ObjectId(b"")


@dataclass(slots=True)
class Scene:
    """One step: what it is called, whether its checks held, what it found, and how to see it again."""

    name: str
    title: str
    command: str
    ok: bool = True
    seconds: float = 0.0
    figures: dict[str, Any] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def check(self, holds: object, line: str) -> None:
        """Add a line to the story; the scene holds only if every one of them does."""
        self.ok = self.ok and bool(holds)
        self.lines.append(line if holds else f"NOT SO: {line}")

    def as_json(self) -> dict[str, Any]:
        """Return the step as ``--json`` prints it."""
        return {"name": self.name, "ok": self.ok, "seconds": self.seconds, **self.figures, "command": self.command}


def program() -> str:
    """Return what starts the product from where the reader stands: its name, or where it is when no shell finds it."""
    here = Path(sys.executable).with_name("shouxin")
    found = shutil.which("shouxin")
    if not here.is_file() or (found is not None and Path(found).samefile(here)):
        return "shouxin"
    return str(here.relative_to(Path.cwd())) if here.is_relative_to(Path.cwd()) else str(here)


@dataclass(slots=True)
class DemoStage:
    """What scenes share: the workspace, the cast, where things are, and who came in.

    ``customer`` is an approved borrower who stays; ``borrower`` is one, and ``declined`` an applicant, who ask to be
    erased; ``known`` are the applications of the declined, the borrower and the customer. ``film`` is SHA-256 of the
    borrower's video. ``kept`` is where the workspace can be found after the story.
    """

    workspace: Workspace
    cast: Cast
    home: Path
    kept: str
    scratch: Path
    rows: int
    say: Callable[..., None]
    figures: dict[str, Any] = field(default_factory=dict)
    customer: SubjectId = _NOBODY
    customer_number: Plaintext = field(default_factory=lambda: Plaintext(b""))
    borrower: SubjectId = _NOBODY
    declined: SubjectId = _NOBODY
    known: list[Application] = field(default_factory=list)
    applicants: list[SubjectId] = field(default_factory=list)
    video: ObjectId = _NOTHING
    film: str = ""
    leaf: int = -1

    def command(self, *words: str, acting: str = "") -> str:
        """Return a command line that runs against the workspace that is kept, as ``acting`` where it signs in."""
        shared = ["--home", self.kept, *(["--as", acting] if acting else [])]
        return shlex.join([program(), *words, *shared])

    def place(self, *names: str) -> str:
        """Return where a file of the workspace can be found after the story."""
        return str(Path(self.kept, *names))
