"""Every command in the documents, and every one that the program tells people to run, exists."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from typing import Any, Final

import pytest

from tests.acceptance.documents import FENCE, SPAN, documents, fenced
from tests.cli.tree import ROOT_COMMAND, is_argument
from tests.house.tree import PACKAGE, SRC, expect_none

_COMMAND: Final = re.compile(r"(?:^|[\s(])(?:shouxin|python -m shouxin\.cli) ([^|;&<>)#\n]+)")


def _mentions() -> Iterator[tuple[str, str, bool]]:
    """Every command in a document: where, the words behind ``shouxin``, and whether it stands in a block to be run."""
    for path, text in documents().items():
        for body in fenced(text, "sh", "bash", "console"):
            for words in _COMMAND.findall(body.replace("\\\n", " ")):
                yield path, words.strip(), "[" not in words
        prose = FENCE.sub("", text)
        for span in SPAN.findall(prose):
            for words in _COMMAND.findall(span):
                yield path, words.strip(), False


def _resolve(words: list[str]) -> tuple[Any, list[str]]:
    """The command or group that ``words`` begin with, and the rest."""
    command, at = ROOT_COMMAND, 0
    while at < len(words) and words[at] in getattr(command, "commands", {}):
        command = command.commands[words[at]]
        at += 1
    return command, words[at:]


def _fault(words: list[str], *, whole: bool) -> str:
    """Why a command as written is none; empty if it is one. ``whole``: nothing that it needs may be left out."""
    command, left = _resolve(words)
    if getattr(command, "commands", None):
        named = left != ["--help"] and (left or (words if whole else []))
        return f"no such command: {named[-1]}" if named else ""
    options = {name: one for one in command.params for name in (*one.opts, *one.secondary_opts) if name.startswith("-")}
    given, places, rest = set(), 0, iter(left)
    for word in rest:
        if word.startswith("--"):
            if word not in options:
                return f"no such option: {word}"
            given.add(word)
            if not options[word].is_flag and next(rest, None) is None and whole:
                return f"no value for {word}"
        else:
            places += 1
    arguments = [one for one in command.params if is_argument(one)]
    if places > len(arguments) and not any(one.nargs == -1 for one in arguments):
        return f"takes {len(arguments)} arguments, not {places}"
    missing = [name for name, one in options.items() if one.required and name not in given]
    if whole and (missing or places < sum(one.required for one in arguments)):
        return f"lacks {missing or 'an argument'}"
    return ""


def test_every_command_in_the_documents_exists() -> None:
    """Each ``shouxin ...`` in a block or in backticks names a command and options that are there."""
    mentions = list(_mentions())
    assert len(mentions) > 50
    faults = ((path, words, _fault(shlex.split(words), whole=whole)) for path, words, whole in mentions)
    expect_none(f"{path}: shouxin {words}: {fault}" for path, words, fault in faults if fault)


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("ledger verify --json", ""),
        ("ledger verfy", "no such command"),
        ("ledger verify --jsn", "no such option"),
        ("access approve", "lacks"),
        ("key status now", "takes 0"),
        ("certificate issue --out", "no value"),
    ],
)
def test_the_check_of_commands_can_fail(words: str, fault: str) -> None:
    """A wrong command, option or number of arguments is seen."""
    assert _fault(words.split(), whole=True).startswith(fault)
    assert bool(_fault(words.split(), whole=True)) == bool(fault)


def test_the_code_points_at_commands_that_exist() -> None:
    """What the program tells people to run next is a command."""
    faults: list[str] = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            for words in re.findall(r"shouxin ((?:[a-z-]+ ?){1,2})", text) if "\n" not in text else ():
                group = words.split()
                known = group[0] in getattr(ROOT_COMMAND, "commands", {})
                if known and (fault := _fault(group, whole=False)).startswith("no such command"):
                    faults.append(f"{path.relative_to(SRC)}:{node.lineno}: shouxin {words}: {fault}")
    expect_none(faults)
