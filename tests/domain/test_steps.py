"""The one way to take a step in a table."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import pytest

from shouxin.approvals.order_transitions import OrderEvent, OrderState, follow_order
from shouxin.domain.steps import next_state
from shouxin.errors import NotInThisState
from shouxin.policy.plan_transitions import PlanEvent, PlanState
from shouxin.policy.plan_transitions import follow as follow_plan
from shouxin.rights.transitions import RightEvent, RightState
from shouxin.rights.transitions import follow as follow_right


class Lamp(StrEnum):
    """A lifecycle of two states."""

    OFF = "off"
    ON = "on"


class Press(StrEnum):
    """What can happen to it."""

    UP = "go on"
    DOWN = "go off"


TABLE = {(Lamp.OFF, Press.UP): Lamp.ON, (Lamp.ON, Press.DOWN): Lamp.OFF}


def test_a_step_of_the_table_is_taken_and_no_other() -> None:
    """What is not in the table raises, and says what, from where and which step."""
    assert next_state(TABLE, Lamp.OFF, Press.UP, "a lamp") is Lamp.ON
    with pytest.raises(NotInThisState, match="a lamp that is on cannot go on"):
        next_state(TABLE, Lamp.ON, Press.UP, "a lamp")


def test_whoever_is_refused_a_step_is_told_what_comes_now() -> None:
    """In the words of the commands: those that lead on from here, each once; or that nothing does."""
    commands = {Press.UP: "lamp light", Press.DOWN: "lamp douse"}
    with pytest.raises(NotInThisState) as told:
        next_state(TABLE, Lamp.ON, Press.UP, "a lamp", commands)
    assert told.value.detail == "a lamp that is on is not for 'lamp light'; what comes now: lamp douse"
    with pytest.raises(NotInThisState) as told:
        next_state(TABLE, Lamp.ON, Press.UP, "a lamp", {})
    assert told.value.detail == "a lamp that is on cannot go on; it goes on by itself"
    with pytest.raises(NotInThisState) as told:
        next_state({(Lamp.OFF, Press.UP): Lamp.ON}, Lamp.ON, Press.DOWN, "a lamp", commands)
    assert told.value.detail == "a lamp that is on is not for 'lamp douse'; nothing comes after that"


@pytest.mark.parametrize(
    ("refused", "told"),
    [
        (
            lambda: follow_order(OrderState.SCOPED, OrderEvent.COMPLETE),
            (
                "an order that is scoped is not for 'shouxin deletion approve'; "
                "what comes now: shouxin deletion submit, shouxin deletion cancel"
            ),
        ),
        (
            lambda: follow_plan(PlanState.NEEDED, PlanEvent.AGREE),
            (
                "a plan that is needed is not for 'shouxin plan approve'; "
                "what comes now: shouxin plan propose, shouxin plan end"
            ),
        ),
        (
            lambda: follow_right(RightState.RECEIVED, RightEvent.START),
            (
                "what a person asked that is received is not for 'shouxin right start'; "
                "what comes now: shouxin right identify, shouxin right refuse, shouxin right withdraw"
            ),
        ),
    ],
)
def test_the_lifecycles_name_their_commands(refused: Callable[[], object], told: str) -> None:
    """Approving an order that was not submitted, a plan that is only a need, taking on who was not identified."""
    with pytest.raises(NotInThisState) as caught:
        refused()
    assert caught.value.detail == told
