"""The clocks of what a person asked: begun from the table of kinds, kept as facts, counted anew whenever somebody asks.

A request keeps which rule, since when, and what was done to the clock; ``policy.deadline`` counts. So a deadline is
never a date that somebody wrote down, and every step is checked by the table of clocks again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from shouxin.domain.clock import Instant, local_date
from shouxin.domain.paper import check_paper
from shouxin.errors import Invalid, NotInThisState, Unpublished
from shouxin.policy.clock_transitions import ClockState
from shouxin.policy.counting import Counting, counting_of
from shouxin.policy.deadline import Deadline, begin, extend, extension_of, has_clock, in_order, meet, state_at
from shouxin.policy.deadline import pause as pause_deadline
from shouxin.policy.deadline import resume as resume_deadline
from shouxin.policy.lawpack import LawPack
from shouxin.rights.kinds import RightKind, kind_of
from shouxin.rights.request import ClockEnd, ClockFacts, RightRequest, Stopped

__all__ = ["begin_clocks", "deadlines_of", "ended", "extended", "missed", "paused", "resumed"]


def begin_clocks(pack: LawPack, kind: RightKind, at: Instant, *, is_complex: bool = False) -> tuple[ClockFacts, ...]:
    """Return the clocks that a request of ``kind`` starts at ``at``; those whose rule was not in force are left out.

    Raises:
        Invalid: no law knows a complex matter of this kind.
    """
    row, counting = kind_of(kind), counting_of(pack)
    if is_complex and not row.harder:
        raise Invalid("only a complaint may be complex", "complex")
    harder = dict(row.harder) if is_complex else {}
    rules = [pack.rule(harder.get(name, name)) for name in row.clocks]
    on = local_date(at, counting.zone)
    return tuple(ClockFacts(rule.id, at) for rule in rules if has_clock(rule) and rule.in_force(on))


def deadlines_of(pack: LawPack, request: RightRequest) -> list[Deadline]:
    """Return every clock of a request as it stands, what hurries most first."""
    counting = counting_of(pack)
    return in_order(_counted(pack, facts, counting) for facts in request.clocks)


def missed(pack: LawPack, request: RightRequest, now: Instant) -> tuple[str, ...]:
    """Return the rules whose clocks have run out at ``now`` without that what they ask for was done."""
    return tuple(one.rule.id for one in deadlines_of(pack, request) if state_at(one, now) is ClockState.MISSED)


def _counted(pack: LawPack, facts: ClockFacts, counting: Counting) -> Deadline:
    """Take a clock through everything that was done to it, in order."""
    rule = pack.rule(facts.rule)
    steps: list[tuple[Instant, Callable[[Deadline], Deadline]]] = []
    for stop in facts.stops:
        steps.append((stop.since, partial(pause_deadline, ground=pack.rule(stop.ground), at=stop.since)))
        if stop.until is not None:
            until = stop.until
            steps.append((until, partial(resume_deadline, at=until, counting=counting)))
    if facts.extended_at is not None:
        at, by = facts.extended_at, pack.rule(facts.extended_by)
        steps.append((at, partial(extend, by=by, at=at, counting=counting)))
    try:
        one = begin(rule, facts.started, counting)
        for _, step in sorted(steps, key=lambda step: step[0]):
            one = step(one)
    except Unpublished as error:
        state = ClockState.RUNNING if facts.met is None else ClockState.MET
        return Deadline(rule, facts.started, facts.met or facts.started, state, unknown=error.detail)
    if facts.met is None:
        return one
    late = state_at(one, facts.met) is ClockState.MISSED
    return replace(one, state=ClockState.MISSED, touched=facts.met) if late else meet(one, facts.met)


def _changed(request: RightRequest, rule: str, change: Callable[[ClockFacts], ClockFacts]) -> tuple[ClockFacts, ...]:
    if all(one.rule != rule for one in request.clocks):
        raise Invalid("this request has no clock of that rule", "rule")
    return tuple(change(one) if one.rule == rule else one for one in request.clocks)


def paused(pack: LawPack, request: RightRequest, rule: str, ground: str, at: Instant) -> tuple[ClockFacts, ...]:
    """Return the clocks of a request with one stopped by ``ground``; see ``policy.deadline.pause``."""
    counting = counting_of(pack)

    def change(facts: ClockFacts) -> ClockFacts:
        pause_deadline(_counted(pack, facts, counting), pack.rule(ground), at)
        return replace(facts, stops=(*facts.stops, Stopped(ground, at)))

    return _changed(request, rule, change)


def resumed(pack: LawPack, request: RightRequest, rule: str, at: Instant) -> tuple[ClockFacts, ...]:
    """Return the clocks of a request with one running on; see ``policy.deadline.resume``."""
    counting = counting_of(pack)

    def change(facts: ClockFacts) -> ClockFacts:
        resume_deadline(_counted(pack, facts, counting), at, counting)
        *before, last = facts.stops
        return replace(facts, stops=(*before, replace(last, until=at)))

    return _changed(request, rule, change)


def extended(pack: LawPack, request: RightRequest, rule: str, at: Instant) -> tuple[ClockFacts, ...]:
    """Return the clocks of a request with one lengthened by the rule that lengthens it; see ``policy.deadline.extend``.

    Raises:
        Refused: no rule does, or it was lengthened before.
    """
    counting = counting_of(pack)

    def change(facts: ClockFacts) -> ClockFacts:
        by = extension_of(pack, pack.rule(rule))
        extend(_counted(pack, facts, counting), by, at, counting)
        return replace(facts, extended_by=by.id, extended_at=at)

    return _changed(request, rule, change)


def ended(request: RightRequest, rule: str, end: ClockEnd, shown: bytes, at: Instant) -> tuple[ClockFacts, ...]:
    """Return the clocks of a request with one at its end; one that has run out stays missed.

    Raises:
        NotInThisState: it ended before. Invalid: nothing shows it, or the request has no clock of that rule.
    """
    check_paper(shown, "evidence")

    def change(facts: ClockFacts) -> ClockFacts:
        if facts.met is not None:
            raise NotInThisState("this clock ended before")
        return replace(facts, met=at, ended=end.value, shown=shown)

    return _changed(request, rule, change)
