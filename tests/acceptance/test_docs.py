"""The documents say what the program does: commands, trees, tables and diagrams are held against the code.

Parts of the documents are made by the functions ``made_*`` below and stand between ``<!-- made: NAME -->`` and
``<!-- end -->``. To make them anew:  ``PYTHONPATH=src:. .venv/bin/python -m tests.acceptance.test_docs``
"""

from __future__ import annotations

import ast
import fcntl
import importlib
import inspect
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
import typer.main

import shouxin
from shouxin import config, errors
from shouxin.actors import transitions as accounts
from shouxin.approvals import order_transitions
from shouxin.approvals import transitions as requests
from shouxin.cli.app import app
from shouxin.cli.exits import exit_code_of
from shouxin.consent import confirmation
from shouxin.consent import transitions as questions
from shouxin.domain.clock import CHINA, Instant
from shouxin.domain.items import taxonomy
from shouxin.domain.vocabulary import VOCABULARY
from shouxin.errors import Invalid, Refused, ShouxinError
from shouxin.keys import epoch
from shouxin.keys.custody import SERVICE_NAMES
from shouxin.ledger.log import FlawKind
from shouxin.operations.certifying.certify import certificate_bytes
from shouxin.policy import card as cards
from shouxin.policy import chain_rules as chains
from shouxin.policy import clock_transitions, plan_transitions
from shouxin.policy.card import read_card
from shouxin.policy.counting import counting_of
from shouxin.policy.deadline import parallel
from shouxin.policy.lawpack import load_pack
from shouxin.rights import transitions as rights
from shouxin.storage.key_file import KeyFile
from shouxin.vault import destruction, erasure, lifecycle, tier
from shouxin.vault.certificate import ANSWERED, BASE_ATTESTED, PROVED
from tests.house.tree import PACKAGE, ROOT, SRC, expect_none

DOCS: Final = ROOT / "docs"
_MADE: Final = re.compile(r"<!-- made: (\S+) -->\n(.*?)<!-- end -->", re.DOTALL)
_FENCE: Final = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_SPAN: Final = re.compile(r"`([^`\n]+)`")
_LINK: Final = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_COMMAND: Final = re.compile(r"(?:^|[\s(])(?:shouxin|python -m shouxin\.cli) ([^|;&<>)#\n]+)")
_SHARED: Final = ("--home", "--json", "--as")


@cache
def documents() -> dict[str, str]:
    """Every document by its path from the root."""
    found = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]
    return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in sorted(found)}


def fenced(text: str, *languages: str) -> list[str]:
    """The fenced blocks of ``text`` in one of ``languages``."""
    return [body for language, body in _FENCE.findall(text) if language in languages]


def marked(name: str, mark: str) -> str:
    """The fenced block of a document that stands under the comment ``mark``."""
    found = re.search(rf"<!-- {mark} -->\n+```\w*\n(.*?)^```", documents()[name], re.DOTALL | re.MULTILINE)
    assert found, f"{name} has no block marked {mark}"
    return found[1]


# ------------------------------------------------------------------------------------------------------------ made


def _leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    below = getattr(command, "commands", None)
    if below is None:
        yield " ".join(path), command
    for name, inner in (below or {}).items():
        yield from _leaves(inner, (*path, name))


ROOT_COMMAND: Final = typer.main.get_command(app)
COMMANDS: Final[dict[str, Any]] = dict(_leaves(ROOT_COMMAND))


def _is_argument(parameter: Any) -> bool:
    return not parameter.opts[0].startswith("-")


def _usage(path: str, command: Any) -> str:
    words = [f"shouxin {path}"]
    for one in command.params:
        if not _is_argument(one):
            continue
        name = (one.metavar or one.name).upper() + (" ..." if one.nargs == -1 else "")
        words.append(name if one.required else f"[{name}]")
    for one in command.params:
        if _is_argument(one) or one.opts[0] in _SHARED:
            continue
        text = one.opts[0] if one.is_flag else f"{one.opts[0]} {(one.metavar or one.name.split('_')[-1]).upper()}"
        words.append(text if one.required else f"[{text}]")
    return " ".join(words)


