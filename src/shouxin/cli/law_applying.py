"""``shouxin law applies``: what the institution says of itself, and which rules follow from it or stay open."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.text import Text

from shouxin.cli.command import command
from shouxin.cli.law import group
from shouxin.cli.showing import Shown, columns, heading
from shouxin.cli.terminal import Terminal

if TYPE_CHECKING:
    from shouxin.policy.institution_facts import AskedFact
    from shouxin.policy.rule import Rule

__all__ = ["applies"]


class RuleAnswer(StrEnum):
    """Whether a rule applies to the institution."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


_ANSWERS: Final = {True: RuleAnswer.YES, False: RuleAnswer.NO, None: RuleAnswer.UNKNOWN}


@command(group, "applies", "shouxin law applies", "shouxin law applies --answer unknown --json")
def applies(
    terminal: Terminal,
    answer: Annotated[
        RuleAnswer | None, typer.Option("--answer", help="List the rules that apply, do not, or may: yes, no, unknown.")
    ] = None,
) -> Shown:
    """Show what the law asks about the institution, what it said, and which rules apply on that.

    What was not said is not known, and what nobody can tell binds. Say it under [facts] in config.toml, then
    'shouxin law impact' and 'law adopt': until then nothing is decided. Needs no sign-in.
    """
    from shouxin.domain.clock import local_date
    from shouxin.operations.adopting.standing_law import law_in_force
    from shouxin.policy.institution_facts import answers, asked_facts, facts_digest

    workspace = terminal.workspace()
    facts, today = workspace.institution.facts, local_date(workspace.clock.now())
    asked = asked_facts(workspace.pack, today, facts)
    found = [(rule, _ANSWERS[said]) for rule, said in answers(workspace.pack, today, facts)]
    adopted = workspace.data.read(lambda records: law_in_force(workspace, records))
    stands = adopted is not None and adopted.is_of(workspace.pack, facts)
    listed = [(rule, said) for rule, said in found if answer in {None, said}]
    data = {
        "adopted": stands,
        "said": facts_digest(facts),
        "facts": [_told(one) for one in asked],
        "rules": [{"rule": rule.id, "applies": said.value, "applies_when": rule.applies_when} for rule, said in listed],
    }
    lines: list[str | Text] = (
        [] if stands else ["Not adopted yet, so nothing is decided: shouxin law impact, then law adopt."]
    )
    if answer is None:
        lines += columns(("FACT", "SAID", "RULES", "BINDING", "MEANING"), [_row(one) for one in asked])
    return Shown(data, [*lines, *_counted(found), *(_rules(listed) if answer is not None else ())])


def _row(one: AskedFact) -> tuple[object, ...]:
    return one.name, _said(one), len(one.rules), len(one.binding), one.meaning


def _said(one: AskedFact) -> str:
    return "-" if one.said is None else str(one.said).lower()


def _told(one: AskedFact) -> dict[str, object]:
    return {
        "fact": one.name,
        "meaning": one.meaning,
        "counted": one.counted,
        "said": one.said,
        "rules": [rule.id for rule in one.rules],
        "binding": [rule.id for rule in one.binding],
    }


def _counted(found: list[tuple[Rule, RuleAnswer]]) -> Iterator[str]:
    counts = {kind: sum(said is kind for _, said in found) for kind in RuleAnswer}
    told = ", ".join(f"{kind.value} {count}" for kind, count in counts.items())
    yield f"Of {len(found)} rules that ask about the institution: {told} (other facts of the case left open)."


def _rules(listed: list[tuple[Rule, RuleAnswer]]) -> Iterator[str | Text]:
    yield heading("rules")
    rows = [(rule.id, rule.cites, rule.title_en, rule.applies_when) for rule, _ in listed]
    yield from columns(("RULE", "ARTICLE", "WHAT", "APPLIES WHEN"), rows, "none")
