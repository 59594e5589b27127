"""``shouxin law``: by when the law wants something done, and how that was counted. Needs no workspace."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.text import Text

from shouxin.cli.command import command, new_group
from shouxin.cli.showing import Shown, columns, heading
from shouxin.cli.terminal import Terminal

if TYPE_CHECKING:
    from shouxin.domain.clock import Instant
    from shouxin.policy.deadline import Deadline
    from shouxin.policy.rule import Rule

__all__ = ["deadline", "deadlines", "group", "starts"]

group = new_group("What the law asks, and by when.")

_YEARS: Final = range(1970, 9900)  # a term of twenty years must still fit a calendar date
_UNITS: Final[Mapping[str, str]] = {
    "min": "minutes", "h": "hours", "d": "days", "wd": "working days", "m": "months", "y": "years"
}  # fmt: skip
_URGENCIES: Final[Mapping[str, str]] = {"at_once": "at once 立即", "in_time": "in time 及时"}


def _moment(written: str, zone: timezone) -> Instant:
    """Read a time; one without an offset is local to the pack's place, and a date alone is its first moment."""
    from shouxin.domain.clock import SECOND, Instant

    try:
        read = datetime.fromisoformat(written)
    except ValueError:
        raise typer.BadParameter("expected a time such as 2026-02-10T09:00 or 2026-02-10T09:00+08:00") from None
    if read.year not in _YEARS:
        raise typer.BadParameter(f"expected a year from {_YEARS.start} to {_YEARS.stop - 1}")
    local = read if read.tzinfo else read.replace(tzinfo=zone)
    return Instant(int(local.timestamp()) * SECOND + local.microsecond // 1000)


def _local(instant: Instant, zone: timezone) -> str:
    """Write an instant as clocks show it there, cut to the second: never later than it is."""
    return datetime.fromtimestamp(instant // 1000, zone).strftime("%Y-%m-%d %H:%M:%S")


def _limit(rule: Rule) -> str:
    unit = _UNITS.get(rule.unit, "").removesuffix("s" if rule.n == 1 else "")
    within = f"within {rule.n} {unit}" if rule.limits_time else _URGENCIES[rule.urgency]
    return f"{within} from {rule.clock_start.replace('_', ' ') or 'its start'}"


def _told(one: Deadline) -> dict[str, object]:
    """Return a deadline as programs read it: times in UTC, days as local dates."""
    from shouxin.domain.clock import write

    rule, count = one.rule, one.count
    days = [] if count is None else [day.isoformat() for day in count.skipped]
    return {
        "rule": rule.id,
        "articles": one.articles,
        "title_zh": rule.title_zh,
        "title_en": rule.title_en,
        "applies_when": rule.applies_when,
        "clock_start": rule.clock_start,
        "n": rule.n,
        "unit": rule.unit,
        "urgency": rule.urgency,
        "started": write(one.started),
        "due": None if one.due is None else write(one.due),
        "due_day": None if count is None else count.last.isoformat(),
        "skipped": days,
        "moved_from": count.moved_from.isoformat() if count and count.moved_from else None,
        "could_end": count.could_end.isoformat() if count and count.could_end else None,
        "moved_by": count.by if count else "",
        "unknown": one.unknown,
        "decides": one.decides,
    }


def _firm(one: Deadline) -> str:
    return "decides" if one.decides else "advises"


def _due(one: Deadline, zone: timezone) -> str:
    if one.due is not None:
        return _local(one.due, zone)
    return "unknown" if one.unknown else _URGENCIES[one.rule.urgency]


@command(
    group,
    "deadline",
    "shouxin law deadline CN-CRR-25-2-ANSWER --from 2026-02-10T09:00",
    "shouxin law deadline EU-GDPR-12-3-MONTH --from 2026-01-31 --extended --json",
)
def deadline(
    terminal: Terminal,  # noqa: ARG001 - every command is given one
    rule: Annotated[str, typer.Argument(metavar="RULE", help="A rule of a law pack, by its id.")],
    start: Annotated[
        str, typer.Option("--from", metavar="TIME", help="When its clock started; without an offset, local time.")
    ],
    extended: Annotated[
        bool, typer.Option("--extended", help="As lengthened by the rule that allows it, once.")
    ] = False,
) -> Shown:
    """Say by when a rule of law must be met, by which article, and how that was counted.

    Needs no workspace and no sign-in. Exit code 1: the rule has no clock, was not in force, may not be lengthened, or
    the count comes to a day whose calendar is not published.
    """
    from shouxin.policy.counting import counting_of
    from shouxin.policy.deadline import begin, extend, extension_of
    from shouxin.policy.lawpack import load_pack

    pack = load_pack("eu" if rule.startswith("EU-") else "cn")
    counting, found = counting_of(pack), pack.rule(rule)
    at = _moment(start, counting.zone)
    one = begin(found, at, counting)
    if extended:
        one = extend(one, extension_of(pack, found), at, counting)
    return Shown(_told(one), _lines(one, counting.zone))


def _lines(one: Deadline, zone: timezone) -> list[str | Text]:
    """Return a deadline as people read it: what, by when, by what, and how it was counted."""
    rule, count = one.rule, one.count
    longer = f", then {_limit(one.extension)}" if one.extension else ""
    lines: list[str | Text] = [
        heading(f"{rule.id}: {rule.title_zh} / {rule.title_en}"),
        f"due       {_due(one, zone)} ({zone})",
        f"started   {_local(one.started, zone)}",
        f"limit     {_limit(rule)}{longer}",
        f"article   {', '.join(one.articles)} ({_firm(one)})",
    ]
    if count is None:
        return lines
    if rule.unit not in {"min", "h"}:
        lines.append(f"counted   from the day after the start to the end of {count.last}")
    if count.skipped:
        lines.append(f"skipped   {', '.join(day.isoformat() for day in count.skipped)}")
    if count.moved_from:
        lines.append(f"moved     from {count.moved_from}, a day of rest ({count.by})")
    if count.could_end:
        lines.append(f"advice    {count.last} is a day of rest; {count.by} would end the term on {count.could_end}")
    return lines


@command(
    group,
    "deadlines",
    "shouxin law deadlines occurrence=2026-02-10T07:30 discovery=2026-02-10T09:00",
    "shouxin law deadlines discovery=2026-02-10T09:00 --fact incident.grade=larger --fact institution.ciio=false",
    "shouxin law deadlines discovery=2026-02-10T09:00 awareness=2026-02-10T09:00 --region cn --region eu --json",
)
def deadlines(
    terminal: Terminal,
    starts: Annotated[
        list[str], typer.Argument(metavar="START=TIME", help="What happened and when; several. See 'law starts'.")
    ],
    region: Annotated[list[str] | None, typer.Option("--region", help="A law pack, cn or eu; several times.")] = None,
    fact: Annotated[
        list[str] | None, typer.Option("--fact", metavar="FACT=VALUE", help="A fact of the case; several times.")
    ] = None,
) -> Shown:
    """List every clock that these events start, in parallel and first due first: what to whom, and when it applies.

    A clock that the facts rule out is left out and counted; one that nobody can tell from them stays, with '?'. What
    the institution says of itself in a workspace counts too. Needs no workspace and no sign-in. 'shouxin law starts'
    lists what can start a clock. Without a time of day the day's first moment counts.
    """
    from shouxin.policy.applies import applies
    from shouxin.policy.case_facts import case_facts
    from shouxin.policy.counting import counting_of
    from shouxin.policy.deadline import in_order, parallel
    from shouxin.policy.lawpack import load_pack

    given = dict(_pair(one) for one in starts)
    packs = [load_pack(one) for one in dict.fromkeys(region or ["cn"])]
    known = {rule.clock_start for pack in packs for rule in pack.rules if rule.clock_start}
    if given.keys() - known:
        near = f"known: {', '.join(sorted(known))}; with their rules: shouxin law starts"
        raise typer.BadParameter(f"no clock starts from that; {near}")
    facts = {**_own(terminal), **case_facts(dict(_pair(one, "incident.grade=larger") for one in fact or []), packs)}
    found: list[tuple[Deadline, timezone]] = []
    for pack in packs:
        counting = counting_of(pack)
        begun = {name: _moment(time, counting.zone) for name, time in given.items()}
        found += [(one, counting.zone) for one in parallel(pack.rules, begun, counting)]
    zones = {one.rule.id: zone for one, zone in found}
    answers = {one.rule.id: applies(one.rule.applies_when, facts) for one, _ in found}
    ordered = in_order(one for one, _ in found if answers[one.rule.id] is not False)
    rows = [
        (_due(one, zones[one.rule.id]), zones[one.rule.id], _firm(one), one.rule.cites, one.rule.id, one.rule.title_en,
         one.rule.clock_start, "yes" if answers[one.rule.id] else "?", one.rule.applies_when)
        for one in ordered
    ]  # fmt: skip
    heads = ("DUE", "ZONE", "WEIGHT", "ARTICLE", "RULE", "WHAT", "SINCE", "APPLIES", "WHEN")
    days = sorted(name for name, time in given.items() if _is_day(time))
    left_out = sorted(name for name, said in answers.items() if said is False)
    told = [{**_told(one), "applies": "yes" if answers[one.rule.id] else "unknown"} for one in ordered]
    data = {"deadlines": told, "without_time": days, "facts": facts, "left_out": left_out}
    lines = columns(heads, rows, "no clock starts from this")
    if left_out:
        lines.append(f"Left out, because the facts rule them out: {', '.join(left_out)}.")
    if days and any(one.rule.unit in {"min", "h"} and one.rule.clock_start in days for one in ordered):
        lines.append(f"Without a time of day, clocks of hours run from 00:00: say when, for {', '.join(days)}.")
    return Shown(data, lines)


def _own(terminal: Terminal) -> Mapping[str, object]:
    """Return what the institution says of itself, where there is a workspace; its settings are read, nothing else."""
    from shouxin.config import read_settings
    from shouxin.policy.institution_facts import checked_facts

    return checked_facts(read_settings(terminal.home).facts) if (terminal.home / "config.toml").exists() else {}


def _is_day(written: str) -> bool:
    try:
        return date.fromisoformat(written) is not None
    except ValueError:
        return False


@command(group, "starts", "shouxin law starts", "shouxin law starts --region eu --json")
def starts(
    terminal: Terminal,  # noqa: ARG001 - every command is given one
    region: Annotated[list[str] | None, typer.Option("--region", help="A law pack, cn or eu; several times.")] = None,
) -> Shown:
    """List what can start a statutory clock, as 'law deadlines' takes it, with the rules that count from it."""
    from shouxin.policy.lawpack import load_pack

    packs = [load_pack(one) for one in dict.fromkeys(region or ["cn"])]
    counted = [rule for pack in packs for rule in pack.rules if rule.clock_start and (rule.limits_time or rule.urgency)]
    by_start: dict[str, list[Rule]] = {}
    for rule in counted:
        by_start.setdefault(rule.clock_start, []).append(rule)
    found = sorted(by_start.items())
    data = [{"start": name, "rules": [rule.id for rule in rules]} for name, rules in found]
    rows = [(name, len(rules), rules[0].cites, rules[0].title_en) for name, rules in found]
    return Shown({"starts": data}, columns(("START", "CLOCKS", "FOR EXAMPLE", ""), rows))


def _pair(given: str, example: str = "discovery=2026-02-10T09:00") -> tuple[str, str]:
    name, sign, value = given.partition("=")
    if not sign:
        raise typer.BadParameter(f"expected a name, '=' and a value, such as {example}")
    return name, value