def made_commands() -> str:
    """A section a command: usage, help, parameters, examples."""
    lines: list[str] = []
    for path, command in COMMANDS.items():
        told = inspect.cleandoc(command.help).split("\n\n")
        lines += [f"## {path}", "", *(" ".join(paragraph.split()) + "\n" for paragraph in told)]
        lines += ["```text", _usage(path, command), "```", ""]
        rows = [one for one in command.params if one.opts[0] not in _SHARED]
        if rows:
            lines += ["| | |", "| --- | --- |"]
            for one in rows:
                name = (one.metavar or one.name).upper() if _is_argument(one) else one.opts[0]
                lines.append(f"| `{name}` | {one.help} |")
            lines.append("")
        examples = [example.removeprefix("Example: ") for example in command.epilog.split("\n\n")]
        lines += ["```sh", *examples, "```", ""]
    return "\n".join(lines).rstrip() + "\n"


def made_events() -> str:
    """The vocabulary of the ledger as a table."""
    lines = ["| event | stage | facts |", "| --- | --- | --- |"]
    for kind, (stage, facts) in VOCABULARY.items():
        told = ", ".join(f"`{name}` {fits.__name__.strip('_')}" for name, fits in sorted(facts.items()))
        lines.append(f"| `{kind.value}` | {stage.value} | {told} |")
    return "\n".join(lines) + "\n"


def _diagram(table: Mapping[tuple[str, str], str], first: str) -> str:
    """A mermaid diagram of (state, event) -> state."""
    states = list(dict.fromkeys([first, *(state for state, _ in table), *table.values()]))
    ids = {state: str(state).replace("-", "_") for state in states}
    lines = ["```mermaid", "stateDiagram-v2", "  direction LR"]
    lines += [f'  state "{state}" as {ids[state]}' for state in states if ids[state] != str(state)]
    lines.append(f"  [*] --> {ids[first]}")
    lines += [f"  {ids[before]} --> {ids[after]}: {event}" for (before, event), after in table.items()]
    ends = [state for state in states if state not in {before for before, _ in table}]
    lines += [f"  {ids[state]} --> [*]" for state in ends]
    return "\n".join([*lines, "```", ""])


def made_request() -> str:
    """The life of a request and its grant."""
    return _diagram({(str(a), str(b)): str(c) for (a, b), c in requests.TRANSITIONS.items()}, "open")


def made_consent() -> str:
    """Where a question of consent may stand."""
    return _diagram({(str(a), str(b)): str(c) for (a, b), c in questions.TRANSITIONS.items()}, "served")


def made_challenge() -> str:
    """The life of a one-time code."""
    return _diagram({(str(a), str(b)): str(c) for (a, b), c in confirmation.TRANSITIONS.items()}, "open")


def made_account() -> str:
    """The life of an account."""
    return _diagram({(str(a), str(b)): str(c) for (a, b), c in accounts.TRANSITIONS.items()}, "added")


def made_subject() -> str:
    """Where a subject may stand."""
    return _diagram({(str(a), str(b)): str(c) for (a, b), c in lifecycle.TRANSITIONS.items()}, "active")


def made_tier() -> str:
    """Where an object may stand."""
    return _diagram({(str(a), str(b)): str(c) for (a, b), c in tier.TRANSITIONS.items()}, "hot")


def made_destruction() -> str:
    """The life of a destruction that software cannot carry out."""
    return _diagram({(str(a), str(b)): str(c) for (a, b), c in destruction.TRANSITIONS.items()}, "open")


def made_erasure() -> str:
    """The life of an erasure."""
    return _diagram({(str(a), str(b)): str(c) for (a, b), c in erasure.TRANSITIONS.items()}, "planned")


def made_clock() -> str:
    """The life of a statutory clock."""
    return _diagram({(str(a), str(b)): str(c) for (a, b), c in clock_transitions.TRANSITIONS.items()}, "running")


def made_plan() -> str:
    """The life of a plan to collect."""
    return _diagram({(str(a), str(b)): str(c) for (a, b), c in plan_transitions.TRANSITIONS.items()}, "needed")


