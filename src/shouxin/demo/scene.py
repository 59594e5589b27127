"""What a scene of the demo is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from shouxin.demo.cast import Cast
from shouxin.domain.identifiers import ObjectId, SubjectId
from shouxin.domain.plaintext import Plaintext
from shouxin.operations.workspace import Workspace

__all__ = ["Scene", "Stage"]


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


@dataclass(slots=True)
class Stage:
    """What scenes share: the workspace, the cast, where things are, and who came in."""

    workspace: Workspace
    cast: Cast
    home: Path
    scratch: Path
    rows: int
    say: Callable[..., None]
    figures: dict[str, Any] = field(default_factory=dict)
    borrower: SubjectId = _NOBODY
    borrower_number: Plaintext = field(default_factory=lambda: Plaintext(b""))
    declined: SubjectId = _NOBODY
    declined_number: Plaintext = field(default_factory=lambda: Plaintext(b""))
    applicants: list[SubjectId] = field(default_factory=list)
    video: ObjectId = _NOTHING
    leaf: int = -1
