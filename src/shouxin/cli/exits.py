"""The one place where an error becomes an exit code.

====  =======================================================================================
code  meaning
====  =======================================================================================
0     done
1     refused, not found or out of order: the reasons are printed, with rule and article
2     the command was not used as its help says
3     integrity: stored bytes or histories are not what was written. Stop and call someone
130   stopped by Ctrl-C
====  =======================================================================================

No message of an exception that Shouxin did not raise itself is ever printed: it might quote a value. A fault shows
where it happened, nothing else.
"""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Final

import typer
from rich.text import Text

from shouxin.cli.showing import Shown, printable, say, show, show_json
from shouxin.cli.terminal import Terminal
from shouxin.errors import (
    ApproverError,
    CallerError,
    IntegrityError,
    NotFound,
    OperatorError,
    Refused,
    ShouxinError,
)

__all__ = ["exit_code_of", "start"]

_REFUSED: Final = 1
_USAGE: Final = 2
_INTEGRITY: Final = 3
_INTERRUPTED: Final = 130  # 128 and the number of SIGINT, as shells count
_STANDARD_OUTPUT: Final = 1
_CODE: Final = re.compile(r"-{0,2}[a-z][a-z-]*")  # a mistyped command or option, which helps whoever mistyped it
_STOP: Final = "Integrity failure. Stop: change nothing, keep this folder as it is, and call whoever is responsible."
_WHO: Final[dict[type[ShouxinError], str]] = {
    CallerError: "caller",
    ApproverError: "approver",
    OperatorError: "operator",
    IntegrityError: "nobody",
}


def exit_code_of(error: ShouxinError) -> int:
    """Return the exit code that says ``error``."""
    return _INTEGRITY if isinstance(error, IntegrityError) else _REFUSED


def _reasons(error: ShouxinError, terminal: Terminal) -> list[dict[str, str]]:
    """Return rule, article and titles of every reason; a rule that no law pack has comes without titles."""
    found: list[dict[str, str]] = []
    for rule_id, article in error.reasons if isinstance(error, Refused) else ():
        reason = {"rule": rule_id, "article": article}
        if terminal.opened is not None:
            try:
                rule = terminal.opened.pack.rule(rule_id)
                reason |= {"title_zh": rule.title_zh, "title_en": rule.title_en}
            except NotFound:
                pass
        found.append(reason)
    return found


def _tell(error: ShouxinError, terminal: Terminal) -> int:
    """Say an error, in the form that was asked for."""
    code, reasons = exit_code_of(error), _reasons(error, terminal)
    if terminal.as_json:
        who = next((who for kind, who in _WHO.items() if isinstance(error, kind)), "caller")
        body = {"ok": False, "error": error.code, "detail": error.detail, "reasons": reasons, "who_must_act": who}
        show_json(body)
        return code
    say(Text.assemble((f"{error.code}: ", "bold red"), printable(error.detail)), err=True)
    for reason in reasons:
        title = reason.get("title_zh", "")
        say(f"  {reason['article']}  {title}  [{reason['rule']}]" if title else _bare(reason), err=True)
    if code == _INTEGRITY:
        say(Text(_STOP, style="bold red"), err=True)
    return code


def _bare(reason: dict[str, str]) -> str:
    return f"  {reason['article']}  [{reason['rule']}]"


def _misused(error: typer.TyperException, arguments: Sequence[str], *, as_json: bool) -> int:
    """Say how a command was misused, and where its help is."""
    context = getattr(error, "ctx", None)
    without = type(error).__name__ == "NoArgsIsHelpError"  # the help was printed instead
    detail = "a command is missing" if without else _without_values(error, arguments)
    if as_json:
        show_json({"ok": False, "error": "usage", "detail": detail, "reasons": []})
    elif not without:
        say(Text.assemble(("usage: ", "bold red"), printable(detail)), err=True)
        say(f"See '{context.command_path if context else 'shouxin'} --help'.", err=True)
    return _USAGE


def _without_values(error: typer.TyperException, arguments: Sequence[str]) -> str:
    """Return what was wrong about a command, and nothing of what was given: it may be somebody's number or name."""
    said, kind = error.format_message(), type(error).__name__
    given = {part for argument in arguments for part in (argument, *argument.lstrip("-").split("=", 1)) if part}
    if not any(part in said or repr(part)[1:-1] in said for part in given if not _CODE.fullmatch(part)):
        return said
    if kind == "NoSuchOption":
        return "there is no such option"
    if kind == "BadParameter":
        choices = getattr(getattr(getattr(error, "param", None), "type", None), "choices", ())
        words = ", ".join(str(getattr(choice, "value", choice)) for choice in choices)
        return said.partition(":")[0] + (f": it is one of {words}" if words else ": it is not of its kind")
    if said.startswith("Got unexpected extra"):
        return "there are more arguments than this command takes"
    if said.startswith("No such command"):
        return "there is no such command"
    return "the arguments are not what the help asks for"


def _fault(fault: Exception, *, as_json: bool) -> int:
    """Say where the program failed, without the values that it failed on."""
    frames = traceback.extract_tb(fault.__traceback__)
    ours = [frame for frame in frames if "shouxin" in Path(frame.filename).parts][-3:]
    places = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in (*ours, frames[-1])]
    detail = f"{type(fault).__name__} in {' > '.join(places)}"
    if as_json:
        show_json({"ok": False, "error": "fault", "detail": detail, "reasons": []})
    else:
        say(Text.assemble(("fault: ", "bold red"), f"the program failed; please report this line: {detail}"), err=True)
    return _REFUSED


def _stopped() -> int:
    """Say that somebody pressed Ctrl-C; what was committed stands, and what was half done is finished or undone."""
    say("Stopped. What was recorded stands; the next command finishes or undoes what was on its way.", err=True)
    return _INTERRUPTED


def start(app: typer.Typer, arguments: Sequence[str]) -> int:
    """Run ``app`` and return the exit code. Nothing is raised but ``SystemExit`` of the interpreter itself."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    terminal = Terminal()
    try:
        return _run(app, list(arguments), terminal)
    finally:
        terminal.close()


def _run(app: typer.Typer, arguments: list[str], terminal: Terminal) -> int:
    early = "--json" in arguments  # for mistakes that are found before the option itself is read
    try:
        answer = app(args=arguments, obj=terminal, prog_name="shouxin", standalone_mode=False)
        if isinstance(answer, Shown):
            show(answer, as_json=terminal.as_json)
            return answer.exit_code
        # What Typer makes of Ctrl-C within a command is a number.
        return _stopped() if answer == _INTERRUPTED else answer if isinstance(answer, int) else 0
    except ShouxinError as error:
        return _tell(error, terminal)
    except typer.TyperException as error:
        return _misused(error, arguments, as_json=early)
    except typer.Abort:
        say("Nothing was done.", err=True)
        return _USAGE
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), _STANDARD_OUTPUT)
        return 0
    except Exception as fault:
        return _fault(fault, as_json=early)
