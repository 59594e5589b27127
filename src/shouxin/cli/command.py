"""Planting commands: every one takes ``--home``, ``--json`` and ``--as``, and its help ends with an example."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Concatenate, Final, ParamSpec, get_type_hints

import typer

from shouxin.cli.asking import called
from shouxin.cli.showing import Shown
from shouxin.cli.terminal import Terminal
from shouxin.errors import Invalid

__all__ = ["command", "new_group"]

P = ParamSpec("P")

_PANEL: Final = "Everywhere"
# What the core calls a field where the option has another word; counts only where a command has that option.
_OPTION_OF: Final = {"means": "by", "reasons": "because", "pieces": "statement-file"}
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


def _at_option(error: Invalid, context: typer.Context, given: Mapping[str, Any]) -> Invalid:
    """Return the error with the option that it is about, where it is one: a field of the core, or a file it named."""
    options = {
        param.name: option
        for param in context.command.params
        for option in param.opts[:1]
        if option.startswith("--") and param.name in given
    }
    field = _OPTION_OF.get(error.place, error.place).replace("_", "-")
    named = [option for name, option in options.items() if field in {option[2:], str(name).replace("_", "-")}]
    detail = error.detail.removeprefix(f"{error.place}: ")
    if named:
        return Invalid(detail, named[0])
    file = error.place.partition(":")[0]
    by = [options.get(name, "") for name, path in _files(given) if called(path) == file]
    return Invalid(detail, f"{by[0]} {error.place}") if len(by) == 1 and by[0] else error


def _files(given: Mapping[str, Any]) -> Iterator[tuple[str, Path]]:
    """Yield the files that were named, each with the parameter."""
    for name, value in given.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, Path):
                yield name, one


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
            try:
                return function(terminal, **given)  # type: ignore[call-arg]  # declared by __signature__
            except Invalid as error:
                raise _at_option(error, context, given) from None

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
