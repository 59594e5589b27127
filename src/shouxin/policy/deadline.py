"""Statutory clocks: what must be done by when, since when it runs, and by which article.

Laws of this file.

1. A deadline is as firm as its rule: ``decides`` is true only where the rule was read in a held text. Nothing that only
   advises stops or lengthens a clock that decides.
2. Clocks with different starts are never merged: an incident that four authorities must hear of has four deadlines.
3. Nothing expires by itself. Whoever asks brings the present instant (``clock.later_of``); no clock is read here.
4. 立即 and 及时 name no number: such a clock has no ``due`` and is never missed by comparison. A lender's own target
   for it is policy, not law.

Called by: every queue that the law hurries. **Source:** the rule that each deadline carries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from shouxin.domain.clock import Instant, local_date
from shouxin.errors import Invalid, Refused, Unpublished
from shouxin.policy.clock_transitions import ClockEvent, ClockState, follow
from shouxin.policy.counting import Count, Counting, count
from shouxin.policy.lawpack import LawPack
from shouxin.policy.rule import Rule

__all__ = [
    "Deadline",
    "Pause",
    "begin",
    "due_next",
    "extend",
    "extension_of",
    "has_clock",
    "in_order",
    "meet",
    "parallel",
    "pause",
    "resume",
    "state_at",
]


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which a clock stood, and the rule that stops it; ``until`` is nothing while it still stands."""

    ground: Rule
    since: Instant
    until: Instant | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """One rule's clock. ``state`` is what was done to it; whether it is missed, ``state_at`` says.

    ``count`` says how the term was counted; it is nothing where the law names no number, and where the calendar cannot
    speak: then ``unknown`` says why. ``touched`` is the last instant at which something was done to it.
    """

    rule: Rule
    started: Instant
    touched: Instant
    state: ClockState = ClockState.RUNNING
    count: Count | None = None
    unknown: str = ""
    pauses: tuple[Pause, ...] = ()
    extension: Rule | None = None

    @property
    def decides(self) -> bool:
        """True if the deadline decides; otherwise it only advises."""
        return self.rule.may_decide

    @property
    def due(self) -> Instant | None:
        """The last instant that is in time; nothing without a number, without a calendar, and while it is paused."""
        return self.count.due if self.count is not None and self.state is not ClockState.PAUSED else None

    @property
    def articles(self) -> tuple[str, ...]:
        """Instrument and article of the rule, of its extension, of what stopped it and of what moved its last day."""
        cited = [rule.cites for rule in (self.rule, self.extension, *(one.ground for one in self.pauses)) if rule]
        if self.count is not None and self.count.moved_from is not None:
            cited.append(self.count.by)
        return tuple(dict.fromkeys(cited))


def has_clock(rule: Rule) -> bool:
    """Say whether a rule hurries anybody: by a number of time units, or by 立即 or 及时."""
    return rule.limits_time or bool(rule.urgency)


def begin(rule: Rule, at: Instant, counting: Counting) -> Deadline:
    """Start the clock of a rule; ``at`` is when its ``clock_start`` happened.

    Raises:
        Invalid: the rule has no clock, or was not in force on that day.
        Unpublished: the calendar cannot speak of a day that is needed.
    """
    if not has_clock(rule):
        raise Invalid(f"{rule.id} has no clock: it names no time within which something must be done", "rule")
    if not rule.in_force(local_date(at, counting.zone)):
        raise Invalid(f"{rule.id} is not in force on the day on which the clock starts", "rule")
    return _counted(Deadline(rule, at, at), counting)


def pause(deadline: Deadline, ground: Rule, at: Instant) -> Deadline:
    """Stop a running clock.

    Raises:
        Refused: the clock decides, and ``ground`` only advises.
        NotInThisState: the clock does not run, or has run out by then.
        Invalid: ``at`` is before something that was done to the clock.
    """
    _must_carry(deadline, ground)
    return replace(_step(deadline, ClockEvent.PAUSE, at), pauses=(*deadline.pauses, Pause(ground, at)))


def resume(deadline: Deadline, at: Instant, counting: Counting) -> Deadline:
    """Let a paused clock run on; the time in which it stood is added.

    Raises:
        NotInThisState: the clock is not paused.
        Invalid: ``at`` is before something that was done to the clock.
        Unpublished: the calendar cannot speak of a day that is now needed.
    """
    moved = _step(deadline, ClockEvent.RESUME, at)
    *before, last = moved.pauses
    return _counted(replace(moved, pauses=(*before, replace(last, until=at))), counting)


