"""Planting commands: every one takes ``--home``, ``--json`` and ``--as``, and its help ends with an example."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Concatenate, Final, ParamSpec, get_type_hints

import typer

from shouxin.cli.showing import Shown
from shouxin.cli.terminal import Terminal

__all__ = ["command", "new_group"]

P = ParamSpec("P")

_PANEL: Final = "Everywhere"
Home = Annotated[
    Path | None,
    typer.Option("--home", help="The workspace; else $SHOUXIN_HOME, else ~/.shouxin.", rich_help_panel=_PANEL),
]
Json = Annotated[bool, typer.Option("--json", help="Answer with one JSON object.", rich_help_panel=_PANEL)]
As = Annotated[
    str | None,
    typer.Option("--as", metavar="NAME", help="Act by the stored sign-in of NAME.", rich_help_panel=_PANEL),
]


def _shared(ctx: typer.Context, home: Home = None, as_json: Json = False, acting: As = None) -> None:
    ctx.ensure_object(Terminal).take(home, acting, as_json=as_json)


def new_group(text: str) -> typer.Typer:
    """Return a group of commands, which takes the shared options too."""
    group = typer.Typer(
        help=text, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="rich"
    )
    group.callback()(_shared)
    return group


def _parameter(name: str, annotation: object, default: object) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def command(
    group: typer.Typer, name: str, *examples: str
) -> Callable[[Callable[Concatenate[Terminal, P], Shown]], Callable[Concatenate[Terminal, P], Shown]]:
    """Plant a function as the command ``name`` of ``group``: its parameters, then the shared options.

    The first line of its docstring is the help; ``examples`` (at least one) stand below the options.
    """
    epilog = "\n\n".join(f"Example: {example}" for example in examples)

    def plant(function: Callable[Concatenate[Terminal, P], Shown]) -> Callable[Concatenate[Terminal, P], Shown]:
        hints = get_type_hints(function, include_extras=True)
        own = [
            _parameter(parameter.name, hints[parameter.name], parameter.default)
            for parameter in list(inspect.signature(function).parameters.values())[1:]
        ]

        def started(**given: Any) -> Shown:  # noqa: ANN401 - whatever the command declares
            context: typer.Context = given.pop("ctx")
            terminal = context.ensure_object(Terminal)
            shared = (given.pop("shared_home"), given.pop("shared_as"))
            terminal.take(*shared, as_json=given.pop("shared_json"))
            return function(terminal, **given)  # type: ignore[call-arg]  # declared by __signature__

        shared = [
            _parameter("shared_home", Home, None),
            _parameter("shared_json", Json, default=False),
            _parameter("shared_as", As, None),
        ]
        context = _parameter("ctx", typer.Context, inspect.Parameter.empty)
        started.__signature__ = inspect.Signature([context, *own, *shared])  # type: ignore[attr-defined]
        started.__annotations__ = {}
        started.__doc__ = function.__doc__
        group.command(name, epilog=epilog)(started)
        return function

    return plant
