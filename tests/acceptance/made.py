"""The parts of the documents that are made from the code: commands, events, trees, tables, diagrams."""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import shouxin
from shouxin import config, errors
from shouxin.actors import transitions as accounts
from shouxin.approvals import order_transitions
from shouxin.approvals import transitions as requests
from shouxin.cli.exits import exit_code_of
from shouxin.consent import confirmation
from shouxin.consent import transitions as questions
from shouxin.domain.clock import CHINA, Instant
from shouxin.domain.event_rules import RULE_ELSEWHERE, RULE_OF_KIND
from shouxin.domain.vocabulary import VOCABULARY
from shouxin.errors import Refused, ShouxinError
from shouxin.keys import epoch
from shouxin.policy import clock_transitions, plan_transitions
from shouxin.policy.counting import counting_of
from shouxin.policy.deadline import parallel
from shouxin.policy.lawpack import load_pack
from shouxin.rights import transitions as rights
from shouxin.vault import destruction, erasure, lifecycle, tier
from tests.cli.tree import LEAVES, SHARED, is_argument
from tests.house.tree import ROOT


def _usage(path: str, command: Any) -> str:
    words = [f"shouxin {path}"]
    for one in command.params:
        if not is_argument(one):
            continue
        name = (one.metavar or one.name).upper() + (" ..." if one.nargs == -1 else "")
        words.append(name if one.required else f"[{name}]")
    for one in command.params:
        if is_argument(one) or one.opts[0] in SHARED:
            continue
        text = one.opts[0] if one.is_flag else f"{one.opts[0]} {(one.metavar or one.name.split('_')[-1]).upper()}"
        words.append(text if one.required else f"[{text}]")
    return " ".join(words)


def made_commands() -> str:
    """A section a command: usage, help, parameters, examples."""
    lines: list[str] = []
    for words, command in LEAVES.items():
        path = " ".join(words)
        told = inspect.cleandoc(command.help).split("\n\n")
        lines += [f"## {path}", "", *(" ".join(paragraph.split()) + "\n" for paragraph in told)]
        lines += ["```text", _usage(path, command), "```", ""]
        rows = [one for one in command.params if one.opts[0] not in SHARED]
        if rows:
            lines += ["| | |", "| --- | --- |"]
            for one in rows:
                name = (one.metavar or one.name).upper() if is_argument(one) else one.opts[0]
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


def made_event_rules() -> str:
    """Under which rule those events of people are done that do not say it themselves."""
    lines = ["| event | its rule |", "| --- | --- |"]
    lines += [f"| `{kind.value}` | `{rule}` |" for kind, rule in RULE_OF_KIND.items()]
    lines += [f"| `{kind.value}` | {where} |" for kind, where in RULE_ELSEWHERE.items()]
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
