"""What a person asks, over any sequence of steps: never fulfilled without identity, never late in silence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from shouxin.domain.clock import DAY, Instant
from shouxin.domain.identifiers import AccountId, SubjectId, new
from shouxin.errors import CallerError
from shouxin.operations.rights.clocks import begin_clocks, deadlines_of, extended, missed, paused, resumed
from shouxin.policy.clock_transitions import ClockState
from shouxin.policy.lawpack import load_pack
from shouxin.rights.kinds import KINDS, OF_ANYBODY, Assurance, Capacity, RightKind, kind_of
from shouxin.rights.request import (
    IdentityCheck,
    RightAnswer,
    RightRequest,
    answer,
    escalate,
    identify,
    join,
    move,
    refuse,
    start,
)
from shouxin.rights.transitions import RightEvent, RightState

PACK: Final = load_pack("cn")
BEGAN: Final = Instant(1_767_225_600_000)  # 2026-01-01: the calendar of that year is held
WHO, CLERK = new(SubjectId), new(AccountId)
WHY: Final = (("CN-PIPL-50-1-REASONS", "PIPL 50(1)"),)
GROUND: Final = "CN-COMPL-MATERIAL"

Doing = Callable[[RightRequest, Instant], RightRequest]


def _answer(request: RightRequest, now: Instant, *left: str) -> RightRequest:
    late = missed(PACK, request, now)
    return answer(request, RightAnswer(now, CLERK, WHY if left else (), (), left, late))


def _refuse(request: RightRequest, now: Instant) -> RightRequest:
    return refuse(request, RightAnswer(now, CLERK, WHY, late=missed(PACK, request, now)))


def _clocks(how: str) -> Doing:
    """Do something to the first clock of a request."""

    def do(request: RightRequest, now: Instant) -> RightRequest:
        rule = request.clocks[0].rule
        if how == "pause":
            return replace(move(request, RightEvent.PAUSE), clocks=paused(PACK, request, rule, GROUND, now))
        if how == "resume":
            return replace(move(request, RightEvent.RESUME), clocks=resumed(PACK, request, rule, now))
        return replace(move(request, RightEvent.EXTEND), clocks=extended(PACK, request, rule, now))

    return do


STEPS: Final[dict[str, Doing]] = {
    **{
        f"identify-{level.name}": lambda request, now, level=level: identify(  # type: ignore[misc]
            request, IdentityCheck(level, ("id-document",), CLERK, now, bytes(32))
        )
        for level in Assurance
    },
    "start-desk": lambda request, _now: start(request, CLERK, "rights_desk"),
    "start-dpo": lambda request, _now: start(request, CLERK, "dpo"),
    "join": lambda request, _now: join(request, ()),
    "pass-up": lambda request, now: escalate(request, missed(PACK, request, now)),
    "answer": _answer,
    "answer-in-part": lambda request, now: _answer(request, now, "item"),
    "refuse": _refuse,
    "withdraw": lambda request, _now: move(request, RightEvent.WITHDRAW),
    **{how: _clocks(how) for how in ("pause", "resume", "extend")},
}


@given(
    st.sampled_from(sorted(KINDS)),
    st.booleans(),
    st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 9)), max_size=14),
)
def test_any_sequence_keeps_the_promises(kind: RightKind, hard: bool, story: list[tuple[str, int]]) -> None:
    """A refused step changes nothing; whatever comes of it, identity stood before fulfilment and lateness is told."""
    clocks = begin_clocks(PACK, kind, BEGAN, is_complex=hard and kind in OF_ANYBODY)
    request = RightRequest(kind, RightState.RECEIVED, WHO, WHO, Capacity.SELF, "branch", BEGAN, clocks)
    now = BEGAN
    for name, days in story:
        now = Instant(now + days * DAY)
        before = request
        over = set(missed(PACK, request, now)) if request.state.owed else set()
        try:
            request = STEPS[name](request, now)
        except CallerError:
            assert request is before
        if not before.state.owed:
            assert request is before, "what is answered changes no more"
        elif request.answer is not None:
            assert set(request.answer.late) == over, "an answer hides that it is late"
        elif request.state.owed:
            assert over <= set(missed(PACK, request, now)), "a clock that ran out runs again"
        if name == "pass-up" and request is not before:
            assert over <= set(request.told)
    if request.state in {RightState.FULFILLED, RightState.FULFILLED_IN_PART}:
        assert request.check is not None
        assert request.check.assurance >= kind_of(kind).assurance
    if request.state is RightState.FULFILLED_IN_PART or request.state is RightState.REFUSED:
        assert request.answer is not None
        assert request.answer.reasons
    if request.answer is not None:
        states = {one.rule.id: one.state for one in deadlines_of(PACK, request)}
        assert {rule for rule, state in states.items() if state is ClockState.MISSED} == set(request.answer.late)
        assert set(states.values()) <= {ClockState.MISSED, ClockState.MET}
