"""The one way to take a step in a table."""

from __future__ import annotations

from enum import StrEnum

import pytest

from shouxin.domain.steps import next_state
from shouxin.errors import NotInThisState


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
