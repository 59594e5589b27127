from __future__ import annotations

from dataclasses import replace

import pytest

from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import AccountId, SubjectId, new
from shouxin.errors import Invalid, NotInThisState, Refused
from shouxin.rights.kinds import Assurance, Capacity, RightKind
from shouxin.rights.means import SHOWING
from shouxin.rights.request import (
    ClockFacts,
    IdentityCheck,
    RightAnswer,
    RightRequest,
    answer,
    escalate,
    identify,
    join,
    refuse,
    start,
    withdraw,
)
from shouxin.rights.transitions import RightState

WHO = new(SubjectId)
CLERK = new(AccountId)
NOW = Instant(1_800_000_000_000)
WHY = (("CN-PIPL-49", "PIPL 49"),)


def asked(kind: RightKind = RightKind.ACCESS, capacity: Capacity = Capacity.SELF) -> RightRequest:
    """What somebody asked just now."""
    clocks = (ClockFacts("CN-GBT35273-ANSWER", NOW),)
    return RightRequest(kind, RightState.RECEIVED, WHO, WHO, capacity, "branch", NOW, clocks)


def check(assurance: Assurance = Assurance.PROVEN, *means: str) -> IdentityCheck:
    """A check of identity."""
    return IdentityCheck(assurance, means or ("id-document",), CLERK, NOW, bytes(32))


def said(**more: object) -> RightAnswer:
    """An answer."""
    return replace(RightAnswer(NOW, CLERK), **more)  # type: ignore[arg-type]


def handled() -> RightRequest:
    """A request that is being handled."""
    return start(identify(asked(), check()), CLERK, "rights_desk")


@pytest.mark.parametrize("assurance", [one for one in Assurance if one < Assurance.PROVEN])
def test_less_than_it_needs_is_refused(assurance: Assurance) -> None:
    """A copy needs proof; a restriction less."""
    with pytest.raises(Refused) as caught:
        identify(asked(), check(assurance))
    assert caught.value.reasons == (("identity-in-proportion", "PIPL 50(1)"),)
    weaker = identify(asked(RightKind.RESTRICT), check(Assurance.MATCHED))
    assert weaker.state is RightState.IDENTIFIED


@pytest.mark.parametrize(("means", "most"), sorted(SHOWING.items()))
def test_nobody_is_surer_than_what_showed_it(means: str, most: Assurance) -> None:
    """Each means up to its own level, and not beyond; with a better one beside it, up to that; no other words."""
    for level in (Assurance.MATCHED, Assurance.PROVEN):
        of_anybody = asked(RightKind.RESTRICT)
        if level <= most:
            assert identify(of_anybody, check(level, means)).state is RightState.IDENTIFIED
        else:
            with pytest.raises(Refused, match=level.name.lower()) as caught:
                identify(of_anybody, check(level, means))
            assert caught.value.reasons == (("identity-in-proportion", "PIPL 50(1)"),)
        assert identify(of_anybody, check(level, means, "id-document")).state is RightState.IDENTIFIED
        with pytest.raises(Invalid, match="id-document"):
            identify(of_anybody, check(level, means, "hearsay"))


def test_what_is_taken_back_hurries_nobody() -> None:
    """Its clocks stand still from then on, and say why; one that ended before keeps its end."""
    before = handled()
    done = ClockFacts("CN-INC-4-PROVINCE", NOW, met=NOW, ended="done")
    after = withdraw(replace(before, clocks=(*before.clocks, done)), Instant(NOW + 1))
    assert [(one.met, one.ended) for one in after.clocks] == [(NOW + 1, "withdrawn"), (NOW, "done")]
    with pytest.raises(NotInThisState):
        withdraw(after, NOW)


def test_a_relative_shows_all_that_article_49_asks() -> None:
    """One proof short is refused with that article."""
    shown = ("death", "kinship", "own-lawful-interest", "no-other-arrangement")
    of_relative = asked(RightKind.ACCESS, Capacity.RELATIVE)
    assert identify(of_relative, check(Assurance.PROVEN, "id-document", *shown)).check is not None
    with pytest.raises(Refused) as caught:  # their papers say nothing of who they are
        identify(of_relative, check(Assurance.PROVEN, *shown))
    assert caught.value.reasons == (("identity-in-proportion", "PIPL 50(1)"),)
    for missing in shown:
        with pytest.raises(Refused) as caught:
            identify(of_relative, check(Assurance.PROVEN, "id-document", *(one for one in shown if one != missing)))
        assert caught.value.reasons == (("CN-PIPL-49", "PIPL 49"),)


def test_nobody_starts_what_nobody_was_identified_for() -> None:
    """The table has no such step, and the value says so too."""
    with pytest.raises(NotInThisState):
        start(asked(), CLERK, "rights_desk")
    with pytest.raises(NotInThisState):
        answer(replace(asked(), state=RightState.IN_PROGRESS), said())


def test_what_is_left_is_said_with_its_reason() -> None:
    """Without one nothing is answered; with one it is fulfilled in part, and its clocks are met."""
    with pytest.raises(Invalid):
        answer(handled(), said(left=("account.card_number",)))
    after = answer(handled(), said(left=("account.card_number",), reasons=WHY))
    assert after.state is RightState.FULFILLED_IN_PART
    assert [one.met for one in after.clocks] == [NOW]
    assert answer(handled(), said()).state is RightState.FULFILLED


def test_a_refusal_has_a_reason() -> None:
    """PIPL 50(1): from wherever it stands, and never twice."""
    with pytest.raises(Invalid):
        refuse(asked(), said())
    after = refuse(asked(), said(reasons=WHY))
    assert after.state is RightState.REFUSED
    with pytest.raises(NotInThisState):
        refuse(after, said(reasons=WHY))


def test_what_is_passed_up_is_for_the_next_desk() -> None:
    """The first desk cannot take it any more; it goes no further than the last; each clock is told of once."""
    up = escalate(identify(asked(), check()), ("CN-GBT35273-ANSWER",))
    with pytest.raises(Refused):
        start(up, CLERK, "rights_desk")
    assert start(up, CLERK, "dpo").handler == CLERK
    again = escalate(up, ("CN-GBT35273-ANSWER",))
    assert (again.desk, again.told) == (1, ("CN-GBT35273-ANSWER",))


def test_joining_begins_no_clock_anew() -> None:
    """The first time that somebody asked is the one that counts."""
    after = join(handled(), ())
    assert (after.joined, after.clocks, after.state) == (1, handled().clocks, RightState.IN_PROGRESS)
