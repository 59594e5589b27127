"""Running ``shouxin`` in this process, as a shell would: standard streams, exit code, and the JSON it printed."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final
from unittest import mock

import typer.main

from shouxin.cli import main
from shouxin.domain.identifiers import SubjectId, show
from tests import workspaces

# A process of its own makes the tree of commands once, and so does a process that runs a hundred of them here.
_TREE: Final = cache(typer.main.get_command)


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of one command."""

    code: int
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        return self.raw.decode()

    @property
    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found


def run(*arguments: str | Path, home: Path | None = None, given: str = "", **variables: str) -> Ran:
    """Run ``shouxin`` with ``arguments`` (and ``--home``), ``given`` on standard input, and variables of its own."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    words = [str(word) for word in arguments] + ([] if home is None else ["--home", str(home)])
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch("sys.stdin", io.StringIO(given)),
        mock.patch("typer.main.get_command", _TREE),
        mock.patch.dict("os.environ", variables),
    ):
        code = main(words)
    out.flush()
    err.flush()
    return Ran(code, out.buffer.getvalue(), err.buffer.getvalue().decode())  # type: ignore[attr-defined]


def lender(tmp_path: Path, people: int = 0, *names: str) -> tuple[Path, list[str]]:
    """Return a workspace with ``CARD`` adopted, ``people`` collected and ``names`` signed in, and the people."""
    workspace = workspaces.ready(tmp_path)
    subjects = workspaces.collected(workspace, range(people)) if people else []
    workspaces.close(workspace)
    home = workspaces.home_of(tmp_path)
    for name in names:
        signed = run("account", "sign-in", name, home=home, SHOUXIN_PASSPHRASE=workspaces.PASSPHRASE)
        assert signed.code == 0, signed.err
    return home, [show(SubjectId, one) for one in subjects]
