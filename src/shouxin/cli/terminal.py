"""What a command knows of whoever started it: which workspace, in which form they want the answer, who acts."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from shouxin.config import default_home

if TYPE_CHECKING:  # an opened workspace loads every driver, which --help must not
    from shouxin.actors.account import Token
    from shouxin.operations.workspace import Workspace

__all__ = ["Terminal"]

_Found = TypeVar("_Found")


@dataclass(slots=True)
class Terminal:
    """One start of the program. Options given after a command win over those given before it."""

    given_home: Path | None = None
    as_json: bool = False
    acting: str = ""
    opened: Workspace | None = None

    def take(self, home: Path | None, acting: str | None, *, as_json: bool) -> None:
        """Take over shared options, as far as they were given."""
        self.given_home = home or self.given_home
        self.acting = acting or self.acting
        self.as_json = self.as_json or as_json

    @property
    def home(self) -> Path:
        """The workspace's folder: ``--home``, else ``$SHOUXIN_HOME``, else ``~/.shouxin``."""
        return self.given_home or default_home()

    def workspace(self) -> Workspace:
        """Open the workspace, once.

        Raises:
            Misconfigured, RootKeyUnavailable: see ``bootstrap.open_workspace``.
        """
        if self.opened is None:
            from shouxin.bootstrap import open_workspace

            self.opened = open_workspace(self.home)
        return self.opened

    def token(self) -> Token:
        """Return the token of whoever acts: ``--as``, else who signed in last.

        Raises:
            NotSignedIn: nobody is signed in from here under that name.
        """
        from shouxin.cli.sign_ins import stored

        self.workspace()  # no workspace is the better answer than no sign-in
        return stored(self.home, self.acting)

    def close(self) -> None:
        """Let go of the workspace's files, so that what is written stands in them and not beside them."""
        if self.opened is not None:
            self.opened.close()
            self.opened = None

    @property
    def is_live(self) -> bool:
        """Say whether somebody looks at the screen, so that progress is worth drawing."""
        return sys.stderr.isatty() and not self.as_json

    def raised(self, said: Callable[[_Found], str]) -> Callable[[_Found], None]:
        """Return what shows a finding on the error stream as soon as it is raised, where somebody watches."""

        def show(finding: _Found) -> None:
            if self.is_live:
                sys.stderr.write(f"! {said(finding)}\n")

        return show

    @contextmanager
    def progress(self, label: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        """Draw a bar on the error stream while long work runs; yields the function that is told what is done."""
        if not self.is_live:
            yield lambda _done: None
            return
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True), transient=True) as drawn:
            task = drawn.add_task(label, total=total)
            yield lambda done: drawn.update(task, completed=done)
