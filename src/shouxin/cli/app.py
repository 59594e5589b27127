"""The command ``shouxin``: its groups and commands, and how it is started."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from shouxin.cli import (
    access,
    account,
    consent,
    exits,
    ledger,
    purpose,
    subject,
)
from shouxin.cli import init as starting
from shouxin.cli.command import new_group

__all__ = ["app", "main"]

app = new_group(
    "Shouxin 守信 keeps a lender's promise about personal information: collected for a stated purpose, opened only for "
    "it, deleted with proof."
)
starting.plant(app)
for name, module in (
    ("account", account),
    ("purpose", purpose),
    ("consent", consent),
    ("access", access),
    ("subject", subject),
    ("ledger", ledger),
):
    app.add_typer(module.group, name=name)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program with ``arguments`` (else those of the process) and return its exit code; see ``exits``."""
    return exits.start(app, sys.argv[1:] if arguments is None else arguments)
