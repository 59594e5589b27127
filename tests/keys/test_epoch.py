"""Advancing the epoch is a table: from any step there is one way on, and nothing is destroyed before its proof."""

from __future__ import annotations

import pytest

from shouxin.errors import NotInThisState
from shouxin.keys.epoch import NEXT, EpochStep, after


def _path() -> list[EpochStep]:
    path = [EpochStep.OPENED]
    while path[-1] in NEXT:
        path.append(after(path[-1]))
    return path


def test_every_step_leads_to_the_end_once() -> None:
    """From the first step each of the others is reached exactly once, and the last is settled."""
    path = _path()
    assert sorted(path) == sorted(EpochStep)
    assert path[-1] is EpochStep.SETTLED


def test_nothing_is_destroyed_before_it_is_proved_and_backed_up() -> None:
    """The old root key goes after all chains are rewrapped, survivors opened and a backup was read back."""
    path = _path()
    before = path[: path.index(EpochStep.DESTROYED)]
    assert before == [
        EpochStep.OPENED,
        EpochStep.REWRAPPED,
        EpochStep.INDEXED,
        EpochStep.PROVED,
        EpochStep.BACKED_UP,
    ]


@pytest.mark.parametrize("step", EpochStep)
def test_a_step_that_the_table_lacks_raises(step: EpochStep) -> None:
    """A settled epoch has nothing to resume; every other has one next step, and says what it takes."""
    if step is EpochStep.SETTLED:
        with pytest.raises(NotInThisState, match="settled"):
            after(step)
    else:
        said, following = NEXT[step]
        assert after(step) is following
        assert said


def test_the_names_of_steps_stay() -> None:
    """The keyring stores these words: an epoch half advanced is resumed by a newer program."""
    assert [step.value for step in _path()] == [
        "opened",
        "rewrapped",
        "indexed",
        "proved",
        "backed-up",
        "destroyed",
        "compacted",
        "settled",
    ]