def extension_of(pack: LawPack, rule: Rule) -> Rule:
    """Return the rule that lengthens the time limit of ``rule``.

    Raises:
        Refused: no rule does.
    """
    for one in pack.rules:
        if one.extends == rule.id:
            return one
    raise Refused("no rule lengthens this time limit", [(rule.id, rule.cites)])


def extend(deadline: Deadline, by: Rule, at: Instant, counting: Counting) -> Deadline:
    """Lengthen a running clock, once, by a rule that names the rule of the clock.

    Raises:
        Refused: ``by`` lengthens another rule, was not in force, or only advises while the clock decides; or the clock
            was lengthened before.
        NotInThisState: the clock does not run, or has run out by then.
        Invalid: ``at`` is before something that was done to the clock.
        Unpublished: the calendar cannot speak of a day that is now needed.
    """
    if by.extends != deadline.rule.id or not by.in_force(local_date(deadline.started, counting.zone)):
        raise Refused("this rule does not lengthen that time limit", [(by.id, by.cites)])
    if deadline.extension is not None:
        raise Refused("a time limit is lengthened once", [(by.id, by.cites)])
    _must_carry(deadline, by)
    return _counted(replace(_step(deadline, ClockEvent.EXTEND, at), extension=by), counting)


def meet(deadline: Deadline, at: Instant) -> Deadline:
    """Note that what the rule asks for was done.

    Raises:
        NotInThisState: the clock had run out by then, or was met before.
        Invalid: ``at`` is before something that was done to the clock.
    """
    return _step(deadline, ClockEvent.MEET, at)


def state_at(deadline: Deadline, now: Instant) -> ClockState:
    """Return where the clock stands at ``now``: a running one that is past its ``due`` is missed."""
    late = deadline.state is ClockState.RUNNING and deadline.due is not None and deadline.due < now
    return follow(deadline.state, ClockEvent.EXPIRE) if late else deadline.state


def parallel(rules: Iterable[Rule], starts: Mapping[str, Instant], counting: Counting) -> list[Deadline]:
    """Start the clocks of all ``rules`` whose ``clock_start`` has happened, each at its own start; first due first.

    Rules without a clock, and those not in force on the day of their start, are left out. A clock that needs a day of
    which the calendar cannot speak is in the list and ``unknown``: it must not hide the others.
    """
    found: list[Deadline] = []
    for rule in rules:
        at = starts.get(rule.clock_start)
        if at is None or not has_clock(rule) or not rule.in_force(local_date(at, counting.zone)):
            continue
        try:
            found.append(begin(rule, at, counting))
        except Unpublished as error:
            found.append(Deadline(rule, at, at, unknown=error.detail))
    return in_order(found)


def in_order(deadlines: Iterable[Deadline]) -> list[Deadline]:
    """Return deadlines by what hurries most: at once, by ``due``, those whose date is not known, in time."""
    return sorted(deadlines, key=_hurry)


def due_next(deadlines: Iterable[Deadline], now: Instant) -> Deadline | None:
    """Return what runs at ``now`` and must be done first, or nothing; what is missed already is not next."""
    return next(iter(in_order(one for one in deadlines if state_at(one, now) is ClockState.RUNNING)), None)


def _hurry(deadline: Deadline) -> tuple[int, int, str]:
    rule = deadline.rule
    if deadline.due is not None:
        return 1, deadline.due, rule.id
    ranks = {"at_once": 0, "in_time": 3}
    return ranks.get(rule.urgency, 2), deadline.started, rule.id


def _must_carry(deadline: Deadline, rule: Rule) -> None:
    if deadline.decides and not rule.may_decide:
        raise Refused("a rule that only advises cannot give a clock more time that decides", [(rule.id, rule.cites)])


def _step(deadline: Deadline, event: ClockEvent, at: Instant) -> Deadline:
    if at < deadline.touched:
        raise Invalid("before something that was done to this clock", "at")
    return replace(deadline, state=follow(state_at(deadline, at), event), touched=at)


def _counted(deadline: Deadline, counting: Counting) -> Deadline:
    if not deadline.rule.limits_time:
        return deadline
    stops = [(one.since, one.until) for one in deadline.pauses if one.until is not None]
    return replace(
        deadline, count=count(deadline.rule, deadline.started, counting, stops, deadline.extension), unknown=""
    )