def made_order() -> str:
    """The life of an order to delete."""
    return _diagram({(str(a), str(b)): str(c) for (a, b), c in order_transitions.TRANSITIONS.items()}, "drafted")


def made_incident_clocks() -> str:
    """The clocks that an incident starts."""

    def at(day: int, hour: int, minute: int = 0) -> Instant:
        return Instant(int(datetime(2026, 3, day, hour, minute, tzinfo=CHINA).timestamp()) * 1000)

    starts = {"occurrence": at(3, 7, 30), "discovery": at(3, 9), "end_of_handling": at(6, 18)}
    pack = load_pack("cn")
    lines = ["| due | rule | article | from | |", "| --- | --- | --- | --- | --- |"]
    for one in parallel(pack.rules, starts, counting_of(pack)):
        rule = one.rule
        due = datetime.fromtimestamp(one.due // 1000, CHINA).strftime("%m-%d %H:%M:%S") if one.due else rule.urgency
        weight = "decides" if one.decides else "advises"
        told = (due.replace("_", " "), f"`{rule.id}` {rule.title_zh}", rule.cites, rule.clock_start, weight)
        lines.append(f"| {' | '.join(told)} |".replace("_", " "))
    return "\n".join(lines) + "\n"


def made_right() -> str:
    """The life of what a person asks."""
    return _diagram({(str(a), str(b)): str(c) for (a, b), c in rights.TRANSITIONS.items()}, "received")


def made_epoch() -> str:
    """The steps of an advance."""
    return _diagram({(str(step), told): str(after) for step, (told, after) in epoch.NEXT.items()}, "opened")


def _drawn(document: str | None) -> str:
    """The drawing in a docstring: its indented lines."""
    lines = (document or "").splitlines()
    kept = [line[4:] if line.startswith("    ") else "" for line in lines if not line or line.startswith("    ")]
    return "```text\n" + "\n".join(kept).strip("\n") + "\n```\n"


def made_folders() -> str:
    """The rooms of the house, from the package's docstring."""
    return _drawn(shouxin.__doc__)


def made_errors() -> str:
    """The error tree, from the docstring of ``errors``."""
    return _drawn(errors.__doc__)


def made_workspace() -> str:
    """The layout of a workspace, from the docstring of ``config``."""
    return _drawn(config.__doc__)


def made_layers() -> str:
    """The order of imports, from the contract in ``pyproject.toml``."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contract = next(one for one in project["tool"]["importlinter"]["contracts"] if one["type"] == "layers")
    width = max(map(len, contract["layers"]))
    return "```text\n" + "\n".join(layer.center(width).rstrip() for layer in contract["layers"]) + "\n```\n"


def _kinds(kind: type[ShouxinError]) -> Iterator[type[ShouxinError]]:
    below = kind.__subclasses__()
    if not below:
        yield kind
    for one in below:
        yield from _kinds(one)


_WHO: Final = {
    errors.CallerError: "whoever asks",
    errors.ApproverError: "an approver",
    errors.OperatorError: "the operator",
    errors.IntegrityError: "nobody: stop",
}


def made_codes() -> str:
    """Every error that a command can end with."""
    lines = ["| code | exit | who must act | meaning |", "| --- | --- | --- | --- |"]
    for kind in _kinds(ShouxinError):
        who = next(who for parent, who in _WHO.items() if issubclass(kind, parent))
        made = kind("", [("rule", "article")]) if issubclass(kind, Refused) else kind("it says why")
        meaning = (kind.__doc__ or "").strip().splitlines()[0]
        lines.append(f"| `{kind.code}` | {exit_code_of(made)} | {who} | {meaning} |")
    return "\n".join(lines) + "\n"


MADE: Final[dict[str, Callable[[], str]]] = {
    name.removeprefix("made_"): value for name, value in sorted(globals().items()) if name.startswith("made_")
}


@pytest.mark.parametrize("name", MADE)
def test_what_is_made_from_the_code_is_up_to_date(name: str) -> None:
    """Every generated part stands in some document, and says what the code says today."""
    found = [body for text in documents().values() for made, body in _MADE.findall(text) if made == name]
    assert found, f"no document holds the part {name}"
    assert found == [MADE[name]()] * len(found), "run  PYTHONPATH=src:. .venv/bin/python -m tests.acceptance.test_docs"


def test_no_document_names_a_part_that_nobody_makes() -> None:
    """A marker without a maker would never be checked."""
    expect_none(
        f"{path}: {name}" for path, text in documents().items() for name, _ in _MADE.findall(text) if name not in MADE
    )


# -------------------------------------------------------------------------------------------------------- commands


def _mentions() -> Iterator[tuple[str, str, bool]]:
    """Every command in a document: where, the words behind ``shouxin``, and whether it stands in a block to be run."""
    for path, text in documents().items():
        for body in fenced(text, "sh", "bash", "console"):
            for words in _COMMAND.findall(body.replace("\\\n", " ")):
                yield path, words.strip(), "[" not in words
        prose = _FENCE.sub("", text)
        for span in _SPAN.findall(prose):
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
    arguments = [one for one in command.params if _is_argument(one)]
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


# ---------------------------------------------------------------------------------------------------- first workspace


@dataclass(frozen=True, slots=True)
class FirstWorkspace:
    """What the block of the README left behind, and what it printed."""

    place: Path
    code: int
    out: str
    err: str


def _run_block(place: Path) -> subprocess.CompletedProcess[str]:
    """Run the block in a folder that looks like a checkout, with ``shouxin`` on the path and a home of its own."""
    (place / "src").symlink_to(SRC)
    (place / "bin").mkdir()
    command = place / "bin" / "shouxin"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m shouxin.cli "$@"\n', "utf-8")
    command.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SHOUXIN")}
    path = f"{command.parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", marked("README.md", "runs")],
        cwd=place,
        env={**kept, "PATH": path, "HOME": str(place), "PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> FirstWorkspace:
    """Run the block once, whatever number of processes this test run has."""
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "readme-run-once"
    place.mkdir(exist_ok=True)
    record = place / "ran.json"
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not record.exists():
            ran = _run_block(place)
            record.write_text(json.dumps([ran.returncode, ran.stdout, ran.stderr]), "utf-8")
    return FirstWorkspace(place, *json.loads(record.read_text("utf-8")))


@pytest.mark.slow
def test_the_first_workspace_of_the_readme_works(first: FirstWorkspace) -> None:
    """Every line of the block succeeds as printed, and does what the text around it says."""
    assert first.code == 0, first.out + first.err
    for told in ("王*", "erased", "intact"):
        assert told in first.out
    assert "王小明" not in first.out


@pytest.mark.slow
def test_the_certificate_can_be_checked_by_hand(first: FirstWorkspace, tmp_path: Path) -> None:
    """The program in the workspace's public folder accepts a real certificate by the key beside it, and no other."""
    assert first.code == 0, first.err
    [real] = (first.place / "first-lender").glob("deleted.json")
    [public] = (first.place / "first-lender").glob("*/public")
    body = json.loads(real.read_text("utf-8"))

    def by_hand(document: dict[str, Any]) -> int:
        (tmp_path / "certificate.json").write_bytes(certificate_bytes(document))
        words = ["certificate.json", "--key", str(public / "log.vkey")]
        command = [sys.executable, "-I", str(public / "verify_certificate.py"), *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode

    assert by_hand(body) == 0
    for name, changed in {
        "subject": "00" * 16,
        "outcome": "retained",
        "parts": [],
        "openings": body["openings"][:-1],
        "events": [{**body["events"][0], "leaf": 1}, *body["events"][1:]],
    }.items():
        assert by_hand({**body, name: changed}) != 0, name


def test_both_readmes_show_the_same_commands() -> None:
    """The Chinese README is not a second truth: its blocks are those of the English one."""
    english, chinese = (fenced(documents()[name], "sh", "text") for name in ("README.md", "README.zh-CN.md"))
    assert english == chinese


def _told_by_the_demo() -> list[re.Pattern[str]]:
    """What the demo can print: its strings, with anything where a value goes."""
    patterns: list[re.Pattern[str]] = []
    for path in (PACKAGE / "demo").glob("s*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [one.value if isinstance(one, ast.Constant) else None for one in node.values]
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                parts = [node.value]
            else:
                continue
            if sum(len(str(part)) for part in parts if part) >= 6:
                text = "".join(".+" if part is None else re.escape(str(part)) for part in parts)
                patterns.append(re.compile(r"\s*" + text.removeprefix(r"\ \ ")))
    return patterns


def test_the_excerpt_of_the_demo_is_true() -> None:
    """Every line of the story in the README is one that the demo prints."""
    patterns = _told_by_the_demo()
    lines = [line.strip() for line in marked("README.md", "demo").splitlines() if line.strip() not in ("", "...")]
    told = [re.fullmatch(r"(?:\[\d/9\] ✓ )?(.*?)(?:  \(\d+\.\d s\))?", line) for line in lines]
    expect_none(line[1] for line in told if line and not any(one.fullmatch(line[1]) for one in patterns))
    assert not any(one.fullmatch("the moon is made of cheese, as everybody knows") for one in patterns)


# ------------------------------------------------------------------------------------------------- words and links


def test_every_link_leads_somewhere() -> None:
    """A relative link names a file that is there, and a heading that the file has."""
    faults: list[str] = []
    for name, text in documents().items():
        for target in _LINK.findall(_FENCE.sub("", text)):
            if re.match(r"[a-z]+:", target):
                continue
            file, _, anchor = target.partition("#")
            path = (ROOT / name).parent / file if file else ROOT / name
            if not path.exists():
                faults.append(f"{name}: {target}")
            elif anchor and anchor not in _anchors(path.read_text("utf-8")):
                faults.append(f"{name}: {target}: no such heading")
    expect_none(faults)


def _anchors(text: str) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", _FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_every_document_is_reached_from_the_readme() -> None:
    """Nothing is written that nobody finds."""
    reached, waiting = set[str](), ["README.md"]
    while waiting:
        name = waiting.pop()
        reached.add(name)
        for target in _LINK.findall(documents()[name]):
            path = ((ROOT / name).parent / target.partition("#")[0]).resolve()
            one = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else ""
            if one in documents() and one not in reached:
                waiting.append(one)
    expect_none(set(documents()) - reached)


def test_the_glossary_names_code_that_exists() -> None:
    """Each ``room.module.Name`` in the glossary can be imported."""
    faults: list[str] = []
    spans = _SPAN.findall(documents()["docs/glossary.md"])
    names = [one for one in spans if re.fullmatch(r"[a-z_]+(\.\w+)+", one) and one not in taxonomy().items]
    assert len(names) > 25
    for name in names:
        module, _, member = f"shouxin.{name}".rpartition(".")
        try:
            getattr(importlib.import_module(module), member)
        except (ImportError, AttributeError):
            try:
                importlib.import_module(f"shouxin.{name}")
            except ImportError:
                faults.append(name)
    expect_none(faults)


def test_bad_days_have_a_line_for_whatever_verify_finds() -> None:
    """Every kind of flaw is explained; so are the residuals that a certificate lists."""
    days, certificates = documents()["docs/bad-days.md"], documents()["docs/certificates.md"]
    expect_none(kind.value for kind in FlawKind if f"`{kind.value}`" not in days)
    residuals = KeyFile(ROOT, None).residuals()  # type: ignore[arg-type]  # asks nothing of the suite
    expect_none(one.code for one in residuals if f"`{one.code}`" not in certificates)
    text = (PACKAGE / "operations" / "certifying" / "certify.py").read_text("utf-8")
    more = re.findall(r'^    "[a-z_]+": "([a-z-]{12,})",$', text, re.MULTILINE)
    assert len(more) >= 3
    codes = [*PROVED, ANSWERED, *BASE_ATTESTED, *more]
    expect_none(code for code in codes if f"`{code}`" not in certificates)


def test_the_threat_model_names_every_key_of_the_institution() -> None:
    """What the institution holds keys for is listed with what each one opens."""
    expect_none(name for name in SERVICE_NAMES if f"`{name}`" not in documents()["docs/threat-model.md"])


def test_decisions_are_recorded_in_one_form() -> None:
    """Records are numbered without a gap and say context, decision, what lost, and what would reopen it."""
    found = sorted((DOCS / "adr").glob("*.md"))
    assert [path.name[:4] for path in found] == [f"{number:04}" for number in range(1, len(found) + 1)]
    heads = ["Context", "Decision", "What lost, and why", "What would reopen it"]
    expect_none(path.name for path in found if re.findall(r"^## (.+)$", path.read_text("utf-8"), re.MULTILINE) != heads)


# ------------------------------------------------------------------------------------------------------------ cards


def test_every_field_of_a_card_is_explained() -> None:
    """docs/purpose-cards.md has a row for each field of each part of a card, and for no other."""
    text = documents()["docs/purpose-cards.md"]
    for part in (cards.Card, cards.Term, chains.ApprovalChain, chains.ApprovalLevel, chains.DeletionRules):
        section = text.split(f"<!-- fields: {part.__name__} -->")[1].split("\n\n")[0]
        rows = re.findall(r"^\| `(\w+)` ", section, re.MULTILINE)
        assert sorted(rows) == sorted(one.name for one in msgspec.structs.fields(part)), part.__name__


def _example() -> str:
    (text,) = fenced(documents()["docs/purpose-cards.md"], "toml")
    return text


def test_the_card_of_the_guide_reads() -> None:
    """The example card is one that the product takes."""
    card, digest = read_card(_example(), "example.toml")
    assert card.version == 1
    assert len(digest) == 32


SPOILT: Final = {
    "unknown item": ('"contact.mobile"', '"contact.mobil"'),
    "unknown form": ("masked =", "maskd ="),
    "this is none of the seven bases of PIPL 13": ('"contract"', '"because"'),
    "versions count from 1": ("version = 1", "version = 0"),
    "every item stands in exactly one retention term": ('items = ["credit.amount"]\nceiling', "items = []\nceiling"),
    "a term has a ceiling outside 0 to 36525 days or an unknown start": ("ceiling_days = 180", "ceiling_days = -1"),
    "a chain has 1 to 10 levels, each with a quorum of 1 to 20": ("quorum = 2", "quorum = 0"),
    "after a refusal 1 to 3653 days pass before asking again": ("ask_again_days = 60", "ask_again_days = 0"),
    "a grant lasts at least a minute, a request an hour": ("grant_minutes = 30", "grant_minutes = 0"),
    "Object contains unknown field": ("title_zh =", "titel_zh ="),
    "Expected `int`, got `str`": ("version = 1", 'version = "1"'),
    "Object missing required field": ("title_en =", "# title_en ="),
    "objects move to the archive after 1 to 36525 days, or never (0)": (
        "ceiling_days = 180",
        "archive_after_days = -1\nceiling_days = 180",
    ),
    "not TOML": ("version = 1", "version = "),
}


@pytest.mark.parametrize("told", SPOILT)
def test_the_mistakes_of_the_guide_are_seen(told: str) -> None:
    """Each error in the guide's table is one that the mistake beside it brings, with file and line."""
    assert told in documents()["docs/purpose-cards.md"]
    right, wrong = SPOILT[told]
    assert right in _example()
    with pytest.raises(Invalid) as caught:
        read_card(_example().replace(right, wrong, 1), "card.toml")
    assert told in caught.value.detail
    assert caught.value.place.startswith("card.toml")


def _write() -> None:
    """Make every generated part anew."""
    for name, text in documents().items():
        made = _MADE.sub(lambda found: f"<!-- made: {found[1]} -->\n{MADE[found[1]]()}<!-- end -->", text)
        if made != text:
            (ROOT / name).write_text(made, "utf-8")
            print(f"{name} is made anew")


if __name__ == "__main__":
    _write()


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_readme_counts_the_rules_that_are_loaded(name: str) -> None:
    """The number of rules of Chinese law is that of the law pack."""
    told = re.search(r"([0-9]+) (?:rules of Chinese law|条中国法规则)", (ROOT / name).read_text("utf-8"))
    assert told is not None
    assert int(told.group(1)) == len(load_pack("cn").rules)
